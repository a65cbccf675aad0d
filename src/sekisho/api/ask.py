"""Questions: the parameters of a request as what the layers below are asked."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from sekisho.access.rights import Refused
from sekisho.api.errors import Malformed, Place
from sekisho.api.kind_shapes import PageQuery, own_fields
from sekisho.api.types import BLANK
from sekisho.kernel.errors import Invalid
from sekisho.kernel.texts import Text
from sekisho.ledger.as_of import NotYetKnown
from sekisho.records.facts import Facts, Snapshot, facts_of, snapshot
from sekisho.records.fields import (
    AnyReference,
    Flag,
    Line,
    Quantity,
    Reference,
    References,
    Several,
    Words,
    WrongValue,
    clean,
)
from sekisho.records.record import Record, Values
from sekisho.records.register import Asked, Condition, default_order

_RANGES = (("gte", "from"), ("lte", "until"))
_PERSONAL = Text(
    "個人情報の項目（{names}）での絞り込み・並べ替えは、その登録簿を管理する人だけができます。",
    "Only who keeps the register may filter or sort by personal values ({names}).",
)


def snapshot_at(on: date | None, known_at: datetime | None) -> Snapshot:
    """The snapshot of a request. Raises Malformed for an instant that is yet to come."""
    try:
        return snapshot(on, known_at)
    except NotYetKnown as error:
        raise Malformed([Place("query", "known_at", error.text)]) from None


def facts_known(known_at: datetime | None) -> Facts | None:
    """The facts of a past instant, for the reads of registers; None for what is recorded now."""
    return facts_of(snapshot_at(None, known_at)) if known_at else None


# --- registers --------------------------------------------------------------------------------------------------


def asked_of(model: type[Record], query: PageQuery, hidden: frozenset[str]) -> Asked:
    """What is asked of a register. Raises Malformed, and Refused where it asks by what the reader must not see."""
    given = query.model_dump(exclude_unset=True)
    conditions: list[Condition] = []
    for name, field in own_fields(model).items():
        if given.get(name):
            values = tuple(dict.fromkeys(_value(name, field, v) for v in given[name]))
            conditions.append(Condition(name, "is", values))
        for suffix, op in _RANGES:
            if (bound := given.get(f"{name}__{suffix}")) is not None:
                conditions.append(Condition(name, op, (bound,)))
    sort, descending = _order(model, given.get("sort"))
    if behind := hidden & {sort, *(c.name for c in conditions)}:
        raise Refused(_PERSONAL, names=", ".join(sorted(behind)))
    return Asked(clean(query.q), tuple(conditions), sort, descending)


def chosen_fields(model: type[Record], query: PageQuery) -> tuple[str, ...]:
    """The fields that the answer gives, in the kind's order."""
    wanted = set(getattr(query, "fields", ()))
    own = own_fields(model)
    return tuple(n for n in own if n in wanted) or tuple(own)


def _value(name: str, field: Any, value: Any) -> Any:
    if value is None or value == BLANK:
        return None
    if isinstance(field, Flag):
        return value == "true"
    if not isinstance(value, str):
        return value
    try:
        read = field.from_text(value)
    except WrongValue as wrong:
        raise Malformed([Place("query", name, wrong.text)]) from None
    return read[0] if isinstance(read, list) else read or ""


def _order(model: type[Record], given: str | None) -> tuple[str, bool]:
    return (given.removeprefix("-"), given.startswith("-")) if given else default_order(model)


# --- writing ----------------------------------------------------------------------------------------------------


def values_in(model: type[Record], given: BaseModel, *, whole: bool) -> Values:
    """The values of a body as the records keep them; `whole`: what is left out is taken away. Raises Invalid."""
    sent = given.model_dump() if whole else given.model_dump(exclude_unset=True)
    fields, found, problems = own_fields(model), {}, {}
    for name, value in sent.items():
        try:
            found[name] = _kept(fields[name], value)
        except WrongValue as wrong:
            problems[name] = [wrong.text]
    if problems:
        raise Invalid(problems)
    return found


def _kept(field: Any, value: Any) -> Any:
    """Texts in their normal form; every other value as it is."""
    if isinstance(field, References) and value is not None:
        return list(dict.fromkeys(k for v in value if (k := clean(v)))) or None
    if isinstance(field, Several) and value is not None:
        return field.from_text(field.to_text(value))
    if isinstance(field, Quantity) and value is not None:
        return field.bounded(value)
    if isinstance(field, Line | Words | Reference | AnyReference) and value is not None:
        return field.from_text(value)
    return value


def same(model: type[Record], standing: Values, values: Values) -> bool:
    """Whether a change changes nothing."""
    fields = model.kind_fields()
    return all(
        fields[n].to_body(standing[n]) == fields[n].to_body(v if v not in ("", []) else None)
        for n, v in values.items()
    )
