"""Facts as of a moment: same question, same moment, same answer, for ever; held against a naive model."""

from datetime import UTC, date, datetime, timedelta
from itertools import count

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.kernel import clock
from sekisho.ledger.as_of import NotYetKnown
from sekisho.records.facts import facts_of, snapshot
from sekisho.records.facts.snapshot import GivenFacts, forget
from sekisho.records.models import Goal, Person, Unit
from sekisho.workflows.act import act

BY = "operator:test"
START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = date(2026, 11, 23)

pytestmark = pytest.mark.django_db


def goals(example: str, known_at: datetime | None = None) -> dict[str, tuple[int, str]]:
    """What stood then, among an example's keys: key -> (version, text)."""
    frame = facts_of(snapshot(DAY, known_at)).frame(Goal)
    rows = frame.iter_rows(named=True)
    return {row["key"]: (row["ver"], row["text"]) for row in rows if row["key"].startswith(f"{example}-")}


steps = st.lists(
    st.tuples(
        st.sampled_from(["put", "put", "put", "remove", "look"]),
        st.sampled_from(["G-1", "G-2", "G-3"]),
        st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=8),
    ),
    max_size=25,
)


@given(steps)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_moment_answers_as_it_stood_then_whatever_came_later(done):
    """Write, remove and look at random; then ask of every moment, in both orders, with and without a cache.

    Each example has keys of its own, so that examples may share a ledger.
    """
    example = next(_examples)
    model: dict[str, tuple[int, str]] = {}
    vers: dict[str, int] = {}
    history: list[tuple[datetime, dict[str, tuple[int, str]]]] = [(_next_instant(), {})]
    for n, (what, short, text) in enumerate(done):
        key, instant = f"{example}-{short}", _next_instant()
        with clock.standing_at(instant):
            if what == "put":
                with act("put", BY) as doing:
                    doing.put(Goal, key, {"fiscal_year": 2026, "text": text})
                vers[key] = vers.get(key, 0) + 1
                model[key] = (vers[key], text)
            elif what == "remove" and key in model:
                with act("remove", BY) as doing:
                    doing.remove(Goal, key)
                vers[key] += 1
                del model[key]
            elif n % 2:
                assert goals(example) == model
        history.append((instant, dict(model)))
    with clock.standing_at(_next_instant()):
        for instant, expected in [*history, *reversed(history)]:
            assert goals(example, instant) == expected
        forget()
        for instant, expected in history:
            assert goals(example, instant) == expected


_clock = [START]
_examples = (f"E{n}" for n in count())


def _next_instant() -> datetime:
    _clock[0] += timedelta(hours=1)
    return _clock[0]


def test_a_fact_frame_has_the_kind_s_columns_also_when_it_is_empty():
    frame = facts_of(snapshot(DAY)).frame(Unit)
    assert frame.is_empty()
    assert frame.columns[:4] == ["key", "ver", "by", "name"]


def test_personal_values_are_no_facts():
    assert "name" not in facts_of(snapshot(DAY)).frame(Person).columns


def test_a_moment_to_come_cannot_be_known():
    with pytest.raises(NotYetKnown):
        snapshot(DAY, clock.now() + timedelta(seconds=5))


def test_the_day_of_a_past_moment_is_judged_by_default():
    assert snapshot(None, datetime(2026, 3, 31, 15, 30, tzinfo=UTC)).on == date(2026, 4, 1)


# --- parts that are kept ------------------------------------------------------------------------------------------

made: list[str] = []


def texts(facts, start):
    made.append(start)
    return facts[Goal].filter(pl.col("text").str.starts_with(start)).select("text")


def reads_too_much(facts):
    return facts[Unit]


def part(start: str) -> list[str]:
    return sorted(facts_of(snapshot(DAY)).worked_out(texts, (Goal,), start).collect()["text"])


def test_a_part_is_made_again_when_a_kind_that_it_reads_changes_and_at_no_other_time():
    made.clear()
    with act("put", BY) as doing:
        doing.put(Goal, "G-PART-1", {"fiscal_year": 2026, "text": "part one"})
    assert part("part") == part("part") == ["part one"]
    with act("put", BY) as doing:
        doing.put(Unit, "U-PART", {"name": "部署", "function": "system", "since_on": DAY})
    assert part("part") == ["part one"]
    assert part("other") == []
    assert made == ["part", "other"]
    with act("put", BY) as doing:
        doing.put(Goal, "G-PART-2", {"fiscal_year": 2026, "text": "part two"})
    assert part("part") == ["part one", "part two"]
    assert made == ["part", "other", "part"]


def test_a_part_gets_no_kind_that_it_does_not_name():
    for facts in (facts_of(snapshot(DAY)), GivenFacts({})):
        with pytest.raises(ValueError, match="unit is read"):
            facts.worked_out(reads_too_much, (Goal,)).collect()
