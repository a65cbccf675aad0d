"""Words about who was entitled: approvals, who holds an office, the documents in force and who approved them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from sekisho.records.facts import Facts
from sekisho.records.models import Appointment, Approval, Document, Person
from sekisho.records.record import Record
from sekisho.rulebook.language.records import active, day_after, day_of

NOT_ASKED: frozenset[str] = frozenset()  # as approvers: whether anybody approved it is not asked


def approvals(facts: Facts, kind: type[Record], roles: frozenset[str], on: date) -> pl.LazyFrame:
    """The standing approvals of records of a kind by an entitled person, newest decision per record.

    Columns: key (the record's), approved_on (Date), decided_by. A decision counts where the one who decided held one
    of the roles on that day and is not the one who asked. A check that asks this reads Approval, Appointment, Person.
    """
    decided = facts[Approval].filter(pl.col("step") == "approved", pl.col("decided_by") != pl.col("asked_by"))
    decided = decided.with_columns(approved_on=day_of("at")).filter(
        pl.col("approved_on") <= on, pl.col("subject").str.starts_with(f"{kind.about.name}:")
    )
    return (
        by_holder(decided, "decided_by", "approved_on", holders(facts, *roles))
        .sort("at", "key")
        .with_columns(key=pl.col("subject").str.slice(len(kind.about.name) + 1))
        .group_by("key")
        .agg(pl.col("approved_on").last(), pl.col("decided_by").last())
    )


def holders(facts: Facts, *roles: str) -> pl.LazyFrame:
    """The appointments to these roles, each over with the person's last day at the member at the latest.

    Columns of Appointment. A check that asks this reads Appointment and Person.
    """
    people = facts[Person].select(person="key", left_on="left_on")
    return (
        facts[Appointment]
        .filter(pl.col("role").is_in(sorted(roles)))
        .join(people, on="person", how="left")
        .with_columns(until_on=pl.min_horizontal("until_on", "left_on"))
        .drop("left_on")
    )


def by_holder(rows: pl.LazyFrame, person: str, day: str, held: pl.LazyFrame) -> pl.LazyFrame:
    """The rows (by `key`) whose person held one of the offices in `held` on the row's day."""
    terms = held.select("person", _from="since_on", _until="until_on")
    matched = rows.join(terms, left_on=person, right_on="person").filter(
        pl.col("_from") <= pl.col(day), pl.col("_until").is_null() | (pl.col("_until") >= pl.col(day))
    )
    return rows.join(matched.select("key"), on="key", how="semi")


def in_force(
    facts: Facts, kinds: str | Sequence[str], on: date, approvers: frozenset[str] | None = None
) -> pl.LazyFrame:
    """The documents of a kind, or of several, that are in force on the day, each with its newest approval.

    Columns of Document; approved_on and decided_by (null where nobody entitled approved it). `approvers`: the roles
    whose approval counts, else those that the kind of document asks for. A check that asks this reads Document,
    Approval, Appointment, Person; with NOT_ASKED Document alone.
    """
    standing = active(facts[Document], on, "in_force_on", "until_on")
    nobody = (
        pl.lit(None, dtype=pl.Date).alias("approved_on"),
        pl.lit(None, dtype=pl.String).alias("decided_by"),
    )
    frames = []
    for kind in (kinds,) if isinstance(kinds, str) else kinds:
        mine = standing.filter(pl.col("kind") == kind)
        roles = Document.about.approvers({"kind": kind}) if approvers is None else approvers
        approved = approvals(facts, Document, roles, on) if roles else None
        frames.append(
            mine.with_columns(nobody) if approved is None else mine.join(approved, on="key", how="left")
        )
    return pl.concat(frames)


def one_in_force(
    facts: Facts, kinds: str | Sequence[str], on: date, approvers: frozenset[str] | None = None
) -> pl.LazyFrame:
    """For each kind asked, in that order, exactly one row: the document in force, nulls where none is.

    Columns: kind, document (key), the others of `in_force`, and ended: the first day after the last one that is no
    longer in force. Of several in force an approved one goes before one that is not, then the newest.
    """
    asked = pl.LazyFrame({"kind": [kinds] if isinstance(kinds, str) else list(kinds)})
    newest = (
        in_force(facts, kinds, on, approvers)
        .rename({"key": "document"})
        .sort(pl.col("approved_on").is_not_null(), "in_force_on", "document")
        .group_by("kind")
        .agg(pl.all().last())
    )
    over = facts[Document].filter(pl.col("until_on") < on).group_by("kind")
    ended = over.agg(ended=day_after(pl.col("until_on").max()))
    for more in (newest, ended):
        asked = asked.join(more, on="kind", how="left", maintain_order="left")
    return asked


def reached(systems: pl.LazyFrame, documents: pl.LazyFrame) -> pl.LazyFrame:
    """The systems with `reached` (Boolean): whether one of the documents applies to all systems, or names this one."""
    every = documents.select(_all=pl.col("all_systems").fill_null(False).any())
    named = documents.select(key="systems").explode("key").unique().with_columns(reached=pl.lit(True))
    return (
        systems.join(named, on="key", how="left")
        .join(every, how="cross")
        .with_columns(reached=pl.col("reached").fill_null(False) | pl.col("_all").fill_null(False))
        .drop("_all")
    )
