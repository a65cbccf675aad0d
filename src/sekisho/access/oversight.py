"""Which lines of the ledger an actor may see: of kinds that one may read; of accounts and tokens, oversight alone."""

from __future__ import annotations

from sekisho.access.rights import Actor, may_read
from sekisho.records.contents import is_kind, kind_named

OVERSIGHT = frozenset(
    {"representative_director", "chief_system_officer", "risk_manager", "internal_auditor", "administrator"}
)
ABOUT_ACCESS = frozenset({"account", "token", "erasure"})  # they tell of people's means of sign-in


def may_see_line(actor: Actor, kind: str) -> bool:
    """Whether the actor may see a line of this kind: of a record, or of what is none (an act, evidence, an account)."""
    if is_kind(kind):
        return may_read(actor, kind_named(kind))
    if actor.operator or kind not in ABOUT_ACCESS:
        return actor.operator or (actor.works_here and actor.reads is None)
    return actor.holds(OVERSIGHT) and actor.reads is None
