"""Decisions: what the rules that fired mean together."""

from __future__ import annotations

from dataclasses import dataclass

from sekisho.kernel.texts import Text
from sekisho.watch.program import Action, Program


@dataclass(frozen=True, slots=True)
class Decision:
    """What the member's service should do: the strongest action of the live rules, their weights, and why."""

    action: Action
    score: int
    rules: tuple[str, ...]  # live rules that fired
    shadow: tuple[str, ...]  # rules on trial that fired: they decide nothing
    reasons: tuple[Text, ...]  # of the live rules, in the same order


class Decisions:
    """The decisions of a program, each worked out once."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._known: dict[tuple[int, ...], Decision] = {}

    def of(self, hits: tuple[int, ...]) -> Decision:
        """The decision where these rules fire, as places in `program.rules`."""
        found = self._known.get(hits)
        if found is None:
            found = self._known[hits] = self._work_out(hits)
        return found

    def _work_out(self, hits: tuple[int, ...]) -> Decision:
        fired = [self.program.rules[place] for place in hits]
        live = [rule for rule in fired if rule.live]
        score = sum(rule.weight for rule in live)
        reached = [action for least, action in self.program.escalate if score >= least]
        return Decision(
            max([Action.ALLOW, *reached, *(rule.action for rule in live)]),
            score,
            tuple(rule.name for rule in live),
            tuple(rule.name for rule in fired if not rule.live),
            tuple(rule.reason for rule in live),
        )
