"""`sekisho watch`: rules are checked and replayed; what is bad is told with its place, and the rest goes on."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from sekisho.watch import history
from tests.cli.running import complaint, sekisho

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "bench" / "watch" / "reference.yaml"
AT = 1_767_225_600_000  # 2026-01-01T00:00Z


def _line(seq: int, **more: object) -> dict[str, object]:
    told = {"seq": seq, "ts": AT + seq * 1000, "typ": "login", "user": "u1", "ip": "192.0.2.1", "ok": False}
    return told | more


@pytest.fixture
def failures(tmp_path: Path) -> Path:
    """Twelve failed logins from one address: rule a fires for the last three."""
    path = tmp_path / "failures.jsonl"
    path.write_text("".join(json.dumps(_line(seq)) + "\n" for seq in range(12)), encoding="utf-8")
    return path


def _hash(*seqs: int) -> int:
    h = 0
    for seq in seqs:
        h = (h * 1000003 + seq) % (1 << 61)
    return h


@pytest.mark.parametrize("engine", ["kernel", "python", "duckdb"])
def test_a_replay_tells_hits_by_rule(here, failures, engine):
    done = here(
        "watch", "replay", "--rules", REFERENCE, "--events", failures, "--format", "json", "--engine", engine
    )
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert told["events"] == 12
    assert told["hits"]["a"] == {"count": 3, "hash": _hash(9, 10, 11)}
    assert list(told["hits"]) == ["a", "b", "c", "d", "e"]
    assert told["hits"]["e"] == {"count": 0, "hash": 0}
    assert told["events_per_second"] > 0


@pytest.mark.parametrize("engine", ["kernel", "duckdb"])
def test_parquet_is_read_whatever_its_name(here, failures, tmp_path, engine):
    path = tmp_path / "events.dat"
    pl.read_ndjson(failures).write_parquet(path)
    done = here(
        "watch", "replay", "--rules", REFERENCE, "--events", path, "--format", "json", "--engine", engine
    )
    assert json.loads(done.out)["hits"]["a"] == {"count": 3, "hash": _hash(9, 10, 11)}


def test_bad_events_are_told_with_their_line_and_the_rest_goes_on(here, failures, tmp_path):
    path = tmp_path / "bad.jsonl"
    lines = failures.read_text(encoding="utf-8").splitlines()
    lines[1:1] = ["{", json.dumps(_line(99, ip="nowhere"))]
    path.write_text("\n".join(lines), encoding="utf-8")
    done = here("watch", "replay", "--rules", REFERENCE, "--events", path, "--format", "json", language="en")
    assert done.code == 1
    told = json.loads(done.out)
    assert (told["events"], told["refused"], told["hits"]["a"]["count"]) == (12, 2, 3)
    first, second, last = done.err.splitlines()
    assert first.startswith(f"{path}:2: ")
    assert second.startswith(f"{path}:3: ")
    assert "'nowhere' is no IP address" in second
    assert last == "sekisho: 2 events could not be read and were left out."


def test_bad_rows_of_parquet_are_told_too(here, tmp_path):
    path = tmp_path / "bad.parquet"
    pl.DataFrame([_line(0), _line(1, typ="lgoin"), _line(2)]).write_parquet(path)
    done = here("watch", "replay", "--rules", REFERENCE, "--events", path, "--format", "json", language="en")
    assert (done.code, json.loads(done.out)["events"]) == (1, 2)
    assert "lgoin" in done.err


def test_a_file_that_is_no_table_of_events_is_refused(here, tmp_path):
    path = tmp_path / "other.parquet"
    pl.DataFrame({"seq": [1], "ts": [1], "typ": ["login"], "contry": ["JP"]}).write_parquet(path)
    assert "contry" in here("watch", "replay", "--rules", REFERENCE, "--events", path).complaint
    cut = tmp_path / "cut.parquet"
    cut.write_bytes(path.read_bytes()[:60])
    assert "cut.parquet" in here("watch", "replay", "--rules", REFERENCE, "--events", cut).complaint
    missing = here("watch", "replay", "--rules", REFERENCE, "--events", tmp_path / "none.jsonl")
    assert "none.jsonl" in missing.complaint


def test_every_mistake_in_rules_is_told_in_the_readers_language(here, tmp_path, failures):
    path = tmp_path / "bad.yaml"
    text = REFERENCE.read_text(encoding="utf-8")
    path.write_text(
        text.replace("typ: login, ok: false", "tpy: login").replace("action: hold", "action: halt")
    )
    for language, word in (("ja", "項目はありません"), ("en", "no field 'tpy'")):
        for words in (("check", path), ("replay", "--rules", path, "--events", failures)):
            done = here("watch", *words, language=language)
            assert done.code == 2
            first, *others = done.err.splitlines()
            assert first.startswith(f"{path}:6:")
            assert word in first
            assert any(line.startswith(f"{path}:") and "halt" not in line for line in others)
            assert others[-1].startswith("sekisho: ")
            assert done.out == ""


def test_good_rules_pass(here):
    assert "5 live" in here("watch", "check", REFERENCE, language="en").out
    assert "有効 5 件" in here("watch", "check", REFERENCE).out


def test_lists_come_from_files(here, tmp_path, failures):
    rules = tmp_path / "listed.yaml"
    head = REFERENCE.read_text(encoding="utf-8").split("---\n")[0]
    rules.write_text(
        head
        + "---\ntitle: Listed\nname: listed\nprofile: {type: in_list, rules: [failed_login], field: ip, list: bad}\n"
        "watch: {action: block, mode: live, owner: o, clause: 10-2-1, reason: {ja: 掲載, en: listed}}\n",
        encoding="utf-8",
    )
    listed = tmp_path / "bad.txt"
    listed.write_text("# addresses\n192.0.2.0/24\n", encoding="utf-8")
    words = ("watch", "replay", "--rules", rules, "--events", failures, "--format", "json")
    for engine in ("kernel", "duckdb"):
        told = json.loads(here(*words, "--engine", engine, "--list", f"bad={listed}").out)
        assert told["hits"]["listed"]["count"] == 12
    assert json.loads(here(*words).out)["hits"]["listed"]["count"] == 0
    listed.write_text("192.0.2.0/99\n", encoding="utf-8")
    assert "192.0.2.0/99" in here(*words, "--list", f"bad={listed}").complaint


_RISKY = """---
title: Risky
name: risky
profile: {type: risk, rules: [failed_login], group-by: [user], features: [[ip]], above: 1.5}
watch: {action: hold, mode: live, owner: o, clause: 10-6-3, reason: {ja: 高い, en: high}}
"""


def test_rules_on_a_risk_score_are_left_out_where_they_cannot_be_said(here, tmp_path, failures):
    rules = tmp_path / "risky.yaml"
    rules.write_text(REFERENCE.read_text(encoding="utf-8") + _RISKY, encoding="utf-8")
    words = ("watch", "replay", "--rules", rules, "--events", failures, "--format", "json", "--engine")
    by_kernel, by_duckdb = (json.loads(here(*words, engine).out) for engine in ("kernel", "duckdb"))
    assert by_kernel["hits"].pop("risky")["count"] >= 0
    assert (by_duckdb["left_out"], by_duckdb["hits"]) == (["risky"], by_kernel["hits"])
    for made in (("flink", "--servers", "kafka:9092"), ("valkey",)):
        done = here("watch", *made, "--rules", rules, language="en")
        assert done.code == 0
        assert "left out: risky" in done.err
        assert "RISK" not in done.out
    assert "INSERT INTO hits" in here("watch", "flink", "--servers", "kafka:9092", "--rules", rules).out


def test_what_to_replay_must_be_said_once(here, failures):
    assert "--from" in here("watch", "replay", "--rules", REFERENCE).complaint
    both = here("watch", "replay", "--rules", REFERENCE, "--events", failures, "--from", "2026-01-01")
    assert "--events" in both.complaint


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home that kept fourteen events of one day; rule a had been answered for the first two of them."""
    folder = history.kept_folder(tmp_path)
    folder.mkdir(parents=True)
    decided = {"source": "login", "score": 60, "shadow": []}
    rows = []
    for seq in range(14):
        hit = seq < 2
        told = (
            _line(seq)
            | decided
            | {"at": AT + seq * 1000, "action": "block" if hit else "allow", "rules": ["a"] if hit else []}
        )
        rows.append({name: told.get(name) for name in history.SCHEMA} | {"position": seq + 1})
    pl.DataFrame(rows, schema=history.SCHEMA).write_parquet(folder / "000000000000.parquet")
    monkeypatch.setenv("SEKISHO_HOME", str(tmp_path))
    return tmp_path


def test_new_rules_are_held_against_what_was_answered(here, kept):
    words = ("watch", "replay", "--rules", REFERENCE, "--from", "2026-01-01", "--to", "2026-01-01")
    told = json.loads(here(*words, "--format", "json").out)
    assert told["events"] == 14
    a = told["rules"]["a"]
    assert (a["old"], a["new"], a["gained"], a["lost"]) == (2, 5, 5, 2)
    assert (a["old_users"], a["new_users"]) == (1, 1)
    assert [(s["change"], s["seq"]) for s in a["samples"]][:3] == [("lost", 0), ("lost", 1), ("gained", 9)]
    assert told["actions"] == {"old": {"allow": 12, "block": 2}, "new": {"allow": 9, "block": 5}}
    assert (told["alarms"]["old_per_day"], told["alarms"]["new_per_day"]) == (2.0, 5.0)
    table = here(*words, language="en").out
    assert "alarms a day: 2.0 then, 5.0 with the new rules" in table
    assert "+ a seq 9 2026-01-01T09:00:09+09:00 login u1 192.0.2.1" in table


def test_state_from_before_the_days_counts(here, kept):
    words = (
        "watch",
        "replay",
        "--rules",
        REFERENCE,
        "--from",
        "2026-01-01T09:00:12+09:00",
        "--to",
        "2026-01-02",
        "--format",
        "json",
    )
    told = json.loads(here(*words).out)
    assert (told["events"], told["rules"]["a"]["new"]) == (2, 2)


def test_it_needs_no_django(tmp_path, failures):
    """Settings that cannot be read do not matter to it."""
    done = sekisho(
        tmp_path, "watch", "replay", "--rules", REFERENCE, "--events", failures, SEKISHO_DATABASE="nonsense:"
    )
    assert done.returncode == 0, done.stderr
    assert "12" in done.stdout
    assert "engine" in complaint(
        sekisho(tmp_path, "watch", "replay", "--rules", REFERENCE, "--events", failures, "--engine", "spark")
    )
