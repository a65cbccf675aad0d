"""What an article declares: its clauses in the rule's order, and the checks that ask them of records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.kernel.texts import Text
from sekisho.records.facts import Facts
from sekisho.records.record import Record
from sekisho.rulebook.limits import Limits

BEGINNING = date(2018, 10, 24)  # the day on which the rule came into force


@dataclass(frozen=True)
class Clause:
    """The smallest numbered part of the rule, in our words.

    `items`: it is judged by these clauses, and by checks of its own where it has any: the worst of them.
    `read_with`: it shares that clause's verdict. `definition`: it sets reach and is never judged.
    `article`: the number of the article that it stands with, as text.
    """

    citation: str
    duty: Duty
    text: Text
    items: tuple[str, ...] = ()
    read_with: str = ""
    definition: bool = False
    article: str = ""

    def __post_init__(self) -> None:
        if not self.article:  # '7' of '7-1'; a guideline's is that of its article: '5' of 'G5-1'
            object.__setattr__(self, "article", self.citation.removeprefix("G").split("-")[0])

    @property
    def is_guideline(self) -> bool:
        return self.citation.startswith("G")


class CheckFunction(Protocol):
    __name__: str
    __doc__: str | None
    __module__: str

    def __call__(self, facts: Facts, on: date, limits: Limits) -> pl.LazyFrame: ...


@dataclass(frozen=True)
class Check:
    """One question that a clause asks of records. `since` and `until` date it: an amendment adds a new check beside.

    `continual`: it asks of what comes in all the time (logs, feeds). That a day to come has heard nothing yet tells
    nothing, so that forecasts leave it out.
    """

    clause: str
    asks: str
    function: CheckFunction
    reads: tuple[type[Record], ...]
    reasons: dict[str, Text]
    limits: tuple[str, ...] = ()
    since: date = BEGINNING
    until: date | None = None
    continual: bool = False
    name: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.function.__name__)

    @property
    def question(self) -> Text:
        """The check as one question: in English the first line of its documentation."""
        return Text(self.asks, (self.function.__doc__ or "").strip().split("\n")[0])

    def stands_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


NOTHING_RECORDED = "nothing_recorded"
COMMON_REASONS = {
    NOTHING_RECORDED: Text(
        "判定に必要な記録（{kinds}）がありません。記録がないことは充足を意味しません。該当がない場合は「適用なし」の承認を受けてください。",
        "Nothing is recorded to judge by ({kinds}). Silence is not compliance: "
        "record it, or have 'not applicable' approved.",
    )
}
CLAUSES: dict[str, Clause] = {}
CHECKS: dict[str, list[Check]] = {}


def clause(
    citation: str,
    duty: Duty,
    ja: str,
    en: str,
    *,
    items: tuple[str, ...] = (),
    read_with: str = "",
    definition: bool = False,
    article: str = "",
) -> Clause:
    """Declare a clause. Each citation once. `article`: where the citation does not tell it ('GC3': '9')."""
    if citation in CLAUSES:
        raise ValueError(f"clause {citation} is declared twice")
    CLAUSES[citation] = Clause(citation, duty, Text(ja, en), items, read_with, definition, article)
    return CLAUSES[citation]


def check(
    citation: str,
    *,
    asks: str,
    reads: tuple[type[Record], ...],
    reasons: dict[str, tuple[str, str]],
    limits: tuple[str, ...] = (),
    since: date = BEGINNING,
    until: date | None = None,
    continual: bool = False,
) -> Callable[[CheckFunction], CheckFunction]:
    """Declare a check of a clause that stands above it.

    `asks`: the question in Japanese; in English it is the first line of the function's documentation.
    `reads`: every kind that it asks. `reasons`: code -> (Japanese, English), with `{fields}` from its data.
    `limits`: every limit that it uses. `continual`: see Check.
    """

    def declared(function: CheckFunction) -> CheckFunction:
        words = {code: Text(*pair) for code, pair in reasons.items()}
        CHECKS.setdefault(citation, []).append(
            Check(citation, asks, function, reads, words, limits, since, until, continual)
        )
        return function

    return declared


def audited_citations() -> dict[str, str]:
    """The clauses that a system audit must cover (24-2), each with the number of its article, in the rule's order.

    All that is judged by itself: a definition sets reach, what is read with another clause is audited with that one,
    and a clause that is nothing but its items is audited when they are.
    """
    asked = [c for c in CLAUSES.values() if not (c.definition or c.read_with)]
    return {c.citation: c.article for c in asked if not c.items or c.citation in CHECKS}
