"""The compiled kernel's risk scores are those of the Model, bit for bit, and so is what follows from them."""

from __future__ import annotations

import random
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.watch.events import Event
from sekisho.watch.language import compile_rules
from sekisho.watch.risk import MOST_VALUES, Model
from sekisho.watch.twin import Twin

kernel = pytest.importorskip("sekisho.watch.kernel", reason="the compiled kernel was not built")

FEATURES = (("ip", "network", "country"), ("device", "agent"), ("channel",))


def hashed(text: str) -> int:
    """Any hash that tells these few texts apart."""
    return zlib.crc32(text.encode()) * 0x9E3779B97F4A7C15 % 2**64


def both(history, features=FEATURES):
    """The scores of a history by the Model and by the kernel."""
    model, scores = Model(features), kernel.Scores(features)
    plain, compiled = [], []
    for user, values in history:
        plain.append(model.score(user, values))
        model.learn(user, values)
        hashes = [[hashed(value) for value in levels] for levels in values]
        compiled.append(scores.scored(hashed(f"user {user}"), hashes))
    return plain, compiled, model, scores


value = st.sampled_from("abcd")
levels = st.tuples(st.tuples(value, value, value), st.tuples(value, value), st.tuples(value))


@settings(max_examples=100)
@given(st.lists(st.tuples(st.sampled_from("uvw"), levels), max_size=40))
def test_the_kernels_scores_are_the_models(history):
    plain, compiled, model, scores = both(history)
    assert compiled == plain
    assert scores.users == len(model.users)


def month(seed, size):
    chance = random.Random(seed)
    for _ in range(size):
        user = chance.randrange(300)
        place = user if chance.random() < 0.7 else chance.randrange(2000)
        origin = (f"ip{place}", f"AS{place % 17}", f"C{place % 5}")
        yield str(user), (origin, (f"d{user}{chance.randrange(3)}", f"agent {user % 9}"), ("app",))


def test_the_kernels_scores_are_the_models_after_the_table_grew_many_times():
    plain, compiled, *_ = both(month(1, 5000))
    assert compiled == plain
    assert sum(score is not None for score in plain) > 4000


def test_a_user_with_very_many_values_has_the_same_score_in_both():
    history = [("u", ((f"ip{n % (MOST_VALUES + 50)}", "AS1", "JP"), ("d", "a"), ("app",))) for n in range(2 * MOST_VALUES)]  # fmt: skip
    plain, compiled, *_ = both(history)
    assert compiled == plain


def test_saved_scores_go_on_as_those_that_were_saved():
    history = list(month(2, 600))
    *_, scores = both(history[:400])
    other = kernel.Scores(FEATURES)
    assert other.fits(scores.save())
    assert not other.fits([1, 2, [3], b"4"])
    other.load(scores.save())
    for user, values in history[400:]:
        hashes = [[hashed(value) for value in levels] for levels in values]
        assert other.scored(hashed(f"user {user}"), hashes) == scores.scored(hashed(f"user {user}"), hashes)


RULE = """title: t
name: {name}
profile: {{ type: risk, rules: [login], group-by: [{key}], features: {features}, above: {above} }}
watch: {{ action: hold, mode: live, owner: csirt_lead, clause: 10-5, reason: {{ ja: あ, en: a }} }}
"""
LOGIN = "title: t\nname: login\ndetection: {selection: {typ: login}, condition: selection}\n"
PROGRAM = compile_rules("---\n".join([LOGIN, *(
    RULE.format(name=f"r{n}", key=key, features=features, above=above)
    for n, (key, features, above) in enumerate([
        ("user", "[[ip, network, country], [device, agent]]", 0.5), ("user", "[[ip_block, country]]", 1.0),
        ("user, channel", "[[device]]", 0.9), ("user", "[[ip, country]]", 4.0), ("user", "[[typ, country]]", -1),
    ])
)]))  # fmt: skip


@st.composite
def logins(draw):
    fields = {
        "ip": ["203.0.113.1", "203.0.113.2", "2001:db8::1", "2001:db8::2"], "network": ["AS1", "AS2"], "country": ["JP", "KR"],
        "device": ["d1", "d2", "端末"], "agent": ["a", "A"], "channel": ["app", "web"], "user": ["u", "v", "w"],
    }  # fmt: skip
    found = []
    for seq in range(draw(st.integers(1, 40))):
        given_ = {name: draw(st.sampled_from([*values * 4, None])) for name, values in fields.items()}
        found.append(Event(seq=seq, ts=1000 + seq, typ=draw(st.sampled_from(["login", "trade"])), **given_))
    return found


@settings(max_examples=60)
@given(logins())
def test_the_twins_fire_alike_also_after_a_snapshot(events):
    twin, compiled = Twin(PROGRAM), kernel.Kernel(PROGRAM)
    half = len(events) // 2
    for event in events[:half]:
        assert compiled.decide(event) == twin.decide(event)
    again = kernel.Kernel(PROGRAM)
    again.load(compiled.save())
    assert again.fingerprint() == compiled.fingerprint()
    for event in events[half:]:
        assert again.decide(event) == twin.decide(event)
