"""One good record of every kind, resting on the cast: what the battery over all kinds keeps and shows.

A kind without an example of its own has one made from its fields' types; what its `problems` ask stands in PARTLY.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sekisho.records import fields as f
from sekisho.records import models as m
from sekisho.records.contents import KINDS, kind_named
from sekisho.records.record import Record
from sekisho.workflows.act import act

D = date
AT = datetime(2026, 11, 2, 3, 4, 5, tzinfo=UTC)
LATER = datetime(2026, 11, 3, 0, 0, tzinfo=UTC)

RULES = """title: A withdrawal
name: withdrawal
detection: { selection: { typ: withdraw }, condition: selection }
watch: { action: hold, weight: 10, mode: live, owner: csirt_lead, clause: 10-6-3, reason: { ja: 出金です。, en: A withdrawal. } }"""
EXAMPLES: dict[type[Record], dict[str, Any]] = {
    m.MemberProfile: {
        "name": "東都暗号資産取引所",
        "as_of_on": D(2026, 4, 1),
        "user_count": 12345,
        "services": "現物\n信用",
    },
    m.Unit: {"name": "企画部", "function": "other", "since_on": D(2026, 4, 1), "parent": "U-MGT"},
    m.Person: {
        "name": "新田 光",
        "email": "nitta@example.jp",
        "employment": "external",
        "vendor": "協力社",
        "joined_on": D(2026, 4, 1),
    },
    m.System: {
        "name": "社内網",
        "in_scope": True,
        "operated_by": "own",
        "in_use_since_on": D(2021, 4, 1),
        "internet_facing": False,
    },
    m.Appointment: {
        "person": "P-0008",
        "role": "operator",
        "system": "S-EXC",
        "since_on": D(2026, 12, 1),
        "grounds": "研修修了",
    },
    m.Risk: {
        "title": "停止",
        "service": "現物取引",
        "category": "failure",
        "inherent_level": 4,
        "owner": "P-0003",
    },
    m.Treatment: {"title": "多重化", "risk": "R-9001", "kind": "reduce", "due_on": D(2027, 1, 31)},
    m.Document: {"kind": "basic_policy", "title": "基本方針", "version": "2.0", "outline": "利用者を守る。"},
    m.Acknowledgement: {"person": "P-0008", "document": "D-9001", "at": AT},
    m.Goal: {"fiscal_year": 2026, "text": "重大障害なし", "measure": "件数"},
    m.Budget: {"fiscal_year": 2026, "text": "診断", "amount": 12_000_000},
    m.ContingencyDuty: {
        "plan": "D-9001",
        "role": "chief_system_officer",
        "duty": "指揮をとる",
        "within_minutes": 30,
    },
    m.Drill: {
        "scenario": "鍵の喪失",
        "held_on": D(2026, 9, 1),
        "commanded_by": "P-0001",
        "detected_at": AT,
        "recovered_at": LATER,
    },
    m.Review: {
        "title": "年次",
        "held_on": D(2026, 10, 1),
        "policy_decision": "no_change",
        "decision_reason": "妥当",
    },
    m.Meeting: {"body": "committee", "held_on": D(2026, 10, 1), "agenda": "障害報告"},
    m.Resolution: {
        "meeting": "M-9001",
        "text": "投資の承認",
        "decided_on": D(2026, 10, 1),
        "subject": "risk:R-9001",
        "important": True,
    },
    m.StatusReport: {
        "system_manager": "P-0003",
        "unit": "U-OPS",
        "period": "2026-10",
        "submitted_at": AT,
        "state": "異常なし",
    },
    m.Equipment: {"unit": "U-OPS", "what": "端末", "confirmed_on": D(2026, 10, 1), "owner": "P-0008"},
    m.InformationFlow: {
        "unit": "U-OPS",
        "source": "取引所",
        "destination": "信託銀行",
        "data_class": "users",
        "confirmed_on": D(2026, 10, 1),
    },
    m.Instruction: {
        "unit": "U-OPS",
        "topic": "標的型メール",
        "held_on": D(2026, 6, 1),
        "attendees": ["P-0008", "P-0003"],
    },
    m.ServiceChange: {"service": "貸コイン", "kind": "new", "planned_on": D(2027, 1, 10)},
    m.IndustryCase: {
        "title": "流出",
        "source": "当局の公表",
        "screened_on": D(2026, 10, 1),
        "relevance": "relevant",
    },
    m.Assessment: {"framework": "金融ISAC", "assessed_on": D(2026, 10, 1), "assessed_by": "U-AUD"},
    m.MonitoringRound: {"by_unit": "U-RISK", "of": "unit:U-OPS", "done_on": D(2026, 10, 1), "result": "良好"},
    m.WatchRules: {"title": "検知ルール", "in_force_at": AT, "rules": RULES, "reason": "見直し"},
    m.AllowedAddress: {"network": "203.0.113.0/24", "reason": "本社", "since_on": D(2026, 4, 1)},
    m.HeldWithdrawal: {
        "event": "withdrawals:17",
        "user": "u1",
        "asset": "BTC",
        "amount": Decimal("1.5"),
        "rules": ["d"],
        "held_at": AT,
        "due_at": LATER,
        "state": "held",
    },
    m.Incident: {
        "title": "ログイン障害",
        "kind": "failure",
        "severity": "serious",
        "state": "open",
        "detected_at": AT,
        "systems": ["S-EXC"],
    },
    m.Notice: {"about_record": "incident:INC-9001", "to": "authority", "due_at": LATER, "text": "報告書"},
    m.Action: {
        "what": "監視の追加",
        "kind": "corrective",
        "due_on": D(2027, 1, 31),
        "arises_from": "incident:INC-9001",
    },
    m.GrantedException: {
        "clause": "7-1",
        "kind": "exception",
        "reason": "改組中",
        "from_on": D(2026, 12, 1),
        "until_on": D(2027, 3, 31),
    },
    m.Tolerance: {"limit": "gap_window", "value": 6, "from_on": D(2026, 12, 1), "reason": "厳しくする"},
    m.Approval: {"subject": "risk:R-9001", "step": "submitted", "asked_by": "P-0004", "asked_at": AT},
}


# What the types alone do not tell of a kind without an example above.
PARTLY: dict[type[Record], dict[str, Any]] = {
    m.DataHolding: {"vendor": "V-9001"},
    m.Monitor: {"system": "S-EXC"},
    m.Subcontract: {"from_vendor": "V-9001", "unknown": True, "step": 2},
    m.Audit: {"firm": "監査法人"},
    m.Relation: {"to_component": "C-9002"},
    m.TestPlan: {"release": "RL-9001"},
    m.Release: {"authors": ["P-0006"]},
    m.Judgement: {"judged_by": "P-0002"},
    m.DesignReview: {"release": "RL-9001"},
}
NAMED = {"country": "JP", "sha256": "0f" * 32}
OF_THE_CAST = {"unit": "U-OPS", "person": "P-0003", "system": "S-EXC"}


def standing_key(kind: str) -> str:
    """The key of the record of a kind that examples refer to: the cast's, else one that `write_standing` keeps."""
    return OF_THE_CAST.get(kind) or f"{kind_named(kind).about.prefix}-9001"


def made(model: type[Record]) -> dict[str, Any]:
    """A good record by its fields' types: what is asked for, then all else that makes no problem, days in their order."""
    fields = {n: x for n, x in model.kind_fields().items() if n not in ("evidence", "notes")}
    values = {n: _value(x, place) for place, (n, x) in enumerate(fields.items()) if x.required} | PARTLY.get(
        model, {}
    )
    for place, (name, field) in enumerate(fields.items()):
        if name not in values and field.type_name not in ("reference", "any_reference"):
            more = values | {name: _value(field, place)}
            values = values if model.problems(dict.fromkeys(fields) | more) else more
    return values


def _value(field: f.KindField, place: int) -> Any:
    by_type: dict[str, Any] = {
        "text": NAMED.get(field.name, "文字列"),  # type: ignore[attr-defined]
        "long_text": "本文\n二行目",
        "date": D(2026, 1, 1) + timedelta(days=place),
        "instant": AT + timedelta(hours=place),
        "number": (getattr(field, "least", 0) or 0) + 2,
        "quantity": Decimal("0.5"),
        "flag": True,
        "texts": ["10-3"],
        "any_reference": f"risk:{standing_key('risk')}",
    }
    if isinstance(field, f.Choice):
        return next(iter(field.options))
    if isinstance(field, f.Reference):
        return standing_key(field.target)
    return [standing_key(field.target)] if isinstance(field, f.References) else by_type[field.type_name]


def example(model: type[Record]) -> dict[str, Any]:
    """One good record of the kind."""
    return EXAMPLES.get(model) or made(model)


# Records that examples refer to, beside the cast, in the order in which they may be written.
TARGETS = {
    x.target for k in KINDS for x in k.kind_fields().values() if isinstance(x, f.Reference | f.References)
}
STANDING: list[tuple[type[Record], str, dict[str, Any]]] = [
    (k, standing_key(k.about.name), example(k) | ({"number": "9001"} if k is m.FrameworkControl else {}))
    for k in KINDS
    if k.about.name in {*TARGETS, "incident"} - set(OF_THE_CAST)
]
STANDING.append((m.Component, "C-9002", example(m.Component)))


def needed(model: type[Record]) -> set[str]:
    """The kinds that an example of the kind refers to, and what those refer to."""
    found: set[str] = set()
    waiting = [model]
    while waiting:
        for field in waiting.pop().kind_fields().values():
            any_kind = {"risk", "incident"} if isinstance(field, f.AnyReference) else set()
            named = {field.target} if isinstance(field, f.Reference | f.References) else any_kind
            waiting += [kind_named(kind) for kind in named - found]
            found |= named
    return found


def write_standing(model: type[Record]) -> None:
    """What the example of a kind refers to."""
    kinds = needed(model)
    with act("standing", "operator:test") as doing:
        for other, key, values in STANDING:
            if other.about.name in kinds:
                doing.put(other, key, values)


def write_example(model: type[Record], key: str = "X-1") -> str:
    """The kind's example, kept; returns its key."""
    with act("example", "operator:test") as doing:
        doing.put(model, key, example(model))
    return key
