"""One battery over every check that exists: what it declares is what it asks, and what it may answer has words."""

from string import Formatter

import pytest

from sekisho.findings.verdicts import Duty
from sekisho.kernel.texts import Text
from sekisho.records.contents import KINDS
from sekisho.records.facts.snapshot import GivenFacts
from sekisho.rulebook.contents import all_checks, article_of, clause_named, clauses
from sekisho.rulebook.language import CLAUSES, Clause
from sekisho.rulebook.limits import Limits, all_limits
from tests.rulebook.asking import day

ON = day(2026, 11, 23)
EVERY_CHECK = pytest.mark.parametrize("check", all_checks(), ids=lambda check: f"{check.clause} {check.name}")
HIRAGANA = range(0x3041, 0x3097)


class Overheard(GivenFacts):
    """No facts at all; notes which kinds are asked for."""

    def __init__(self):
        super().__init__({})
        self.asked = set()

    def frame(self, model):
        self.asked.add(model)
        return super().frame(model)


class OverheardLimits(Limits):
    """The default limits; notes which are asked for."""

    def __init__(self):
        super().__init__(ON)
        self.asked = set()

    def value(self, name):
        self.asked.add(name)
        return super().value(name)


@EVERY_CHECK
def test_a_check_reads_no_kind_and_no_limit_that_it_does_not_declare(check):
    """One that is not declared would leave an old answer standing after it changed.

    A check may declare a kind that it does not ask: one whose records show that the member is there, so that the lack
    of the others is a shortfall and not silence.
    """
    facts, limits = Overheard(), OverheardLimits()
    check.function(facts, ON, limits)
    assert {m.about.name for m in facts.asked} <= {m.about.name for m in check.reads}
    assert limits.asked == set(check.limits)
    assert set(check.reads) <= set(KINDS)
    assert set(check.limits) <= set(all_limits())


@EVERY_CHECK
def test_a_check_without_a_fact_answers_nothing_that_is_met(check):
    found = check.function(Overheard(), ON, Limits(ON)).collect()
    assert "met" not in found["outcome"].to_list()


@EVERY_CHECK
def test_a_check_asks_one_question_and_stands_in_its_article(check):
    assert check.question.en.endswith("?")
    assert check.question.ja.endswith("か。")
    article = article_of(clause_named(check.clause))
    assert f".{article.module}." in f"{check.function.__module__}."


@EVERY_CHECK
def test_every_reason_has_words_in_both_languages_that_tell_of_the_same(check):
    for code, text in check.reasons.items():
        ja, en = (
            {name for _, name, _, _ in Formatter().parse(words) if name} for words in (text.ja, text.en)
        )
        assert any(ord(letter) in HIRAGANA for letter in text.ja), code
        assert text.en.isascii(), code
        assert text.ja.endswith("。"), code
        assert text.en.endswith("."), code
        assert en <= ja or ja <= en, code


def test_a_guideline_stands_with_its_article_after_all_paragraphs(monkeypatch):
    """Also one whose citation names no article, and wherever in the module it is declared."""
    declared = Clause("GC3", Duty.MAY, Text("意義", "Meaning"), definition=True, article="7")
    monkeypatch.setitem(CLAUSES, "GC3", declared)
    assert article_of(declared).number == "7"
    for number in {clause.article for clause in clauses()}:
        mine = [clause.is_guideline for clause in clauses() if clause.article == number]
        assert mine == sorted(mine)
    citations = [clause.citation for clause in clauses()]
    assert citations[citations.index("7-3") :][:4] == ["7-3", "G7", "GC3", "8-1"]


def test_every_clause_is_asked_by_checks_or_items_or_stands_by_another_or_is_a_definition():
    """Checks of its own and items go together; each of the other two excludes all else."""
    asked = {check.clause for check in all_checks()}
    for clause in clauses():
        ways = (clause.citation in asked or bool(clause.items), bool(clause.read_with), clause.definition)
        assert sum(ways) == 1, clause.citation
        assert all(clause_named(other) for other in (*clause.items, *filter(None, [clause.read_with])))
