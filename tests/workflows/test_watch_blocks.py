"""The block list: what rules and people put on it, what never comes onto it, and when it leaves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sekisho.kernel import clock
from sekisho.kernel.errors import Invalid, NotFound, Refused
from sekisho.ledger.models import Version
from sekisho.records.models import AllowedAddress, IntelligenceItem
from sekisho.workflows.act import act
from sekisho.workflows.watch_after.blocks import (
    LASTS,
    AllowedOnly,
    Found,
    LiftedAlready,
    addresses,
    as_network,
    block,
    block_found,
    fetched,
    forget_old,
    lift,
)
from sekisho.workflows.watch_after.lists import named_lists
from sekisho.workflows.watch_after.models import Block, BlockReader, Frozen
from tests.cast import Cast

pytestmark = pytest.mark.django_db
IP = "198.51.100.7"
HOUR = timedelta(hours=1)


def found(*ips: str, rule: str = "brute_force", **more: Any) -> int:
    return block_found([Found(ip, rule, "auth", clock.now(), **more) for ip in ips])


def allow(network: str, **more: Any) -> None:
    with act("given", "operator:test") as doing:
        doing.put(AllowedAddress, f"AA-{network.replace('/', '-').replace(':', '.')}", {"network": network, "reason": "本社", "since_on": clock.today()} | more)  # fmt: skip


def test_an_entry_lasts_a_while_and_a_further_hit_makes_it_last_longer(time_machine: Any):
    start = clock.now()
    time_machine.move_to(start, tick=False)
    assert found(IP, IP) == 1
    time_machine.move_to(start + LASTS - HOUR, tick=False)
    assert found(IP) == 0
    entry = Block.objects.get()
    assert (entry.hits, entry.until_at) == (3, start + LASTS - HOUR + LASTS)
    time_machine.move_to(entry.until_at, tick=False)
    assert addresses() == []
    assert found(IP) == 1
    assert Block.objects.count() == 2


def test_an_address_on_the_allow_list_is_never_blocked_by_rule_or_by_hand(cast: Cast):
    allow("198.51.100.0/24")
    allow("2001:db8::/48")
    assert found(IP, "203.0.113.9", "2001:db8:0:1::5") == 1
    assert addresses() == ["203.0.113.9"]
    for address in (IP, "198.51.0.0/16", "2001:db8::1"):
        with pytest.raises(AllowedOnly):
            block(cast.aoki.actor, address, clock.now() + HOUR, "攻撃元")
    assert addresses() == ["203.0.113.9"]


def test_an_allowance_that_ended_allows_nothing():
    yesterday = clock.today() - timedelta(days=1)
    allow("198.51.100.0/24", since_on=yesterday, until_on=yesterday)
    assert found(IP) == 1


def test_a_person_blocks_and_lifts_with_a_line_in_the_ledger(cast: Cast):
    entry = block(cast.aoki.actor, "203.0.113.0/28", clock.now() + HOUR, "攻撃元")
    assert (entry.by, entry.rule, addresses()) == (cast.aoki.by, "by_hand", ["203.0.113.0/28"])
    lifted = lift(cast.mori.actor, entry.pk, "自社の検証")
    assert (lifted.lifted_by, addresses()) == (cast.mori.by, [])
    with pytest.raises(LiftedAlready):
        lift(cast.mori.actor, entry.pk, "もう一度")
    lines = Version.objects.filter(act_name__in=("block_address", "lift_block")).order_by("pk")
    assert [(v.act_name, v.by, v.reason) for v in lines] == [
        ("block_address", cast.aoki.by, "攻撃元"), ("lift_block", cast.mori.by, "自社の検証"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "wrong", ["", "no address", "198.51.100.300", "10.0.0.0/8", "::/0", "2001:db8::/31", "1.2.3.4/33"]
)
def test_what_is_no_address_or_too_wide_is_refused(cast: Cast, wrong: str):
    with pytest.raises(Invalid):
        block(cast.aoki.actor, wrong, clock.now() + HOUR, "攻撃元")


def test_a_block_has_an_end_ahead_and_a_reason_and_takes_the_right_to(cast: Cast):
    for until_at, reason in (
        (clock.now(), "攻撃元"),
        (clock.now() + timedelta(days=400), "攻撃元"),
        (clock.now() + HOUR, " "),
    ):
        with pytest.raises(Invalid):
            block(cast.aoki.actor, IP, until_at, reason)
    with pytest.raises(Refused):
        block(cast.nishi.actor, IP, clock.now() + HOUR, "攻撃元")
    with pytest.raises(NotFound):
        lift(cast.aoki.actor, 99, "理由")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (" 198.51.100.7 ", "198.51.100.7"),
        ("198.51.100.7/32", "198.51.100.7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("2001:DB8:0:1::5", "2001:db8:0:1::/64"),
        ("198.51.100.77/24", "198.51.100.0/24"),
    ],
)
def test_addresses_are_kept_in_one_form(given: str, kept: str):
    assert as_network(given) == kept


def test_ipv6_attackers_are_blocked_by_what_one_subscriber_holds():
    assert found("2001:db8:0:1::5", "2001:db8:0:1::6") == 1
    assert addresses() == ["2001:db8:0:1::/64"]
    assert Block.objects.get().hits == 2


def test_a_fetch_notes_who_and_from_when_an_entry_is_enforced():
    found(IP)
    fetched("service:edge-1")
    entry = Block.objects.get()
    assert BlockReader.objects.get().name == "service:edge-1"
    assert entry.enforced_at is not None
    fetched("service:edge-2")
    assert Block.objects.get().enforced_at == entry.enforced_at


def test_old_entries_are_forgotten(time_machine: Any):
    found(IP)
    assert forget_old(clock.now()) == 0
    assert forget_old(clock.now() + LASTS + HOUR) == 1


def test_lists_for_the_rules_hold_what_is_on_record(db: None):
    from tests.records.examples import write_standing

    found(IP, "2001:db8:0:1::5")
    Frozen.objects.create(user="u9", from_at=clock.now(), by="user")
    Frozen.objects.create(user="u8", from_at=clock.now(), by="user", thawed_at=clock.now())
    write_standing(IntelligenceItem)
    wallet = "bc1qxy2kgdygjrsqtzq2n0yrf2493p83kkfjhx0wlh"
    with act("given", "operator:test") as doing:
        values = {"source": "IS-9001", "received_at": clock.now()}
        doing.put(
            IntelligenceItem,
            "II-1",
            values | {"title": "制裁対象の追加", "indicators": [wallet, "AS64500", "evil.example"]},
        )
        doing.put(
            IntelligenceItem,
            "II-2",
            values
            | {"title": "フィッシング", "indicators": ["1BoatSLRHtKNngkdXEeobR76b53LETtpyT", "AS64501"]},
        )
        doing.put(
            IntelligenceItem,
            "II-3",
            values | {"title": "制裁", "relevance": "not_relevant", "indicators": ["AS64502"]},
        )
    lists = named_lists()
    assert [u for u in ("u8", "u9") if lists["frozen_users"].has(u)] == ["u9"]
    assert lists["blocked_addresses"].has(IP)
    assert lists["blocked_addresses"].has("2001:db8:0:1::77")
    assert lists["sanctioned_addresses"].texts == {wallet}
    assert [n for n in ("AS64500", "AS64501", "AS64502") if lists["illicit_networks"].has(n)] == [
        "AS64500",
        "AS64501",
    ]
