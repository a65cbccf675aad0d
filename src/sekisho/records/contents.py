"""The ordered list of kinds: a file with all kinds is read, and its references resolved, in this order."""

from sekisho.kernel.errors import NotFound
from sekisho.kernel.texts import Text
from sekisho.records import models as m
from sekisho.records.record import Record

KINDS: tuple[type[Record], ...] = (
    m.MemberProfile,
    m.Unit,
    m.Person,
    m.Vendor,
    m.System,
    m.Appointment,
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
    m.Framework,
    m.Assessment,
    m.MonitoringRound,
    m.Incident,
    m.Notice,
    m.VendorEvaluation,
    m.Contract,
    m.OutsourcedService,
    m.Subcontract,
    m.Location,
    m.CloudService,
    m.CloudPoint,
    m.DataHolding,
    m.AssuranceReport,
    m.Monitor,
    m.Measurement,
    m.OperationAnalysis,
    m.Maintenance,
    m.Component,
    m.Relation,
    m.Licence,
    m.Reconciliation,
    m.WatchSource,
    m.Alert,
    m.WatchRules,
    m.AllowedAddress,
    m.BlockList,
    m.HeldWithdrawal,
    m.Contact,
    m.RosterShift,
    m.IntelligenceSource,
    m.IntelligenceItem,
    m.Skill,
    m.SkillNeed,
    m.SkillLevel,
    m.Training,
    m.Safeguard,
    m.ResponseMeasure,
    m.Custody,
    m.Vulnerability,
    m.VulnerabilityScan,
    m.SecurityTest,
    m.FrameworkControl,
    m.ControlScore,
    m.AuthenticationMethod,
    m.Channel,
    m.TransactionType,
    m.FraudMeasure,
    m.UserNotice,
    m.Project,
    m.Risk,
    m.Treatment,
    m.Investment,
    m.StageGate,
    m.Milestone,
    m.Interface,
    m.ThirdPartyEvaluation,
    m.KeptDocument,
    m.Release,
    m.TestPlan,
    m.TestResult,
    m.Judgement,
    m.Deployment,
    m.DesignReview,
    m.Instability,
    m.Audit,
    m.AuditFinding,
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
    "cybersecurity": Text("サイバーセキュリティ", "Cybersecurity"),
    "development": Text("企画・開発", "Planning and development"),
    "quality": Text("品質・リリース", "Quality and releases"),
    "operation": Text("運用・監視", "Operation"),
    "audit": Text("監査", "Audit"),
    "outsourcing": Text("外部委託・クラウド", "Outsourcing and cloud"),
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
