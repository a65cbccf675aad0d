"""The twins of what judgements and deployments ask of other records when one is saved, over a whole file's rows."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from sekisho.kernel import clock
from sekisho.records.introduction import (
    JUDGES,
    NOT_JUDGED_FIT,
    is_judged_fit,
    judge_trouble,
)
from sekisho.records.models import Appointment, Judgement
from sekisho.records.record import Values
from sekisho.workflows.import_plan import PlannedRow
from sekisho.workflows.import_register import Registers


def judgements(rows: list[PlannedRow], registers: Registers) -> None:
    """Nobody judges the own work, nor without the office on the day."""
    releases = registers.one("release", {row.values["release"] for row in rows})
    systems = registers.one("system", {release["system"] for release in releases.values()})
    judges = {row.values["judged_by"] for row in rows}
    people = registers.one("person", judges)
    held: dict[str, list[Values]] = defaultdict(list)
    for found in registers.among(Appointment, "person", judges):
        person = found.values["person"]
        if found.values["role"] in JUDGES:
            held[person].append(_while_here(found.values, people.get(person)))
    for row in rows:
        release = releases.get(row.values["release"])
        if release is None:
            continue
        judge, day = row.values["judged_by"], clock.day_of(row.values["at"])
        unit = systems.get(release["system"], {}).get("unit")
        if trouble := judge_trouble(judge, day, release["authors"] or (), unit, held[judge]):
            row.add(*trouble, "judged_by")


def _while_here(office: Values, person: Values | None) -> Values:
    """The appointment, over with the person's last day at the member at the latest."""
    ends = [day for day in (office["until_on"], person and person["left_on"]) if day]
    return office | {"until_on": min(ends, default=None)}


def deployments(rows: list[PlannedRow], registers: Registers) -> None:
    """What was not judged fit before is no matter for a file either, but of an emergency or with its story."""
    asked = [row for row in rows if not row.values["bypass_reason"]]
    keys = {row.values["release"] for row in asked}
    releases = registers.one("release", keys)
    judged: dict[str, list[tuple[datetime, str, Any]]] = defaultdict(list)
    for found in registers.among(Judgement, "release", keys):
        judged[found.values["release"]].append((found.values["at"], found.key, found.values["verdict"]))
    for row in asked:
        key = row.values["release"]
        release = releases.get(key)
        if release is None or release["emergency"] or is_judged_fit(judged[key], row.values["at"]):
            continue
        row.add("not_judged_fit", NOT_JUDGED_FIT.format(release=key), "release")
