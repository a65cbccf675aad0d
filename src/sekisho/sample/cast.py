"""The sample member's people, numbered through its units: who works where, since when, under which key."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from sekisho.kernel.clock import add_months
from sekisho.sample.member import FAMILY, GIVEN, OFFICES, SYSTEMS, UNITS

MANAGER_PLACE = {"U-MGT": 5, "U-RISK": 2, "U-AUD": 2, "U-CSIRT": 3, "U-DEV": 2, "U-OPE": 1}
FOUNDED = date(2019, 4, 1)


@dataclass(frozen=True)
class Somebody:
    key: str
    name: str
    unit: str
    place: int
    employment: str
    joined_on: date
    left_on: date | None


class Cast:
    """Everybody who works or worked at the member in the years before `today`."""

    def __init__(self, today: date, chance: random.Random) -> None:
        self.today = today
        names = [f"{family} {given}" for family in FAMILY for given in GIVEN]
        chance.shuffle(names)
        self.people: list[Somebody] = []
        for unit, (_, _, _, count) in UNITS.items():
            for place in range(count):
                self.people.append(self._somebody(unit, place, names.pop(), chance))

    def _somebody(self, unit: str, place: int, name: str, chance: random.Random) -> Somebody:
        number = len(self.people) + 1
        joined_on = FOUNDED + timedelta(days=chance.randrange(0, 900))
        left_on = None
        if place >= 8 and place % 4 == 0:  # hired during the three years
            joined_on = add_months(self.today, -chance.randrange(5, 30)).replace(day=1)
        elif place >= 9 and place % 7 == 2:  # left during them
            left_on = add_months(self.today, -chance.randrange(3, 28)).replace(day=28)
        if unit == "U-SUP" and place == 0:  # the office that stands empty today
            left_on = self.today - timedelta(days=12)
        officer = unit == "U-MGT" and place < 5
        return Somebody(
            f"P-{number:04d}", name, unit, place, "officer" if officer else "employee", joined_on, left_on
        )

    def at(self, unit: str, place: int) -> Somebody:
        return next(p for p in self.people if p.unit == unit and p.place == place)

    def manager_of(self, unit: str) -> Somebody:
        return self.at(unit, MANAGER_PLACE.get(unit, 0))

    def working(self, day: date) -> list[Somebody]:
        return [p for p in self.people if p.joined_on <= day and (p.left_on is None or p.left_on >= day)]

    @cached_property
    def office(self) -> dict[str, Somebody]:
        """The first holder of each role."""
        held: dict[str, Somebody] = {}
        for o in OFFICES:
            held.setdefault(o.role, self.at(o.home, o.person))
        return held

    def builders(self) -> list[tuple[str, str, str]]:
        """(person, role, system): who develops and who operates each system, never one person both."""
        found = []
        for n, system in enumerate(SYSTEMS):
            found.append((self.at("U-DEV", 3 + n % 5).key, "developer", system))
            found.append((self.at("U-OPE", 4 + n % 4).key, "operator", system))
        return found
