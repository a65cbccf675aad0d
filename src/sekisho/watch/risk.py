"""The risk score of a login, kept up event by event: how much likelier anybody shows these features than this user.

The model is that of Freeman, Jain, Dürmuth, Biggio and Giacinto (NDSS 2016, doi 10.14722/ndss.2016.23240, equation 7
without data on attackers), with the levels, weights and smoothing that Wiefling, Jørgensen, Thunem and Lo Iacono
published (ACM TOPS 26(1) 2023, doi 10.1145/3546069; github.com/das-group/rba-algorithm). With N events of U users
before this one, n of them of this user, and for each feature the values v0 (finest) to vk (coarsest):

    score      = product of (everybody / own) over the features, times (1 / U) / (n / N)
    own        = sum of w_i * (events of the user with v_i) / n;  everybody / 4 where that is 0
    everybody  = w_0 * A * B + sum over i > 0 of w_i * (events with v_i) / N
    A          = c / (c + d + 1), 1 where c is 0;  c = events with v_0, d = coarser values seen beside v_0, by level
    B          = max(c, 1) / (N + D + 1);  D = coarser values seen at all, by level

A feature of one level is smoothed by one unseen value on both sides. Only what came before counts: an event is scored
first and learnt then. An event that lacks a value of any feature is neither scored nor learnt, as in the publication.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any, Final

from sekisho.watch.events import Event, block_of

Values = tuple[tuple[str, ...], ...]
Features = tuple[tuple[str, ...], ...]

# The published weights by number of levels, finest first: three as for ip, network, country; four as for agent,
# browser, system, type of device. Two are the first two of three, in the same proportion.
WEIGHTS: Final[dict[int, tuple[float, ...]]] = {
    1: (1.0,),
    2: (2 / 3, 1 / 3),
    3: (0.6, 0.3, 0.1),
    4: (0.5386653840551359, 0.2680451498625666, 0.18818295100109536, 0.0051065150812021525),
}
MOST_VALUES = 512  # that are kept of one user: those that come after them stay new
_ID = 1 << 31  # tells numbers of values from counts in a user's row


class Model:
    """Counts of what each key and all keys together showed.

    Every value is held once, with a number; a user is one row of 32-bit words (events, then number and count of each
    value), so that a user takes 4 bytes for each event's kind of value and not a dictionary.
    """

    def __init__(self, features: Features) -> None:
        self.features = features
        self.users: dict[Any, array[int]] = {}
        self.events = 0
        self._read = [tuple(_reader(field) for field in levels) for levels in features]
        self._weights = [WEIGHTS[len(levels)] for levels in features]
        self._ids: list[list[dict[str, int]]] = [[{} for _ in levels] for levels in features]
        self._counts = array("I")  # events with a value, by its number
        self._beside = array("I")  # coarser values that were seen beside a finest one, by its number
        depth = max(map(len, features)) - 1
        self._first = [array("I") for _ in range(depth)]  # the first of them, by level: most have no second
        self._further: set[tuple[int, int]] = set()

    def values(self, event: Event) -> Values | None:
        """What the event shows of each feature; None where it lacks something."""
        found = tuple(tuple(read(event) for read in levels) for levels in self._read)
        return None if any(None in levels for levels in found) else found

    def score(self, key: Any, values: Values) -> float | None:
        """How risky it is that `key` shows `values` now; above 1 is likelier somebody else. None: a key never seen."""
        row = self.users.get(key)
        if row is None:
            return None
        score = 1.0
        for ids, weights, levels in zip(self._ids, self._weights, values, strict=True):
            numbers = [known.get(value, 0) for known, value in zip(ids, levels, strict=True)]
            if len(numbers) == 1:
                own = _smoothed(_own(row, numbers[0]), row[0])
                score *= _smoothed(self._count(numbers[0]), self.events) / own
            else:
                score *= self._ratio(row, ids, weights, numbers)
        return score * ((1 / len(self.users)) / (row[0] / self.events))

    def learn(self, key: Any, values: Values) -> None:
        """Count the event."""
        row = self.users.get(key)
        if row is None:
            row = self.users[key] = array("I", (0,))
        self.events += 1
        row[0] += 1
        for ids, levels in zip(self._ids, values, strict=True):
            numbers = [self._number(known, value) for known, value in zip(ids, levels, strict=True)]
            for number in numbers:
                self._counts[number - _ID] += 1
                _count(row, number)
            self._note_beside(numbers)

    def save(self) -> dict[str, Any]:
        """The whole state as plain values."""
        return {
            "events": self.events,
            "ids": [[list(known.items()) for known in ids] for ids in self._ids],
            "counts": self._counts.tolist(),
            "beside": self._beside.tolist(),
            "first": [first.tolist() for first in self._first],
            "further": [list(pair) for pair in self._further],
            "users": [[list(k) if isinstance(k, tuple) else k, r.tolist()] for k, r in self.users.items()],
        }

    def load(self, saved: Mapping[str, Any]) -> None:
        self.events = saved["events"]
        self._ids = [[dict(known) for known in ids] for ids in saved["ids"]]
        self._counts = array("I", saved["counts"])
        self._beside = array("I", saved["beside"])
        self._first = [array("I", first) for first in saved["first"]]
        self._further = {(a, b) for a, b in saved["further"]}
        self.users.clear()
        self.users.update((tuple(k) if isinstance(k, list) else k, array("I", r)) for k, r in saved["users"])

    def _ratio(
        self, row: array[int], ids: list[dict[str, int]], weights: Sequence[float], numbers: list[int]
    ) -> float:
        finest = numbers[0]
        count, beside = self._count(finest), (self._beside[finest - _ID] if finest else 0)
        seen = sum(map(len, ids[1:]))
        everybody = weights[0] * (
            (count / (count + beside + 1) if count else 1.0) * (max(count, 1) / (self.events + seen + 1))
        )
        own = weights[0] * (_own(row, finest) / row[0])
        for weight, number in zip(weights[1:], numbers[1:], strict=True):
            everybody += weight * (self._count(number) / self.events)
            own += weight * (_own(row, number) / row[0])
        return everybody / (own or everybody / 4)

    def _count(self, number: int) -> int:
        return self._counts[number - _ID] if number else 0

    def _number(self, known: dict[str, int], value: str) -> int:
        number = known.get(value)
        if number is None:
            number = known[value] = _ID + len(self._counts)
            for column in (self._counts, self._beside, *self._first):
                column.append(0)
        return number

    def _note_beside(self, numbers: list[int]) -> None:
        finest = numbers[0]
        for first, number in zip(self._first, numbers[1:], strict=False):
            at = first[finest - _ID]
            if at == number:
                continue
            if not at:
                first[finest - _ID] = number
            elif (finest, number) in self._further:
                continue
            else:
                self._further.add((finest, number))
            self._beside[finest - _ID] += 1


def _smoothed(count: int, events: int) -> float:
    """The likelihood of a value that came `count` times in `events`, with one value set aside for what is unseen."""
    return max(count, 1) / (events + 1)


def _own(row: array[int], number: int) -> int:
    """How often the user showed a value."""
    try:
        return row[row.index(number) + 1] if number else 0
    except ValueError:
        return 0


def _count(row: array[int], number: int) -> None:
    try:
        row[row.index(number) + 1] += 1
    except ValueError:
        if len(row) < 2 * MOST_VALUES:
            row.extend((number, 1))


def _reader(field: str) -> Callable[[Event], Any]:
    if field == "ip_block":
        return lambda event: None if event.ip is None else block_of(event.ip)
    return attrgetter(field)
