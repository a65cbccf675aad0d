"""Findings in words: a check's reason filled with the names of the records that it speaks of, and who must act.

Outcomes hold codes and keys, which never change; the words are made when somebody reads them. However many findings,
the names of all records that they speak of are asked for in one query (`records.register.titles`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from sekisho.findings.outcomes import CLAUSE, FALLS_SHORT, MEMBER, MET
from sekisho.kernel.calendar import instant_in_words, short_day
from sekisho.kernel.clock import JAPAN
from sekisho.kernel.texts import Text
from sekisho.records.contents import is_kind, kind_named
from sekisho.records.facts import Facts, Snapshot, facts_of
from sekisho.records.models.cybersecurity import SEVERITIES
from sekisho.records.models.defence import KILL_CHAIN, LAYERS, RISK_RATINGS
from sekisho.records.register import titles
from sekisho.records.roles import ROLES
from sekisho.rulebook import citations
from sekisho.rulebook.assess import Assessment, ClauseState
from sekisho.rulebook.language import CHECKS, CLAUSES, COMMON_REASONS, Check, holders
from sekisho.rulebook.limits import all_limits

NAMED_OTHERWISE = {"policy": "document", "director": "person", "owner": "person", "confirmed_by": "person"}
_CODES = {  # values that are codes, by the name of the value
    "role": ROLES, "layer": LAYERS, "step": KILL_CHAIN, "severity": SEVERITIES, "rating": RISK_RATINGS,
}  # fmt: skip
MEMBER_WORD = Text("会員全体", "The member as a whole")
VACANT = Text("{role}（不在）", "{role} (vacant)")
_GAP = re.compile(r"(?<=[^\x00-\x7f]) (?=\{)|(?<=\}) (?=[^\x00-\x7f])")
_AT_ONCE = 5_000  # names asked for in one query; a database takes so many keys at a time


@dataclass(frozen=True)
class Someone:
    """Who must act: the words, and the people that they mean on the day (key, name); none: it is vacant."""

    code: str
    text: Text
    people: tuple[tuple[str, Text], ...] = ()


@dataclass(frozen=True)
class Finding:
    """One subject of one check that is not met, ready to be read. `data` as the check gave it."""

    clause: str
    check: str
    kind: str
    subject: str
    subject_text: Text
    outcome: str
    reason: str
    data: dict[str, str | None]
    text: Text
    since: date | None
    due: date | None
    who: str | None
    someone: Someone | None
    excepted: bool
    exception: str | None

    @property
    def reference(self) -> str:
        """The subject as kind:key; '' for the member as a whole."""
        return "" if self.kind == MEMBER else f"{self.kind}:{self.subject}"

    @property
    def falls_short(self) -> bool:
        return self.outcome == FALLS_SHORT


def findings_of(state: ClauseState, seen: Snapshot, rows: pl.DataFrame | None = None) -> list[Finding]:
    """A clause's findings in words, oldest first; `rows`: only these of `state.findings`, such as one page of them."""
    return worded({state.clause.citation: state.findings if rows is None else rows}, seen)[
        state.clause.citation
    ]


def all_findings(assessment: Assessment) -> dict[str, list[Finding]]:
    """The findings of every clause, by citation."""
    return worded({c: s.findings for c, s in assessment.states.items()}, assessment.snapshot)


def worded(frames: Mapping[str, pl.DataFrame], seen: Snapshot) -> dict[str, list[Finding]]:
    """Frames of outcomes (assess.OUTCOMES) by citation, each row in words. Rows that are met are left out."""
    rows = {c: list(_unmet(frame)) for c, frame in frames.items()}
    every = [row for found in rows.values() for row in found]
    facts = facts_of(seen)
    offices = _Offices(facts, seen.on, {row["who"] for row in every if row["who"]})
    names = subject_names([*_spoken_of(every), *offices.references()], facts if seen.known_at else None)
    return {
        citation: [_finding(citation, row, names, offices) for row in found]
        for citation, found in rows.items()
    }


def told_in(row: Mapping[str, Any]) -> dict[str, str | None]:
    """What a reason's words are filled with: the check's data, and the days of the outcome."""
    days = {n: row[n].isoformat() for n in ("since", "due") if row[n] is not None}
    return days | json.loads(row["data"] or "{}")


# --- rows ---------------------------------------------------------------------------------------------------------


def _unmet(frame: pl.DataFrame) -> Iterator[dict[str, Any]]:
    for row in frame.filter(pl.col("outcome") != MET).iter_rows(named=True):
        yield row | {"told": told_in(row)}


def _finding(citation: str, row: dict[str, Any], names: dict[str, Text], offices: _Offices) -> Finding:
    return Finding(
        clause=citation,
        check=row["check"],
        kind=row["kind"],
        subject=row["subject"],
        subject_text=_subject(row, names),
        outcome=row["outcome"],
        reason=row["reason"],
        data=json.loads(row["data"] or "{}"),
        text=_sentence(citation, row, names),
        since=row["since"],
        due=row["due"],
        who=row["who"],
        someone=offices.someone(row["who"], names) if row["who"] else None,
        excepted=row.get("excepted", False),
        exception=row.get("exception"),
    )


def _subject(row: dict[str, Any], names: dict[str, Text]) -> Text:
    if row["kind"] == MEMBER:
        return MEMBER_WORD
    return names.get(f"{row['kind']}:{row['subject']}", Text(row["subject"], row["subject"]))


def _sentence(citation: str, row: dict[str, Any], names: dict[str, Text]) -> Text:
    words = reason_words(citation, row["check"], row["reason"])
    return tight(words).format(**{n: _value(n, v, names) for n, v in row["told"].items()})


def tight(words: Text) -> Text:
    """The words without the spaces that their Japanese has round a field: names come in brackets of their own."""
    return Text(_GAP.sub("", words.ja), words.en)


def reason_words(citation: str, check: str, reason: str) -> Text:
    """The words of a reason, not yet filled; the code itself where a check that is gone gave it."""
    if reason in COMMON_REASONS:
        return COMMON_REASONS[reason]
    for asked in _checks_named(check, citation):
        if reason in asked.reasons:
            return asked.reasons[reason]
    return Text(reason, reason)


def _checks_named(name: str, citation: str) -> Iterator[Check]:
    """The checks of that name: the clause's own, then those of its items and of the clause that it is read with."""
    yield from (c for c in CHECKS.get(citation, []) if c.name == name)
    clause = CLAUSES.get(citation)
    for part in (*clause.items, *filter(None, [clause.read_with])) if clause else ():
        yield from _checks_named(name, part)


# --- values in a sentence -----------------------------------------------------------------------------------------


def _kind_of(name: str) -> str:
    """The kind that a value's name stands for; '' where it is no record's."""
    kind = NAMED_OTHERWISE.get(name, name)
    return kind if is_kind(kind) else ""


def _spoken_of(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Every record that the rows speak of, as kind:key."""
    for row in rows:
        if row["kind"] != MEMBER:
            yield f"{row['kind']}:{row['subject']}"
        for name, value in row["told"].items():
            if value and (kind := _kind_of(name)):
                yield f"{kind}:{value}"


def _value(name: str, value: str | None, names: dict[str, Text]) -> object:
    if value is None:
        return Text("（記録なし）", "(not recorded)")
    if kind := _kind_of(name):
        return _with_key(names.get(f"{kind}:{value}"), value)
    if name == CLAUSE:
        return citations.in_words(value)
    if name == "limit" and value in all_limits():
        return all_limits()[value].text
    if name == "kinds":
        return _labels(value)
    if value in (words := _CODES.get(name, {})):
        return Text(*words[value])
    return _day(value)


def _with_key(title: Text | None, key: str) -> Text:
    """「取引所」（S-EXC） / Exchange (S-EXC); the key alone where there is no title."""
    if title is None or title.ja == key:
        return Text(key, key)
    return Text(f"「{title.ja}」（{key}）", f"{title.en} ({key})")


def _labels(kinds: str) -> Text:
    labels = [kind_named(k).about.label for k in kinds.split(", ") if is_kind(k)]
    return Text("、".join(t.ja for t in labels), ", ".join(t.en for t in labels))


def _day(value: str) -> object:
    """A day, or a minute in Japan's time, as people write it; any other text as it is."""
    try:
        if len(value) == len("2026-11-23"):
            return short_day(date.fromisoformat(value))
        if len(value) == len("2026-11-23 18:05"):
            return instant_in_words(datetime.strptime(value, "%Y-%m-%d %H:%M").replace(tzinfo=JAPAN))
    except ValueError:
        return value
    return value


def subject_names(references: Iterable[str], then: Facts | None) -> dict[str, Text]:
    """The titles of subjects: of records (`kind:key`) as they stand, or as they were then, and of clauses."""
    wanted = list(dict.fromkeys(references))
    found = {reference: words for reference in wanted if (words := citations.named(reference))}
    for start in range(0, len(wanted), _AT_ONCE):
        found |= titles(wanted[start : start + _AT_ONCE], then)
    return found


# --- who must act -------------------------------------------------------------------------------------------------


class _Offices:
    """Who holds which office on a day, from the appointments."""

    def __init__(self, facts: Facts, on: date, codes: set[str]) -> None:
        self.codes = codes
        roles = {_office(code)[0] for code in codes if code.startswith("role:")}
        self.held: dict[str, list[tuple[str | None, str]]] = {}
        if roles:
            for row in _standing(facts, on, roles).iter_rows(named=True):
                self.held.setdefault(row["role"], []).append((row["unit"], row["person"]))

    def people(self, code: str) -> list[str]:
        """The keys of the people whom a code means."""
        if code.startswith("person:"):
            return [code.removeprefix("person:")]
        role, unit = _office(code)
        held = self.held.get(role, [])
        return list(dict.fromkeys(person for of, person in held if unit is None or of == unit))

    def references(self) -> Iterator[str]:
        for code in self.codes:
            yield from (f"person:{key}" for key in self.people(code))
            if (unit := _office(code)[1]) is not None:
                yield f"unit:{unit}"

    def someone(self, code: str, names: dict[str, Text]) -> Someone:
        people = tuple((key, names.get(f"person:{key}", Text(key, key))) for key in self.people(code))
        if code.startswith("person:"):
            return Someone(code, people[0][1], people)
        office = _office_words(code, names)
        return Someone(code, office if people else VACANT.format(role=office), people)


def _standing(facts: Facts, on: date, roles: set[str]) -> pl.DataFrame:
    held = holders(facts, *roles).filter(
        pl.col("since_on") <= on, pl.col("until_on").is_null() | (pl.col("until_on") >= on)
    )
    return held.sort("since_on", "key").select("role", "unit", "person").collect()


def _office(code: str) -> tuple[str, str | None]:
    """('system_manager', 'U-OPS') from 'role:system_manager@U-OPS'."""
    if not code.startswith("role:"):
        return "", None
    role, _, unit = code.removeprefix("role:").partition("@")
    return role, unit or None


def _office_words(code: str, names: dict[str, Text]) -> Text:
    role, unit = _office(code)
    name = Text(*ROLES[role]) if role in ROLES else Text(role, role)
    if unit is None:
        return name
    of = names.get(f"unit:{unit}", Text(unit, unit))
    return Text(f"{name.ja}（{of.ja}）", f"{name.en} ({of.en})")
