"""The year calendar: records' own days and what will fall short together, filtered, counted and put into words."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from sekisho.access.rights import actor_for_person, operator_actor
from sekisho.kernel import clock
from sekisho.kernel.clock import add_months
from sekisho.records import models as m
from sekisho.records.facts import snapshot
from sekisho.reports.calendar_entries import Entry, entries, register_of
from sekisho.reports.year_calendar import WHATS, Days, Wanted, collected, only, year_from
from sekisho.workflows.act import act
from tests.cast import Cast
from tests.rulebook.narrow import only_checks_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    only_checks_of(monkeypatch, "7-1")


def in_days(days: int) -> date:
    return clock.today() + timedelta(days=days)


def put(model: type[Any], key: str, **values: Any) -> None:
    with act("put", "operator:test") as doing:
        doing.put(model, key, values)


def action(key: str, due_on: date, owner: str = "P-0003", **values: Any) -> None:
    put(m.Action, key, what=f"措置 {key}", kind="corrective", due_on=due_on, owner=owner, **values)


def days_of(actor: Any = None) -> Days:
    at = snapshot()
    return collected(actor or operator_actor("test"), at, at.on, year_from(at.on))


def lines(days: Days, **more: Any) -> list[tuple[str, str]]:
    return [(e.what, e.reference) for e in entries(days, snapshot(), **more)]


def wanted(person: str = "", **asked: Any) -> list[tuple[str, str]]:
    actor = actor_for_person(person) if person else operator_actor("test")
    return lines(only(days_of(actor), Wanted(**asked), actor, snapshot()))


@pytest.fixture
def year(cast: Cast) -> None:
    """Aoki's office ends in 40 days: an end, and the day after operations have no system manager."""
    put(m.Appointment, cast.aoki.appointment, until_on=in_days(40))
    action("AC-1", in_days(10))
    action("AC-2", in_days(20), owner="P-0006")
    put(m.ServiceChange, "SC-1", service="貸暗号資産", kind="new", planned_on=in_days(60))


ALL = [
    ("due", "action:AC-1"),
    ("due", "action:AC-2"),
    ("ends", "appointment:A-0003"),
    ("lapse", "unit:U-OPS"),
    ("planned", "service_change:SC-1"),
]


def test_twelve_months_are_those_from_the_days_own() -> None:
    assert year_from(date(2026, 11, 23)) == date(2027, 10, 31)
    assert year_from(date(2024, 3, 31)) == date(2025, 2, 28)


def test_both_kinds_of_days_stand_in_one_order(year: None) -> None:
    assert wanted() == ALL
    assert [e.on for e in entries(days_of(), snapshot())] == [in_days(n) for n in (10, 20, 40, 41, 60)]


@pytest.mark.parametrize("what", WHATS)
def test_one_sort_alone(year: None, what: str) -> None:
    assert wanted(what=what) == [line for line in ALL if line[0] == what]


def test_one_kind_of_record_alone_findings_by_their_subject(year: None) -> None:
    assert wanted(kind="action") == ALL[:2]
    assert wanted(kind="unit") == [("lapse", "unit:U-OPS")]
    assert wanted(kind="risk") == []


def test_one_unit_alone_by_record_person_or_subject(year: None) -> None:
    assert wanted(unit="U-OPS") == [ALL[0], ALL[2], ALL[3]]  # Aoki works there
    assert wanted(unit="U-SYS") == [ALL[1]]  # Ogawa does
    assert wanted(unit="U-NONE") == []


def test_mine_is_what_i_take_part_in_and_the_findings_that_are_mine_to_mend(year: None) -> None:
    assert wanted("P-0003", mine=True) == [ALL[0], ALL[2]]
    assert wanted("P-0002", mine=True) == [ALL[3]]  # the chief system officer appoints system managers
    assert wanted("P-0008", mine=True) == []


def test_who_is_no_person_has_nothing_of_the_own(year: None) -> None:
    assert wanted(mine=True) == []


def test_only_what_one_may_read(year: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sekisho.reports.year_calendar.may_read", lambda _, model: model is m.Action)
    assert [line for line in wanted() if line[0] != "lapse"] == ALL[:2]


def test_the_numbers_are_those_of_the_days(year: None) -> None:
    days = days_of()
    assert len(days) == 5
    told = {(on, what): number for on, what, _, number in days.counts().iter_rows()}
    assert told[in_days(41), "lapse"] == 1
    assert sum(told.values()) == 5
    assert days.kinds() == ["unit", "appointment", "service_change", "action"]
    assert len(days.between(in_days(41), in_days(60))) == 2


def test_months_that_are_not_worked_out_are_told_as_waiting(year: None) -> None:
    at = snapshot()
    days = collected(operator_actor("test"), at, at.on, year_from(at.on), seconds=0)
    assert len(days.waiting) == len(days.months) > 10
    assert [line for line in ALL if line[0] != "lapse"] == lines(days)


# --- words --------------------------------------------------------------------------------------------------------


def entry_of(reference: str) -> Entry:
    return next(e for e in entries(days_of(), snapshot()) if e.reference == reference)


def test_a_records_day_says_what_it_is_of_what_and_whose(year: None) -> None:
    entry = entry_of("action:AC-1")
    assert entry.line.ja == "改善・是正措置の期限：措置 AC-1"
    assert entry.line.en == "Action due: 措置 AC-1"
    assert entry.someone is not None
    assert [name.ja for _, name in entry.someone.people] == ["青木 健"]
    assert (entry.exact, entry.late, entry.clause, entry.unit) == (True, False, "", "U-OPS")


def test_a_finding_says_its_clause_its_subject_and_who_must_act_by_then(year: None) -> None:
    entry = entry_of("unit:U-OPS")
    assert entry.clause == "7-1"
    assert entry.line.ja.startswith("7-1 業務部：")
    assert entry.line.en.startswith("7-1 業務部: ")
    assert "業務部" in entry.text.ja
    assert entry.someone is not None
    assert entry.someone.people[0][0] == "P-0002"


def test_what_is_late_says_so(cast: Cast) -> None:
    action("AC-9", in_days(-3))
    at = snapshot()
    days = collected(operator_actor("test"), at, add_months(at.on, -1), at.on)
    (entry,) = [e for e in entries(days, at) if e.reference == "action:AC-9"]
    assert entry.late


def test_many_of_the_same_on_one_day_are_one_entry_with_their_number(cast: Cast) -> None:
    for n in range(7):
        action(f"AC-{n}", in_days(10))
    (many,) = entries(days_of(), snapshot(), single=6)
    assert (many.number, many.reference, many.line.ja) == (7, "", "改善・是正措置の期限：7 件")
    assert register_of(many) == ("action", f"due_on__from={in_days(10)}&due_on__until={in_days(10)}")
    alone = entries(days_of(), snapshot(), single=7)
    assert len(alone) == 7
    assert register_of(alone[0]) is None


def test_findings_of_one_clause_on_one_day_are_counted_alike(cast: Cast) -> None:
    for n in range(4):
        unit, key = f"U-{n}", f"A-9{n}"
        put(m.Unit, unit, name=f"部署{n}", function="user", since_on=date(2020, 4, 1))
        put(m.Appointment, key, person=f"P-000{n + 3}", role="system_manager", unit=unit, since_on=date(2024, 4, 1), until_on=in_days(30), grounds="経験")  # fmt: skip
    found = [e for e in entries(days_of(), snapshot(), single=3) if e.what == "lapse"]
    assert [(e.number, e.clause, e.on, e.reference) for e in found] == [(4, "7-1", in_days(31), "")]
    assert register_of(found[0]) is None


def test_of_too_many_the_soonest_are_told(cast: Cast) -> None:
    for n in range(1, 8):
        action(f"AC-{n}", in_days(n))
    assert lines(days_of(), at_most=3) == [("due", f"action:AC-{n}") for n in (1, 2, 3)]


def test_the_identity_of_a_thing_does_not_follow_its_day(year: None) -> None:
    before = {e.reference: e.identity for e in entries(days_of(), snapshot())}
    action("AC-1", in_days(90))
    put(m.Appointment, "A-0003", until_on=in_days(50))
    after = {e.reference: e.identity for e in entries(days_of(), snapshot())}
    assert after == before
    assert len(set(after.values())) == len(after)


def test_a_past_moment_has_its_own_calendar(year: None) -> None:
    before = clock.now()
    action("AC-3", in_days(30))
    at = snapshot(clock.today(), before)
    days = collected(operator_actor("test"), at, at.on, year_from(at.on))
    assert [(e.what, e.reference) for e in entries(days, at)] == ALL
