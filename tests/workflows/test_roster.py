"""The duty roster: rotations that are planned in one act, shifts that are handed on, and by whom."""

from datetime import date, datetime, timedelta

import pytest

from sekisho.access.rights import operator_actor
from sekisho.kernel import clock
from sekisho.kernel.errors import Conflict, Invalid, NotFound, Refused
from sekisho.ledger.models import Version
from sekisho.records.models import Appointment, RosterShift
from sekisho.workflows.act import act
from sekisho.workflows.roster import RosterTaken, Rotation, ShiftOver, may_swap, plan_rotation, swap_shift
from tests.workflows.racing import crowd, faults, lost, race, won

__all__ = ["crowd"]
HOUR = timedelta(hours=1)
NOON = datetime(2026, 11, 23, 12, tzinfo=clock.JAPAN)
NINE = datetime(2026, 11, 24, 9, tzinfo=clock.JAPAN)
SINCE = date(2024, 4, 1)


@pytest.fixture(autouse=True)
def noon():
    with clock.standing_at(NOON):
        yield


def put_team(cast, **until):
    """青木 leads the CSIRT, 大野 and 小川 are members of it; `until`: the last day of one."""
    with act("appoint", "operator:test") as doing:
        for n, (login, role) in enumerate(
            (("aoki", "csirt_lead"), ("ono", "csirt_member"), ("ogawa", "csirt_member")), 1
        ):
            term = {"since_on": SINCE, "until_on": until.get(login)}
            doing.put(Appointment, f"A-9{n}", {"person": getattr(cast, login).key, "role": role, **term})
    return cast


@pytest.fixture
def team(cast):
    return put_team(cast)


def rotation(cast, *logins, begin=NINE, hours=12, number=4, **more):
    people = [getattr(cast, login).key for login in logins or ("aoki", "ono", "ogawa")]
    return Rotation(people, begin, hours, number, **more)


def put_shift(cast, begin=NINE, end=NINE + 12 * HOUR, who="ono", deputy=None, key="SH-T1"):
    values = {"person": getattr(cast, who).key, "from_at": begin, "until_at": end}
    with act("plan", "operator:test") as doing:
        doing.put(RosterShift, key, values | ({"deputy": getattr(cast, deputy).key} if deputy else {}))


# --- a rotation -------------------------------------------------------------------------------------------------------


def test_a_rotation_goes_round_and_the_next_in_turn_stands_in(team):
    shifts = plan_rotation(team.ono.actor, rotation(team))
    aoki, ono, ogawa = team.aoki.key, team.ono.key, team.ogawa.key
    assert [(s.person_id, s.deputy_id) for s in shifts] == [
        (aoki, ono),
        (ono, ogawa),
        (ogawa, aoki),
        (aoki, ono),
    ]
    assert [s.from_at for s in shifts] == [NINE + n * 12 * HOUR for n in range(4)]
    assert [s.until_at for s in shifts] == [NINE + n * 12 * HOUR for n in range(1, 5)]
    assert [s.key for s in shifts] == ["SH-0001", "SH-0002", "SH-0003", "SH-0004"]


def test_all_shifts_are_one_act_in_the_ledger(team):
    plan_rotation(team.aoki.actor, rotation(team), reason="12月の当番")
    lines = Version.objects.filter(kind="roster_shift")
    assert {(v.act_name, v.by, v.reason) for v in lines} == {("plan_rotation", team.aoki.by, "12月の当番")}
    assert len({v.act for v in lines}) == 1
    assert lines.count() == 4


def test_one_alone_or_without_deputies_has_nobody_to_stand_in(team):
    alone = plan_rotation(team.aoki.actor, rotation(team, "ono", number=2))
    assert [s.deputy_id for s in alone] == [None, None]
    later = rotation(team, begin=NINE + 100 * HOUR, deputies=False)
    assert {s.deputy_id for s in plan_rotation(team.aoki.actor, later)} == {None}


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("people", {"people": []}),
        ("people", {"people": ["P-0006", "P-0006"]}),
        ("number", {"number": 0}),
        ("number", {"number": 201}),
        ("hours", {"hours": 0}),
        ("hours", {"hours": 337}),
        ("from_at", {"from_at": NOON - 48 * HOUR}),
        ("people", {"people": ["P-0008"]}),
        ("people", {"people": ["P-NONE"]}),
    ],
)
def test_a_rotation_that_makes_no_sense_is_refused(team, field, change):
    told = {"people": [team.ono.key], "from_at": NINE, "hours": 12, "number": 4}
    with pytest.raises(Invalid) as refused:
        plan_rotation(team.aoki.actor, Rotation(**(told | change)))
    assert set(refused.value.problems) == {field}
    assert not RosterShift.objects.exists()


def test_nobody_is_planned_past_the_last_day_in_the_csirt(cast):
    put_team(cast, ono=date(2026, 11, 25))
    until = rotation(cast, "ono", hours=12, number=3)  # to 25 November, 21:00
    assert len(plan_rotation(cast.aoki.actor, until)) == 3
    with pytest.raises(Invalid, match="26"):
        plan_rotation(cast.aoki.actor, rotation(cast, "ono", begin=NINE + 36 * HOUR, number=1))


def test_a_second_click_plans_nothing_twice(team):
    plan_rotation(team.aoki.actor, rotation(team))
    with pytest.raises(RosterTaken, match="SH-0001"):
        plan_rotation(team.aoki.actor, rotation(team))
    with pytest.raises(RosterTaken):
        plan_rotation(team.aoki.actor, rotation(team, begin=NINE + 47 * HOUR))
    assert RosterShift.objects.count() == 4
    assert len(plan_rotation(team.aoki.actor, rotation(team, begin=NINE + 48 * HOUR))) == 4


@pytest.mark.parametrize("who", ["nishi", "chiba", "kitagawa", "kyuda"])
def test_who_does_not_keep_the_roster_plans_none(team, who):
    with pytest.raises(Refused):
        plan_rotation(getattr(team, who).actor, rotation(team))


# --- a shift is handed on -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["aoki", "ono"])
def test_its_own_person_or_the_lead_hands_a_shift_on(team, who):
    put_shift(team)
    shift = swap_shift(getattr(team, who).actor, "SH-T1", team.ogawa.key, "家族の用事", expected_ver=1)
    assert (shift.key, shift.person_id, shift.from_at, shift.until_at) == (
        "SH-T1", team.ogawa.key, NINE, NINE + 12 * HOUR,
    )  # fmt: skip
    line = Version.objects.get(kind="roster_shift", ver=2)
    assert (line.act_name, line.by, line.reason) == ("swap_shift", getattr(team, who).by, "家族の用事")


@pytest.mark.parametrize("who", ["ogawa", "mori", "sakura", "nishi", "kyuda"])
def test_nobody_else_does_not_even_who_keeps_the_roster(team, who):
    put_shift(team)
    with pytest.raises(Refused):
        swap_shift(getattr(team, who).actor, "SH-T1", team.ogawa.key, "理由")
    assert not may_swap(getattr(team, who).actor, team.ono.key)


def test_a_former_lead_hands_on_nothing_any_more(cast):
    put_team(cast, aoki=date(2026, 11, 22))
    put_shift(cast)
    with pytest.raises(Refused):
        swap_shift(cast.aoki.actor, "SH-T1", cast.ogawa.key, "理由")


def test_the_machine_s_operator_may_and_a_token_for_other_kinds_may_not(team):
    from dataclasses import replace

    put_shift(team)
    narrow = replace(team.ono.actor, writes=frozenset({"contact"}))
    with pytest.raises(Refused):
        swap_shift(narrow, "SH-T1", team.ogawa.key, "理由")
    assert swap_shift(operator_actor("root"), "SH-T1", team.ogawa.key, "理由").person_id == team.ogawa.key


def test_only_somebody_of_the_csirt_takes_it(team):
    put_shift(team)
    for person in (team.nishi.key, team.kyuda.key, "P-NONE"):
        with pytest.raises(Invalid) as refused:
            swap_shift(team.ono.actor, "SH-T1", person, "理由")
        assert set(refused.value.problems) == {"person"}


def test_who_leaves_the_csirt_before_its_end_does_not_take_it(cast):
    put_team(cast, ogawa=date(2026, 11, 24))
    put_shift(cast)
    put_shift(cast, NINE + 12 * HOUR, NINE + 24 * HOUR, key="SH-T2")
    assert swap_shift(cast.ono.actor, "SH-T1", cast.ogawa.key, "理由")
    with pytest.raises(Invalid):
        swap_shift(cast.ono.actor, "SH-T2", cast.ogawa.key, "理由")


def test_it_takes_a_reason_and_another_person(team):
    put_shift(team)
    for person, reason in ((team.ogawa.key, " \n"), (team.ono.key, "理由")):
        with pytest.raises(Invalid):
            swap_shift(team.ono.actor, "SH-T1", person, reason)
    with pytest.raises(NotFound):
        swap_shift(team.ono.actor, "SH-9", team.ogawa.key, "理由")


def test_who_stood_in_and_takes_it_leaves_no_deputy(team):
    put_shift(team, deputy="ogawa")
    assert swap_shift(team.ono.actor, "SH-T1", team.ogawa.key, "理由").deputy_id is None
    put_shift(team, NINE + 24 * HOUR, NINE + 36 * HOUR, deputy="ogawa", key="SH-T2")
    assert swap_shift(team.ono.actor, "SH-T2", team.aoki.key, "理由").deputy_id == team.ogawa.key


def test_of_a_shift_that_runs_the_rest_is_handed_on(team):
    put_shift(team, NOON - 3 * HOUR, NOON + 9 * HOUR, deputy="aoki")
    rest = swap_shift(team.ono.actor, "SH-T1", team.ogawa.key, "体調不良")
    first = RosterShift.objects.get(pk="SH-T1")
    assert (first.person_id, first.from_at, first.until_at) == (team.ono.key, NOON - 3 * HOUR, NOON)
    assert (rest.person_id, rest.deputy_id) == (team.ogawa.key, team.aoki.key)
    assert (rest.from_at, rest.until_at) == (NOON, NOON + 9 * HOUR)
    lines = Version.objects.filter(act_name="swap_shift")
    assert lines.count() == 2
    assert len({line.act for line in lines}) == 1


def test_a_shift_that_is_over_stays_as_it_was(team):
    put_shift(team, NOON - 12 * HOUR, NOON)
    with pytest.raises(ShiftOver):
        swap_shift(team.ono.actor, "SH-T1", team.ogawa.key, "理由")


def test_a_stale_page_hands_nothing_on(team):
    put_shift(team)
    swap_shift(team.aoki.actor, "SH-T1", team.ogawa.key, "理由", expected_ver=1)
    with pytest.raises(Conflict):
        swap_shift(team.aoki.actor, "SH-T1", team.aoki.key, "理由", expected_ver=1)
    assert RosterShift.objects.get().person_id == team.ogawa.key


def test_handed_on_to_two_at_the_same_instant_it_is_one_of_them_s(crowd):
    put_team(crowd)
    put_shift(crowd)
    results = race(
        lambda: swap_shift(crowd.ono.actor, "SH-T1", crowd.ogawa.key, "理由", expected_ver=1),
        lambda: swap_shift(crowd.aoki.actor, "SH-T1", crowd.aoki.key, "理由", expected_ver=1),
    )
    (winner,) = won(results)
    assert [type(error) for error in lost(results)] == [Conflict]
    assert RosterShift.objects.get().person_id == winner.person_id
    assert not faults()


def test_planned_twice_at_the_same_instant_it_is_planned_once(crowd):
    put_team(crowd)
    results = race(*[lambda: plan_rotation(crowd.aoki.actor, rotation(crowd))] * 2)
    assert len(won(results)) == 1
    assert [type(error) for error in lost(results)] == [RosterTaken]
    assert RosterShift.objects.count() == 4
    assert not faults()
