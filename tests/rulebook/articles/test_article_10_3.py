"""Article 10, paragraph 3, read as the rule: vulnerabilities are looked for and mended, the most important first."""

from datetime import timedelta
from decimal import Decimal

import pytest

from sekisho.findings.verdicts import Verdict
from tests.rulebook.asking import day, every_outcome, given, lapses, record, verdict
from tests.rulebook.granting import CHIEF, approved, exception

FOUND = day(2026, 6, 1)
APRIL = day(2024, 4, 1)
ONE_DAY = timedelta(days=1)


def system(key="S-1", **values):
    told = {"name": key, "in_scope": True, "in_use_since_on": APRIL, "unit": "U-1"}
    return record("system", key, **(told | values))


def scan(on, system="S-1", key="VS-1", **values):
    return record("vulnerability_scan", key, system=system, source="scanner", done_on=on, **values)


def vulnerability(severity="high", key="VU-1", **values):
    told = {"title": key, "system": "S-1", "exposure": "internet", "found_on": FOUND}
    return record("vulnerability", key, severity=severity, **(told | values))


def found(on, *records):
    """The vulnerabilities that are not met on a day: the key to its outcome."""
    rows = every_outcome("10-3", on, given(system(), scan(on), *records))
    return {subject: o for subject, o in rows if o.reason}


def asked(on, *records):
    """Every vulnerability of which anything is answered, met or not."""
    return {s for s, _ in every_outcome("10-3", on, given(system(), scan(on), *records))} - {"S-1"}


def assert_due(days, **values):
    """Met on the last good day, overdue from the day after."""
    row, last_good = vulnerability(**values), FOUND + timedelta(days=days)
    assert found(last_good, row) == {}
    late = found(last_good + ONE_DAY, row)["VU-1"]
    assert (late.since, late.due) == (last_good + ONE_DAY, last_good)


# --- scans ------------------------------------------------------------------------------------------------------------


def test_10_3_every_system_is_scanned_within_thirty_days():
    lapses(
        "10-3", "S-1", [system()], scan, day(2026, 11, 1), day(2026, 12, 1),
        never="never_scanned", old="old_scan", since_never=day(2024, 5, 2),
    )  # fmt: skip


def test_10_3_a_new_system_has_thirty_days_for_its_first_scan():
    begun = system(in_use_since_on=FOUND)
    last = FOUND + timedelta(days=30)
    assert verdict("10-3", last, given(begun)) == Verdict.NO_EVIDENCE
    assert verdict("10-3", last + ONE_DAY, given(begun)) == Verdict.FALLS_SHORT


def test_10_3_a_scan_that_reached_no_component_is_none():
    for components, expected in ((0, Verdict.FALLS_SHORT), (1, Verdict.MET), (None, Verdict.MET)):
        rows = given(system(), scan(FOUND, components=components))
        assert verdict("10-3", FOUND, rows) == expected


def test_10_3_a_scan_of_another_system_does_not_count():
    rows = given(system(), system("S-2"), scan(FOUND, "S-2"))
    assert {s for s, o in every_outcome("10-3", FOUND, rows) if o.reason} == {"S-1"}


def test_silence_is_no_evidence():
    assert verdict("10-3", FOUND, given()) == verdict("G10-3", FOUND, given()) == Verdict.NO_EVIDENCE


def test_10_3_is_met_where_scans_found_nothing_and_where_all_is_mended():
    assert verdict("10-3", FOUND, given(system(), scan(FOUND))) == Verdict.MET
    mended = vulnerability(found_on=FOUND - ONE_DAY, fixed_on=FOUND)
    assert verdict("10-3", FOUND, given(system(), scan(FOUND), mended)) == Verdict.MET
    assert asked(FOUND, mended) == set()


# --- due days ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("severity", "days"), [("critical", 7), ("high", 30), ("medium", 90), ("low", 180)])
def test_10_3_falls_short_the_day_after_the_days_of_the_severity(severity, days):
    assert_due(days, severity=severity)


@pytest.mark.parametrize("severity", ["critical", "high", "medium", "low"])
def test_10_3_what_is_exploited_is_mended_in_three_days(severity):
    assert_due(3, severity=severity, exploited=True)
    late = found(FOUND + timedelta(days=4), vulnerability(severity, exploited=True))["VU-1"]
    assert (late.reason, late.who) == ("overdue_exploited", "role:system_manager@U-1")
    assert late.data == {"vulnerability": "VU-1", "system": "S-1", "severity": severity}


@pytest.mark.parametrize(
    ("severity", "likelihood", "days"),
    [
        ("low", Decimal("0.50"), 90),
        ("low", Decimal("0.49"), 180),
        ("medium", Decimal("0.50"), 30),
        ("high", Decimal("0.97"), 7),
        ("critical", Decimal("1"), 7),
        ("high", None, 30),
    ],
)
def test_10_3_what_is_likely_to_be_exploited_counts_as_one_severity_higher(severity, likelihood, days):
    assert_due(days, severity=severity, likelihood=likelihood)


def test_10_3_the_internal_network_has_twice_the_time():
    assert_due(60, exposure="internal")
    assert_due(6, exposure="internal", exploited=True)


def test_10_3_what_is_not_recorded_counts_as_the_gravest():
    assert_due(30, exposure=None)
    row = vulnerability(None)
    late = FOUND + timedelta(days=8)
    rows = given(system(), scan(FOUND), row)
    assert verdict("10-3", late - ONE_DAY, rows) == Verdict.MET
    assert verdict("10-3", late, rows) == Verdict.FALLS_SHORT


def test_10_3_an_isolated_environment_goes_by_plan():
    assert_due(200, exposure="isolated", planned_on=FOUND + timedelta(days=200))
    assert_due(20, exposure="isolated", planned_on=FOUND + timedelta(days=20), severity="low")


def test_10_3_an_isolated_environment_without_a_plan_has_half_a_year():
    assert_due(180, exposure="isolated", severity="critical", exploited=True)


def test_10_3_a_plan_postpones_nothing_outside_isolated_environments():
    assert_due(30, planned_on=FOUND + timedelta(days=200))


def test_10_3_an_own_due_day_counts_where_it_is_earlier():
    assert_due(10, due_on=FOUND + timedelta(days=10))
    assert_due(30, due_on=FOUND + timedelta(days=31))
    assert_due(5, due_on=FOUND + timedelta(days=5), exposure="isolated")


def test_10_3_a_plan_of_a_day_before_the_finding_is_past_since_the_finding():
    early = vulnerability(exposure="isolated", planned_on=FOUND - timedelta(days=9))
    assert found(FOUND, early)["VU-1"].since == FOUND


# --- which are open ---------------------------------------------------------------------------------------------------

LATE = FOUND + timedelta(days=200)


@pytest.mark.parametrize(
    ("values", "is_open"),
    [
        ({}, True),
        ({"fixed_on": LATE}, False),
        ({"fixed_on": LATE + ONE_DAY}, True),
        ({"vex": "fixed"}, False),
        ({"vex": "fixed", "fixed_on": LATE + ONE_DAY}, True),
        ({"vex": "not_affected", "vex_reason": "使わない機能"}, False),
        ({"vex": "not_affected"}, True),
        ({"vex": "not_affected", "vex_reason": " "}, True),
        ({"vex": "affected"}, True),
        ({"vex": "under_investigation"}, True),
        ({"found_on": LATE + ONE_DAY}, False),
    ],
)
def test_10_3_asks_of_open_vulnerabilities_alone(values, is_open):
    assert asked(LATE, vulnerability(**values)) == ({"VU-1"} if is_open else set())
    assert set(found(LATE, vulnerability(**values))) == ({"VU-1"} if is_open else set())


def test_10_3_asks_not_of_systems_out_of_scope_or_of_use():
    gone, outside = system("S-2", in_use_until_on=LATE - ONE_DAY), system("S-3", in_scope=False)
    rows = [vulnerability(key=f"VU-{n}", system=f"S-{n}") for n in (2, 3)]
    assert found(LATE, gone, outside, *rows) == {}


# --- exceptions -------------------------------------------------------------------------------------------------------


def test_10_3_is_met_by_an_approved_exception_of_a_vulnerability_until_it_ends():
    rows = [system(), vulnerability(), exception("10-3", "vulnerability:VU-1"), CHIEF]
    last = day(2026, 12, 31)

    def on(when, *more):
        return verdict("10-3", when, given(*rows, scan(when), *more))

    granted = approved("exception:EX-1")
    assert on(last) == Verdict.FALLS_SHORT  # nobody approved it
    assert on(last, granted) == Verdict.MET_BY_EXCEPTION
    assert verdict("G10-3", last, given(*rows, scan(last), granted)) == Verdict.MET_BY_EXCEPTION
    assert on(last + ONE_DAY, granted) == Verdict.FALLS_SHORT
    assert on(last, granted, vulnerability(key="VU-2")) == Verdict.FALLS_SHORT  # another is not excepted
