"""The roles that a person may be appointed to, and the groups of them that kinds name."""

ROLES: dict[str, tuple[str, str]] = {
    "representative_director": ("代表取締役", "Representative director"),
    "director_in_charge": ("担当取締役", "Director in charge"),
    "board_member": ("取締役", "Board member"),
    "chief_system_officer": ("システム統括管理責任者", "Chief system officer"),
    "system_manager": ("システム管理責任者", "System manager"),
    "risk_manager": ("リスク管理責任者", "Risk manager"),
    "csirt_lead": ("CSIRT責任者", "CSIRT lead"),
    "csirt_member": ("CSIRT要員", "CSIRT member"),
    "developer": ("開発担当", "Developer"),
    "operator": ("運用担当", "Operator"),
    "project_lead": ("開発責任者", "Project lead"),
    "vendor_owner": ("委託管理担当", "Vendor owner"),
    "internal_auditor": ("内部監査", "Internal auditor"),
    "administrator": ("管理者", "Administrator"),
}

BOARD = frozenset({"representative_director", "director_in_charge", "board_member"})
MANAGEMENT = BOARD | {"chief_system_officer"}
SECRETARIAT = frozenset({"chief_system_officer", "risk_manager", "administrator"})
RISK = frozenset({"chief_system_officer", "risk_manager"})
MANAGERS = frozenset({"chief_system_officer", "risk_manager", "system_manager"})
RESPONSE = MANAGERS | {"csirt_lead", "csirt_member", "operator", "representative_director"}
EVERYBODY_IN_CHARGE = (
    MANAGERS | MANAGEMENT | {"internal_auditor", "csirt_lead", "project_lead", "vendor_owner"}
)
AUDITORS = frozenset({"internal_auditor"})
OUTSOURCING = MANAGERS | {"vendor_owner"}
OPERATION = MANAGERS | {"operator"}
DEVELOPMENT = MANAGERS | {"project_lead", "developer"}
CYBERSECURITY = MANAGERS | {"csirt_lead", "csirt_member"}
# Who approves detection rules and addresses never blocked, and who may release a withdrawal that was held.
WATCH_APPROVERS = RISK | {"csirt_lead"}
RELEASERS = CYBERSECURITY
