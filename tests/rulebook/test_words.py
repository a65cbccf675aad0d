"""Findings in words: names for keys, people for offices, days as people write them, in both languages."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import polars as pl
import pytest

from sekisho.kernel import clock
from sekisho.kernel.texts import Text
from sekisho.records.facts import snapshot
from sekisho.records.models import Appointment, Person, Unit
from sekisho.rulebook.assess import OUTCOMES, assess
from sekisho.rulebook.contents import all_checks, clause_named, clauses
from sekisho.rulebook.words import Finding, all_findings, findings_of, tight, worded
from sekisho.workflows.act import act
from tests.cast import JOINED, Cast

CHECK = "every_unit_has_a_system_manager"


def outcome(**values: Any) -> pl.DataFrame:
    """One outcome of check 7-1 that falls short."""
    row = {
        "kind": "unit", "subject": "U-OPS", "outcome": "falls_short", "reason": "no_manager", "data": "{}",
        "since": None, "due": None, "who": None, "check": CHECK, "excepted": False, "exception": None,
    }  # fmt: skip
    return pl.DataFrame([row | values], schema=OUTCOMES)


def told(**values: Any) -> Finding:
    return worded({"7-1": outcome(**values)}, snapshot())["7-1"][0]


def with_data(**data: str) -> str:
    return json.dumps(data)


def test_records_go_by_their_names_with_their_keys(cast: Cast) -> None:
    finding = told(data=with_data(unit="U-OPS"), since=date(2026, 4, 1))
    assert finding.text.ja.startswith("「業務部」（U-OPS）にシステム管理責任者がいません")
    assert finding.text.en.startswith("業務部 (U-OPS) has no system manager")
    assert finding.subject_text.ja == "業務部"
    assert finding.reference == "unit:U-OPS"


def test_a_record_that_is_gone_goes_by_its_key(cast: Cast) -> None:
    finding = told(subject="U-GONE", data=with_data(unit="U-GONE"))
    assert finding.subject_text.ja == "U-GONE"
    assert finding.text.ja.startswith("U-GONEにシステム管理責任者がいません")


def test_days_are_written_as_people_write_them(cast: Cast) -> None:
    finding = told(data=with_data(unit="U-OPS"), since=date(2026, 4, 1))
    assert "令和8年4月1日" in finding.text.ja
    assert "1 Apr 2026" in finding.text.en


@pytest.mark.parametrize(
    ("who", "words", "people"),
    [
        ("person:P-0008", "西 陽菜", ["西 陽菜"]),
        ("role:chief_system_officer", "システム統括管理責任者", ["佐倉 美咲"]),
        ("role:system_manager@U-OPS", "システム管理責任者（業務部）", ["青木 健"]),
        ("role:system_manager@U-RISK", "システム管理責任者（リスク管理部）（不在）", []),
        ("role:csirt_lead", "CSIRT責任者（不在）", []),
    ],
)
def test_an_office_is_told_with_those_who_hold_it_on_the_day(
    cast: Cast, who: str, words: str, people: list[str]
) -> None:
    someone = told(who=who).someone
    assert someone is not None
    assert (someone.text.ja, [name.ja for _, name in someone.people]) == (words, people)


def test_somebody_who_left_holds_no_office_any_more(cast: Cast) -> None:
    """旧田's appointment has no end beside leaving the firm."""
    with act("save_appointment", "operator:test") as doing:
        doing.put(Appointment, "A-0010", {"until_on": None})
    someone = told(who="role:system_manager@U-OPS").someone
    assert someone is not None
    assert [name.ja for _, name in someone.people] == ["青木 健"]


def test_a_reason_that_no_check_gives_any_more_stays_a_code(cast: Cast) -> None:
    assert told(reason="long_gone").text == Text("long_gone", "long_gone")


def test_silence_names_the_kinds_that_are_not_recorded(cast: Cast) -> None:
    state = assess(snapshot())["8-1"]
    texts = [f.text for f in findings_of(state, snapshot()) if f.reason == "nothing_recorded"]
    assert any("水準評価" in t.ja and "Assessment" in t.en for t in texts)


def test_what_is_met_is_left_out(cast: Cast) -> None:
    assert worded({"7-1": outcome(outcome="met", reason=None)}, snapshot())["7-1"] == []


def test_names_are_asked_for_in_one_query_however_many_findings(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    with act("units", "operator:test") as doing:
        values = {"function": "other", "since_on": JOINED}
        doing.put_new(Unit, [(f"U-{n:03d}", {**values, "name": f"部署{n}"}) for n in range(200)])
    seen = snapshot()
    assessment = assess(seen)
    all_findings(assessment)
    with django_assert_num_queries(1):
        told = all_findings(assessment)
    assert len(told["7-1"]) > 200


def test_a_past_moment_has_the_names_of_then(cast: Cast) -> None:
    before = clock.now()
    with act("rename", "operator:test") as doing:
        doing.put(Unit, "U-OPS", {"name": "新業務部"})
        doing.put(Person, "P-0002", {"name": "佐倉 新"})
    frame = {"7-1": outcome(data=with_data(unit="U-OPS"), who="role:chief_system_officer")}
    then, now = (worded(frame, snapshot(known_at=at))["7-1"][0] for at in (before, None))
    assert (then.subject_text.ja, now.subject_text.ja) == ("業務部", "新業務部")
    assert then.someone is not None
    assert now.someone is not None
    assert (then.someone.people[0][1].ja, now.someone.people[0][1].ja) == ("佐倉 美咲", "佐倉 新")


def test_the_spaces_round_fields_go_but_not_those_between_words() -> None:
    assert tight(Text("限度 {n} を {m} まで", "{n} to {m}")) == Text("限度{n}を{m}まで", "{n} to {m}")


def test_every_reason_asks_for_the_same_fields_in_both_languages() -> None:
    for check in all_checks():
        for code, words in check.reasons.items():
            fields = [set(re.findall(r"\{(\w+)\}", text)) for text in (words.ja, words.en)]
            assert fields[0] == fields[1], f"{check.clause} {check.name} {code}"


def test_a_checks_name_stands_once_among_what_a_clause_is_judged_by() -> None:
    """The words of a finding are found by its check's name."""
    names = [c.name for c in all_checks()]
    by_clause = {c.citation: {k.name for k in all_checks() if k.clause == c.citation} for c in clauses()}

    def parts_of(citation: str) -> list[str]:
        return [*by_clause[citation], *(n for item in clause_named(citation).items for n in parts_of(item))]

    for clause in clauses():
        parts = parts_of(clause.citation)
        assert len(parts) == len(set(parts)), clause.citation
    assert names
