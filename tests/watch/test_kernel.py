"""Both kernels: the same answers on any rules and any order of events, and a state that can be kept."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.watch import saved
from sekisho.watch.events import BadEvent, Event, encode
from sekisho.watch.hits import REFUSED
from sekisho.watch.lists import Listed
from sekisho.watch.program import AND, NOT, Condition, Op, Program, Step
from sekisho.watch.twin import Twin
from tests.watch import histories
from tests.watch.programs import program, programs, streams

compiled = pytest.importorskip("sekisho.watch.kernel", reason="the compiled kernel was not built here")

LISTED = {"listed": Listed(["AS1", "bc1B", "10.0.0.0/31", "2001:db8::/64", "JP"])}
SECRET = bytes(range(16))


def kernel(program: Program, secret: bytes = SECRET):
    return compiled.Kernel(program, LISTED, secret)


@given(programs(), streams())
@settings(max_examples=50)
def test_both_kernels_answer_alike(program: Program, events: list[Event]) -> None:
    _alike(program, events)


@pytest.mark.slow
@given(programs(most_steps=20), streams(most=300))
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
def test_both_kernels_answer_alike_on_many_large_programs(program: Program, events: list[Event]) -> None:
    _alike(program, events)


def _alike(program: Program, events: list[Event]) -> None:
    one, other = kernel(program), Twin(program, LISTED)
    for event in events:
        assert one.decide(event) == other.decide(event)
    assert (one.newest, one.judged) == (other.newest, other.judged)


@given(programs(), streams(), st.integers(0, 60), st.booleans())
@settings(max_examples=30)
def test_a_state_that_was_kept_goes_on_as_if_nothing_had_been(program, events, cut, as_twin) -> None:
    make = (lambda: Twin(program, LISTED)) if as_twin else (lambda: kernel(program))
    whole, first = make(), make()
    for event in events[:cut]:
        assert whole.decide(event) == first.decide(event)
    second = Twin(program, LISTED) if as_twin else kernel(program, b"another secret 1")
    second.load(first.save())
    assert second.fingerprint() == whole.fingerprint()
    for event in events[cut:]:
        assert whole.decide(event) == second.decide(event)
    assert second.fingerprint() == whole.fingerprint()


@given(programs(), streams())
@settings(max_examples=30)
def test_sweeping_changes_no_answer_and_no_fingerprint(program: Program, events: list[Event]) -> None:
    for one, other in ((kernel(program), kernel(program)), (Twin(program, LISTED), Twin(program, LISTED))):
        for event in events:
            assert one.decide(event) == other.decide(event)
            before = one.fingerprint()
            one.sweep()
            assert one.fingerprint() == before == other.fingerprint()


@given(programs(), streams())
@settings(max_examples=30)
def test_lines_and_tables_are_judged_as_single_events_are(program: Program, events: list[Event]) -> None:
    one = kernel(program)
    hits = [(event.seq, hit) for event in events if (hit := one.decide(event))]
    rows = [{name: getattr(e, name) for name in Event.__struct_fields__} for e in events]
    frame = pl.DataFrame(
        rows, schema_overrides=dict.fromkeys(("lat", "lon", "amount"), pl.Float64), infer_schema_length=None
    )
    lines = b"\n".join(encode(event) for event in events)
    for make in (lambda: kernel(program), lambda: Twin(program, LISTED)):
        for feed, data in (("feed_lines", lines), ("feed_frame", frame)):
            fresh = make()
            fed = getattr(fresh, feed)(data)
            assert (fed.hits, fed.bad, fed.judged) == (hits, [], len(events))
            if fresh.compiled:
                assert fresh.fingerprint() == one.fingerprint()


@given(programs(most_steps=3), streams())
@settings(max_examples=60)
def test_counts_sums_and_sequences_are_those_of_the_whole_history(
    program: Program, events: list[Event]
) -> None:
    for judge in (kernel(program), Twin(program, LISTED)):
        history = histories.History(program)
        for event in events:
            fired = judge.decide(event)
            told = history.told(event, fired)
            for n, step in enumerate(program.steps):
                place = len(program.conditions) + n
                if step.op in histories.KNOWN:
                    assert (place in fired) == told[n], (step, event)


def test_the_history_knows_the_ops_that_count() -> None:
    assert {Op.COUNT, Op.DISTINCT, Op.SUM, Op.TOGETHER, Op.ORDERED} == histories.KNOWN


def test_a_state_is_refused_by_other_rules_another_kernel_and_when_damaged() -> None:
    failures = program(
        (Condition("failed", (2, NOT)),), (Step("many", Op.COUNT, (0,), ("user",), 1000, n=3),)
    )
    one = kernel(failures)
    for n in range(50):
        one.decide(Event(n, 1000 + n, "login", user=f"u{n}", ip="10.0.0.1", ok=False))
    kept, fresh = one.save(), kernel(failures)
    before = fresh.fingerprint()
    for bad in (b"", b"x" * 100, kept[:-1], kept[:60] + bytes([kept[60] ^ 1]) + kept[61:]):
        with pytest.raises(saved.Unusable):
            fresh.load(bad)
    with pytest.raises(saved.Unusable, match="other rules"):
        kernel(replace(failures, digest="other")).load(kept)
    with pytest.raises(saved.Unusable, match="compiled kernel"):
        Twin(failures).load(kept)
    with pytest.raises(saved.Unusable, match="Python twin"):
        fresh.load(Twin(failures).save())
    assert fresh.fingerprint() == before
    fresh.load(kept)
    assert fresh.fingerprint() == one.fingerprint() != before


@pytest.mark.parametrize("make", [kernel, lambda told: Twin(told, LISTED)])
def test_a_bad_line_or_row_is_told_and_the_others_go_on(make) -> None:
    logins = program((Condition("login", (0,)),), ())
    good = b'{"seq":%d,"ts":5,"typ":"login","ip":"10.0.0.1"}'
    lines = [good % 1, b"{", b"", good % 2, b'{"seq":3,"ts":5,"typ":"login","ip":"10.0.0.01"}', b" " * 9000 + good % 4, b"\xff", b"[" * 5000, good % 5 + b"\r"]  # fmt: skip
    fed = make(logins).feed_lines(b"\n".join(lines))
    assert [line for line, _ in fed.bad] == [2, 5, 6, 7, 8]
    assert [seq for seq, _ in fed.hits] == [1, 2, 5]
    assert list(fed.actions) == [2, REFUSED, 2, REFUSED, REFUSED, REFUSED, REFUSED, 2]
    frame = pl.DataFrame(
        {
            "seq": [1, 2, 3, 4, None, 6, 7],
            "ts": [5, 5, 5, -1, 5, 5, 5],
            "typ": ["login", "lgoin", "login", "login", "login", "login", "login"],
            "ip": ["::ffff:10.0.0.1", "10.0.0.1", "10.0.0", "10.0.0.1", "10.0.0.1", None, "2001:DB8::0"],
            "lat": [None, 1.0, 1.0, 1.0, 1.0, 90.1, 90.0],
            "more": list(range(7)),
        }
    )
    fed = make(logins).feed_frame(frame)
    assert [row for row, _ in fed.bad] == [1, 2, 3, 4, 5]
    assert [seq for seq, _ in fed.hits] == [1, 7]
    with pytest.raises(BadEvent, match="no column ts"):
        make(logins).feed_frame(frame.drop("ts"))


def test_addresses_have_one_form_in_lines_and_tables() -> None:
    twice = program((Condition("login", (0,)),), (Step("twice", Op.COUNT, (0,), ("ip",), 1000, n=2),))
    forms = ["2001:db8::1", "2001:DB8:0::1", "::ffff:10.0.0.1", "10.0.0.1"]
    lines = b"\n".join(encode(Event(n, 5, "login", ip=ip)) for n, ip in enumerate(forms))
    frame = pl.DataFrame({"seq": range(4), "ts": [5] * 4, "typ": ["login"] * 4, "ip": forms})
    for judge in (kernel, Twin):
        for feed, data in (("feed_lines", lines), ("feed_frame", frame)):
            assert [hits for _, hits in getattr(judge(twice), feed)(data).hits] == [
                (0,),
                (0, 1),
                (0,),
                (0, 1),
            ]


def test_keys_of_a_million_addresses_go_when_no_window_reaches_them() -> None:
    failures = program((Condition("login", (0,)),), (Step("many", Op.COUNT, (0,), ("ip",), 1000, n=3),))
    one, events = (
        kernel(failures),
        [Event(n, 5 + n, "login", ip=f"10.{n >> 8 & 255}.{n & 255}.7") for n in range(20_000)],
    )
    for event in events:
        one.decide(event)
    assert one.keys() < 2 * 1000 / 0.64 + 64
    one.sweep()
    assert one.keys() == 1000


def test_an_event_of_another_class_is_read_by_name() -> None:
    class Said:
        def __init__(self, event: Event) -> None:
            for name in Event.__struct_fields__:
                setattr(self, name, getattr(event, name))

    logins = program((Condition("login", (0, 2, AND)),), (Step("two", Op.COUNT, (0,), ("user",), 1000, n=2),))
    one, other = kernel(logins), kernel(logins)
    for n in range(4):
        event = Event(n, n, "login", user="u" if n < 3 else "\ud800", ok=True)
        assert one.decide(event) == other.decide(Said(event)) == Twin(logins).decide(event) or n
    assert one.fingerprint() == other.fingerprint()


def test_a_program_that_is_too_large_and_a_short_secret_are_refused() -> None:
    many = tuple(Condition(f"c{n}", (0,)) for n in range(257))
    with pytest.raises(ValueError, match="at most 256"):
        kernel(program(many, ()))
    with pytest.raises(ValueError, match="16 bytes"):
        kernel(program(many[:1], ()), b"short")
    for step in (
        Step("s", Op.COUNT, (0,), ("user",), 1000, n=1025),
        Step("s", Op.SUM, (0,), ("user",), 1000, n=1024, least=1),
        Step("s", Op.COUNT, (0,) * 33, ("user",), 1000, n=1),
        Step("s", Op.COUNT, (0,), ("user", "ip", "typ", "device"), 1000, n=1),
    ):
        with pytest.raises(ValueError, match="at most"):
            kernel(program(many[:1], (step,)))
