"""What is planted in the week: attacks that the shipped rules find, and a journey that they take for one.

Each is said with how many days ago and when it ends, for then the member acts on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sekisho.sample.story.words import ago, at
from sekisho.sample.watched.customers import Customer, Place, Written

TRAVELS_FAR: Final = "u40004"
HELD: Final = "u50001"
FROZEN: Final = "u41020"  # whose password was on the list; frozen on the user's own word
_SAO_PAULO = Place("192.0.2.77", "AS64500", "BR", -23.55, -46.63)
_LAGOS = Place("198.51.100.88", "AS64502", "NG", 6.52, 3.38)
_TAIPEI = Place("203.0.113.150", "AS64505", "TW", 25.03, 121.57)
_RENTED = (
    Place("192.0.2.140", "AS64499", "NL", 52.37, 4.90),
    Place("192.0.2.141", "AS64499", "NL", 52.37, 4.90),
    Place("203.0.113.77", "AS64501", "US", 39.04, -77.49),
)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Ended:
    """When each of them is over."""

    takeover: datetime
    spraying: datetime
    travel: datetime
    journey: datetime
    stuffing: datetime
    forcing: datetime
    held: datetime
    structuring: datetime


def plant(written: Written, people: list[Customer]) -> Ended:
    """All of them. `people` begins with those whom the story names."""
    far, held, *others = people
    return Ended(
        _takeover(written, others[3]), _spraying(written, others), _travel(written, far), _journey(written, others[5]),
        _stuffing(written, others), _forcing(written, others[9]), _held(written, held), _structuring(written, others[11]),
    )  # fmt: skip


def _takeover(written: Written, who: Customer) -> datetime:
    """A phished password, a device of the attacker's own, a destination registered a moment before."""
    when, device, address = at(ago(written.today, 6), 14, 10), written.device(), written.wallet()
    written.write(when, "login", who, _LAGOS, device, ok=True)
    written.write(when + 4 * _MINUTE, "address_add", who, _LAGOS, device, address=address)
    when += 9 * _MINUTE
    written.write(when, "withdraw", who, _LAGOS, device, amount=840_000.0, asset="BTC", address=address)
    return when


def _spraying(written: Written, others: list[Customer]) -> datetime:
    """One tool, one password, a new address for each few users, slowly through the night."""
    when, tool = at(ago(written.today, 5), 1, 5), written.device()
    for n, who in enumerate(written.chance.sample(others, 34)):
        place = Place(f"2001:db8:bad:{n // 3 + 1:x}::1", "AS64510", "RU", 55.75, 37.62)
        written.write(when, "login", who, place, tool, ok=False)
        when += written.chance.randrange(3, 9) * _MINUTE
    return when


def _travel(written: Written, who: Customer) -> datetime:
    when = at(ago(written.today, 5), 22, 16)
    written.write(when - 36 * _MINUTE, "login", who, who.places[0], who.devices[0], ok=True)
    written.write(when, "login", who, _SAO_PAULO, who.devices[0], ok=True)
    return when


def _journey(written: Written, who: Customer) -> datetime:
    """An honest one: abroad for the first time, and a large withdrawal from there."""
    when = at(ago(written.today, 4), 18, 40)
    written.write(when, "login", who, _TAIPEI, who.devices[0], ok=True)
    when += 6 * _MINUTE
    written.write(when, "withdraw", who, _TAIPEI, who.devices[0], amount=1_800_000.0, asset="BTC", address=who.address)  # fmt: skip
    return when


def _stuffing(written: Written, others: list[Customer]) -> datetime:
    """Three rented machines, a list of passwords, and one that fits."""
    when, tools = at(ago(written.today, 3), 2, 40), [written.device() for _ in _RENTED]
    for n in range(240):
        when += timedelta(seconds=written.chance.randrange(2, 7))
        place, tool = _RENTED[n % 3], tools[n % 3]
        fits = n == 201
        who = next(c for c in others if c.name == FROZEN) if fits else written.chance.choice(others)
        written.write(when, "login", who, place, tool, ok=fits)
    return when


def _forcing(written: Written, who: Customer) -> datetime:
    when, tool = at(ago(written.today, 2), 20, 5), written.device()
    place = Place("198.51.100.201", "AS64503", "VN", 10.82, 106.63)
    for _ in range(26):
        when += timedelta(seconds=written.chance.randrange(6, 18))
        written.write(when, "login", who, place, tool, ok=False)
    return when


def _held(written: Written, who: Customer) -> datetime:
    """A new telephone and a withdrawal on the same evening: it waits for two people."""
    when, device = at(ago(written.today, 1), 20, 15), written.device()
    written.write(when - 12 * _MINUTE, "login", who, who.places[0], device, ok=True)
    written.write(
        when, "withdraw", who, who.places[0], device, amount=180_001.0, asset="BTC", address=who.address
    )
    return when


def _structuring(written: Written, who: Customer) -> datetime:
    """Just under the limit, again and again."""
    when = at(ago(written.today, 1), 21, 20)
    written.write(when, "login", who, who.places[0], who.devices[0], ok=True)
    for amount in (98_000.0, 97_500.0, 99_000.0, 96_000.0):
        when += written.chance.randrange(6, 14) * _MINUTE
        written.write(when, "withdraw", who, who.places[0], who.devices[0], amount=amount, asset="ETH", address=who.address)  # fmt: skip
    return when
