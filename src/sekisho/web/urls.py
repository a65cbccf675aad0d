"""The pages' addresses, one a line: name, view, template and test share one word."""

from django.urls import URLPattern, URLResolver, include, path

from sekisho.web.views.clause import clause, clause_trend
from sekisho.web.views.home import home, home_trend
from sekisho.web.views.language import set_language
from sekisho.web.views.ledger import ledger, ledger_checkpoint, ledger_line
from sekisho.web.views.live import live
from sekisho.web.views.rule import rule
from sekisho.web.views.time_machine import time_machine

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
    # sign-in, account, access
    path("", include("sekisho.web.accounts.urls")),
]
