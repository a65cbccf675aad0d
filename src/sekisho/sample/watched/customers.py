"""What the sample member's customers do: where they live, with what they come, and an ordinary week of theirs.

All addresses are of networks that belong to nobody (RFC 2544, RFC 5737, RFC 3849). Days are counted back from today, so
that the same week ends on every day on which the sample is made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Final

from sekisho.sample.story.words import ago, at
from sekisho.watch.events import Event

CUSTOMERS: Final = 280
DAYS: Final = 7
CHANNEL: Final = "web"
# Tokyo, Yokohama, Osaka, Nagoya, Sapporo, Fukuoka, Sendai, Naha; about as people live
_TOWNS: Final = (
    (35.68, 139.69), (35.44, 139.64), (34.69, 135.50), (35.18, 136.91), (43.06, 141.35), (33.59, 130.40),
    (38.27, 140.87), (26.21, 127.68),
)  # fmt: skip
_LIVE: Final = (34, 16, 18, 11, 7, 7, 4, 3)
_NETWORKS: Final = ("AS4713", "AS2516", "AS17676", "AS2527", "AS4685", "AS9605")
_CARRIERS: Final = ("AS9605", "AS2516", "AS17676")
_AGENTS: Final = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) Safari/605.1",
    "Mozilla/5.0 (Linux; Android 16) Chrome/149.0 Mobile",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/149.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 15_2) Safari/605.1",
    "HinodeApp/7.2 (iOS 19.1)",
)
_HOURS: Final = (1, 1, 1, 1, 1, 2, 4, 7, 8, 6, 5, 6, 9, 6, 5, 5, 6, 7, 9, 11, 12, 12, 9, 4)


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody comes from."""

    ip: str
    network: str
    country: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Device:
    """What somebody comes with."""

    mark: str
    agent: str


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer: the usual places, devices and destination, and how often there is a login."""

    name: str
    places: tuple[Place, ...]
    devices: tuple[Device, ...]
    address: str
    logins_a_day: float


class Written:
    """The events that are written, with the chance that they are drawn from."""

    def __init__(self, today: date, seed: int) -> None:
        self.today = today
        self.chance = Random(seed)
        self._events: list[tuple[int, dict[str, Any]]] = []

    def write(
        self, when: datetime, typ: str, who: Customer, place: Place, device: Device, **more: Any
    ) -> None:
        """Something that a customer, or somebody in a customer's name, did."""
        fields = {
            "typ": typ, "user": who.name, "ip": place.ip, "network": place.network, "country": place.country,
            "lat": place.lat, "lon": place.lon, "device": device.mark, "agent": device.agent, "channel": CHANNEL,
        }  # fmt: skip
        self._events.append((round(when.timestamp() * 1000), fields | more))

    def events(self, first: int) -> list[Event]:
        """Everything in the order of time, numbered from `first`."""
        self._events.sort(key=lambda one: one[0])
        return [Event(seq=seq, ts=ts, **fields) for seq, (ts, fields) in enumerate(self._events, first)]

    def device(self) -> Device:
        return Device(f"{self.chance.getrandbits(64):016x}", self.chance.choice(_AGENTS))

    def wallet(self) -> str:
        return f"bc1q{self.chance.getrandbits(160):040x}"


def customers(written: Written, names: list[str]) -> list[Customer]:
    """The customers, each in a town of Japan with a connection at home and one on the move."""
    return [_customer(written, name, number) for number, name in enumerate(names)]


def _customer(written: Written, name: str, number: int) -> Customer:
    chance = written.chance
    town = chance.choices(_TOWNS, _LIVE)[0]
    lat, lon = (round(degrees + chance.gauss(0, 0.06), 4) for degrees in town)
    home = Place(f"198.18.{number >> 8}.{number & 255}", chance.choice(_NETWORKS), "JP", lat, lon)
    shared = chance.randrange(12)
    moving = Place(f"198.19.{_TOWNS.index(town)}.{shared}", _CARRIERS[shared % 3], "JP", *town)
    devices = tuple(written.device() for _ in range(chance.choice((1, 1, 2))))
    return Customer(name, (home, home, moving), devices, written.wallet(), min(4.0, chance.lognormvariate(-0.6, 0.8)))  # fmt: skip


def ordinary(written: Written, people: list[Customer], away: str) -> None:
    """A month ago each registered a destination and came with each device; then the week, as it is.

    Today nothing is to be found, whatever the hour: `away` does not come.
    """
    chance = written.chance
    for who in people:
        seen = at(
            ago(written.today, 33 - chance.randrange(20)), chance.randrange(8, 22), chance.randrange(60)
        )
        written.write(seen, "address_add", who, who.places[0], who.devices[0], address=who.address)
        for n, device in enumerate(who.devices, 1):
            written.write(seen + timedelta(hours=9 * n), "login", who, who.places[n], device, ok=True)
        for when in _moments(written, who, 1 if who.name == away else 0):
            _session(written, who, when)


def _moments(written: Written, who: Customer, last: int) -> Iterator[datetime]:
    chance = written.chance
    for days in range(DAYS, last - 1, -1):
        count = int(who.logins_a_day) + (chance.random() < who.logins_a_day % 1)
        for hour in sorted(chance.choices(range(24), _HOURS, k=count)):
            yield at(ago(written.today, days), hour, chance.randrange(60)) + timedelta(
                seconds=chance.random() * 59
            )


def _session(written: Written, who: Customer, when: datetime) -> None:
    """A login with the slips that people make, and now and then a withdrawal."""
    chance = written.chance
    place, device = chance.choice(who.places), chance.choice(who.devices)
    while chance.random() < 0.06:
        written.write(when, "login", who, place, device, ok=False)
        when += timedelta(seconds=chance.randrange(5, 40))
    written.write(when, "login", who, place, device, ok=True)
    if chance.random() < 0.07:
        when += timedelta(seconds=chance.randrange(60, 900))
        amount = float(round(min(3e6, max(5_000, chance.lognormvariate(11.8, 1.0))), -3))
        written.write(when, "withdraw", who, place, device, amount=amount, asset=chance.choice(("BTC", "BTC", "ETH", "XRP")), address=who.address)  # fmt: skip
