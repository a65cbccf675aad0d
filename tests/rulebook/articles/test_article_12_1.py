"""Article 12-1, read as the rule: every system is monitored, and operation is reviewed every quarter."""

from datetime import timedelta

import pytest

from sekisho.findings.verdicts import Verdict
from tests.rulebook.asking import ask, day, every_outcome, given, lapses, reasons, record, verdict
from tests.rulebook.granting import CHIEF, LONG_AGO, approved, exception

ON = day(2026, 11, 23)
ONE_DAY = timedelta(days=1)
SEPTEMBER = day(2026, 9, 1)


def system(key="S-1", **values):
    told = {"name": key, "unit": "U-1", "in_scope": True, "operated_by": "own", "in_use_since_on": LONG_AGO}
    return record("system", key, **(told | values))


def monitor(key="MO-1", system="S-1", since=LONG_AGO, **values):
    return record("monitor", key, title=key, system=system, what="heartbeat", since_on=since, **values)


def review(held_on=SEPTEMBER, kind="operations", **values):
    return record("review", "RV-1", title="運用レビュー", kind=kind, held_on=held_on, **values)


def unwatched(on, *records):
    """The systems without a monitor."""
    return {subject for subject, reason in reasons("12-1", on, given(*records)) if reason == "no_monitor"}


def test_12_1_is_met_where_every_system_has_a_monitor_and_operation_was_reviewed():
    facts = given(system(), system("S-2"), monitor(), monitor("MO-2", "S-2"), review())
    assert verdict("12-1", ON, facts) == Verdict.MET
    assert {s for s, o in every_outcome("12-1", ON, facts) if o.outcome == "met"} == {"S-1", "S-2", "member"}


def test_12_1_falls_short_where_a_system_was_never_monitored():
    outcome = ask("12-1", ON, given(system(), review()))["S-1"]
    assert (outcome.outcome, outcome.reason, outcome.since) == ("falls_short", "no_monitor", LONG_AGO)
    assert (outcome.who, outcome.data) == ("role:system_manager@U-1", {"system": "S-1"})
    assert ask("12-1", ON, given(system(unit=None), review()))["S-1"].who == "role:chief_system_officer"


def test_12_1_falls_short_the_day_after_the_last_monitor_ends():
    ended = [system(), monitor(until_on=SEPTEMBER), monitor("MO-2", until_on=LONG_AGO), review()]
    assert unwatched(SEPTEMBER, *ended) == set()
    assert unwatched(SEPTEMBER + ONE_DAY, *ended) == {"S-1"}
    assert ask("12-1", ON, given(*ended))["S-1"].since == SEPTEMBER + ONE_DAY


def test_12_1_counts_no_monitor_that_is_still_to_come_and_none_of_another_system_or_a_cloud():
    coming = monitor(since=SEPTEMBER)
    of_cloud = record(
        "monitor", "MO-3", title="雲", cloud_service="CS-1", what="heartbeat", since_on=LONG_AGO
    )
    assert unwatched(SEPTEMBER - ONE_DAY, system(), coming) == {"S-1"}
    assert unwatched(SEPTEMBER, system(), coming) == set()
    assert unwatched(ON, system(), monitor(system="S-2"), of_cloud) == {"S-1"}


def test_12_1_asks_not_of_systems_out_of_scope_or_out_of_use_or_not_yet_in_use():
    others = [
        system("S-2", in_scope=False),
        system("S-3", in_use_until_on=ON - ONE_DAY),
        system("S-4", in_use_since_on=ON + ONE_DAY),
    ]
    assert unwatched(ON, system(), monitor(), *others) == set()
    assert unwatched(ON - ONE_DAY, system(), monitor(), *others) == {"S-3"}


def test_12_1_asks_for_a_review_of_operation_every_quarter():
    lapses(
        "12-1", "member", [system(), monitor()], review, SEPTEMBER, day(2026, 12, 1),
        never="never_reviewed", old="old_review", since_never=LONG_AGO.replace(month=7, day=2),
    )  # fmt: skip
    outcome = ask("12-1", day(2026, 12, 2), given(system(), monitor(), review()))["member"]
    assert (outcome.data, outcome.who) == ({"last": "2026-09-01"}, "role:chief_system_officer")


@pytest.mark.parametrize("kind", ["management", None])
def test_12_1_takes_no_other_review_for_one_of_operation(kind):
    assert reasons("12-1", ON, given(system(), monitor(), review(kind=kind))) == {
        ("member", "never_reviewed")
    }


def test_12_1_waits_a_quarter_from_the_first_system_for_the_first_review():
    facts = given(system(in_use_since_on=SEPTEMBER), monitor())
    assert reasons("12-1", day(2026, 12, 1), facts) == {("member", "no_review_yet")}
    assert verdict("12-1", day(2026, 12, 1), facts) == Verdict.NO_EVIDENCE
    outcome = ask("12-1", day(2026, 12, 2), facts)["member"]
    assert (outcome.reason, outcome.since) == ("never_reviewed", day(2026, 12, 2))


def test_12_1_is_no_evidence_in_silence():
    assert verdict("12-1", ON, given()) == Verdict.NO_EVIDENCE


def test_12_1_is_met_by_exception_while_one_lasts():
    facts = [system(), review(day(2026, 12, 30)), exception("12-1", "system:S-1"), CHIEF]
    last = day(2026, 12, 31)
    granted = [*facts, approved("exception:EX-1")]
    assert verdict("12-1", last, given(*facts)) == Verdict.FALLS_SHORT
    assert verdict("12-1", last, given(*granted)) == Verdict.MET_BY_EXCEPTION
    assert verdict("12-1", last + ONE_DAY, given(*granted)) == Verdict.FALLS_SHORT
