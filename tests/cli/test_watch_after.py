"""`sekisho watch feed`: one round over the log, and what it wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sekisho.cli import watch_after
from sekisho.cli.endings import DONE
from sekisho.kernel import clock
from sekisho.records.models import WatchSource
from sekisho.watch.contents import shipped
from sekisho.watch.engine import Engine
from sekisho.watch.events import Event
from tests.cast import Cast


@pytest.mark.django_db
def test_feed_reads_the_log_and_tells_how_many_records_it_wrote(
    cast: Cast,
    settings: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    settings.SEKISHO_HOME = tmp_path
    monkeypatch.setattr(watch_after, "require_database", lambda: None)
    engine = Engine(tmp_path, shipped())
    engine.decide(
        "auth", Event(seq=1, ts=int(clock.now().timestamp() * 1000), typ="login", user="u1", ok=True)
    )
    engine.close()
    assert watch_after.feed() == DONE
    assert json.loads(capsys.readouterr().out) == {
        "frames": 1, "sources": 0, "measures": 0, "alerts": 0, "incidents": 0, "lists": 0,
    }  # fmt: skip
    assert WatchSource.objects.get().fed_by == "auth"
    assert watch_after.feed() == DONE
    assert json.loads(capsys.readouterr().out)["frames"] == 0
