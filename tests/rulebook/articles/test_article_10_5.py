"""Article 10, paragraph 5, read as the rule: authentication that fits the risk of the transaction."""

from datetime import timedelta

import polars as pl
import pytest

from sekisho.findings.verdicts import Verdict
from sekisho.records.facts.authentication import FACTORS, PROPERTIES, together
from tests.rulebook.asking import ask, day, given, record, verdict
from tests.rulebook.granting import CHIEF, approved, exception

ON = day(2026, 11, 23)
YESTERDAY, TOMORROW = ON - timedelta(days=1), ON + timedelta(days=1)
APRIL = day(2024, 4, 1)


def method(key, *flags):
    return record("authentication_method", key, name=key, **dict.fromkeys(flags, True))


PASSWORD = method("AM-PW", "knowledge")
CODE = method("AM-OTP", "possession", "one_time")
SIGNED = method("AM-TX", "possession", "separate_path", "transaction_bound")
METHODS = [PASSWORD, CODE, SIGNED]
ENOUGH = {
    "low": ["AM-PW"],
    "medium": ["AM-OTP"],
    "high": ["AM-PW", "AM-OTP"],
    "very_high": ["AM-PW", "AM-TX"],
}
RATINGS = list(ENOUGH)


def transaction(risk="high", methods=("AM-PW", "AM-OTP"), key="TT-1", **values):
    told = {"name": key, "since_on": APRIL, "channel": "CH-1"}
    return record("transaction_type", key, risk=risk, methods=list(methods), **(told | values))


PLACE = [
    record("channel", "CH-1", name="ウェブ", kind="web", system="S-1", since_on=APRIL),
    record("system", "S-1", name="S-1", in_scope=True, unit="U-1", in_use_since_on=APRIL),
]


def asked(on, *rows):
    """What is not met: (subject, reason) to the day since when."""
    found = ask("10-5", on, given(*PLACE, *METHODS, *rows))
    return {(s, o.reason): o.since for s, o in found.items() if o.reason}


# --- strengths --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ([], 0),
        (["one_time"], 0),  # no factor
        (["knowledge"], 1),
        (["possession"], 1),
        (["inherence"], 1),
        (["knowledge", "risk_based"], 2),
        (["possession", "one_time"], 2),
        (["possession", "separate_path", "transaction_bound", "phishing_resistant"], 2),  # one factor all the same
        (["knowledge", "possession"], 2),
        (["knowledge", "possession", "inherence"], 2),
        (["knowledge", "possession", "risk_based"], 2),  # risk-based adds to others
        (["knowledge", "possession", "one_time"], 3),
        (["knowledge", "possession", "separate_path"], 3),
        (["knowledge", "possession", "one_time", "separate_path", "risk_based"], 3),  # can be relayed
        (["possession", "inherence", "phishing_resistant"], 3),
        (["possession", "inherence", "phishing_resistant", "risk_based"], 4),
        (["knowledge", "possession", "separate_path", "transaction_bound"], 4),
        ([*FACTORS, *PROPERTIES], 4),
    ],
)  # fmt: skip
def test_the_strength_of_what_methods_have_together(flags, expected):
    row = {"of": "TT-1"} | {name: True if name in flags else None for name in (*FACTORS, *PROPERTIES)}
    frame = pl.LazyFrame([row], schema_overrides=dict.fromkeys((*FACTORS, *PROPERTIES), pl.Boolean))
    assert together(frame, "of").collect()["strength"].to_list() == [expected]


def test_two_passwords_are_one_factor():
    other = method("AM-PIN", "knowledge")
    found = ask("10-5", ON, given(PASSWORD, other, transaction("medium", ["AM-PW", "AM-PIN"])))["TT-1"]
    assert (found.reason, found.data["strength"]) == ("too_weak", "1")


# --- against the rating -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("risk", RATINGS)
def test_10_5_is_met_by_just_the_strength_that_the_rating_asks_for(risk):
    rows = given(*METHODS, transaction(risk, ENOUGH[risk]))
    assert verdict("10-5", ON, rows) == verdict("G10-5", ON, rows) == Verdict.MET


@pytest.mark.parametrize(("risk", "below"), list(zip(RATINGS[1:], RATINGS, strict=False)))
def test_10_5_falls_short_by_one_grade_less(risk, below):
    found = ask("10-5", ON, given(*PLACE, *METHODS, transaction(risk, ENOUGH[below])))["TT-1"]
    assert (found.reason, found.since, found.who) == ("too_weak", APRIL, "role:system_manager@U-1")
    asks = RATINGS.index(risk) + 1
    assert found.data == {
        "transaction_type": "TT-1",
        "rating": risk,
        "strength": str(asks - 1),
        "asked": str(asks),
    }


@pytest.mark.parametrize("risk", RATINGS)
def test_10_5_falls_short_without_any_method(risk):
    assert asked(ON, transaction(risk, [])) == {("TT-1", "no_method"): APRIL}
    assert asked(ON, transaction(risk, methods=["AM-NONE"])) == {("TT-1", "too_weak"): APRIL}


def test_10_5_falls_short_without_a_rating():
    assert asked(ON, transaction(None)) == {("TT-1", "no_rating"): APRIL}


def test_10_5_counts_a_rating_from_its_day():
    rated = transaction(rated_on=TOMORROW)
    assert asked(ON, rated) == {("TT-1", "no_rating"): APRIL}
    assert asked(TOMORROW, rated) == {}
    weak = transaction("very_high", rated_on=YESTERDAY)
    assert asked(ON, weak) == {("TT-1", "too_weak"): YESTERDAY}


def test_10_5_asks_of_a_transaction_type_from_its_first_to_its_last_day():
    rows = transaction(None, since_on=YESTERDAY, until_on=ON)
    for when, short in ((YESTERDAY, True), (ON, True)):
        assert bool(asked(when, rows)) is short
    for when in (YESTERDAY - timedelta(days=1), TOMORROW):
        assert verdict("10-5", when, given(rows)) == Verdict.NO_EVIDENCE


def test_10_5_goes_to_the_chief_system_officer_where_no_system_is_named():
    found = ask("10-5", ON, given(transaction(None, channel=None)))["TT-1"]
    assert found.who == "role:chief_system_officer"


def test_silence_is_no_evidence():
    assert verdict("10-5", ON, given()) == verdict("G10-5", ON, given()) == Verdict.NO_EVIDENCE
    assert (
        verdict("10-5", ON, given(*PLACE, *METHODS)) == Verdict.NO_EVIDENCE
    )  # no transaction type is told of


def test_10_5_is_met_by_an_approved_exception_of_a_transaction_type_until_it_ends():
    rows = [*METHODS, transaction("very_high"), exception("10-5", "transaction_type:TT-1"), CHIEF]
    assert verdict("10-5", ON, given(*rows)) == Verdict.FALLS_SHORT  # nobody approved it
    rows.append(approved("exception:EX-1"))
    assert verdict("10-5", day(2026, 12, 31), given(*rows)) == Verdict.MET_BY_EXCEPTION
    assert verdict("10-5", day(2027, 1, 1), given(*rows)) == Verdict.FALLS_SHORT
