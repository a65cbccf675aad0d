"""One value, one byte form: RFC 8785, held against a library that we did not write."""

import enum
import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from sekisho.ledger.canonical import DEEPEST, LARGEST_INT, NotCanonical, canonical

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
KEYS = st.text(st.characters(max_codepoint=127))
SCALARS = st.none() | st.booleans() | st.integers(-LARGEST_INT, LARGEST_INT) | TEXTS
VALUES = st.recursive(SCALARS, lambda inside: st.lists(inside) | st.dictionaries(KEYS, inside), max_leaves=30)


class Colour(enum.StrEnum):
    RED = "red"


@given(VALUES)
def test_the_bytes_are_those_of_rfc_8785(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(VALUES)
def test_reading_it_back_gives_the_same_value(value: Any) -> None:
    assert json.loads(canonical(value)) == value


@given(st.dictionaries(KEYS, SCALARS))
def test_the_order_of_keys_does_not_matter(value: dict[str, Any]) -> None:
    assert canonical(dict(reversed(value.items()))) == canonical(value)


def test_the_escapes_of_rfc_8785_section_3_2_2_2() -> None:
    assert (
        canonical("\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/")
        == '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'.encode()
    )
    assert canonical("\x00\b\t\n\f\r\x1f\x7f\u2028") == '"\\u0000\\b\\t\\n\\f\\r\\u001f\x7f\u2028"'.encode()


def test_exact_bytes_that_must_never_change() -> None:
    value = {"ver": 1, "kind": "unit", "空": None} | {"on": ["関所", True, -5, {}, []]}
    del value["空"]
    assert canonical(value) == '{"kind":"unit","on":["関所",true,-5,{},[]],"ver":1}'.encode()


@pytest.mark.parametrize(
    ("value", "place"),
    [
        (1.0, "$"),
        ({"a": [1, {"b": 0.5}]}, "$.a[1].b"),
        (float("nan"), "$"),
        (LARGEST_INT + 1, "$"),
        ([-LARGEST_INT - 1], "$[0]"),
        ({"a": (1, 2)}, "$.a"),
        ({"a": {"b": {1, 2}}}, "$.a.b"),
        ({"a": b"bytes"}, "$.a"),
        ({"名": 1}, "$"),
        ({"a": {1: 2}}, "$.a"),
        ({None: 2}, "$"),
        ([object()], "$[0]"),
        ("\ud800", "$"),
        ({"a": ["\udfff"]}, "$"),
        (Colour, "$"),
    ],
)
def test_what_is_outside_the_domain_is_refused_with_its_place(value: object, place: str) -> None:
    with pytest.raises(NotCanonical) as refused:
        canonical(value)
    assert refused.value.code == "not_canonical"
    assert refused.value.data["at"] == place
    assert place in refused.value.text.ja
    assert place in refused.value.text.en


def test_a_value_within_itself_is_refused_not_followed() -> None:
    value: list[object] = []
    value.append(value)
    with pytest.raises(NotCanonical):
        canonical(value)


def test_nesting_is_bounded() -> None:
    def nested(levels: int) -> object:
        value: object = 1
        for _ in range(levels):
            value = [value]
        return value

    assert canonical(nested(DEEPEST)) == b"[" * DEEPEST + b"1" + b"]" * DEEPEST
    with pytest.raises(NotCanonical):
        canonical(nested(DEEPEST + 1))


def test_a_kind_of_str_is_the_text_that_it_holds_and_a_kind_of_int_is_refused() -> None:
    assert canonical({"c": Colour.RED}) == b'{"c":"red"}'
    assert canonical(Colour.RED) == b'"red"'
    assert canonical([True, False]) == b"[true,false]"
    with pytest.raises(NotCanonical):
        canonical(enum.IntEnum("Number", {"ONE": 1}).ONE)  # type: ignore[attr-defined]
