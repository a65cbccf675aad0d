"""The Flink job: what its script says, and that a real cluster answers what the kernel answers, also after SIGKILL."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from sekisho.watch import program as p
from sekisho.watch.engines import flink_sql
from sekisho.watch.engines.flink_cluster import HOME, Cluster, NoFlink, OutOfOrder, flink_home, run_on
from sekisho.watch.engines.language import NotInEngine
from sekisho.watch.events import Event
from sekisho.watch.language import compile_rules
from sekisho.watch.lists import Listed
from tests.watch.engines.streams import by_twin
from tests.watch.programs import program

ROOT = Path(__file__).parents[3]
REFERENCE = compile_rules((ROOT / "bench" / "watch" / "reference.yaml").read_text(encoding="utf-8"))
_T0 = 1_767_225_600_000
_MADE = next(iter((ROOT / "build" / "flink").glob("lib/python3.*/site-packages/pyflink")), "")


# --- the script ---------------------------------------------------------------------------------------------


def test_production_reads_and_writes_kafka_exactly_once():
    script = flink_sql.job(
        REFERENCE, flink_sql.Kafka("kafka:9092"), checkpoints="s3://c/w", late=5000
    ).script()
    assert "'connector' = 'kafka', 'topic' = 'sekisho.events'" in script
    assert "'properties.isolation.level' = 'read_committed'" in script
    assert "'sink.delivery-guarantee' = 'exactly-once'" in script
    assert "SET 'execution.checkpointing.dir' = 's3://c/w';" in script
    assert "WATERMARK FOR rt AS rt - INTERVAL '0 00:00:05.000' DAY(3) TO SECOND(3)" in script
    assert script.count("SELECT 'a', 'block', TRUE, seq, now_, f_user, f_ip") == 1


def test_an_event_of_the_same_millisecond_is_never_late():
    script = flink_sql.job(REFERENCE, flink_sql.Files("/e", "/h"), late=0).script()
    assert "rt - INTERVAL '0 00:00:00.001'" in script


def test_state_without_profiles_is_let_go():
    count = p.Step("many", p.Op.COUNT, (0,), ("ip",), 60_000, n=10)
    seen = p.Step("new", p.Op.FIRST_SEEN, (0,), ("user",), field="country")
    first = (p.Condition("login", (0,)),)
    bounded, profile = program(first, (count,)), program(first, (count, seen))
    ends = flink_sql.Files("/e", "/h")
    assert flink_sql.job(bounded, ends).settings["table.exec.state.ttl"] == "86520000 ms"
    assert "table.exec.state.ttl" not in flink_sql.job(profile, ends).settings


def test_what_flink_cannot_say_is_refused_by_name():
    listed = p.Step("listed", p.Op.IN_LIST, (0,), (), field="ip", list="bad")
    risk = p.Step("odd", p.Op.RISK, (0,), ("user",), fast=1.0, features=(("ip",),))
    first = (p.Condition("login", (0,)),)
    ends = flink_sql.Files("/e", "/h")
    with pytest.raises(NotInEngine, match="listed"):
        flink_sql.job(program(first, (listed,)), ends, {"bad": Listed(["192.0.2.0/24"])})
    with pytest.raises(NotInEngine, match="odd"):
        flink_sql.job(program(first, (risk,)), ends)


def test_without_flink_it_says_what_to_install(monkeypatch):
    monkeypatch.setenv(HOME, "/nowhere")
    with pytest.raises(NoFlink) as none:
        flink_home()
    assert "FLINK_HOME" in none.value.text.ja


# --- a cluster ----------------------------------------------------------------------------------------------

_LISTED = {"listed": Listed(["U7", "o'hara"])}
_STEPS = (
    p.Step("many", p.Op.COUNT, (1,), ("ip",), 60_000, n=4),
    p.Step("spread", p.Op.DISTINCT, (1,), ("ip",), 60_000, n=3, field="user"),
    p.Step("sum", p.Op.SUM, (2,), ("user",), 600_000, n=30_000_000, field="amount", least=1_000_000),
    p.Step("both", p.Op.TOGETHER, (1, 2), ("user",), 30_000),
    p.Step("new", p.Op.FIRST_SEEN, (0,), ("user",), field="country"),
    p.Step("new_lately", p.Op.FIRST_SEEN, (0,), ("user",), 400_000, field="device"),
    p.Step("then", p.Op.ORDERED, (8, 1, 2), ("user",), 300_000),
    p.Step("far", p.Op.SPEED, (0,), ("user",), far=100.0, fast=900.0),
    p.Step("slept", p.Op.DORMANT, (0,), ("user",), 400_000),
    p.Step("address", p.Op.REGISTERED, (2,), ("user",), 60_000, field="address", added_by=(3,), removed_by=(1,)),
    p.Step("listed", p.Op.IN_LIST, (0,), (), field="user", list="listed"),
)  # fmt: skip
_TESTS = (
    p.Test("typ", p.Match.EQUALS, ("login",)),
    p.Test("ok", p.Match.EQUALS, (True,)),
    p.Test("typ", p.Match.EQUALS, ("withdraw",)),
    p.Test("typ", p.Match.EQUALS, ("address_add",)),
    p.Test("ip", p.Match.CIDR, ("2001:db8::/33",)),
    p.Test("agent", p.Match.CONTAINS, ("o'b",)),
    p.Test("agent", p.Match.STARTS, ("ä",)),
    p.Test("amount", p.Match.AT_LEAST, (9.5,)),
)
_CONDITIONS = (
    p.Condition("good", (0, 1, p.AND)),
    p.Condition("bad", (0, 1, p.NOT, p.AND)),
    p.Condition("out", (2,)),
    p.Condition("add", (3, 4, p.NOT, p.AND, 5, p.OR, 6, p.OR, 3, p.AND)),
)
EVERY = program(_CONDITIONS, _STEPS, _TESTS)


def _stream(number: int, gaps: tuple[int, ...]) -> list[Event]:
    chance, at, found = random.Random(4), _T0, []
    for seq in range(number):
        at += chance.choice(gaps)
        typ = chance.choice(["login", "login", "login", "withdraw", "address_add"])
        place = chance.choice([(35.68, 139.69), (37.57, 126.98), (40.71, -74.0)])
        found.append(
            Event(
                seq, at, typ,
                user=f"u{chance.randrange(150)}" if chance.random() > 0.02 else None,
                ip=chance.choice([f"192.0.2.{chance.randrange(60)}", "2001:db8::1", "2001:db8:9000::1"]),
                country=chance.choice(["JP", "JP", "KR", "US"]), lat=place[0], lon=place[1],
                device=f"d{chance.randrange(4)}", ok=chance.random() < 0.6,
                amount=chance.choice([0.5, 9.999999, 12.5, 40.0000005]),
                address=chance.choice(["x", "y", None]), agent=chance.choice(["O'B", "Äb", "äB", None]),
            )
        )  # fmt: skip
    return found


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One job manager and two workers on loopback."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME, os.environ.get(HOME) or str(_MADE))
        try:
            home = flink_home()
        except NoFlink as none:
            pytest.skip(f"{none.text.en} `python3 do.py flink` fetches it.")
    with Cluster(home, tmp_path_factory.mktemp("flink")) as running:
        yield running


@pytest.mark.slow
def test_a_cluster_answers_as_the_kernel_does_also_after_a_worker_is_killed(cluster, tmp_path):
    """One test, so that tests in parallel start one cluster."""
    _one_task_keeps_the_order_of_one_millisecond(cluster, tmp_path / "ties")
    _no_hit_is_lost_or_told_twice(cluster, tmp_path / "killed")


def _one_task_keeps_the_order_of_one_millisecond(cluster: Cluster, folder: Path) -> None:
    events = _stream(4_000, (0, 0, 1, 700, 3_000))
    cluster.parallelism = 1
    found = run_on(cluster, folder, EVERY, events, _LISTED)
    assert found == by_twin(EVERY, events, _LISTED)
    assert {place for place, _ in found} == set(range(len(EVERY.rules)))


def _no_hit_is_lost_or_told_twice(cluster: Cluster, folder: Path) -> None:
    events = _stream(40_000, (1, 200, 700))
    cluster.parallelism = 2
    restores = []

    def kill(number: str) -> None:
        cluster.until(lambda: cluster.checkpoints(number) > 0, "no checkpoint")
        cluster.kill_worker()
        cluster.until(
            lambda: cluster.restores(number) > 0 or cluster.state(number) == "FINISHED", "no restore"
        )
        restores.append(cluster.restores(number))

    found = run_on(cluster, folder, EVERY, events, _LISTED, kill)
    assert restores[0] > 0
    assert found == by_twin(EVERY, events, _LISTED)


def test_events_out_of_order_are_refused(tmp_path):
    events = [Event(0, _T0 + 1, "login"), Event(1, _T0, "login")]
    with pytest.raises(OutOfOrder):
        run_on(None, tmp_path, EVERY, events)
