"""What is wrong with a record that the records themselves do not know: clauses by the rulebook, rules by the watch."""

from __future__ import annotations

from sekisho.kernel.texts import Text
from sekisho.records.models import GrantedException, WatchRules
from sekisho.records.record import Problems, Record, Values
from sekisho.rulebook.contents import CLAUSES
from sekisho.rulebook.exceptions import may_be_done_otherwise
from sekisho.watch.language import BadRules, compile_rules, told

_UNKNOWN = Text(
    "「{clause}」という条項はありません。7-1、10-2-4、G5-1 のように入力してください。",
    "There is no clause '{clause}'. Write it like 7-1, 10-2-4, G5-1.",
)
_NO_EXAMPLE = Text(
    "{clause} は例示・指針の条項ではないため、代替措置では充足できません。期限のある「例外」として申請してください。",
    "{clause} is no guidance clause, so it cannot be met by doing otherwise. Ask for an exception with an end.",
)


def problems_by_rule(model: type[Record], values: Values) -> Problems:
    """For a departure: its clause exists, and where the member does otherwise, it is one that gives an example.

    For detection rules: everything that keeps them from being used, each with its line and column.
    """
    if model is WatchRules:
        return _problems_of_rules(values.get("rules") or "")
    if model is not GrantedException:
        return {}
    citation = values.get("clause") or ""
    if citation not in CLAUSES:
        return {"clause": [_UNKNOWN.format(clause=citation)]}
    if values.get("kind") == "otherwise" and not may_be_done_otherwise(citation):
        return {"clause": [_NO_EXAMPLE.format(clause=citation)]}
    return {}


def _problems_of_rules(text: str) -> Problems:
    try:
        compile_rules(text)
    except BadRules as bad:
        return {"rules": [told(problem) for problem in bad.problems]}
    return {}
