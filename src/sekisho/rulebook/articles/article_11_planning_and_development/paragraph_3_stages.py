"""Article 11-3: projects pass their stages by approval of somebody else who may give it."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.models import Appointment, Approval, Person, Project, StageGate
from sekisho.records.models.development import GATED, STAGES
from sekisho.rulebook.articles.article_11_planning_and_development.projects import IN_CHARGE, begun
from sekisho.rulebook.language import (
    answers,
    by_holder,
    check,
    clause,
    day_of,
    falls_short,
    holders,
    key_in,
)
from sekisho.rulebook.limits import Limits

# The stages in which a project has passed each gate: start and design are passed at their end, migration is entered.
PAST = {
    "start": ("design", "build", "test", "migration", "finished"),
    "design": ("build", "test", "migration", "finished"),
    "migration": ("migration", "finished"),
}

clause(
    "11-3",
    Duty.MUST,
    "企画・開発・移行の内部牽制と承認ルールを設ける",
    "Internal checks and clear approval rules for planning, development and migration",
)


@check(
    "11-3",
    asks="案件はすべて、段階（開始・設計・移行）ごとに、権限のある者の承認を得て進んでいますか。",
    reads=(Project, StageGate, Approval, Appointment, Person),
    limits=("project_window",),
    reasons={
        f"no_gate_{stage}": (
            f"{{project}} は段階「{STAGES[stage][0]}」の通過の記録がないまま先へ進んでいます。段階承認を申請してください。",
            f"{{project}} went on without a record of passing the stage '{STAGES[stage][1]}'. Ask for its approval.",
        )
        for stage in PAST
    }
    | {
        "not_approved": (
            "{project} の段階の通過（{passed}）に承認がありません。",
            "That {project} passed a stage on {passed} was approved by nobody.",
        ),
        "not_entitled": (
            "{project} の段階の通過（{passed}）を承認した {person} は、この段階を承認できません。",
            "That {project} passed a stage on {passed} was approved by {person}, who may not approve that stage.",
        ),
        "approved_late": (
            "{project} の段階の承認（{approved}）が、通過（{passed}）より後です。",
            "{project} passed a stage on {passed}, before its approval on {approved}.",
        ),
    },
)
def every_stage_was_passed_with_approval(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Did every project pass its stages with the approval that each asks, by somebody who may give it?

    Who may: by stage, as the kind of record says; neither who asked for it, nor who is in charge of the project. The
    first such approval is not later than the day of passing. A project that is past a stage has its passing on record;
    since when it is past, its record does not tell.
    """
    mine = begun(facts, on, limits)
    gates = (
        facts[StageGate]
        .filter(pl.col("passed_on") <= on)
        .join(mine.select("in_charge", project="key"), on="project")
    )
    missing = [_unrecorded(mine, gates, stage) for stage in PAST]
    rows = gates.join(_decisions(facts, gates, on), on="key", how="left")
    passed, none = pl.col("passed_on"), pl.col("approved_on").is_null()
    told = {"since": passed, "who": IN_CHARGE, "project": pl.col("project"), "passed": passed}
    judged = answers(
        rows, StageGate,
        falls_short(none & pl.col("decider").is_null(), "not_approved", **told),
        falls_short(none, "not_entitled", person=pl.col("decider"), **told),
        falls_short(pl.col("approved_on") > passed, "approved_late", approved=pl.col("approved_on"), **told),
    )  # fmt: skip
    return pl.concat([*missing, judged])


def _unrecorded(mine: pl.LazyFrame, gates: pl.LazyFrame, stage: str) -> pl.LazyFrame:
    """The projects that are past a stage without a record of passing it."""
    passed = gates.filter(pl.col("stage") == stage).select(key="project")
    rows = mine.filter(pl.col("stage").is_in(PAST[stage])).join(passed, on="key", how="anti")
    return answers(
        rows, Project, falls_short(pl.lit(True), f"no_gate_{stage}", who=IN_CHARGE, project=pl.col("key"))
    )


def _decisions(facts: Facts, gates: pl.LazyFrame, on: date) -> pl.LazyFrame:
    """Of each gate that somebody approved: key, decider (of the newest), approved_on (null where nobody might).

    The first approval that counts decides: a later one of a correction does not make the passing late.
    """
    decided = (
        facts[Approval]
        .filter(pl.col("step") == "approved")
        .with_columns(gate=key_in("subject", "stage_gate"), approved_on=day_of("at"))
        .filter(pl.col("approved_on") <= on)
        .join(gates.select("stage", "in_charge", gate="key"), on="gate")
        .sort("at", "key")
    )
    others = decided.filter(
        pl.col("decided_by") != pl.col("asked_by"), pl.col("decided_by").ne_missing(pl.col("in_charge"))
    )
    entitled = pl.concat(
        [
            by_holder(
                others.filter(pl.col("stage") == stage), "decided_by", "approved_on",
                holders(facts, *StageGate.about.approvers({"stage": stage})),
            )
            for stage in GATED
        ]
    )  # fmt: skip
    anybody = decided.group_by(key="gate").agg(decider=pl.col("decided_by").last())
    return anybody.join(entitled.group_by(key="gate").agg(pl.col("approved_on").min()), on="key", how="left")
