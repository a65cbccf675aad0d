"""Change the same fields of many records: tried first, then written in one act, all of them or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sekisho.access.rights import Actor, require_write
from sekisho.kernel.errors import Conflict, Invalid
from sekisho.kernel.texts import Text
from sekisho.records.record import Problems, Record, Values
from sekisho.workflows.act import act
from sekisho.workflows.record import problems_of, refuse_governed

MOST_RECORDS = 1_000
_TOO_MANY = Text(
    "一度に変更できるのは {most} 件までです。絞り込んで分けてください。",
    "Change at most {most} records at a time. Narrow the list and do it in parts.",
)
_GONE = Text(
    "{key} は登録されていません。一覧を読み直してください。", "{key} is not on record. Read the list again."
)


@dataclass(frozen=True)
class Trial:
    """What a change would do to one record. `governed`: it takes an approval of its own."""

    key: str
    ver: int
    before: Values
    after: Values
    problems: Problems
    governed: bool

    @property
    def changes(self) -> bool:
        return self.before != self.after


def tried(actor: Actor, model: type[Record], keys: Sequence[str], values: Values) -> list[Trial]:
    """What these values would do to these records, nothing written. In the order of `keys`. Raises Refused, Invalid."""
    require_write(actor, model)
    _bounded(keys)
    standing = model.objects.in_bulk(list(keys))
    if missing := [key for key in keys if key not in standing]:
        raise Invalid({"": [_GONE.format(key=key) for key in missing]})
    return [_trial(model, standing[key], values) for key in dict.fromkeys(keys)]


def change_many(
    actor: Actor,
    model: type[Record],
    values: Values,
    expected: Mapping[str, int],
    *,
    reason: str = "",
) -> list[Record]:
    """Write the values into every record of `expected` (key: the version that the person saw), in one act.

    Raises Refused, Invalid, Conflict, NeedsApproval; then nothing is written.
    """
    require_write(actor, model)
    _bounded(list(expected))
    with act(f"change_many_{model.about.name}", actor.by, reason) as doing:
        written = []
        for key, ver in expected.items():
            standing = model.objects.filter(pk=key).first()
            if standing is None:
                raise Conflict
            trial = _trial(model, standing, values)
            if trial.problems:
                raise Invalid({"": [_beside(key, p) for found in trial.problems.values() for p in found]})
            if not actor.operator:
                refuse_governed(model, trial.after)
            written.append(doing.put(model, key, trial.after, expected_ver=ver))
        return written


def _bounded(keys: Sequence[str]) -> None:
    if len(keys) > MOST_RECORDS:
        raise Invalid({"": [_TOO_MANY.format(most=MOST_RECORDS)]})


def _trial(model: type[Record], standing: Record, values: Values) -> Trial:
    before = standing.values()
    after = before | values
    problems = problems_of(model, standing.key, after)
    governed = bool(model.about.approvers(after))
    return Trial(standing.key, standing.ver, before, after, problems, governed)


def _beside(key: str, problem: Text) -> Text:
    return Text(f"{key}: {problem.ja}", f"{key}: {problem.en}")
