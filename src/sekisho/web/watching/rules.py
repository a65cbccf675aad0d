"""A set of rules as a page tells it: each rule in words, with the numbers by which it fires and what it found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db.models import Count, Q

from sekisho.kernel.texts import Text
from sekisho.records.models import Alert
from sekisho.records.roles import ROLES
from sekisho.watch.program import Program, Rule
from sekisho.web.watching.counts import Counts, Window, by_action, by_rule, users_by_rule
from sekisho.web.watching.limits import limits_of
from sekisho.workflows.watch_after.false_alarms import by_rule as alarms_by_rule

DAY: Final = 24 * 60  # minutes
SPANS: Final = (DAY, 7 * DAY, 30 * DAY)


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule found. `hits` of a day, a week and 30 days; `rate`: of a thousand events of the 30 days."""

    hits: tuple[int, int, int] = (0, 0, 0)
    rate: float = 0.0
    users: int = 0
    users_about: bool = False
    alerts: int = 0
    confirmed: int = 0
    false_alarms: int = 0
    answered_mine: int = 0
    answered_not_mine: int = 0

    @property
    def false_share(self) -> float | None:
        """False alarms among the alerts that were decided on; None where none was."""
        decided = self.confirmed + self.false_alarms
        return 100 * self.false_alarms / decided if decided else None


@dataclass(frozen=True, slots=True)
class Line:
    """A rule of the set, or (`rule` None) one that is gone and still has hits in the log."""

    name: str
    rule: Rule | None
    owner: Text
    limits: tuple[Text, ...]
    found: Found

    @property
    def action(self) -> str:
        return self.rule.action.name.lower() if self.rule else ""


def lines_of(program: Program, counts: Counts, at_ms: int) -> list[Line]:
    """Every rule in the order of its file, then those that are gone."""
    found = _found(counts, at_ms)
    known = {rule.name for rule in program.rules}
    lines = [
        Line(r.name, r, owner_of(r), limits_of(program, r), found.get(r.name, Found())) for r in program.rules
    ]
    gone = sorted(name for name in found if name not in known and any(found[name].hits))
    return lines + [Line(name, None, Text("", ""), (), found[name]) for name in gone]


def owner_of(rule: Rule) -> Text:
    """The owner's role by name, or what the file says."""
    return Text(*ROLES[rule.owner]) if rule.owner in ROLES else Text(rule.owner, rule.owner)


def _found(counts: Counts, at_ms: int) -> dict[str, Found]:
    windows = [Window.before(at_ms, minutes) for minutes in SPANS]
    hits = [by_rule(counts, window) for window in windows]
    events = sum(by_action(counts, windows[-1]).values())
    users = users_by_rule(counts, windows[-1])
    alarms = {counted.rule: counted for counted in alarms_by_rule()}
    confirmed = _confirmed()
    found = {}
    for name in {*hits[-1], *alarms}:
        of = tuple(each.get(name, 0) for each in hits)
        number, about = users.get(name, (0, False))
        alarm = alarms.get(name)
        found[name] = Found(
            (of[0], of[1], of[2]),
            1_000 * of[2] / events if events else 0.0,
            min(number, of[2]),
            about,
            alarm.alerts if alarm else 0,
            confirmed.get(name, 0),
            alarm.false_alarms if alarm else 0,
            alarm.answered_mine if alarm else 0,
            alarm.answered_not_mine if alarm else 0,
        )
    return found


def _confirmed() -> dict[str, int]:
    """Alerts by rule that somebody decided on, and not as false alarms."""
    right = Q(decision__in=("incident", "watch"))
    rows = (
        Alert.objects.filter(right).exclude(rule=None).values("rule").order_by("rule").annotate(n=Count("pk"))
    )
    return {row["rule"]: row["n"] for row in rows}
