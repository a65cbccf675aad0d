"""The attacks that are planted among the customers, the plain ones and those that try to stay below the rules.

The plain ones are those of the reference workload: stuffing (few addresses, many users), spraying (many addresses, few
tries), brute force (one user), takeover (new device, far country, withdrawal). Each event carries its attack's name.
"""

from __future__ import annotations

from collections.abc import Sequence

from bench.watch.people import ABROAD, DAY, HOUR, MINUTE, NEVER, SECOND, START, Person, Place, Roll

SANCTIONED = tuple(f"0xbad{n:037x}" for n in range(20))
ILLICIT_NETWORKS = ("AS64496", "AS64497")
_FROM = ("KR", "RU", "NG", "BR", "CN", "VN", "US")
FRAUD = ("takeover", "quiet_takeover", "reset_takeover", "dormant_takeover", "api_theft", "entered_by_stuffing", "entered_by_spraying")  # fmt: skip


def plant(roll: Roll, people: Sequence[Person], days: int) -> None:
    """All attacks, in numbers that follow those of the customers: one victim of a takeover in a few hundred."""
    size = len(people) / 20_000
    for _ in range(_many(size, 40)):
        _stuffing(roll, people, days, spread=False)
    for _ in range(_many(size, 8)):
        _stuffing(roll, people, days, spread=True)
    for n in range(_many(size, 6)):
        _spraying(roll, people, days, changing=n % 2 == 1)
    for _ in range(_many(size, 30)):
        _brute_force(roll, people, days)
    victims = iter(
        roll.chance.sample([p for p in people if p.dormant_until == 0], min(len(people) // 3, 400))
    )
    for attack, count in (("takeover", 60), ("quiet_takeover", 30), ("reset_takeover", 30)):
        for _ in range(_many(size, count)):
            _takeover(roll, next(victims), _moment(roll, days), attack)
    for _ in range(_many(size, 20)):
        _structuring(roll, next(victims), days)
    for _ in range(_many(size, 10)):
        _listed(roll, next(victims), days)
    asleep = [p for p in people if p.dormant_until == NEVER]
    for person in roll.chance.sample(asleep, min(len(asleep), _many(size, 15))):
        _takeover(roll, person, _moment(roll, days), "dormant_takeover")
    keyed = [p for p in people if p.api_key]
    for person in roll.chance.sample(keyed, min(len(keyed), _many(size, 15))):
        _api_theft(roll, person, _moment(roll, days))


def _many(size: float, count: int) -> int:
    return max(1, round(size * count))


def _moment(roll: Roll, days: int) -> int:
    """From the second day on: the victims of the first are told too late for anybody."""
    return START + roll.chance.randrange(DAY, days * DAY)


def _base(roll: Roll) -> Place:
    """An attacker's own address: mostly a rented server abroad."""
    chance = roll.chance
    country = chance.choice(_FROM)
    number = chance.randrange(60_000)
    network = chance.choice(ILLICIT_NETWORKS) if chance.random() < 0.05 else f"AS{200_000 + number % 40}"
    return roll.place(roll.address(45, number), network, country, ABROAD[country])


def _proxy(roll: Roll) -> Place:
    """Somebody's home in Japan whose connection the attacker borrows."""
    number = roll.chance.randrange(90_000)
    return roll.place(
        roll.address(119, number), f"AS{(4713, 2516, 17676)[number % 3]}", "JP", (35.68, 139.69)
    )


def _stuffing(roll: Roll, people: Sequence[Person], days: int, *, spread: bool) -> None:
    """One address at some tries a second, or (spread) hundreds of borrowed ones that change after a few tries."""
    chance, at, name = roll.chance, _moment(roll, days), "spread_stuffing" if spread else "stuffing"
    place, device = _base(roll), roll.device()
    for n in range(chance.randrange(200, 1500)):
        if spread and n % 5 == 0:
            place, device = _proxy(roll), roll.device()
        at += chance.randrange(200, 6 * SECOND)
        victim = chance.choice(people)
        entered = chance.random() < 0.003
        roll.write(at, "login", victim.name, place, device, name, ok=entered)
        if entered:
            _empty(roll, victim, at, place, device, "entered_by_stuffing")


def _spraying(roll: Roll, people: Sequence[Person], days: int, *, changing: bool) -> None:
    """A few common passwords on many users, slowly: 30 addresses of one network, some with a new device each time."""
    chance, at = roll.chance, _moment(roll, days)
    base = _base(roll)
    addresses = [roll.place(roll.address(46, chance.randrange(60_000)), base.network, base.country, ABROAD[base.country]) for _ in range(30)]  # fmt: skip
    tools = [roll.device() for _ in addresses]
    for _ in range(chance.randrange(300, 900)):
        at += chance.randrange(20 * SECOND, 4 * MINUTE)
        n = chance.randrange(len(addresses))
        device = roll.device() if changing else tools[n]
        victim, entered = chance.choice(people), chance.random() < 0.003
        roll.write(at, "login", victim.name, addresses[n], device, "spraying", ok=entered)
        if entered:
            _empty(roll, victim, at, addresses[n], device, "entered_by_spraying")


def _brute_force(roll: Roll, people: Sequence[Person], days: int) -> None:
    chance, at, place, device = roll.chance, _moment(roll, days), _base(roll), roll.device()
    victim = chance.choice(people)
    for _ in range(chance.randrange(30, 300)):
        at += chance.randrange(SECOND, 20 * SECOND)
        roll.write(at, "login", victim.name, place, device, "brute_force", ok=False)


def _empty(roll: Roll, victim: Person, at: int, place: Place, device: tuple[str, str], attack: str) -> None:
    """Take what is there: to an address of one's own, registered shortly before, a day before, or not at all."""
    chance, address = roll.chance, roll.wallet()
    at += chance.randrange(MINUTE, 8 * MINUTE)
    way = chance.random()
    if way < 0.6:
        roll.write(at, "address_add", victim.name, place, device, attack, address=address)
        patience = (
            (25, 30) if way < 0.1 else (49, 80)
        )  # hours: some know of rules that look back a day or two
        at += (
            chance.randrange(*(h * HOUR for h in patience))
            if way < 0.15
            else chance.randrange(MINUTE, 20 * MINUTE)
        )
    for _ in range(chance.choice((1, 1, 2, 3))):
        amount = float(max(1000, round(min(victim.balance, 5e7) * chance.uniform(0.3, 1.0))))
        roll.write(at, "withdraw", victim.name, place, device, attack, amount=amount, address=address, asset="BTC")  # fmt: skip
        at += chance.randrange(20 * SECOND, 3 * MINUTE)


def _takeover(roll: Roll, victim: Person, at: int, attack: str) -> None:
    """By a phished password: from far away with a device of one's own, or (quiet) through a borrowed home in Japan."""
    chance = roll.chance
    quiet = attack == "quiet_takeover" or (attack != "takeover" and chance.random() < 0.5)
    place, device = (_proxy(roll) if quiet else _base(roll)), roll.device()
    if attack == "reset_takeover":  # the telephone number was taken over first
        roll.write(at, chance.choice(("password_reset", "second_factor_reset")), victim.name, place, device, attack)  # fmt: skip
        at += chance.randrange(MINUTE, HOUR)
    roll.write(at, "login", victim.name, place, device, attack, ok=True)
    _empty(roll, victim, at, place, device, attack)


def _api_theft(roll: Roll, victim: Person, at: int) -> None:
    place = _base(roll)
    device = ("stolen", "curl/8.9")
    for n in range(roll.chance.randrange(1, 6)):
        roll.write(
            at + n * SECOND, "api_call", victim.name, place, device, "api_theft", api_key=victim.api_key
        )
    _empty(roll, victim, at, place, device, "api_theft")


def _structuring(roll: Roll, mule: Person, days: int) -> None:
    """The customer's own account, lent: six to nine withdrawals just under 100,000 yen within a few hours."""
    chance, at = roll.chance, _moment(roll, days)
    for _ in range(chance.randrange(6, 10)):
        at += chance.randrange(10 * MINUTE, HOUR)
        amount = float(chance.randrange(80_000, 100_000))
        roll.write(at, "withdraw", mule.name, mule.home, mule.devices[0], "structuring", amount=amount, address=mule.addresses[0], asset="BTC")  # fmt: skip


def _listed(roll: Roll, person: Person, days: int) -> None:
    at, address = _moment(roll, days), roll.chance.choice(SANCTIONED)
    for typ, more in (("address_add", {}), ("withdraw", {"amount": 50_000.0, "asset": "ETH"})):
        roll.write(at, typ, person.name, person.home, person.devices[0], "listed", address=address, **more)
        at += 30 * HOUR
