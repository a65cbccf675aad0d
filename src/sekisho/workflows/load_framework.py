"""A framework comes from a file: OSCAL or CSV becomes one framework record and a record for each of its controls.

All of it or nothing. The same file again changes nothing; another of the same name and version changes what differs.
Controls that the file no longer has stay, for scores may rest on them: they are told of.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sekisho.access.rights import Actor, require_write
from sekisho.connectors.contents import framework_format
from sekisho.connectors.language import ControlDraft, FrameworkDraft
from sekisho.kernel.errors import Invalid
from sekisho.kernel.texts import Text
from sekisho.records.fields import KindField, WrongValue
from sekisho.records.models import Framework, FrameworkControl
from sekisho.records.record import Values
from sekisho.workflows.act import act, next_keys
from sekisho.workflows.attach import file_name, kept, with_files

_NO_NAME = Text(
    "このファイルには評価基準の名称がありません。名称を指定してください。",
    "The file does not name the framework. Say its name.",
)
_TWICE = Text("番号 {number} が二度あります。", "The number {number} stands twice.")
_FROM_FILE = ("number", "title", "parent", "text")


@dataclass(frozen=True)
class FrameworkPlan:
    """What a file would do. `framework`: the key of the one that stands, '' for a new one. `missing`: numbers of
    controls on record that the file does not have. `changed`: (key of the control that stands, what the file says)."""

    file: str
    name: str
    version: str
    framework: str
    new: tuple[ControlDraft, ...]
    changed: tuple[tuple[str, ControlDraft], ...]
    unchanged: int
    missing: tuple[str, ...]
    losses: tuple[Text, ...]

    @property
    def counts(self) -> dict[str, int]:
        told = {"new": len(self.new), "changed": len(self.changed)}
        return told | {"unchanged": self.unchanged, "missing": len(self.missing)}


def plan_framework(
    actor: Actor, file: str, data: bytes, *, name: str = "", version: str = ""
) -> FrameworkPlan:
    """What taking the file would do; nothing is written. `name`, `version`: in place of those in the file.

    Raises Refused, NotFound (no such format), Unreadable, Invalid.
    """
    require_write(actor, Framework)
    require_write(actor, FrameworkControl)
    return _plan(file_name(file), framework_format(file).parse(data), name, version)


def load_framework(
    actor: Actor, file: str, data: bytes, *, name: str = "", version: str = "", reason: str = ""
) -> tuple[str, FrameworkPlan]:
    """Take the file; the framework's key, and what was done. Its original is kept with the framework as evidence.

    Raises as `plan_framework`. Where nothing is new, nothing is written.
    """
    planned = plan_framework(actor, file, data, name=name, version=version)
    if planned.framework and not (planned.new or planned.changed):
        return planned.framework, planned
    draft = framework_format(file).parse(data)
    original = kept([(planned.file, data)])
    with act("load_framework", actor.by, reason) as doing:
        fresh = next_keys(Framework)[0]  # asked first: whoever loads at the same time waits here
        planned = _plan(planned.file, draft, name, version)
        key = planned.framework or fresh
        standing = Framework.objects.filter(pk=key).first()
        before: Values = standing.values() if standing else {"source": planned.file}
        told = {"name": planned.name, "version": planned.version or None}
        files = with_files(before.get("evidence"), original)
        doing.put(Framework, key, before | told | {"evidence": files})
        keys = next_keys(FrameworkControl, len(planned.new)) if planned.new else []
        rows = list(zip(keys, planned.new, strict=True)) + list(planned.changed)
        doing.put_many(FrameworkControl, [(at, {"framework": key} | _values(c)) for at, c in rows])
    return key, planned


def _plan(file: str, draft: FrameworkDraft, name: str, version: str) -> FrameworkPlan:
    told = {"name": name or draft.name, "version": version or draft.version}
    values = _read(Framework.kind_fields(), told)
    if not values["name"]:
        raise Invalid({"name": [_NO_NAME]})
    standing = Framework.objects.filter(name=values["name"], version=values["version"]).order_by("pk").first()
    controls = FrameworkControl.objects.filter(framework_id=standing.pk) if standing else ()
    by_number = {c.number: c for c in controls}
    new: list[ControlDraft] = []
    changed: list[tuple[str, ControlDraft]] = []
    numbers = set()
    for control in draft.controls:
        read = _values(control)
        if read["number"] in numbers:  # two that differ in the file alone: one is kept of both
            raise Invalid({"number": [_TWICE.format(number=read["number"])]})
        numbers.add(read["number"])
        old = by_number.get(read["number"])
        if old is None:
            new.append(control)
        elif any(getattr(old, n) != read[n] for n in _FROM_FILE):
            changed.append((old.key, control))
    missing = tuple(number for number in by_number if number not in numbers)
    same = len(draft.controls) - len(new) - len(changed)
    key = standing.pk if standing else ""
    return FrameworkPlan(
        file, values["name"], values["version"] or "", key, tuple(new), tuple(changed), same, missing, draft.losses
    )  # fmt: skip


def _values(control: ControlDraft) -> Values:
    return _read(FrameworkControl.kind_fields(), {n: getattr(control, n) for n in _FROM_FILE})


def _read(fields: dict[str, KindField], told: dict[str, str]) -> Values:
    """The values as the fields keep them. Raises Invalid where one cannot be kept."""
    found: dict[str, Any] = {}
    problems: dict[str, list[Text]] = {}
    for name, text in told.items():
        try:
            found[name] = fields[name].from_text(text)
        except WrongValue as wrong:
            problems[name] = [wrong.text]
    if problems:
        raise Invalid(problems)
    return found
