"""Article 25: vendors are chosen by criteria, bound by contract, and their risks managed down to the last."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.facts.outsourcing import direct_vendors, working_vendors
from sekisho.records.models import (
    Appointment,
    Approval,
    CloudService,
    Contract,
    Document,
    OutsourcedService,
    Person,
    Risk,
    Subcontract,
    System,
    Vendor,
    VendorEvaluation,
)
from sekisho.rulebook.language import (
    active,
    answers,
    approvals,
    check,
    clause,
    day_after,
    falls_short,
    kept_up,
    role,
)
from sekisho.rulebook.limits import Limits

OWNER = role("vendor_owner")
GOOD = pl.col("decision").is_in(["adopt", "conditional"])

clause(
    "25-1",
    Duty.MUST,
    "選定基準に基づき外部委託先を選定する",
    "Select vendors by criteria",
)


@check(
    "25-1",
    asks="契約中の委託先はすべて、契約前に選定基準で評価して採用し、その後も間隔内に評価していますか。",
    reads=(Contract, VendorEvaluation, Document, Approval, Appointment, Person),
    limits=("vendor_evaluation_age",),
    reasons={
        "rejected": (
            "{vendor} は {decided} の評価で「不採用」とされましたが、契約 {contract} が続いています。"
            "契約を終えるか、評価し直してください。",
            "{vendor} was rejected by the evaluation of {decided}, but the contract {contract} goes on. "
            "End it, or evaluate again.",
        ),
        "no_evaluation_before": (
            "契約 {contract} は、{vendor} を採用とする評価がないまま {from} に始まりました。"
            "選定基準で評価し、次からは契約前に評価してください。",
            "The contract {contract} began on {from} while no evaluation adopted {vendor}. "
            "Evaluate by the criteria now, and before the contract the next time.",
        ),
        "not_by_criteria": (
            "契約 {contract}（{from} 開始）の前の評価は、評価日に有効な承認済みの選定基準によるものではありません。"
            "用いた選定基準を記録するか、評価し直してください。",
            "The evaluation before the contract {contract} (from {from}) names no approved criteria that were in force "
            "on its day. Record the criteria that were used, or evaluate again.",
        ),
        "evaluation_old": (
            "{vendor} の評価が {last} から行われていません。選定基準で評価し直してください。",
            "{vendor} was last evaluated on {last}. Evaluate it again by the criteria.",
        ),
    },
)
def every_contract_rests_on_an_evaluation_by_the_criteria(
    facts: Facts, on: date, limits: Limits
) -> pl.LazyFrame:
    """Was every vendor under contract adopted by the criteria before it began, and evaluated again since in time?

    Asked of each contract in force. Before it: the newest evaluation by its first day must have adopted the vendor,
    with conditions or without, by vendor criteria that were in force on the day of the evaluation and have a standing
    approval. Since: the newest such evaluation is within the interval. An evaluation without a decision is none; a
    rejection counts whatever it was made by, and one by no criteria does not lift it.
    """
    decided = _decided(facts, on)
    counting = decided.filter(pl.col("by_criteria") | (pl.col("decision") == "reject"))
    adopted = pl.col("place").filter(GOOD).max().fill_null(-1)
    newest = counting.group_by("vendor").agg(
        last=pl.col("done_on").last(),
        decision=pl.col("decision").last(),
        rejected_on=pl.col("done_on").filter(pl.col("place") > adopted).first(),
    )
    contracts = active(facts[Contract], on, "from_on", "until_on")
    rows = (
        contracts.join(newest, on="vendor", how="left")
        .join(_before(contracts, counting, good=GOOD.last()), on="key", how="left")
        .join(_before(contracts, decided, any_good=GOOD.any()), on="key", how="left")
    )
    began_well = pl.col("good").fill_null(False)
    lapses = day_after(limits.last_good("vendor_evaluation_age", "last"))
    told = {"who": OWNER, "contract": pl.col("key"), "vendor": pl.col("vendor"), "from": pl.col("from_on")}
    return answers(
        rows, Contract,
        falls_short(
            pl.col("decision") == "reject", "rejected",
            since=pl.max_horizontal("rejected_on", "from_on"), decided=pl.col("rejected_on"), **told,
        ),
        falls_short(
            pl.col("good").is_null() & pl.col("any_good"), "not_by_criteria", since=pl.col("from_on"), **told
        ),
        falls_short(~began_well, "no_evaluation_before", since=pl.col("from_on"), **told),
        falls_short(lapses <= on, "evaluation_old", since=lapses, last=pl.col("last"), **told),
    )  # fmt: skip


def _decided(facts: Facts, on: date) -> pl.LazyFrame:
    """The evaluations with a decision by the day, in their order (place), and whether criteria in force made them."""
    kind = "vendor_criteria"
    approved = approvals(facts, Document, Document.about.approvers({"kind": kind}), on)
    criteria = (
        facts[Document]
        .filter(pl.col("kind") == kind)
        .join(approved, on="key", how="semi")
        .select("in_force_on", "until_on", criteria="key")
    )
    done = pl.col("done_on")
    in_force = (pl.col("in_force_on") <= done) & (pl.col("until_on").is_null() | (pl.col("until_on") >= done))
    return (
        facts[VendorEvaluation]
        .filter(done <= on, pl.col("decision").is_not_null())
        .join(criteria, on="criteria", how="left")
        .sort("done_on", "key")
        .with_row_index("place")
        .select(
            "vendor",
            "done_on",
            "decision",
            pl.col("place").cast(pl.Int64),
            by_criteria=in_force.fill_null(False),
        )
    )


def _before(contracts: pl.LazyFrame, evaluations: pl.LazyFrame, **told: pl.Expr) -> pl.LazyFrame:
    """Of each contract (key) with evaluations of its vendor by its first day: aggregates of those, in their order."""
    return (
        contracts.select("key", "vendor", "from_on")
        .join(evaluations, on="vendor")
        .filter(pl.col("done_on") <= pl.col("from_on"))
        .sort("place")
        .group_by("key")
        .agg(**told)
    )


clause(
    "25-2",
    Duty.MUST,
    "役割分担・監査権限・再委託手続・サービス水準を契約に定める",
    "Contracts fix roles, audit rights, sub-outsourcing procedure and service levels",
)
PARTS = {
    "roles": ("役割と責任の分担", "roles and responsibilities"),
    "audit_right": ("監査権限", "the right to audit"),
    "subcontracting_procedure": ("再委託の手続", "the procedure of sub-outsourcing"),
    "service_levels": ("サービス水準", "service levels"),
}


@check(
    "25-2",
    asks="契約中の契約はすべて四つの事項を定め、業務を委ねているすべての先と契約がありますか。",
    reads=(Contract, OutsourcedService, CloudService, System),
    reasons={
        f"lacks_{name}": (
            f"{{vendor}} との契約 {{contract}} に{ja}の定めがありません。契約を改め、記録してください。",
            f"The contract {{contract}} with {{vendor}} does not fix {en}. Amend it, and record that it does.",
        )
        for name, (ja, en) in PARTS.items()
    }
    | {
        "no_contract": (
            "業務を委ねている {vendor} と有効な契約がありません（{since} から）。契約を登録してください。",
            "{vendor} works for the member without a contract in force (since {since}). Register the contract.",
        ),
    },
)
def every_contract_fixes_the_four_parts(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Does every contract in force fix the four parts, and has everyone who works for the member a contract?

    One finding for each part that a contract lacks: what is not recorded is not fixed. Who works for the member:
    vendors of services and clouds that run, and of systems in scope; subcontractors are bound by whoever hands work to
    them.
    """
    contracts = active(facts[Contract], on, "from_on", "until_on")
    parts = [_fixes(contracts, f"lacks_{name}", pl.col(name)) for name in PARTS]
    return pl.concat([*parts, _under_contract(facts, contracts, on)])


def _fixes(contracts: pl.LazyFrame, reason: str, fixed: pl.Expr) -> pl.LazyFrame:
    """Of each contract: that something is so, by the contract's own record."""
    told = {"since": pl.col("from_on"), "who": OWNER, "contract": pl.col("key"), "vendor": pl.col("vendor")}
    return answers(contracts, Contract, falls_short(~fixed.fill_null(False), reason, **told))


def _under_contract(facts: Facts, contracts: pl.LazyFrame, on: date) -> pl.LazyFrame:
    """Of everyone who works for the member itself: a contract in force today."""
    bound = contracts.select("vendor", bound=pl.lit(True)).unique()
    ended = facts[Contract].filter(pl.col("until_on") < on).group_by("vendor")
    last = ended.agg(ended=day_after(pl.col("until_on").max()))
    rows = (
        direct_vendors(facts, on)
        .lazy()
        .join(bound, on="vendor", how="left")
        .join(last, on="vendor", how="left")
    )
    return answers(
        rows, Vendor,
        falls_short(
            pl.col("bound").is_null(), "no_contract",
            since=pl.max_horizontal("since_on", "ended"), who=OWNER, vendor=pl.col("vendor"),
        ),
        subject=pl.col("vendor"),
    )  # fmt: skip


clause(
    "25-3",
    Duty.MUST,
    "遵守ルールとセキュリティ要件を提示し契約に明記する",
    "Show vendors the rules and security requirements and write them in the contract",
)


@check(
    "25-3",
    asks="契約中の契約はすべて遵守ルールとセキュリティ要件を明記し、委託先の確認を得ていますか。",
    reads=(Contract,),
    reasons={
        "lacks_rules": (
            "{vendor} との契約 {contract} に、遵守すべきルールの明記がありません。契約に明記し、記録してください。",
            "The contract {contract} with {vendor} does not name the rules to keep. "
            "Write them in, and record that it does.",
        ),
        "lacks_security_requirements": (
            "{vendor} との契約 {contract} に、セキュリティ要件の明記がありません。契約に明記し、記録してください。",
            "The contract {contract} with {vendor} does not name the security requirements. "
            "Write them in, and record that it does.",
        ),
        "not_confirmed": (
            "契約 {contract} のルールと要件を、{vendor} が確認した記録がありません。"
            "委託先に提示し、確認日を記録してください。",
            "That {vendor} confirmed the rules and requirements of the contract {contract} is not on record. "
            "Show them, and record the day of the confirmation.",
        ),
    },
)
def every_contract_names_what_the_vendor_confirmed(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Does every contract in force name the rules and the security requirements, and has the vendor confirmed them?

    One finding for each that is missing. A confirmation of any day up to today counts, also one before the contract.
    """
    contracts = active(facts[Contract], on, "from_on", "until_on")
    return pl.concat(
        [
            _fixes(contracts, "lacks_rules", pl.col("rules")),
            _fixes(contracts, "lacks_security_requirements", pl.col("security_requirements")),
            _fixes(contracts, "not_confirmed", pl.col("confirmed_on") <= on),
        ]
    )


clause(
    "25-4",
    Duty.MUST,
    "二段階以上の委託を含めリスク管理を行う",
    "Manage the risk of outsourced work, chains of two and more steps included",
)


@check(
    "25-4",
    asks="委託の連鎖のどの段にいる委託先も、リスク評価が間隔内に行われていますか。",
    reads=(OutsourcedService, Subcontract, CloudService, System, Risk),
    limits=("vendor_risk_age",),
    reasons={
        "never_assessed": (
            "業務に携わる {vendor}（再委託先を含む）のリスク評価がありません（{since} から）。"
            "委託に伴うリスクを評価し、委託先を指定して登録してください。",
            "{vendor} has had a part in the member's work since {since}, directly or as a subcontractor, and no risk "
            "assessment. Assess the risk of its work and record it with the vendor named.",
        ),
        "old_assessment": (
            "業務に携わる {vendor} のリスク評価が {last} から行われていません。評価し直してください。",
            "The risks of the work of {vendor} were last assessed on {last}. Assess them again.",
        ),
    },
)
def every_vendor_of_a_chain_is_assessed(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Has every vendor at any step of a chain a risk assessment that is recent enough?

    Asked of the vendors of services, clouds and systems in scope, and of all subcontractors that are known; that one is
    unknown is told by 26-1. The newest assessment of any risk that names the vendor counts.
    """
    return kept_up(
        working_vendors(facts, on).lazy().rename({"vendor": "key"}), Vendor, facts[Risk], by="vendor", at="assessed_on",
        limits=limits, limit="vendor_risk_age",
        never="never_assessed", old="old_assessment", since="since_on", who=role("risk_manager"),
    )  # fmt: skip
