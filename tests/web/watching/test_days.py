"""Counts of the log's days: sealed parts are read once, the live end only where it grew, within the time there is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sekisho.kernel import clock
from sekisho.watch import history
from sekisho.watch.contents import shipped
from sekisho.watch.engine import Engine
from sekisho.web.watching import days, newest
from sekisho.web.watching.counts import MINUTE, Window, by_action
from sekisho.web.watching.newest import MOST, Wanted
from tests.web.watched_home import event, judge


def ms(minutes_ago: float = 0) -> int:
    return int(clock.now().timestamp() * 1000 - minutes_ago * MINUTE)


def answers(looked: days.Looked, minutes: int = 24 * 60) -> dict[str, int]:
    return by_action(looked.counts, Window.before(ms(), minutes))


def stuffed(minutes_ago: float = 30, users: int = 10, ip: str = "198.51.100.7") -> list[Any]:
    return [event(minutes_ago=minutes_ago, user=f"u{n}", ok=False, ip=ip) for n in range(users)]


def in_parts(home: Path, *portions: list[Any]) -> None:
    """Each portion in a part of its own, the last one growing."""
    now = [0]
    engine = Engine(home, shipped(), clock=lambda: now[0])
    for portion in portions:
        if portion is not portions[0]:
            engine.log.flush()
            engine.log.roll()
        for told in portion:
            now[0] = told.ts
            engine.decide("web", told)
    engine.close()
    history.seal(home)


def fail(*_: Any, **__: Any) -> Any:
    raise AssertionError("it was read again")


def test_an_empty_home_has_nothing(tmp_path: Path):
    looked = days.look(tmp_path, 0)
    assert (looked.parts, looked.whole, looked.newest(Wanted())) == ((), True, [])
    assert not days.ever_judged(tmp_path)


def test_the_live_end_is_read_on_from_where_it_was_read_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    judge(tmp_path, [event(minutes_ago=9, user="u1", ok=True)])
    first = days.look(tmp_path, 0)
    assert answers(first) == {"allow": 1}
    judge(tmp_path, stuffed(5))
    read: list[int] = []
    batches = history.batches

    def told(found: Any) -> Any:
        for table in batches(found):
            read.append(len(table))
            yield table

    monkeypatch.setattr(history, "batches", told)
    second = days.look(tmp_path, 0)
    assert (answers(second), read) == ({"allow": 8, "block": 3}, [10])
    assert second.mark > first.mark
    assert days.look(tmp_path, 0).mark == second.mark
    assert days.ever_judged(tmp_path)


def test_a_sealed_part_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    judge(tmp_path, stuffed(), sealed=True)
    looked = days.look(tmp_path, 0)
    assert [bool(part.path) for part in looked.parts] == [False, True]
    rows = looked.newest(Wanted())
    monkeypatch.setattr(pl, "scan_parquet", fail)
    again = days.look(tmp_path, 0)
    assert answers(again) == answers(looked) == {"allow": 8, "block": 3}
    assert again.newest(Wanted()) == rows


def test_what_is_sealed_meanwhile_is_counted_once(tmp_path: Path):
    judge(tmp_path, stuffed())
    before = answers(days.look(tmp_path, 0))
    judge(tmp_path, [event(minutes_ago=3, user="u1", ok=True)], sealed=True)
    assert answers(days.look(tmp_path, 0)) == before | {"allow": before["allow"] + 2}


def test_older_parts_than_asked_are_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    in_parts(tmp_path, stuffed(300), stuffed(200), stuffed(90))
    scanned: list[Path] = []
    scan = pl.scan_parquet
    monkeypatch.setattr(pl, "scan_parquet", lambda path: scanned.append(path) or scan(path))
    looked = days.look(tmp_path, ms(100))
    assert len(looked.parts) == 2, "the growing part, and the newest sealed one, which ends before the time"
    assert len(scanned) == 1
    assert sum(answers(looked, 100).values()) == 10


def test_when_time_is_up_the_rest_is_said_to_be_missing_and_counted_by_later_looks(tmp_path: Path):
    in_parts(tmp_path, stuffed(300), stuffed(200), stuffed(90))
    assert not days.look(tmp_path, 0, seconds=-1).whole
    assert days.look(tmp_path, 0).whole
    assert days.look(tmp_path, 0, seconds=-1).whole, "it is known by now"


# --- the newest -------------------------------------------------------------------------------------------------------


def seqs(looked: days.Looked, *wanted: str, until_ms: int | None = None) -> list[int]:
    return [row["seq"] for row in looked.newest(Wanted(*wanted), until_ms)]


@pytest.mark.parametrize("sealed", [False, True])
def test_the_newest_come_first_and_filters_leave_what_is_so(tmp_path: Path, sealed: bool):
    logins = stuffed(30)
    good = event(minutes_ago=29, user="u1", ok=True, ip="198.51.100.7")
    held = event("withdraw", 20, user="u1", address="bc1qexampleexampleexample0", amount=5.0)
    judge(tmp_path, [*logins, good, held], sealed=sealed)
    looked = days.look(tmp_path, 0)
    blocked = [login.seq for login in reversed(logins[7:])]
    assert seqs(looked) == [held.seq, good.seq, *blocked]
    assert seqs(looked, "step_up") == [good.seq]
    assert seqs(looked, "block", "credential_stuffing") == blocked
    assert seqs(looked, "hold", "credential_stuffing") == []
    assert seqs(looked, "", "no_such_rule'; --") == []
    assert seqs(looked, until_ms=ms(25)) == [good.seq, *blocked]


def test_no_more_than_a_page_shows_and_parts_without_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    judge(tmp_path, stuffed(300, MOST + 20), sealed=True)
    looked = days.look(tmp_path, 0)
    assert len(looked.newest(Wanted())) == MOST
    monkeypatch.setattr(newest.pl, "scan_parquet", fail)
    assert looked.newest(Wanted("hold", "credential_stuffing")) == []


def test_a_growing_part_keeps_few_rows_of_each_rule(tmp_path: Path):
    judge(tmp_path, [*stuffed(60, 12), *stuffed(20, 3 * MOST, "203.0.113.9")])
    (part,) = days.look(tmp_path, 0).parts
    assert MOST <= len(part.newest) <= 3 * MOST
    assert len(seqs(days.look(tmp_path, 0))) == MOST
