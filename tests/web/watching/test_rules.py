"""Rules in words: the numbers by which they fire, whose they are, what they found and how often that was wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sekisho.kernel import clock
from sekisho.records.models import Alert
from sekisho.watch.contents import shipped
from sekisho.watch.language import compile_rules
from sekisho.watch.program import Op
from sekisho.web.watching import days
from sekisho.web.watching.limits import limits_of
from sekisho.web.watching.rules import Line, lines_of
from sekisho.workflows.record import save_record
from sekisho.workflows.watch_after.false_alarms import mark
from sekisho.workflows.watch_rules import rules_by_name
from tests.cast import Cast
from tests.web.watched_home import event, judge
from tests.workflows.watching import stuffing, taken

ONE = """
title: Failed
name: failed
detection: {selection: {typ: login, ok: false}, condition: selection}
---
title: Many
name: many
correlation: {type: event_count, rules: [failed], group-by: [user, ip_block], timespan: 90m, condition: {gte: 3}}
watch: {action: block, weight: 60, mode: live, owner: someone, clause: 10-2-1, reason: {ja: 多い, en: Many}}
"""


def limits(name: str) -> list[tuple[str, str]]:
    program = shipped()
    return [(t.ja, t.en) for t in limits_of(program, rules_by_name(program)[name])]


def test_every_step_that_ships_has_words_in_both_languages():
    program = shipped()
    told = [text for rule in program.rules for text in limits_of(program, rule)]
    assert len(told) >= len({step.op for step in program.steps})
    assert all(text.ja and text.en and "{" not in text.ja + text.en for text in told)
    assert {step.op for step in program.steps} >= {Op.COUNT, Op.DISTINCT, Op.SUM, Op.SPEED, Op.RISK}


def test_limits_are_told_with_their_numbers_and_those_they_rest_on():
    assert limits("credential_stuffing") == [
        ("IPアドレス（IPv6は/64）ごとに10分で異なる利用者が8以上", "8 or more different values of user for one IP address (/64 for IPv6) within 10 min")
    ]  # fmt: skip
    assert limits("structuring")[0][0].endswith("合計300,000以上")
    assert limits("unregistered_address") == [
        ("利用者の送金先が未登録", "destination is not registered for the user")
    ]
    assert len(limits("new_device_withdrawal")) == 2
    assert limits("impossible_travel")[0][0].startswith("利用者が")


def test_a_rule_of_the_members_own_has_its_owner_as_it_is_written(tmp_path: Path, cast: Cast):
    (line,) = lines_of(compile_rules(ONE), days.look(tmp_path, 0).counts, 0)
    assert (line.owner.ja, line.action) == ("someone", "block")
    assert line.limits[0].ja == "利用者・IPアドレス（IPv6は/64）ごとに90分で3件以上"
    assert (line.found.hits, line.found.false_share) == ((0, 0, 0), None)


@pytest.fixture
def lines(tmp_path: Path, cast: Cast) -> Callable[[str], dict[str, Line]]:
    judge(tmp_path, [event(minutes_ago=3000, user=f"u{n}", ok=False, ip="198.51.100.7") for n in range(10)])

    def told(rules: str = "") -> dict[str, Line]:
        now = int(clock.now().timestamp() * 1000)
        program = compile_rules(rules) if rules else shipped()
        return {line.name: line for line in lines_of(program, days.look(tmp_path, 0).counts, now)}

    return told


def test_hits_rates_and_users(lines: Callable[..., dict[str, Line]]):
    found = lines()["credential_stuffing"].found
    assert (found.hits, found.rate, found.users, found.users_about) == ((0, 3, 3), 300.0, 3, False)
    assert list(lines())[: len(shipped().rules)] == [rule.name for rule in shipped().rules]


def test_a_rule_that_is_gone_is_told_last_with_what_it_found(lines: Callable[..., dict[str, Line]]):
    told = lines(ONE)
    assert list(told) == ["many", "credential_stuffing"]
    gone = told["credential_stuffing"]
    assert (gone.rule, gone.action, gone.found.hits) == (None, "", (0, 3, 3))


def test_alarms_are_told_right_and_false(lines: Callable[..., dict[str, Line]], cast: Cast):
    taken(stuffing(), stuffing("203.0.113.9"))
    first, second = Alert.objects.order_by("key")
    mark(cast.mori.actor, first.key, "負荷試験")
    found = lines()["credential_stuffing"].found
    assert (found.alerts, found.confirmed, found.false_alarms, found.false_share) == (2, 0, 1, 100.0)
    save_record(cast.mori.actor, Alert, second.key, {"decision": "watch", "decided_at": clock.now()})
    found = lines()["credential_stuffing"].found
    assert (found.confirmed, found.false_share) == (1, 50.0)
