"""What a page's back-test may choose, how much it reads, and how its result is told."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from sekisho.kernel import clock
from sekisho.records.models import Approval, WatchRules
from sekisho.watch.backtest import backtest
from sekisho.watch.contents import shipped
from sekisho.watch.language import compile_rules
from sekisho.web.watching.backtests import (
    SHIPPED,
    TooManyEvents,
    choices,
    days_of,
    instants,
    refuse_too_many,
    rows_of,
    samples_of,
)
from sekisho.workflows.act import act
from sekisho.workflows.approve import approve, ask
from tests.cast import Cast
from tests.records.examples import RULES, example
from tests.web.watched_home import event, judge

COUNTS = """
title: Failed
name: failed
detection: {selection: {typ: login, ok: false}, condition: selection}
---
title: Many
name: credential_stuffing
correlation: {type: value_count, rules: [failed], group-by: [ip], timespan: 10m, condition: {field: user, gte: 6}}
watch: {action: block, weight: 60, mode: live, owner: csirt_lead, clause: 10-2-1, reason: {ja: 多い, en: Many}}
"""


def stuffed(home: Path, minutes_ago: float = 30, *, sealed: bool = False) -> None:
    judge(home, [
        event(minutes_ago=minutes_ago, user=f"u{n}", ok=False, ip="198.51.100.7") for n in range(10)
    ], sealed=sealed)  # fmt: skip


# --- choices ----------------------------------------------------------------------------------------------------------


def test_proposals_come_first_then_records_and_what_ships(cast: Cast):
    first = ask(cast.aoki.actor, WatchRules, None, example(WatchRules))
    approve(cast.sakura.actor, first.key)
    second = ask(cast.aoki.actor, WatchRules, None, example(WatchRules) | {"title": "<b>案</b>"}, draft=True)
    told = choices()
    assert [c.name for c in told] == [f"approval:{second.key}", "watch_rules:WR-0001", SHIPPED]
    assert told[0].words.ja == f"申請中 {second.key} <b>案</b>"
    assert told[1].text.strip() == RULES.strip()
    assert compile_rules(told[2].text).digest == shipped().digest


def test_an_approval_without_a_readable_change_is_left_out(cast: Cast):
    with act("load", "operator:test") as doing:
        told = {
            "subject": "watch_rules:WR-9",
            "step": "submitted",
            "change": "no json",
            "asked_by": cast.aoki.key,
        }
        doing.put(Approval, "AP-X", told)
    assert [c.name for c in choices()] == [SHIPPED]


# --- how much ---------------------------------------------------------------------------------------------------------


def test_days_are_those_of_japan_with_both_ends():
    begin, end = instants(date(2026, 11, 23), date(2026, 11, 23))
    assert (begin, end) == (1_795_359_600_000, 1_795_446_000_000)


@pytest.mark.parametrize("sealed", [False, True])
def test_more_events_than_the_limit_are_refused_with_what_to_do(tmp_path: Path, sealed: bool):
    stuffed(tmp_path, sealed=sealed)
    today = clock.today()
    span = (today - timedelta(days=1), today)
    refuse_too_many(tmp_path, compile_rules(COUNTS), *span, 11)
    with pytest.raises(TooManyEvents) as refused:
        refuse_too_many(tmp_path, compile_rules(COUNTS), *span, 9)
    assert "sekisho watch replay" in refused.value.text.ja
    assert f"--from {span[0]}" in refused.value.text.en


def test_rules_that_ask_how_things_were_count_what_was_before_the_days_too(tmp_path: Path):
    stuffed(tmp_path, 3 * 24 * 60)
    today = clock.today()
    refuse_too_many(tmp_path, compile_rules(COUNTS), today, today, 0)
    with pytest.raises(TooManyEvents):
        refuse_too_many(tmp_path, shipped(), today, today, 9)


# --- the result -------------------------------------------------------------------------------------------------------


def test_the_result_is_told_by_rule_by_day_and_with_samples(tmp_path: Path):
    stuffed(tmp_path, 30)
    program = compile_rules(COUNTS)
    today = clock.today()
    found = backtest(tmp_path, program, *instants(today - timedelta(days=1), today))
    (row,) = rows_of(found, program)
    assert (row.name, row.mode, row.compared.old, row.compared.new) == ("credential_stuffing", "live", 3, 5)
    assert (row.old_users, row.new_users) == (3, 5)
    samples = samples_of([row])
    assert [(s.rule, s.gained, s.event["user"]) for s in samples] == [
        ("credential_stuffing", True, "u5"),
        ("credential_stuffing", True, "u6"),
    ]
    happened = clock.day_of(samples[0].at)
    assert days_of(found) == [(happened, 3, 5)]
    assert sum(new for _, _, new in days_of(found)) == found.alarms.new


def test_a_rule_that_the_new_set_lacks_is_told_with_what_is_lost(tmp_path: Path):
    stuffed(tmp_path, 30)
    program = compile_rules(
        COUNTS.replace("name: credential_stuffing", "name: other").replace("gte: 6", "gte: 60")
    )
    today = clock.today()
    rows = rows_of(backtest(tmp_path, program, *instants(today - timedelta(days=1), today)), program)
    assert [(r.name, r.mode, r.compared.lost) for r in rows] == [
        ("credential_stuffing", "gone", 3),
        ("other", "live", 0),
    ]
