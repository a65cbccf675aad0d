"""Ask a clause of a handful of records: the words that the tests of articles are written in.

records = given(unit("U-1"), appointment("A-1", role="system_manager", unit="U-1", until_on=day(2026, 3, 31)))
assert ask("7-1", day(2026, 4, 1), records)["U-1"].reason == "no_manager"
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
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
from sekisho.rulebook.language import CLAUSES, COMMON_REASONS
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
    worst = {"met": 0, "no_evidence": 1, "falls_short": 2}
    found: dict[str, Outcome] = {}
    for subject, outcome in every_outcome(citation, on, facts):
        earlier = found.get(subject)
        if earlier is None or worst[earlier.outcome] < worst[outcome.outcome]:
            found[subject] = outcome
    return found


def every_outcome(citation: str, on: date, facts: GivenFacts) -> list[tuple[str, Outcome]]:
    """What each check answers for each subject. Asserts that reasons have words."""
    catalogue = COMMON_REASONS | _reasons(citation)
    found = []
    for row in state(citation, on, facts).outcomes.iter_rows(named=True):
        _told(row, catalogue)
        days = (row["since"], row["due"])
        data = json.loads(row["data"] or "{}")
        found.append((row["subject"], Outcome(row["outcome"], row["reason"], *days, row["who"], data)))
    return found


def _reasons(citation: str) -> dict[str, Text]:
    """The words of the clause's own checks and of those of its parts."""
    clause = CLAUSES[citation]
    parts = [*clause.items, *filter(None, [clause.read_with])]
    words = {code: text for part in parts for code, text in _reasons(part).items()}
    return words | {code: text for c in checks_of(citation) for code, text in c.reasons.items()}


def lapses(
    citation: str,
    subject: str,
    without: Sequence[Given],
    make: Callable[[date], Given | list[Given]],
    made_on: date,
    last_good: date,
    *,
    never: str,
    old: str,
    since_never: date | None = None,
    not_yet: str = "",
) -> None:
    """Assert all that a check of `kept_up` says of one subject, by the record that `make` dates.

        lapses("7-2", "U-1", [UNIT], equipment, day(2026, 11, 23), day(2027, 5, 23),
               never="no_equipment", old="old_equipment", since_never=UNIT_SINCE)

    Of a record of `made_on`: good on that day and on `last_good`, `old` from the day after. Without one, or with one
    that is still to come: `never` since `since_never` (or `not_yet`, where that is so on `made_on`). `without`: all
    other records. Other reasons of the clause may stand beside; of these three no other stands.
    """
    one_day = timedelta(days=1)
    missing = not_yet or never

    def told(on: date, *more: Given) -> dict[str, date | None]:
        """Which of the reasons stand, and since when. Something is answered for the subject in any case."""
        found = [o for s, o in every_outcome(citation, on, given(*without, *more)) if s == subject]
        assert found, f"{citation} answers nothing for {subject} on {on}"
        return {o.reason or "": o.since for o in found if o.reason in (never, old, missing)}

    made, later = (r if isinstance(r, list) else [r] for r in (make(made_on), make(made_on + one_day)))
    assert told(made_on, *made) == {}, "on its own day"
    assert told(last_good, *made) == {}, "on the last good day"
    assert told(last_good + one_day, *made) == {old: last_good + one_day}, "the day after"
    for records in ([], later):
        found = told(made_on, *records)
        assert set(found) == {missing}, "without it, or with one still to come"
        assert not_yet or found[missing] == since_never, "since when there is none"


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
