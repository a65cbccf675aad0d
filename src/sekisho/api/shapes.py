"""The shapes that are not a kind's: texts, problems, clauses, approvals, the ledger, deliveries, work."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

STRICT = ConfigDict(extra="forbid")
Date = Annotated[str, Field(json_schema_extra={"format": "date"})]
DateTime = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="SHA-256")]
Duty = Literal["scope", "must", "should", "may"]
Verdict = Literal["met", "met_by_exception", "falls_short", "no_evidence", "not_applicable", "definition"]


class Words(BaseModel):
    """A text in both languages."""

    ja: str
    en: str


Names = Annotated[
    dict[str, Words],
    Field(description="参照先（種別:キー）の名称 / The titles of records referred to, by kind:key"),
]


class File(BaseModel):
    """A file of evidence; its content is at `/api/records/{kind}/{key}/evidence/{sha256}`."""

    sha256: Hash
    name: str
    type: str
    size: int


# --- errors -----------------------------------------------------------------------------------------------------


class ProblemPlace(BaseModel):
    """Something wrong in the request: `in` the body, query, path or header, under this name."""

    where: Literal["body", "query", "path", "header"] = Field(alias="in")
    name: str
    text: str


class ProblemLink(BaseModel):
    rel: str
    href: str
    method: str


class Problem(BaseModel):
    """RFC 9457. `code` never changes its meaning; `title` and `detail` are in the reader's language."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    problems: list[ProblemPlace] | None = None
    links: list[ProblemLink] | None = None


# --- kinds ------------------------------------------------------------------------------------------------------


class KindFieldTold(BaseModel):
    """A field; `choices`, `references`, `least`, `most` and `personal` where the type has them."""

    name: str
    type: str
    required: bool
    label: Words
    help: Words
    choices: dict[str, Words] | None = None
    references: str | None = None
    least: int | str | None = None
    most: int | str | None = None
    personal: bool | None = None


class KindTold(BaseModel):
    """A kind of record. `governed`: some of its changes take approval."""

    kind: str
    label: Words
    help: Words
    domain: str
    prefix: str
    title: str
    columns: list[str]
    clauses: list[str]
    readers: list[str]
    writers: list[str]
    governed: bool
    fields: list[KindFieldTold]


class Kinds(BaseModel):
    items: list[KindTold]


# --- the rule ---------------------------------------------------------------------------------------------------


class Counts(BaseModel):
    """How many subjects are met, fall short, show no evidence, or are excepted."""

    met: int
    falls_short: int
    no_evidence: int
    excepted: int


class ClauseListed(BaseModel):
    clause: str
    article: str
    guideline: bool
    duty: Duty
    text: Words
    verdict: Verdict
    counts: Counts


class Clauses(BaseModel):
    """Every clause, judged of the day, of what was known; `size`: how many ledger lines that is."""

    on: Date
    known_at: DateTime | None
    size: int
    items: list[ClauseListed]


class FindingTold(BaseModel):
    """What is not met. `since`: the first bad day; `due`: the last good one; `who`: who must act."""

    kind: str
    subject: str
    outcome: Literal["falls_short", "no_evidence"]
    reason: str
    data: dict[str, Any]
    since: Date | None
    due: Date | None
    who: str | None
    text: Words
    check: str
    excepted: bool
    exception: str | None


class ClauseTold(BaseModel):
    """A clause with its findings, as `sekisho assess --format json` tells it."""

    clause: str
    duty: Duty
    verdict: Verdict
    findings: list[FindingTold]


class ClauseDetail(ClauseTold):
    article: str
    guideline: bool
    text: Words
    counts: Counts
    items: list[str] = Field(description="この条項を構成する条項 / The clauses that it is judged by")
    read_with: str | None


class LapseTold(BaseModel):
    """In order today and not later: from `on` where the day is known, else within `within` days."""

    clause: str
    duty: Duty
    on: Date | None
    within: int
    finding: FindingTold


class Forecast(BaseModel):
    on: Date
    days: int
    items: list[LapseTold]


# --- the gate ---------------------------------------------------------------------------------------------------


class GateReason(FindingTold):
    """Why a release may not go into use. `subject`: the release, or its project."""

    clause: str


class GateTold(BaseModel):
    """Whether a release may go into use at the instant `at`; `reasons` is empty where it is `open`.

    `emergency`: an emergency change, which is not asked for its judgement.
    """

    release: str
    open: bool
    at: DateTime
    emergency: bool
    reasons: list[GateReason]


# --- what stops -------------------------------------------------------------------------------------------------


class Struck(BaseModel):
    """What is hit: a unit, system, service or cloud service. `through`: what hits it directly (`kind:key`).

    `effect`: it stops; goes on with less (`degraded`); or it is not on record whether it does (`unknown`).
    """

    reference: str
    effect: Literal["stops", "unknown", "degraded"]
    through: list[str]
    in_scope: bool | None = Field(description="システムの場合 / Of a system")
    critical: bool | None = Field(
        description="対象範囲内で重要度「高」のシステムか / Of a system: in scope and of high criticality"
    )


class WhatStops(BaseModel):
    """Services first, then systems (in scope and critical first), then units; the gravest first."""

    on: Date
    kind: str
    key: str
    items: list[Struck]
    names: Names


# --- the ledger -------------------------------------------------------------------------------------------------


class CheckpointTold(BaseModel):
    """The newest signed checkpoint (C2SP signed note), and the key that verifies it."""

    size: int
    root: Hash
    at: DateTime
    note: str
    verifier_key: str


class ProofTold(BaseModel):
    """The line's inclusion in the tree of a checkpoint (RFC 6962), lowest sibling first."""

    size: int
    root: str
    path: list[Hash]
    checkpoint: str
    holds: bool


class LineTold(BaseModel):
    """A line. `entry` and `body` are its exact texts: the hash is SHA-256 of a zero byte and `entry`."""

    seq: int
    kind: str
    rec: str
    version: int
    op: str
    at: DateTime
    by: str
    act: str
    act_name: str
    reason: str
    entry: str
    body: str
    hash: Hash
    proof: ProofTold | None


# --- approvals --------------------------------------------------------------------------------------------------


class ApprovalTold(BaseModel):
    """A change that takes approval. `before` and `after` are values in body form; null where it holds no change."""

    key: str
    version: int
    step: Literal["draft", "submitted", "approved", "sent_back", "withdrawn"]
    kind: str
    subject: str
    op: Literal["write", "remove", "erase"] | None
    seen_version: int | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    in_force_on: Date | None
    roles: list[str] = Field(description="承認できる役割 / The roles of which the approver must hold one")
    asked_by: str
    asked_at: DateTime | None
    decided_by: str | None
    role: str | None
    at: DateTime | None
    reason: str | None
    subject_version: int | None
    may_decide: bool
    refusal: Words | None = Field(description="自分が決定できない理由 / Why you may not decide it")
    names: Names


# --- work and deliveries ----------------------------------------------------------------------------------------


class TaskTold(BaseModel):
    what: str
    reference: str
    text: Words
    due: Date | None
    overdue: bool
    clause: str | None


class Work(BaseModel):
    on: Date
    items: list[TaskTold]


class DeliveryProblem(BaseModel):
    """`where` is a JSON path in what was sent."""

    where: str
    text: Words


class Delivery(BaseModel):
    """What became of a delivery: the keys of incident drafts made and known already, and all that was left out."""

    created: list[str]
    known: list[str]
    resolved: list[str]
    problems: list[DeliveryProblem]
    losses: list[Words]
    sha256: Hash


class RefusedDelivery(Problem):
    """Nothing was taken: a problem that also lists what was wrong, by its place in what was sent."""

    delivery: Delivery | None = None


class Files(BaseModel):
    items: list[File]
