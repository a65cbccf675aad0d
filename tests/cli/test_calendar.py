"""`sekisho calendar`: what will fall short and what records say, for people, for programs and for calendar programs."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from sekisho.kernel import clock
from sekisho.records import models as m
from sekisho.workflows.act import act
from tests.cli.conftest import Here
from tests.cli.running import PROGRAM, environment
from tests.rulebook.narrow import only_checks_of


def in_days(days: int) -> date:
    return clock.today() + timedelta(days=days)


@pytest.fixture(autouse=True)
def quick(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    only_checks_of(monkeypatch, "7-1")


@pytest.fixture
def year(member: None) -> None:
    """U-1 has a system manager for 40 days more; an action is due."""
    with act("put", "operator:test") as doing:
        doing.put(m.Appointment, "A-1", {
            "person": "P-1", "role": "system_manager", "unit": "U-1", "since_on": date(2024, 4, 1), "until_on": in_days(40),
        })  # fmt: skip
        doing.put(
            m.Action,
            "AC-1",
            {"what": "監視の追加", "kind": "corrective", "due_on": in_days(10), "owner": "P-1"},
        )


def told(here: Here, *words: str) -> list[dict[str, Any]]:
    done = here("calendar", "--format", "json", *words)
    assert done.code == 0, done.err
    found: list[dict[str, Any]] = json.loads(done.out)
    return found


def test_json_tells_each_thing_with_its_day(year: None, here: Here) -> None:
    found = told(here)
    assert [(e["on"], e["what"], e["reference"]) for e in found] == [
        (in_days(10).isoformat(), "due", "action:AC-1"),
        (in_days(40).isoformat(), "ends", "appointment:A-1"),
        (in_days(41).isoformat(), "lapse", "unit:U-1"),
    ]
    due, _, lapse = found
    assert (due["field"], due["clause"], due["who"], due["late"], due["exact"]) == (
        "due_on",
        None,
        "person:P-1",
        False,
        True,
    )
    assert (lapse["clause"], lapse["unit"]) == ("7-1", "U-1")
    assert set(lapse["text"]) == {"ja", "en"}


def test_from_and_to_are_both_inside(year: None, here: Here) -> None:
    assert [e["what"] for e in told(here, "--to", in_days(40).isoformat())] == ["due", "ends"]
    assert [e["what"] for e in told(here, "--to", in_days(41).isoformat())] == ["due", "ends", "lapse"]
    assert [e["what"] for e in told(here, "--from", in_days(41).isoformat())] == ["lapse"]
    assert told(here, "--from", in_days(11).isoformat(), "--to", in_days(39).isoformat()) == []


def test_what_is_overdue_is_told_when_its_day_is_asked(year: None, here: Here) -> None:
    with act("put", "operator:test") as doing:
        doing.put(m.Action, "AC-1", {"due_on": in_days(-5)})
    assert not [e for e in told(here) if e["late"]]
    (late,) = [e for e in told(here, "--from", in_days(-30).isoformat()) if e["late"]]
    assert late["reference"] == "action:AC-1"


def test_a_table_for_people_in_their_language(year: None, here: Here) -> None:
    japanese = here("calendar").out
    assert "不足の見込み" in japanese
    assert "改善・是正措置の期限：監視の追加" in japanese
    assert "計 3 件" in japanese
    english = here("calendar", language="en").out
    assert "Will fall short" in english
    assert "3 in all" in english


def test_ics_goes_out_as_bytes_that_a_calendar_reads(filled: Path) -> None:
    """In a process of its own, as it is piped into a file: CRLF, UTF-8, nothing else on the output."""
    words = [PROGRAM, "calendar", "--format", "ics", "--to", in_days(0).isoformat()]
    done = subprocess.run(words, env=environment(filled), capture_output=True, timeout=120, check=True)
    assert done.stdout.startswith(b"BEGIN:VCALENDAR\r\n")
    assert done.stdout.endswith(b"END:VCALENDAR\r\n")
    assert done.stdout.count(b"\n") == done.stdout.count(b"\r\n")
    assert Calendar.from_ical(done.stdout)["version"] == "2.0"


def test_ics_in_this_process(year: None, here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="utf-8"))
    from sekisho.cli.main import run

    run(["calendar", "--format", "ics", "--language", "en"])
    content = raw.getvalue()
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert content.count(b"\n") == content.count(b"\r\n")
    summaries = [str(e["summary"]) for e in Calendar.from_ical(content).walk("VEVENT")]
    assert summaries[0] == "Action due: 監視の追加"
    assert len(summaries) == 3


@pytest.mark.parametrize(
    "words",
    [
        ("--from", "2026-13-01"),
        ("--to", "tomorrow"),
        ("--from", "2027-02-01", "--to", "2027-01-31"),
        ("--to", "2199-01-01"),
    ],
)
def test_days_that_cannot_be_are_told(member: None, here: Here, words: tuple[str, ...]) -> None:
    assert words[-1] in here("calendar", *words).complaint


def test_nothing_recorded_is_an_empty_calendar(db: None, here: Here) -> None:
    assert told(here) == []
