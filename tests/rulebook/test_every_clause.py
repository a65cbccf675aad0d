"""The rule is whole: every clause is declared in both languages, asked by a check, and tested by name."""

import ast
import csv
from pathlib import Path

import pytest

from sekisho.rulebook.contents import ARTICLES, checks_of, clauses

ARTICLE_TESTS = Path(__file__).parent / "articles"
ROWS = Path(__file__).parents[3] / "shared" / "rule" / "clauses.csv"
EVERY_CLAUSE = pytest.mark.parametrize("clause", clauses(), ids=lambda clause: clause.citation)
HOW_MANY = 126  # rows of the rule and its guideline, edition of 9 February 2024


def asked_in_tests() -> set[str]:
    """Every text that stands in the tests of articles: those that ask a clause name it."""
    files = [ast.parse(file.read_text(encoding="utf-8")) for file in ARTICLE_TESTS.glob("test_*.py")]
    nodes = (node for tree in files for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {node.value for node in nodes if isinstance(node.value, str)}


TEXTS = asked_in_tests()


def test_the_rule_has_its_clauses():
    assert len(clauses()) == HOW_MANY
    assert [a.number for a in ARTICLES] == [str(n) for n in range(1, 28)]


def test_every_row_of_the_rule_is_a_clause_in_the_same_words_and_nothing_else_is():
    if not ROWS.exists():
        pytest.skip(f"the rows of the rule are not here: {ROWS}")
    with ROWS.open(encoding="utf-8-sig", newline="") as file:
        rows = {row["clause"]: (row["duty"], row["ja"], row["en"]) for row in csv.DictReader(file)}
    assert {c.citation: (c.duty.value, c.text.ja, c.text.en) for c in clauses()} == rows


@EVERY_CLAUSE
def test_a_clause_has_words_in_both_languages(clause):
    assert any(ord(letter) > 0x3040 for letter in clause.text.ja)
    assert clause.text.en.isascii()
    assert clause.text.en.strip()


@EVERY_CLAUSE
def test_a_clause_that_is_asked_has_tests_of_its_own(clause):
    """Some test asks it by its number; met, the last good day and the rest are for its author and reader."""
    if checks_of(clause.citation):
        assert clause.citation in TEXTS
    else:
        assert clause.items or clause.read_with or clause.definition
