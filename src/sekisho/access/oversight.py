"""Which ledger lines an actor may see: of kinds that one may read; of accounts and tokens, for oversight alone."""

from __future__ import annotations

from sekisho.access.rights import Actor, may_read
from sekisho.records.contents import KINDS, is_kind

OVERSIGHT = frozenset(
    {"representative_director", "chief_system_officer", "risk_manager", "internal_auditor", "administrator"}
)
ABOUT_ACCESS = frozenset({"account", "token", "erasure"})  # they tell of people's means of sign-in


def hidden_kinds(actor: Actor) -> frozenset[str]:
    """The kinds of lines that whoever works here may not see."""
    unread = frozenset(m.about.name for m in KINDS if not may_read(actor, m))
    overseen = actor.operator or actor.holds(OVERSIGHT)
    return unread if overseen else unread | ABOUT_ACCESS


def may_see_line(actor: Actor, kind: str) -> bool:
    """Whether the actor may see a line of this kind. What is no record's (an act, evidence, an account) is for staff,
    and for no token that names its kinds."""
    staff = actor.operator or (actor.works_here and actor.reads is None)
    return kind not in hidden_kinds(actor) and (is_kind(kind) or staff)
