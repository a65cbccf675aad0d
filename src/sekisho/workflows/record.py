"""Acts on records of any kind: keep, change, remove. What takes approval goes through `approve` instead."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sekisho.access.rights import Actor, require_write
from sekisho.findings.outcomes import CLAUSE, MEMBER
from sekisho.kernel.errors import Invalid, NotFound, Refused, SekishoError
from sekisho.kernel.texts import Text
from sekisho.records.contents import KINDS, is_kind, kind_named
from sekisho.records.fields import (
    AnyReference,
    Choice,
    Day,
    EvidenceFiles,
    Flag,
    Instant,
    KindField,
    Number,
    Quantity,
    Reference,
    References,
    Several,
    WrongValue,
    clean,
)
from sekisho.records.record import Problems, Record, Values, merged
from sekisho.rulebook.contents import CLAUSES
from sekisho.workflows.act import act, next_keys
from sekisho.workflows.ruled import problems_by_rule

KEY_LENGTH = 64
RESERVED = (".", "..", "new", "bulk", "export")  # what an address beside the records' keys means already
_KEPT_BY_ITS_ACTS = Text(
    "承認の記録は、申請・承認・差戻し・取下げの操作によってのみ作成されます。承認の画面で操作してください。",
    "Approvals are kept only by asking, approving, sending back and withdrawing. Use the page of approvals.",
)


class NeedsApproval(SekishoError):
    """The change takes an approval; ask for it instead of writing."""

    code = "needs_approval"
    status = 409
    text = Text(
        "この変更には承認が必要です（承認者: {roles}）。申請してください。",
        "This change takes approval (by: {roles}). Submit it for approval.",
    )


def save_record(
    actor: Actor,
    model: type[Record],
    key: str | None,
    values: Values,
    *,
    expected_ver: int | None = None,
    reason: str = "",
) -> Record:
    """Keep a new record (`key` None: the next free one) or change one. `values` replace the fields they name.

    Raises Refused, Invalid, Conflict, or NeedsApproval where the kind's approvers must agree first.
    """
    require_write(actor, model)
    with act(f"save_{model.about.name}", actor.by, reason) as doing:
        chosen = checked_key(key) if key else next_keys(model)[0]
        whole = whole_values(model, chosen, values)
        if found := problems_of(model, chosen, whole):
            raise Invalid(found)
        if not actor.operator:
            refuse_governed(model, whole)
        return doing.put(model, chosen, whole, expected_ver=expected_ver)


def remove_record(
    actor: Actor, model: type[Record], key: str, *, expected_ver: int | None = None, reason: str = ""
) -> None:
    """Take a record out of its register; its past stays in the ledger. Refused while other records refer to it."""
    require_write(actor, model)
    with act(f"remove_{model.about.name}", actor.by, reason) as doing:
        standing = model.objects.filter(pk=key).first()
        if standing is None:
            raise NotFound(what=f"{model.about.name}:{key}")
        if not actor.operator:
            refuse_governed(model, standing.values())
        if holders := referring(model, key):
            raise Invalid({"": [_still_referred(holders)]})
        doing.remove(model, key, expected_ver=expected_ver)


def refuse_governed(model: type[Record], values: Values) -> None:
    """Raise NeedsApproval where the values take one. An approval itself is kept by its own acts, and by no other."""
    if model.about.name == "approval":
        raise Refused(_KEPT_BY_ITS_ACTS)
    from sekisho.access.rights import role_names  # noqa: PLC0415

    if approvers := model.about.approvers(values):
        raise NeedsApproval(roles=role_names(approvers))


def problems_of(model: type[Record], key: str, values: Values) -> Problems:
    """What is wrong with a record's whole values: types, required fields, references, its kind's rules, the rule's."""
    alone: Problems = {}
    for name, field in model.kind_fields().items():
        if problem := _problem_of(field, values.get(name)):
            alone[name] = [problem]
    if alone:
        return alone
    together = merged(model.problems(values), _dangling(model, values), problems_by_rule(model, values))
    return together or model.problems_among(key, values)


def checked_key(key: str) -> str:
    """The key as it is kept. Raises Invalid where it cannot be one."""
    wanted = clean(key)
    if (
        not wanted
        or len(wanted) > KEY_LENGTH
        or any(c in wanted for c in "/\\:;?#\n\t ")
        or wanted in RESERVED
    ):
        raise Invalid(
            {
                "key": [
                    Text(
                        f"キーは {KEY_LENGTH} 文字以内で、空白と / \\ : ; ? # は使えません。"
                        "new、bulk、export も使えません。",
                        f"A key has at most {KEY_LENGTH} characters, no space and none of / \\ : ; ? #, "
                        "and is none of new, bulk and export.",
                    )
                ]
            }
        )
    return wanted


def referring(model: type[Record], key: str) -> list[str]:
    """Up to five records (kind:key) that refer to this one."""
    found: list[str] = []
    for other in KINDS:
        for name, field in other.kind_fields().items():
            found += [f"{other.about.name}:{k}" for k in _referring_by(other, name, field, model, key)]
    return found[:5]


def _referring_by(
    other: type[Record], name: str, field: KindField, model: type[Record], key: str
) -> list[str]:
    """Up to five keys of records whose field refers to the record."""
    if isinstance(field, Reference | References) and field.target != model.about.name:
        return []
    if isinstance(field, Reference):
        rows = other.objects.filter(**{name: key})
    elif isinstance(field, AnyReference):
        rows = other.objects.filter(**{name: f"{model.about.name}:{key}"})
    elif isinstance(field, References):
        filled = other.objects.filter(**{f"{name}__isnull": False}).values_list("pk", name)
        return [k for k, named in filled if key in (named or [])][:5]
    else:
        return []
    return list(rows.values_list("pk", flat=True)[:5])


def whole_values(model: type[Record], key: str, values: Values) -> Values:
    """All of a record's values after a change: those that stand, with the given ones in their places."""
    fields = model.kind_fields()
    if unknown := sorted(set(values) - set(fields)):
        raise Invalid(
            {
                name: [Text("この種類の記録にない項目です。", "This kind has no such field.")]
                for name in unknown
            }
        )
    standing = model.objects.filter(pk=key).first()
    before = standing.values() if standing else dict.fromkeys(fields)
    return before | {n: (v if v not in ("", []) else None) for n, v in values.items()}


_TYPES: dict[type[KindField], tuple[type, ...]] = {
    Flag: (bool,), Number: (int,), Quantity: (Decimal,), Instant: (datetime,), Day: (date,), Several: (list,),
    EvidenceFiles: (list,),
}  # fmt: skip


def _problem_of(field: KindField, value: Any) -> Text | None:
    if value is None:
        return Text("入力してください。", "It is needed.") if field.required else None
    wanted = next((types for cls, types in _TYPES.items() if isinstance(field, cls)), (str,))
    wrong_type = not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted)
    if wrong_type or (isinstance(field, Day) and isinstance(value, datetime)):
        return Text(
            f"値の型が違います（{field.type_name}）。", f"It is not a value of the type {field.type_name}."
        )
    if isinstance(field, Instant) and value.tzinfo is None:
        return Text("時差のある日時で指定してください。", "Give the instant with its offset.")
    if isinstance(field, Choice) and value not in field.options:
        return Text(
            f"次から選んでください: {'、'.join(field.options)}", f"Choose one of: {', '.join(field.options)}"
        )
    return _bounds(field, value)


def _bounds(field: KindField, value: Any) -> Text | None:
    try:
        if isinstance(field, Number | Quantity | Several):
            field.bounded(value)
        elif isinstance(value, str):
            field.from_text(value)
    except WrongValue as wrong:
        return wrong.text
    return None


def _dangling(model: type[Record], values: Values) -> Problems:
    """References to records that are not there."""
    found: Problems = {}
    for name, field in model.kind_fields().items():
        value = values.get(name)
        if value is None:
            continue
        if isinstance(field, Reference):
            missing = [] if kind_named(field.target).objects.filter(pk=value).exists() else [value]
        elif isinstance(field, References):
            there = set(kind_named(field.target).objects.filter(pk__in=value).values_list("pk", flat=True))
            missing = [v for v in value if v not in there]
        elif isinstance(field, AnyReference):
            missing = [] if _exists(value) else [value]
        else:
            continue
        if missing:
            found[name] = [
                Text(
                    f"{', '.join(missing)} は登録されていません。先に登録するか、キーを確認してください。",
                    f"{', '.join(missing)} is not on record. Register it first, or check the key.",
                )
            ]
    return found


def _exists(reference: str) -> bool:
    kind, _, key = reference.partition(":")
    if kind == MEMBER:
        return True
    if kind == CLAUSE:
        return key in CLAUSES
    return is_kind(kind) and kind_named(kind).objects.filter(pk=key).exists()


def _still_referred(holders: list[str]) -> Text:
    return Text(
        f"ほかの記録（{', '.join(holders)}）から参照されています。終了日を入れて閉じるか、参照を先に外してください。",
        f"Other records refer to it ({', '.join(holders)}). End it by date, or mend those first.",
    )
