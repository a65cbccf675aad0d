"""The labelled workload is the same for the same seed and says what it is; the table counts what it says."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise

import pytest

from bench.watch.attacks import FRAUD
from bench.watch.detection import AIMS, judged, rows
from bench.watch.people import DAY
from bench.watch.population import START, Labelled, workload
from sekisho.watch.contents import LISTS, shipped
from sekisho.watch.events import Event, decode, encode

USERS, DAYS = 300, 6


@pytest.fixture(scope="module")
def events():
    return workload(USERS, DAYS, 7)


def test_the_same_seed_gives_the_same_workload_and_another_another(events):
    assert workload(USERS, DAYS, 7) == events
    assert [one.event for one in workload(USERS, DAYS, 8)] != [one.event for one in events]


def test_events_are_in_order_numbered_and_acceptable(events):
    assert [one.event.seq for one in events] == list(range(len(events)))
    assert all(a.event.ts <= b.event.ts for a, b in pairwise(events))
    assert all(decode(encode(one.event)) == one.event for one in events[::20])


def test_every_attack_is_planted_within_the_month_and_on_customers(events):
    kinds = {attack for attack, _ in [(one.attack, 0) for one in events] if attack}
    plain = {"stuffing", "spread_stuffing", "spraying", "brute_force", "structuring", "listed"}
    assert plain | {"takeover", "quiet_takeover", "reset_takeover", "dormant_takeover", "api_theft"} <= kinds
    assert kinds <= plain | {*FRAUD}
    customers = {one.event.user for one in events if not one.attack}
    for one in events:
        if one.attack:
            assert one.event.ts >= START
            assert one.event.user in customers


def test_every_robbed_account_is_entered_before_money_leaves_it(events):
    seen = defaultdict(set)
    for one in events:
        user, typ = one.event.user, one.event.typ
        if one.attack in FRAUD and typ == "withdraw":
            assert seen[user] & {"login", "api_call"}
        if one.attack:
            seen[user].add(typ)


def test_customers_are_mostly_at_home_and_sometimes_suspicious(events):
    own = [one.event for one in events if not one.attack and one.event.ts >= START]
    logins = Counter(event.ok for event in own if event.typ == "login")
    assert 0.04 < logins[False] / logins.total() < 0.2
    countries = Counter(event.country for event in own)
    assert countries["JP"] > 0.9 * countries.total()
    assert len(countries) > 2
    shared = defaultdict(set)
    for event in own:
        shared[event.ip].add(event.user)
    assert max(map(len, shared.values())) > 10  # a carrier's


def test_every_rule_that_no_open_list_feeds_has_an_aim():
    fed_later = {"blocked_address", "frozen_user"}
    assert {*AIMS} == {rule.name for rule in shipped().rules} - fed_later
    assert {"blocked_addresses", "frozen_users"} < {one.name for one in LISTS}


def labelled(seq, typ, attack="", user="aoki", **fields):
    event = Event(seq=seq, ts=START + seq * 1000, typ=typ, user=user, ip="203.0.113.1", **fields)
    return Labelled(event, attack)


def test_the_tallies_are_those_of_the_labels():
    story = [
        labelled(0, "address_add", address="own"),
        labelled(1, "login", ok=True, device="known"),
        labelled(2, "withdraw", amount=1.0, address="own"),  # wrong: fresh
        labelled(3, "login", "takeover", ok=True, device="other"),
        labelled(4, "withdraw", "takeover", amount=1.0, address="theirs"),  # stopped
        labelled(5, "withdraw", "api_theft", "baba", amount=1.0),  # no address: nothing to judge by
    ]
    found = judged(story, shipped())
    assert (found.attacks, found.customers_events) == (3, 3)
    assert (found.stopped.caught, found.stopped.wrong) == (1, 1)
    assert found.stopped.bothered == {(START // DAY, "aoki")}
    assert found.rules["unregistered_address"].victims == {"aoki"}
    assert (found.aims["new_device_withdrawal"], found.rules["new_device_withdrawal"].aimed) == (2, 1)
    assert (found.withdrawals, found.withdrawals_stopped) == (2, 1)
    assert found.saved == {"takeover": {"aoki"}, "api_theft": set()}
    told = {row.what: row.measured for row in rows(found, 10, 1)}
    assert told["**robbed accounts that lose nothing**"] == "found 1 of 2 (50.0%)"
    assert told["fresh_address (hold)"] == "found 1 of 2 (50.0%), in 1 of 2 robbed accounts; wrong 1.0 a day, 1.0 customers a day (1000.0 of 10,000)"  # fmt: skip


def test_nothing_before_the_month_is_an_alarm():
    early = Event(seq=0, ts=START - 1, typ="withdraw", user="aoki", amount=1.0, address="unknown")
    assert judged([Labelled(early)], shipped()).stopped.wrong == 0
