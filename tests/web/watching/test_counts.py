"""What a part of the log counts: by minute, action, rule and user; parts add up, and stay small."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from sekisho.web.watching.counts import (
    EMPTY,
    MINUTE,
    SKETCH,
    Counts,
    Window,
    added,
    beside,
    by_action,
    by_rule,
    counted,
    last_heard,
    over_time,
    users_by_rule,
)

NOW = 1_795_435_200_000  # 2026-11-23 12:00 UTC
_SCHEMA = {
    "at": pl.Int64, "source": pl.String, "user": pl.String, "action": pl.String,
    "rules": pl.List(pl.String), "shadow": pl.List(pl.String),
}  # fmt: skip


def judged(minutes_ago: float, action: str = "allow", user: str | None = "u1", **more: Any) -> dict[str, Any]:
    told = {"source": "web", "rules": [], "shadow": []} | more
    return {"at": int(NOW - minutes_ago * MINUTE), "user": user, "action": action} | told


def of(*rows: dict[str, Any]) -> Counts:
    return counted(pl.DataFrame(list(rows), schema=_SCHEMA))


def before(minutes: int) -> Window:
    return Window.before(NOW, minutes)


def test_nothing_counts_nothing():
    assert of() is EMPTY
    assert added([]).events == 0
    assert (
        by_action(EMPTY, before(60)) == by_rule(EMPTY, before(60)) == users_by_rule(EMPTY, before(60)) == {}
    )


def test_answers_and_rules_of_a_window():
    found = of(
        judged(0, "block", rules=["a", "b"]),
        judged(59, "hold", rules=["b"], shadow=["c"]),
        judged(60, "block", rules=["a"]),
        judged(1),
    )
    assert by_action(found, before(60)) == {"block": 1, "hold": 1, "allow": 1}
    assert by_action(found, before(61)) == {"block": 2, "hold": 1, "allow": 1}
    assert by_rule(found, before(60)) == {"a": 1, "b": 2, "c": 1}
    assert found.answers == {("block", "a"), ("block", "b"), ("hold", "b"), ("hold", "c")}
    assert (found.since, found.until) == (NOW - 60 * MINUTE, NOW)


def test_parts_add_up_to_what_they_are_together():
    rows = [judged(n, ("allow", "block")[n % 2], f"u{n % 3}", rules=["a"] * (n % 2)) for n in range(90)]
    whole, parts = of(*rows), [of(*rows[n : n + 30]) for n in (0, 30, 60)]
    for together in (added(parts), beside(parts)):
        for window in (before(20), before(90)):
            assert by_action(together, window) == by_action(whole, window)
            assert by_rule(together, window) == by_rule(whole, window)
            assert users_by_rule(together, window) == users_by_rule(whole, window)
        assert last_heard(together, before(20)) == last_heard(whole, before(20)) == {"web": (NOW, 20)}
        assert (together.since, together.until, together.answers) == (whole.since, whole.until, whole.answers)


def test_users_are_counted_once_and_those_without_a_name_not_at_all():
    found = of(*[judged(n, "block", ("u1", "u2", None)[n % 3], rules=["a"]) for n in range(100)])
    assert users_by_rule(found, before(100)) == {"a": (2, False)}


def test_many_users_are_estimated_and_the_counts_stay_small():
    users = 20_000
    parts = [
        of(*[judged(n % 50, "block", f"u{n}", rules=["a"]) for n in range(k, users, 4)]) for k in range(4)
    ]
    together = added(parts)
    number, about = users_by_rule(together, before(60))["a"]
    assert about
    assert number == pytest.approx(users, rel=0.12)
    assert len(together.touched) <= 2 * SKETCH, "the window lies in two hours"
    assert users_by_rule(beside(parts), before(60))["a"] == (number, True)


def test_users_who_come_again_every_hour_are_not_mistaken_for_many():
    found = of(*[judged(60 * n + 1, "block", f"u{k}", rules=["a"]) for n in range(40) for k in range(600)])
    assert users_by_rule(found, before(60 * 48)) == {"a": (600, False)}


def test_steps_of_time_begin_with_the_clock_and_empty_ones_are_there():
    found = of(judged(0, "block"), judged(70), judged(71))
    steps = over_time(found, before(180), 60, 9 * 60)
    assert [at for at, _ in steps] == [NOW - n * 60 * MINUTE for n in (3, 2, 1, 0)]
    assert [numbers for _, numbers in steps] == [{}, {"allow": 2}, {}, {"block": 1}]
    three = over_time(found, before(24 * 60), 360, 9 * 60)
    assert (three[0][0] + 9 * 3_600_000) % (6 * 3_600_000) == 0, "six hours of Japan's clock"


def test_each_sources_newest_is_told():
    found = of(judged(5, source="app"), judged(3, source="app"), judged(9, source="<b>"))
    assert last_heard(found, before(60)) == {"<b>": (NOW - 9 * MINUTE, 1), "app": (NOW - 3 * MINUTE, 2)}
    assert last_heard(found, before(5)) == {"<b>": (NOW - 9 * MINUTE, 0), "app": (NOW - 3 * MINUTE, 1)}
    then = Window.before(NOW - 4 * MINUTE, 5)
    assert last_heard(found, then) == {"<b>": (NOW - 9 * MINUTE, 0), "app": (NOW - 5 * MINUTE, 1)}
