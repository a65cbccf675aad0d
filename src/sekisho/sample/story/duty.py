"""The CSIRT's duty roster: weekly duty first, by day and by night of late, a gap ahead, and shifts handed on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial

from sekisho.access.rights import actor_for_person
from sekisho.kernel import clock
from sekisho.kernel.clock import add_months
from sekisho.records import models as m
from sekisho.sample.story.words import Event, Words, ago, at
from sekisho.workflows.roster import Rotation, plan_rotation, swap_shift

PLACES = (0, 1, 2, 4, 5)  # the CSIRT's people on duty, its lead first
WEEKS_AT_ONCE, WEEK = 8, 7 * 24
PLANNED_BEFORE = 20  # days


class Duty(Words):
    """The CSIRT's duty roster: weekly duty first, by day and by night of late, a gap ahead, and shifts handed on."""

    def duty(self) -> Iterator[Event]:
        yield from self._duty_members()
        yield from self._duty_weekly()
        yield from self._duty_daily()
        yield from self._duty_handed_on()

    @property
    def _duty_crew(self) -> list[str]:
        return [self.cast.at("U-CSIRT", place).key for place in PLACES]

    def _duty_members(self) -> Iterator[Event]:
        for n, place in enumerate(PLACES[3:]):
            yield from self.approved(
                at(self.start + timedelta(days=2), 10, n), self.risk, self.chief, m.Appointment, f"A-099{n}", "CSIRTの増員",
                person=self.cast.at("U-CSIRT", place).key, role="csirt_member", since_on=date(2022, 4, 1), grounds="情報処理安全確保支援士。監視業務の経験5年。",
            )  # fmt: skip

    @property
    def _duty_turn(self) -> date:
        """The Monday, some eight weeks ago, from which duty changes twice a day."""
        day = ago(self.today, 55)
        return day - timedelta(days=day.weekday())

    def _duty_planned(self, when: datetime, first: int, begin: datetime, hours: int, number: int) -> Event:
        people = self._duty_crew[first:] + self._duty_crew[:first]

        def done() -> None:
            plan_rotation(
                actor_for_person(self.csirt.key),
                Rotation(people, begin, hours, number),
                reason="当番の割当て",
            )

        return Event(when, done)

    def _duty_weekly(self) -> Iterator[Event]:
        """Weeks from the first Monday on, eight at a time, each time before the fortnight ahead is open."""
        begin = add_months(self.start, 1)
        begin -= timedelta(days=begin.weekday())
        weeks = (self._duty_turn - begin).days // 7
        for n in range(0, weeks, WEEKS_AT_ONCE):
            first = begin + timedelta(weeks=n)
            when = max(at(ago(first, PLANNED_BEFORE), 15), at(self.start + timedelta(days=9), 15))
            yield self._duty_planned(when, n % len(PLACES), at(first, 9), WEEK, min(WEEKS_AT_ONCE, weeks - n))

    def _duty_daily(self) -> Iterator[Event]:
        """Twelve hours each since then; one night ahead stands empty: it was left out when the rest was planned."""
        turn, gap = self._duty_turn, self.today + timedelta(days=9)
        until_gap = (gap - turn).days * 2 + 1  # to nine in the evening of that day
        begin = at(turn, 9)
        for n in range(0, until_gap, 28):
            first = begin + timedelta(hours=12 * n)
            when = at(min(ago(first.date(), PLANNED_BEFORE), ago(self.today, 3)), 16)
            yield self._duty_planned(when, n % len(PLACES), first, 12, min(28, until_gap - n))
        after = at(gap + timedelta(days=1), 9)
        yield self._duty_planned(at(ago(self.today, 2), 16), 3, after, 12, 24)

    def _duty_handed_on(self) -> Iterator[Event]:
        for days_ago, ahead, reason in ((16, 2, "研修に参加するため"), (1, 4, "家族の通院に付き添うため")):
            yield Event(at(ago(self.today, days_ago), 18), partial(self._duty_swap, ahead, reason))

    def _duty_swap(self, ahead: int, reason: str) -> None:
        """The first shift that begins so many days later goes to somebody who is not in it."""
        later = m.RosterShift.objects.filter(from_at__gt=clock.now() + timedelta(days=ahead))
        shift = later.order_by("from_at", "key")[0]
        takes = next(p for p in self._duty_crew if p not in (shift.person_id, shift.deputy_id))
        swap_shift(actor_for_person(self.csirt.key), shift.key, takes, reason)
