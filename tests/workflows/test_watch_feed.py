"""Clauses judge themselves from what the watch saw: met while it is heard and users are told, else not."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from sekisho.findings.verdicts import Verdict
from sekisho.kernel import clock
from sekisho.ledger.models import Version
from sekisho.records.models import (
    Alert,
    BlockList,
    Channel,
    FraudMeasure,
    Incident,
    WatchSource,
)
from sekisho.records.record import Record
from sekisho.watch.contents import shipped
from sekisho.watch.language import compile_rules
from sekisho.workflows.act import act
from sekisho.workflows.incident import confirm
from sekisho.workflows.watch_after import webhook
from sekisho.workflows.watch_after.blocks import fetched
from sekisho.workflows.watch_after.feed import feed_watch, sorts_of
from sekisho.workflows.watch_after.sending import deliver
from tests.cast import Cast
from tests.records.examples import RULES
from tests.rulebook.asking import Given, at, every_outcome, given, record, verdict
from tests.workflows.watching import frame, new_place, stuffing, taken

pytestmark = pytest.mark.django_db
ON = date(2026, 11, 20)
NOW = at(2026, 11, 20, 12)
APRIL = date(2024, 4, 1)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
SYSTEM = record("system", "S-EXC", name="S-EXC", in_scope=True, unit="U-SYS", in_use_since_on=APRIL)
SHOWN = record(
    "fraud_measure",
    "FM-9",
    title="前回ログイン",
    channel="CH-1",
    measure="last_login",
    used=True,
    since_on=APRIL,
)


@pytest.fixture(autouse=True)
def member(cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch, time_machine: Any) -> Any:
    """A web channel on the exchange system, and a messenger that takes everything; the clock stands at noon."""
    time_machine.move_to(NOW, tick=False)
    settings.SEKISHO_WATCH_WEBHOOK = "https://messenger.example.jp/hook"
    monkeypatch.setattr(webhook, "post", lambda body, *, delivery: None)
    with act("given", "operator:test") as doing:
        values = {"name": "ウェブ", "kind": "web", "system": "S-EXC", "since_on": APRIL, "watched_as": "web"}
        doing.put(Channel, "CH-1", values)
    return time_machine


def fed(*kinds: type[Record]) -> list[Given]:
    """What stands on record of these kinds."""
    return [record(k.about.name, r.key, **r.values()) for k in kinds for r in k.objects.order_by("pk")]


FED = (Channel, FraudMeasure, WatchSource, Alert, Incident)


def told(citation: str, on: date, *more: Given) -> dict[tuple[str, str], date | None]:
    """What is not met: (subject, reason) to the day since when."""
    found = every_outcome(citation, on, given(SYSTEM, SHOWN, *fed(*FED), *more))
    return {(subject, o.reason): o.since for subject, o in found if o.reason}


def met(citation: str, on: date) -> bool:
    return verdict(citation, on, given(SYSTEM, SHOWN, *fed(*FED))) == Verdict.MET


def watched() -> None:
    """An hour of an ordinary day: logins, a withdrawal, somebody travels too fast and is told."""
    taken(
        frame(channel="web"), frame("withdraw", source="withdrawals", channel="web"), new_place(channel="web")
    )
    fetched("service:edge")
    deliver()
    feed_watch()
    with act("decide", "operator:test") as doing:
        for alert in Alert.objects.all():
            doing.put(Alert, alert.key, {"decision": "watch", "decided_at": clock.now()})


# --- 9-3-1 ------------------------------------------------------------------------------------------------------------


def test_9_3_1_is_met_by_what_the_watch_heard_to_the_last_day_of_its_silence_and_not_after():
    watched()
    assert [(s.fed_by, s.system_id, s.last_event_at) for s in WatchSource.objects.order_by("fed_by")] == [
        ("auth", "S-EXC", NOW), ("withdrawals", "S-EXC", NOW),
    ]  # fmt: skip
    assert met("9-3-1", ON)
    assert told("9-3-1", ON + DAY) == {}
    silent = {(key, "silent"): ON + 2 * DAY for key in WatchSource.objects.values_list("pk", flat=True)}
    assert told("9-3-1", ON + 2 * DAY) == silent


def test_9_3_1_is_met_again_when_the_source_is_heard_again(member: Any):
    watched()
    member.move_to(NOW + 5 * DAY, tick=False)
    assert told("9-3-1", ON + 5 * DAY) != {}
    taken(frame(channel="web"), frame("withdraw", source="withdrawals"))
    feed_watch()
    assert told("9-3-1", ON + 5 * DAY) == {}


# --- 10-2-1 -----------------------------------------------------------------------------------------------------------


def attacked(member: Any, fetched_after: timedelta | None) -> str:
    """An attack that a person confirms; a device fetches the block list so long after."""
    taken(stuffing(channel="web"))
    if fetched_after is not None:
        member.move_to(NOW + fetched_after, tick=False)
        fetched("service:edge")
    member.move_to(NOW + 2 * HOUR, tick=False)
    feed_watch()
    key = Incident.objects.get().key
    from sekisho.access.rights import actor_for_person

    confirm(actor_for_person("P-0003"), key, "攻撃と判断")
    return key


def of_attacks(key: str) -> list[tuple[str, str | None]]:
    rows = every_outcome("10-2-1", ON, given(SYSTEM, *fed(*FED)))
    return [(o.outcome, o.reason) for subject, o in rows if subject == key]


@pytest.mark.parametrize("after", [MINUTE, HOUR])
def test_10_2_1_is_met_where_a_device_fetched_the_list_in_time(member: Any, after: timedelta):
    key = attacked(member, after)
    assert of_attacks(key) == [("met", None)]
    assert Incident.objects.get().contained_at == NOW + after


def test_10_2_1_falls_short_where_it_was_fetched_too_late(member: Any):
    assert of_attacks(attacked(member, HOUR + MINUTE)) == [("falls_short", "blocked_late")]


def test_10_2_1_falls_short_where_nobody_fetched_it(member: Any):
    assert of_attacks(attacked(member, None)) == [("falls_short", "not_blocked")]


# --- 10-6-1 -----------------------------------------------------------------------------------------------------------


def test_10_6_1_is_met_by_a_list_that_is_fetched_to_the_last_day_of_its_age():
    watched()
    assert met("10-6-1", ON)
    last_good = ON + 7 * DAY
    assert told("10-6-1", last_good) == {}
    assert told("10-6-1", last_good + DAY) == {("CH-1", "old_list"): last_good + DAY}


def test_10_6_1_falls_short_once_no_device_fetches_the_list_any_more(member: Any):
    watched()
    member.move_to(NOW + 15 * MINUTE, tick=False)
    feed_watch()
    assert told("10-6-1", ON) == {}
    member.move_to(NOW + 16 * MINUTE, tick=False)
    feed_watch()
    assert told("10-6-1", ON) == {("CH-1", "not_enforced"): ON}


def test_10_6_1_reads_the_numbers_of_each_rule():
    taken(stuffing(channel="web"), stuffing("198.51.100.8", channel="web"))
    fetched("service:edge")
    feed_watch()
    row = BlockList.objects.get()
    assert (row.rule, row.in_force, row.added, row.lifted, row.fetched_at) == (
        "credential_stuffing",
        2,
        2,
        0,
        NOW,
    )


# --- 10-6-3 -----------------------------------------------------------------------------------------------------------


def test_10_6_3_is_met_by_a_channel_that_is_heard_and_a_user_who_was_told():
    watched()
    assert met("10-6-3", ON)
    assert told("10-6-3", ON + DAY) == {}


def test_10_6_3_falls_short_the_day_after_the_channels_silence_ran_out():
    watched()
    assert told("10-6-3", ON + 2 * DAY) == {("CH-1", "silent"): ON + 2 * DAY}


def told_after(member: Any, after: timedelta) -> dict[tuple[str, str], date | None]:
    taken(frame(channel="web"), new_place(channel="web"))
    member.move_to(NOW + after, tick=False)
    deliver()
    feed_watch()
    return told("10-6-3", ON)


def test_10_6_3_is_met_to_the_last_minute_of_the_limit(member: Any):
    assert told_after(member, HOUR) == {}


def test_10_6_3_falls_short_where_a_user_was_told_too_late(member: Any):
    found = told_after(member, HOUR + MINUTE)
    assert found == {(Alert.objects.get().key, "told_late"): ON}


def test_10_6_3_falls_short_where_a_user_was_never_told(member: Any, monkeypatch: pytest.MonkeyPatch):
    def fails(body: bytes, *, delivery: str) -> None:
        raise webhook.NotTaken(why="HTTP 503")

    monkeypatch.setattr(webhook, "post", fails)
    assert told_after(member, 2 * HOUR) == {(Alert.objects.get().key, "not_told"): ON}


def test_10_6_3_is_not_lightened_by_users_who_were_told_in_time(member: Any):
    taken(new_place("u1", channel="web"))
    deliver()
    taken(new_place("u2", channel="web"))
    member.move_to(NOW + 2 * HOUR, tick=False)
    deliver()
    feed_watch()
    assert told("10-6-3", ON) == {(Alert.objects.get().key, "told_late"): ON}


# --- G10-6 ------------------------------------------------------------------------------------------------------------


def test_g10_6_is_met_by_what_the_rules_in_force_look_for():
    watched()
    assert sorted(FraudMeasure.objects.values_list("measure", flat=True)) == [
        "anomaly", "block_addresses", "detection", "dormant_ids", "limits",
    ]  # fmt: skip
    assert met("G10-6", ON)
    assert told("G10-6", ON + DAY) == {}
    assert told("G10-6", ON + 2 * DAY) == {("CH-1", "silent"): ON + 2 * DAY}


def test_g10_6_falls_short_when_rules_leave_the_set(member: Any):
    watched()
    member.move_to(NOW + DAY, tick=False)
    taken(frame(channel="web"))
    feed_watch(compile_rules(RULES))
    assert told("G10-6", ON) == {}
    gone = {("CH-1", f"no_{sort}"): ON + DAY for sort in ("anomaly", "dormant_ids", "limits")}
    assert told("G10-6", ON + DAY) == gone
    feed_watch(shipped())
    assert told("G10-6", ON + DAY) == {}


def test_rules_on_trial_carry_no_measure():
    assert sorts_of(compile_rules(RULES)) == {"detection"}
    assert sorts_of(compile_rules(RULES.replace("live", "shadow"))) == set()


# --- the feed itself --------------------------------------------------------------------------------------------------


def test_what_did_not_change_is_not_written_again():
    watched()
    feed_watch()
    before = Version.objects.exclude(kind="act").count()
    done = feed_watch()
    assert (done.sources, done.measures, done.alerts, done.incidents, done.lists) == (0, 0, 0, 0, 0)
    assert Version.objects.exclude(kind="act").count() == before


def test_a_channel_that_is_not_on_record_has_no_measures():
    taken(frame(channel="kiosk"))
    feed_watch()
    assert not FraudMeasure.objects.exists()


def test_a_member_without_a_system_is_not_told_to_be_watched(member: Any):
    from sekisho.records.models import Appointment, System

    with act("given", "operator:test") as doing:
        doing.remove(Channel, "CH-1")
        for row in Appointment.objects.filter(system="S-EXC"):
            doing.remove(Appointment, row.key)
        doing.remove(System, "S-EXC")
    taken(stuffing())
    assert not Alert.objects.exists()
    assert feed_watch().sources == 0
