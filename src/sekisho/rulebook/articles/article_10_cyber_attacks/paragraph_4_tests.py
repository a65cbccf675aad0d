"""Article 10, paragraph 4: tests from outside, self-assessment by a framework, and what they found is mended."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.models import Action, Assessment, ControlScore, SecurityTest, System
from sekisho.rulebook.language import (
    BEGINNING,
    MEMBER,
    answers,
    check,
    clause,
    day_after,
    falls_short,
    keeper,
    kept_up,
    key_in,
    overdue,
    person,
    role,
    summed_up,
    systems_in_scope,
)
from sekisho.rulebook.limits import Limits

CSIRT = role("csirt_lead")
TESTS = ("penetration", "assessment", "tlpt")  # kinds of test that the paragraph names

clause(
    "10-4",
    Duty.MUST,
    "侵入検査・脆弱性診断等で定期的に評価し向上を図る",
    "Regular penetration tests and vulnerability assessments, and improvement",
)


@check(
    "10-4",
    asks="インターネットに公開する対象システムは、間隔内に外部の侵入検査か脆弱性診断を受けていますか。",
    reads=(System, SecurityTest),
    limits=("outside_test_age",),
    reasons={
        "no_outside_test": (
            "{system} は、外部による侵入検査・脆弱性診断を受けた記録がありません。実施し、登録してください。",
            "{system} had no penetration test or vulnerability assessment from outside on record. "
            "Have one made, and register it.",
        ),
        "old_outside_test": (
            "{system} が外部の侵入検査・脆弱性診断を最後に受けたのは {last} です。実施し、登録してください。",
            "{system} was last tested from outside on {last}. Have it tested again, and register it.",
        ),
    },
)
def every_internet_facing_system_is_tested_from_outside(
    facts: Facts, on: date, limits: Limits
) -> pl.LazyFrame:
    """Was every internet-facing system in scope tested from outside within the interval?

    A penetration test, a threat-led one or a vulnerability assessment, by an outside firm. Its first one is due before
    a system is open to the internet: there is no grace for a new one.
    """
    systems = systems_in_scope(facts, on).filter(pl.col("internet_facing").fill_null(False))
    tests = facts[SecurityTest].filter(pl.col("conducted_by") == "outside", pl.col("kind").is_in(TESTS))
    return kept_up(
        systems.with_columns(open_since=pl.max_horizontal("in_use_since_on", pl.lit(BEGINNING))), System,
        tests.explode("systems"), by="systems", at="done_on", limits=limits, limit="outside_test_age",
        never="no_outside_test", old="old_outside_test", since="open_since", who=keeper(),
    )  # fmt: skip


@check(
    "10-4",
    asks="評価基準による自己評価が間隔内に行われ、検査・診断・評価から生じた措置に遅れはありませんか。",
    reads=(System, Assessment, ControlScore, Action),
    limits=("self_assessment_age",),
    reasons={
        "no_self_assessment": (
            "評価基準の管理策ごとに評点を付けた自己評価の記録がありません。"
            "評価基準（NIST CSF、CIS Controls 等）を取り込み、評価し、登録してください。",
            "No self-assessment by a framework, with scores of its controls, is on record. "
            "Load a framework (NIST CSF, CIS Controls or another), assess by it, and register it.",
        ),
        "old_self_assessment": (
            "評価基準による最後の自己評価は {last} です。評価し直してください。",
            "The last self-assessment by a framework was on {last}. Assess again.",
        ),
        "overdue": (
            "検査・診断・評価から生じた {action} の期限（{due}）を過ぎています。対処し、完了日を記録してください。",
            "{action}, which arose from a test or an assessment, was due on {due}. Do it, and record the day.",
        ),
    },
)
def self_assessments_are_regular_and_what_is_found_is_mended(
    facts: Facts, on: date, limits: Limits
) -> pl.LazyFrame:
    """Did the member assess itself by a framework within the interval, and is nothing that was found overdue?

    An assessment that names its framework, made by a unit of the member, with a score of at least one control. Actions
    that arise from a security test or from an assessment are asked of until they are done.
    """
    first = systems_in_scope(facts, on).filter(pl.col("in_use_since_on").is_not_null())
    began = summed_up(first, first_on=pl.max_horizontal(pl.col("in_use_since_on").min(), pl.lit(BEGINNING)))
    scored = facts[ControlScore].select(key="assessment").unique()
    own = facts[Assessment].filter(
        pl.col("framework_used").is_not_null(), pl.col("assessed_by").is_not_null()
    )
    regular = kept_up(
        began, MEMBER, own.join(scored, on="key", how="semi"), at="assessed_on", limits=limits,
        limit="self_assessment_age", never="no_self_assessment", old="old_self_assessment", since="first_on",
        who=CSIRT,
    )  # fmt: skip
    return pl.concat([regular, _followed(facts, on)])


def _followed(facts: Facts, on: date) -> pl.LazyFrame:
    """Of every action that arises from a security test or an assessment: it is not overdue."""
    of_test, of_assessment = (key_in("arises_from", kind) for kind in ("security_test", "assessment"))
    rows = facts[Action].filter(of_test.is_not_null() | of_assessment.is_not_null())
    return answers(
        rows, Action,
        falls_short(
            overdue(on), "overdue", since=day_after("due_on"), due=pl.col("due_on"),
            who=pl.coalesce(person("owner"), CSIRT), action=pl.col("key"),
        ),
    )  # fmt: skip


clause(
    "G10-4",
    Duty.MAY,
    "NIST CSF や CIS Controls による内部評価",
    "Internal assessment by NIST CSF or CIS Controls",
    read_with="10-4",
)
