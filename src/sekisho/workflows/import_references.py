"""References of a file's rows: by key, or by a name that only one record bears; rows of one file in any order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache

from sekisho.findings.outcomes import CLAUSE, MEMBER
from sekisho.kernel.texts import Text
from sekisho.records.contents import is_kind, kind_named
from sekisho.records.fields import AnyReference, KindField, Reference, References
from sekisho.records.record import Record
from sekisho.rulebook.contents import CLAUSES
from sekisho.workflows.import_columns import model_of
from sekisho.workflows.import_plan import PlannedRow
from sekisho.workflows.import_register import Registers

_UNKNOWN = Text(
    "「{said}」に当たる{kind}がありません。キー（例 {prefix}-0001）"
    "か、1 件だけが持つ名称・氏名を入力するか、先に登録してください。",
    "No {kind} '{said}' is known. Write its key (such as {prefix}-0001) "
    "or a name that only one bears, or register it first.",
)
_SEVERAL = Text(
    "「{said}」に当たる{kind}が {number} 件あります（{keys}）。キーで指定してください。",
    "{number} records of the kind {kind} bear the name '{said}' ({keys}). Write the key.",
)
_NO_KIND = Text(
    "「{said}」という記録の種類はありません。「種別:キー」の形（例 unit:U-0001）で入力してください。",
    "There is no kind of record '{said}'. Write kind:key, such as unit:U-0001.",
)
_ON_BAD = Text(
    "参照先の {cell}（{key}）に誤りがあるため取り込めません。先にそちらを直してください。",
    "It refers to {cell} ({key}), which cannot be taken. Mend that first.",
)


def resolve(rows: list[PlannedRow], registers: Registers) -> None:
    """Put keys into the place of names in the rows' values; a problem where no record, or more than one, is meant.

    Every row must lie over the registers already.
    """
    _learn(rows, registers)
    for row in rows:
        for name, field in reference_fields(row.model):
            if name in row.columns and (value := row.values.get(name)) is not None:
                _resolve(row, name, field, value, registers)


@cache
def reference_fields(model: type[Record]) -> tuple[tuple[str, KindField], ...]:
    kinds = (Reference, References, AnyReference)
    return tuple((n, f) for n, f in model.kind_fields().items() if isinstance(f, kinds))


def refused_on_bad(rows: Iterable[PlannedRow], bad: dict[tuple[str, str], PlannedRow]) -> list[PlannedRow]:
    """The rows that refer to new records whose rows are bad; each gets the problem."""
    found = []
    for row in rows:
        for name, field in reference_fields(row.model):
            if name not in row.columns:
                continue
            for kind, key in _targets(field, row.values.get(name)):
                if (other := bad.get((kind, key))) and other is not row:
                    row.add("refers_to_bad", _ON_BAD.format(cell=other.cell(""), key=key), name)
                    found.append(row)
    return found


def _learn(rows: list[PlannedRow], registers: Registers) -> None:
    """Ask for all keys that the rows mention, kind by kind."""
    mentioned: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        for name, field in reference_fields(row.model):
            if name in row.columns:
                for kind, said in _targets(field, row.values.get(name)):
                    mentioned[kind].add(said)
    for kind, keys in mentioned.items():
        registers.learn(kind, keys)


def _targets(field: KindField, value: str | list[str] | None) -> Iterator[tuple[str, str]]:
    """(kind, key or name) of what a value refers to."""
    if value is None:
        return
    if isinstance(field, AnyReference):
        kind, _, said = str(value).partition(":")
        if named := _kind(kind):
            yield named, said
        return
    target: str = field.target  # type: ignore[attr-defined]
    for said in value if isinstance(value, list) else [value]:
        yield target, said


def _kind(said: str) -> str | None:
    if is_kind(said):
        return said
    model = model_of(said)
    return model.about.name if model else None


def _resolve(row: PlannedRow, name: str, field: KindField, value: str | list[str], all_: Registers) -> None:
    if row.before is not None and row.before.get(name) == value:
        return  # what stands already is not asked again
    if isinstance(field, AnyReference):
        kind, _, said = str(value).partition(":")
        if kind == MEMBER or (kind == CLAUSE and said in CLAUSES):
            return
        if (named := _kind(kind)) is None:
            row.add("unknown_reference", _NO_KIND.format(said=kind), name)
        elif name == "subject" and _asks_for_what_is_not_there(row):
            row.values[name] = f"{named}:{said}"
        elif key := _key(row, name, named, said, all_):
            row.values[name] = f"{named}:{key}"
        return
    target: str = field.target  # type: ignore[attr-defined]
    if isinstance(value, list):
        keys = [_key(row, name, target, said, all_) for said in value]
        if all(keys):
            row.values[name] = list(dict.fromkeys(keys))
    elif key := _key(row, name, target, value, all_):
        row.values[name] = key


def _asks_for_what_is_not_there(row: PlannedRow) -> bool:
    """Whether the row is an approval whose subject need not stand: not decided in its favour (yet), or of a removal."""
    if row.kind != "approval":
        return False
    return row.values.get("step") != "approved" or '"op":"remove"' in (row.values.get("change") or "")


def _key(row: PlannedRow, name: str, kind: str, said: str, registers: Registers) -> str | None:
    """The key that is meant; None, and a problem of the row, where none or several are."""
    if registers.row(kind, said) or registers.stands(kind, said):
        return said
    keys = registers.bearing(kind, said)
    if len(keys) == 1:
        return keys[0]
    about = kind_named(kind).about
    if keys:
        listed = ", ".join(sorted(keys)[:5])
        text = _SEVERAL.format(said=said, kind=about.label, number=len(keys), keys=listed)
        row.add("ambiguous_reference", text, name)
    else:
        text = _UNKNOWN.format(said=said, kind=about.label, prefix=about.prefix)
        row.add("unknown_reference", text, name)
    return None
