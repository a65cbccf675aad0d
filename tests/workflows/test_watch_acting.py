"""Each frame of the watch's log is acted on once; many events make few alerts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sekisho.kernel import clock
from sekisho.ledger.models import Version
from sekisho.records.models import Alert, Channel, HeldWithdrawal, Incident, WatchSource
from sekisho.workflows.act import act
from sekisho.workflows.watch_after.acting import Acted, ReadTwice, act_on, position, take_frames
from sekisho.workflows.watch_after.episodes import MOST
from sekisho.workflows.watch_after.models import Block, Episode, Heard, Outgoing, Warned
from tests.workflows.watching import IP, IP6, brute_force, frame, held, new_place, stuffing, taken

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def member(cast: Any) -> Any:
    """The cast, with a channel on the exchange system."""
    with act("given", "operator:test") as doing:
        values = {
            "name": "ウェブ",
            "kind": "web",
            "system": "S-EXC",
            "since_on": clock.today(),
            "watched_as": "web",
        }
        doing.put(Channel, "CH-1", values)
    return cast


def test_events_that_are_allowed_are_only_heard():
    before = Version.objects.count()
    acted = taken(*(frame(channel="web") for _ in range(3)), frame("withdraw", source="withdrawals"))
    assert acted == Acted(frames=4)
    assert position() == 4
    rows = Heard.objects.order_by("source").values_list("source", "channel", "events")
    assert list(rows) == [("auth", "web", 3), ("withdrawals", "", 1)]
    assert Version.objects.count() == before


def test_frames_are_acted_on_once_however_often_they_are_read():
    frames = [(1, brute_force()), (2, held())]
    take_frames(None, frames)
    with pytest.raises(ReadTwice):
        take_frames(None, frames)
    assert (Alert.objects.count(), HeldWithdrawal.objects.count(), Block.objects.get().hits) == (2, 1, 1)


def test_nothing_of_a_batch_is_kept_where_it_fails(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sekisho.workflows.watch_after.acting.block_found", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        take_frames(None, [(1, brute_force())])
    assert position() is None
    assert not Heard.objects.exists()
    assert not Episode.objects.exists()


def test_one_that_cannot_be_read_is_counted_and_passed_over():
    acted = taken(
        {"at": "soon"}, {"at": 1, "source": "auth", "event": {"seq": 1}, "action": "sing"}, stuffing()
    )
    assert (acted.frames, acted.unreadable, acted.blocked) == (3, 2, 1)
    assert position() == 3


def test_long_logs_are_read_in_parts(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sekisho.workflows.watch_after.acting.BATCH", 2)
    acted = act_on(iter([(n, frame()) for n in range(1, 6)]))
    assert (acted.frames, position()) == (5, 5)


def test_an_attack_of_many_events_from_one_address_makes_one_alert_with_a_count():
    acted = taken(*(stuffing() for _ in range(500)))
    assert acted.alerts == 1
    alert = Alert.objects.get()
    assert (alert.rule, alert.events, alert.severity, alert.concerns_user) == (
        "credential_stuffing",
        500,
        "high",
        None,
    )
    assert alert.source.fed_by == "auth"
    assert alert.source.system_id == "S-EXC"
    assert Version.objects.filter(kind="alert").count() == 1


def test_an_attack_from_many_addresses_makes_no_more_alerts_than_people_read():
    taken(*(stuffing(f"198.51.{n // 200}.{n % 200}") for n in range(400)))
    assert Alert.objects.count() == MOST + 1
    assert sum(Alert.objects.values_list("events", flat=True)) == 400
    assert Block.objects.count() == 400


def test_an_alert_grows_and_is_written_again_after_a_minute(time_machine: Any):
    start = clock.now()
    time_machine.move_to(start, tick=False)
    taken(stuffing())
    taken(stuffing())
    assert Alert.objects.get().events == 1
    time_machine.move_to(start + MINUTE, tick=False)
    taken(stuffing())
    assert Alert.objects.get().events == 3


def test_after_an_hour_of_quiet_it_is_another_alert(time_machine: Any):
    start = clock.now()
    time_machine.move_to(start, tick=False)
    taken(stuffing())
    time_machine.move_to(start + HOUR, tick=False)
    taken(stuffing())
    assert Alert.objects.count() == 1
    time_machine.move_to(start + 2 * HOUR + MINUTE, tick=False)
    taken(stuffing())
    assert Alert.objects.count() == 2


def test_a_rule_that_blocks_with_weight_opens_one_incident_a_day_for_a_person_to_confirm():
    taken(*(stuffing(f"198.51.100.{n}") for n in range(5)))
    taken(held())
    incident = Incident.objects.get()
    assert (incident.state, incident.kind, incident.source, incident.systems) == (
        "draft",
        "attack",
        "watch",
        ["S-EXC"],
    )
    assert {a.incident_id for a in Alert.objects.filter(rule="credential_stuffing")} == {incident.key}
    assert Alert.objects.get(rule="new_device_withdrawal").incident is None


def test_a_held_withdrawal_waits_for_people_and_its_user_is_told(settings: Any):
    settings.SEKISHO_WATCH_WEBHOOK = "https://messenger.example.jp/hook"
    acted = taken(held(seq=17, user="利用者1"))
    record = HeldWithdrawal.objects.get()
    assert (acted.held, record.event, record.user, str(record.amount)) == (
        1,
        "withdrawals:17",
        "利用者1",
        "1234.5",
    )
    assert record.due_at - record.held_at == timedelta(hours=4)
    warned = Warned.objects.get()
    assert (warned.user, warned.rules, warned.alert) == (
        "利用者1",
        ["new_device_withdrawal"],
        Alert.objects.get().key,
    )
    assert Outgoing.objects.get().warned == warned


def test_an_amount_that_no_register_holds_is_left_out():
    taken(held(amount=1e12), held(amount=None), held(amount=0.1234567))
    amounts = HeldWithdrawal.objects.order_by("event").values_list("amount", flat=True)
    assert [str(a) for a in amounts] == ["None", "None", "0.123457"]


def test_a_user_is_told_of_the_same_once_an_hour(time_machine: Any):
    start = clock.now()
    time_machine.move_to(start, tick=False)
    taken(new_place(), new_place(), new_place("u2"))
    assert list(Warned.objects.values_list("user", flat=True)) == ["u1", "u2"]
    time_machine.move_to(start + HOUR, tick=False)
    taken(new_place())
    assert Warned.objects.filter(user="u1").count() == 2


def test_nobody_is_warned_of_a_destination_on_the_sanctions_list():
    taken(frame("withdraw", "block", ("sanctioned_address",), user="u1", address="bc1qbad"), stuffing())
    assert not Warned.objects.exists()
    assert Alert.objects.filter(rule="sanctioned_address").exists()


def test_only_rules_that_tell_an_attack_by_its_origin_block_an_address():
    taken(frame("withdraw", "block", ("unregistered_address",), user="u1", ip=IP), brute_force(IP6))
    assert list(Block.objects.values_list("address", "rule")) == [("2001:db8:1:2::/64", "brute_force")]


def test_the_source_on_record_is_taken_where_it_names_the_sender(cast: Any):
    with act("given", "operator:test") as doing:
        values = {
            "title": "認証",
            "system": "S-EXC",
            "kind": "authentication",
            "since_on": clock.today(),
            "fed_by": "auth",
        }
        doing.put(WatchSource, "WS-7", values)
    taken(stuffing())
    assert Alert.objects.get().source_id == "WS-7"


def test_a_rule_that_is_no_longer_in_force_still_raises_its_alert():
    taken(frame("login", "hold", ("gone",), user="u1", ip=IP))
    assert (Alert.objects.get().rule, Alert.objects.get().severity) == ("gone", "medium")
    assert not Warned.objects.exists()
