"""Every kind of record, in the order in which a file of all kinds is read."""

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
from sekisho.records.models.organisation import Appointment, MemberProfile, Person, System, Unit
from sekisho.records.models.policy import Acknowledgement, Budget, ContingencyDuty, Document, Drill, Goal
from sekisho.records.models.risk import GrantedException, Risk, Tolerance, Treatment

__all__ = [
    "Acknowledgement",
    "Action",
    "Appointment",
    "Approval",
    "Assessment",
    "Budget",
    "ContingencyDuty",
    "Document",
    "Drill",
    "Equipment",
    "Goal",
    "GrantedException",
    "Incident",
    "IndustryCase",
    "InformationFlow",
    "Instruction",
    "Meeting",
    "MemberProfile",
    "MonitoringRound",
    "Notice",
    "Person",
    "Resolution",
    "Review",
    "Risk",
    "ServiceChange",
    "StatusReport",
    "System",
    "Tolerance",
    "Treatment",
    "Unit",
]
