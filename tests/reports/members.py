"""Made-up members: hypothesis strategies for records of every kind that fit together."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from sekisho.records.fields import (
    Choice,
    Day,
    Flag,
    Instant,
    KindField,
    Number,
    Quantity,
    References,
    Several,
    Words,
)
from sekisho.records.models import (
    Acknowledgement,
    Document,
    Monitor,
    Person,
    Safeguard,
    System,
    Unit,
    Vendor,
)
from sekisho.records.record import Record, Values
from tests.records.any_value import quantities, several

# Every sign that formats stumble over: formula signs, guards, quotes, separators, escapes, full width, line ends.
NASTY = st.sampled_from(
    ["=1+1", "+81", "-", "@x", "'=1", "''@", "'", '"', 'a"b', ",", ";", "a\nb", "a\tb", "_x0041_", "_x000D_", "#N/A",
     "＝1", "－", "007", "1e5", "TRUE", "はい", "2026-11-23", "#", "能ソ表", "①〜～−－ 髙﨑", "𠮷", "́é", "<&>", "{x}",
     "\u202e", "\ufffe", "null"]
)  # fmt: skip
TEXTS = st.one_of(
    NASTY,
    st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20),
    st.builds("".join, st.lists(NASTY, max_size=4)),
)
DAYS = st.dates(date(1860, 1, 1), date(2199, 12, 31))
INSTANTS = st.one_of(
    st.datetimes(datetime(1950, 1, 1), datetime(2199, 1, 1)).map(lambda d: d.replace(tzinfo=UTC)),
    st.datetimes(datetime(1950, 1, 1), datetime(2199, 1, 1)).map(
        lambda d: d.replace(microsecond=0, tzinfo=UTC)
    ),
)


def value_of(field: KindField, *, keys: list[str]) -> st.SearchStrategy[Any]:
    """Any value that the field keeps."""
    if isinstance(field, Choice):
        return st.sampled_from(list(field.options))
    if isinstance(field, Day):
        return DAYS
    if isinstance(field, Instant):
        return INSTANTS
    if isinstance(field, Number):
        return st.integers(field.least, field.most)
    if isinstance(field, Quantity):
        return quantities(field)
    if isinstance(field, Flag):
        return st.booleans()
    if isinstance(field, References):
        return st.lists(st.sampled_from(keys), min_size=1, unique=True) if keys else st.none()
    if isinstance(field, Several):
        return several(field)
    if getattr(field, "target", None):
        return st.sampled_from(keys) if keys else st.none()
    limit = 400 if isinstance(field, Words) else min(60, getattr(field, "max_length", None) or 60)
    return TEXTS.map(lambda t: field.from_text(t[:limit])).filter(bool)


@st.composite
def values(draw: st.DrawFn, model: type[Record], keys: dict[str, list[str]], **fixed: Any) -> Values:
    """Values of a record that the kind accepts."""
    found: Values = {}
    for name, field in model.kind_fields().items():
        if name in fixed:
            found[name] = fixed[name]
        elif field.type_name in ("evidence", "any_reference"):
            found[name] = None
        else:
            some = value_of(field, keys=keys.get(getattr(field, "target", ""), []))
            found[name] = draw(some if field.required else st.one_of(st.none(), some))
    return found


_BOUND: Quantity = Monitor.kind_fields()["bound"]


@st.composite
def members(draw: st.DrawFn) -> dict[type[Record], dict[str, Values]]:
    """A few units, people, vendors, systems, documents, safeguards, monitors and acknowledgements."""
    member: dict[type[Record], dict[str, Values]] = {}
    keys: dict[str, list[str]] = {}
    day = date(2020, 4, 1)
    for model, least, most, fixed in (
        (Unit, 0, 3, {"since_on": day, "until_on": None}),
        (Person, 0, 4, {"joined_on": day, "left_on": None, "vendor": "V"}),
        (Vendor, 1, 2, {"since_on": day, "until_on": None, "country": "JP"}),
        (System, 0, 3, {"in_use_until_on": None, "vendor": "V-0001", "out_of_scope_reason": "R"}),
        (Document, 0, 3, {"until_on": None, "review_by_on": None}),
        (Safeguard, 0, 3, {"since_on": day, "until_on": None}),
    ):
        name = model.about.name
        own = [f"{model.about.prefix}-{n:04d}" for n in range(1, draw(st.integers(least, most)) + 1)]
        keys[name] = own
        member[model] = {key: draw(values(model, keys, **fixed)) for key in own}
    bounds = {"direction": "at_most", "since_on": day, "until_on": None}
    member[Monitor] = {
        f"MO-{n:04d}": draw(values(Monitor, keys, system=system, bound=draw(quantities(_BOUND)), **bounds))
        for n, system in enumerate(keys["system"], 1)
    }
    pairs = [(p, d) for p in keys["person"] for d in keys["document"]]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    member[Acknowledgement] = {
        f"AK-{n:04d}": {
            "person": p,
            "document": d,
            "at": datetime(2021, 1, 1, tzinfo=UTC) + timedelta(days=n),
            "notes": None,
            "evidence": None,
        }
        for n, (p, d) in enumerate(chosen)
    }
    return member
