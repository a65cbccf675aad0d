"""What will lapse: known from what is recorded now, with its day and who must act."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from sekisho.kernel import clock
from sekisho.records.facts import Snapshot, snapshot
from sekisho.records.models import Appointment, Approval, GrantedException, WatchSource
from sekisho.rulebook.assess import OUTCOMES, assess, unmet
from sekisho.rulebook.contents import all_checks
from sekisho.rulebook.forecast import Lapse, lapsing, obligations, within
from sekisho.workflows.act import act
from tests.cast import Cast


def ends(key: str, on: date) -> None:
    with act("save_appointment", "operator:test") as doing:
        doing.put(Appointment, key, {"until_on": on})


def of(clause: str, lapses: list[Lapse]) -> list[Lapse]:
    return [lapse for lapse in lapses if lapse.clause.citation == clause]


def in_days(days: int) -> date:
    return clock.today() + timedelta(days=days)


def test_an_office_lapses_the_day_after_its_last(cast: Cast) -> None:
    ends(cast.aoki.appointment, in_days(10))
    (lapse,) = of("7-1", lapsing(snapshot()))
    assert (lapse.finding.subject, lapse.on, lapse.within) == ("U-OPS", in_days(11), 30)
    assert lapse.falls_short
    assert lapse.finding.someone is not None
    assert [key for key, _ in lapse.finding.someone.people] == [cast.sakura.key]


@pytest.mark.parametrize(("last", "horizon"), [(29, 30), (30, 90), (89, 90), (90, None)])
def test_horizons_end_on_their_day(cast: Cast, last: int, horizon: int | None) -> None:
    ends(cast.aoki.appointment, in_days(last))
    found = [lapse.within for lapse in of("7-1", lapsing(snapshot()))]
    assert found == ([] if horizon is None else [horizon])


def test_what_falls_short_already_does_not_lapse(cast: Cast) -> None:
    before = lapsing(snapshot())
    ends(cast.aoki.appointment, in_days(-1))
    after = of("7-1", lapsing(snapshot()))
    assert not of("7-1", before)
    assert not after


def test_what_an_exception_covers_lapses_the_day_after_it_ends(cast: Cast) -> None:
    with act("grant", cast.kamiya.by) as doing:
        values: dict[str, Any] = {
            "clause": "7-1",
            "kind": "exception",
            "subject": "unit:U-SYS",
            "reason": "発令待ち",
        }
        doing.put(GrantedException, "EX-1", {**values, "from_on": clock.today(), "until_on": in_days(40)})
        decided = {"subject": "exception:EX-1", "step": "approved", "decision": "approved", "at": clock.now()}
        people = {"asked_by": cast.mori.key, "decided_by": cast.kamiya.key, "role": "representative_director"}
        doing.put(Approval, "AP-1", {**decided, **people})
    (lapse,) = of("7-1", lapsing(snapshot()))
    assert (lapse.finding.subject, lapse.on, lapse.within) == ("U-SYS", in_days(41), 90)


def test_what_comes_in_all_the_time_does_not_lapse_because_a_day_to_come_has_heard_nothing_yet(
    cast: Cast,
) -> None:
    values = {"title": "取引所のログ", "system": "S-EXC", "kind": "log", "since_on": in_days(-400)}
    with act("hear", "operator:test") as doing:
        doing.put(WatchSource, "WS-1", values | {"last_event_at": clock.now(), "until_on": in_days(50)})
    (lapse,) = of("9-3-1", lapsing(snapshot()))
    assert (lapse.finding.subject, lapse.finding.reason, lapse.on) == ("S-EXC", "no_source", in_days(51))


def test_each_thing_is_told_once_the_soonest_first(cast: Cast) -> None:
    ends(cast.aoki.appointment, in_days(50))
    ends(cast.sakura.appointment, in_days(5))
    lapses = lapsing(snapshot())
    told = [(x.clause.citation, x.finding.check, x.finding.kind, x.finding.subject) for x in lapses]
    assert len(told) == len(set(told))
    days = [lapse.on or date.max for lapse in lapses]
    assert days == sorted(days)
    assert of("5-1", lapses)[0].on == in_days(6)


def test_a_clause_made_of_others_leaves_the_telling_to_them(cast: Cast) -> None:
    ends(cast.aoki.appointment, in_days(10))
    lapses = lapsing(snapshot())
    assert of("7-1", lapses)
    assert not of("G7", lapses)  # it is read with 7-1


def test_within_and_obligations_narrow_them_down(cast: Cast) -> None:
    ends(cast.aoki.appointment, in_days(50))
    lapses = lapsing(snapshot())
    assert of("7-1", lapses)
    assert not of("7-1", within(lapses, 30))
    assert all(lapse.clause.duty == "must" for lapse in obligations(lapses))


def test_a_past_moment_has_its_own_future(cast: Cast) -> None:
    before = clock.now()
    ends(cast.aoki.appointment, in_days(10))
    assert of("7-1", lapsing(snapshot()))
    assert not of("7-1", lapsing(snapshot(known_at=before)))


def grant(until_on: date) -> None:
    """An approved exception for the unit that has no system manager."""
    values: dict[str, Any] = {
        "clause": "7-1",
        "kind": "exception",
        "subject": "unit:U-SYS",
        "reason": "発令待ち",
    }
    decided = {"subject": "exception:EX-1", "step": "approved", "decision": "approved", "at": clock.now()}
    people = {"asked_by": "P-0004", "decided_by": "P-0001", "role": "representative_director"}
    with act("grant", "operator:test") as doing:
        doing.put(GrantedException, "EX-1", {**values, "from_on": clock.today(), "until_on": until_on})
        doing.put(Approval, "AP-1", {**decided, **people})


def test_what_is_unmet_is_what_the_assessment_finds(cast: Cast) -> None:
    """With departures, on other days, all clauses but continual checks: the quick way tells the same as the whole one."""
    asked = {check.name for check in all_checks() if not check.continual}
    ends(cast.aoki.appointment, in_days(3))
    grant(in_days(100))
    for day in (clock.today(), in_days(40), in_days(140)):
        seen = Snapshot(snapshot().size, day)
        quick = {c: f for c, f in unmet(seen).items() if not f.is_empty()}
        told_of = {
            c: s.own_findings.filter(pl.col("check").is_in(asked)) for c, s in assess(seen).states.items()
        }
        whole = {c: frame for c, frame in told_of.items() if not frame.is_empty()}
        assert set(quick) == set(whole)
        for citation, frame in whole.items():
            rows = sorted(map(str, frame.select(*OUTCOMES).rows()))
            assert sorted(map(str, quick[citation].rows())) == rows, citation
    assert any(f["excepted"].any() for f in unmet(Snapshot(snapshot().size, in_days(40))).values())
