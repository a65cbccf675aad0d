"""Filters, search and order: what is asked is what is given, and nothing that is asked breaks the door."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.api.kind_shapes import query_shape
from sekisho.kernel import clock
from sekisho.records.contents import KINDS
from sekisho.records.models import Incident, MemberProfile, Unit
from sekisho.records.record import Record
from sekisho.workflows.act import act
from tests.api.calling import Caller, token_of


@pytest.fixture
def sakura(cast: Any) -> Caller:
    return token_of(cast.sakura)


def keys(caller: Caller, kind: str, question: str) -> list[str]:
    answer = caller.get(f"records/{kind}?{question}")
    assert answer.status == 200, answer.raw
    return [item["key"] for item in answer.json["items"]]


def test_a_value_or_one_of_several(sakura: Caller):
    assert keys(sakura, "unit", "function=system") == ["U-SYS"]
    assert keys(sakura, "unit", "function=system&function=audit") == ["U-AUD", "U-SYS"]
    assert keys(sakura, "unit", "function=system&name=%E7%B5%8C%E5%96%B6") == []


def test_what_is_not_recorded(sakura: Caller):
    with act("end", "operator:test") as doing:
        doing.put(Unit, "U-AUD", {"until_on": date(2026, 3, 31)})
    assert keys(sakura, "unit", "until_on=-") == ["U-MGT", "U-OPS", "U-RISK", "U-SYS"]
    assert keys(sakura, "unit", "until_on=-&until_on=2026-03-31") == [
        "U-AUD", "U-MGT", "U-OPS", "U-RISK", "U-SYS",
    ]  # fmt: skip


def test_days_from_and_until(sakura: Caller):
    with act("new", "operator:test") as doing:
        doing.put(Unit, "U-NEW", {"name": "新", "function": "other", "since_on": date(2024, 1, 1)})
    assert keys(sakura, "unit", "since_on__gte=2024-01-01") == ["U-NEW"]
    assert keys(sakura, "unit", "since_on__gte=2024-01-02") == []
    assert len(keys(sakura, "unit", "since_on__lte=2023-12-31")) == 5


def test_instants_by_whole_days_in_japan(cast: Any, sakura: Caller):
    values = {"title": "停止", "kind": "failure", "severity": "minor", "state": "open"}
    with act("new", "operator:test") as doing:
        late = clock.end_of(date(2026, 4, 1))
        doing.put(Incident, "INC-1", values | {"detected_at": late})
    assert keys(sakura, "incident", "detected_at__lte=2026-04-01&detected_at__gte=2026-04-01") == ["INC-1"]
    assert keys(sakura, "incident", "detected_at__gte=2026-04-02") == []


def test_numbers_and_flags(sakura: Caller):
    with act("new", "operator:test") as doing:
        for key, count in (("MP-1", 10), ("MP-2", 20), ("MP-3", None)):
            values = {"name": "会員", "as_of_on": date(2026, 1, 1), "user_count": count}
            doing.put(MemberProfile, key, values)
    assert keys(sakura, "member_profile", "user_count__gte=11") == ["MP-2"]
    assert keys(sakura, "member_profile", "user_count=10&user_count=-") == ["MP-1", "MP-3"]
    assert keys(sakura, "system", "in_scope=true") == ["S-EXC"]
    assert keys(sakura, "system", "in_scope=false") == []


def test_words_in_any_order_and_the_names_of_what_is_referred_to(sakura: Caller):
    assert keys(sakura, "person", urlencode({"q": "業務部 健"})) == ["P-0003"]
    assert keys(sakura, "person", urlencode({"q": "%_\\'\"; --"})) == []


def test_order(sakura: Caller):
    assert keys(sakura, "unit", "sort=key") == ["U-AUD", "U-MGT", "U-OPS", "U-RISK", "U-SYS"]
    assert keys(sakura, "unit", "sort=-key")[0] == "U-SYS"
    assert keys(sakura, "unit", "sort=function")[0] == "U-SYS"  # as the choices are declared


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("bogus=1", "bogus"),
        ("function=nonsense", "function"),
        ("function=", "function"),
        ("since_on=yesterday", "since_on"),
        ("since_on__gte=2024-02-30", "since_on__gte"),
        ("since_on__gte=2024-01-01&since_on__gte=2024-01-02", "since_on__gte"),
        ("since_on__from=2024-01-01", "since_on__from"),
        ("name__gte=a", "name__gte"),
        ("notes=x", "notes"),
        ("page=0", "page"),
        ("page=x", "page"),
        ("page=1&page=2", "page"),
        ("page_size=201", "page_size"),
        ("page_size=-1", "page_size"),
        ("page=99999999999999999999", "page"),
        ("sort=nothing", "sort"),
        ("sort=evidence", "sort"),
        ("fields=evidence", "fields"),
        ("known_at=now", "known_at"),
        ("parent=a/b", "parent"),
        ("q=" + "x" * 201, "q"),
        ("&".join(["function=system"] * 51), "function"),
    ],
)
def test_what_cannot_be_asked_is_named_and_never_passed_over(sakura: Caller, question: str, name: str):
    answer = sakura.get(f"records/unit?{question}")
    assert answer.status == 422
    assert answer.code == "malformed"
    assert [(p["in"], p["name"]) for p in answer.json["problems"]] == [("query", name)]


@pytest.mark.parametrize("path", ["kinds", "work", "clauses", "ledger/0", "records/unit/U-OPS", "assessment"])
def test_no_operation_passes_over_a_parameter_that_it_does_not_have(sakura: Caller, path: str):
    answer = sakura.get(f"{path}?bogus=1")
    assert answer.status == 422
    assert answer.json["problems"][0]["name"] == "bogus"


# --- anything at all ----------------------------------------------------------------------------------------------

ODD = st.one_of(
    st.text(max_size=30),
    st.dates().map(str),
    st.integers().map(str),
    st.sampled_from(
        ["-", "true", "2026-04-01", "0001-01-01", "9999-12-31", "\x00", "%", "'", "S-EXC", "unit:U-OPS"]
    ),
)


def questions(model: type[Record]) -> st.SearchStrategy[list[tuple[str, str]]]:
    names = st.sampled_from([*query_shape(model).model_fields, "bogus"])
    return st.lists(st.tuples(names, ODD), max_size=5)


@pytest.mark.slow
@settings(
    max_examples=300,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(asked=st.sampled_from(KINDS).flatmap(lambda m: st.tuples(st.just(m.about.name), questions(m))))
def test_whatever_is_asked_is_answered_or_refused(
    cast: Any, settings: Any, asked: tuple[str, list[tuple[str, str]]]
):
    settings.SEKISHO_API_PER_MINUTE = 0
    kind, pairs = asked
    answer = token_of(cast.sakura).get(f"records/{kind}?{urlencode(pairs, errors='surrogatepass')}")
    assert answer.status in (200, 422), answer.raw
