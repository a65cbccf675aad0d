"""What follows the watch over the API: the queue, the block list in its forms, frozen users, false alarms."""

from __future__ import annotations

import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sekisho.api.blocklist import nftables
from sekisho.kernel import clock
from sekisho.records.models import Alert, HeldWithdrawal
from sekisho.workflows.act import act
from sekisho.workflows.watch_after.models import Block, BlockReader, Frozen
from tests.api.calling import service, token_of
from tests.cast import Cast
from tests.records.examples import example
from tests.workflows.watching import IP6, brute_force, new_place, stuffing, taken

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def held(cast: Cast) -> Cast:
    with act("hold", "service:watch") as doing:
        doing.put(HeldWithdrawal, "HW-1", example(HeldWithdrawal) | {"due_at": clock.now() + HOUR})
    return cast


def session(member: Any) -> Any:
    """A page's session with its CSRF token left aside, as Django's test client has it."""
    return member.client


def post(member: Any, path: str, **body: Any) -> Any:
    return session(member).post(f"/api/watch/{path}", body, content_type="application/json")


def test_the_queue_tells_the_time_that_is_left_and_personal_values_to_who_may_see_them(held: Cast):
    told = token_of(held.aoki).get("watch/withdrawals").json["items"][0]
    assert (told["key"], told["user"], told["amount"], told["rules"]) == ("HW-1", "u1", "1.5", ["d"])
    assert 3500 < told["seconds_left"] <= 3600
    assert token_of(held.nishi).get("watch/withdrawals").json["items"][0]["user"] is None


def test_a_token_asks_for_a_release_and_releases_nothing(held: Cast):
    ono = token_of(held.ono)
    assert (
        ono.post("watch/withdrawals/HW-1/ask_release", {"reason": "本人確認済み"}).json["asked_by"]
        == "P-0007"
    )
    aoki = token_of(held.aoki)
    for what in ("release", "refuse"):
        assert aoki.post(f"watch/withdrawals/HW-1/{what}", {"reason": "可"}).code == "second_factor_needed"
    assert token_of(held.nishi).post("watch/withdrawals/HW-1/release", {"reason": "可"}).code == "refused"


def test_two_sessions_release_it(held: Cast, settings: Any):
    settings.SEKISHO_SECOND_FACTOR = False
    assert post(held.aoki, "withdrawals/HW-1/release", reason="可").json()["state"] == "held"
    again = post(held.aoki, "withdrawals/HW-1/release", reason="可")
    assert (again.status_code, again.json()["code"]) == (403, "second_person_needed")
    done = post(held.mori, "withdrawals/HW-1/release", reason="可").json()
    assert (done["state"], done["first_by"], done["decided_by"]) == ("released", "P-0003", "P-0004")
    assert post(held.mori, "withdrawals/HW-1/refuse", reason="不可").json()["code"] == "decided_already"


def test_the_block_list_has_three_forms(cast: Cast):
    taken(brute_force(), brute_force(IP6))
    ono = token_of(cast.ono)
    items = ono.get("watch/blocklist").json["items"]
    assert [(i["address"], i["rule"], i["hits"]) for i in items] == [("198.51.100.7", "brute_force", 1), ("2001:db8:1:2::/64", "brute_force", 1)]  # fmt: skip
    plain = ono.get("watch/blocklist?form=plain")
    assert plain.raw == b"198.51.100.7\n2001:db8:1:2::/64\n"
    assert plain.headers["Content-Type"].startswith("text/plain")
    assert (
        b"add element inet sekisho blocked4 { 198.51.100.7 timeout "
        in ono.get("watch/blocklist?form=nftables").raw
    )
    assert not BlockReader.objects.exists(), "a person who looks enforces nothing"
    assert service("edge", reads=["block_list"]).get("watch/blocklist?form=plain").raw == plain.raw
    assert BlockReader.objects.get().name == "service:edge"
    assert service("other", reads=["unit"]).get("watch/blocklist").code == "outside_token"


def test_a_file_for_nft_takes_no_overlap_and_each_element_leaves_in_time(db: None, tmp_path: Path):
    now = clock.now()
    for address in ("198.51.100.7", "198.51.100.0/24", "203.0.113.9", "2001:db8::/64"):
        Block.objects.create(address=address, rule="r", by="x", from_at=now, until_at=now + HOUR)
    text = nftables(now)
    assert text.splitlines() == [
        "add table inet sekisho",
        "add set inet sekisho blocked4 { type ipv4_addr; flags interval, timeout; }",
        "flush set inet sekisho blocked4",
        "add element inet sekisho blocked4 { 198.51.100.0/24 timeout 3600s, 203.0.113.9 timeout 3600s }",
        "add set inet sekisho blocked6 { type ipv6_addr; flags interval, timeout; }",
        "flush set inet sekisho blocked6",
        "add element inet sekisho blocked6 { 2001:db8::/64 timeout 3600s }",
    ]
    if nft := shutil.which("nft"):
        file = tmp_path / "set.nft"
        file.write_text(text)
        assert subprocess.run([nft, "--check", "--file", str(file)], check=False).returncode == 0


def test_an_empty_list_empties_the_sets(db: None):
    assert "add element" not in nftables()
    assert nftables().count("flush set") == 2


def test_somebody_blocks_and_lifts(cast: Cast):
    ono = token_of(cast.ono)
    wanted = {"address": "203.0.113.9", "until_at": clock.iso(clock.now() + HOUR), "reason": "攻撃元"}
    made = ono.post("watch/blocklist", wanted)
    assert (made.status, made.json["by"]) == (201, cast.ono.by)
    lifted = ono.post(f"watch/blocklist/{made.json['id']}/lift", {"reason": "誤り"})
    assert lifted.json["lifted_by"] == cast.ono.by
    assert ono.post("watch/blocklist", wanted | {"address": "all"}).code == "invalid"
    assert ono.post("watch/blocklist", wanted | {"more": 1}).code == "malformed"
    assert ono.post("watch/blocklist/nine/lift", {"reason": "誤り"}).status == 404
    assert token_of(cast.nishi).post("watch/blocklist", wanted).code == "refused"


def test_users_are_frozen_and_freed_and_their_ids_shown_to_who_may(cast: Cast, settings: Any):
    settings.SEKISHO_SECOND_FACTOR = False
    ono = token_of(cast.ono)
    assert ono.post("watch/frozen", {"user": "u1", "reason": "電話での申告"}).status == 201
    assert ono.get("watch/frozen").json["items"][0]["user"] == "u1"
    assert token_of(cast.nishi).get("watch/frozen").json["items"][0]["user"] is None
    assert post(cast.ono, "frozen/thaw", user="u1", reason="確認").status_code == 403
    assert post(cast.aoki, "frozen/thaw", user="u1", reason="確認").json()["thawed_at"]
    assert Frozen.objects.get().thawed_by == cast.aoki.by


def test_false_alarms_are_marked_with_a_reason_counted_by_rule_and_lift_their_blocks(cast: Cast):
    taken(*(stuffing() for _ in range(3)), stuffing("198.51.100.8"), new_place())
    key = Alert.objects.get(events=3).key
    ono = token_of(cast.ono)
    assert ono.post(f"watch/alerts/{key}/false_alarm", {}).code == "malformed"
    assert ono.post(f"watch/alerts/{key}/false_alarm", {"reason": " "}).code == "invalid"
    marked = ono.post(f"watch/alerts/{key}/false_alarm", {"reason": "自社の負荷試験"})
    assert marked.json["decision"] == "false_alarm"
    alert = Alert.objects.get(pk=key)
    assert (alert.decision, alert.decided_by_id, alert.reason) == ("false_alarm", "P-0007", "自社の負荷試験")
    counted = {i["rule"]: i for i in ono.get("watch/false_alarms").json["items"]}
    told = counted["credential_stuffing"]
    assert [told[n] for n in ("alerts", "events", "false_alarms", "false_events")] == [2, 4, 1, 3]
    assert counted["impossible_travel"]["false_alarms"] == 0
    assert ono.get("watch/blocklist?form=plain").raw == b"198.51.100.8\n"
    assert ono.post("watch/alerts/AL-404/false_alarm", {"reason": "x"}).status == 404
