"""The verdicts of past months' ends: as they were known then, for ever, worked out once."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from sekisho.findings.verdicts import Verdict
from sekisho.kernel import clock
from sekisho.records.facts import Snapshot
from sekisho.records.models import Appointment, Unit
from sekisho.rulebook import history
from sekisho.rulebook.assess import Assessment
from sekisho.workflows.act import act
from tests.cast import Cast

START = datetime(2026, 1, 10, 9, tzinfo=clock.JAPAN)
TODAY = datetime(2026, 6, 15, 9, tzinfo=clock.JAPAN)


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, settings: Any) -> None:
    settings.SEKISHO_HOME = tmp_path
    history.forget()


@pytest.fixture
def past(db: None) -> None:
    """A unit since January, its system manager since a day in March that was recorded in April."""
    from sekisho.records.models import Person

    with clock.standing_at(START), act("begin", "operator:test") as doing:
        doing.put(Unit, "U-1", {"name": "業務部", "function": "user", "since_on": date(2026, 1, 10)})
        doing.put(Person, "P-1", {"name": "青木", "employment": "employee", "joined_on": date(2026, 1, 10)})
    with (
        clock.standing_at(datetime(2026, 4, 20, 9, tzinfo=clock.JAPAN)),
        act("appoint", "operator:test") as doing,
    ):
        values = {"person": "P-1", "role": "system_manager", "unit": "U-1", "grounds": "経験"}
        doing.put(Appointment, "A-1", {**values, "since_on": date(2026, 1, 10)})


def verdicts(citation: str = "7-1") -> dict[str, Verdict | None]:
    with clock.standing_at(TODAY):
        return {p.on.isoformat(): p.verdict for p in history.trend(citation, TODAY.date(), seconds=60)}


def test_a_month_ends_on_its_last_day() -> None:
    assert history.month_ends(date(2024, 3, 31), 2) == [date(2024, 1, 31), date(2024, 2, 29)]
    assert history.month_ends(date(2026, 1, 1), 1) == [date(2025, 12, 31)]


def test_each_month_is_judged_by_what_was_known_at_its_end(past: None) -> None:
    assert verdicts() == {
        "2026-01-31": Verdict.FALLS_SHORT,
        "2026-02-28": Verdict.FALLS_SHORT,
        "2026-03-31": Verdict.FALLS_SHORT,  # the appointment since January was not recorded yet
        "2026-04-30": Verdict.MET,
        "2026-05-31": Verdict.MET,
    }


def test_what_is_recorded_later_changes_no_past_month(past: None) -> None:
    before = verdicts()
    with clock.standing_at(TODAY), act("remove", "operator:test") as doing:
        doing.remove(Appointment, "A-1")
    history.forget()
    assert verdicts() == before


def test_a_month_is_worked_out_once_and_then_read_from_disk(
    past: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = verdicts()
    history.forget()

    def never(*_: object) -> None:
        raise AssertionError("worked out again")

    monkeypatch.setattr(history, "assess", never)
    assert verdicts() == first


def test_another_rulebook_is_another_answer(past: None, monkeypatch: pytest.MonkeyPatch) -> None:
    verdicts()
    asked: list[object] = []
    real = history.assess

    def counted(seen: Snapshot) -> Assessment:
        asked.append(seen)
        return real(seen)

    monkeypatch.setattr(history, "assess", counted)
    monkeypatch.setattr(history, "rulebook_digest", lambda: "another")
    verdicts()
    assert len(asked) == 5


def test_without_time_the_newest_month_comes_first_and_the_next_call_goes_on(past: None) -> None:
    with clock.standing_at(TODAY):
        calls = [history.trend("7-1", TODAY.date(), seconds=0) for _ in range(5)]
    ready = [[p.on.month for p in points if p.ready] for points in calls]
    assert ready == [[5], [4, 5], [3, 4, 5], [2, 3, 4, 5], [1, 2, 3, 4, 5]]


def test_before_the_first_line_there_is_nothing_to_judge(past: None) -> None:
    with clock.standing_at(TODAY):
        assert history.trend("7-1", date(2026, 1, 5), seconds=60) == []


def test_an_empty_ledger_has_no_past(db: None) -> None:
    assert history.trend("7-1", TODAY.date(), seconds=60) == []


def test_a_clause_that_the_rulebook_does_not_have_has_no_verdict(past: None) -> None:
    assert set(verdicts("99-9").values()) == {None}


def test_a_spoilt_file_is_worked_out_again(past: None, tmp_path: Path) -> None:
    first = verdicts()
    for file in (tmp_path / "cache" / "verdicts").iterdir():
        file.write_text("{")
    history.forget()
    assert verdicts() == first


def test_a_disk_that_cannot_be_written_is_no_obstacle(past: None, settings: Any, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    settings.SEKISHO_HOME = file  # a folder below a file cannot be made
    assert verdicts()["2026-05-31"] is Verdict.MET


def test_the_end_of_a_day_is_still_that_day(cast: Cast) -> None:
    assert clock.day_of(clock.end_of(date(2026, 2, 28))) == date(2026, 2, 28)
