"""The gate: a release that was not inspected is refused; gate and clauses never differ."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from sekisho.kernel import clock
from sekisho.kernel.errors import Invalid, NotFound
from sekisho.records.facts import snapshot
from sekisho.records.models import (
    Appointment,
    Approval,
    Deployment,
    DesignReview,
    GrantedException,
    Judgement,
    Person,
    Project,
    Release,
    System,
    TestPlan,
    TestResult,
)
from sekisho.rulebook.assess import assess
from sekisho.workflows.act import act
from sekisho.workflows.gate import CLAUSES_ASKED, gate_of, told_gate
from sekisho.workflows.record import save_record
from tests.cast import Cast

pytestmark = pytest.mark.django_db
RELEASE = {"title": "2.0", "system": "S-EXC", "version": "2.0", "authors": ["P-0006"]}
HOUR = timedelta(hours=1)


def put(model: Any, key: str, **values: Any) -> None:
    with act("given", "operator:test") as doing:
        doing.put(model, key, values)


@pytest.fixture
def ready(cast: Cast) -> Cast:
    """RL-1 has all that the rule asks before it goes into use; JU-1 of an hour ago finds it fit."""
    before = clock.today() - timedelta(days=1)
    put(Release, "RL-1", **RELEASE, static_done_on=before, static_findings=0)
    put(TestPlan, "TP-1", title="計画", release="RL-1", criteria="重大な不具合0件")
    put(TestResult, "TRS-1", plan="TP-1", kind="field", done_on=before, criteria_met=True)
    put(Judgement, "JU-1", release="RL-1", verdict="fit", judged_by="P-0002", at=clock.now() - HOUR)
    return cast


def why(key: str = "RL-1") -> list[tuple[str, str]]:
    """Clause and code of each reason."""
    return [(f.clause, f.reason) for f in gate_of(key).reasons]


def test_a_release_that_was_not_inspected_is_refused(cast: Cast) -> None:
    put(Release, "RL-1", **RELEASE)
    assert not gate_of("RL-1").is_open
    assert why() == [
        ("17", "no_judgement"),
        ("18", "no_static_analysis"),
        ("19-1", "no_plan"),
        ("19-2", "no_result"),
        ("20-1", "not_judged_fit"),
    ]


def test_a_release_that_has_all_is_let_through(ready: Cast) -> None:
    gate = gate_of("RL-1")
    assert (gate.is_open, gate.reasons, gate.emergency) == (True, (), False)
    assert told_gate(gate) | {"at": ""} == {
        "release": "RL-1",
        "open": True,
        "at": "",
        "emergency": False,
        "reasons": [],
    }


def test_a_release_that_nobody_knows_is_not_found(cast: Cast) -> None:
    with pytest.raises(NotFound):
        gate_of("RL-404")


def unfit() -> None:
    put(Judgement, "JU-2", release="RL-1", verdict="unfit", judged_by="P-0002", at=clock.now())


def missed() -> None:
    put(TestResult, "TRS-1", criteria_met=False)


def flawed() -> None:
    put(Release, "RL-1", static_findings=1)


def project(reviewed: bool) -> None:
    put(Project, "PJ-1", title="更改", kind="change", stage="test", since_on=date(2026, 1, 1))
    put(Release, "RL-1", project="PJ-1")
    if reviewed:
        put(
            DesignReview,
            "DV-1",
            project="PJ-1",
            security=True,
            reviewed_by="P-0004",
            done_on=clock.today(),
            result="可",
        )


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (unfit, ("20-1", "judged_unfit")),
        (missed, ("19-2", "no_measure")),
        (flawed, ("18", "findings_over_bound")),
        (lambda: project(reviewed=False), ("18", "no_security_review")),
    ],
)
def test_each_lack_is_told_with_its_clause(ready: Cast, spoil: Any, found: tuple[str, str]) -> None:
    spoil()
    assert why() == [found]


def test_a_project_whose_design_was_reviewed_holds_nothing_up_nor_does_anothers(ready: Cast) -> None:
    put(Project, "PJ-2", title="別件", kind="change", stage="test", since_on=date(2026, 1, 1))
    project(reviewed=True)
    assert why() == []


def test_reasons_are_in_words_of_both_languages_and_tell_of_the_release(ready: Cast) -> None:
    unfit()
    (reason,) = gate_of("RL-1").reasons
    assert (reason.kind, reason.subject, reason.reference) == ("release", "RL-1", "release:RL-1")
    assert "「不適」" in reason.text.ja
    assert "「2.0」（RL-1）" in reason.text.ja
    assert "'unfit'" in reason.text.en
    told = told_gate(gate_of("RL-1"))["reasons"][0]
    assert (told["clause"], told["subject"], told["text"]["en"]) == ("20-1", "RL-1", reason.text.en)


@pytest.mark.parametrize("spoil", [lambda: None, unfit, missed, flawed])
def test_gate_and_clauses_never_differ(ready: Cast, spoil: Any) -> None:
    """Deployed at the instant that the gate was asked of, the clauses tell of just the same."""
    spoil()
    gate = gate_of("RL-1")
    put(Deployment, "DP-1", release="RL-1", at=gate.at, deployed_by="P-0007")
    states = assess(snapshot()).states
    found = {
        (c, row["reason"])
        for c in CLAUSES_ASKED
        for row in states[c].findings.iter_rows(named=True)
        if row["kind"] == "deployment"
    }
    assert found == {(f.clause, f.reason) for f in gate.reasons}


def test_the_gate_is_asked_of_an_instant(ready: Cast) -> None:
    assert [f.reason for f in gate_of("RL-1", clock.now() - 2 * HOUR).reasons] == [
        "no_judgement",
        "not_judged_fit",
    ]
    assert gate_of("RL-1", clock.now() + timedelta(days=1)).is_open


def test_deployments_that_stand_decide_nothing(ready: Cast) -> None:
    put(Release, "RL-2", **RELEASE)
    put(Deployment, "DP-2", release="RL-2", at=clock.now() - HOUR, deployed_by="P-0007")
    assert why() == []
    assert why("RL-2") != []


def test_an_emergency_is_not_asked_for_its_judgement_but_for_all_else(ready: Cast) -> None:
    put(Release, "RL-2", **RELEASE, emergency=True)
    assert gate_of("RL-2").emergency
    assert {clause for clause, _ in why("RL-2")} == {"18", "19-1", "19-2"}


def test_a_departure_granted_for_a_whole_clause_counts_at_the_gate_too(ready: Cast) -> None:
    flawed()
    today = clock.today()
    put(
        GrantedException,
        "EX-1",
        clause="18",
        kind="exception",
        reason="解析器の更改中",
        from_on=today,
        until_on=today,
    )
    assert why() == [("18", "findings_over_bound")]
    put(
        Approval, "AP-1", subject="exception:EX-1", step="approved", asked_by="P-0004", asked_at=clock.now(),
        decided_by="P-0002", decision="approved", at=clock.now(),
    )  # fmt: skip
    assert why() == []


def test_a_release_of_a_system_out_of_reach_is_let_through(cast: Cast) -> None:
    put(Release, "RL-1", **RELEASE)
    put(System, "S-EXC", in_scope=False, out_of_scope_reason="社内の試験用")
    assert why() == []


# --- deployments that are recorded --------------------------------------------------------------------------------


def deploy(cast: Cast, key: str = "DP-1", **values: Any) -> Any:
    told = {"release": "RL-1", "at": clock.now(), "deployed_by": "P-0007"}
    return save_record(cast.ono.actor, Deployment, key, told | values)


def refused(cast: Cast, **values: Any) -> list[str]:
    """The fields that are wrong."""
    with pytest.raises(Invalid) as error:
        deploy(cast, **values)
    return list(error.value.problems)


def test_a_deployment_of_a_release_judged_fit_is_recorded(ready: Cast) -> None:
    assert deploy(ready).release_id == "RL-1"


def test_a_deployment_without_a_fit_judgement_by_its_instant_is_refused(ready: Cast) -> None:
    assert refused(ready, at=clock.now() - 2 * HOUR) == ["release"]
    unfit()
    assert refused(ready, at=clock.now() + HOUR) == ["release"]
    assert deploy(ready, at=clock.now() - HOUR / 2).key == "DP-1"


def test_the_truth_can_be_recorded_and_the_clauses_then_fall_short(ready: Cast) -> None:
    with act("gone", "operator:test") as doing:
        doing.remove(Judgement, "JU-1")
    assert refused(ready) == ["release"]
    deploy(ready, bypass_reason="自動配備が先に動いたため。")
    states = assess(snapshot()).states
    assert {c for c in ("17", "20-1", "22") if states[c].verdict == "falls_short"} == {"17", "20-1", "22"}


def test_an_emergency_is_recorded_without_a_judgement(cast: Cast) -> None:
    put(Release, "RL-1", **RELEASE, emergency=True)
    assert deploy(cast).key == "DP-1"


def test_what_was_found_afterwards_can_be_added_and_takes_a_result(ready: Cast) -> None:
    deploy(ready, at=clock.now() - HOUR / 2)
    with pytest.raises(Invalid) as error:
        save_record(ready.ono.actor, Deployment, "DP-1", {"checked_at": clock.now()})
    assert list(error.value.problems) == ["check_result"]
    done = {"checked_at": clock.now(), "check_result": "good"}
    assert save_record(ready.ono.actor, Deployment, "DP-1", done).check_result == "good"


# --- judgements that are recorded ---------------------------------------------------------------------------------


def judge(cast: Cast, by: str, key: str = "JU-9", **values: Any) -> Any:
    told = {"release": "RL-1", "verdict": "fit", "judged_by": by, "at": clock.now()}
    return save_record(cast.sakura.actor, Judgement, key, told | values)


def judges(cast: Cast, by: str, **values: Any) -> bool:
    """Whether a judgement by this person is taken."""
    try:
        judge(cast, by, **values)
    except Invalid as error:
        return "judged_by" not in error.problems
    return True


def test_the_chief_and_the_manager_of_the_systems_unit_judge_and_nobody_else(ready: Cast) -> None:
    put(Appointment, "A-90", person="P-0008", role="system_manager", unit="U-SYS", since_on=clock.today())
    found = {member.login: judges(ready, member.key) for member in ready.everyone}
    assert {login for login, taken in found.items() if taken} == {"sakura", "nishi"}


def test_an_author_judges_nothing_whatever_the_office(ready: Cast) -> None:
    put(Release, "RL-1", authors=["P-0002"])
    assert not judges(ready, "P-0002")


@pytest.mark.parametrize("gone", ["office", "person"])
def test_the_office_is_asked_of_the_day_of_the_judgement(ready: Cast, gone: str) -> None:
    yesterday = clock.today() - timedelta(days=1)
    if gone == "office":
        put(Appointment, ready.sakura.appointment, until_on=yesterday)
    else:
        put(Person, "P-0002", left_on=yesterday)
    told = {"release": "RL-1", "verdict": "fit", "judged_by": "P-0002"}
    with pytest.raises(Invalid):
        save_record(ready.mori.actor, Judgement, "JU-9", told | {"at": clock.now()})
    good = save_record(ready.mori.actor, Judgement, "JU-9", told | {"at": clock.now() - timedelta(days=1)})
    assert good.judged_by_id == "P-0002"
