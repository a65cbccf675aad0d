"""Article 12-5, read as the rule: clouds and outsourced work have their items in the register too."""

from datetime import timedelta

import pytest

from sekisho.findings.verdicts import Verdict
from tests.rulebook.asking import ask, day, given, reasons, record, verdict
from tests.rulebook.granting import CHIEF, LONG_AGO, approved, exception

ON = day(2026, 11, 23)
ONE_DAY = timedelta(days=1)
APRIL, SEPTEMBER = day(2026, 4, 1), day(2026, 9, 1)


def cloud(key="X-1", since=APRIL, **values):
    return record(
        "cloud_service", key, name=key, vendor="V-1", since_on=since, **({"in_charge": "P-1"} | values)
    )


def service(key="X-1", since=APRIL, **values):
    told = {"name": key, "vendor": "V-1", "in_charge": "P-1"}
    return record("outsourced_service", key, since_on=since, **(told | values))


def item(field, key="C-1", of="X-1", registered=LONG_AGO, **values):
    told = {"name": key, "kind": "cloud", "registered_on": registered, field: of}
    return record("component", key, **(told | values))


EACH = pytest.mark.parametrize(
    ("make", "field", "reason"),
    [(cloud, "cloud_service", "cloud_without_item"), (service, "service", "service_without_item")],
)


@EACH
def test_12_5_is_met_where_an_item_in_the_register_names_it(make, field, reason):
    assert verdict("12-5", ON, given(make(), item(field))) == Verdict.MET


@EACH
def test_12_5_falls_short_without_one(make, field, reason):
    facts = given(make(), item(field, of="X-9"), record("component", "C-2", name="箱", kind="cloud"))
    outcome = ask("12-5", ON, facts)["X-1"]
    assert (outcome.outcome, outcome.reason, outcome.since) == ("falls_short", reason, APRIL)
    assert outcome.who == "person:P-1"
    assert ask("12-5", ON, given(make(in_charge=None)))["X-1"].who == "role:vendor_owner"


@EACH
def test_12_5_falls_short_the_day_after_the_item_ends_and_before_it_is_registered(make, field, reason):
    ending = given(make(), item(field, until_on=SEPTEMBER))
    assert verdict("12-5", SEPTEMBER, ending) == Verdict.MET
    assert ask("12-5", SEPTEMBER + ONE_DAY, ending)["X-1"].since == SEPTEMBER + ONE_DAY
    coming = given(make(), item(field, registered=SEPTEMBER))
    assert reasons("12-5", SEPTEMBER - ONE_DAY, coming) == {("X-1", reason)}
    assert verdict("12-5", SEPTEMBER, coming) == Verdict.MET
    assert reasons("12-5", ON, given(make(), item(field, registered=None))) == {("X-1", reason)}


@EACH
def test_12_5_asks_not_of_what_has_ended_or_is_to_come(make, field, reason):
    others = (make("X-2", until_on=ON - ONE_DAY), make("X-3", since=ON + ONE_DAY))
    assert verdict("12-5", ON, given(make(), item(field), *others)) == Verdict.MET
    assert reasons("12-5", ON - ONE_DAY, given(make(), item(field), *others)) == {("X-2", reason)}


def test_12_5_is_no_evidence_in_silence_and_where_only_components_are_on_record():
    assert verdict("12-5", ON, given()) == Verdict.NO_EVIDENCE
    assert verdict("12-5", ON, given(item("cloud_service"))) == Verdict.NO_EVIDENCE


def test_12_5_is_met_by_exception_while_one_lasts():
    facts = [cloud(), exception("12-5", "cloud_service:X-1"), CHIEF]
    last = day(2026, 12, 31)
    granted = [*facts, approved("exception:EX-1")]
    assert verdict("12-5", last, given(*facts)) == Verdict.FALLS_SHORT
    assert verdict("12-5", last, given(*granted)) == Verdict.MET_BY_EXCEPTION
    assert verdict("12-5", last + ONE_DAY, given(*granted)) == Verdict.FALLS_SHORT
