"""What each coming month brings: the very day, each thing once a month, mended where records changed and no more asked."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from sekisho.kernel import clock
from sekisho.kernel.clock import add_months
from sekisho.kernel.kept import Kept
from sekisho.records.facts import snapshot
from sekisho.records.models import Action, Appointment, Unit
from sekisho.rulebook import months_ahead
from sekisho.rulebook.forecast import unmet_of
from sekisho.rulebook.months_ahead import FRESH, Month, ahead
from sekisho.workflows.act import act
from tests.cast import Cast
from tests.rulebook.narrow import only_checks_of
from tests.rulebook.test_forecast import ends, grant, in_days


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
    blind = lambda *asked, **more: unmet_of(*asked, **more).with_columns(since=pl.lit(None, pl.Date))  # noqa: E731
    monkeypatch.setattr(months_ahead, "unmet_of", blind)
    fresh = months_ahead.fresh(snapshot(), after, until)
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
    fresh = months_ahead.fresh(snapshot(), clock.today(), in_days(1))
    assert fresh.is_empty()
    assert fresh.columns == list(FRESH)


# --- what is kept -------------------------------------------------------------------------------------------------


def put(model: type[Any], key: str, **values: Any) -> None:
    with act("put", "operator:test") as doing:
        doing.put(model, key, values)


def everything(months: list[Month]) -> list[str]:
    return [str(row) for month in months if month.fresh is not None for row in month.fresh.iter_rows()]


def test_after_a_change_the_answer_is_that_of_asking_all_anew(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Offices, units, actions and exceptions change at random; each time, kept and mended is the same as fresh."""
    only_checks_of(monkeypatch, "5-1", "7-1", "4-3", "8-5")
    chance = random.Random(7)
    changes = [
        lambda: ends(chance.choice(["A-0002", "A-0003", "A-0004"]), in_days(chance.randrange(1, 150))),
        lambda: put(Unit, "U-RISK", until_on=in_days(chance.randrange(100, 200))),
        lambda: put(Action, f"AC-{chance.randrange(3)}", what="措置", kind="corrective", due_on=in_days(chance.randrange(150)), owner="P-0003"),
        lambda: grant(in_days(chance.randrange(20, 120))),
    ]  # fmt: skip
    lengths = set()
    for _ in range(8):
        chance.choice(changes)()
        mended = everything(of_7_1(5))
        months_ahead.forget()
        assert mended == everything(of_7_1(5))
        lengths.add(len(mended))
    assert len(lengths) > 2, "the changes were seen"


def test_only_the_checks_that_read_what_changed_are_asked_again(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_checks_of(monkeypatch, "7-1", "4-3")
    asked: list[set[str]] = []

    def noted(at: Any, checks: Any, **more: Any) -> pl.DataFrame:
        asked.append({check.clause for check in checks})
        return unmet_of(at, checks, **more)

    monkeypatch.setattr(months_ahead, "unmet_of", noted)
    of_7_1(2)
    assert {"7-1", "4-3"} in asked
    asked.clear()
    put(Action, "AC-1", what="措置", kind="corrective", due_on=in_days(20), owner="P-0003")
    of_7_1(2)
    assert asked
    assert all(clauses == {"4-3"} for clauses in asked)


def test_a_months_end_is_asked_once_for_it_and_for_the_next(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_checks_of(monkeypatch, "7-1")
    days: list[date] = []

    def noted(at: Any, *rest: Any, **more: Any) -> pl.DataFrame:
        days.append(at.on)
        return unmet_of(at, *rest, **more)

    monkeypatch.setattr(months_ahead, "unmet_of", noted)
    months = of_7_1(6)
    assert days == [months[0].after, *(month.until for month in months)]


def test_a_month_too_heavy_to_keep_is_told_all_the_same(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    only_checks_of(monkeypatch, "7-1")
    monkeypatch.setattr(months_ahead, "_spans_kept", Kept(0, lambda _: 1))
    last = first_of_month(3)
    ends(cast.aoki.appointment, last)
    assert told(of_7_1()) == [(last + timedelta(days=1), True)]
    wanted = {first_of_month(3)}
    months = ahead(snapshot(), clock.today(), end_of_month(11), seconds=1e-9, only=wanted)
    assert {month.first for month in months if month.fresh is not None} == wanted
