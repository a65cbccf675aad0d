"""Many events, one alert: what a rule finds about one key within a while is one episode.

An episode of a rule that holds or blocks is over after an hour without another event, any after a day. Past MOST keys
of one rule at the same time, all further ones share an episode: an attack from 100,000 addresses makes no more alerts
than people can read. Rules that only ask for another proof share one from the start.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sekisho.kernel import clock
from sekisho.ledger.models import Version
from sekisho.records.models import Alert, Incident, WatchSource
from sekisho.watch.program import Action
from sekisho.workflows.act import act
from sekisho.workflows.watch_after.answering import alert_key
from sekisho.workflows.watch_after.frames import REST, Frame, Reading
from sekisho.workflows.watch_after.models import Episode
from sekisho.workflows.watch_after.sources import source_for
from sekisho.workflows.watch_after.told import told_values

QUIET, LONGEST = timedelta(hours=1), timedelta(days=1)
MOST = 20
WRITE_EVERY = timedelta(minutes=1)
INCIDENT_WEIGHT = 60  # a rule that blocks with this weight and more opens an incident, one a day
SEVERITY = {Action.STEP_UP: "low", Action.HOLD: "high", Action.BLOCK: "high"}


@dataclass(frozen=True)
class Hit:
    """One rule that fired for one event."""

    rule: str
    group: str
    frame: Frame


class Episodes:
    """The open episodes of the rules of a batch; each hit is counted in one of them."""

    def __init__(self, reading: Reading, rules: Iterable[str]) -> None:
        self.reading = reading
        standing = Episode.objects.select_for_update().filter(closed=False, rule__in=sorted(set(rules)))
        self.open = {(e.rule, e.group): e for e in standing}
        self.keys = Counter(rule for rule, _ in self.open)
        self.touched: dict[int, Episode] = {}

    def count(self, hit: Hit) -> Episode:
        """The episode that the hit belongs to, counted."""
        found = self.reading.rules.get(hit.rule)
        shared = found is not None and found.action is Action.STEP_UP
        group = REST if shared else hit.group
        episode = self._standing(hit.rule, group, hit.frame.at)
        if episode is None and group != REST and self.keys[hit.rule] >= MOST:
            group = REST
            episode = self._standing(hit.rule, group, hit.frame.at)
        if episode is None:
            episode = self._begun(hit, group)
        episode.events += 1
        episode.last_at = max(episode.last_at, hit.frame.at)
        self.touched[episode.pk] = episode
        return episode

    def _standing(self, rule: str, group: str, at: datetime) -> Episode | None:
        episode = self.open.get((rule, group))
        if episode is None or not _is_over(episode, at):
            return episode
        episode.closed = True
        self.touched[episode.pk] = episode
        del self.open[rule, group]
        self.keys[rule] -= 1
        return None

    def _begun(self, hit: Hit, group: str) -> Episode:
        at = hit.frame.at
        key = alert_key(hit.rule, f"{group}\0{hit.frame.source}\0{hit.frame.seq}", at)
        episode = Episode.objects.create(
            rule=hit.rule, group=group, source=hit.frame.source, alert=key, first_at=at, last_at=at
        )
        self.open[hit.rule, group] = episode
        self.keys[hit.rule] += 1
        return episode

    def save(self) -> None:
        Episode.objects.bulk_update(self.touched.values(), ["events", "last_at", "closed"], batch_size=500)


def _is_over(episode: Episode, at: datetime) -> bool:
    quiet = episode.group != REST and at - episode.last_at > QUIET
    return quiet or at - episode.first_at > LONGEST


# --- their records ----------------------------------------------------------------------------------------------------


def write_alerts(reading: Reading, channels: dict[str, str], *, all_of_them: bool = False) -> int:
    """Write the alerts of episodes whose records lag behind, new ones at once, the rest every minute or when asked to.

    `channels`: of each sender a channel that it spoke of, to know the system by. Returns how many were written.
    """
    now = clock.now()
    waiting = [
        e
        for e in Episode.objects.select_for_update()
        .exclude(closed=True, written_at__isnull=False)
        .order_by("pk")
        if e.written != e.events
        and (all_of_them or e.written_at is None or now - e.written_at >= WRITE_EVERY)
    ]
    _close_quiet(now)
    if not waiting:
        return 0
    with act("raise_alerts", "service:watch") as doing:
        sources = {e.source: source_for(doing, e.source, channels.get(e.source, "")) for e in waiting}
        kept = [e for e in waiting if sources[e.source]]
        fresh, standing = [e for e in kept if not e.written_at], [e for e in kept if e.written_at]
        incidents = _incidents(reading, fresh, {n: key for n, key in sources.items() if key})
        if incidents:
            doing.put_new(Incident, list(incidents.items()))
        rows = [(e.alert, _new_alert(reading, e, sources[e.source])) for e in fresh]
        doing.put_many(Alert, [*rows, *((e.alert, _grown(e)) for e in standing)])
    for episode in kept:
        episode.written, episode.written_at = episode.events, now
    Episode.objects.bulk_update(kept, ["written", "written_at", "incident"], batch_size=500)
    return len(kept)


def _close_quiet(now: datetime) -> None:
    """Episodes that nothing was added to for a day are over, also where their rule finds nothing any more."""
    over = Episode.objects.filter(closed=False, last_at__lt=now - LONGEST, written_at__isnull=False)
    over.update(closed=True)


def _new_alert(reading: Reading, episode: Episode, source: str | None) -> dict[str, Any]:
    rule = reading.rules.get(episode.rule)
    return {
        "title": reading.title(episode.rule)[:200], "source": source, "at": episode.first_at,
        "severity": SEVERITY.get(rule.action, "medium") if rule else "medium", "rule": episode.rule,
        "incident": episode.incident or None,
    } | _grown(episode)  # fmt: skip


def _grown(episode: Episode) -> dict[str, Any]:
    return {"events": episode.events, "last_at": episode.last_at} | told_values(episode.alert)


def _incidents(reading: Reading, fresh: list[Episode], sources: dict[str, str]) -> dict[str, dict[str, Any]]:
    """The incident drafts that are still to be made, by key; each episode learns which one it belongs to."""
    drafts: dict[str, dict[str, Any]] = {}
    for episode in fresh:
        rule = reading.rules.get(episode.rule)
        if rule is None or rule.action is not Action.BLOCK or rule.weight < INCIDENT_WEIGHT:
            continue
        day = clock.day_of(episode.first_at)
        episode.incident = alert_key(rule.name, "incident", day).replace(
            Alert.about.prefix, Incident.about.prefix, 1
        )
        drafts.setdefault(episode.incident, {
            "title": f"検知: {reading.title(rule.name)}"[:200],
            "kind": "attack" if rule.clause == "10-2-1" else "misuse",
            "severity": "minor", "state": "draft", "detected_at": episode.first_at,
            "systems": _systems(sources.get(episode.source)), "source": "watch",
            "source_key": f"{rule.name} {day.isoformat()}", "notes": f"{rule.reason.ja} / {rule.reason.en}",
        })  # fmt: skip
    made = set(
        Version.objects.filter(kind="incident", ver=1, rec__in=sorted(drafts)).values_list("rec", flat=True)
    )
    return {key: values for key, values in drafts.items() if key not in made}


def _systems(source: str | None) -> list[str] | None:
    row = WatchSource.objects.filter(pk=source).first() if source else None
    return [row.system_id] if row else None
