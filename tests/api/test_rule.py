"""Clauses, findings, the assessment and what will lapse, as programs read them."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import Any

import pytest

from sekisho.cli.assess import _json
from sekisho.kernel import clock
from sekisho.records.facts import snapshot
from sekisho.records.models import Appointment, Unit
from sekisho.rulebook.assess import assess
from sekisho.rulebook.contents import clauses
from sekisho.rulebook.told import told
from sekisho.workflows.act import act
from tests.api.calling import Caller, service, token_of


@pytest.fixture
def nishi(cast: Any) -> Caller:
    return token_of(cast.nishi)


def test_all_clauses_in_the_rules_order_with_verdicts_and_counts(nishi: Caller):
    told_list = nishi.get("clauses").json
    assert [c["clause"] for c in told_list["items"]] == [c.citation for c in clauses()]
    assert told_list["on"] == clock.today().isoformat()
    assert told_list["known_at"] is None
    by_citation = {c["clause"]: c for c in told_list["items"]}
    state = assess(snapshot())["7-1"]
    assert by_citation["7-1"]["verdict"] == state.verdict
    assert by_citation["7-1"]["counts"] == state.counts
    assert by_citation["7-1"]["duty"] == "must"


def test_the_list_is_the_same_until_a_record_or_the_day_changes(nishi: Caller):
    first = nishi.get("clauses")
    assert nishi.get("clauses", If_None_Match=first.etag).status == 304
    with act("new", "operator:test") as doing:
        doing.put(Unit, "U-NEW", {"name": "新", "function": "user", "since_on": clock.today()})
    second = nishi.get("clauses", If_None_Match=first.etag)
    assert second.status == 200
    assert second.json["size"] == first.json["size"] + 1
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    assert nishi.get(f"clauses?on={tomorrow}", If_None_Match=second.etag).status == 200


def test_the_past_stays_as_it_was_known(nishi: Caller, cast: Any):
    before = clock.iso(clock.now())
    old = nishi.get(f"clauses?known_at={before}").json
    with act("end", "operator:test") as doing:
        doing.put(Appointment, cast.aoki.appointment, {"until_on": clock.today() - timedelta(days=1)})
    assert nishi.get(f"clauses?known_at={before}").json == old
    now = {c["clause"]: c["counts"] for c in nishi.get("clauses").json["items"]}
    then = {c["clause"]: c["counts"] for c in old["items"]}
    assert now["7-1"] != then["7-1"]


def test_a_clause_tells_its_findings_in_both_languages(nishi: Caller):
    clause = nishi.get("clauses/7-1").json
    assert (clause["clause"], clause["duty"], clause["article"], clause["guideline"]) == (
        "7-1",
        "must",
        "7",
        False,
    )
    finding = next(f for f in clause["findings"] if f["subject"] == "U-SYS")
    assert (finding["kind"], finding["reason"], finding["outcome"]) == ("unit", "no_manager", "falls_short")
    assert "システム部" in finding["text"]["ja"]
    assert finding["who"] == "role:chief_system_officer"
    assert finding["data"] == {"unit": "U-SYS"}
    assert nishi.get("clauses/7-1", If_None_Match=nishi.get("clauses/7-1").etag).status == 304


def test_what_is_no_clause_is_not_found(nishi: Caller):
    for citation in ("99-1", "nonsense", "%00", "7-1%20"):
        assert nishi.get(f"clauses/{citation}").code == "not_found"


def test_the_assessment_is_the_array_of_the_command_line(cast: Any, nishi: Caller, capsys: Any):
    answer = nishi.get("assessment").json
    assert answer == json.loads(json.dumps(told(assess(snapshot()))))
    _json(assess(snapshot()))
    assert json.loads(capsys.readouterr().out) == answer
    day = clock.today() + timedelta(days=40)
    _json(assess(snapshot(day)))
    assert json.loads(capsys.readouterr().out) == nishi.get(f"assessment?on={day}").json
    tag = nishi.get("assessment").etag
    assert nishi.get("assessment", If_None_Match=tag).status == 304
    one = {c["clause"]: c for c in answer}["7-1"]
    detail = nishi.get("clauses/7-1").json
    assert {name: detail[name] for name in one} == one


def test_what_will_lapse_and_when(cast: Any, nishi: Caller):
    end = clock.today() + timedelta(days=10)
    with act("end", "operator:test") as doing:
        doing.put(Appointment, cast.aoki.appointment, {"until_on": end})
    soon = nishi.get("forecast?days=30").json
    assert soon["days"] == 30
    lapse = next(i for i in soon["items"] if i["clause"] == "7-1")
    assert lapse["finding"]["subject"] == "U-OPS"
    assert lapse["on"] == (end + timedelta(days=1)).isoformat()
    assert not [i for i in nishi.get("forecast?days=5").json["items"] if i["clause"] == "7-1"]


@pytest.mark.parametrize(
    "question", ["on=yesterday", "on=2026-02-30", "known_at=2026-01-01", "days=0", "days=9999"]
)
def test_a_question_that_cannot_be_asked_is_named(nishi: Caller, question: str):
    answer = nishi.get(f"forecast?{question}")
    assert answer.status == 422
    assert [p["name"] for p in answer.json["problems"]] == [question.split("=", maxsplit=1)[0]]


@pytest.mark.parametrize("day", ["1900-01-01", "2018-10-23", "2024-02-29", "2199-12-31"])
def test_any_day_can_be_judged(nishi: Caller, day: str):
    assert nishi.get(f"clauses?on={day}").json["on"] == day
    assert nishi.get(f"forecast?on={day}&days=3660").status == 200
    assert nishi.get(f"assessment?on={day}&known_at=1900-01-01T00:00:00Z").status == 200


def test_a_service_with_all_kinds_sees_how_the_member_stands(cast: Any):
    from sekisho.records.contents import KINDS

    assert service(reads=[m.about.name for m in KINDS]).get("assessment").status == 200
    assert service().get("assessment").code == "outside_token"


@pytest.mark.slow
def test_the_list_of_clauses_takes_under_thirty_milliseconds_in_a_warm_process(nishi: Caller):
    nishi.get("clauses")
    times = []
    for _ in range(20):
        began = time.perf_counter()
        assert nishi.get("clauses").status == 200
        times.append(time.perf_counter() - began)
    assert sorted(times)[len(times) // 2] < 0.03
