"""The rule judges itself from the watch: what it saw becomes the fields that articles 9 and 10 read.

| what the watch knows | what it keeps on record | read by |
|---|---|---|
| last event of each sender | WatchSource.last_event_at | 9-3-1 |
| alerts, when users were told | Alert | 9-3-1, 10-6-3 |
| when an attacker's address was first enforced | Incident.contained_at | 10-2-1 |
| the block list's age, whether it is fetched | FraudMeasure (block_addresses), BlockList | 10-6-1 |
| channels heard, what live rules look for | FraudMeasure (detection, anomaly, limits, dormant_ids) | 10-6-3, G10-6 |

A measure that the watch carries stands while its channel is heard and a live rule of its sort is in force.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Min

from sekisho.kernel import clock
from sekisho.records.models import BlockList, Channel, FraudMeasure, Incident, WatchSource
from sekisho.records.record import Record
from sekisho.watch.program import Action, Op, Program
from sekisho.workflows.act import Act, act, next_keys
from sekisho.workflows.watch_after.blocks import in_force
from sekisho.workflows.watch_after.episodes import write_alerts
from sekisho.workflows.watch_after.frames import Reading
from sekisho.workflows.watch_after.models import Block, BlockReader, Episode, Heard, Position, Warned
from sekisho.workflows.watch_after.sources import channel_named, source_for
from sekisho.workflows.watch_after.told import write_told
from sekisho.workflows.watch_rules import rules_in_force

ENFORCED_WITHIN = timedelta(minutes=15)  # a device that enforces the list fetches it at least so often
UNTOLD_FOR = timedelta(days=7)  # alerts of this age and younger are asked again when their users were told
_TITLES = {
    "detection": "検知サービスによる不正ログイン・異常取引の検知",
    "block_addresses": "検知サービスの遮断リストによる遮断",
    "anomaly": "検知サービスによるアクセス異常値の検知",
    "limits": "検知サービスによる限度額・登録アドレスの確認",
    "dormant_ids": "検知サービスによる休眠IDの制限",
}
_ANOMALY = (Op.FIRST_SEEN, Op.SPEED, Op.RISK)
_LIMITS = (Op.REGISTERED, Op.SUM)


@dataclass(frozen=True)
class Fed:
    """How many records of each sort were written."""

    sources: int
    measures: int
    alerts: int
    incidents: int
    lists: int


def feed_watch(program: Program | None = None) -> Fed:
    """Write what the watch knows into the records that the rule reads; what did not change is not written."""
    running = program or rules_in_force()
    heard = list(Heard.objects.order_by("last_at"))
    alerts = write_alerts(Reading(running), {h.source: h.channel for h in heard}, all_of_them=True)
    alerts += write_told(_recent_alerts())
    with act("feed_watch", "service:watch") as doing:
        return Fed(
            _sources(doing, heard), _measures(doing, heard, running), alerts, _contained(doing), _lists(doing)
        )  # fmt: skip


def _put(doing: Act, model: type[Record], key: str, standing: Record | None, values: dict[str, Any]) -> int:
    """Write it where it changes anything."""
    if standing and all(standing.values()[name] == value for name, value in values.items()):
        return 0
    doing.put(model, key, values)
    return 1


# --- 9-3-1: sources ---------------------------------------------------------------------------------------------------


def _sources(doing: Act, heard: list[Heard]) -> int:
    last = {h.source: h for h in heard}  # the newest of each source stands last
    count = 0
    for name, row in last.items():
        key = source_for(doing, name, row.channel)
        if key:
            standing = WatchSource.objects.get(pk=key)
            newest = max(row.last_at, standing.last_event_at or row.last_at)
            count += _put(doing, WatchSource, key, standing, {"last_event_at": newest})
    return count


# --- 10-6: measures ---------------------------------------------------------------------------------------------------


def sorts_of(program: Program) -> set[str]:
    """The sorts of measures that the program's live rules carry."""
    live = [rule for rule in program.rules if rule.live and rule.action is not Action.ALLOW]
    found = {"detection"} if live else set()
    for rule in live:
        found |= {sort for sort, ops in _SORTS if _ops(program, rule.number) & set(ops)}
        if rule.action is Action.BLOCK:
            found.add("block_addresses")
    return found


_SORTS = (("anomaly", _ANOMALY), ("limits", _LIMITS), ("dormant_ids", (Op.DORMANT,)))


def _ops(program: Program, number: int) -> set[Op]:
    """The operation of a rule, and those of the rules that it rests on."""
    first = len(program.conditions)
    if number < first:
        return set()
    step = program.steps[number - first]
    return {step.op}.union(*(_ops(program, n) for n in step.inputs))


def _measures(doing: Act, heard: list[Heard], program: Program) -> int:
    sorts = sorts_of(program)
    enforced, updated = _enforcement()
    count = 0
    for channel, last_at in _channels(heard):
        standing = {
            m.measure: m for m in FraudMeasure.objects.filter(channel=channel, by_watch=True, until_on=None)
        }
        for sort in sorted(sorts | set(standing)):
            if sort not in sorts:
                count += _ended(doing, standing[sort])
                continue
            row = standing.get(sort)
            told: dict[str, Any] = {"heard_at": last_at, "checked_on": clock.day_of(last_at)}
            if sort == "block_addresses":
                told |= {"enforced": enforced, "list_updated_at": updated}
            begins = {
                "title": _TITLES[sort], "channel": channel, "measure": sort, "used": True, "by_watch": True,
                "since_on": clock.today(),
            }  # fmt: skip
            key = row.key if row else next_keys(FraudMeasure)[0]
            count += _put(doing, FraudMeasure, key, row, told if row else begins | told)
    return count


def _ended(doing: Act, measure: FraudMeasure) -> int:
    """No live rule carries it any more: yesterday was its last day, or today where it began today."""
    yesterday = clock.today() - timedelta(days=1)
    return _put(
        doing, FraudMeasure, measure.key, measure, {"until_on": max(yesterday, measure.since_on or yesterday)}
    )


def _channels(heard: list[Heard]) -> Iterator[tuple[str, datetime]]:
    """The channels on record that were heard, and when each was last."""
    last: dict[str, datetime] = {}
    for row in heard:
        channel: Channel | None = channel_named(row.channel)
        if channel is not None:
            last[channel.key] = max(row.last_at, last.get(channel.key, row.last_at))
    yield from sorted(last.items())


def _enforcement() -> tuple[bool, datetime | None]:
    """Whether a device fetched the list lately, and as of when the list is up to date: as far as the log was read."""
    newest = BlockReader.objects.order_by("-fetched_at").first()
    place = Position.objects.first()
    updated = place.moved_at if place else None
    return newest is not None and clock.now() - newest.fetched_at <= ENFORCED_WITHIN, updated


# --- 10-2-1 and 10-6-3: attacks and alerts ----------------------------------------------------------------------------


def _contained(doing: Act) -> int:
    """An attack is contained from when a device first fetched the list with an address of it; others then follow."""
    count = 0
    waiting = Incident.objects.filter(source="watch", contained_at=None, state__in=("draft", "open"))
    for incident in waiting.order_by("key"):
        alerts = list(Episode.objects.filter(incident=incident.key).values_list("alert", flat=True))
        first = Block.objects.filter(alert__in=alerts).aggregate(first=Min("enforced_at"))["first"]
        if first is not None:
            contained = max(first, incident.detected_at)
            count += _put(doing, Incident, incident.key, incident, {"contained_at": contained})
    return count


def _recent_alerts() -> list[str]:
    since = clock.now() - UNTOLD_FOR
    found = Warned.objects.filter(detected_at__gt=since).exclude(alert="").values_list("alert", flat=True)
    return sorted(set(found))


# --- 10-6-1: the list's numbers ---------------------------------------------------------------------------------------


def _lists(doing: Act) -> int:
    """One record for each rule that ever blocked."""
    newest = BlockReader.objects.order_by("-fetched_at").values_list("fetched_at", flat=True).first()
    standing = {b.rule: b for b in BlockList.objects.all()}
    count = 0
    for rule in sorted(set(Block.objects.values_list("rule", flat=True))):
        mine = Block.objects.filter(rule=rule)
        changed = mine.order_by("-changed_at").values_list("changed_at", flat=True).first()
        values = {
            "rule": rule, "in_force": in_force().filter(rule=rule).count(), "added": mine.count(),
            "lifted": mine.exclude(lifted_at=None).count(), "updated_at": changed, "fetched_at": newest,
        }  # fmt: skip
        row = standing.get(rule)
        count += _put(doing, BlockList, row.key if row else next_keys(BlockList)[0], row, values)
    return count
