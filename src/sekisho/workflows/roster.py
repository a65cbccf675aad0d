"""Acts on the CSIRT's duty roster: a rotation is planned in one act, a shift is handed to somebody else."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice, pairwise
from typing import cast

from sekisho.access.rights import Actor, require_write
from sekisho.kernel import clock
from sekisho.kernel.errors import Conflict, Invalid, NotFound, Refused
from sekisho.kernel.texts import Text
from sekisho.records.models import Appointment, RosterShift
from sekisho.records.record import Problems, Values
from sekisho.workflows.act import act, next_keys, require_reason
from sekisho.workflows.record import problems_of, whole_values

LEAD = frozenset({"csirt_lead"})
TEAM = frozenset({"csirt_lead", "csirt_member"})
MOST_SHIFTS, LONGEST_HOURS = 200, 14 * 24
_NOBODY = Text("当番に入る人を選んでください。", "Choose who is on duty.")
_TWICE = Text("同じ人が続けて選ばれています。", "The same person is chosen twice.")
_NUMBER = Text(f"1から{MOST_SHIFTS}までで入力してください。", f"Give a number from 1 to {MOST_SHIFTS}.")
_HOURS = Text(f"1から{LONGEST_HOURS}時間までで入力してください。", f"Give 1 to {LONGEST_HOURS} hours.")
_PAST = Text(
    "既に終わった期間です。これからの日時を指定してください。", "That is over. Choose a time to come."
)
_NOT_IN_TEAM = Text(
    "{person} は {day} にCSIRT責任者・CSIRT要員ではありません。任命を確認してください。",
    "{person} is neither lead nor member of the CSIRT on {day}. Check the appointments.",
)
_SAME = Text(
    "既にその人の当番です。別の人を選んでください。", "It is that person's shift already. Choose another."
)
_WHO_MAY = Text(
    "当番を交代できるのは、当番の本人とCSIRT責任者だけです。本人か責任者に依頼してください。",
    "A shift is handed on by its own person or the CSIRT's lead. Ask one of them.",
)


class ShiftOver(Conflict):
    """What was, stays as it was."""

    code = "shift_over"
    text = Text(
        "当番 {shift} は既に終わっています。過去の当番は交代できません。",
        "{shift} is over. A shift of the past cannot be handed on.",
    )


class RosterTaken(Conflict):
    """Two rotations over the same time are a slip: a second click, or somebody else's plan."""

    code = "roster_taken"
    text = Text(
        "この期間には既に当番 {shift} があります。空白の期間を指定するか、既存の当番を交代してください。",
        "{shift} lies in that time already. Plan a time without a shift, or hand that one on.",
    )


@dataclass(frozen=True)
class Rotation:
    """`number` shifts of `hours` each, one after another from an instant on, by people in turn.

    With `deputies` the next in turn stands in for each.
    """

    people: Sequence[str]
    from_at: datetime
    hours: int
    number: int
    deputies: bool = True

    @property
    def until_at(self) -> datetime:
        return self.from_at + self.number * timedelta(hours=self.hours)

    def shifts(self) -> list[Values]:
        """The shifts in order, as values of their records."""
        begins = [self.from_at + n * timedelta(hours=self.hours) for n in range(self.number + 1)]
        turns = [*self.people] * (2 + self.number // len(self.people))
        with_deputy = self.deputies and len(self.people) > 1
        return [
            {"person": one, "deputy": other if with_deputy else None, "from_at": begin, "until_at": end}
            for (begin, end), (one, other) in zip(
                pairwise(begins), islice(pairwise(turns), self.number), strict=True
            )
        ]


class Team:
    """When some people are in the CSIRT, as lead or member, and work here; asked of the register once."""

    def __init__(self, people: Collection[str]) -> None:
        held = Appointment.objects.filter(role__in=TEAM, person_id__in=people)
        self._terms = list(
            held.values_list("person_id", "since_on", "until_on", "person__joined_on", "person__left_on")
        )

    def holds(self, person: str, day: date) -> bool:
        """Whether the person is in it on the day."""
        return any(
            max(since, joined) <= day and all(end is None or day <= end for end in (until, left))
            for of, since, until, joined, left in self._terms
            if of == person
        )

    def require(self, field: str, person: str, first: datetime, last: datetime) -> None:
        """Raise Invalid where the person is not in it on the first or the last day of a span."""
        for day in (clock.day_of(first), clock.day_of(last - timedelta(microseconds=1))):
            if not self.holds(person, day):
                raise Invalid({field: [_NOT_IN_TEAM.format(person=person, day=day)]})


def plan_rotation(actor: Actor, rotation: Rotation, *, reason: str = "") -> list[RosterShift]:
    """Put a rotation into the roster, all its shifts in one act. Raises Refused, Invalid, RosterTaken."""
    require_write(actor, RosterShift)
    if found := _problems(rotation):
        raise Invalid(found)
    shifts = rotation.shifts()
    team = Team(rotation.people)
    for shift in shifts:
        for person in filter(None, (shift["person"], shift["deputy"])):
            team.require("people", person, shift["from_at"], shift["until_at"])
    with act("plan_rotation", actor.by, reason) as doing:
        keys = next_keys(RosterShift, len(shifts))  # whoever plans at the same time waits here
        taken = RosterShift.objects.filter(from_at__lt=rotation.until_at, until_at__gt=rotation.from_at)
        if standing := taken.order_by("from_at", "key").first():
            raise RosterTaken(shift=standing.key)
        rows = list(zip(keys, (_whole(s) for s in shifts), strict=True))
        return cast(list[RosterShift], doing.put_new(RosterShift, rows))


def swap_shift(
    actor: Actor, key: str, person: str, reason: str, *, expected_ver: int | None = None
) -> RosterShift:
    """Hand a shift to somebody else of the CSIRT. By its own person, or by the CSIRT's lead; the reason is kept.

    Of a shift that runs the rest is handed on, from this minute: what was until now stays as it was. Whoever stood in
    and is now on call himself or herself leaves no deputy behind. Returns the shift that is now that person's.
    """
    require_reason(reason)
    with act("swap_shift", actor.by, reason) as doing:
        shift = RosterShift.objects.select_for_update().filter(pk=key).first()
        if shift is None:
            raise NotFound(what=f"roster_shift:{key}")
        if expected_ver is not None and expected_ver != shift.ver:
            raise Conflict  # before all else: it may not be the person's own shift any more
        if not may_swap(actor, shift.person_id):
            raise Refused(_WHO_MAY)
        now = clock.now().replace(second=0, microsecond=0)
        if shift.until_at <= now:
            raise ShiftOver(shift=key)
        if person == shift.person_id:
            raise Invalid({"person": [_SAME]})
        begin = max(shift.from_at, now)
        Team([person]).require("person", person, begin, shift.until_at)
        mine = {"person": person, "deputy": None if shift.deputy_id == person else shift.deputy_id}
        if begin == shift.from_at:
            return cast(RosterShift, doing.put(RosterShift, key, _checked(key, mine), expected_ver=shift.ver))
        rest = next_keys(RosterShift)[0]
        whole = whole_values(RosterShift, key, {}) | mine | {"from_at": begin}
        doing.put(RosterShift, key, _checked(key, {"until_at": begin}), expected_ver=shift.ver)
        return cast(RosterShift, doing.put(RosterShift, rest, _checked(rest, whole), expected_ver=0))


def may_swap(actor: Actor, person: str) -> bool:
    """Whether the actor may hand on a shift of that person: the own ones, and the lead all."""
    outside_token = actor.writes is not None and RosterShift.about.name not in actor.writes
    own = actor.works_here and actor.person == person
    return not outside_token and (own or actor.operator or actor.holds(LEAD))


def _problems(rotation: Rotation) -> Problems:
    found: Problems = {}
    if not rotation.people:
        found["people"] = [_NOBODY]
    elif len(set(rotation.people)) < len(rotation.people):
        found["people"] = [_TWICE]
    if not 1 <= rotation.number <= MOST_SHIFTS:
        found["number"] = [_NUMBER]
    if not 1 <= rotation.hours <= LONGEST_HOURS:
        found["hours"] = [_HOURS]
    if not found and rotation.until_at <= clock.now():
        found["from_at"] = [_PAST]
    return found


def _whole(values: Values) -> Values:
    return dict.fromkeys(RosterShift.kind_fields()) | values


def _checked(key: str, values: Values) -> Values:
    """The shift's whole values after the change, if they may stand."""
    whole = whole_values(RosterShift, key, values)
    if found := problems_of(RosterShift, key, whole):
        raise Invalid(found)
    return whole
