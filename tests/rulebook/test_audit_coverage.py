"""The audit matrix: the subjects and verdicts of 24-2, when each lapses, and which audits stand behind which year."""

import polars as pl
import pytest

from sekisho.records.facts import Snapshot
from sekisho.rulebook.assess import Assessment, judged
from sekisho.rulebook.audit_coverage import matrix
from tests.rulebook.asking import ask, day, given, record
from tests.rulebook.granting import CHIEF, approved, exception

ON = day(2026, 11, 23)
OLD = day(2020, 4, 1)
BEGUN, UNTIL = day(2026, 1, 5), day(2026, 3, 31)


def unit(key="U-1", since=OLD, **values):
    return record("unit", key, name=key, function="system", since_on=since, **values)


def audit(key="AU-1", begun=BEGUN, until=UNTIL, year=2025, **values):
    told = {"title": key, "plan_year": year, "conducted_by": "internal", "from_on": begun, "until_on": until}
    return record("audit", key, **(told | {"units": ["U-1"]} | values))


def seen(*records, on=ON):
    facts, snapshot = given(*records), Snapshot(0, on)
    return matrix(Assessment(snapshot, judged(facts, snapshot, "24-2")), facts)


def of(found, subject="U-1"):
    return found.subjects.row(by_predicate=pl.col("subject") == subject, named=True)


def standing(*records, on=ON):
    row = of(seen(*records, on=on))
    return row["standing"], row["lapses_on"]


def cells(found, subject="U-1"):
    rows = found.cells.filter(pl.col("subject") == subject)
    return rows.select("year", "state", "audit").rows()


def test_it_asks_of_exactly_what_24_2_asks():
    records = (unit(), unit("U-2"), audit(clauses=["7", "25"]))
    asked = {s: o.outcome for s, o in ask("24-2", ON, given(*records)).items()}
    found = seen(*records).subjects
    assert set(found["subject"]) == set(asked)
    lacking = found.filter(~pl.col("standing").is_in(["covered", "soon"]))["subject"]
    assert set(lacking) == {subject for subject, outcome in asked.items() if outcome != "met"}
    assert len(lacking) < len(found)


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (day(2026, 3, 31), "covered"),
        (day(2028, 9, 30), "covered"),
        (day(2028, 10, 1), "soon"),
        (day(2029, 3, 31), "soon"),
        (day(2029, 4, 1), "lapsed"),
    ],
)
def test_cover_lapses_the_day_after_the_cycle_and_soon_is_within_six_months(on, expected):
    assert standing(unit(), audit(), on=on) == (expected, day(2029, 4, 1))


def test_what_was_never_covered_is_due_a_cycle_after_its_first_day():
    new = unit(since=day(2024, 4, 1))
    assert standing(new, on=day(2027, 4, 1)) == ("not_yet", day(2027, 4, 2))
    assert standing(new, on=day(2027, 4, 2)) == ("never", day(2027, 4, 2))


def test_a_shorter_cycle_lapses_sooner_and_shows_fewer_years():
    shorter = record("tolerance", "T-1", limit="audit_cycle", value=24, from_on=OLD, reason="自主的に短縮")
    assert seen(unit(), audit()).years == (2024, 2025, 2026, 2027)
    found = seen(unit(), audit(), shorter)
    assert found.years == (2025, 2026, 2027)
    assert of(found)["lapses_on"] == day(2028, 4, 1)


def test_years_are_the_members_fiscal_years():
    calendar = record("member_profile", "MP-1", name="甲", as_of_on=OLD, fiscal_year_starts=1)
    ended = audit(until=day(2026, 3, 31))
    assert cells(seen(unit(), ended)) == [(2025, "done", "AU-1")]
    assert cells(seen(unit(), ended, calendar)) == [(2026, "done", "AU-1")]
    assert seen(unit(), ended, on=day(2026, 3, 31)).this_year == 2025
    assert seen(unit(), ended, on=day(2026, 4, 1)).this_year == 2026


def test_an_audit_is_done_under_way_planned_or_was_never_begun():
    found = seen(
        unit(),
        audit("AU-1"),
        audit("AU-2", begun=day(2026, 11, 23), until=None, year=2025),
        audit("AU-3", begun=day(2026, 11, 24), until=None, year=2026),
        audit("AU-4", begun=None, until=None, year=2027),
        audit("AU-5", begun=None, until=None, year=2024),
        audit("AU-6", begun=day(2026, 5, 1), until=day(2026, 11, 23), year=2024),
    )
    assert cells(found) == [
        (2024, "missed", "AU-5"),
        (2025, "done", "AU-1"),
        (2026, "under_way", "AU-2"),
        (2026, "done", "AU-6"),
        (2026, "planned", "AU-3"),
        (2027, "planned", "AU-4"),
    ]


def test_only_what_no_audit_under_way_or_planned_will_cover_is_missing():
    plans = {"AU-1": "U-1", "AU-2": "U-2", "AU-3": "U-3"}
    years = {"AU-1": 2026, "AU-2": 2027, "AU-3": 2028}  # 2028 is no plan of this year or the next
    planned = [audit(k, None, None, years[k], units=[u]) for k, u in plans.items()]
    stale = audit("AU-4", None, None, 2025, units=["U-4"])
    running = audit("AU-5", day(2026, 11, 1), None, 2026, units=["U-5"])
    units = [unit(f"U-{n}") for n in range(1, 7)]
    good = audit("AU-6", units=["U-6"])
    missing = seen(*units, *planned, stale, running, good).missing
    assert set(missing.filter(pl.col("kind") == "unit")["subject"]) == {"U-3", "U-4"}


def test_what_lapses_soon_and_is_not_planned_is_missing_too():
    soon = day(2028, 10, 1)
    assert "U-1" in set(seen(unit(), audit(), on=soon).missing["subject"])
    assert "U-1" not in set(seen(unit(), audit(), on=day(2028, 9, 30)).missing["subject"])


def test_an_excepted_subject_is_marked_and_not_missing():
    granted = (CHIEF, exception("24-2", "unit:U-1"), approved("exception:EX-1"))
    found = seen(unit(), *granted)
    assert (of(found)["standing"], of(found)["excepted"]) == ("never", True)
    assert "U-1" not in set(found.missing["subject"])


def test_a_subject_to_which_24_2_does_not_apply_is_no_part_of_it():
    granted = (CHIEF, exception("24-2", "unit:U-1", "not_applicable"), approved("exception:EX-1"))
    found = seen(unit(), unit("U-2"), audit(), *granted)
    assert {"U-1", "U-2"} & set(found.subjects["subject"]) == {"U-2"}
    assert "U-1" not in set(found.cells["subject"])


def test_silence_has_no_subjects():
    found = seen()
    assert found.subjects.is_empty()
    assert found.cells.is_empty()
