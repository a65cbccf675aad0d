"""Which events came before: a window over each sender's numbers, as IPsec guards against replays (RFC 4303, 3.4.3)."""

from __future__ import annotations

from collections import OrderedDict
from enum import Enum
from typing import Any, Final

from sekisho.kernel.texts import Text
from sekisho.watch.decision import Decision
from sekisho.watch.program import Action

SIZE: Final = 1 << 20  # numbers below the highest seen of which it is known whether they came
ANSWERS: Final = 1 << 16  # decisions that are kept for repeats
_MASK = SIZE - 1


class Seen(Enum):
    NEW = 1
    REPEATED = 2
    TOO_OLD = 3  # below the window: nobody can tell


class Window:
    """The numbers of one sender. `highest` is -1 before the first."""

    __slots__ = ("bits", "highest")

    def __init__(self, highest: int = -1, bits: bytes = b"") -> None:
        self.highest = highest
        self.bits = bytearray(bits or SIZE // 8)

    def ask(self, seq: int) -> Seen:
        if seq > self.highest:
            return Seen.NEW
        if seq <= self.highest - SIZE:
            return Seen.TOO_OLD
        place = seq & _MASK
        return Seen.REPEATED if self.bits[place >> 3] >> (place & 7) & 1 else Seen.NEW

    def mark(self, seq: int) -> None:
        """It came. Not for numbers below the window."""
        if seq > self.highest:
            self._advance(seq)
        place = seq & _MASK
        self.bits[place >> 3] |= 1 << (place & 7)

    def _advance(self, seq: int) -> None:
        """Forget the numbers that the window leaves behind: their places are those of the numbers up to `seq`."""
        first, self.highest = self.highest + 1, seq
        if seq - first >= SIZE:
            self.bits = bytearray(SIZE // 8)
            return
        while first <= seq:
            place = first & _MASK
            if not place & 7 and seq - first >= 8:  # a whole byte at once, as many as stand in a row
                whole = min((seq - first + 1) >> 3, (SIZE - place) >> 3)
                self.bits[place >> 3 : (place >> 3) + whole] = bytes(whole)
                first += whole << 3
            else:
                self.bits[place >> 3] &= ~(1 << (place & 7)) & 0xFF
                first += 1


class Repeats:
    """The windows of all senders, and the newest decisions."""

    def __init__(self, answers: int = ANSWERS) -> None:
        self.windows: dict[str, Window] = {}
        self._answers: OrderedDict[tuple[str, int], Decision] = OrderedDict()
        self._most = answers

    def ask(self, source: str, seq: int) -> Seen:
        window = self.windows.get(source)
        return Seen.NEW if window is None else window.ask(seq)

    def answer(self, source: str, seq: int) -> Decision | None:
        """The decision that the event had; None where it is no longer kept."""
        return self._answers.get((source, seq))

    def mark(self, source: str, seq: int, decision: Decision) -> None:
        """The event came and was decided."""
        window = self.windows.get(source)
        if window is None:
            window = self.windows[source] = Window()
        if seq > window.highest - SIZE:
            window.mark(seq)
        self._answers[source, seq] = decision
        if len(self._answers) > self._most:
            self._answers.popitem(last=False)

    def save(self) -> dict[str, Any]:
        """As plain values, for a snapshot."""
        decisions: dict[int, tuple[int, Decision]] = {}
        rows = []
        for (source, seq), decision in self._answers.items():
            number, _ = decisions.setdefault(id(decision), (len(decisions), decision))
            rows.append((source, seq, number))
        windows = {source: (window.highest, bytes(window.bits)) for source, window in self.windows.items()}
        return {"windows": windows, "decisions": [_plain(d) for _, d in decisions.values()], "answers": rows}

    def load(self, saved: dict[str, Any]) -> None:
        self.windows = {source: Window(highest, bits) for source, (highest, bits) in saved["windows"].items()}
        decisions = [_decision(*plain) for plain in saved["decisions"]]
        self._answers = OrderedDict(
            ((source, seq), decisions[number]) for source, seq, number in saved["answers"]
        )


def _plain(decision: Decision) -> tuple[Any, ...]:
    reasons = [(reason.ja, reason.en) for reason in decision.reasons]
    return int(decision.action), decision.score, decision.rules, decision.shadow, reasons


def _decision(action: int, score: int, rules: list[str], shadow: list[str], reasons: list[Any]) -> Decision:
    texts = tuple(Text(ja, en) for ja, en in reasons)
    return Decision(Action(action), score, tuple(rules), tuple(shadow), texts)
