"""Rights follow from the appointments that stand on the day, and from nothing else."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.access.rights import (
    Held,
    actor_for_account,
    actor_for_person,
    may_read,
    may_write,
    nobody,
    operator_actor,
    require_write,
)
from sekisho.kernel.clock import JAPAN
from sekisho.kernel.errors import Refused
from sekisho.records.contents import KINDS
from sekisho.records.models import Appointment, Document, Person, Risk, Unit
from sekisho.workflows.act import act
from tests.cast import BY, Cast

LAST_DAY = date(2026, 12, 31)


def until(appointment: str, day: date) -> None:
    with act("end_appointment", BY) as doing:
        row = Appointment.objects.get(pk=appointment)
        doing.put(Appointment, appointment, {**row.values(), "until_on": day})


def at(day: date, hour: int = 12, minute: int = 0) -> Any:
    instant = datetime(day.year, day.month, day.day, hour, minute, tzinfo=JAPAN)
    return time_machine.travel(instant, tick=False)


def test_aoki_manages_the_systems_of_operations(cast: Cast):
    assert cast.aoki.actor.held == {Held("system_manager", "U-OPS", None)}
    assert may_write(cast.aoki.actor, Risk)


def test_a_lapsed_appointment_gives_rights_on_its_last_day_and_none_the_day_after(cast: Cast):
    until(cast.aoki.appointment, LAST_DAY)
    with at(LAST_DAY, 23, 59):
        assert may_write(cast.aoki.actor, Risk)
    with at(LAST_DAY + timedelta(days=1), 0, 0):
        assert cast.aoki.actor.held == frozenset()
        assert not may_write(cast.aoki.actor, Risk)
        assert may_read(cast.aoki.actor, Risk), "still an employee"
        with pytest.raises(Refused, match="System manager"):
            require_write(cast.aoki.actor, Risk)


def test_an_appointment_gives_no_rights_before_its_first_day(cast: Cast):
    with at(date(2024, 3, 31)):
        assert cast.sakura.actor.roles == frozenset()
    with at(date(2024, 4, 1)):
        assert cast.sakura.actor.roles == {"chief_system_officer"}


def test_nishi_without_a_role_reads_what_staff_read_and_writes_nothing(cast: Cast):
    assert may_read(cast.nishi.actor, Document)
    assert not any(may_write(cast.nishi.actor, kind) for kind in KINDS)


def test_kyuda_who_left_holds_nothing(cast: Cast):
    assert not cast.kyuda.actor.works_here
    assert not any(may_read(cast.kyuda.actor, kind) for kind in KINDS)


def test_who_left_holds_nothing_though_an_appointment_was_never_ended(cast: Cast):
    with act("leave", BY) as doing:
        aoki = Person.objects.get(pk=cast.aoki.key)
        doing.put(Person, aoki.key, {**aoki.values(), "left_on": LAST_DAY})
    with at(LAST_DAY):
        assert cast.aoki.actor.works_here
    with at(LAST_DAY + timedelta(days=1)):
        assert cast.aoki.actor.held == frozenset()
        assert not cast.aoki.actor.works_here


def test_nobody_may_do_anything():
    assert not any(may_read(nobody(), kind) or may_write(nobody(), kind) for kind in KINDS)


def test_the_operator_keeps_every_register():
    assert all(may_write(operator_actor("root"), kind) for kind in KINDS)


def test_an_account_without_a_person_administers_and_touches_no_record(cast: Cast):
    account = cast.nishi.account
    account.person, account.administers = "", True
    actor = actor_for_account(account)
    assert actor.administers
    assert actor.by == "operator:nishi"
    assert not any(may_read(actor, kind) or may_write(actor, kind) for kind in KINDS)


def test_the_flag_of_who_left_lets_nobody_administer(cast: Cast):
    account = cast.kyuda.account
    account.administers = True
    assert not actor_for_account(account).administers


days = st.integers(0, 400).map(lambda n: date(2025, 1, 1) + timedelta(days=n))
spans = st.tuples(days, st.none() | st.integers(0, 200)).map(
    lambda s: (s[0], None if s[1] is None else s[0] + timedelta(days=s[1]))
)


@pytest.mark.django_db
@settings(max_examples=60)
@given(
    stay=spans,
    appointments=st.lists(
        st.tuples(st.sampled_from(["risk_manager", "board_member", "administrator"]), spans), max_size=4
    ),
    day=days,
)
def test_never_a_right_without_a_standing_appointment(stay, appointments, day):
    """Against the naive model: who works here that day holds the roles whose spans contain the day."""
    from django.db import transaction

    joined_on, left_on = stay
    with transaction.atomic():
        with act("given", BY) as doing:
            doing.put_new(Unit, [("U-1", {"name": "部", "function": "risk", "since_on": date(2020, 1, 1)})])
            person = {"name": "某", "employment": "employee", "joined_on": joined_on, "left_on": left_on}
            doing.put_new(Person, [("P-1", person)])
            rows = [
                (f"A-{n}", {"person": "P-1", "role": role, "since_on": since, "until_on": until_on})
                for n, (role, (since, until_on)) in enumerate(appointments)
            ]
            doing.put_new(Appointment, rows)
        actor = actor_for_person("P-1", day)
        transaction.set_rollback(True)
    here = joined_on <= day and (left_on is None or day <= left_on)
    expected = {
        role
        for role, (since, until_on) in appointments
        if here and since <= day and (until_on is None or day <= until_on)
    }
    assert actor.works_here == here
    assert actor.roles == expected
    assert actor.administers == ("administrator" in expected)
    for kind in KINDS:
        assert may_write(actor, kind) == bool(expected & kind.about.writers)
