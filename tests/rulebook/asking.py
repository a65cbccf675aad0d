"""Ask a clause of a handful of records: the words that the tests of articles are written in.

    records = given(unit("U-1"), appointment("A-1", role="system_manager", unit="U-1", until_on=day(2026, 3, 31)))
    assert ask("7-1", day(2026, 4, 1), records)["U-1"].reason == "no_manager"
"""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from sekisho.findings.verdicts import Verdict
from sekisho.kernel import clock
from sekisho.ledger.canonical import canonical
from sekisho.records.contents import kind_named
from sekisho.records.facts import Snapshot
from sekisho.records.facts.frames import frame
from sekisho.records.facts.snapshot import GivenFacts
from sekisho.rulebook.assess import ClauseState, judged
from sekisho.rulebook.contents import checks_of

day = date


def at(year: int, month: int, of_month: int, hour: int = 9, minute: int = 0, second: int = 0) -> datetime:
    """An instant in Japan's time."""
    return datetime(year, month, of_month, hour, minute, second, tzinfo=clock.JAPAN).astimezone(UTC)


@dataclass(frozen=True)
class Given:
    kind: str
    key: str
    values: dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    outcome: str
    reason: str | None
    since: date | None
    due: date | None
    who: str | None
    data: dict[str, Any]


def record(kind: str, key: str, /, **values: Any) -> Given:
    """One record of a kind, with these values."""
    return Given(kind, key, values)


def given(*records: Given) -> GivenFacts:
    """Facts that hold just these records."""
    rows: dict[str, list[tuple[str, int, str, bytes, str]]] = {}
    for r in records:
        fields = kind_named(r.kind).kind_fields()
        body = {n: fields[n].to_body(v) for n, v in r.values.items() if v is not None}
        rows.setdefault(r.kind, []).append((r.key, 1, "create", canonical(body), "operator:test"))
    return GivenFacts({kind_named(k): frame(kind_named(k), found) for k, found in rows.items()})


def state(citation: str, on: date, facts: GivenFacts) -> ClauseState:
    """The clause as judged."""
    return judged(facts, Snapshot(0, on))[citation]


def verdict(citation: str, on: date, facts: GivenFacts) -> Verdict:
    return state(citation, on, facts).verdict


def ask(citation: str, on: date, facts: GivenFacts) -> dict[str, Outcome]:
    """The outcome for each subject; the worst where several checks answer for one. Asserts that reasons have words."""
    worst = {"met": 0, "no_evidence": 1, "falls_short": 2}
    found: dict[str, Outcome] = {}
    words = {code for c in checks_of(citation) for code in c.reasons} | {"nothing_recorded"}
    for row in state(citation, on, facts).outcomes.iter_rows(named=True):
        assert row["outcome"] == "met" or row["reason"] in words, f"{row['reason']} has no words"
        outcome = Outcome(
            row["outcome"], row["reason"], row["since"], row["due"], row["who"], json.loads(row["data"] or "{}")
        )
        earlier = found.get(row["subject"])
        if earlier is None or worst[earlier.outcome] < worst[outcome.outcome]:
            found[row["subject"]] = outcome
    return found


def reasons(citation: str, on: date, facts: GivenFacts) -> set[tuple[str, str]]:
    """Every (subject, reason) that is not met."""
    rows = state(citation, on, facts).outcomes.filter(pl.col("outcome") != "met")
    return set(rows.select("subject", "reason").iter_rows())
