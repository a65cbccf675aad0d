"""From the outcomes of a clause's checks to its verdict."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import polars as pl

from sekisho.findings.outcomes import FALLS_SHORT, NO_EVIDENCE
from sekisho.kernel.texts import Text


class Duty(StrEnum):
    SCOPE = "scope"
    MUST = "must"
    SHOULD = "should"
    MAY = "may"


class Verdict(StrEnum):
    MET = "met"
    MET_BY_EXCEPTION = "met_by_exception"
    FALLS_SHORT = "falls_short"
    NO_EVIDENCE = "no_evidence"
    NOT_APPLICABLE = "not_applicable"
    DEFINITION = "definition"


DUTY_WORDS: dict[Duty, Text] = {
    Duty.SCOPE: Text("適用範囲", "Scope"),
    Duty.MUST: Text("義務", "Obligation"),
    Duty.SHOULD: Text("努力義務", "Endeavour"),
    Duty.MAY: Text("例示・指針", "Guidance"),
}
VERDICT_WORDS: dict[Verdict, Text] = {
    Verdict.MET: Text("充足", "Met"),
    Verdict.MET_BY_EXCEPTION: Text("例外承認により充足", "Met by exception"),
    Verdict.FALLS_SHORT: Text("不足", "Falls short"),
    Verdict.NO_EVIDENCE: Text("証跡なし", "No evidence"),
    Verdict.NOT_APPLICABLE: Text("適用なし", "Not applicable"),
    Verdict.DEFINITION: Text("定義", "Definition"),
}
_WORST_FIRST = (
    Verdict.FALLS_SHORT,
    Verdict.NO_EVIDENCE,
    Verdict.MET_BY_EXCEPTION,
    Verdict.MET,
    Verdict.NOT_APPLICABLE,
    Verdict.DEFINITION,
)


def verdict_of(outcomes: pl.DataFrame) -> Verdict:
    """The verdict of outcomes with a Boolean column `excepted` (see rulebook/exceptions.py).

    Nothing answered is no evidence: silence is never compliance.
    """
    if outcomes.is_empty():
        return Verdict.NO_EVIDENCE
    standing = outcomes.filter(~pl.col("excepted"))["outcome"].unique().to_list()
    if FALLS_SHORT in standing:
        return Verdict.FALLS_SHORT
    if NO_EVIDENCE in standing:
        return Verdict.NO_EVIDENCE
    return Verdict.MET_BY_EXCEPTION if outcomes["excepted"].any() else Verdict.MET


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict of a clause made of items; no evidence where it has none."""
    found = set(verdicts)
    return next((v for v in _WORST_FIRST if v in found), Verdict.NO_EVIDENCE)
