"""The shipped rules, one story each: when a rule fires, the last moment or amount at which it does, and one beyond."""

from __future__ import annotations

import sys

import pytest

from sekisho.records.roles import ROLES
from sekisho.rulebook.contents import CLAUSES
from sekisho.watch.contents import LISTS, RULES, shipped, text_of
from sekisho.watch.events import Event
from sekisho.watch.lists import Listed
from sekisho.watch.program import Action
from sekisho.watch.twin import Twin

SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
HOME = {
    "ip": "203.0.113.5", "network": "AS4713", "country": "JP", "lat": 35.68, "lon": 139.69,
    "device": "aoki's telephone", "agent": "Mozilla/5.0 (iPhone)", "channel": "app",
}  # fmt: skip
SEOUL = {"ip": "198.51.100.7", "network": "AS4766", "country": "KR", "lat": 37.57, "lon": 126.98}
NAHA = {"ip": "203.0.113.201", "lat": 26.21, "lon": 127.68}  # 1,553 km away
SAPPORO = {"ip": "203.0.113.202", "lat": 43.06, "lon": 141.35}  # 831 km away
WALLET = "bc1q-aoki-own"


class Exchange:
    """The kernel with the shipped rules. Each act answers the names of the rules that fire; `wait` lets time pass."""

    def __init__(self, **lists: list[str]) -> None:
        self.twin = Twin(shipped(), {name: Listed(entries) for name, entries in lists.items()})
        self.now, self.seq = 1_767_225_600_000, 0

    def wait(self, span: int) -> Exchange:
        self.now += span
        return self

    def act(self, typ: str, user: str = "aoki", **fields: object) -> set[str]:
        self.seq += 1
        known = HOME | ({} if user == "aoki" else {"device": f"{user}'s telephone"})
        event = Event(seq=self.seq, ts=self.now, typ=typ, user=user, **known | fields)
        return {shipped().rules[place].name for place in self.twin.decide(event)}

    def login(self, user: str = "aoki", **fields: object) -> set[str]:
        return self.act("login", user, ok=True, **fields)

    def fail(self, user: str = "aoki", **fields: object) -> set[str]:
        return self.act("login", user, ok=False, **fields)

    def withdraw(self, amount: float = 150_000, **fields: object) -> set[str]:
        return self.act("withdraw", amount=amount, address=WALLET, **fields)


@pytest.fixture
def exchange() -> Exchange:
    """An exchange where aoki is known: two devices were used, and a destination registered, three days ago."""
    exchange = Exchange()
    exchange.act("address_add", address=WALLET)
    exchange.login()
    exchange.login(device="aoki's computer")
    return exchange.wait(3 * DAY)


# --- attacks on logins ------------------------------------------------------------------------------------------


def tries(exchange: Exchange, users: int, apart: int, **fields: object) -> set[str]:
    """One failed login of each user; the answer to the last."""
    fired: set[str] = set()
    for n in range(users):
        fired = exchange.wait(apart if n else 0).fail(f"user{n}", **fields)
    return fired


def test_credential_stuffing_fires_at_the_eighth_user_from_one_address(exchange):
    assert tries(exchange, 7, SECOND) == set()
    assert exchange.wait(10 * MINUTE - 6 * SECOND - 1).fail("user7") == {"credential_stuffing"}


def test_credential_stuffing_counts_the_64_of_an_ipv6_address(exchange):
    for n in range(7):
        exchange.fail(f"user{n}", ip=f"2001:db8:0:1::{n:x}")
    assert exchange.fail("user7", ip="2001:db8:0:2::7") == set()
    assert exchange.fail("user7", ip="2001:db8:0:1:ffff::7") == {"credential_stuffing"}


def test_credential_stuffing_is_silent_when_the_first_is_ten_minutes_old(exchange):
    tries(exchange, 7, SECOND)
    assert exchange.wait(10 * MINUTE - 6 * SECOND).fail("user7") == set()


def test_credential_stuffing_is_silent_when_one_user_mistypes_eight_times(exchange):
    assert [exchange.wait(SECOND).fail() for _ in range(8)] == [set()] * 8


def test_login_after_stuffing_fires_up_to_an_hour_after(exchange):
    tries(exchange, 8, SECOND)
    assert exchange.wait(HOUR).login() == {"login_after_stuffing"}


def test_login_after_stuffing_is_silent_after_an_hour_and_from_another_address(exchange):
    tries(exchange, 8, SECOND)
    assert exchange.login(ip="203.0.113.6") == set()
    assert exchange.wait(HOUR + 1).login() == set()


def test_password_spraying_fires_at_the_fourth_user_of_one_device_within_a_day(exchange):
    addresses = [f"198.51.100.{n}" for n in range(4)]
    for n in range(3):
        assert exchange.fail(f"user{n}", ip=addresses[n], device="a tool") == set()
    assert exchange.wait(DAY - 1).fail("user3", ip=addresses[3], device="a tool") == {"password_spraying"}


def test_password_spraying_is_silent_a_day_later_and_for_a_family_of_three(exchange):
    for _ in range(3):
        tries(exchange, 3, MINUTE, device="the tablet at home")
    assert exchange.wait(DAY).fail("user3", device="the tablet at home") == set()


def test_spraying_from_abroad_fires_at_the_twentieth_user_of_a_network(exchange):
    for n in range(19):
        assert exchange.fail(f"user{n}", **SEOUL | {"ip": f"198.51.100.{n}"}) == set()
    assert exchange.wait(HOUR - 1).fail("user19", **SEOUL) == {"spraying_from_abroad"}


def test_spraying_from_abroad_is_silent_an_hour_later_and_within_japan(exchange):
    for n in range(19):
        exchange.fail(f"user{n}", **SEOUL | {"ip": f"198.51.100.{n}"})
    assert exchange.wait(HOUR).fail("user19", **SEOUL) == set()
    for n in range(30):
        assert exchange.fail(f"user{n}", ip=f"203.0.113.{n}") == set()


def test_brute_force_fires_at_the_tenth_failure(exchange):
    assert [exchange.wait(SECOND).fail() for _ in range(9)] == [set()] * 9
    assert exchange.wait(10 * MINUTE - 8 * SECOND - 1).fail() == {"brute_force"}


def test_brute_force_is_silent_ten_minutes_later_and_when_somebody_else_fails_elsewhere(exchange):
    for _ in range(9):
        exchange.wait(SECOND).fail()
    assert exchange.fail(ip="198.51.100.9") == set()
    assert exchange.wait(10 * MINUTE - 8 * SECOND).fail() == set()


def test_impossible_travel_fires_just_above_the_speed_of_an_airliner(exchange):
    exchange.login()
    assert exchange.wait(int(1553 / 900 * HOUR) - MINUTE).login(**NAHA) == {"impossible_travel"}


def test_impossible_travel_is_silent_for_an_airliner_and_for_a_carriers_gateway_in_another_town(exchange):
    exchange.login()
    assert exchange.wait(SECOND).login(**SAPPORO) == set()
    exchange.wait(DAY).login()
    assert exchange.wait(int(1554 / 900 * HOUR) + MINUTE).login(**NAHA) == set()


# --- withdrawals of whoever took an account over ----------------------------------------------------------------


def test_new_device_withdrawal_fires_up_to_two_days_after_the_login(exchange):
    exchange.login(device="another")
    assert exchange.wait(2 * DAY).withdraw() == {"new_device_withdrawal"}


def test_new_device_withdrawal_is_silent_after_two_days_with_the_known_device_and_for_a_first_login(exchange):
    exchange.login(device="another")
    assert exchange.wait(2 * DAY + 1).withdraw() == set()
    exchange.login()
    assert exchange.withdraw() == set()
    exchange.act("address_add", "baba", address="bc1q-baba")
    exchange.wait(DAY).login("baba")
    assert exchange.act("withdraw", "baba", amount=150_000, address="bc1q-baba") == set()


def test_large_withdrawal_new_country_fires_at_a_million_and_up_to_three_days(exchange):
    exchange.login(**SEOUL)
    assert exchange.wait(3 * DAY).withdraw(1_000_000) == {"large_withdrawal_new_country"}


def test_large_withdrawal_new_country_is_silent_below_a_million_and_after_three_days(exchange):
    exchange.login(**SEOUL)
    assert exchange.wait(3 * DAY).withdraw(999_999.99) == set()
    assert exchange.wait(1).withdraw(1_000_000) == set()


def test_dormant_withdrawal_fires_within_a_day_of_the_return(exchange):
    exchange.login()
    exchange.wait(180 * DAY + 1).login()
    assert exchange.wait(DAY).withdraw() == {"dormant_withdrawal"}


def test_dormant_withdrawal_is_silent_a_day_later_and_after_exactly_180_days(exchange):
    exchange.login()
    exchange.wait(180 * DAY).login()
    assert exchange.withdraw() == set()
    exchange.wait(180 * DAY + 1).login()
    assert exchange.wait(DAY + 1).withdraw() == set()


@pytest.mark.parametrize("change", ["password_change", "password_reset", "second_factor_change", "second_factor_reset"])  # fmt: skip
def test_credentials_changed_withdrawal_fires_up_to_a_day_after(exchange, change):
    exchange.act(change)
    assert exchange.wait(DAY).withdraw() == {"credentials_changed_withdrawal"}


def test_credentials_changed_withdrawal_is_silent_a_day_later_and_for_another_user(exchange):
    exchange.act("password_reset", "baba")
    assert exchange.withdraw() == set()
    exchange.act("second_factor_reset")
    assert exchange.wait(DAY + 1).withdraw() == set()


# --- destinations and amounts -----------------------------------------------------------------------------------


def test_unregistered_address_fires_for_an_unknown_a_removed_and_another_users_address(exchange):
    both = {"unregistered_address", "fresh_address"}
    assert exchange.act("withdraw", amount=1, address="bc1q-other") == both
    exchange.act("address_add", "baba", address="bc1q-baba")
    assert exchange.wait(2 * DAY).act("withdraw", amount=1, address="bc1q-baba") == both
    exchange.act("address_remove", address=WALLET)
    assert exchange.withdraw() == both


def test_unregistered_address_is_silent_for_a_registered_one(exchange):
    assert exchange.withdraw() == set()
    exchange.act("address_add", address="bc1q-second")
    assert "unregistered_address" not in exchange.act("withdraw", amount=1, address="bc1q-second")


def test_fresh_address_fires_until_a_day_after_it_was_registered(exchange):
    exchange.act("address_add", address="bc1q-second")
    assert exchange.wait(DAY - 1).act("withdraw", amount=1, address="bc1q-second") == {"fresh_address"}


def test_fresh_address_is_silent_from_a_day_on_and_when_it_is_registered_again(exchange):
    exchange.act("address_add", address="bc1q-second")
    exchange.wait(DAY).act("address_add", address="bc1q-second")
    assert exchange.act("withdraw", amount=1, address="bc1q-second") == set()


def test_structuring_fires_when_small_withdrawals_reach_300_000_within_a_day(exchange):
    for amount in (100_000, 100_000):
        assert exchange.withdraw(amount) == set()
    assert exchange.wait(DAY - 1).withdraw(100_000) == {"structuring"}


def test_structuring_is_silent_below_300_000_a_day_later_and_for_larger_withdrawals(exchange):
    for amount in (100_000, 100_000, 99_999, 9_999, 100_001, 500_000):
        assert exchange.withdraw(amount) == set()
    assert exchange.wait(DAY).withdraw(100_000) == set()


# --- lists ------------------------------------------------------------------------------------------------------


def known(**lists: list[str]) -> Exchange:
    exchange = Exchange(**lists)
    exchange.act("address_add", address=WALLET)
    exchange.login()
    exchange.wait(2 * DAY)
    return exchange


def test_sanctioned_address_fires_for_withdrawals_and_registrations_whatever_the_case():
    exchange = known(sanctioned_addresses=["0xBAD0"])
    assert exchange.act("address_add", address="0xbad0") == {"sanctioned_address"}
    assert "sanctioned_address" in exchange.wait(2 * DAY).act("withdraw", amount=1, address="0xBad0")


def test_sanctioned_address_is_silent_for_others():
    exchange = known(sanctioned_addresses=["0xBAD0"])
    assert exchange.act("address_add", address="0xBAD01") == set()
    assert exchange.withdraw() == set()


def test_illicit_network_fires_for_every_act_from_it():
    exchange = known(illicit_networks=["AS64496"])
    assert "illicit_network" in exchange.fail(network="AS64496")
    assert "illicit_network" in exchange.withdraw(network="as64496")


def test_illicit_network_is_silent_for_others():
    assert known(illicit_networks=["AS64496"]).login(network="AS6449") == set()


def test_blocked_address_fires_for_addresses_and_ranges():
    exchange = known(blocked_addresses=["198.51.100.7", "2001:db8:bad::/48"])
    assert "blocked_address" in exchange.fail(ip="198.51.100.7")
    assert "blocked_address" in exchange.fail(ip="2001:db8:bad:ffff::1")


def test_blocked_address_is_silent_for_the_neighbours():
    exchange = known(blocked_addresses=["198.51.100.7", "2001:db8:bad::/48"])
    assert exchange.fail(ip="198.51.100.70") == set()
    assert exchange.fail(ip="2001:db8:bae::1") == set()


def test_frozen_user_fires_for_whatever_the_user_does():
    exchange = known(frozen_users=["aoki"])
    assert exchange.login() == {"frozen_user"}
    assert exchange.withdraw() == {"frozen_user"}


def test_frozen_user_is_silent_for_others():
    assert known(frozen_users=["baba"]).login() == set()


# --- keys and scores --------------------------------------------------------------------------------------------


def test_api_key_new_place_fires_for_every_call_of_the_first_day_from_a_new_network(exchange):
    exchange.act("api_call", api_key="k1")
    exchange.wait(90 * DAY)
    assert exchange.act("api_call", api_key="k1", network="AS16509") == {"api_key_new_place"}
    assert exchange.wait(DAY).act("api_call", api_key="k1", network="AS16509") == {"api_key_new_place"}
    assert exchange.wait(1).act("api_call", api_key="k1", network="AS16509") == set()


def test_api_key_new_place_is_silent_for_a_new_key_a_known_network_and_after_90_days_of_silence(exchange):
    assert exchange.act("api_call", api_key="k1", network="AS16509") == set()
    assert exchange.act("api_call", api_key="k2") == set()
    assert exchange.act("api_call", api_key="k1", network="AS16509", ip="198.51.100.1") == set()
    assert exchange.wait(90 * DAY + 1).act("api_call", api_key="k1") == set()


def many_customers(exchange: Exchange) -> None:
    """Twenty who log in for twenty days, each from a place of their own; aoki among them."""
    for _ in range(20):
        exchange.wait(DAY).login()
        for n in range(20):
            exchange.login(f"user{n}", ip=f"203.0.113.{10 + n}")


def test_risk_score_fires_for_another_place_and_device_together_and_only_in_shadow(exchange):
    many_customers(exchange)
    fired = exchange.wait(DAY).login(**SEOUL, device="another", agent="curl/8")
    assert fired == {"risk_score"}
    assert not next(rule for rule in shipped().rules if rule.name == "risk_score").live


def test_risk_score_is_silent_for_the_usual_place_and_for_a_new_address_or_a_new_device_alone(exchange):
    many_customers(exchange)
    assert exchange.wait(DAY).login() == set()
    assert exchange.login(ip="203.0.113.99") == set()
    assert exchange.login(device="another", agent="Mozilla/5.0 (Macintosh)") == set()


# --- the whole set ----------------------------------------------------------------------------------------------


def test_nothing_fires_on_an_ordinary_day(exchange):
    fired = [
        exchange.wait(8 * HOUR).fail(),
        exchange.wait(10 * SECOND).login(),
        exchange.wait(MINUTE).act("deposit", amount=300_000),
        exchange.wait(MINUTE).act("trade", amount=250_000),
        exchange.wait(4 * HOUR).login(ip="203.0.113.77", network="AS2516", device="aoki's computer"),
        exchange.wait(HOUR).act("trade", amount=40_000),
        exchange.wait(HOUR).act("api_call", api_key="k1"),
        exchange.wait(3 * HOUR).withdraw(80_000),
        exchange.act("address_add", address="bc1q-new"),
        exchange.wait(DAY).act("withdraw", amount=30_000, address="bc1q-new"),
    ]
    assert fired == [set()] * len(fired)


@pytest.mark.parametrize("rule", [rule.name for rule in shipped().rules])
def test_every_shipped_rule_has_its_story(rule):
    stories = [name for name in dir(sys.modules[__name__]) if name.startswith(f"test_{rule}_")]
    assert any("_fires_" in name for name in stories), f"no story in which {rule} fires"
    assert any("_is_silent_" in name for name in stories), f"no story in which {rule} is silent"


@pytest.mark.parametrize("rule", shipped().rules, ids=lambda rule: rule.name)
def test_every_shipped_rule_says_who_why_and_by_which_clause(rule):
    assert rule.owner in ROLES
    assert rule.clause in CLAUSES
    assert rule.action is not Action.ALLOW
    assert rule.weight > 0
    assert rule.reason.ja.endswith(("。", "）。"))
    assert rule.reason.en.endswith(".")


def test_the_lists_of_the_rules_are_those_that_something_feeds():
    assert shipped().lists == {one.name for one in LISTS}


def test_a_rule_of_the_set_is_live_unless_its_threshold_is_the_members_own():
    assert [rule.name for rule in shipped().rules if not rule.live] == ["risk_score"]
    assert 12 <= len(shipped().rules) <= 20


def test_every_shipped_file_is_listed():
    from sekisho.watch.contents import FOLDER

    assert {path.name for path in FOLDER.glob("*.yaml")} == {*RULES}
    assert all(text_of(name).startswith("#") for name in RULES)
