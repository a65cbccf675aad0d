"""One bad event is told precisely: its code, where, and what to do; no value of it is repeated."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.watch.events import LARGEST, BadEvent, Event
from sekisho.watch.reading import Refusal, read

GOOD = {"seq": 1, "ts": 2, "typ": "login"}


def sent(**more):
    return json.dumps({**GOOD, **more}).encode()


BAD = [
    (b"", "not_json", ""),
    (b'{"seq":1', "not_json", ""),
    (b'{"seq":1,"ts":2,"typ":"login","user":"\xff"}', "not_json", ""),
    (b'{"seq":1,"ts":2,"typ":"login","user":"\\ud800"}', "not_json", ""),
    (b'{"seq":1,"ts":2,"typ":"login","lat":NaN}', "not_json", ""),
    (b"[]", "not_an_object", ""),
    (b"null", "not_an_object", ""),
    (b"[" * 5000, "not_an_object", ""),
    (sent(user="u" * LARGEST), "too_large", ""),
    (b'{"seq":1,"ts":2,"typ":"login","x":' + b"[" * 3000 + b"]" * 3000 + b"}", "unknown_field", "x"),
    (b'{"seq":1,"ts":2,"typ":"login","seq":1}', "duplicate_field", "seq"),
    (b'{"seq":1,"ts":2,"typ":"login","user":"a","user" : "b"}', "duplicate_field", "user"),
    (b'{"seq":1,"ts":2,"typ":"login","user":"a","us\\u0065r":"b"}', "duplicate_field", "user"),
    (b'{"seq":1,"ts":2,"typ":"login","agent":"\\u003a","user":"a","user":"b"}', "duplicate_field", "user"),
    (b'{"seq":1,"ts":2,"typ":"login","ip":"2001:db8::1","ip":"2001:db8::1"}', "duplicate_field", "ip"),
    (b'{"seq":1,"ts":2}', "missing_field", "typ"),
    (sent(password="hunter2"), "unknown_field", "password"),
    (sent(typ="hunter2"), "unknown_type", "typ"),
    (sent(seq="hunter2"), "wrong_type", "seq"),
    (sent(seq=1.5), "wrong_type", "seq"),
    (sent(ok="true"), "wrong_type", "ok"),
    (sent(user={"hunter2": 1}), "wrong_type", "user"),
    (sent(seq=-1), "out_of_range", "seq"),
    (sent(seq=2**70), "out_of_range", "seq"),
    (sent(ts=2**42), "out_of_range", "ts"),
    (sent(user=""), "out_of_range", "user"),
    (sent(user="u" * 129), "out_of_range", "user"),
    (sent(country="JPN"), "out_of_range", "country"),
    (sent(lat=90.5), "out_of_range", "lat"),
    (b'{"seq":1,"ts":2,"typ":"login","amount":1e999}', "out_of_range", "amount"),
    *((sent(ip=ip), "bad_address", "ip") for ip in ("hunter2", "1.2.3", "01.2.3.4", "1.2.3.4:80", "[::1]", "fe80::1%eth0", "::ffff:1.2.3.256", "1::2::3", " 1.2.3.4", "１.2.3.4")),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "code", "where"), BAD)
def test_what_is_wrong_and_where(raw, code, where):
    with pytest.raises(Refusal) as told:
        read(raw)
    assert (told.value.code, told.value.where) == (code, where)
    for text in (told.value.text.ja, told.value.text.en):
        assert "hunter2" not in text
        assert "{" not in text


@pytest.mark.parametrize(
    ("given", "kept"),
    [("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("2001:DB8:0:0::1", "2001:db8::1")],
)
def test_an_address_has_one_form(given, kept):
    assert read(sent(ip=given)).ip == kept


def test_what_looks_like_a_repeated_field_and_is_none():
    assert read(sent(agent='a":"b', user='"user":')).user == '"user":'
    assert read(sent(user=None)).user is None
    assert read(sent(ip="2001:db8::1", agent="a: b")).agent == "a: b"


VALUES = {
    "user": st.text(min_size=1, max_size=9),
    "agent": st.text(alphabet=':"\\a é', min_size=1, max_size=9),
    "ok": st.booleans(),
    "amount": st.floats(0, 1e9),
    "device": st.none(),
}


@given(
    st.fixed_dictionaries({k: st.just(v) for k, v in GOOD.items()}, optional=VALUES), st.booleans(), st.data()
)
def test_a_field_is_refused_when_it_stands_twice_and_only_then(values, ascii_only, data):
    parts = [f"{json.dumps(k)}:{json.dumps(v, ensure_ascii=ascii_only)}" for k, v in values.items()]
    once = ("{" + ",".join(parts) + "}").encode()
    assert read(once) == Event(**values)
    twice = ("{" + ",".join([*parts, data.draw(st.sampled_from(parts))]) + "}").encode()
    with pytest.raises(BadEvent) as told:
        read(twice)
    assert told.value.code == "duplicate_field"


@given(st.binary(max_size=200))
def test_any_bytes_are_an_event_or_a_refusal(raw):
    try:
        found = read(raw)
    except Refusal as error:
        found = error
    assert isinstance(found, (Event, Refusal))
