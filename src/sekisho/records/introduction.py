"""A release's way into use while it is written: who may judge it, and what must be there before it is deployed.

Used for one record (`Judgement.problems_among`, `Deployment.problems_among`) and for a whole file
(`workflows.import_among_releases`); what stands already is judged over sets, in `records.facts.releases`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime

from sekisho.kernel.texts import Text
from sekisho.records.record import Values

JUDGES = frozenset({"chief_system_officer", "system_manager"})
FIT = frozenset({"fit", "conditional"})
OWN_WORK = Text(
    "判定者（{person}）はこのリリースの開発者です。開発者でない権限者が判定してください。",
    "The judge ({person}) is one of the release's authors. Somebody else who is entitled must judge it.",
)
NOT_ENTITLED = Text(
    "{person} は判定の日（{day}）に、システム統括管理責任者でも、このシステムの部署のシステム管理責任者でもありません。"
    "判定者・判定日時か、任命の登録を直してください。",
    "On the day of the judgement ({day}) {person} was neither the chief system officer nor the system manager of the "
    "system's unit. Mend who judged, when, or the appointment.",
)
NOT_JUDGED_FIT = Text(
    "{release} は、この導入日時までに「適」の判定を受けていません。先に判定を登録してください。"
    "判定を経ずに導入した事実を記録する場合は「判定を経ない導入の経緯」を入力してください（第17条・第20条・第22条の不足として示されます）。",
    "{release} was not judged fit up to this instant. Record its judgement first. Where it did go into use without "
    "one, tell how in 'Why it went round the judgement' (articles 17, 20 and 22 then fall short).",
)


def judge_trouble(
    judged_by: str, day: date, authors: Collection[str], unit: str | None, offices: Iterable[Values]
) -> tuple[str, Text] | None:
    """What is wrong with who judges a release: a code and what to do. `offices`: the appointments of that person.

    `unit`: of the release's system. An appointment's `until_on` is its last day, at most the person's at the member.
    """
    if judged_by in authors:
        return "own_judgement", OWN_WORK.format(person=judged_by)
    held = (o for o in offices if o["since_on"] <= day and (o["until_on"] is None or day <= o["until_on"]))
    if any(o["role"] == "chief_system_officer" or _manages(o, unit) for o in held):
        return None
    return "not_entitled", NOT_ENTITLED.format(person=judged_by, day=day)


def _manages(office: Values, unit: str | None) -> bool:
    return office["role"] == "system_manager" and unit is not None and office["unit"] == unit


def is_judged_fit(judged: Iterable[tuple[datetime, str, str]], at: datetime) -> bool:
    """Whether the newest of a release's judgements (at, key, verdict) up to an instant finds it fit."""
    newest = max((j for j in judged if j[0] <= at), default=None)
    return newest is not None and newest[2] in FIT
