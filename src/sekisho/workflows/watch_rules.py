"""Which detection rules are in force: the newest approved set whose time has come, else the one that ships.

What is written without approval (a file taken in by the operator) is never in force: an approval of just that version
must stand. A set that no longer compiles, after the language changed, is passed over and said.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import structlog

from sekisho.kernel import clock
from sekisho.records.models import Approval, WatchRules
from sekisho.watch.contents import shipped
from sekisho.watch.language import BadRules, compile_rules
from sekisho.watch.program import Program, Rule

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class InForce:
    """The program in force, and the record that it comes from (None: it ships with the product)."""

    program: Program
    record: str | None
    version: int


def in_force() -> InForce:
    """What is in force now, with where it comes from."""
    newest = WatchRules.objects.filter(in_force_at__lte=clock.now()).order_by("-in_force_at", "-key")
    for record in newest:
        if not _approved(record):
            continue
        try:
            return InForce(_compiled(record.rules, record.key), record.key, record.ver)
        except BadRules as bad:
            _log.error("watch_rules_do_not_compile", record=record.key, why=bad.text.en)
    return InForce(shipped(), None, 0)


def rules_in_force() -> Program:
    """The newest approved rule set in force, else the shipped one."""
    return in_force().program


def rules_by_name(program: Program) -> dict[str, Rule]:
    """The rules of a program by their names."""
    return {rule.name: rule for rule in program.rules}


def keys_of(program: Program) -> dict[str, tuple[str, ...]]:
    """The fields that each rule counts by; empty for a rule on one event alone."""
    first = len(program.conditions)
    return {r.name: program.steps[r.number - first].key if r.number >= first else () for r in program.rules}


def _approved(record: WatchRules) -> bool:
    return Approval.objects.filter(subject=record.reference, step="approved", subject_ver=record.ver).exists()


@lru_cache(maxsize=8)
def _compiled(text: str, name: str) -> Program:
    return compile_rules(text, name)
