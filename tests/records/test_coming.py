"""Records' own days: every kind is asked, what is done or over is not told, and each day is told with whose it is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from sekisho.records import models as m
from sekisho.records.contents import KINDS
from sekisho.records.facts.coming import SCHEMA, coming
from sekisho.records.facts.coming_days import (
    COMING,
    DUE,
    ENDS,
    LEFT_OUT,
    PLANNED,
    Coming,
    looks_ahead,
    words_of,
)
from sekisho.records.fields import Day, Flag, Instant, Reference, References
from sekisho.records.record import Record
from tests.rulebook.asking import Given, given, record

ON = date(2026, 11, 23)
SOON, BEFORE = date(2027, 3, 1), date(2026, 10, 1)
FIRST, LAST = date(2026, 1, 1), date(2028, 1, 1)
EVERY = frozenset(model.about.name for model in KINDS)


def told(*records: Given, on: date = ON, first: date = FIRST, last: date = LAST) -> list[tuple[Any, ...]]:
    """(what, subject, field, day, late) of each row."""
    rows = coming(given(*records), on, first, last, EVERY)
    return list(rows.select("what", "subject", "field", "on", "late").iter_rows())


# --- the battery over every kind ----------------------------------------------------------------------------------


@pytest.mark.parametrize("model", KINDS, ids=lambda k: k.about.name)
def test_no_field_that_sounds_like_a_day_to_come_is_forgotten(model: type[Record]) -> None:
    """Put it into COMING, or into LEFT_OUT with the reason (records/facts/coming_days.py)."""
    known = {(c.model, c.field) for c in COMING} | set(LEFT_OUT)
    assert [name for name in looks_ahead(model) if (model, name) not in known] == []


def test_the_names_that_sound_so_are_found() -> None:
    found = {(k.about.name, n) for k in KINDS for n in looks_ahead(k)}
    expected = {
        ("action", "due_on"), ("notice", "due_at"), ("document", "review_by_on"), ("licence", "ends_on"),
        ("contract", "notice_by_on"), ("maintenance", "planned_from_at"), ("milestone", "replanned_on"),
        ("project", "cut_over_on"), ("person", "left_on"), ("appointment", "until_on"), ("kept_document", "keep_until_on"),
    }  # fmt: skip
    assert expected <= found
    assert not found & {("action", "done_on"), ("person", "joined_on"), ("incident", "detected_at")}


def test_what_is_left_out_is_there_to_be_left_out_and_says_why() -> None:
    for (model, name), reason in LEFT_OUT.items():
        assert model in KINDS
        assert name in looks_ahead(model)
        assert len(reason) > 10
        assert (model, name) not in {(c.model, c.field) for c in COMING}


@pytest.mark.parametrize("listed", COMING, ids=lambda c: f"{c.model.about.name}.{c.field}")
def test_each_listed_day_names_fields_that_are_there_and_has_its_words(listed: Coming) -> None:
    fields = listed.model.kind_fields()
    assert listed.model in KINDS
    assert isinstance(fields[listed.field], Day | Instant)
    assert listed.what in (DUE, ENDS, PLANNED)
    assert words_of(listed.model.about.name, listed.field) == listed.words
    assert listed.words.ja
    assert listed.words.en.isascii()
    if listed.done:
        assert isinstance(fields[listed.done], Day | Instant)
    for name in listed.people:
        assert name == "key" or (
            isinstance(fields[name], Reference | References) and fields[name].target == "person"
        )
    for name, kind in ((listed.unit, "unit"), (listed.system, "system")):
        assert name in ("", "key") or fields[name].target == kind
    if listed.done_by:
        assert listed.done_by.model.kind_fields()[listed.done_by.refers].target == listed.model.about.name


def test_each_day_is_listed_once() -> None:
    assert len({(c.model, c.field) for c in COMING}) == len(COMING)


@pytest.mark.parametrize("listed", COMING, ids=lambda c: f"{c.model.about.name}.{c.field}")
def test_each_listed_day_is_told_of_a_record_that_has_it(listed: Coming) -> None:
    """Also where the kind's other fields are empty."""
    field = listed.model.kind_fields()[listed.field]
    values: dict[str, Any] = {
        listed.field: SOON if isinstance(field, Day) else datetime(2027, 3, 1, 3, tzinfo=UTC)
    }
    if listed.field == "review_by_on":
        values["in_force_on"] = BEFORE  # what is not in force is not reviewed
    rows = coming(given(record(listed.model.about.name, "X-1", **values)), ON, FIRST, LAST, EVERY)
    mine = rows.filter(pl.col("field") == listed.field)
    assert mine.select("what", "kind", "subject", "on", "late").rows() == [
        (listed.what, listed.model.about.name, "X-1", SOON, False)
    ]


# --- what still counts --------------------------------------------------------------------------------------------


def action(key: str = "AC-1", **values: Any) -> Given:
    return record("action", key, **{"what": "監視の追加", "due_on": SOON, **values})


def test_the_span_has_both_its_ends() -> None:
    day_alone = {"first": SOON, "last": SOON}
    assert len(told(action(), **day_alone)) == 1
    assert told(action(), first=SOON + timedelta(days=1)) == []
    assert told(action(), last=SOON - timedelta(days=1)) == []


def test_what_is_done_is_no_longer_told_and_what_is_entered_for_later_is() -> None:
    assert told(action(done_on=ON)) == []
    assert told(action(done_on=ON + timedelta(days=1))) == [(DUE, "AC-1", "due_on", SOON, False)]


@pytest.mark.parametrize(("due", "late"), [(ON, False), (ON - timedelta(days=1), True)])
def test_what_was_to_be_done_is_late_from_the_day_after(due: date, late: bool) -> None:
    assert told(action(due_on=due)) == [(DUE, "AC-1", "due_on", due, late)]


def test_an_end_that_is_over_is_not_told() -> None:
    contract = {"vendor": "V-1", "title": "保守", "from_on": BEFORE}
    assert told(record("contract", "CT-1", **contract, until_on=ON - timedelta(days=1))) == []
    assert told(record("contract", "CT-1", **contract, until_on=ON)) == [
        (ENDS, "CT-1", "until_on", ON, False)
    ]


def test_a_contract_that_renews_by_itself_tells_its_notice_alone() -> None:
    notice = SOON - timedelta(days=90)
    contract = record("contract", "CT-1", until_on=SOON, notice_by_on=notice, renews=True)
    assert told(contract) == [(DUE, "CT-1", "notice_by_on", notice, False)]


def test_a_licence_that_was_renewed_ends_nothing() -> None:
    assert told(record("licence", "LI-1", ends_on=SOON, renewed_by="LI-2")) == []
    assert told(record("licence", "LI-1", ends_on=SOON)) == [(ENDS, "LI-1", "ends_on", SOON, False)]


def test_a_milestone_counts_as_re_planned() -> None:
    late = record("milestone", "MS-1", due_on=BEFORE, replanned_on=SOON)
    assert told(late) == [(DUE, "MS-1", "replanned_on", SOON, False)]


def test_a_document_is_reviewed_while_it_is_in_force() -> None:
    values = {"kind": "other", "title": "規程", "review_by_on": BEFORE}
    assert told(record("document", "D-1", **values)) == [], "never in force"
    standing = {**values, "in_force_on": date(2025, 1, 1)}
    assert told(record("document", "D-1", **standing)) == [(DUE, "D-1", "review_by_on", BEFORE, True)]
    assert told(record("document", "D-1", **standing, until_on=BEFORE - timedelta(days=1))) == []


def test_a_vulnerability_that_does_not_matter_is_due_no_more() -> None:
    values = {"title": "欠陥", "system": "S-1", "due_on": SOON}
    assert told(record("vulnerability", "VU-1", **values, vex="not_affected")) == []
    assert told(record("vulnerability", "VU-1", **values, vex="affected")) == [
        (DUE, "VU-1", "due_on", SOON, False)
    ]


def test_a_project_that_is_stopped_cuts_nothing_over() -> None:
    assert told(record("project", "PJ-1", cut_over_on=SOON, stage="stopped")) == []
    assert told(record("project", "PJ-1", cut_over_on=BEFORE, stage="test")) == [
        (PLANNED, "PJ-1", "cut_over_on", BEFORE, True)
    ]


def test_a_release_is_told_until_it_is_in_use() -> None:
    release = record("release", "RL-1", planned_on=BEFORE)
    deployed = {"release": "RL-1", "at": datetime(2026, 11, 22, 14, 59, tzinfo=UTC)}  # 23:59 in Japan
    assert told(release) == [(PLANNED, "RL-1", "planned_on", BEFORE, True)]
    assert told(release, record("deployment", "DP-1", **deployed)) == []
    tomorrow = {**deployed, "at": datetime(2026, 11, 23, 15, 0, tzinfo=UTC)}  # 0:00 of the 24th in Japan
    assert len(told(release, record("deployment", "DP-1", **tomorrow))) == 1


def test_a_meeting_that_was_held_is_over_and_one_to_come_is_told() -> None:
    held = record("meeting", "M-1", body="board", held_on=BEFORE, agenda="議題")
    planned = record("meeting", "M-2", body="board", held_on=SOON, agenda="議題")
    assert told(held, planned) == [(PLANNED, "M-2", "held_on", SOON, False)]


def test_an_instant_is_told_on_its_day_in_japan() -> None:
    late_evening = datetime(2027, 2, 28, 15, 30, tzinfo=UTC)  # half past midnight of 1 March in Japan
    assert told(record("notice", "N-1", due_at=late_evening)) == [(DUE, "N-1", "due_at", SOON, False)]


# --- whose it is --------------------------------------------------------------------------------------------------


def owned(*records: Given) -> tuple[list[str], str | None]:
    rows = coming(given(*records), ON, FIRST, LAST, EVERY)
    return rows["people"].to_list()[0], rows["unit"][0]


PEOPLE = (
    record("person", "P-1", unit="U-OPS"),
    record("person", "P-2", unit="U-SYS"),
    record("system", "S-1", unit="U-IT"),
)


def test_the_unit_is_the_records_own_else_its_persons_else_its_systems() -> None:
    finding = {"due_on": SOON, "owner": "P-1", "system": "S-1"}
    assert owned(record("audit_finding", "AF-1", **finding, unit="U-RISK"), *PEOPLE) == (["P-1"], "U-RISK")
    assert owned(record("audit_finding", "AF-1", **finding), *PEOPLE) == (["P-1"], "U-OPS")
    assert owned(record("audit_finding", "AF-1", due_on=SOON, system="S-1"), *PEOPLE) == ([], "U-IT")
    assert owned(action(owner="P-9"), *PEOPLE) == (["P-9"], None)


def test_everybody_who_takes_part_is_told_once() -> None:
    training = record("training", "TR-1", due_on=SOON, people=["P-2", "P-1"], from_person="P-1")
    assert owned(training, *PEOPLE) == (["P-2", "P-1"], "U-SYS")


def test_a_unit_and_a_person_are_their_own() -> None:
    assert owned(record("unit", "U-OPS", until_on=SOON)) == ([], "U-OPS")
    assert owned(record("person", "P-1", unit="U-OPS", left_on=SOON)) == (["P-1"], "U-OPS")


# --- as sets ------------------------------------------------------------------------------------------------------


def test_only_the_kinds_that_are_asked_are_told_and_the_columns_stand_in_any_case() -> None:
    facts = given(action(), record("licence", "LI-1", ends_on=SOON))
    assert coming(facts, ON, FIRST, LAST, {"licence"})["kind"].to_list() == ["licence"]
    assert coming(facts, ON, FIRST, LAST, set()).schema == pl.Schema(SCHEMA)
    assert coming(given(), ON, FIRST, LAST, EVERY).schema == pl.Schema(SCHEMA)


def test_soonest_first() -> None:
    days = [date(2027, 1, 5), date(2026, 12, 1), date(2027, 6, 30)]
    rows = coming(given(*(action(f"AC-{n}", due_on=d) for n, d in enumerate(days))), ON, FIRST, LAST, EVERY)
    assert rows["on"].to_list() == sorted(days)


def test_flags_that_nobody_set_spare_nothing() -> None:
    """`unless` of a field without a value: it counts."""
    assert isinstance(m.Contract.kind_fields()["renews"], Flag)
    assert len(told(record("contract", "CT-1", until_on=SOON))) == 1
