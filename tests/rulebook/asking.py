"""Ask a clause of a handful of records: the words that the tests of articles are written in.

records = given(unit("U-1"), appointment("A-1", role="system_manager", unit="U-1", until_on=day(2026, 3, 31)))
assert ask("7-1", day(2026, 4, 1), records)["U-1"].reason == "no_manager"
"""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from string import Formatter
from typing import Any

import polars as pl

from sekisho.findings.verdicts import Verdict
from sekisho.kernel import clock
from sekisho.kernel.texts import Text
from sekisho.ledger.canonical import canonical
from sekisho.records.contents import kind_named
from sekisho.records.facts import Snapshot
from sekisho.records.facts.frames import frame
from sekisho.records.facts.snapshot import GivenFacts
from sekisho.rulebook.assess import ClauseState, judged
from sekisho.rulebook.contents import checks_of
from sekisho.rulebook.language import COMMON_REASONS
from sekisho.rulebook.limits import default_limits

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
    return judged(facts, Snapshot(0, on), citation)[citation]


def verdict(citation: str, on: date, facts: GivenFacts) -> Verdict:
    return state(citation, on, facts).verdict


def ask(citation: str, on: date, facts: GivenFacts) -> dict[str, Outcome]:
    """The outcome for each subject; the worst where several checks answer for one. Asserts that reasons have words."""
    catalogue = {
        code: words for c in checks_of(citation) for code, words in (COMMON_REASONS | c.reasons).items()
    }
    worst = {"met": 0, "no_evidence": 1, "falls_short": 2}
    found: dict[str, Outcome] = {}
    for row in state(citation, on, facts).outcomes.iter_rows(named=True):
        _told(row, catalogue)
        outcome = Outcome(
            row["outcome"],
            row["reason"],
            row["since"],
            row["due"],
            row["who"],
            json.loads(row["data"] or "{}"),
        )
        earlier = found.get(row["subject"])
        if earlier is None or worst[earlier.outcome] < worst[outcome.outcome]:
            found[row["subject"]] = outcome
    return found


def _told(row: dict[str, Any], catalogue: dict[str, Text]) -> None:
    """What is not met has words, and everything that they name."""
    if row["outcome"] == "met":
        return
    assert row["reason"] in catalogue, f"{row['reason']} has no words"
    known = {"since": row["since"], "due": row["due"]} | json.loads(row["data"])
    words = catalogue[row["reason"]]
    for text in (words.ja, words.en):
        named = {name for _, name, _, _ in Formatter().parse(text) if name}
        assert all(known.get(name) is not None for name in named), f"{row['reason']}: {text} of {known}"


def reasons(citation: str, on: date, facts: GivenFacts) -> set[tuple[str, str]]:
    """Every (subject, reason) that is not met."""
    rows = state(citation, on, facts).outcomes.filter(pl.col("outcome") != "met")
    return set(rows.select("subject", "reason").iter_rows())


def falling_short(citation: str, on: date, facts: GivenFacts) -> set[str]:
    """The subjects that fall short, straight from the clause's checks by default limits: quick, for property tests."""
    frames = pl.collect_all([c.function(facts, on, default_limits(on)) for c in checks_of(citation)])
    return set(pl.concat(frames).filter(pl.col("outcome") == "falls_short")["subject"])
