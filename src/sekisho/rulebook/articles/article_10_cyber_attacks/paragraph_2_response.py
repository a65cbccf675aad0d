"""Article 10, paragraph 2: what is done under attack. Block it, spread the load, stop systems, preserve the traces.

The four items are examples: where a member does otherwise, an approved departure of the item (kind `otherwise`) tells
what and why. Block and forensics are asked of critical and internet-facing systems, spread of the latter, stop of the
former.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.models import (
    Appointment,
    Approval,
    Custody,
    Document,
    Incident,
    Person,
    ResponseMeasure,
    System,
)
from sekisho.rulebook.language import (
    BEGINNING,
    Case,
    answers,
    check,
    clause,
    day_after,
    day_of,
    falls_short,
    holders,
    in_force,
    keeper,
    minute_of,
    role,
    systems_in_scope,
)
from sekisho.rulebook.limits import Limits

CSIRT = role("csirt_lead")
CRITICAL = (pl.col("criticality") == "high").fill_null(False)
FACING = pl.col("internet_facing").fill_null(False)
PROCEDURE = "response_procedure"
PROCEDURES = (Document, Approval, Appointment, Person)  # what tells whether a procedure is in force

clause(
    "10-2",
    Duty.SHOULD,
    "攻撃を受けた場合に拡大防止・影響確認・原因究明の措置を速やかに実施する体制",
    "Arrangements to contain an attack, see its reach and find its cause quickly",
    items=("10-2-1", "10-2-2", "10-2-3", "10-2-4"),
)


@dataclass(frozen=True)
class _Fault:
    """What a measure may lack, since when. Of several measures of a system the one that lacks the least is told of."""

    when: pl.Expr
    reason: str
    since: pl.Expr
    data: dict[str, pl.Expr] = field(default_factory=dict)


def _words_of_tests(what_ja: str, what_en: str) -> dict[str, tuple[str, str]]:
    """The reasons about measures of a kind and their tests."""
    return {
        "no_measure": (
            f"{{system}} に{what_ja}がありません。定めて試験し、登録するか、代替措置の承認を受けてください。",
            f"{{system}} has no {what_en}. Arrange one, test it and register it, "
            "or have what is done otherwise approved.",
        ),
        "never_tested": (
            f"{{system}} の{what_ja} {{response_measure}} は試験の記録がありません。試験し、結果を記録してください。",
            f"{{response_measure}}, the {what_en} of {{system}}, was never tested on record. "
            "Test it, and record the result.",
        ),
        "failed": (
            f"{{system}} の{what_ja} {{response_measure}} は {{tested}} の試験に合格していません。"
            "直して試験し直してください。",
            f"{{response_measure}}, the {what_en} of {{system}}, did not pass its test on {{tested}}. "
            "Mend it and test again.",
        ),
        "old_test": (
            f"{{system}} の{what_ja} {{response_measure}} の試験は {{tested}} が最後です。試験し直してください。",
            f"{{response_measure}}, the {what_en} of {{system}}, was last tested on {{tested}}. Test it again.",
        ),
    }


_NO_PROCEDURE = {
    "no_procedure": (
        "{system} の {response_measure} に、施行中の承認された対応手順がありません。"
        "手順書を承認・施行し、措置に指定してください。",
        "{response_measure} of {system} has no approved response procedure in force. "
        "Have one approved and put in force, and name it there.",
    ),
}


# --- block ------------------------------------------------------------------------------------------------------------

clause("10-2-1", Duty.MAY, "攻撃元IPの特定と遮断", "Identify and block the attacker's addresses")


@check(
    "10-2-1",
    asks="重要・公開のシステムには試験済みの遮断の手順があり、攻撃は期限内に封じ込められましたか。",
    reads=(System, ResponseMeasure, *PROCEDURES, Incident),
    limits=("response_test_age", "attack_block_time", "attack_window"),
    reasons=_words_of_tests("攻撃元を遮断する措置", "measure to block attackers")
    | _NO_PROCEDURE
    | {
        "blocked_late": (
            "{incident} の攻撃は {contained} に封じ込められ、期限（{due_at}）に遅れました。"
            "遅れた原因を除く措置を定めてください。",
            "The attack of {incident} was contained at {contained}, late: it was due at {due_at}. "
            "Remove the cause of the delay.",
        ),
        "not_blocked": (
            "{incident} の攻撃は、期限（{due_at}）を過ぎても封じ込めの記録がありません。"
            "遮断し、封じ込めた日時を記録してください。",
            "The attack of {incident} is not contained on record; it was due at {due_at}. "
            "Block it, and record when it was.",
        ),
    },
)
def attacks_can_be_blocked_and_were_in_time(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Has every critical or internet-facing system a tested procedure to block attackers, and was it done in time?

    One check for both: a member without an attack has no incident, which is no lack of evidence. Attacks of the last
    twelve months are asked of; a deadline is past when its day is over or the containment was recorded after it.
    """
    systems = systems_in_scope(facts, on).filter(CRITICAL | FACING)
    faults = [_no_procedure(), *_tests(limits)]
    measures = _with_procedure(_measures(facts, "block", on), facts, on)
    return pl.concat([_of_systems(systems, measures, faults), _attacks(facts, on, limits)])


def _attacks(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Of every attack within the window: it was contained in time."""
    detected = day_of("detected_at")
    attacks = facts[Incident].filter(
        pl.col("kind") == "attack", pl.col("state").is_in(["open", "closed"]),
        detected <= on, detected >= limits.window_start("attack_window"),
    ).with_columns(
        due_at=limits.latest("attack_block_time", "detected_at"),
        contained=pl.when(day_of("contained_at") <= on).then(pl.col("contained_at")),
    )  # fmt: skip
    due = day_of("due_at")
    told = {"since": due, "due": due, "who": CSIRT, "incident": pl.col("key"), "due_at": minute_of("due_at")}
    return answers(
        attacks, Incident,
        falls_short(pl.col("contained").is_null() & (due <= on), "not_blocked", **told),
        falls_short(
            pl.col("contained") > pl.col("due_at"), "blocked_late", contained=minute_of("contained"), **told
        ),
    )  # fmt: skip


# --- spread -----------------------------------------------------------------------------------------------------------

clause("10-2-2", Duty.MAY, "DDoSに対する自動分散", "Spread the load of a DDoS automatically")


@check(
    "10-2-2",
    asks="インターネットに公開するシステムには、検証済みのDDoS対策がありますか。",
    reads=(System, ResponseMeasure),
    limits=("response_test_age",),
    reasons=_words_of_tests("DDoSの負荷を分散する措置", "measure to spread the load of a DDoS"),
)
def internet_facing_systems_spread_the_load_of_a_ddos(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Has every internet-facing system a measure to spread the load of a DDoS that passed a test within its limit?"""
    return _of_systems(
        systems_in_scope(facts, on).filter(FACING), _measures(facts, "spread", on), list(_tests(limits))
    )


# --- stop -------------------------------------------------------------------------------------------------------------

clause("10-2-3", Duty.MAY, "システムの全部・一部の一時停止", "Stop all or part of the system for a time")


@check(
    "10-2-3",
    asks="重要なシステムには、命令できる人のいる試験済みの一時停止の手順がありますか。",
    reads=(System, ResponseMeasure, Appointment, Person),
    limits=("response_test_age",),
    reasons=_words_of_tests("一時停止の措置", "measure to stop it for a time")
    | {
        "nobody_named": (
            "{system} の {response_measure} に、停止を命令できる役割が定められていません。定めて登録してください。",
            "{response_measure} of {system} does not say who may order the stop. Say who, and register it.",
        ),
        "nobody_holds": (
            "{system} の {response_measure} の停止を命令できる{role}が不在です。"
            "任命するか、ほかの役割を定めてください。",
            "Nobody holds the office that may order {response_measure} of {system}: {role}. "
            "Appoint somebody, or name another office.",
        ),
    },
)
def critical_systems_can_be_stopped_by_somebody_entitled(
    facts: Facts, on: date, limits: Limits
) -> pl.LazyFrame:
    """Has every critical system a tested measure to stop it, with an office that may order it and somebody in it?"""
    held = _offices(facts, on)
    measures = _measures(facts, "stop", on).join(held, on="ordered_by", how="left")
    begun = pl.max_horizontal("since_on", "in_use_since_on")
    vacant = ~pl.col("held").fill_null(False)
    faults = [
        _Fault(
            pl.col("ordered_by").is_not_null() & vacant,
            "nobody_holds",
            pl.max_horizontal(begun, "vacant_on"),
            {"role": pl.col("ordered_by")},
        ),
        _Fault(pl.col("ordered_by").is_null(), "nobody_named", begun),
        *_tests(limits),
    ]
    return _of_systems(systems_in_scope(facts, on).filter(CRITICAL), measures, faults)


def _offices(facts: Facts, on: date) -> pl.LazyFrame:
    """Of every role that anybody ever held by the day: ordered_by, held (today), vacant_on (the day after the last)."""
    roles = ResponseMeasure.kind_fields()["ordered_by"].options
    begun = holders(facts, *roles).filter(pl.col("since_on") <= on)
    stands = pl.col("until_on").is_null() | (pl.col("until_on") >= on)
    return begun.group_by(ordered_by="role").agg(
        held=stands.any(), vacant_on=day_after(pl.col("until_on").max())
    )


# --- forensics --------------------------------------------------------------------------------------------------------

clause(
    "10-2-4",
    Duty.MAY,
    "ログ保全・イメージ取得など事後調査の手順",
    "Preserve logs and images for forensics",
)


@check(
    "10-2-4",
    asks="重要・公開のシステムには証拠を保全する手順があり、証拠の引継ぎに途切れやハッシュの不一致はありませんか。",
    reads=(System, ResponseMeasure, *PROCEDURES, Custody),
    reasons=_NO_PROCEDURE
    | {
        "no_measure": (
            "{system} に証拠を保全する措置がありません。手順を定めて登録するか、代替措置の承認を受けてください。",
            "{system} has no measure to preserve evidence. Lay down a procedure and register it, "
            "or have what is done otherwise approved.",
        ),
        "hash_differs": (
            "{incident} の証拠「{item}」のハッシュ値が、{handed} の引継ぎで前と一致しません。"
            "原因を調べ、記録を正すか証拠の扱いを決めてください。",
            "The hash of '{item}', evidence of {incident}, differs from the one before at the hand-over of {handed}. "
            "Find out why, then mend the record or decide on the evidence.",
        ),
        "broken_chain": (
            "{incident} の証拠「{item}」の引継ぎが {handed} で途切れています（渡した人が前に受けた人と異なります）。"
            "抜けた引継ぎを登録してください。",
            "The custody of '{item}', evidence of {incident}, is broken at {handed}: who handed it over is not who had "
            "received it. Register the hand-over that is missing.",
        ),
    },
)
def evidence_is_preserved_and_its_custody_unbroken(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Has every critical or internet-facing system a procedure to preserve evidence, and is all custody unbroken?

    Of every incident whose evidence was ever handed over: each item goes on from who received it, the first time from
    nobody, with the same hash.
    """
    systems = systems_in_scope(facts, on).filter(CRITICAL | FACING)
    measures = _with_procedure(_measures(facts, "forensics", on), facts, on)
    return pl.concat([_of_systems(systems, measures, [_no_procedure()]), _custody(facts, on)])


def _custody(facts: Facts, on: date) -> pl.LazyFrame:
    """Of every incident with hand-overs by the day: the first that does not fit, a wrong hash before a wrong hand."""
    item = ("incident", "item")
    first = pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift(1)) for name in item)
    differs = pl.col("sha256").ne_missing(pl.col("sha256").shift(1))
    from_another = pl.col("from_person").ne_missing(pl.col("to_person").shift(1))
    steps = (
        facts[Custody]
        .filter(day_of("at") <= on)
        .sort(*item, "at", "key")
        .with_columns(first=first, differs=differs, from_another=from_another)
        .with_columns(
            hash_differs=~pl.col("first") & pl.col("differs"),
            broken_chain=pl.when("first").then(pl.col("from_person").is_not_null()).otherwise("from_another"),
        )
        .filter(pl.col("first") | pl.col("hash_differs") | pl.col("broken_chain"))
        .with_columns(rank=pl.when("hash_differs").then(0).when("broken_chain").then(1).otherwise(2))
        .sort("rank", "at", "key")
        .group_by("incident")
        .agg(pl.col("hash_differs", "broken_chain", "item", "at").first())
    )
    told = {
        "since": day_of("at"), "who": CSIRT,
        "incident": pl.col("incident"), "item": pl.col("item"), "handed": minute_of("at"),
    }  # fmt: skip
    return answers(
        steps, Incident,
        falls_short(pl.col("hash_differs"), "hash_differs", **told),
        falls_short(pl.col("broken_chain"), "broken_chain", **told),
        subject=pl.col("incident"),
    )  # fmt: skip


# --- measures of systems ----------------------------------------------------------------------------------------------


def _measures(facts: Facts, kind: str, on: date) -> pl.LazyFrame:
    """The measures of a kind that have begun, ended ones too, one row for each system.

    Columns of ResponseMeasure, tested_on (null where the test is still to come), measure (its key), system, stands.
    """
    begun = pl.col("since_on").is_null() | (pl.col("since_on") <= on)
    return (
        facts[ResponseMeasure]
        .filter(pl.col("kind") == kind, begun)
        .explode("systems")
        .rename({"key": "measure", "systems": "system"})
        .with_columns(
            stands=pl.col("until_on").is_null() | (pl.col("until_on") >= on),
            tested_on=pl.when(pl.col("tested_on") <= on).then(pl.col("tested_on")),
        )
    )


def _with_procedure(measures: pl.LazyFrame, facts: Facts, on: date) -> pl.LazyFrame:
    """With has_procedure (an approved response procedure is in force), and procedure_ended, the day after its last."""
    standing = in_force(facts, PROCEDURE, on).filter(pl.col("approved_on").is_not_null())
    over = facts[Document].filter(pl.col("until_on") < on)
    return measures.join(
        standing.select(procedure="key", has_procedure=pl.lit(True)), on="procedure", how="left"
    ).join(
        over.select(procedure="key", procedure_ended=day_after("until_on")), on="procedure", how="left"
    )  # fmt: skip


def _no_procedure() -> _Fault:
    begun = pl.max_horizontal("since_on", "in_use_since_on")
    return _Fault(
        pl.col("has_procedure").is_null(), "no_procedure", pl.max_horizontal(begun, "procedure_ended")
    )


def _tests(limits: Limits) -> tuple[_Fault, ...]:
    """What may be wrong with a measure's test, the least first."""
    tested = pl.col("tested_on")
    lapses = day_after(limits.last_good("response_test_age", tested))
    begun = pl.max_horizontal("since_on", "in_use_since_on")
    failed = tested.is_not_null() & ~pl.col("test_passed").fill_null(False)
    return (
        _Fault(lapses <= limits.day, "old_test", lapses, {"tested": tested}),
        _Fault(failed, "failed", tested, {"tested": tested}),
        _Fault(tested.is_null(), "never_tested", begun),
    )


def _of_systems(systems: pl.LazyFrame, measures: pl.LazyFrame, faults: list[_Fault]) -> pl.LazyFrame:
    """Of each system: its best measure lacks nothing. `faults`: what a measure may lack, the least first.

    What a measure lacks is the gravest of them; the best measure is the one that lacks the least, of equals the one
    tested last. A system without a measure has been so since the last one ended, else since it was taken into use.
    """
    lacks = pl.lit(0, dtype=pl.Int8)
    for rank, fault in enumerate(faults, 1):
        lacks = pl.when(fault.when.fill_null(False)).then(rank).otherwise(lacks)
    mine = systems.select("key", "unit", "in_use_since_on").join(
        measures, left_on="key", right_on="system", how="left"
    )
    stands = pl.col("stands").fill_null(False)
    best = (
        mine.with_columns(lacks=pl.when(stands).then(lacks), ended=pl.col("until_on").max().over("key"))
        .sort("lacks", "tested_on", "measure", descending=[False, True, False], nulls_last=True)
        .unique("key", keep="first", maintain_order=True)
    )  # fmt: skip
    none = pl.max_horizontal(pl.coalesce(day_after("ended"), pl.col("in_use_since_on")), pl.lit(BEGINNING))
    told = {"who": keeper(), "system": pl.col("key")}
    cases = [falls_short(pl.col("lacks").is_null(), "no_measure", since=none, **told)]
    cases += [_case(rank, fault, told) for rank, fault in enumerate(faults, 1)]
    return answers(best, System, *cases)


def _case(rank: int, fault: _Fault, told: dict[str, pl.Expr]) -> Case:
    since = pl.max_horizontal(fault.since, pl.lit(BEGINNING))
    return falls_short(
        pl.col("lacks") == rank,
        fault.reason,
        since=since,
        response_measure=pl.col("measure"),
        **told,
        **fault.data,
    )
