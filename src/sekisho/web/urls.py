"""The pages' addresses, one a line: name, view, template and test share one word."""

from django.urls import URLPattern, URLResolver, include, path

from sekisho.web.views.approval import approval
from sekisho.web.views.approval_edit import approval_edit
from sekisho.web.views.approvals import approvals
from sekisho.web.views.audit_coverage import audit_coverage
from sekisho.web.views.bulk_edit import bulk_edit
from sekisho.web.views.calendar import calendar, calendar_ahead
from sekisho.web.views.calendar_feed import calendar_feed
from sekisho.web.views.clause import clause, clause_trend
from sekisho.web.views.erasure import erasure
from sekisho.web.views.evidence import evidence, evidence_add
from sekisho.web.views.export import export, export_all
from sekisho.web.views.framework_load import framework_load
from sekisho.web.views.home import home, home_trend
from sekisho.web.views.import_page import import_page, import_problems
from sekisho.web.views.language import set_language
from sekisho.web.views.ledger import ledger, ledger_checkpoint, ledger_line
from sekisho.web.views.live import live
from sekisho.web.views.lookup import lookup
from sekisho.web.views.record import record
from sekisho.web.views.record_form import record_edit, record_new, record_remove
from sekisho.web.views.register import register
from sekisho.web.views.registers import registers
from sekisho.web.views.roster import roster
from sekisho.web.views.rule import rule
from sekisho.web.views.safeguards import safeguards
from sekisho.web.views.skills import skills
from sekisho.web.views.system_map import system_map
from sekisho.web.views.time_machine import time_machine
from sekisho.web.views.vendor_chain import vendor_chain
from sekisho.web.views.watch_address import watch_address
from sekisho.web.views.watch_backtest import watch_backtest
from sekisho.web.views.watch_blocks import watch_blocks
from sekisho.web.views.watch_holds import watch_holds
from sekisho.web.views.watch_live import watch_live
from sekisho.web.views.watch_rules import watch_rules
from sekisho.web.views.watch_user import watch_user
from sekisho.web.views.work import work

urlpatterns: list[URLPattern | URLResolver] = [
    # how the member stands
    path("", home, name="home"),
    path("trend/", home_trend, name="home_trend"),
    path("rule/", rule, name="rule"),
    path("rule/<str:citation>/", clause, name="clause"),
    path("rule/<str:citation>/trend/", clause_trend, name="clause_trend"),
    path("time/", time_machine, name="time_machine"),
    path("ledger/", ledger, name="ledger"),
    path("ledger/<int:seq>/", ledger_line, name="ledger_line"),
    path("ledger/checkpoint/<int:size>/", ledger_checkpoint, name="ledger_checkpoint"),
    path("live/", live, name="live"),
    path("language/", set_language, name="set_language"),
    # maps and calendars
    path("calendar/", calendar, name="calendar"),
    path("calendar/ahead/", calendar_ahead, name="calendar_ahead"),
    path("calendar.ics", calendar_feed, name="calendar_feed"),
    path("maps/audit/", audit_coverage, name="audit_coverage"),
    path("maps/roster/", roster, name="roster"),
    path("maps/safeguards/", safeguards, name="safeguards"),
    path("maps/systems/", system_map, name="system_map"),
    path("maps/skills/", skills, name="skills"),
    path("maps/vendors/", vendor_chain, name="vendor_chain"),
    # the watch
    path("watch/", watch_live, name="watch_live"),
    path("watch/rules/", watch_rules, name="watch_rules"),
    path("watch/backtest/", watch_backtest, name="watch_backtest"),
    path("watch/users/<path:user>/", watch_user, name="watch_user"),
    path("watch/addresses/<path:address>/", watch_address, name="watch_address"),
    path("watch/holds/", watch_holds, name="watch_holds"),
    path("watch/blocks/", watch_blocks, name="watch_blocks"),
    # what people do and decide
    path("work/", work, name="work"),
    path("approvals/", approvals, name="approvals"),
    path("approvals/<str:key>/", approval, name="approval"),
    path("approvals/<str:key>/edit/", approval_edit, name="approval_edit"),
    path("erasure/<str:key>/", erasure, name="erasure"),
    # records
    path("records/", registers, name="registers"),
    path("records/<str:kind>/", register, name="register"),
    path("records/<str:kind>/new/", record_new, name="record_new"),
    path("records/<str:kind>/bulk/", bulk_edit, name="bulk_edit"),
    path("records/<str:kind>/export/", export, name="export"),
    path("records/<str:kind>/<str:key>/", record, name="record"),
    path("records/<str:kind>/<str:key>/edit/", record_edit, name="record_edit"),
    path("records/<str:kind>/<str:key>/remove/", record_remove, name="record_remove"),
    path("records/<str:kind>/<str:key>/evidence/", evidence_add, name="evidence_add"),
    path("records/<str:kind>/<str:key>/evidence/<str:sha256>/", evidence, name="evidence"),
    path("lookup/<str:kind>/", lookup, name="lookup"),
    path("import/", import_page, name="import"),
    path("import/framework/", framework_load, name="framework_load"),
    path("import/problems/", import_problems, name="import_problems"),
    path("export/", export_all, name="export_all"),
    # sign-in, account, access
    path("", include("sekisho.web.accounts.urls")),
]
