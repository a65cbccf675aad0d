"""The ordered list of kinds: a file with all kinds is read, and its references resolved, in this order."""

from sekisho.kernel.errors import NotFound
from sekisho.kernel.texts import Text
from sekisho.records import models as m
from sekisho.records.record import Record

KINDS: tuple[type[Record], ...] = (
    m.MemberProfile,
    m.Unit,
    m.Person,
    m.System,
    m.Appointment,
    m.Risk,
    m.Treatment,
    m.Document,
    m.Acknowledgement,
    m.Goal,
    m.Budget,
    m.ContingencyDuty,
    m.Drill,
    m.Review,
    m.Meeting,
    m.Resolution,
    m.StatusReport,
    m.Equipment,
    m.InformationFlow,
    m.Instruction,
    m.ServiceChange,
    m.IndustryCase,
    m.Assessment,
    m.MonitoringRound,
    m.Incident,
    m.Notice,
    m.Action,
    m.GrantedException,
    m.Tolerance,
    m.Approval,
)
DOMAINS: dict[str, Text] = {
    "organisation": Text("組織", "Organisation"),
    "risk": Text("リスク", "Risk"),
    "policy": Text("方針・計画", "Policy and plans"),
    "governance": Text("管理活動", "Governance"),
    "incident": Text("インシデント", "Incidents"),
}
_BY_NAME = {model.about.name: model for model in KINDS}


def kind_named(name: str) -> type[Record]:
    """The kind's model. Raises NotFound for an unknown name."""
    try:
        return _BY_NAME[name]
    except KeyError:
        raise NotFound(what=Text(f"記録の種類「{name}」", f"The kind of record '{name}'")) from None


def is_kind(name: str) -> bool:
    return name in _BY_NAME


def record_tables() -> list[tuple[str, str]]:
    """(table, kind) of every kind: what the guards stand on."""
    return [(model._meta.db_table, model.about.name) for model in KINDS]
