"""One good record of every kind, resting on the cast: what the battery over all kinds keeps and shows."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sekisho.records import models as m
from sekisho.records.record import Record
from sekisho.workflows.act import act

D = date
AT = datetime(2026, 11, 2, 3, 4, 5, tzinfo=UTC)
LATER = datetime(2026, 11, 3, 0, 0, tzinfo=UTC)

# Records that examples refer to, beside the cast.
STANDING: list[tuple[type[Record], str, dict[str, Any]]] = [
    (m.Risk, "R-9001", {"title": "鍵の漏えい", "system": "S-EXC", "category": "misuse"}),
    (m.Document, "D-9001", {"kind": "contingency_plan", "title": "緊急時計画", "version": "1"}),
    (m.Meeting, "M-9001", {"body": "board", "held_on": D(2026, 10, 1), "agenda": "定例"}),
    (
        m.Incident,
        "INC-9001",
        {"title": "約定遅延", "kind": "failure", "severity": "minor", "state": "open", "detected_at": AT},
    ),
]

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


def write_standing() -> None:
    """What the examples refer to."""
    with act("standing", "operator:test") as doing:
        for model, key, values in STANDING:
            doing.put(model, key, values)


def write_example(model: type[Record], key: str = "X-1") -> str:
    """The kind's example, kept; returns its key."""
    with act("example", "operator:test") as doing:
        doing.put(model, key, EXAMPLES[model])
    return key
