"""Programs and events by chance, for tests that hold the kernels against each other and against whole histories."""

from __future__ import annotations

from hypothesis import strategies as st

from sekisho.kernel.texts import Text
from sekisho.watch.events import Event
from sekisho.watch.program import AND, NOT, OR, Action, Condition, Match, Op, Program, Rule, Step, Test

SPAN = 2_000  # ms: windows and gaps are drawn around it, so that their very ends come up

TESTS = (
    Test("typ", Match.EQUALS, ("login",)),
    Test("typ", Match.EQUALS, ("withdraw",)),
    Test("ok", Match.EQUALS, (True,)),
    Test("amount", Match.AT_LEAST, (5.0,)),
    Test("amount", Match.LESS, (9.0,)),
    Test("country", Match.EQUALS, ("jp",)),
    Test("device", Match.CONTAINS, ("b",)),
    Test("device", Match.STARTS, ("端",), cased=True),
    Test("user", Match.ENDS, ("1",)),
    Test("ip", Match.CIDR, ("10.0.0.0/31",)),
    Test("ip", Match.CIDR, ("2001:db8::/45",)),
    Test("network", Match.EXISTS, ()),
    Test("lat", Match.MORE, (0.0,)),
    Test("amount", Match.EQUALS, (7.5,)),
    Test("lon", Match.AT_MOST, (10.0,)),
)
KEYS = (("user",), ("ip",), ("ip_block",), ("user", "country"), ("typ", "ip", "device"))
VALUES = ("device", "country", "ip", "address", "network", "typ", "ip_block")
PLACES = (None, 0.0, 35.68, 35.69, -33.87)

codes = st.recursive(
    st.integers(0, len(TESTS) - 1).map(lambda n: (n,)),
    lambda inner: st.one_of(
        inner.map(lambda code: (*code, NOT)),
        st.tuples(inner, inner, st.sampled_from((AND, OR))).map(lambda p: (*p[0], *p[1], p[2])),
    ),
    max_leaves=5,
)
windows = st.sampled_from((1, SPAN // 2, SPAN, 3 * SPAN))


@st.composite
def steps(draw: st.DrawFn, number: int) -> Step:
    """A step over what stands before it."""
    before = st.integers(0, number - 1)
    inputs = tuple(draw(st.lists(before, min_size=1, max_size=2, unique=True)))
    op = draw(st.sampled_from([op for op in Op if op is not Op.RISK]))
    name, key = f"s{number}", draw(st.sampled_from(KEYS))
    if op in {Op.TOGETHER, Op.ORDERED}:
        inputs = tuple(draw(st.lists(before, min_size=2, max_size=4)))
        return Step(name, op, inputs, key, draw(windows))
    if op is Op.COUNT:
        return Step(name, op, inputs, key, draw(windows), n=draw(st.integers(1, 7)))
    if op is Op.DISTINCT:
        return Step(
            name,
            op,
            inputs,
            key,
            draw(windows),
            n=draw(st.integers(1, 6)),
            field=draw(st.sampled_from(VALUES)),
        )
    if op is Op.SUM:
        least = draw(st.sampled_from((1_000_000, 2_500_000)))
        return Step(
            name,
            op,
            inputs,
            key,
            draw(windows),
            n=draw(st.sampled_from((3_000_000, 20_000_000))),
            field="amount",
            least=least,
        )
    if op is Op.SPEED:
        return Step(
            name,
            op,
            inputs,
            key,
            far=draw(st.sampled_from((0.0, 1.0, 100.0))),
            fast=draw(st.sampled_from((900.0, 5e9))),
        )
    if op is Op.FIRST_SEEN:
        return Step(
            name, op, inputs, key, draw(st.sampled_from((0, 1, SPAN))), field=draw(st.sampled_from(VALUES))
        )
    if op is Op.DORMANT:
        return Step(name, op, inputs, key, draw(windows))
    if op is Op.REGISTERED:
        added, removed = (draw(before),), tuple(draw(st.lists(before, max_size=1)))
        window = draw(st.sampled_from((0, SPAN)))
        return Step(
            name,
            op,
            inputs,
            key,
            window,
            field=draw(st.sampled_from(VALUES)),
            added_by=added,
            removed_by=removed,
        )
    return Step(name, Op.IN_LIST, inputs, (), field=draw(st.sampled_from(VALUES)), list="listed")


@st.composite
def programs(draw: st.DrawFn, most_steps: int = 8) -> Program:
    """A program in which every condition and step is reported."""
    conditions = tuple(
        Condition(f"c{n}", code) for n, code in enumerate(draw(st.lists(codes, min_size=1, max_size=4)))
    )
    made: list[Step] = []
    for _ in range(draw(st.integers(1, most_steps))):
        made.append(draw(steps(len(conditions) + len(made))))
    return program(conditions, tuple(made))


def program(
    conditions: tuple[Condition, ...], steps: tuple[Step, ...], tests: tuple[Test, ...] = TESTS
) -> Program:
    """A program whose conditions and steps are all rules, in their order."""
    named = [c.name for c in conditions] + [s.name for s in steps]
    rules = tuple(
        Rule(name, name, n, Action.HOLD, 10, Text("理由", "why"), n % 2 == 0, "csirt_lead", "10-2-1")
        for n, name in enumerate(named)
    )
    return Program("drawn", tests, conditions, steps, rules, digest="drawn")


@st.composite
def streams(draw: st.DrawFn, most: int = 60) -> list[Event]:
    """Events of few users and addresses, often at the same time, sometimes late, with fields missing."""
    events, at = [], 10 * SPAN
    for seq in range(draw(st.integers(1, most))):
        at = max(
            0,
            at
            + draw(
                st.sampled_from(
                    (0, 0, 1, SPAN // 2 - 1, SPAN // 2, SPAN - 1, SPAN, SPAN + 1, 3 * SPAN, -1, -SPAN)
                )
            ),
        )
        events.append(
            Event(
                seq,
                at,
                draw(st.sampled_from(("login", "login", "withdraw", "address_add"))),
                user=draw(st.sampled_from((None, "u1", "u2", "利用者3", "U1"))),
                ip=draw(
                    st.sampled_from(
                        (None, "10.0.0.1", "10.0.0.2", "2001:db8::1", "2001:db8::2", "2001:db8:7:1::2")
                    )
                ),
                country=draw(st.sampled_from((None, "JP", "jp", "US"))),
                lat=draw(st.sampled_from(PLACES)),
                lon=draw(st.sampled_from(PLACES)),
                device=draw(st.sampled_from((None, "a", "aBc", "端末", "\u0000", "x" * 20))),
                ok=draw(st.sampled_from((None, True, False))),
                amount=draw(st.sampled_from((None, 0.0, 1.0, 2.5, 7.5, 9.0000005, 1e12))),
                address=draw(st.sampled_from((None, "bc1a", "bc1b"))),
                network=draw(st.sampled_from((None, "AS1"))),
            )
        )
    return events
