"""Held withdrawals: nobody releases alone, nobody releases what one asked for, and a decision stands."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.kernel.errors import Conflict, Invalid, NotFound, Refused
from sekisho.ledger.models import Version
from sekisho.records.models import HeldWithdrawal
from sekisho.workflows.act import act
from sekisho.workflows.record import save_record
from sekisho.workflows.watch_after.hold import (
    AskedAlready,
    DecidedAlready,
    OwnRequest,
    SecondPersonNeeded,
    ask_release,
    refuse,
    release,
)
from sekisho.workflows.watch_after.models import Outgoing
from tests.cast import Cast
from tests.records.examples import example
from tests.workflows.racing import crowd, lost, race, won

__all__ = ["crowd"]
pytestmark = pytest.mark.django_db
KEY = "HW-1"


def put(key: str = KEY) -> None:
    with act("hold", "service:watch") as doing:
        doing.put(HeldWithdrawal, key, example(HeldWithdrawal) | {"event": f"withdrawals:{key}"})


@pytest.fixture
def held(cast: Cast) -> Cast:
    put()
    return cast


def state() -> str:
    return str(HeldWithdrawal.objects.get(pk=KEY).state)


def test_two_people_release_it_and_the_service_is_told(held: Cast, settings: Any):
    settings.SEKISHO_WATCH_WEBHOOK = "https://messenger.example.jp/hook"
    ask_release(held.ono.actor, KEY, "本人確認済み")
    release(held.aoki.actor, KEY)
    assert state() == "held"
    record = release(held.mori.actor, KEY)
    assert (record.state, record.asked_by_id, record.first_by_id, record.decided_by_id) == ("released", "P-0007", "P-0003", "P-0004")  # fmt: skip
    assert Outgoing.objects.get().held == KEY
    names = Version.objects.filter(kind="held_withdrawal").order_by("ver").values_list("act_name", "by")
    assert list(names)[1:] == [
        ("ask_release", held.ono.by), ("release_withdrawal", held.aoki.by), ("release_withdrawal", held.mori.by),
    ]  # fmt: skip


def test_one_person_is_not_two(held: Cast):
    release(held.aoki.actor, KEY)
    with pytest.raises(SecondPersonNeeded):
        release(held.aoki.actor, KEY)
    assert state() == "held"


def test_whoever_asked_is_neither_the_first_nor_the_second(held: Cast):
    ask_release(held.aoki.actor, KEY, "本人確認済み")
    with pytest.raises(OwnRequest):
        release(held.aoki.actor, KEY)
    release(held.mori.actor, KEY)
    with pytest.raises(OwnRequest):
        release(held.aoki.actor, KEY)
    with pytest.raises(AskedAlready):
        ask_release(held.sakura.actor, KEY, "もう一度")


def test_whoever_released_first_does_not_ask_afterwards(held: Cast):
    release(held.aoki.actor, KEY)
    with pytest.raises(OwnRequest):
        ask_release(held.aoki.actor, KEY, "本人確認済み")


def test_one_entitled_person_refuses_with_a_reason(held: Cast):
    with pytest.raises(Invalid):
        refuse(held.aoki.actor, KEY, " ")
    refuse(held.aoki.actor, KEY, "送付先が不審")
    assert (state(), HeldWithdrawal.objects.get().reason) == ("refused", "送付先が不審")
    for late in (release, ask_release, refuse):
        with pytest.raises(DecidedAlready):
            late(held.mori.actor, KEY, "やはり")


def test_who_holds_no_such_role_decides_nothing(held: Cast):
    for member in (held.nishi, held.kyuda, held.ono, held.chiba, held.ogawa):
        with pytest.raises(Refused):
            release(member.actor, KEY)
        with pytest.raises(Refused):
            refuse(member.actor, KEY, "不審")
    assert state() == "held"


def test_what_is_not_there_or_changed_meanwhile_is_said(held: Cast):
    with pytest.raises(NotFound):
        release(held.aoki.actor, "HW-9")
    release(held.aoki.actor, KEY)
    with pytest.raises(Conflict):
        release(held.mori.actor, KEY, expected_ver=1)


@pytest.mark.parametrize(
    "forged",
    [
        {"state": "released"},
        {"first_by": "P-0003"},
        {"asked_by": "P-0007"},
        {"state": "refused", "decided_by": "P-0003", "reason": "不審"},
    ],
)
def test_no_form_or_file_writes_a_decision(held: Cast, forged: dict[str, Any]):
    with pytest.raises(Invalid):
        save_record(held.aoki.actor, HeldWithdrawal, KEY, forged)
    with pytest.raises(Invalid):
        save_record(
            held.aoki.actor, HeldWithdrawal, None, example(HeldWithdrawal) | {"event": "x:2"} | forged
        )
    assert save_record(held.aoki.actor, HeldWithdrawal, KEY, {"notes": "確認中"}).state == "held"


PEOPLE = ("kamiya", "sakura", "aoki", "mori", "chiba", "ogawa", "ono", "nishi", "kitagawa", "kyuda")
ENTITLED = ("sakura", "aoki", "mori")
steps = st.lists(
    st.tuples(st.sampled_from(("ask", "release", "refuse")), st.sampled_from(PEOPLE)), min_size=1, max_size=8
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tried=steps)
def test_whatever_is_tried_a_release_took_two_entitled_people_who_did_not_ask(
    cast: Cast, tried: list[tuple[str, str]]
):
    key = f"HW-{Version.objects.count()}"
    put(key)
    agreed: list[str] = []
    refused = False
    for what, who in tried:
        member = getattr(cast, who)
        try:
            if what == "ask":
                ask_release(member.actor, key, "申請")
            elif what == "release":
                release(member.actor, key)
                agreed.append(member.key)
            else:
                refuse(member.actor, key, "拒否")
                refused = True
        except (Refused, Conflict):
            continue
    record = HeldWithdrawal.objects.get(pk=key)
    entitled = {getattr(cast, who).key for who in ENTITLED}
    assert len(set(agreed)) == len(agreed) <= 2
    assert set(agreed) <= entitled - {record.asked_by_id}
    assert record.state == ("released" if len(agreed) == 2 else "refused" if refused else "held")


@pytest.mark.slow
def test_two_at_the_same_instant_are_the_first_and_the_second_or_one_is_told_to_read_again(crowd: Cast):
    put()
    aoki, mori = crowd.aoki.actor, crowd.mori.actor
    results = race(lambda: release(aoki, KEY, expected_ver=1), lambda: release(mori, KEY, expected_ver=1))
    assert (len(won(results)), len(lost(results))) == (1, 1)
    assert state() == "held"
