"""The one list of the fields that tell of a day to come, and of those that do not though their names sound like it.

The battery in tests/records/test_coming.py asks it of every kind: a new kind is not forgotten.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, NamedTuple

import polars as pl

from sekisho.kernel.texts import Text
from sekisho.records import models as m
from sekisho.records.fields import Day, Instant
from sekisho.records.record import Record

DUE, ENDS, PLANNED = "due", "ends", "planned"


class DoneBy(NamedTuple):
    """Another record that settles it: its kind, the field that refers to this one, and when it did."""

    model: type[Record]
    refers: str
    at: str


@dataclass(frozen=True)
class Coming:
    """A field of a kind that tells of a day to come, and what that day is.

    `done`: the field that says when it was done; `done_by`: the same by another record. Until then it is told, also
    when it is late. `passes`: nothing is left to do once the day is over. `unless`: rows whose day does not count.
    `people`, `unit`, `system`: the fields that say whose it is ('key': the record itself).
    """

    model: type[Record]
    field: str
    what: str
    words: Text
    done: str = ""
    done_by: DoneBy | None = None
    passes: bool = False
    unless: pl.Expr | None = None
    people: tuple[str, ...] = ()
    unit: str = ""
    system: str = ""


def _due(model: type[Record], field: str, ja: str, en: str, **more: Any) -> Coming:
    """By this day something must be done."""
    return Coming(model, field, DUE, Text(ja, en), **more)


def _ends(model: type[Record], field: str, ja: str, en: str, **more: Any) -> Coming:
    """This is the last day of something."""
    return Coming(model, field, ENDS, Text(ja, en), passes=True, **more)


def _planned(model: type[Record], field: str, ja: str, en: str, **more: Any) -> Coming:
    """On this day something is to happen; what nobody reports as done happens by itself."""
    passes = not (more.get("done") or more.get("done_by"))
    return Coming(model, field, PLANNED, Text(ja, en), passes=passes, **more)


_OWNER = ("owner",)
_NOT_REVIEWED = pl.col("in_force_on").is_null() | (pl.col("until_on") <= pl.col("review_by_on"))
_HARMLESS = pl.col("vex").is_in(["not_affected", "fixed"])
_REPLANNED = pl.col("replanned_on").is_not_null()
_OVER = pl.col("stage").is_in(["finished", "stopped"])

COMING: tuple[Coming, ...] = (
    # organisation
    _ends(m.Unit, "until_on", "部署の廃止", "Unit ends", unit="key"),
    _ends(m.Person, "left_on", "最終在籍日", "Last day at the member", people=("key",), unit="unit"),
    _ends(m.System, "in_use_until_on", "システムの利用終了", "System goes out of use", unit="unit"),
    _ends(
        m.Appointment, "until_on", "任期の終了", "Appointment ends", people=("person",), unit="unit", system="system"
    ),
    # policy, governance, risk, incidents
    _planned(m.Document, "in_force_on", "規程・計画類の施行", "Document comes into force"),
    _ends(m.Document, "until_on", "規程・計画類の失効", "Document ceases to be in force"),
    _due(m.Document, "review_by_on", "規程・計画類の見直し期限", "Document to be reviewed", unless=_NOT_REVIEWED),
    _planned(m.Drill, "held_on", "訓練", "Drill", people=("commanded_by",)),
    _planned(m.Meeting, "held_on", "会議", "Meeting"),
    _planned(m.Review, "held_on", "レビュー", "Review"),
    _planned(m.Instruction, "held_on", "指導・研修", "Instruction", people=("given_by",), unit="unit"),
    _planned(m.ServiceChange, "planned_on", "新サービス・変更の開始", "Service to be launched", done="launched_on"),
    _due(m.Action, "due_on", "改善・是正措置の期限", "Action due", done="done_on", people=_OWNER),
    _due(m.Treatment, "due_on", "リスク対応の期限", "Treatment due", done="done_on", people=_OWNER),
    _ends(m.GrantedException, "until_on", "例外の終了", "Exception ends"),
    _ends(m.Tolerance, "until_on", "許容の終了", "Tolerance ends"),
    _due(m.Notice, "due_at", "通知・報告の期限", "Notice due", done="sent_at"),
    # outsourcing
    _ends(m.Vendor, "until_on", "外部委託先との取引終了", "Dealings with a vendor end"),
    _due(m.Contract, "notice_by_on", "解約通知の期限", "Last day to give notice of a contract", passes=True),
    _ends(m.Contract, "until_on", "委託契約の終了", "Contract ends", unless=pl.col("renews")),
    _ends(m.OutsourcedService, "until_on", "委託業務の終了", "Outsourced service ends", people=("in_charge",)),
    _ends(m.Subcontract, "until_on", "再委託の終了", "Subcontract ends"),
    _ends(m.CloudService, "until_on", "クラウドサービスの利用終了", "Cloud service ends", people=("in_charge",)),
    _ends(m.DataHolding, "until_on", "利用者データの返却・廃棄", "Users' data returned or destroyed"),
    _ends(m.AssuranceReport, "until_on", "認証・保証報告書の有効期限", "Assurance report expires"),
    # operation
    _ends(m.Monitor, "until_on", "監視項目の終了", "Monitor ends", system="system"),
    _planned(m.Maintenance, "planned_from_at", "メンテナンス", "Maintenance", done="done_from_at", system="system"),
    _ends(m.Component, "until_on", "構成要素の廃止", "Component ends", system="system"),
    _ends(m.Licence, "ends_on", "ライセンスの終了", "Licence ends", unless=pl.col("renewed_by").is_not_null()),
    # cybersecurity
    _ends(m.WatchSource, "until_on", "ログ監視の終了", "Watch source ends", system="system"),
    _ends(m.Contact, "until_on", "連絡先の廃止", "Contact ends"),
    _ends(m.IntelligenceSource, "until_on", "情報源の終了", "Intelligence source ends"),
    _due(
        m.Training, "due_on", "研修・継承の期限", "Training due", done="done_on", people=("people", "from_person")
    ),
    _ends(m.Safeguard, "until_on", "防御策の終了", "Safeguard ends"),
    _ends(m.ResponseMeasure, "until_on", "攻撃時の措置の終了", "Response measure ends"),
    _due(
        m.Vulnerability, "due_on", "脆弱性の対応期限", "Vulnerability to be fixed",
        done="fixed_on", unless=_HARMLESS, system="system",
    ),
    _planned(
        m.Vulnerability, "planned_on", "脆弱性の計画対応", "Vulnerability to be fixed as planned",
        done="fixed_on", unless=_HARMLESS, system="system",
    ),
    _ends(m.Channel, "until_on", "チャネルの終了", "Channel ends", system="system"),
    _ends(m.TransactionType, "until_on", "取引種別の終了", "Transaction type ends"),
    _ends(m.FraudMeasure, "until_on", "不正防止策の終了", "Fraud measure ends"),
    _ends(m.AllowedAddress, "until_on", "遮断しないアドレスの終了", "Address may be blocked again"),
    # development and quality
    _planned(
        m.Project, "cut_over_on", "案件の切替", "Project's cut-over",
        done="finished_on", unless=_OVER, people=("in_charge",),
    ),
    _due(m.Milestone, "due_on", "案件の節目", "Milestone due", done="done_on", unless=_REPLANNED),
    _due(m.Milestone, "replanned_on", "案件の節目（再計画）", "Milestone due, as re-planned", done="done_on"),
    _ends(m.KeptDocument, "keep_until_on", "文書の保管期限", "Document to be kept until"),
    _planned(
        m.Release, "planned_on", "リリースの導入", "Release to go into use",
        done_by=DoneBy(m.Deployment, "release", "at"), people=("authors",), system="system",
    ),
    # audit
    _planned(m.Audit, "from_on", "システム監査の開始", "System audit begins", people=("auditors",)),
    _planned(m.Audit, "until_on", "システム監査の終了", "System audit ends", people=("auditors",)),
    _due(
        m.AuditFinding, "due_on", "監査の指摘事項の対応期限", "Audit finding due",
        done="done_on", people=_OWNER, unit="unit", system="system",
    ),
)  # fmt: skip

LEFT_OUT: dict[tuple[type[Record], str], str] = {
    (m.Review, "period_until_on"): "the end of the time that was looked at, not a day to come",
    (m.OperationAnalysis, "period_until_on"): "the end of the time that was looked at, not a day to come",
    (m.Maintenance, "planned_until_at"): "the end of the same stop, which is told by its beginning",
    (m.Maintenance, "done_until_at"): "when it was over",
    (m.Instability, "until_at"): "when it was over",
    (
        m.HeldWithdrawal,
        "due_at",
    ): "decided within hours, on a page of its own that tells the time that is left",
    (m.RosterShift, "until_at"): "the duty roster has a page of its own, to the minute",
}

_LOOKS_AHEAD = re.compile(
    r"(^|_)(until|ends?|due|by|left|planned|replanned|cut_over|next|expires?|expiry|deadline|valid)(_|$)"
)


def looks_ahead(model: type[Record]) -> list[str]:
    """The kind's fields of days and instants whose names sound like a day to come."""
    fields = model.kind_fields().items()
    return [n for n, f in fields if isinstance(f, Day | Instant) and _LOOKS_AHEAD.search(n)]


def words_of(kind: str, field: str) -> Text:
    """What the day of a kind's field is, in words."""
    return _WORDS[kind, field]


_WORDS = {(c.model.about.name, c.field): c.words for c in COMING}
