"""What the articles on quality share: deployments with their releases, judgements that count, plans of releases."""

from sekisho.records.facts.releases import (
    deployments,
    judgements,
    plans_of_releases,
    standing_judgements,
)
from tests.rulebook.asking import at, day, given, record
from tests.rulebook.granting import CHIEF, office
from tests.rulebook.introducing import (
    AUTHOR,
    DEPLOYED,
    INTRODUCED,
    ON,
    deployment,
    judgement,
    plan,
    release,
    system,
)

YEAR_AGO = day(2025, 11, 23)


def test_a_deployment_has_what_is_told_of_its_release_and_of_its_systems_unit():
    (row,) = deployments(given(*INTRODUCED), ON, YEAR_AGO).collect().iter_rows(named=True)
    assert (row["key"], row["release"], row["system"], row["unit"]) == ("DP-1", "RL-1", "S-1", "U-1")
    assert (row["day"], row["version"], row["emergency"]) == (DEPLOYED, "1.2", None)


def test_a_deployment_counts_by_its_day_in_japan_from_the_first_day_to_the_last():
    facts = given(*INTRODUCED.but(deployment(at=at(2026, 10, 5, 0, 30))))
    assert deployments(facts, DEPLOYED, DEPLOYED).collect()["key"].to_list() == ["DP-1"]
    assert deployments(facts, day(2026, 10, 4), YEAR_AGO).collect().is_empty()
    assert deployments(facts, ON, day(2026, 10, 6)).collect().is_empty()


def test_a_deployment_whose_release_or_system_is_not_on_record_is_still_asked_of():
    for gone in ("release", "system"):
        assert deployments(given(*INTRODUCED.without(gone)), ON, YEAR_AGO).collect().height == 1
    assert deployments(given(*INTRODUCED.but(system(in_scope=False))), ON, YEAR_AGO).collect().is_empty()


def told(*records):
    """entitled, own and counts of each judgement."""
    rows = judgements(given(system(), release(), CHIEF, *records)).collect().iter_rows(named=True)
    return {r["key"]: (r["entitled"], r["own"], r["counts"]) for r in rows}


def test_a_judgement_counts_where_the_judge_is_entitled_and_no_author():
    both = office("chief_system_officer", AUTHOR)
    found = told(judgement(), judgement("JU-2", by="P-9"), judgement("JU-3", by=AUTHOR), both)
    assert found == {
        "JU-1": (True, False, True),
        "JU-2": (False, False, False),
        "JU-3": (True, True, False),
    }


def test_that_it_is_unfit_counts_whoever_says_so():
    assert told(judgement(by="P-9", verdict="unfit")) == {"JU-1": (False, False, True)}


def test_a_manager_of_no_unit_on_record_judges_nothing():
    nowhere = record("appointment", "A-1", person="P-9", role="system_manager", since_on=day(2020, 4, 1))
    assert told(judgement(by="P-9"), nowhere, system(unit=None))["JU-1"] == (False, False, False)


def test_the_judgement_that_stands_is_the_newest_that_counts_else_the_newest():
    records = (
        system(), release(), CHIEF, judgement(), judgement("JU-2", by="P-9", at=at(2026, 10, 3)),
        judgement("JU-3", release="RL-2", by="P-9"), judgement("JU-4", release="RL-2", by="P-9", at=at(2026, 10, 3)),
    )  # fmt: skip
    known = judgements(given(*records)).rename({"key": "judgement"})
    found = {r["release"]: r for r in standing_judgements(known, "release").collect().iter_rows(named=True)}
    assert (found["RL-1"]["judged_by"], found["RL-1"]["fit"]) == ("P-CSO", True)
    assert (found["RL-2"]["at"], found["RL-2"]["fit"]) == (at(2026, 10, 3), False)


def test_plans_of_a_release_are_its_own_and_its_projects_each_once():
    shared = plan("TP-2", release=None, project="PJ-1")
    both = plan("TP-3", project="PJ-1")
    facts = given(
        release(project="PJ-1"), release("RL-2", project="PJ-1"), release("RL-3"), plan(), shared, both
    )
    rows = plans_of_releases(facts).select("release", "plan", "own").collect().sort("release", "plan").rows()
    assert rows == [
        ("RL-1", "TP-1", True),
        ("RL-1", "TP-2", False),
        ("RL-1", "TP-3", True),
        ("RL-2", "TP-2", False),
        ("RL-2", "TP-3", False),
    ]
