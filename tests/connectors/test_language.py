"""The words of the connectors: strict JSON, instants, harmless text."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.connectors.language import (
    Instant,
    Problem,
    Unreadable,
    decode_strict,
    instant,
    is_web_address,
    json_path,
    one_line,
    text_in,
    texts_in,
    visible,
)

unhurried = settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault


def decoded(data: bytes) -> object:
    return decode_strict(data, max_bytes=1_000_000, max_depth=8)


# --- Strict JSON


def test_plain_json_is_taken():
    assert decoded('{"a": [1, -2.5e3, "あ\\ud83d\\ude00", null, true]}'.encode()) == {
        "a": [1, -2500.0, "あ😀", None, True]
    }


@pytest.mark.parametrize(
    ("data", "position"),
    [
        (b"", 0),
        (b'{"a": 1', 7),
        (b'{"a": "b', 8),
        (b"[1,]", 3),
        (b"[1] x", 4),
        (b"[NaN]", 1),
        (b"[-Infinity]", 2),
        (b"\xef\xbb\xbf[]", 0),
        (b'["a\xff"]', 3),
        ("[]".encode("utf-16"), 0),
        (b'["\x1b"]', 2),
        (b'{"a": 1, "b": 2, "a": 3}', 17),
        (b'{"a": 1, "\\u0061": 3}', 9),
        (b'[{"x": {"k": 1, "k": 1}}]', 16),
        (b"[" * 9, 8),
        (b"{}}", 2),
    ],
)
def test_what_is_not_strict_json_is_refused_and_the_byte_is_named(data, position):
    with pytest.raises(Unreadable) as refusal:
        decoded(data)
    assert refusal.value.data["position"] == position
    assert str(position) in refusal.value.text.en
    assert str(position) in refusal.value.text.ja


@pytest.mark.parametrize(
    "data", [b"[1e400]", b"[-1e400]", b"[" + b"9" * 5000 + b"]", b'["\\ud800"]', b'["\\ud800 tail"]']
)
def test_numbers_beyond_a_double_and_lone_surrogates_are_refused(data):
    with pytest.raises(Unreadable):
        decoded(data)


def test_the_same_name_in_two_objects_and_a_name_as_a_value_are_no_double():
    assert decoded(b'[{"a": "a"}, {"a": ["a", "a"]}, {"b": {"a": 1}, "a": ":"}]')


def test_depth_is_taken_up_to_the_bound_and_refused_after_it():
    assert decoded(b"[" * 8 + b"]" * 8)
    with pytest.raises(Unreadable, match="8 levels"):
        decoded(b"[" * 9 + b"]" * 9)


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":'])
def test_a_million_levels_are_refused_without_a_crash(opening):
    with pytest.raises(Unreadable):
        decode_strict(opening * 1_000_000, max_bytes=10_000_000, max_depth=64)


def test_size_is_taken_up_to_the_bound_and_refused_after_it():
    assert decode_strict(b'"abc"', max_bytes=5, max_depth=1) == "abc"
    with pytest.raises(Unreadable, match="6 bytes"):
        decode_strict(b'"abcd"', max_bytes=5, max_depth=1)


@pytest.mark.parametrize(
    "hostile", [b'["' + b'\\"' * 500_000, b'"' * 999_999, b'{"a"' + b" " * 900_000, b'["' + b"\\" * 999_000]
)
def test_strings_without_an_end_cost_one_pass(hostile):
    with pytest.raises(Unreadable):  # anything but linear would not end
        decoded(hostile)


@unhurried
@given(st.binary())
def test_any_bytes_are_decoded_or_unreadable(data):
    with suppress(Unreadable):
        decoded(data)


# --- Instants


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2020-02-06T00:17:58.432911368Z", "2020-02-06T00:17:58.432911368Z"),
        ("2020-02-06t09:17:58.4+09:00", "2020-02-06T00:17:58.400000000Z"),
        ("2020-02-05T20:17:58-04:30", "2020-02-06T00:47:58.000000000Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000000Z"),
        ("9999-12-31T23:59:59.999999999+14:00", "9999-12-31T09:59:59.999999999Z"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:60.000000000Z"),
        ("2017-01-01T08:59:60.25+09:00", "2016-12-31T23:59:60.250000000Z"),
        ("2024-02-29T00:00:00-00:00", "2024-02-29T00:00:00.000000000Z"),
    ],
)
def test_an_instant_keeps_its_nanoseconds_and_has_one_written_form(text, written):
    assert str(instant(text)) == written
    assert instant(written) == instant(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "yesterday", "2020-02-06", "2020-02-06T00:17:58", "2020-02-06 00:17:58Z", "2020-02-06T00:17:58.Z",
        "2020-02-06T00:17:58.1234567890Z", "2023-02-29T00:00:00Z", "2020-13-01T00:00:00Z", "2020-02-06T24:00:00Z",
        "2020-02-06T00:17:60Z", "2016-12-31T23:59:61Z", "2016-12-31T23:59:60+09:00", "2016-12-30T23:59:60Z",
        "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+09:00", "9999-12-31T23:59:59-14:00", "9999-12-31T15:00:00Z",
        "2020-02-06T00:17:58+24:00", "2020-02-06T00:17:58+09:60", "２０２０-02-06T00:17:58Z", "2020-02-06T00:17:58Z\n",
    ],
)  # fmt: skip
def test_what_is_no_instant_of_rfc_3339_is_refused(text):
    with pytest.raises(Unreadable):
        instant(text)


def test_go_writes_year_one_for_not_set():
    assert instant("0001-01-01T00:00:00Z").is_unset
    assert not instant("0001-01-01T00:00:00.000000001Z").is_unset


def test_a_leap_second_stands_between_its_neighbours():
    before, leap, later, after = (
        instant(text)
        for text in (
            "2016-12-31T23:59:59.999999999Z",
            "2016-12-31T23:59:60Z",
            "2016-12-31T23:59:60.9Z",
            "2017-01-01T00:00:00Z",
        )
    )
    assert before < leap < later < after
    assert leap.in_leap_second
    assert leap.at == datetime(2016, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)


@unhurried
@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)), st.integers(0, 999))
def test_every_instant_is_read_back_from_its_written_form(at, beyond):
    one = Instant(at.replace(tzinfo=UTC), beyond)
    assert instant(str(one)) == one


@unhurried
@given(st.text())
def test_any_text_is_an_instant_or_unreadable(text):
    with suppress(Unreadable):
        instant(text)


# --- Harmless text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", "␛[2J"),
        ("a\x00b\x7f\x9b", "a␀b<U+007F><U+009B>"),
        ("user\u202enimda", "user<U+202E>nimda"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("carriage\rreturn", "carriage␍return"),
        ("\ud800", "<U+D800>"),
        ("髙橋 ① 〜 😀", "髙橋 ① 〜 😀"),
    ],
)
def test_what_hides_or_commands_is_made_visible(text, shown):
    assert visible(text) == shown


@unhurried
@given(st.text())
def test_visible_text_stays_as_it_is_and_can_be_stored(text):
    shown = visible(text)
    assert visible(shown) == shown
    assert shown.encode().decode() == shown
    assert "\x1b" not in shown


def test_one_line_is_one_line_and_bounded():
    assert one_line("  two\r\n lines ") == "two lines"
    assert one_line("x" * 201) == "x" * 199 + "…"
    assert one_line("x" * 200) == "x" * 200


@pytest.mark.parametrize("text", ["http://ops1:9093", "https://例え.jp/あ?q#f", "HTTPS://[2001:db8::1]/x"])
def test_a_web_address_is_one(text):
    assert is_web_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "javascript:alert(1)", " https://a.jp", "https://", "https:///x", "//a.jp", "data:text/html,x", "https://a.jp/\n",
        "https://bank.jp@evil.example/", "https:\\\\a.jp", "https://a.jp/\u202e", "https://a.jp/" + "x" * 2048,
        "java\nscript:alert(1)//https://a.jp",
    ],
)  # fmt: skip
def test_anything_else_is_no_web_address(text):
    assert not is_web_address(text)


def test_a_json_path_names_the_place():
    assert json_path() == "$"
    assert json_path("alerts", 0, "labels", "a b") == "$.alerts[0].labels['a b']"
    assert "\x1b" not in json_path("\x1b")


# --- Fields


def test_fields_of_the_wrong_type_are_left_out_and_reported():
    problems: list[Problem] = []
    record = {"name": 1, "labels": {"a": "x", "b": 2, "c": None}, "notes": [], "none": None}
    assert text_in(record, "name", problems=problems) == ""
    assert texts_in(record, "labels", "alerts", 3, problems=problems) == {"a": "x"}
    assert texts_in(record, "notes", problems=problems) == {}
    assert [problem.where for problem in problems] == ["$.name", "$.alerts[3].labels.b", "$.notes"]
    assert "2 values" in problems[1].text.en


def test_fields_that_are_absent_or_null_are_empty_and_no_problem():
    problems: list[Problem] = []
    assert text_in({"a": None}, "a", problems=problems) == text_in({}, "a", problems=problems) == ""
    assert texts_in({"a": None}, "a", problems=problems) == texts_in({}, "a", problems=problems) == {}
    assert problems == []
