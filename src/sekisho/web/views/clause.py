"""A clause: what it asks, how it stands and since when, why, on which records, and who must act."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sekisho.access.rights import role_names
from sekisho.findings.outcomes import CLAUSE, MEMBER, MET
from sekisho.findings.verdicts import Verdict
from sekisho.kernel.texts import Text
from sekisho.records.contents import is_kind, kind_named
from sekisho.records.facts import Facts
from sekisho.records.models import GrantedException
from sekisho.records.record import Record
from sekisho.rulebook.assess import ClauseState
from sekisho.rulebook.contents import article_of, checks_of, clause_named, clauses
from sekisho.rulebook.exceptions import granted, limits_on
from sekisho.rulebook.history import trend
from sekisho.rulebook.language import Check, Clause
from sekisho.rulebook.limits import all_limits
from sekisho.rulebook.limits.limit import Limit, Value
from sekisho.rulebook.words import Finding, findings_of, subject_names, tight, worded
from sekisho.web.kept import drawn
from sekisho.web.official import beside, edition_at
from sekisho.web.seen import assessment, facts, require_state, seen, then

FINDINGS_A_PAGE = 50
MET_SHOWN = 200
EVIDENCE_SHOWN = 50


@dataclass(frozen=True)
class AskedLimit:
    """A limit as it stands for the member: `value` in force, `default` with its source."""

    limit: Limit
    value: int
    default: Value
    departs: bool


@dataclass(frozen=True)
class Asked:
    """A check of the clause, as a reader sees it."""

    check: Check
    kinds: list[type[Record]]
    limits: list[AskedLimit]
    reasons: list[Text]


def clause(request: HttpRequest, citation: str) -> HttpResponse:
    require_state(request)
    asked = clause_named(citation)
    context = {
        "clause": asked,
        "article": article_of(asked),
        "neighbours": _neighbours(citation),
        "shown": drawn(request, "parts/clause_state.html", lambda: _shown(request, asked)),
    }
    return render(request, "clause.html", context)


def _shown(request: HttpRequest, asked: Clause) -> dict[str, Any]:
    citation = asked.citation
    state = assessment(request)[citation]
    exceptions = _exceptions(request, state)
    context: dict[str, Any] = {
        "clause": asked,
        "state": state,
        "since": standing_since(state),
        "checks": [_asked(c, facts(request), seen(request).on) for c in _checks(asked)],
        "page": _findings(request, state, exceptions),
        "parts": [assessment(request)[item] for item in asked.items],
        "above": [assessment(request)[c.citation] for c in clauses() if citation in (*c.items,)],
        "together": [assessment(request)[c] for c in _together(asked)],
        "met": _met(request, state),
        "exceptions": exceptions,
        "evidence": _evidence(state) if seen(request).known_at is None else [],
        "official": beside(citation, seen(request)),
        "imported": edition_at(seen(request)) is not None,
        "last_lines": _last_lines(asked, facts(request)),
    }
    return context | _responsible(request, state, asked)


def clause_trend(request: HttpRequest, citation: str) -> HttpResponse:
    """A fragment: the verdicts of past months' ends, some of them at each call until all are worked out."""
    require_state(request)
    asked = clause_named(citation)
    points = trend(citation, seen(request).on)
    now = assessment(request)[citation].verdict
    return render(
        request,
        "parts/clause_trend.html",
        {
            "clause": asked,
            "points": points,
            "now": now,
            "on": seen(request).on,
            "waiting": sum(not p.ready for p in points),
        },
    )


def standing_since(state: ClauseState) -> date | None:
    """Since when the clause has been as it is: the oldest day of a finding that stands; None where none tells."""
    if state.verdict is not Verdict.FALLS_SHORT:
        return None
    standing = state.outcomes.filter(~pl.col("excepted"), pl.col("outcome") == "falls_short")
    return standing["since"].min()  # type: ignore[return-value]


# --- what it asks ---------------------------------------------------------------------------------------------------


def _checks(clause: Clause) -> list[Check]:
    """The clause's own checks, or those of the clause that it is read with."""
    return checks_of(clause.read_with or clause.citation)


def _kinds_read(clause: Clause) -> list[type[Record]]:
    """The kinds that the clause is judged by, its items' included, each once."""
    judged_by = [*_checks(clause), *(c for item in clause.items for c in checks_of(item))]
    return list(dict.fromkeys(kind for check in judged_by for kind in check.reads))


def _asked(check: Check, known: Facts, on: date) -> Asked:
    standing = limits_on(known, on)
    limits = [
        AskedLimit(limit, standing.value(name), limit.on(on), name in standing.tolerances)
        for name in check.limits
        if (limit := all_limits()[name])
    ]
    kinds = list(check.reads)
    labels = {k.about.name: Text(f"〔{k.about.ja}〕", f"[{k.about.en}]") for k in kinds}
    labels[CLAUSE] = Text("〔条項〕", "[Clause]")
    return Asked(check, kinds, limits, [_readable(tight(words), labels) for words in check.reasons.values()])


def _readable(words: Text, labels: dict[str, Text]) -> Text:
    """A reason with its fields still open: a record's by the name of its kind, any other as 〔…〕."""
    blank = Text("〔…〕", "[...]")

    class Open(dict[str, object]):
        def __missing__(self, key: str) -> object:
            return blank.ja if self is ja else blank.en

    ja: Open = Open({k: v.ja for k, v in labels.items()})
    en: Open = Open({k: v.en for k, v in labels.items()})
    return Text(words.ja.format_map(ja), words.en.format_map(en))


def _together(clause: Clause) -> list[str]:
    """The clauses that share this one's verdict: the one it is read with, and those read with it."""
    read_with = [clause.read_with] if clause.read_with else []
    return read_with + [c.citation for c in clauses() if c.read_with == clause.citation]


def _neighbours(citation: str) -> tuple[str | None, str | None]:
    order = [c.citation for c in clauses()]
    at = order.index(citation)
    return (order[at - 1] if at else None, order[at + 1] if at + 1 < len(order) else None)


# --- how it stands --------------------------------------------------------------------------------------------------


def _findings(
    request: HttpRequest, state: ClauseState, exceptions: list[dict[str, Any]]
) -> Page[tuple[Finding, dict[str, Any] | None]]:
    """One page of the findings, each with the departure that covers it; only the page's rows are put into words."""
    rows = state.findings.sort("excepted", maintain_order=True)  # what stands first
    numbers = Paginator(range(len(rows)), FINDINGS_A_PAGE).get_page(request.GET.get("page"))
    first = numbers.start_index() - 1 if len(rows) else 0
    page: Page[Any] = numbers
    by_key = {row["key"]: row for row in exceptions}
    found = findings_of(state, seen(request), rows.slice(first, FINDINGS_A_PAGE))
    page.object_list = [(finding, by_key.get(finding.exception or "")) for finding in found]
    return page


def _met(request: HttpRequest, state: ClauseState) -> dict[str, Any]:
    """How many subjects are met, and the first of them by name."""
    rows = (
        state.outcomes.filter(pl.col("outcome") == MET).select("kind", "subject").unique(maintain_order=True)
    )
    first = list(rows.head(MET_SHOWN).iter_rows())
    names = subject_names((f"{k}:{s}" for k, s in first if k != MEMBER), then(request)) if first else {}
    shown = [(f"{k}:{s}", names.get(f"{k}:{s}", Text(s, s)), k == MEMBER) for k, s in first]
    return {"count": len(rows), "shown": shown, "more": len(rows) - len(first)}


def _exceptions(request: HttpRequest, state: ClauseState) -> list[dict[str, Any]]:
    """The departures on record for the clause or one of its parts, and whatever else covers one of its findings.

    `counts`: it stands, approved.
    """
    asked = pl.col("clause").is_in([state.clause.citation, *state.clause.items])
    covering = pl.col("key").is_in(state.outcomes["exception"].drop_nulls().unique().to_list())
    rows = facts(request).frame(GrantedException).filter(asked | covering).sort("from_on", "key")
    standing = set(granted(facts(request), seen(request).on)["key"].to_list())
    names = subject_names((r for r in rows["subject"].to_list() if r), then(request)) if len(rows) else {}
    return [
        row
        | {
            "reference": f"exception:{row['key']}",
            "word": GrantedException.kind_fields()["kind"].label_of(row["kind"]),
            "counts": row["key"] in standing,
            "subject_text": names.get(row["subject"] or ""),
        }
        for row in rows.iter_rows(named=True)
    ]


def _evidence(state: ClauseState) -> list[tuple[str, Record, dict[str, Any]]]:
    """Files that are kept with the clause's subjects: (kind:key, record, file)."""
    found = []
    subjects = state.outcomes.filter(pl.col("kind") != MEMBER).group_by("kind").agg("subject")
    for kind, keys in subjects.sort("kind").iter_rows():
        if not is_kind(kind):
            continue  # a clause is no record and keeps no files
        rows = kind_named(kind).objects.filter(pk__in=keys[:1000]).exclude(evidence=None).order_by("key")
        found += [(r.reference, r, file) for r in rows[:EVIDENCE_SHOWN] for file in r.evidence or []]
    return found[:EVIDENCE_SHOWN]


def _responsible(request: HttpRequest, state: ClauseState, clause: Clause) -> dict[str, Any]:
    """Who must act on the findings, most first; and the roles that keep the records that are asked."""
    standing = state.findings.filter(~pl.col("excepted"), pl.col("who").is_not_null())
    numbers = Counter(standing["who"].to_list())
    one_each = standing.unique("who", keep="first", maintain_order=True)
    people = {
        f.who: f.someone
        for f in worded({state.clause.citation: one_each}, seen(request))[state.clause.citation]
    }
    writers = frozenset(role for kind in _kinds_read(clause) for role in kind.about.writers)
    return {
        "actors": [(people[who], number) for who, number in numbers.most_common()],
        "keepers": role_names(writers) if writers else None,
    }


def _last_lines(clause: Clause, known: Facts) -> list[tuple[type[Record], int]]:
    """The kinds that the clause's checks read, each with the ledger line of its last change."""
    places = [(kind, known.changed_at.get(kind.about.name, -1)) for kind in _kinds_read(clause)]
    return sorted(((k, at) for k, at in places if at >= 0), key=lambda pair: -pair[1])
