"""What each of the cast has to do, by when: nothing of somebody else's, nothing twice, at any moment."""

from datetime import UTC, date, datetime, timedelta

import pytest

from sekisho.access.rights import operator_actor
from sekisho.kernel import clock
from sekisho.ledger.append import sequence
from sekisho.records.facts import snapshot
from sekisho.records.models import (
    Acknowledgement,
    Action,
    Appointment,
    Approval,
    Audit,
    AuditFinding,
    Document,
    GrantedException,
    Incident,
    Person,
    Risk,
    StatusReport,
    Treatment,
)
from sekisho.rulebook.assess import assess
from sekisho.workflows import approve
from sekisho.workflows.act import act
from sekisho.workflows.my_work import Task, my_work

NOON = datetime(2026, 10, 1, 3, tzinfo=UTC)
TODAY = date(2026, 10, 1)
PROCEDURE = {"kind": "other", "title": "障害対応手順", "version": "1.0", "in_force_on": date(2026, 11, 1)}


@pytest.fixture(autouse=True)
def noon(db):
    with clock.standing_at(NOON):
        yield


def put(model, key, **values):
    with act("load", "operator:test") as doing:
        doing.put(model, key, values)


def work(member, what=None, **when) -> list[Task]:
    """The tasks of one of the cast, of one sort if named, once all lines have their places."""
    sequence()
    return [task for task in my_work(member.actor, snapshot(**when)) if what in (None, task.what)]


def told(member, what, **when) -> list[tuple[str, date | None]]:
    return [(task.reference, task.due) for task in work(member, what, **when)]


# --- approvals


def test_who_may_decide_is_told_and_the_author_is_not(cast):
    approval = approve.ask(cast.mori.actor, Document, None, PROCEDURE, "改定")
    expected = [(f"approval:{approval.key}", date(2026, 11, 1))]
    assert told(cast.sakura, "approve") == told(cast.kamiya, "approve") == expected
    for other in (cast.mori, cast.aoki, cast.chiba, cast.nishi, cast.kyuda):
        assert told(other, "approve") == []
    (task,) = work(cast.sakura, "approve")
    assert task.text.ja == "承認待ち: 規程・計画類「障害対応手順」（D-0001）"
    assert (task.key, task.ver) == (approval.key, 1)
    approve.approve(cast.kamiya.actor, approval.key)
    assert told(cast.sakura, "approve") == []


def test_the_own_change_and_the_own_appointment_wait_for_somebody_else(cast):
    approve.ask(cast.sakura.actor, Document, None, PROCEDURE)
    office = {"person": cast.kamiya.key, "role": "csirt_lead", "since_on": date(2026, 11, 1)}
    approve.ask(cast.mori.actor, Appointment, None, office)
    assert told(cast.sakura, "approve") == [("approval:AP-0002", None)]
    assert told(cast.kamiya, "approve") == [("approval:AP-0001", date(2026, 11, 1))]


def test_a_change_of_what_stands_waits_for_those_whom_it_takes(cast):
    put(Document, "D-0001", **PROCEDURE | {"kind": "basic_policy"})
    approve.ask(cast.mori.actor, Document, "D-0001", {"version": "1.1"})
    assert told(cast.kamiya, "approve") == [("approval:AP-0001", date(2026, 11, 1))]
    assert told(cast.sakura, "approve") == []


def test_drafts_and_what_was_sent_back_are_their_authors(cast):
    approve.ask(cast.mori.actor, Document, None, PROCEDURE, draft=True)
    second = approve.ask(cast.mori.actor, Document, None, PROCEDURE | {"title": "別"})
    approve.send_back(cast.sakura.actor, second.key, "根拠がない")
    tasks = work(cast.mori, "finish")
    assert [task.key for task in tasks] == ["AP-0001", "AP-0002"]
    assert "下書き" in tasks[0].text.ja
    assert "根拠がない" in tasks[1].text.ja
    assert work(cast.aoki, "finish") == []


def test_an_approval_from_a_file_without_its_change_waits_for_nobody(cast):
    put(Approval, "AP-1", subject="document:D-1", step="submitted", asked_by=cast.mori.key)
    assert work(cast.sakura, "approve") == []


# --- acknowledgements


def test_the_policy_in_force_is_to_be_acknowledged_within_its_days(cast):
    put(Document, "D-1", **PROCEDURE | {"kind": "basic_policy", "in_force_on": date(2026, 9, 15)})
    put(Document, "D-0", **PROCEDURE | {"kind": "basic_policy", "until_on": date(2026, 9, 14)})
    assert told(cast.nishi, "acknowledge") == [("document:D-1", date(2026, 10, 15))]
    put(Acknowledgement, "AK-1", person=cast.nishi.key, document="D-1", at=NOON)
    assert told(cast.nishi, "acknowledge") == []
    assert told(cast.ono, "acknowledge") == [("document:D-1", date(2026, 10, 15))]


def test_the_days_run_from_joining_where_that_is_later_and_people_of_vendors_are_not_asked(cast):
    put(Document, "D-1", **PROCEDURE | {"kind": "basic_policy", "in_force_on": date(2026, 4, 1)})
    put(Person, cast.nishi.key, joined_on=date(2026, 9, 20))
    put(Person, cast.ono.key, employment="external", vendor="外部社")
    assert told(cast.nishi, "acknowledge") == [("document:D-1", date(2026, 10, 20))]
    assert told(cast.ono, "acknowledge") == []


def test_an_acknowledgement_that_is_overdue_is_told_once(cast):
    put(Document, "D-1", **PROCEDURE | {"kind": "basic_policy", "in_force_on": date(2026, 4, 1)})
    policy_work = [t for t in work(cast.nishi) if t.clause == "4-2" or t.what == "acknowledge"]
    assert [(t.what, t.due) for t in policy_work] == [("acknowledge", date(2026, 5, 1))]
    assert policy_work[0].is_overdue(TODAY)


# --- what one owns


def test_open_actions_and_treatments_are_their_owners(cast):
    put(Action, "AC-1", what="二重化", kind="improvement", owner=cast.aoki.key, due_on=date(2026, 12, 1))
    put(
        Action,
        "AC-2",
        what="済",
        kind="improvement",
        owner=cast.aoki.key,
        due_on=date(2026, 12, 1),
        done_on=TODAY,
    )
    put(Risk, "R-1", title="停止", system="S-EXC", category="failure")
    put(
        Treatment,
        "T-1",
        title="待機系",
        risk="R-1",
        kind="reduce",
        owner=cast.aoki.key,
        due_on=date(2026, 11, 1),
    )
    assert told(cast.aoki, "act") == [("action:AC-1", date(2026, 12, 1))]
    assert told(cast.aoki, "treat") == [("treatment:T-1", date(2026, 11, 1))]
    assert told(cast.mori, "act") == told(cast.mori, "treat") == []


def test_what_is_owned_and_overdue_is_told_once_with_the_clause_that_finds_it(cast):
    levels = {"inherent_level": 5, "residual_level": 4, "accepted_level": 2, "assessed_on": date(2026, 8, 1)}
    put(Risk, "R-1", title="停止", system="S-EXC", category="failure", owner=cast.aoki.key, **levels)
    late = {"risk": "R-1", "kind": "reduce", "owner": cast.aoki.key, "due_on": date(2026, 9, 1)}
    put(Treatment, "T-1", title="待機系", **late)
    about = [t for t in work(cast.aoki) if t.reference in ("treatment:T-1", "risk:R-1")]
    assert [(t.what, t.due, t.clause) for t in about] == [("treat", date(2026, 9, 1), "3-1")]


# --- what audits found


def test_a_finding_of_an_audit_is_its_owner_s_until_it_is_done_and_then_the_auditors(cast):
    put(Audit, "AU-1", title="監査", plan_year=2026, conducted_by="internal", auditors=[cast.mori.key])
    mine = {"audit": "AU-1", "severity": "low", "owner": cast.aoki.key, "due_on": date(2026, 11, 1)}
    put(AuditFinding, "AF-1", title="棚卸し", **mine)
    put(AuditFinding, "AF-2", title="手順", **mine, done_on=date(2026, 9, 20))
    confirmed = {"confirmed_by": cast.chiba.key, "confirmed_on": TODAY}
    put(AuditFinding, "AF-3", title="済", **mine, done_on=date(2026, 9, 20), **confirmed)
    assert told(cast.aoki, "answer") == [("audit_finding:AF-1", date(2026, 11, 1))]
    assert work(cast.aoki, "answer")[0].text.ja == "指摘事項を完了する: 棚卸し"
    for auditor in (cast.chiba, cast.mori):  # the internal auditor, and one of that audit
        assert told(auditor, "verify") == [("audit_finding:AF-2", date(2026, 10, 20))]
        assert told(auditor, "answer") == []
    assert told(cast.aoki, "verify") == told(cast.sakura, "verify") == []


def test_nobody_verifies_the_own_work(cast):
    put(Audit, "AU-1", title="監査", plan_year=2026, conducted_by="internal")
    mine = {"audit": "AU-1", "severity": "low", "owner": cast.chiba.key, "due_on": date(2026, 11, 1)}
    put(AuditFinding, "AF-1", title="手順", **mine, done_on=date(2026, 9, 20))
    assert told(cast.chiba, "verify") == []


def test_a_finding_that_is_overdue_or_not_verified_in_time_is_told_once_with_its_clause(cast):
    put(Audit, "AU-1", title="監査", plan_year=2026, conducted_by="internal")
    late = {"audit": "AU-1", "severity": "low", "owner": cast.aoki.key, "due_on": date(2026, 8, 1)}
    put(AuditFinding, "AF-1", title="棚卸し", **late)
    put(AuditFinding, "AF-2", title="手順", **late, done_on=date(2026, 8, 1))
    owned = [t for t in work(cast.aoki) if t.reference.startswith("audit_finding:")]
    assert [(t.what, t.key, t.due, t.clause) for t in owned] == [
        ("answer", "AF-1", date(2026, 8, 1), "G24-1")
    ]
    own = [t for t in work(cast.chiba) if t.reference.startswith("audit_finding:")]
    assert [(t.what, t.key, t.due, t.clause) for t in own] == [("verify", "AF-2", date(2026, 8, 31), "G24-1")]


def test_a_clause_that_no_audit_covered_is_the_auditors_to_mend(cast):
    tasks = {t.reference: t for t in work(cast.chiba, "mend") if t.clause == "24-2"}
    assert tasks["clause:7-1"].text.ja.startswith("第7条第1項は監査周期の間に一度も監査されていません")


# --- incidents and reports


def test_drafts_of_incidents_are_for_those_who_respond(cast):
    incident = {
        "title": "容量",
        "kind": "failure",
        "severity": "minor",
        "detected_at": NOON - timedelta(days=1),
    }
    put(Incident, "INC-T1", **incident, state="draft")
    put(Incident, "INC-2", **incident, state="dismissed")
    for who in (cast.kamiya, cast.sakura, cast.aoki, cast.mori, cast.ono):
        assert told(who, "confirm") == [("incident:INC-T1", date(2026, 9, 30))]
    for who in (cast.chiba, cast.ogawa, cast.nishi, cast.kitagawa):
        assert told(who, "confirm") == []


def test_status_reports_are_for_the_chief_system_officer(cast):
    values = {
        "system_manager": cast.aoki.key,
        "unit": "U-OPS",
        "submitted_at": datetime(2026, 9, 20, 3, tzinfo=UTC),
    }
    put(StatusReport, "SR-1", **values, period="2026-08")
    put(StatusReport, "SR-2", **values, period="2026-07", reviewed_at=NOON, reviewed_by=cast.sakura.key)
    assert told(cast.sakura, "review") == [("status_report:SR-1", date(2026, 10, 20))]
    assert work(cast.sakura, "review")[0].text.ja == "管理状況報告を確認する: 業務部 2026-08"
    assert told(cast.kamiya, "review") == []
    with clock.standing_at(NOON + timedelta(days=40)):
        late = [t for t in work(cast.sakura) if t.reference == "status_report:SR-1"]
        assert [(t.what, t.clause) for t in late] == [("review", "6-1-1")]


# --- findings


def test_findings_go_to_whoever_holds_the_office_that_they_name(cast):
    """Only business is managed in the cast: the chief system officer is to see to the other units."""
    units = {t.reference for t in work(cast.sakura, "mend") if t.clause == "7-1"}
    assert units == {"unit:U-MGT", "unit:U-SYS", "unit:U-RISK", "unit:U-AUD"}
    assert not [t for t in work(cast.mori, "mend") if t.clause == "7-1"]


def test_findings_of_a_unit_go_to_its_own_manager(cast):
    assert {t.reference for t in work(cast.aoki, "mend") if t.clause == "7-2"} == {"unit:U-OPS"}


def test_no_finding_is_told_twice(cast):
    found = [(t.clause, t.reference, t.text.en) for t in work(cast.sakura, "mend")]
    assert len(found) == len(set(found))
    sequence()
    judged = assess(snapshot())
    assert not [c for c, *_ in found if c and judged[c].own.is_empty()]


def test_what_an_exception_covers_is_nobodys_work(cast):
    values = {"clause": "7-1", "kind": "exception", "subject": "unit:U-AUD", "reason": "兼務で運用"}
    dated = {"from_on": TODAY, "until_on": date(2026, 12, 31)}
    asked = approve.ask(cast.mori.actor, GrantedException, None, values | dated)
    approve.approve(cast.kamiya.actor, asked.key)
    assert "unit:U-AUD" not in {t.reference for t in work(cast.sakura, "mend") if t.clause == "7-1"}


# --- order, moments, and who has no work


def test_the_soonest_comes_first_and_what_has_no_day_last(cast):
    put(Action, "AC-1", what="後", kind="improvement", owner=cast.sakura.key, due_on=date(2026, 12, 1))
    put(Action, "AC-2", what="先", kind="improvement", owner=cast.sakura.key, due_on=date(2026, 11, 1))
    dues = [task.due for task in work(cast.sakura)]
    assert None in dues
    assert dues == sorted(dues, key=lambda due: due or date.max)
    assert dues[:2] == [date(2026, 11, 1), date(2026, 12, 1)]


def test_a_past_moment_shows_the_work_of_that_moment(cast):
    put(Action, "AC-1", what="旧", kind="improvement", owner=cast.aoki.key, due_on=date(2026, 12, 1))
    sequence()
    with clock.standing_at(NOON + timedelta(days=10)):
        put(Action, "AC-1", done_on=date(2026, 10, 10))
        put(Action, "AC-2", what="新", kind="improvement", owner=cast.aoki.key, due_on=date(2026, 12, 1))
        assert told(cast.aoki, "act") == [("action:AC-2", date(2026, 12, 1))]
        then = told(cast.aoki, "act", known_at=NOON + timedelta(days=1))
        assert then == [("action:AC-1", date(2026, 12, 1))]


def test_offices_are_those_of_the_day(cast):
    approve.ask(cast.mori.actor, Document, None, PROCEDURE)
    put(Appointment, cast.sakura.appointment, until_on=date(2026, 10, 31))
    assert work(cast.sakura, "approve")
    assert not work(cast.sakura, "approve", on=date(2026, 11, 1))


def test_who_left_services_and_the_operator_have_no_work(cast):
    assert work(cast.kyuda) == []
    assert my_work(operator_actor("test")) == []
