"""Each kind of rule as both kernels run it: it fires, at the last moment, and not a moment after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from sekisho.watch import judge
from sekisho.watch.events import Event
from sekisho.watch.lists import Listed
from sekisho.watch.program import Condition, Match, Op, Program, Step
from sekisho.watch.program import Test as FieldTest  # pytest would take it for a test
from sekisho.watch.twin import Twin
from tests.watch.programs import program

TESTS = (
    FieldTest("typ", Match.EQUALS, ("login",)),
    FieldTest("typ", Match.EQUALS, ("withdraw",)),
    FieldTest("typ", Match.EQUALS, ("address_add",)),
    FieldTest("typ", Match.EQUALS, ("address_remove",)),
)
LOGIN, WITHDRAW, ADD, REMOVE = range(4)
CONDITIONS = tuple(Condition(name, (n,)) for n, name in enumerate(("login", "withdraw", "add", "remove")))
TOKYO, OSAKA, SEOUL = (35.68, 139.69), (34.69, 135.50), (37.57, 126.98)

Make = Callable[[Program], judge.Kernel]


@pytest.fixture(params=["python", "compiled"])
def make(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Make:
    if request.param == "compiled":
        pytest.importorskip("sekisho.watch.kernel", reason="the compiled kernel was not built here")
    monkeypatch.setenv(judge.CHOICE, request.param)
    return lambda told: judge.make_kernel(told, {"bad": Listed(["AS1"])}, bytes(16))


def fired(make: Make, step: Step, *events: tuple[int, str, dict[str, Any]]) -> list[bool]:
    """Whether the step fires at each event."""
    kernel = make(program(CONDITIONS, (step,), TESTS))
    return [
        len(CONDITIONS) in kernel.decide(Event(n, at, typ, **more))
        for n, (at, typ, more) in enumerate(events)
    ]


def logins(*times: int, **more: Any) -> list[tuple[int, str, dict[str, Any]]]:
    return [(at, "login", {"user": "u", **more}) for at in times]


COUNT = Step("count", Op.COUNT, (LOGIN,), ("user",), 1000, n=3)


def test_a_count_takes_the_events_of_the_window_and_not_one_exactly_as_old(make: Make) -> None:
    assert fired(make, COUNT, *logins(0, 500, 999)) == [False, False, True]
    assert fired(make, COUNT, *logins(0, 500, 1000)) == [False, False, False]
    assert fired(make, COUNT, *logins(0, 500, 1000, 1001, 1499)) == [False, False, False, True, True]


def test_events_without_a_key_are_not_counted(make: Make) -> None:
    assert fired(make, COUNT, *logins(0, 1), *logins(2, user=None), *logins(3)) == [False, False, False, True]


def test_a_key_of_two_fields_is_the_pair(make: Make) -> None:
    step = replace(COUNT, key=("user", "ip"), n=2)
    events = [
        *logins(0, ip="1.1.1.1"),
        *logins(1, ip="1.1.1.2"),
        *logins(2),
        *logins(3, ip="1.1.1.1", user="v"),
        *logins(4, ip="1.1.1.1"),
    ]
    assert fired(make, step, *events) == [False, False, False, False, True]


def test_an_address_block_is_the_address_or_the_64_bits_of_the_subscriber(make: Make) -> None:
    step = replace(COUNT, key=("ip_block",), n=2)
    for one, other, same in (
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("10.0.0.1", "10.0.0.2", False),
        ("10.0.0.1", "10.0.0.1", True),
    ):
        assert fired(make, step, *logins(0, ip=one), *logins(1, ip=other)) == [False, same]


def test_a_late_event_counts_at_the_newest_time(make: Make) -> None:
    assert fired(make, COUNT, *logins(5000, 10, 20)) == [False, False, True]
    assert fired(make, COUNT, *logins(10, 5000, 20, 30)) == [False, False, False, True]


def test_values_are_counted_once_by_their_newest_time(make: Make) -> None:
    step = Step("distinct", Op.DISTINCT, (LOGIN,), ("ip",), 1000, n=2, field="user")
    ip = {"ip": "1.1.1.1"}
    assert fired(make, step, *logins(0, **ip), *logins(1, **ip), *logins(999, user="v", **ip)) == [
        False,
        False,
        True,
    ]
    assert fired(make, step, *logins(0, **ip), *logins(1000, user="v", **ip)) == [False, False]
    again = [*logins(0, **ip), *logins(600, **ip), *logins(1000, user="v", **ip)]
    assert fired(make, step, *again) == [False, False, True]
    assert fired(make, step, *logins(0, **ip), *logins(1, user=None, **ip)) == [False, False]


def test_amounts_add_up_to_the_limit_exactly_and_small_ones_are_left_out(make: Make) -> None:
    step = Step("sum", Op.SUM, (WITHDRAW,), ("user",), 1000, n=300_000, field="amount", least=100_000)

    def amounts(*told: tuple[int, float | None]) -> list[tuple[int, str, dict[str, Any]]]:
        return [(at, "withdraw", {"user": "u", "amount": amount}) for at, amount in told]

    assert fired(make, step, *amounts((0, 0.1), (1, 0.1), (999, 0.1))) == [False, False, True]
    assert fired(make, step, *amounts((0, 0.1), (1, 0.1), (1000, 0.1))) == [False, False, False]
    assert fired(make, step, *amounts((0, 0.1), (1, 0.099999), (2, None), (3, 0.199999), (4, 0.1))) == [
        False,
        False,
        False,
        False,
        True,
    ]
    assert fired(make, step, *amounts((0, 1e12), (1, 1e12), (1001, 0.2))) == [True, True, False]


def test_all_inputs_within_the_window_in_any_order(make: Make) -> None:
    step = Step("together", Op.TOGETHER, (LOGIN, WITHDRAW), ("user",), 1000)
    for first, last in (("login", "withdraw"), ("withdraw", "login")):
        assert fired(make, step, (0, first, {"user": "u"}), (1000, last, {"user": "u"})) == [False, True]
        assert fired(make, step, (0, first, {"user": "u"}), (1001, last, {"user": "u"})) == [False, False]


def test_a_sequence_may_take_as_long_as_its_window_and_has_its_order(make: Make) -> None:
    step = Step("ordered", Op.ORDERED, (ADD, LOGIN, WITHDRAW), ("user",), 1000)
    u = {"user": "u"}
    assert fired(make, step, (0, "address_add", u), (1, "login", u), (1000, "withdraw", u)) == [
        False,
        False,
        True,
    ]
    assert fired(make, step, (0, "address_add", u), (1, "login", u), (1001, "withdraw", u)) == [
        False,
        False,
        False,
    ]
    assert fired(make, step, (0, "login", u), (1, "address_add", u), (2, "withdraw", u)) == [
        False,
        False,
        False,
    ]
    assert fired(make, step, (0, "address_add", u), (1, "login", u), (2, "address_add", u), (1001, "withdraw", u), (1002, "login", u), (1002, "withdraw", u))[3:] == [False, False, True]  # fmt: skip


def test_a_value_is_new_where_the_key_is_known(make: Make) -> None:
    step = Step("new", Op.FIRST_SEEN, (LOGIN,), ("user",), field="country")
    events = [
        (n, "login", {"user": "u", "country": c}) for n, c in enumerate(("JP", "JP", "US", "US", None, "KR"))
    ]
    assert fired(make, step, *events) == [False, False, True, False, False, True]


def test_a_value_is_forgotten_after_its_window_and_so_is_the_key(make: Make) -> None:
    step = Step("new", Op.FIRST_SEEN, (LOGIN,), ("user",), 1000, field="country")

    def seen(*told: tuple[int, str]) -> list[bool]:
        return fired(make, step, *[(at, "login", {"user": "u", "country": c}) for at, c in told])

    assert seen((0, "JP"), (500, "US"), (1000, "JP")) == [False, True, False]
    assert seen((0, "JP"), (500, "US"), (1001, "JP")) == [False, True, True]
    assert seen((0, "JP"), (1000, "US")) == [False, True]
    assert seen((0, "JP"), (1001, "US")) == [False, False]


def test_farther_and_faster_than_anybody_travels(make: Make) -> None:
    step = Step("speed", Op.SPEED, (LOGIN,), ("user",), far=100.0, fast=900.0)
    hour = 3_600_000

    def travelled(start: tuple[float, float], end: tuple[float, float], ms: int) -> bool:
        places = [(0, start), (ms, end)]
        return fired(
            make, step, *[(at, "login", {"user": "u", "lat": p[0], "lon": p[1]}) for at, p in places]
        )[1]

    assert travelled(TOKYO, SEOUL, hour)  # 1,157 km
    assert not travelled(TOKYO, SEOUL, hour * 2)
    assert travelled(TOKYO, OSAKA, 0)
    assert not travelled(TOKYO, (35.9, 140.5), 0)  # nearer than 100 km
    assert not travelled(TOKYO, TOKYO, 0)
    events = [(0, "login", {"user": "u", "lat": 35.0, "lon": 139.0}), (1, "login", {"user": "u", "lat": 0.0})]
    assert fired(make, step, *events) == [False, False]


def test_a_key_is_dormant_a_moment_after_its_window(make: Make) -> None:
    step = Step("dormant", Op.DORMANT, (LOGIN,), ("user",), 1000)
    assert fired(make, step, *logins(0, 1000, 2001, 2002)) == [False, False, True, False]


def test_an_address_is_registered_long_enough_from_its_window_on(make: Make) -> None:
    step = Step(
        "fresh",
        Op.REGISTERED,
        (WITHDRAW,),
        ("user",),
        1000,
        field="address",
        added_by=(ADD,),
        removed_by=(REMOVE,),
    )

    def told(*events: tuple[int, str, str | None]) -> list[bool]:
        return fired(
            make, step, *[(at, typ, {"user": "u", "address": address}) for at, typ, address in events]
        )

    assert told((0, "withdraw", "a")) == [True]
    assert told((0, "address_add", "a"), (999, "withdraw", "a"), (1000, "withdraw", "a"), (1000, "withdraw", "b")) == [False, True, False, True]  # fmt: skip
    assert told((0, "address_add", "a"), (900, "address_add", "a"), (1000, "withdraw", "a")) == [
        False,
        False,
        False,
    ]
    assert told((0, "address_add", "a"), (1, "address_remove", "a"), (2000, "withdraw", "a"), (2001, "withdraw", None)) == [False, False, True, False]  # fmt: skip


def test_a_list_is_looked_into_as_it_is_now(make: Make) -> None:
    step = Step("listed", Op.IN_LIST, (LOGIN,), (), field="network", list="bad")
    kernel = make(program(CONDITIONS, (step,), TESTS))
    event = Event(1, 1, "login", network="as1")
    assert len(CONDITIONS) in kernel.decide(event)
    assert len(CONDITIONS) not in kernel.decide(Event(2, 1, "login", network="AS2"))
    kernel.lists["bad"] = Listed(["AS2"])
    assert len(CONDITIONS) not in kernel.decide(event)
    assert len(CONDITIONS) in kernel.decide(Event(2, 1, "login", network="AS2"))


def test_keys_that_no_window_reaches_are_dropped(make: Make) -> None:
    kernel = make(program(CONDITIONS, (COUNT,), TESTS))
    for n in range(500):
        kernel.decide(Event(n, n, "login", user=f"u{n}"))
    assert kernel.keys() == 500
    kernel.decide(Event(500, 1200, "login", user="u"))
    kernel.sweep()
    assert 299 <= kernel.keys() <= 301


def test_the_twin_is_asked_for_by_name_and_a_wrong_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    told = program(CONDITIONS, (COUNT,), TESTS)
    monkeypatch.setenv(judge.CHOICE, "python")
    assert isinstance(judge.make_kernel(told), Twin)
    monkeypatch.setenv(judge.CHOICE, "fast")
    with pytest.raises(ValueError, match="python or compiled"):
        judge.make_kernel(told)


def test_without_a_compiled_kernel_the_twin_judges_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(name: str) -> None:
        raise ImportError(name)

    told = program(CONDITIONS, (COUNT,), TESTS)
    monkeypatch.setattr(judge.importlib, "import_module", gone)
    monkeypatch.delenv(judge.CHOICE, raising=False)
    with pytest.warns(judge.SlowKernel, match="gcc"):
        assert not judge.make_kernel(told).compiled
    monkeypatch.setenv(judge.CHOICE, "compiled")
    with pytest.raises(judge.NotBuilt):
        judge.make_kernel(told)
