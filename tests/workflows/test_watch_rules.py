"""Rule sets are governed records: checked with line and column, approved by another person, the newest in force."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sekisho.kernel import clock
from sekisho.kernel.errors import Invalid
from sekisho.kernel.texts import Text
from sekisho.ledger.models import Version
from sekisho.records.models import Approval, WatchRules
from sekisho.watch.contents import shipped, shipped_text
from sekisho.watch.language import BadRules, Problem
from sekisho.watch.language.yaml_nodes import Place
from sekisho.workflows.act import act
from sekisho.workflows.approve import OwnChange, approve, ask
from sekisho.workflows.record import NeedsApproval, problems_of, save_record
from sekisho.workflows.watch_rules import in_force, rules_in_force
from tests.cast import Cast
from tests.records.examples import RULES as GOOD
from tests.records.examples import example

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def asked(cast: Cast, key: str | None = None, **values: Any) -> Approval:
    told = {"title": "検知ルール", "in_force_at": clock.now() - HOUR, "rules": GOOD} | values
    return ask(cast.aoki.actor, WatchRules, key, told, "見直し")


def test_without_a_set_on_record_the_shipped_one_is_in_force(db: None):
    assert rules_in_force() is shipped()
    assert in_force().record is None


def test_an_approved_set_is_in_force_from_its_instant(cast: Cast):
    now = clock.now()
    approval = asked(cast, in_force_at=now)
    assert rules_in_force() is shipped()
    approve(cast.sakura.actor, approval.key)
    standing = in_force()
    assert ([r.name for r in standing.program.rules], standing.record, standing.version) == (
        ["withdrawal"],
        "WR-0001",
        1,
    )
    assert Version.objects.get(kind="watch_rules").act_name == "approve"


def test_one_whose_time_has_not_come_waits(cast: Cast, time_machine: Any):
    start = clock.now()
    time_machine.move_to(start, tick=False)
    approve(cast.sakura.actor, asked(cast, in_force_at=start + HOUR).key)
    assert in_force().record is None
    time_machine.move_to(start + HOUR, tick=False)
    assert in_force().record == "WR-0001"


def test_the_newest_goes_before_the_others(cast: Cast):
    approve(cast.sakura.actor, asked(cast).key)
    approve(cast.sakura.actor, asked(cast, in_force_at=clock.now(), title="改定").key)
    assert in_force().record == "WR-0002"


def test_its_author_does_not_approve_it_and_nobody_saves_it_without(cast: Cast):
    approval = ask(cast.sakura.actor, WatchRules, None, example(WatchRules))
    with pytest.raises(OwnChange):
        approve(cast.sakura.actor, approval.key)
    with pytest.raises(NeedsApproval):
        save_record(cast.aoki.actor, WatchRules, None, example(WatchRules))


def test_what_no_approval_stands_for_is_never_in_force(cast: Cast):
    approve(cast.sakura.actor, asked(cast).key)
    with act("load", "operator:test") as doing:
        doing.put(WatchRules, "WR-X", example(WatchRules))
        doing.put(WatchRules, "WR-0001", {"notes": "取込"})
    assert in_force().record is None


def test_what_does_not_compile_is_refused_with_line_and_column_in_both_languages(cast: Cast):
    wrong = GOOD.replace("mode: live", "mode: loud").replace("clause: 10-6-3", "clause: ten")
    problems = problems_of(
        WatchRules, "WR-1", dict.fromkeys(WatchRules.kind_fields()) | example(WatchRules) | {"rules": wrong}
    )
    assert problems["rules"][0].ja.startswith("4行")
    assert problems["rules"][0].en.startswith("line 4, column")
    with pytest.raises(Invalid):
        asked(cast, rules="- no rules")


def test_one_that_no_longer_compiles_is_passed_over(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    approve(cast.sakura.actor, asked(cast).key)

    def bad(*_: Any) -> None:
        raise BadRules(Problem(Place(1, 1), Text("悪い", "bad")))

    monkeypatch.setattr("sekisho.workflows.watch_rules._compiled", bad)
    assert rules_in_force() is shipped()


def test_the_shipped_set_fits_into_a_record():
    text = shipped_text()
    assert WatchRules.kind_fields()["rules"].from_text(text) == text.strip()
