"""The sample's customers: a week that the shipped rules judge as it is meant, and nothing of it today."""

from collections import Counter
from datetime import date

from sekisho.sample.story.watch import WEEK
from sekisho.sample.story.words import at
from sekisho.sample.watched.attacks import FROZEN, HELD, TRAVELS_FAR, plant
from sekisho.sample.watched.customers import CUSTOMERS, Written, customers, ordinary
from sekisho.watch.contents import shipped
from sekisho.watch.events import Event, address
from sekisho.watch.lists import Listed
from sekisho.watch.twin import Twin

TODAY = date(2026, 11, 23)


def week(today: date) -> list[Event]:
    written = Written(today, WEEK)
    people = customers(written, [TRAVELS_FAR, HELD, *(f"u{41000 + n}" for n in range(CUSTOMERS))])
    ordinary(written, people, FROZEN)
    plant(written, people)
    return written.events(WEEK)


def test_the_shipped_rules_find_what_is_planted_and_nothing_today():
    events = week(TODAY)
    assert 2000 < len(events) < 4000
    assert len({e.user for e in events}) == CUSTOMERS + 2
    midnight = round(at(TODAY, 0).timestamp() * 1000)
    twin = Twin(shipped(), {name: Listed() for name in ("sanctioned_addresses", "illicit_networks", "blocked_addresses", "frozen_users")})  # fmt: skip
    found: Counter[str] = Counter()
    today = 0
    for event in events:
        decision = twin.decisions.of(twin.decide(event))
        found.update(decision.rules)
        if event.ts >= midnight:
            today += 1
            assert decision.rules == ()
    assert today > 100
    assert set(found) == {
        "brute_force", "credential_stuffing", "fresh_address", "impossible_travel", "large_withdrawal_new_country",
        "login_after_stuffing", "new_device_withdrawal", "password_spraying", "spraying_from_abroad", "structuring",
    }  # fmt: skip


def test_the_same_week_ends_on_every_day_and_its_addresses_belong_to_nobody():
    events, another = week(TODAY), week(date(2027, 3, 1))
    days = (date(2027, 3, 1) - TODAY).days * 86_400_000
    assert [(e.seq, e.ts + days, e.user, e.ip) for e in events] == [
        (e.seq, e.ts, e.user, e.ip) for e in another
    ]
    nobodys = ("198.18.", "198.19.", "192.0.2.", "198.51.100.", "203.0.113.", "2001:db8:")
    assert all(e.ip and e.ip.startswith(nobodys) and address(e.ip) == e.ip for e in events)
