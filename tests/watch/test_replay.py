"""Replays of files: every engine tells the same hits, from lines and from Parquet; what is bad is counted."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from sekisho.kernel.errors import SekishoError
from sekisho.watch import event_files
from sekisho.watch.backtest import SAMPLES, Compared
from sekisho.watch.event_files import BadEventFile
from sekisho.watch.events import Event, encode
from sekisho.watch.language import compile_rules
from sekisho.watch.replay import TOLD, Engine, Replayed, replay_file

ROOT = Path(__file__).parents[2]
RULES = compile_rules((ROOT / "bench" / "watch" / "reference.yaml").read_text(encoding="utf-8"))
_AT = 1_767_225_600_000


def _events(number: int) -> list[Event]:
    """Failures of several users from two addresses, with a good login and a withdrawal now and then."""
    found = []
    for n in range(number):
        good = n % 7 == 0
        typ = "withdraw" if n % 11 == 0 else "login"
        country = "JP" if n % 3 else "US"
        found.append(Event(n, _AT + n * 9_000, typ, user=f"u{n % 5}", ip=f"192.0.2.{n % 2}", ok=good, country=country, lat=35.0 + 20 * (n % 2), lon=139.0, device=f"d{n % 4}", amount=1.5))  # fmt: skip
    return found


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"".join(encode(event) + b"\n" for event in _events(400)))
    return path


def _hits(path: Path, engine: Engine) -> dict[str, tuple[int, int]]:
    done = replay_file(RULES, path, engine)
    assert (done.engine, done.events, done.refused) == (engine.value, 400, 0)
    assert done.seconds > 0
    return {name: (mark.count, mark.hash) for name, mark in done.hits.items()}


def test_engines_and_formats_agree(lines, tmp_path, monkeypatch):
    monkeypatch.setattr(event_files, "_BLOCK", 1_000)  # lines and rows come in many portions
    monkeypatch.setattr(event_files, "_ROWS", 37)
    table = tmp_path / "events.parquet"
    pl.read_ndjson(lines).write_parquet(table)
    wanted = _hits(lines, Engine.python)
    assert all(count for count, _ in wanted.values())
    for path in (lines, table):
        for engine in (Engine.kernel, Engine.python, Engine.duckdb):
            assert _hits(path, engine) == wanted


def test_the_last_line_needs_no_end_and_empty_lines_count(lines):
    kept = lines.read_bytes()
    lines.write_bytes(b"\n \n" + kept.rstrip(b"\n") + b'\n{"seq":')
    for engine in (Engine.kernel, Engine.duckdb):
        done = replay_file(RULES, lines, engine)
        assert (done.events, done.refused) == (400, 1)
        assert done.bad[0][0] == 403


def test_many_bad_events_are_all_counted_and_some_told(tmp_path):
    path = tmp_path / "bad.jsonl"
    path.write_bytes(b"[]\n" * (TOLD + 5))
    done = replay_file(RULES, path)
    assert (done.events, done.refused, len(done.bad)) == (0, TOLD + 5, TOLD)
    assert done.hits["a"].count == 0


def test_an_empty_file_has_no_hits(tmp_path):
    path = tmp_path / "empty.jsonl"
    path.touch()
    for engine in (Engine.kernel, Engine.python, Engine.duckdb):
        done = replay_file(RULES, path, engine)
        assert (done.events, {mark.count for mark in done.hits.values()}) == (0, {0})


def test_a_table_of_something_else_is_refused(tmp_path):
    path = tmp_path / "x.parquet"
    pl.DataFrame({"seq": ["x"], "ts": [1], "typ": ["login"]}).write_parquet(path)
    with pytest.raises(BadEventFile) as wrong:
        replay_file(RULES, path)
    assert str(path) in wrong.value.text.en
    pl.DataFrame({"ts": [1]}).write_parquet(path)
    with pytest.raises(SekishoError, match="seq, typ"):
        replay_file(RULES, path, Engine.duckdb)


def test_nothing_judged_in_no_time_is_no_speed():
    assert Replayed("kernel").events_per_second == 0


def test_samples_are_few_and_counts_are_whole():
    found = Compared()
    for seq in range(SAMPLES + 3):
        found.count(Event(seq, _AT, "login", user="u1"), before=False, after=True)
        found.count(Event(seq, _AT, "login"), before=True, after=False)
    assert (found.gained, found.lost, len(found.samples)) == (SAMPLES + 3, SAMPLES + 3, 2 * SAMPLES)
    assert (found.new_users, found.old_users) == ({"u1"}, set())
