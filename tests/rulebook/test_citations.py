"""Citations as titles: articles, paragraphs, items, guidelines, in both languages."""

import pytest

from sekisho.rulebook import citations
from sekisho.rulebook.contents import clauses


@pytest.mark.parametrize(
    ("citation", "ja", "en"),
    [
        ("1", "第1条", "Clause 1"),
        ("7-1", "第7条第1項", "Clause 7-1"),
        ("6-1-3", "第6条第1項第3号", "Clause 6-1-3"),
        ("27-1", "第27条第1号", "Clause 27-1"),
        ("G24-1", "ガイドライン第24条第1項関係", "Guideline to 24-1"),
        ("G27-1", "ガイドライン第27条第1号関係", "Guideline to 27-1"),
        ("G7", "ガイドライン第7条関係", "Guideline to 7"),
        ("99-9", "99-9", "99-9"),
    ],
)
def test_a_citation_reads_as_the_rule_is_cited(citation, ja, en):
    words = citations.in_words(citation)
    assert (words.ja, words.en) == (ja, en)


def test_no_two_clauses_bear_one_title():
    for language in ("ja", "en"):
        titles = [citations.in_words(clause.citation).in_(language) for clause in clauses()]
        assert len(set(titles)) == len(titles)


def test_a_subject_is_titled_where_it_is_a_clause_of_the_rule():
    assert citations.named("clause:7-1") == citations.in_words("7-1")
    assert citations.named("unit:7-1") is None
    assert citations.named("clause:99-9") is None
    assert citations.named("member") is None
