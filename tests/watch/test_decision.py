"""What the rules that fired mean together."""

from __future__ import annotations

from dataclasses import replace

from sekisho.kernel.texts import Text
from sekisho.watch.decision import Decisions
from sekisho.watch.program import Action, Condition, Program, Rule


def made(*told: tuple[Action, int, bool], escalate: tuple[tuple[int, Action], ...] = ()) -> Decisions:
    rules = tuple(
        Rule(f"r{n}", "a rule", n, action, weight, Text(f"理由{n}", f"why {n}"), live, "csirt_lead", "10-2-1")
        for n, (action, weight, live) in enumerate(told)
    )
    return Decisions(Program("p", (), tuple(Condition(r.name, (0,)) for r in rules), (), rules, escalate))


def test_nothing_that_fires_is_an_allow_without_reasons() -> None:
    decision = made((Action.BLOCK, 60, True)).of(())
    assert (decision.action, decision.score, decision.rules, decision.reasons) == (Action.ALLOW, 0, (), ())


def test_the_strongest_action_and_the_sum_of_weights() -> None:
    decision = made((Action.STEP_UP, 20, True), (Action.HOLD, 50, True), (Action.BLOCK, 60, True)).of((0, 1))
    assert (decision.action, decision.score, decision.rules) == (Action.HOLD, 70, ("r0", "r1"))
    assert [reason.ja for reason in decision.reasons] == ["理由0", "理由1"]
    assert [reason.en for reason in decision.reasons] == ["why 0", "why 1"]


def test_a_rule_on_trial_is_told_and_decides_nothing() -> None:
    decision = made((Action.BLOCK, 90, False), (Action.STEP_UP, 10, True)).of((0, 1))
    assert (decision.action, decision.score, decision.rules, decision.shadow) == (
        Action.STEP_UP,
        10,
        ("r1",),
        ("r0",),
    )
    assert [reason.en for reason in decision.reasons] == ["why 1"]


def test_weights_reach_a_stronger_action_from_their_limit_on() -> None:
    decisions = made(
        (Action.STEP_UP, 49, True),
        (Action.ALLOW, 1, True),
        (Action.ALLOW, 1, False),
        escalate=((50, Action.HOLD), (90, Action.BLOCK)),
    )
    assert decisions.of((0,)).action is Action.STEP_UP
    assert decisions.of((0, 1)).action is Action.HOLD
    assert decisions.of((0, 2)).action is Action.STEP_UP


def test_escalation_never_weakens() -> None:
    assert made((Action.BLOCK, 60, True), escalate=((50, Action.STEP_UP),)).of((0,)).action is Action.BLOCK


def test_a_decision_is_worked_out_once() -> None:
    decisions = made((Action.STEP_UP, 20, True))
    assert decisions.of((0,)) is decisions.of((0,))
    assert replace(decisions.of((0,))) == decisions.of((0,))
