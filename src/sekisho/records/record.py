"""What every kind of record has by construction: a key, versions, notes, evidence, and its declaration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from django.db import models

from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text
from sekisho.records.fields import EvidenceFiles, KindField, Words

Values = dict[str, Any]
Problems = dict[str, list[Text]]

STAFF = "staff"  # whoever works at the member today
NOBODY: frozenset[str] = frozenset()
_SILENT = Text("", "")
DOUBLE = Text(
    "同じ内容の記録 {other} が既にあります。その記録を編集してください。",
    "The record {other} of the same is there already. Edit that one.",
)


@dataclass(frozen=True)
class Kind:
    """The one declaration of a kind of record.

    `approvers` says which roles may approve a change, given the values; empty where a change needs no approval.
    `writers` are the roles that may write it (or ask for the change), `readers` who may read it. `unique`: sets of
    fields whose values no two records share.
    """

    name: str
    ja: str
    en: str
    prefix: str
    domain: str
    clauses: tuple[str, ...]
    title: str
    writers: frozenset[str]
    readers: frozenset[str] = frozenset({STAFF})
    approvers: Callable[[Values], frozenset[str]] = field(default=lambda _: NOBODY)
    columns: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    help: Text = _SILENT

    @property
    def label(self) -> Text:
        return Text(self.ja, self.en)


class WrittenOutsideAnAct(SekishoError):
    code = "written_outside_an_act"
    status = 500
    text = Text(
        "記録は業務処理（workflows）を通してのみ書き込めます。",
        "Records are written only through an act (workflows): each write leaves its line in the ledger.",
    )


class RecordQuerySet(models.QuerySet[Any]):
    """Reads as usual. Every way round the ledger is refused here, and again by the database's triggers."""

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise WrittenOutsideAnAct

    update = delete = create = get_or_create = update_or_create = bulk_update = _refuse


class Record(models.Model):
    """One thing that the member keeps, in its present state. Its past is in the ledger."""

    about: ClassVar[Kind]

    key = models.CharField(max_length=64, primary_key=True)
    ver = models.PositiveIntegerField(default=0)
    notes = Words("備考", "Notes")
    evidence = EvidenceFiles("証跡", "Evidence")

    objects = RecordQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(getattr(self, self.about.title, None) or self.key)

    def save(self, *_: Any, **__: Any) -> None:
        raise WrittenOutsideAnAct

    def delete(self, *_: Any, **__: Any) -> Any:
        raise WrittenOutsideAnAct

    @classmethod
    def kind_fields(cls) -> dict[str, Any]:
        """The kind's own fields by name in the order of declaration, then notes and evidence."""
        own = {f.name: f for f in cls._meta.get_fields() if isinstance(f, KindField)}
        last = {name: own.pop(name) for name in ("notes", "evidence")}
        return own | last

    @classmethod
    def problems(cls, values: Values) -> Problems:
        """What is wrong with a record's values taken together (each alone is of its type). Kinds override this.

        Here: a span that ends before it begins.
        """
        return backwards(values, ("since_on", "until_on"), ("from_on", "until_on"))

    @classmethod
    def problems_among(cls, key: str, values: Values) -> Problems:
        """What is wrong beside the other records that stand: doubles of what is `unique`; kinds add to it."""
        found: Problems = {}
        for names in cls.about.unique:
            asked = {cls._meta.get_field(n).attname: values.get(n) for n in names}  # type: ignore[union-attr]
            twin = None if None in asked.values() else cls.objects.filter(**asked).exclude(pk=key).first()
            if twin is not None:
                found.setdefault(names[-1], []).append(DOUBLE.format(other=twin.key))
        return found

    def values(self) -> Values:
        """The record's values by field name; references as keys."""
        return {name: getattr(self, f.attname) for name, f in type(self).kind_fields().items()}

    @cached_property
    def reference(self) -> str:
        return f"{self.about.name}:{self.key}"


def backwards(values: Values, *pairs: tuple[str, str]) -> Problems:
    """A problem for each pair of (earlier, later) fields whose values stand the wrong way round."""
    found: Problems = {}
    for earlier, later in pairs:
        first, last = values.get(earlier), values.get(later)
        if first is not None and last is not None and last < first:
            found.setdefault(later, []).append(
                Text(
                    f"{earlier}（{first}）より前の日付です。前後関係を確認してください。",
                    f"It is before {earlier} ({first}). Check which of the two is right.",
                )
            )
    return found


def merged(*all_problems: Problems) -> Problems:
    """Several findings of problems as one."""
    found: Problems = {}
    for problems in all_problems:
        for name, texts in problems.items():
            found.setdefault(name, []).extend(texts)
    return found
