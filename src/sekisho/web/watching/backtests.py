"""A back-test for a page: which rules, which days, how many events that takes, and what came of it in rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import polars as pl

from sekisho.kernel import clock
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text
from sekisho.records.models import Approval, WatchRules
from sekisho.watch import history
from sekisho.watch.backtest import Backtest, Compared, needed_from
from sekisho.watch.contents import shipped_text
from sekisho.watch.program import Program
from sekisho.web.watching.story import instant
from sekisho.web.watching.words import TYPES
from sekisho.workflows.change import UnreadableChange, change_of

LIMIT: Final = 200_000  # events that one request judges anew: some seconds
LONGEST: Final = 92  # days
SHIPPED: Final = "shipped"


class TooManyEvents(SekishoError):
    """More than a page judges. Data: limit, since, until."""

    code = "too_many_events"
    status = 422
    text = Text(
        "この期間の試算には、画面の上限（{limit}件）を超えるイベントの読み込みが必要です。期間を短くするか、"
        "サーバーで sekisho watch replay --rules ルール.yaml --from {since} --to {until} を実行してください"
        "（こちらに上限はありません）。初回検知や移動速度などの「以前の様子」を見るルールは、期間より前の記録もすべて読みます。",
        "This would read more events than a page judges ({limit}). Choose fewer days, or run on the server: "
        "sekisho watch replay --rules RULES.yaml --from {since} --to {until} (it has no limit). "
        "Rules that ask how things were before (first seen, speed, registered) read all that was kept before them too.",
    )


class OneAtATime(SekishoError):
    """Another back-test runs in this process."""

    code = "one_at_a_time"
    status = 409
    text = Text(
        "ほかの試算を実行中です。終わってからもう一度実行してください。",
        "Another back-test is running. Try again when it is done.",
    )


@dataclass(frozen=True, slots=True)
class Choice:
    """Rules that may be chosen: `name` for the form, words for people, the file."""

    name: str
    words: Text
    text: str


def choices() -> list[Choice]:
    """What waits for approval first, then the sets on record, the newest first, then what ships."""
    shipped = shipped_text()
    return [
        *_asked_for(),
        *_on_record(),
        Choice(SHIPPED, Text("製品の標準ルール", "The rules that ship"), shipped),
    ]


def _asked_for() -> list[Choice]:
    subject = f"{WatchRules.about.name}:"
    waiting = Approval.objects.filter(
        subject__startswith=subject, step__in=("draft", "submitted", "sent_back")
    )
    found = []
    for approval in waiting.order_by("-key"):
        try:
            values = change_of(approval).values
        except UnreadableChange:
            continue
        if text := values.get("rules"):
            title, key = values.get("title") or "", approval.key
            words = Text(f"申請中 {key} {title}", f"Proposed: {key} {title}")
            found.append(Choice(f"approval:{key}", words, text))
    return found


def _on_record() -> list[Choice]:
    records = WatchRules.objects.order_by("-in_force_at", "-key")
    return [Choice(r.reference, Text(f"{r.key} {r.title}", f"{r.key} {r.title}"), r.rules) for r in records]


# --- how much it is ---------------------------------------------------------------------------------------------------


def instants(first: date, last: date) -> tuple[int, int]:
    """The ms from the first day's beginning to after the last day's end, in Japan."""
    begin = clock.end_of(first - timedelta(days=1)) + timedelta(microseconds=1)
    end = clock.end_of(last) + timedelta(microseconds=1)
    return int(begin.timestamp() * 1000), int(end.timestamp() * 1000)


def refuse_too_many(home: Path, program: Program, first: date, last: date, limit: int) -> None:
    """Raise TooManyEvents where the back-test would read more than `limit` events."""
    begin, end = instants(first, last)
    if _more_than(home, needed_from(program, begin), end, limit):
        raise TooManyEvents(limit=f"{limit:,}", since=first.isoformat(), until=last.isoformat())


def _more_than(home: Path, since_ms: int, until_ms: int, limit: int) -> bool:
    """Whether more events were kept of the time; no part is counted after that is known."""
    within = pl.col("ts").is_between(since_ms, until_ms, closed="left")
    while True:
        sealed, live = history.files(home)
        number = 0
        try:
            for path in reversed(sealed):
                number += pl.scan_parquet(path).filter(within).select(pl.len()).collect().item()
                if number > limit:
                    return True
            for segment in live:
                for table in history.batches(segment.frames()):
                    number += len(table.filter(within))
                    if number > limit:
                        return True
        except FileNotFoundError:  # sealed meanwhile
            continue
        return False


# --- what came of it --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """One rule, then and now; `mode` is whether the new set has it live, on trial, or not at all."""

    name: str
    mode: str
    compared: Compared

    @property
    def old_users(self) -> int:
        return len(self.compared.old_users)

    @property
    def new_users(self) -> int:
        return len(self.compared.new_users)


@dataclass(frozen=True, slots=True)
class Sample:
    """An event that only one of the two hit."""

    rule: str
    gained: bool
    at: datetime
    what: Text | str
    event: dict[str, Any]


def rows_of(found: Backtest, program: Program) -> list[Row]:
    """The rules, those that changed the most first."""
    modes = {rule.name: "live" if rule.live else "shadow" for rule in program.rules}
    rows = [Row(name, modes.get(name, "gone"), compared) for name, compared in found.rules.items()]
    return sorted(
        rows, key=lambda row: (-(row.compared.gained + row.compared.lost), -row.compared.new, row.name)
    )


def samples_of(rows: list[Row]) -> list[Sample]:
    """Some events that only one of the two sets hit, rule by rule."""
    return [
        Sample(
            row.name,
            event["change"] == "gained",
            instant(event["ts"]),
            TYPES.get(event["typ"], event["typ"]),
            event,
        )
        for row in rows
        for event in row.compared.samples
    ]


def days_of(found: Backtest) -> list[tuple[date, int, int]]:
    """(day, alarms then, alarms by the new rules) of each day that had events."""
    return [(clock.day_of(instant(at)), old, new) for at, (old, new) in sorted(found.days.items())]
