"""The score is that of the published algorithm, worked out anew over the whole history for every event."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.watch import risk
from sekisho.watch.events import Event
from sekisho.watch.risk import WEIGHTS, Model

ORIGIN = ("ip", "network", "country")
FEATURES = (ORIGIN, ("device", "agent"), ("channel",))


# --- the published algorithm, said as it is in the publication: over rows, with nothing remembered ---------------


def unseen(rows, feature, level):
    """One value, and what the coarser levels hold: get_unseen_values."""
    return 1 + sum(len({row[feature][coarser] for row in rows}) for coarser in range(level + 1, len(rows[0][feature]) if rows else 0))  # fmt: skip


def likelihood(rows, feature, level, value, smoothing):
    """get_likelihood."""
    appearance = sum(row[feature][level] == value for row in rows)
    aside = unseen(rows, feature, level) if smoothing else 0
    if appearance:
        return appearance / len(rows) * (1 - aside / (len(rows) + aside))
    return 1 / (len(rows) + aside) if smoothing else 0.0


def sub_likelihood(rows, feature, level, value, smoothing):
    """get_sub_likelihood: among the rows that have the value, times among all."""
    having = [row for row in rows if row[feature][level] == value]
    return likelihood(having, feature, level, value, smoothing) * likelihood(
        rows, feature, level, value, smoothing
    )


def published(own, everybody, users, values):
    """freeman_rba_score, without data on attackers. `own` and `everybody` are the rows before this event."""
    score = 1.0
    for feature, levels in enumerate(values):
        if len(levels) == 1:
            mine = likelihood(own, feature, 0, levels[0], True)
            all_ = likelihood(everybody, feature, 0, levels[0], True)
        else:
            weighted = list(enumerate(zip(WEIGHTS[len(levels)], levels, strict=True)))
            mine = sum(w * sub_likelihood(own, feature, n, v, False) for n, (w, v) in weighted)
            all_ = sum(w * sub_likelihood(everybody, feature, n, v, n == 0) for n, (w, v) in weighted)
            if mine == 0.0:
                mine = all_ / 4
        score *= all_ / mine
    return score * ((1 / users) / (len(own) / len(everybody)))


def histories(features):
    value = st.sampled_from("abcd")
    levels = st.tuples(*(st.tuples(*(value for _ in levels)) for levels in features))
    return st.lists(st.tuples(st.sampled_from("uvw"), levels), min_size=1, max_size=40)


@pytest.mark.parametrize("features", [(ORIGIN,), (("device",),), FEATURES, (ORIGIN, ("a", "b", "c", "d"))])
def test_the_score_is_the_published_one(features):
    @settings(max_examples=60)
    @given(histories(features))
    def every_history(history):
        model, rows = Model(features), []
        for user, values in history:
            own = [v for u, v in rows if u == user]
            score = model.score(user, values)
            if own:
                wanted = published(own, [v for _, v in rows], len({u for u, _ in rows}), values)
                assert score == pytest.approx(wanted, rel=1e-12, abs=0)
            else:
                assert score is None
            model.learn(user, values)
            rows.append((user, values))

    every_history()


def history_of_a_month(seed, size):
    """Users at home, on the move and away: a long history of few users, in the form of values."""
    chance = random.Random(seed)
    for _ in range(size):
        user = chance.randrange(40)
        place = user if chance.random() < 0.7 else chance.randrange(200)
        origin = (f"ip{place}", f"AS{place % 17}", "JP" if place < 150 else f"C{place % 5}")
        browser = user % 4 + (chance.random() < 0.1)
        yield user, (origin, (f"agent {browser}.{chance.randrange(3)}", f"browser {browser}"))


def test_the_score_is_the_published_one_after_a_long_history():
    model, rows = Model((ORIGIN, ("agent", "device"))), []
    compared = 0
    for place, (user, values) in enumerate(history_of_a_month(20261123, 1500)):
        own = [v for u, v in rows if u == user]
        if own and place % 50 == 0:
            wanted = published(own, [v for _, v in rows], len({u for u, _ in rows}), values)
            assert model.score(user, values) == pytest.approx(wanted, rel=1e-12, abs=0)
            compared += 1
        model.learn(user, values)
        rows.append((user, values))
    assert compared > 20


def test_a_worked_example():
    """Two users of one event each; the first comes again from where the second came from."""
    model = Model((ORIGIN,))
    model.learn("aoki", (("203.0.113.1", "AS1", "JP"),))
    model.learn("baba", (("198.51.100.1", "AS2", "JP"),))
    everybody = 0.6 * (1 / (1 + 2 + 1)) * (1 / (2 + 3 + 1)) + 0.3 * 1 / 2 + 0.1 * 2 / 2
    own = 0.1  # the country alone
    score = model.score("aoki", (("198.51.100.1", "AS2", "JP"),))
    assert score == pytest.approx(everybody / own * (1 / 2) / (1 / 2), rel=1e-15)
    assert score > 1 > model.score("aoki", (("203.0.113.1", "AS1", "JP"),))


def test_scoring_changes_nothing_and_what_comes_later_plays_a_part_only_then():
    known, other = (("203.0.113.1", "AS1", "JP"),), (("198.51.100.1", "AS2", "KR"),)
    model = Model((ORIGIN,))
    model.learn("aoki", known)
    before = json.dumps(model.save())
    alone = model.score("aoki", known)
    assert json.dumps(model.save()) == before
    model.learn("baba", other)
    assert model.score("aoki", known) < alone


def event(**fields):
    return Event(seq=1, ts=1, typ="login", user="aoki", ok=True, **fields)


def test_an_event_that_lacks_a_value_is_not_scored():
    model = Model((("ip_block", "network"), ("device",)))
    assert model.values(event(ip="2001:db8:1:2:3::4", network="AS1", device="d")) == (
        ("2001:db8:1:2::/64", "AS1"),
        ("d",),
    )
    assert model.values(event(ip="192.0.2.1", network="AS1")) is None
    assert model.values(event(network="AS1", device="d")) is None


def test_a_saved_model_goes_on_as_the_one_that_was_saved():
    history = list(history_of_a_month(7, 300))
    model, other = Model((ORIGIN, ("agent", "device"))), Model((ORIGIN, ("agent", "device")))
    for user, values in history[:200]:
        model.learn((user, "x"), values)
    other.load(json.loads(json.dumps(model.save())))
    for user, values in history[200:]:
        assert other.score((user, "x"), values) == model.score((user, "x"), values)
        model.learn((user, "x"), values)
        other.learn((user, "x"), values)
    assert other.save() == model.save()


def test_a_user_with_very_many_values_keeps_the_first_of_them(monkeypatch):
    monkeypatch.setattr(risk, "MOST_VALUES", 8)
    model = Model((("device",),))
    for n in range(100):
        model.learn("aoki", ((f"d{n}",),))
    assert len(model.users["aoki"]) == 1 + 2 * 8
    once, never = model.score("aoki", (("d7",),)), model.score("aoki", (("d8",),))
    assert once == never == pytest.approx((1 / 101) / (1 / 101) * (1 / 1) / (100 / 100))
    model.learn("aoki", (("d7",),))
    model.learn("aoki", (("d8",),))
    assert model.score("aoki", (("d7",),)) == pytest.approx((2 / 103) / (2 / 103))
    assert model.score("aoki", (("d8",),)) == pytest.approx((2 / 103) / (1 / 103))
