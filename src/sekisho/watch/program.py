"""What rules compile to: tests on fields, conditions over tests, and steps that keep state. Both kernels run it.

The meaning, which both kernels and every engine share:

- Events are judged in the order in which they arrive. The time of an event is its own `ts`, or the newest time
  judged before it where that is later: time never runs backwards.
- A step is asked when one of its `inputs` (conditions or earlier steps) holds for the event, and every field of its
  key has a value. Then it counts the event, and fires or does not.
- Windows of counts are half open: an event exactly as old as the window no longer counts. A sequence may take exactly
  as long as its window.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from sekisho.kernel.texts import Text


class Op(IntEnum):
    """What a step does. The numbers are kept in snapshots: never used again for another."""

    COUNT = 1  # at least `n` events within `window`
    DISTINCT = 2  # at least `n` values of `field` within `window`
    SUM = 3  # amounts of at least `least` add up to `n` millionths or more within `window`
    TOGETHER = 4  # each input within `window`
    ORDERED = 5  # the inputs one after another, the first at most `window` before the last
    FIRST_SEEN = 6  # the key is known, its value of `field` is not (within `window`, 0: ever)
    SPEED = 7  # more than `far` km from the place before, faster than `fast` km/h
    DORMANT = 8  # the key was seen before, not within `window`
    REGISTERED = 9  # the value of `field` is not registered for the key, or for less than `window`
    IN_LIST = 10  # the value of `field` is in the list `name`
    RISK = 11  # the risk score of the key's features is above `fast`


class Match(IntEnum):
    """How a test compares a field. Texts are compared without regard to case, unless `cased`."""

    EQUALS = 1
    CONTAINS = 2
    STARTS = 3
    ENDS = 4
    LESS = 5
    AT_MOST = 6
    MORE = 7
    AT_LEAST = 8
    EXISTS = 9
    CIDR = 10


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison of one field; `values` are alternatives, casefolded unless `cased`."""

    field: str
    match: Match
    values: tuple[str | float | bool, ...]
    cased: bool = False


# A condition is written after its operands: 0 and above is a test, below are these.
AND, OR, NOT = -1, -2, -3


@dataclass(frozen=True, slots=True)
class Condition:
    """A rule on one event alone: postfix code over the numbers of tests."""

    name: str
    code: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A rule that keeps state for each key. `inputs` are numbers of rules: conditions first, then steps."""

    name: str
    op: Op
    inputs: tuple[int, ...]
    key: tuple[str, ...]
    window: int = 0  # ms
    n: int = 0
    field: str = ""
    far: float = 0.0
    fast: float = 0.0
    least: int = 0
    list: str = ""
    features: tuple[tuple[str, ...], ...] = ()
    added_by: tuple[int, ...] = ()  # REGISTERED: rules that register, and that remove
    removed_by: tuple[int, ...] = ()


class Action(IntEnum):
    """What the member's service should do; the strongest of the rules that fire."""

    ALLOW = 0
    STEP_UP = 1
    HOLD = 2
    BLOCK = 3


@dataclass(frozen=True, slots=True)
class Rule:
    """What is said and done when a rule fires; `number` is that of its condition or step."""

    name: str
    title: str
    number: int
    action: Action
    weight: int
    reason: Text
    live: bool
    owner: str
    clause: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Program:
    """A rule set, ready to run. Rules that no `watch` names are only parts of others and never reported."""

    name: str
    tests: tuple[Test, ...]
    conditions: tuple[Condition, ...]
    steps: tuple[Step, ...]
    rules: tuple[Rule, ...]
    escalate: tuple[tuple[int, Action], ...] = field(default=())  # from this weight on, at least this action
    digest: str = ""

    @property
    def lists(self) -> frozenset[str]:
        """The names of the lists that it looks into."""
        return frozenset(step.list for step in self.steps if step.op is Op.IN_LIST)

    @property
    def longest(self) -> int:
        """The longest window in ms."""
        return max((step.window for step in self.steps), default=0)

    def of_types(self, types: tuple[str, ...]) -> dict[str, tuple[int, ...]]:
        """The conditions that an event of each type can meet at all, so that the others need not be asked."""
        return {t: tuple(i for i, c in enumerate(self.conditions) if self._possible(c, t)) for t in types}

    def _possible(self, condition: Condition, of_type: str) -> bool:
        """Three-valued: a test on another field may come out either way."""
        stack: list[tuple[bool, bool]] = []  # may be true, may be false
        for code in condition.code:
            if code >= 0:
                test = self.tests[code]
                if test.field == "typ" and test.match is Match.EQUALS:
                    same = of_type in test.values
                    stack.append((same, not same))
                else:
                    stack.append((True, True))
            elif code == NOT:
                yes, no = stack.pop()
                stack.append((no, yes))
            else:
                a, b = stack.pop(), stack.pop()
                stack.append((a[0] and b[0], a[1] or b[1]) if code == AND else (a[0] or b[0], a[1] and b[1]))
        return stack[-1][0]
