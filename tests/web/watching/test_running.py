"""Whether the watch is there is asked without disturbing it; who sends nothing for too long is silent."""

from __future__ import annotations

import socket
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sekisho.kernel import clock
from sekisho.records.models import WatchSource
from sekisho.watch import history
from sekisho.watch.log import Log
from sekisho.web.watching.running import Standing, running, standing
from sekisho.workflows.act import act
from sekisho.workflows.watch_after.models import Heard, Position
from tests.cast import Cast

MINUTES = 60


def test_a_home_without_a_watch_has_none(tmp_path: Path):
    assert not running(tmp_path)
    Log(history.log_folder(tmp_path)).close()
    assert not running(tmp_path)


def test_a_watch_is_known_by_its_lock_and_goes_on_undisturbed(tmp_path: Path):
    log = Log(history.log_folder(tmp_path))
    try:
        assert running(tmp_path)
        log.append(b"{}")
        log.flush()
    finally:
        log.close()
    assert not running(tmp_path)


def test_a_watch_is_known_by_its_socket(tmp_path: Path):
    """Of another container its locks cannot be seen."""
    path = tmp_path / "watch" / "socket"
    path.parent.mkdir()
    with socket.socket(socket.AF_UNIX) as theirs:
        theirs.bind(str(path))
        theirs.listen()
        assert running(tmp_path)
    assert not running(tmp_path), "the file alone answers nobody"


# --- sources ----------------------------------------------------------------------------------------------------------


def ms(minutes_ago: float) -> int:
    return int((clock.now() - timedelta(minutes=minutes_ago)).timestamp() * 1000)


def source(key: str, fed_by: str, **values: Any) -> None:
    told = {
        "title": key,
        "system": "S-EXC",
        "kind": "transaction",
        "since_on": clock.today(),
        "fed_by": fed_by,
    }
    with act("put", "operator:test") as doing:
        doing.put(WatchSource, key, told | values)


def stands(home: Path, heard: dict[str, tuple[int, int]], mark: int = 0) -> Standing:
    return standing(home, heard, mark, MINUTES)


def silent(told: Standing) -> dict[str, bool]:
    return {source.name: source.silent for source in told.sources}


@pytest.mark.django_db
def test_nobody_ever_sent_anything(tmp_path: Path):
    told = stands(tmp_path, {})
    assert (told.sources, told.heard_at, told.silent, told.acted_at, told.behind) == (
        (),
        None,
        False,
        None,
        False,
    )


def test_a_source_is_silent_past_its_own_time_or_the_limit(tmp_path: Path, cast: Cast):
    source("WS-1", "app", silence_minutes=5)
    source("WS-2", "never")
    told = stands(tmp_path, {"app": (ms(10), 3), "web": (ms(10), 4), "old": (ms(MINUTES + 1), 1)})
    assert silent(told) == {"app": True, "web": False, "old": True, "never": True}
    assert {s.name: s.record for s in told.sources} == {
        "app": "WS-1",
        "web": None,
        "old": None,
        "never": "WS-2",
    }
    assert told.silent
    assert silent(stands(tmp_path, {"app": (ms(4), 3), "never": (ms(0), 1)})) == {
        "app": False,
        "never": False,
    }


def test_what_was_heard_before_these_days_is_known_too(tmp_path: Path, cast: Cast):
    at = clock.now() - timedelta(days=9)
    Heard.objects.create(source="web", channel="a", last_at=at, events=5)
    (told,) = stands(tmp_path, {}).sources
    assert (told.heard_at, told.events, told.silent) == (at, 0, True)


def test_what_follows_a_decision_is_behind_where_the_log_is_longer(tmp_path: Path, cast: Cast):
    assert stands(tmp_path, {}, mark=10).behind
    place = Position.objects.create(pk="after", at=10, moved_at=clock.now() - timedelta(minutes=2))
    assert not stands(tmp_path, {}, mark=10).behind
    assert stands(tmp_path, {}, mark=11).behind
    place.moved_at = clock.now()
    place.save()
    assert not stands(tmp_path, {}, mark=11).behind, "it is at it"
