"""What the made-up customers of the labelled workload are: where they log in from, with what, and how often."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

from sekisho.watch.events import Event

DAY, HOUR, MINUTE, SECOND = 86_400_000, 3_600_000, 60_000, 1_000
START = 1_767_571_200_000  # 2026-01-05 00:00 UTC
NEVER = START + 1000 * DAY

TOKYO, OSAKA = (35.68, 139.69), (34.69, 135.50)
# Tokyo, Osaka, Nagoya, Sapporo, Fukuoka, Naha; about as the population lives
HOMES = (TOKYO, OSAKA, (35.18, 136.91), (43.06, 141.35), (33.59, 130.40), (26.21, 127.68))
HOME_SHARES = (45, 20, 12, 9, 12, 2)
ABROAD = {
    "KR": (37.57, 126.98), "TW": (25.03, 121.57), "US": (34.05, -118.24), "TH": (13.76, 100.50), "SG": (1.35, 103.82),
    "FR": (48.86, 2.35), "GB": (51.51, -0.13), "VN": (10.82, 106.63), "AU": (-33.87, 151.21), "RU": (55.75, 37.62),
    "NG": (6.52, 3.38), "BR": (-23.55, -46.63), "CN": (31.23, 121.47), "DE": (52.52, 13.40),
}  # fmt: skip
JOURNEYS = ("KR", "TW", "US", "TH", "SG", "FR", "GB", "VN", "AU", "DE")
EXITS = (("JP", TOKYO), ("JP", TOKYO), ("US", ABROAD["US"]), ("SG", ABROAD["SG"]), ("DE", ABROAD["DE"]))
PROVIDERS = tuple(f"AS{n}" for n in (4713, 2516, 17676, 2527, 4685, 9605, 18126, 2518, 7679, 10013))
CARRIERS = ("AS9605", "AS2516", "AS17676", "AS138384")
AGENTS = tuple(
    f"Mozilla/5.0 ({system}) {browser}"
    for system in (
        "iPhone; iOS 19",
        "iPhone; iOS 18",
        "Android 16",
        "Android 15",
        "Windows NT 10.0",
        "Macintosh",
    )
    for browser in ("Chrome/149", "Chrome/148", "Safari/26", "Edg/149", "ExchangeApp/7.2", "ExchangeApp/7.1")
)


@dataclass(frozen=True, slots=True)
class Labelled:
    """An event and what it is: nothing for a customer's own, else the name of the attack that it belongs to."""

    event: Event
    attack: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an act comes from."""

    ip: str
    network: str
    country: str
    lat: float
    lon: float


@dataclass(slots=True)
class Person:
    """A customer: the usual places and devices, the registered destinations, and how active."""

    name: str
    city: tuple[float, float]
    home: Place
    office: Place | None
    devices: list[tuple[str, str]]  # mark, agent
    addresses: list[str]
    logins_a_day: float
    balance: float
    vpn: bool
    api_key: str = ""
    server: Place | None = None
    away: list[tuple[int, int, Place]] = field(default_factory=list)  # from, until, where
    dormant_until: int = 0


class Roll:
    """The events that are written, and the chance that everything is drawn from."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.written: list[tuple[int, dict[str, Any], str]] = []

    def write(
        self,
        ts: int,
        typ: str,
        user: str,
        place: Place,
        device: tuple[str, str],
        attack: str = "",
        **more: Any,
    ) -> None:
        fields: dict[str, Any] = {
            "typ": typ,
            "user": user,
            "ip": place.ip,
            "network": place.network,
            "country": place.country,
        }
        fields |= {"lat": place.lat, "lon": place.lon, "device": device[0], "agent": device[1]} | more
        self.written.append((ts, fields, attack))

    def labelled(self) -> list[Labelled]:
        """Everything in the order of time, numbered."""
        self.written.sort(key=lambda one: one[0])
        return [
            Labelled(Event(seq=seq, ts=ts, **fields), attack)
            for seq, (ts, fields, attack) in enumerate(self.written)
        ]

    def place(self, ip: str, network: str, country: str, at: tuple[float, float]) -> Place:
        """An address has one place, near the middle of its town."""
        near = Random(ip)
        return Place(ip, network, country, round(at[0] + near.gauss(0, 0.1), 4), round(at[1] + near.gauss(0, 0.1), 4))  # fmt: skip

    def address(self, first: int, number: int) -> str:
        return f"{first}.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"

    def mobile(self) -> Place:
        """An address that a carrier shares among very many; it is said to be where the carrier's gateway is."""
        number = self.chance.randrange(80)
        at = OSAKA if number % 10 < 3 else TOKYO
        return self.place(self.address(126, number), CARRIERS[number % 4], "JP", at)

    def exit(self) -> Place:
        """The far end of a VPN, shared by its customers."""
        number = self.chance.randrange(150)
        country, at = EXITS[number % len(EXITS)]
        return self.place(self.address(185, number), f"AS{210_000 + number % 12}", country, at)

    def abroad(self, country: str) -> Place:
        number = self.chance.randrange(4000)
        return self.place(self.address(90 + sum(map(ord, country)) % 30, number), f"AS{country}{number % 6}", country, ABROAD[country])  # fmt: skip

    def device(self) -> tuple[str, str]:
        return f"{self.chance.getrandbits(64):016x}", self.chance.choice(AGENTS)

    def wallet(self) -> str:
        return f"bc1q{self.chance.getrandbits(128):032x}"

    def at_hour(self, day: int) -> int:
        """A moment of a day in Japan: mostly in the evening, seldom at night."""
        hour = self.chance.choices(
            range(24), (1, 1, 1, 1, 1, 2, 4, 7, 8, 6, 5, 6, 9, 6, 5, 5, 6, 7, 9, 11, 12, 12, 9, 4)
        )[0]
        return START + day * DAY + (hour - 9) * HOUR + self.chance.randrange(HOUR)


def customers(roll: Roll, users: int, days: int) -> list[Person]:
    """The customers, by the shares that are said at each line."""
    chance = roll.chance
    found: list[Person] = []
    for number in range(users):
        city = chance.choices(HOMES, HOME_SHARES)[0]
        shared = bool(found) and chance.random() < 0.12  # the family has one connection
        own = roll.place(roll.address(60 + number % 40, number), chance.choice(PROVIDERS), "JP", city)
        home = found[-1].home if shared else own
        desk = chance.randrange(max(1, users // 40))  # offices of 40 on average behind one address
        office = roll.place(roll.address(210, desk), f"AS{23_000 + desk % 300}", "JP", HOMES[desk % 6])
        devices = [roll.device() for _ in range(chance.choices((1, 2, 3), (50, 40, 10))[0])]
        if shared and chance.random() < 0.15:
            devices.append(found[-1].devices[0])  # the tablet at home
        person = Person(
            f"u{number:06d}", found[-1].city if shared else city, home, office if chance.random() < 0.4 else None, devices,
            [roll.wallet() for _ in range(chance.choices((1, 2, 3), (60, 30, 10))[0])],
            min(6.0, chance.lognormvariate(-1.2, 1.0)), chance.lognormvariate(12.2, 1.4), chance.random() < 0.06,
        )  # fmt: skip
        if chance.random() < 0.05:  # journeys in a month
            begin = START + chance.randrange(days * DAY)
            person.away.append((begin, begin + chance.randrange(2 * DAY, 11 * DAY), roll.abroad(chance.choice(JOURNEYS))))  # fmt: skip
        if chance.random() < 0.02:
            person.api_key = f"k{number:06d}"
            person.server = roll.place(roll.address(54, number), f"AS{16_000 + number % 9}", "JP", TOKYO)
        asleep = chance.random()
        if asleep < 0.01:
            person.dormant_until = START + chance.randrange(days * DAY)
        elif asleep < 0.013:
            person.dormant_until = NEVER
        found.append(person)
    return found
