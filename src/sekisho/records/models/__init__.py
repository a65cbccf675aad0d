"""Every kind of record, in the order in which a file of all kinds is read."""

from sekisho.records.models.audit import Audit, AuditFinding
from sekisho.records.models.component import Component, Licence, Reconciliation, Relation
from sekisho.records.models.cybersecurity import (
    Alert,
    Contact,
    IntelligenceItem,
    IntelligenceSource,
    RosterShift,
    Skill,
    SkillLevel,
    SkillNeed,
    Training,
    WatchSource,
)
from sekisho.records.models.defence import (
    AuthenticationMethod,
    Channel,
    ControlScore,
    Custody,
    Framework,
    FrameworkControl,
    FraudMeasure,
    ResponseMeasure,
    Safeguard,
    SecurityTest,
    TransactionType,
    UserNotice,
    Vulnerability,
    VulnerabilityScan,
)
from sekisho.records.models.development import (
    Interface,
    Investment,
    KeptDocument,
    Milestone,
    Project,
    StageGate,
    ThirdPartyEvaluation,
)
from sekisho.records.models.governance import (
    Action,
    Approval,
    Assessment,
    Equipment,
    IndustryCase,
    InformationFlow,
    Instruction,
    Meeting,
    MonitoringRound,
    Resolution,
    Review,
    ServiceChange,
    StatusReport,
)
from sekisho.records.models.incident import Incident, Notice
from sekisho.records.models.operation import Maintenance, Measurement, Monitor, OperationAnalysis
from sekisho.records.models.organisation import Appointment, MemberProfile, Person, System, Unit
from sekisho.records.models.outsourcing import (
    AssuranceReport,
    CloudPoint,
    CloudService,
    Contract,
    DataHolding,
    Location,
    OutsourcedService,
    Subcontract,
    Vendor,
    VendorEvaluation,
)
from sekisho.records.models.policy import Acknowledgement, Budget, ContingencyDuty, Document, Drill, Goal
from sekisho.records.models.release import (
    Deployment,
    DesignReview,
    Instability,
    Judgement,
    Release,
    TestPlan,
    TestResult,
)
from sekisho.records.models.risk import GrantedException, Risk, Tolerance, Treatment
from sekisho.records.models.watch import AllowedAddress, BlockList, HeldWithdrawal, WatchRules
