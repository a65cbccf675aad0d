"""One frame of the watch's log, read with care: what it says of an event, and what it asks to be done.

{"at": ms, "source": "login", "event": {...}, "action": "hold", "score": 70, "rules": ["d"], "shadow": []}
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sekisho.watch.program import Action, Op, Program, Rule
from sekisho.workflows.watch_rules import keys_of, rules_by_name

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
REST = "*"  # the group of all keys that no longer have one of their own
_TOLD_OF = (
    "10-5",
    "10-6",
    "10-6-3",
    "G10-5",
    "G10-6",
)  # clauses of rules that are about the user's own dealings
_FACTS = ("typ", "country", "network", "device", "amount", "asset", "ok")
_ACTIONS = {action.name.lower(): action for action in Action}


@dataclass(frozen=True, slots=True)
class Frame:
    """A judged event."""

    at: datetime
    source: str
    seq: int
    event: dict[str, Any]
    action: Action
    score: int
    rules: tuple[str, ...]

    @property
    def user(self) -> str:
        return str(self.event.get("user") or "")

    @property
    def channel(self) -> str:
        return str(self.event.get("channel") or "")

    @property
    def facts(self) -> dict[str, Any]:
        """What a user may be told of the event: neither the address that was used nor where funds were to go."""
        return {name: self.event[name] for name in _FACTS if self.event.get(name) is not None}


def read_frame(told: dict[str, Any]) -> Frame:
    """Raises ValueError for what is no frame."""
    try:
        event = told["event"]
        return Frame(
            EPOCH + timedelta(milliseconds=int(told["at"])), str(told["source"]), int(event["seq"]), event,
            _ACTIONS[told["action"]], int(told.get("score") or 0), tuple(map(str, told.get("rules") or ())),
        )  # fmt: skip
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error


class Reading:
    """What the rules of a program ask to be done about what they find."""

    def __init__(self, program: Program) -> None:
        self.rules = rules_by_name(program)
        self.keys = keys_of(program)
        first = len(program.conditions)
        self.secret = {
            rule.name
            for rule in program.rules
            if rule.number >= first
            and program.steps[rule.number - first].op is Op.IN_LIST
            and program.steps[rule.number - first].field == "address"
        }

    def group(self, rule: str, frame: Frame) -> str:
        """Whose matter it is: the values of the rule's key, else the user, else the address."""
        names = self.keys.get(rule) or (("user",) if frame.user else ("ip",))
        return " ".join(str(frame.event.get("ip" if n == "ip_block" else n, "")) for n in names)[:300] or REST

    def blocks(self, rule: str) -> bool:
        """Whether the address of what it finds comes onto the block list: it tells an attack by its origin."""
        found = self.rules.get(rule)
        if found is None or found.action is not Action.BLOCK:
            return False
        return found.clause == "10-2-1" or bool({"ip", "ip_block"} & set(self.keys[rule]))

    def concerns_user(self, rule: str) -> bool:
        """Whether the user is told. Not of a destination on a list: whoever may launder money is not warned."""
        found = self.rules.get(rule)
        return found is not None and found.clause in _TOLD_OF and rule not in self.secret

    def title(self, rule: str) -> str:
        """What is found, in the words that the member's people read; a rule that is gone has its name alone."""
        found = self.rules.get(rule)
        return f"{found.reason.ja.rstrip('。')}（{rule}）" if found else rule

    def named(self, rules: tuple[str, ...]) -> list[Rule]:
        return [self.rules[name] for name in rules if name in self.rules]
