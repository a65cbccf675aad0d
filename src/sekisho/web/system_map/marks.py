"""What is found about systems: by themselves, and about the records that belong to one."""

from __future__ import annotations

from functools import lru_cache

import polars as pl
from django.http import HttpRequest

from sekisho.findings.verdicts import Duty
from sekisho.records.contents import KINDS, is_kind, kind_named
from sekisho.records.facts import Facts
from sekisho.records.fields import Reference
from sekisho.records.models import System
from sekisho.rulebook.assess import OUTCOMES
from sekisho.web.seen import assessment, facts

SYSTEM = System.about.name
FOUND = OUTCOMES | {"clause": pl.String, "grave": pl.Boolean, "node": pl.String}


def found_about_systems(request: HttpRequest) -> pl.DataFrame:
    """What is found about systems, of every clause: OUTCOMES with clause, grave (no mere endeavour) and node.

    A finding about a component, a licence, a maintenance, a monitor and so on stands at the system that it belongs to.
    """
    frames = [
        state.own_findings.with_columns(
            clause=pl.lit(state.clause.citation),
            grave=pl.lit(state.clause.duty not in (Duty.SHOULD, Duty.MAY)),
        )
        for state in assessment(request).states.values()
        if not state.clause.read_with
    ]
    rows = pl.concat([pl.DataFrame(schema=FOUND).drop("node"), *frames])
    own = rows.filter(pl.col("kind") == SYSTEM).with_columns(node=f"{SYSTEM}:" + pl.col("subject"))
    known = facts(request)
    ways = [
        _through(known, rows, kind)
        for kind in rows["kind"].unique()
        if is_kind(kind) and _way_to_system(kind)
    ]
    return pl.concat([own, *ways])


def _through(known: Facts, rows: pl.DataFrame, kind: str) -> pl.DataFrame:
    mine = rows.filter(pl.col("kind") == kind)
    column, *between = _way_to_system(kind)
    whose = known.frame(kind_named(kind)).select(subject="key", at=column)
    for other, field in zip(between[::2], between[1::2], strict=True):
        step = known.frame(kind_named(other)).select(at="key", next=field)
        whose = whose.join(step, on="at").select("subject", at="next")
    told = whose.drop_nulls("at").select("subject", node=f"{SYSTEM}:" + pl.col("at"))
    return mine.join(told, on="subject", maintain_order="left")


@lru_cache(maxsize=256)
def _way_to_system(kind: str) -> tuple[str, ...]:
    """The field by which a kind's record belongs to a system; else the field, kind and field of a way round one other.

    Empty where there is none: ('system',) of a component, ('component', 'component', 'system') of a licence.
    """
    if (field := _own_system(kind)) or kind == SYSTEM:
        return (field,) if field else ()
    for name, reference in kind_named(kind).kind_fields().items():
        if isinstance(reference, Reference) and (field := _own_system(reference.target)):
            return (name, reference.target, field)
    return ()


def _own_system(kind: str) -> str:
    if kind not in {model.about.name for model in KINDS}:
        return ""
    fields = kind_named(kind).kind_fields()
    return next((n for n, f in fields.items() if isinstance(f, Reference) and f.target == SYSTEM), "")
