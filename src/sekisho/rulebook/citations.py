"""Citations in words, as people in Japan write them: 10-3 is 第10条第3項, G5-1 the guideline to 第5条第1項."""

from __future__ import annotations

from sekisho.findings.outcomes import CLAUSE
from sekisho.kernel.texts import Text
from sekisho.rulebook.language import CLAUSES

_BELOW_ARTICLE = ("第{}項", "第{}号")


def in_words(citation: str) -> Text:
    """The clause as a title; the citation itself where the rulebook has no such clause."""
    if citation not in CLAUSES:
        return Text(citation, citation)
    number = citation.removeprefix("G")
    if not CLAUSES[citation].is_guideline:
        return Text(_numbered(number), f"Clause {citation}")
    return Text(f"ガイドライン{_numbered(number)}関係", f"Guideline to {_plain(number)}")


def named(reference: str) -> Text | None:
    """The title of a subject `clause:10-3`; None for any other, and where there is no such clause."""
    kind, _, citation = reference.partition(":")
    return in_words(citation) if kind == CLAUSE and citation in CLAUSES else None


def _numbered(number: str) -> str:
    if number.startswith("C"):  # GC3: the guideline to a chapter
        return f"第{number[1:]}章"
    article, *below = number.split("-")
    words = f"第{article.replace('_', '条の')}" if "_" in article else f"第{article}条"
    only_items = article in CLAUSES and f"{article}-{below[0]}" in CLAUSES[article].items if below else False
    marks = _BELOW_ARTICLE[1:] if only_items else _BELOW_ARTICLE  # article 27 has items and no paragraphs
    return words + "".join(mark.format(n) for mark, n in zip(marks, below, strict=False))


def _plain(number: str) -> str:
    return f"chapter {number[1:]}" if number.startswith("C") else number
