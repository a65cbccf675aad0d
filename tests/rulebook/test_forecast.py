"""What will lapse: known from what is recorded now, with its day and who must act."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from sekisho.kernel import clock
from sekisho.kernel.clock import add_months
from sekisho.records.facts import Snapshot, snapshot
from sekisho.records.models import Appointment, Approval, GrantedException, WatchSource
from sekisho.rulebook import forecast
from sekisho.rulebook.assess import OUTCOMES, assess, unmet
from sekisho.rulebook.contents import all_checks
from sekisho.rulebook.forecast import FRESH, Lapse, Month, ahead, lapsing, obligations, within
from sekisho.workflows.act import act
from tests.cast import Cast
from tests.rulebook.narrow import only_checks_of


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


# --- month by month -----------------------------------------------------------------------------------------------


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


def first_of_month(months: int) -> date:
    return add_months(clock.today().replace(day=1), months)


def end_of_month(months: int) -> date:
    return first_of_month(months + 1) - timedelta(days=1)


def told(months: list[Month], subject: str = "U-OPS") -> list[tuple[date, bool]]:
    """(day, exact) of each time that the subject comes to fall short."""
    frames = [month.fresh for month in months if month.fresh is not None]
    found = pl.concat(frames).filter(pl.col("subject") == subject)
    return list(found.select("on", "exact").iter_rows())


def of_7_1(months: int = 12) -> list[Month]:
    return ahead(snapshot(), clock.today(), end_of_month(months - 1))


def test_each_month_asks_from_its_eve_to_its_end(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    only_checks_of(monkeypatch, "7-1")
    months = of_7_1()
    today = clock.today()
    begun = [m for m in months if m.first != today.replace(day=1)]
    assert len(begun) in (11, 12)  # this month is left out on its last day: nothing of it is to come
    assert [(m.after, m.until) for m in begun][-11:] == [
        (end_of_month(n - 1), end_of_month(n)) for n in range(1, 12)
    ]
    if len(months) == 12:
        assert (months[0].after, months[0].until) == (today, end_of_month(0))


@pytest.mark.parametrize("months", [1, 5, 11])
def test_a_month_tells_the_very_day(cast: Cast, monkeypatch: pytest.MonkeyPatch, months: int) -> None:
    """The last day of an office is its month's last but one, last, or another: it is the day after that is told."""
    only_checks_of(monkeypatch, "7-1")
    for last in (end_of_month(months) - timedelta(days=1), end_of_month(months - 1), first_of_month(months)):
        ends(cast.aoki.appointment, last)
        assert told(of_7_1()) == [(last + timedelta(days=1), True)]


def test_what_falls_short_today_is_not_told_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    only_checks_of(monkeypatch, "7-1")
    ends(cast.aoki.appointment, in_days(-1))
    assert told(of_7_1()) == []
    assert told(of_7_1(), "U-SYS") == []


def test_the_end_of_an_exception_is_the_day_before(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it covers falls short today: its own first day is long past, and tells nothing."""
    only_checks_of(monkeypatch, "7-1")
    until = first_of_month(3) + timedelta(days=9)
    grant(until)
    assert told(of_7_1(), "U-SYS") == [(until + timedelta(days=1), True)]


def test_what_mends_itself_and_lapses_again_is_told_again(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_checks_of(monkeypatch, "7-1")
    gap, over = first_of_month(2) + timedelta(days=4), first_of_month(6) + timedelta(days=4)
    ends(cast.aoki.appointment, gap)
    values = {"person": cast.aoki.key, "role": "system_manager", "unit": "U-OPS", "grounds": "経験"}
    with act("save_appointment", "operator:test") as doing:
        doing.put(Appointment, "A-NEXT", {**values, "since_on": first_of_month(3), "until_on": over})
    days = [day for day, _ in told(of_7_1())]
    assert days[0] == gap + timedelta(days=1)
    assert over + timedelta(days=1) in days


def test_a_day_that_no_check_tells_is_so_by_the_months_end(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_checks_of(monkeypatch, "7-1")
    seen, after, until = snapshot(), clock.today(), end_of_month(2)
    ends(cast.aoki.appointment, first_of_month(1))
    blind = lambda at: {c: f.with_columns(since=pl.lit(None, pl.Date)) for c, f in unmet(at).items()}  # noqa: E731
    monkeypatch.setattr(forecast, "unmet", blind)
    fresh = forecast.fresh(snapshot(), after, until)
    mine = fresh.filter(pl.col("subject") == "U-OPS")
    assert mine.select("on", "exact").rows() == [(until, False)]
    assert seen.on == after


def test_work_stops_after_its_time_and_goes_on_at_the_next_call(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_checks_of(monkeypatch, "7-1")

    def waiting(seconds: float | None) -> int:
        months = ahead(snapshot(), first_of_month(1), end_of_month(12), seconds=seconds)
        return sum(m.fresh is None for m in months)

    assert waiting(0) == 12
    assert [waiting(1e-9), waiting(1e-9), waiting(0)] == [11, 10, 10]
    assert waiting(None) == 0
    assert waiting(0) == 0


def test_a_change_of_the_records_is_seen_at_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    only_checks_of(monkeypatch, "7-1")
    assert told(of_7_1()) == []
    last = first_of_month(4)
    ends(cast.aoki.appointment, last)
    assert told(of_7_1()) == [(last + timedelta(days=1), True)]


def test_what_is_over_has_nothing_ahead(cast: Cast) -> None:
    assert ahead(snapshot(), date(2025, 1, 1), clock.today() - timedelta(days=1)) == []


def test_a_month_without_anything_has_the_columns(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    only_checks_of(monkeypatch, "7-1")
    fresh = forecast.fresh(snapshot(), clock.today(), in_days(1))
    assert fresh.is_empty()
    assert fresh.columns == list(FRESH)


def test_what_is_unmet_is_what_the_assessment_finds(cast: Cast) -> None:
    """With departures, on other days, all clauses but continual checks: the quick way tells the same as the whole one."""
    asked = {check.name for check in all_checks() if not check.continual}
    ends(cast.aoki.appointment, in_days(3))
    grant(in_days(100))
    for day in (clock.today(), in_days(40), in_days(140)):
        seen = Snapshot(snapshot().size, day)
        forecast.forget()
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
