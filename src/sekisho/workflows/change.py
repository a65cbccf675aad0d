"""A change that takes approval: what is asked for, of which version of what, and who may agree to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Literal

from django.db.models import Q

from sekisho.kernel import clock
from sekisho.kernel.errors import Conflict, Invalid, NotFound, SekishoError
from sekisho.kernel.texts import Text
from sekisho.ledger.canonical import canonical
from sekisho.ledger.models import Version
from sekisho.records.contents import is_kind, kind_named
from sekisho.records.fields import Choice
from sekisho.records.models import Appointment, Approval, Document, Person
from sekisho.records.record import Record, Values
from sekisho.workflows.act import Act
from sekisho.workflows.erase import erase_person, refuse_working
from sekisho.workflows.record import problems_of, referring, whole_values

Op = Literal["write", "remove", "erase"]
ERASURE_APPROVERS = frozenset({"chief_system_officer", "representative_director"})
_AT_ONCE = 200  # versions asked for in one query
_FORCE_FIELDS = ("in_force_on", "from_on", "since_on")


class SubjectChanged(Conflict):
    """The record is no longer the version that the change was made against."""

    code = "subject_changed"
    text = Text(
        "申請の後に {subject} が変更されました（申請時 第{seen}版、現在 第{now}版）。"
        "取り下げて、最新の内容から申請し直してください。",
        "{subject} changed since this was asked for (version {seen} then, {now} now). Withdraw it and ask again.",
    )


class NoApprovalNeeded(SekishoError):
    """The change needs nobody's approval; write it."""

    code = "no_approval_needed"
    status = 409
    text = Text(
        "この変更に承認は不要です。申請せずにそのまま保存してください。",
        "This change takes no approval. Save it directly.",
    )


class UnreadableChange(SekishoError):
    """The approval holds no change that could be applied: it was taken from a file, or is of a kind that is gone."""

    code = "unreadable_change"
    status = 409
    text = Text(
        "承認 {key} には適用できる変更内容がありません。申請し直してください。",
        "The approval {key} holds no change that can be applied. Ask for the change again.",
    )


@dataclass(frozen=True)
class Change:
    """`seen` is the subject's version that the change was made against (0: there was none).

    `values` are all values that the record would have, by field name; empty unless `op` is write.
    """

    op: Op
    model: type[Record]
    key: str
    seen: int
    values: Values

    @property
    def subject(self) -> str:
        return f"{self.model.about.name}:{self.key}"

    @property
    def text(self) -> str:
        """The canonical JSON that the approval keeps: op, seen_ver, and the values in body form (null: none)."""
        body = body_values(self.model, self.values) if self.op == "write" else None
        return canonical({"op": self.op, "seen_ver": self.seen, "values": body}).decode()

    @cached_property
    def before(self) -> Values:
        """The values of the version that the change was made against; empty where there was none."""
        if not self.seen:
            return {}
        version = Version.objects.filter(kind=self.model.about.name, rec=self.key, ver=self.seen).first()
        return values_from(self.model, json.loads(bytes(version.body))) if version else {}

    @property
    def in_force_on(self) -> date | None:
        """The day that the values themselves name; None where they name none."""
        return next((d for name in _FORCE_FIELDS if (d := self.values.get(name))), None)

    @property
    def roles(self) -> frozenset[str]:
        """The roles of which the one who decides must hold one: those that both the old and the new values ask for."""
        if self.op == "erase":
            return ERASURE_APPROVERS
        asked = [self.model.about.approvers(v) for v in (self.before, self.values) if v]
        named = [roles for roles in asked if roles]
        return frozenset.intersection(*named) or named[-1] if named else frozenset()

    @property
    def concerned(self) -> frozenset[str]:
        """The people who may not decide because it is about themselves: whoever is appointed, or no longer."""
        people = {v.get("person") for v in (self.before, self.values)} if self.model is Appointment else set()
        return frozenset(p for p in people if p) | ({self.key} if self.op == "erase" else frozenset())

    @property
    def spoken_of(self) -> frozenset[str]:
        """The people (kind:key) whose names belong into the change's words."""
        return frozenset(f"person:{key}" for key in self.concerned)

    def words(self, names: Mapping[str, Text]) -> Text:
        """The record that it is about: 規程・計画類「基本方針」（D-0001）. `names` are those of `spoken_of`."""
        about, values = self.model.about, self.values or self.before
        field = self.model.kind_fields()[about.title]
        title = str(values.get(about.title) or self.key)
        told = [field.label_of(title) if isinstance(field, Choice) else Text(title, title)]
        people = [names[reference] for reference in sorted(self.spoken_of) if reference in names]
        told = people if self.op == "erase" and people else [*told, *people]
        ja, en = "・".join(t.ja for t in told), ", ".join(t.en for t in told)
        return Text(f"{about.ja}「{ja}」（{self.key}）", f"{about.en} '{en}' ({self.key})")

    def refuse_stale(self) -> None:
        now = self.model.objects.filter(pk=self.key).values_list("ver", flat=True).first() or 0
        if now != self.seen:
            raise SubjectChanged(subject=self.subject, seen=self.seen, now=now)

    def refuse_backdated(self) -> None:
        """A document comes into force on the day of its approval at the earliest."""
        day = self.values.get("in_force_on") if self.model is Document else None
        if day and day < clock.today() and day != self.before.get("in_force_on"):
            raise Invalid({"in_force_on": [_BACKDATED.format(day=day, today=clock.today())]})

    def refuse_wrong(self) -> None:
        """Everything that would stop the change from being applied now."""
        self.refuse_stale()
        if self.op == "write" and (found := problems_of(self.model, self.key, self.values)):
            raise Invalid(found)
        if self.op == "remove" and (holders := _holders(self.model, self.key)):
            raise Invalid({"": [_REFERRED.format(holders=", ".join(holders))]})
        if self.op == "erase":
            refuse_working(self.key)

    def apply(self, doing: Act) -> int:
        """Write it in the act under way; returns the version that it wrote."""
        self.refuse_wrong()
        if self.op == "write":
            return doing.put(self.model, self.key, self.values, expected_ver=self.seen).ver
        if self.op == "erase":
            return erase_person(doing, self.key).ver
        doing.remove(self.model, self.key, expected_ver=self.seen)
        return self.seen + 1


_BACKDATED = Text(
    "施行日（{day}）が承認の日（{today}）より前です。承認日以後の日を指定してください。",
    "It would come into force on {day}, before its approval ({today}). Name a day from the approval on.",
)
_REFERRED = Text(
    "ほかの記録（{holders}）から参照されています。終了日を入れて閉じるか、参照を先に外してください。",
    "Other records refer to it ({holders}). End it by date, or mend those first.",
)
_NOTHING = Text("変更された項目がありません。", "Nothing is changed by it.")


def writing(model: type[Record], key: str, values: Values, expected_ver: int | None = None) -> Change:
    """The change that puts these values into a record. Raises Conflict, Invalid, NoApprovalNeeded."""
    standing = model.objects.filter(pk=key).first()
    seen = _seen(standing, expected_ver)
    whole = whole_values(model, key, values)
    if found := problems_of(model, key, whole):
        raise Invalid(found)
    change = Change("write", model, key, seen, whole)
    if not change.roles:
        raise NoApprovalNeeded
    if standing and body_values(model, whole) == body_values(model, standing.values()):
        raise Invalid({"": [_NOTHING]})
    return change


def removing(model: type[Record], key: str, expected_ver: int | None = None) -> Change:
    """The change that takes a record out of its register. Raises NotFound, Conflict, NoApprovalNeeded."""
    change = Change("remove", model, key, _seen(_standing(model, key), expected_ver), {})
    if not change.roles:
        raise NoApprovalNeeded
    change.refuse_wrong()
    return change


def erasing(person: str, expected_ver: int | None = None) -> Change:
    """The change that erases a person's personal values. Raises NotFound, Conflict, Refused."""
    change = Change("erase", Person, person, _seen(_standing(Person, person), expected_ver), {})
    change.refuse_wrong()
    return change


def change_of(approval: Approval) -> Change:
    """The change that an approval is about. Raises UnreadableChange."""
    return read_change(approval.key, approval.subject, approval.change)


def read_change(approval: str, subject: str, text: str | None) -> Change:
    """The change from an approval's key, its subject (kind:key) and its JSON. Raises UnreadableChange."""
    kind, _, key = subject.partition(":")
    try:
        kept = json.loads(text or "")
        op, seen, body = kept["op"], kept["seen_ver"], kept["values"]
        if not is_kind(kind) or op not in ("write", "remove", "erase") or not isinstance(seen, int):
            raise ValueError(op)
        model = kind_named(kind)
        return Change(op, model, key, seen, values_from(model, body) if op == "write" else {})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableChange(key=approval) from error


def read_before(changes: list[Change]) -> None:
    """Read what stood before many changes in few queries, ahead of being asked for."""
    wanted = {(c.model.about.name, c.key, c.seen): c for c in changes if c.seen}
    for start in range(0, len(wanted), _AT_ONCE):
        some = list(wanted)[start : start + _AT_ONCE]
        lines = Version.objects.filter(
            Q(*(Q(kind=kind, rec=rec, ver=ver) for kind, rec, ver in some), _connector=Q.OR)
        )
        for version in lines:
            change = wanted[version.kind, version.rec, version.ver]
            change.__dict__["before"] = values_from(change.model, json.loads(bytes(version.body)))


def body_values(model: type[Record], values: Values) -> dict[str, Any]:
    """Values in body form, without those that hold nothing."""
    forms = {name: field.to_body(values.get(name)) for name, field in model.kind_fields().items()}
    return {name: value for name, value in forms.items() if value not in (None, "")}


def values_from(model: type[Record], body: dict[str, Any]) -> Values:
    """All of a kind's values from their body form; a personal value that is only committed to is None."""
    return {
        name: None if isinstance(body.get(name), dict) else field.from_body(body.get(name))
        for name, field in model.kind_fields().items()
    }


def _standing(model: type[Record], key: str) -> Record:
    record = model.objects.filter(pk=key).first()
    if record is None:
        raise NotFound(what=f"{model.about.name}:{key}")
    return record


def _seen(standing: Record | None, expected_ver: int | None) -> int:
    seen = standing.ver if standing else 0
    if expected_ver is not None and expected_ver != seen:
        raise Conflict
    return seen


def _holders(model: type[Record], key: str) -> list[str]:
    """The records that refer to it; its own approvals stay, as they are its history."""
    return [holder for holder in referring(model, key) if not holder.startswith("approval:")]
