"""What stands in the log for each judged event: the event, and what was decided."""

from __future__ import annotations

from typing import Final

import msgspec

from sekisho.kernel.texts import Text
from sekisho.watch.decision import Decision
from sekisho.watch.events import Event, encode
from sekisho.watch.program import Action, Program

NAMES: Final = {action: action.name.lower() for action in Action}
ACTIONS: Final = {name: action for action, name in NAMES.items()}


class Frame(msgspec.Struct, gc=False):
    """One judged event: `at` is when it was received (ms), `source` the service that sent it."""

    at: int
    source: str
    event: Event
    action: str
    score: int
    rules: list[str]
    shadow: list[str]


decode = msgspec.json.Decoder(Frame).decode


class Writer:
    """Frames as bytes; the part after the event is made once for each decision, that before it for each source."""

    def __init__(self) -> None:
        self._ends: dict[int, tuple[Decision, bytes]] = {}
        self._sources: dict[str, bytes] = {}

    def payload(self, at: int, source: str, event: Event, decision: Decision) -> bytes:
        end = self._ends.get(id(decision))
        if end is None:
            end = self._ends[id(decision)] = (decision, _end(decision))
        middle = self._sources.get(source)
        if middle is None:
            middle = self._sources[source] = b',"source":' + encode(source) + b',"event":'
        return b'{"at":%d%b%b%b' % (at, middle, encode(event), end[1])


class Reader:
    """The decisions that frames tell, with the words of a program's rules; those of rules since gone are left out."""

    def __init__(self, program: Program) -> None:
        self._reasons: dict[str, Text] = {rule.name: rule.reason for rule in program.rules}
        self._known: dict[tuple[str, int, tuple[str, ...], tuple[str, ...]], Decision] = {}

    def decision(self, frame: Frame) -> Decision:
        told = frame.action, frame.score, tuple(frame.rules), tuple(frame.shadow)
        found = self._known.get(told)
        if found is None:
            reasons = tuple(self._reasons[name] for name in frame.rules if name in self._reasons)
            found = self._known[told] = Decision(ACTIONS[told[0]], told[1], told[2], told[3], reasons)
        return found


def _end(decision: Decision) -> bytes:
    told = {
        "action": NAMES[decision.action],
        "score": decision.score,
        "rules": decision.rules,
        "shadow": decision.shadow,
    }
    return b"," + encode(told)[1:]
