"""A service's chain of subcontractors while it is written: links in time, no circle, none twice, steps that are true.

Used for one record (`Subcontract.problems_among`) and for a whole file (`workflows.import_among`); what stands already
is judged over sets, in `records.facts.outsourcing`. Two links meet where they have a day in common: a circle is refused
where all its links have one, so a firm may hand work on today to one that handed work to it years ago.

`step` is the member's own word for how far down a link is. It may be left empty, as the chain itself tells it; where it
is given it must be what the chain tells: one more than the step at which the work reaches the one who hands it on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from sekisho.kernel.texts import Text
from sekisho.records.record import Values

DEEPEST = 99  # steps; a subcontract's `step` ends there too
_CIRCLE = Text(
    "委託が循環します（{circle}）。委託元か再委託先を直してください。",
    "The work would go round in a circle: {circle}. Mend from whom it comes, or to whom it goes.",
)
_TWICE = Text(
    "同じ業務・委託元・再委託先の再委託 {other} が、重なる期間に既にあります。"
    "どちらかを終了するか、期間を直してください。",
    "The same link of this service stands already in the same time: {other}. End one of the two, or mend its days.",
)
_STEP = Text(
    "業務は段数 {at} で委託元に渡っているため、この再委託の段数は {step} です。"
    "直すか、空欄にしてください（空欄は連鎖から数えます）。",
    "The work reaches this firm at step {at}, so this link is step {step}. Mend it, or leave it empty: it is counted.",
)

Trouble = tuple[str, str, Text]  # a code, the field, and what to do
_Reached = tuple[str, date, date]  # a vendor, and the days on which the whole way to it stands


@dataclass(frozen=True, slots=True)
class Link:
    """A link with its days, both ends included. `to` None: nobody knows to whom."""

    key: str
    giver: str
    to: str | None
    since: date
    until: date


def link_of(key: str, values: Values) -> Link:
    """The link that a subcontract's values tell of. A day that is not recorded is open."""
    since, until = values.get("since_on") or date.min, values.get("until_on") or date.max
    return Link(key, values["from_vendor"], values.get("to_vendor"), since, until)


def vendor_words(key: str, name: str | None) -> Text:
    """A vendor in a circle: 北斗クラウド（V-0003）."""
    return Text(f"{name}（{key}）", f"{name} ({key})") if name else Text(key, key)


class Chain:
    """The links of one service. `top`: the vendor under contract. A link is asked about beside all of other keys."""

    def __init__(self, top: str | None, links: Iterable[Link]) -> None:
        self.top = top
        self._below: dict[str, list[Link]] = {}
        self._above: dict[str, list[Link]] = {}
        for link in links:
            self._below.setdefault(link.giver, []).append(link)
            if link.to is not None:
                self._above.setdefault(link.to, []).append(link)

    def troubles(
        self,
        link: Link,
        step: int | None,
        named: Callable[[str], Text],
        place: Callable[[str], str] = str,
    ) -> Iterator[Trouble]:
        """What is wrong with a link. `named`: the words for a vendor's key; `place`: those for another link's key."""
        if twin := self.twin(link):
            yield "double", "to_vendor", _TWICE.format(other=place(twin.key))
        if circle := self.circle(link):
            words = [named(key) for key in circle]
            told = Text(" → ".join(w.ja for w in words), " -> ".join(w.en for w in words))
            yield "circle", "to_vendor", _CIRCLE.format(circle=told)
        elif step is not None and (found := self.steps(link)) and step - 1 not in found:
            at, right = (" / ".join(str(n + more) for n in sorted(found)) for more in (0, 1))
            yield "wrong_step", "step", _STEP.format(at=at, step=right)

    def twin(self, link: Link) -> Link | None:
        """Another link between the same two in the same time."""
        same = (o for o in self._below.get(link.giver, ()) if o.to == link.to and o.key != link.key)
        return next((o for o in same if _meet(o, link.since, link.until)), None)

    def circle(self, link: Link) -> list[str] | None:
        """The shortest circle that the link closes, as vendors from its giver round to it; None: it closes none."""
        if link.to is None:
            return None
        start: _Reached = (link.to, link.since, link.until)
        came: dict[_Reached, _Reached | None] = {start: None}
        waiting = deque([start])
        while waiting:
            at = waiting.popleft()
            if at[0] == link.giver:
                return [link.giver, *reversed(list(_way(at, came)))]
            for other in self._below.get(at[0], ()):
                if other.to is not None and other.key != link.key and _meet(other, *at[1:]):
                    reached = _shortened(other.to, other, at)
                    if reached not in came:
                        came[reached] = at
                        waiting.append(reached)
        return None

    def steps(self, link: Link) -> set[int]:
        """At which steps the work reaches the link's giver, at any time of the link; none where nothing leads to it."""
        found: set[int] = set()
        level: set[_Reached] = {(link.giver, link.since, link.until)}
        for step in range(1, DEEPEST):
            if any(at[0] == self.top for at in level):
                found.add(step)
            level = {
                _shortened(other.giver, other, at)
                for at in level if at[0] != self.top
                for other in self._above.get(at[0], ()) if other.key != link.key and _meet(other, *at[1:])
            }  # fmt: skip
            if not level:
                break
        return found


def _meet(link: Link, since: date, until: date) -> bool:
    """Whether a link has a day in common with a span."""
    return link.since <= until and since <= link.until


def _shortened(vendor: str, link: Link, at: _Reached) -> _Reached:
    return vendor, max(at[1], link.since), min(at[2], link.until)


def _way(at: _Reached, came: dict[_Reached, _Reached | None]) -> Iterator[str]:
    """The vendors from the last one back to the first."""
    here: _Reached | None = at
    while here is not None:
        yield here[0]
        here = came[here]
