"""What is wrong with a record by the rulebook, which the records themselves do not know: the clauses that they name."""

from __future__ import annotations

from sekisho.kernel.texts import Text
from sekisho.records.models import GrantedException
from sekisho.records.record import Problems, Record, Values
from sekisho.rulebook.contents import CLAUSES
from sekisho.rulebook.exceptions import may_be_done_otherwise

_UNKNOWN = Text(
    "「{clause}」という条項はありません。7-1、10-2-4、G5-1 のように入力してください。",
    "There is no clause '{clause}'. Write it like 7-1, 10-2-4, G5-1.",
)
_NO_EXAMPLE = Text(
    "{clause} は例示・指針の条項ではないため、代替措置では充足できません。期限のある「例外」として申請してください。",
    "{clause} is no guidance clause, so it cannot be met by doing otherwise. Ask for an exception with an end.",
)


def problems_by_rule(model: type[Record], values: Values) -> Problems:
    """For a departure: its clause exists, and where the member does otherwise, it is one that gives an example."""
    if model is not GrantedException:
        return {}
    citation = values.get("clause") or ""
    if citation not in CLAUSES:
        return {"clause": [_UNKNOWN.format(clause=citation)]}
    if values.get("kind") == "otherwise" and not may_be_done_otherwise(citation):
        return {"clause": [_NO_EXAMPLE.format(clause=citation)]}
    return {}
