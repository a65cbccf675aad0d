"""The labelled workload: a month of an exchange's customers, as they are, with planted attacks among them.

Everything is drawn from one seed. What makes honest people look suspicious is in it on purpose: holidays abroad, VPNs,
addresses that a carrier or an office shares among many, carriers whose addresses are said to be in another town, new
devices, forgotten passwords, days on which salaries come, accounts that wake up after a year.
"""

from __future__ import annotations

from bench.watch.attacks import plant
from bench.watch.people import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    START,
    Labelled,
    Person,
    Place,
    Roll,
    customers,
)

__all__ = ["START", "Labelled", "workload"]
_SALARY = (4, 9, 20)  # days of the month's run on which many withdraw
_SERVER = ("server", "python-client/3.1")


def workload(users: int, days: int, seed: int) -> list[Labelled]:
    """Events in the order of time. Those before START are the past that the customers had, and are nobody's alarm."""
    roll = Roll(seed)
    people = customers(roll, users, days)
    for person in people:
        _past(roll, person)
        _month(roll, person, days)
    plant(roll, people, days)
    return roll.labelled()


def _past(roll: Roll, person: Person) -> None:
    """Two months before: the destinations are registered, each device was used, from home and on the move."""
    chance = roll.chance
    back = chance.randrange(200, 500) if person.dormant_until else chance.randrange(20, 60)
    at = START - back * DAY + chance.randrange(DAY)
    for address in person.addresses:
        roll.write(at, "address_add", person.name, person.home, person.devices[0], address=address)
    places = [person.home, roll.mobile(), *([person.office] if person.office else [])]
    for n, place in enumerate(places * 2):
        roll.write(at + (n + 1) * 18 * HOUR, "login", person.name, place, person.devices[n % len(person.devices)], ok=True)  # fmt: skip
    if person.server:
        roll.write(at, "api_call", person.name, person.server, _SERVER, api_key=person.api_key)


def _month(roll: Roll, person: Person, days: int) -> None:
    chance = roll.chance
    _changes(roll, person, days)
    for day in range(days):
        expected = person.logins_a_day * (1.5 if day in _SALARY else 1.0)
        count = int(expected) + (chance.random() < expected % 1)
        for _ in range(count):
            at = roll.at_hour(day)
            if at >= max(START, person.dormant_until):
                _session(roll, person, at, day)
        if person.server and chance.random() < 0.8:
            at = roll.at_hour(day)
            for n in range(chance.randrange(1, 4)):
                roll.write(at + n * MINUTE, "api_call", person.name, person.server, _SERVER, api_key=person.api_key)  # fmt: skip
    if START < person.dormant_until < START + days * DAY:
        _session(roll, person, person.dormant_until, -1)


def _changes(roll: Roll, person: Person, days: int) -> None:
    """What changes in a customer's month: a new telephone, a forgotten password, a new destination, another server."""
    chance = roll.chance
    if chance.random() < 0.03:
        at, device = roll.at_hour(chance.randrange(days)), roll.device()
        if at > max(START, person.dormant_until):
            person.devices[0] = device
            roll.write(at, "login", person.name, person.home, device, ok=True)
            if chance.random() < 0.2:
                _withdraw(roll, person, at + chance.randrange(2 * HOUR), person.home, device)
    if chance.random() < 0.04:
        _forgotten(roll, person, roll.at_hour(chance.randrange(days)))
    if chance.random() < 0.05:
        at, address = max(START, roll.at_hour(chance.randrange(days))), roll.wallet()
        roll.write(at, "address_add", person.name, person.home, person.devices[-1], address=address)
        wait = chance.randrange(DAY) if chance.random() < 0.3 else chance.randrange(DAY, 9 * DAY)
        _withdraw(roll, person, at + wait, person.home, person.devices[-1], address)
    if person.server and chance.random() < 0.04:
        at = START + chance.randrange(days * DAY)
        elsewhere = roll.place(roll.address(34, chance.randrange(9999)), f"AS{15_000 + chance.randrange(9)}", "JP", person.city)  # fmt: skip
        roll.write(at, "api_call", person.name, elsewhere, _SERVER, api_key=person.api_key)


def _forgotten(roll: Roll, person: Person, at: int) -> None:
    """Some tries, a new password, a login; one in ten withdraws on that day, which is what it was for."""
    chance, place = roll.chance, person.home
    if at <= max(START, person.dormant_until):
        return
    device = chance.choice(person.devices)
    for _ in range(chance.randrange(2, 8)):
        at += chance.randrange(8 * SECOND, 60 * SECOND)
        roll.write(at, "login", person.name, place, device, ok=False)
    typ = chance.choices(("password_reset", "second_factor_reset"), (8, 2))[0]
    roll.write(at + 4 * MINUTE, typ, person.name, place, device)
    roll.write(at + 5 * MINUTE, "login", person.name, place, device, ok=True)
    if chance.random() < 0.1:
        _withdraw(roll, person, at + chance.randrange(10 * MINUTE, 20 * HOUR), place, device)


def _where(roll: Roll, person: Person, at: int) -> Place:
    chance = roll.chance
    for begin, end, place in person.away:
        if begin <= at < end:
            return roll.exit() if person.vpn and chance.random() < 0.3 else place
    if person.vpn and chance.random() < 0.25:
        return roll.exit()
    if person.office and chance.random() < 0.3:
        return person.office
    return roll.mobile() if chance.random() < 0.4 else person.home


def _session(roll: Roll, person: Person, at: int, day: int) -> None:
    """A login with the slips that people make, and now and then a withdrawal."""
    chance = roll.chance
    place, device = _where(roll, person, at), chance.choice(person.devices)
    while chance.random() < 0.07:
        roll.write(at, "login", person.name, place, device, ok=False)
        at += chance.randrange(4 * SECOND, 40 * SECOND)
    roll.write(at, "login", person.name, place, device, ok=True)
    often = 0.2 if day in _SALARY else 0.25 if day < 0 else 0.06
    if chance.random() < often:
        at += chance.randrange(MINUTE, 20 * MINUTE)
        _withdraw(roll, person, at, place, device)
        while chance.random() < 0.08:  # to another destination as well
            at += chance.randrange(MINUTE, 10 * MINUTE)
            _withdraw(roll, person, at, place, device)


def _withdraw(
    roll: Roll, person: Person, at: int, place: Place, device: tuple[str, str], address: str = ""
) -> None:
    chance = roll.chance
    amount = round(min(person.balance, 5e7) * chance.choice((0.05, 0.1, 0.2, 0.3, 0.5, 1.0)))
    destination = address or chance.choice(person.addresses)
    if chance.random() < 0.004:  # typed by hand, and refused by the member's own form as well
        destination = roll.wallet()
    roll.write(at, "withdraw", person.name, place, device, amount=float(max(amount, 1000)), address=destination, asset="BTC")  # fmt: skip
