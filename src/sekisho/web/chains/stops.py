"""What stops, and how much hangs on whom, as the page tells it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.core.paginator import Page, Paginator
from django.http import HttpRequest

from sekisho.kernel.texts import Text
from sekisho.records.contents import kind_named
from sekisho.records.facts.chain_graph import PLACE, VENDOR
from sekisho.records.facts.concentration import (
    AFFECTED,
    CLOUD,
    SERVICE,
    SYSTEM,
    UNIT,
    UNKNOWN,
    concentration,
    what_stops,
)
from sekisho.web.chains.asked import CAUSES, COUNTRY_QUESTIONS, WEIGHED, Asked, names_of
from sekisho.web.chains.drawing import EFFECTS, ICONS, Stop, effect_words
from sekisho.web.seen import facts, seen

HITS_SHOWN = 200
THROUGH_SHOWN = 5
PER_PAGE = 50
QUESTIONS = {
    "country_locations": Text(
        "その国のデータセンターが止まった場合", "If the data centres of the country stop"
    ),
    "country_vendors": Text(
        "その国に所在する委託先が止まった場合", "If the vendors seated in the country stop"
    ),
}
_HEADS = {
    SERVICE: Text("委託業務", "Outsourced services"),
    CLOUD: Text("クラウドサービス", "Cloud services"),
    SYSTEM: Text("システム（対象範囲・重要度「高」を先に）", "Systems (in scope and critical first)"),
    UNIT: Text("影響を受ける部署・機能", "Units and functions concerned"),
}


@dataclass(frozen=True)
class Hit:
    """Something that is hit, and through what: (`kind:key`, name)."""

    id: str
    kind: str
    key: str
    title: Text
    effect: str
    through: list[tuple[str, Text]]
    more: int
    in_scope: bool | None
    critical: bool | None
    function: Text | None

    @property
    def effect_text(self) -> Text:
        return effect_words(self.kind, self.effect)

    @property
    def icon(self) -> str:
        return ICONS[self.kind]


@dataclass(frozen=True)
class Answer:
    """The answer to one question. `hits`: heading, those shown, and how many are not."""

    question: Text
    hits: list[tuple[str, Text, list[Hit], int]]
    counts: dict[str, int]


def answers(request: HttpRequest, asked: Asked) -> tuple[list[Answer], Stop]:
    """An answer to each question that the choice means, and what becomes of each thing in the gravest of them."""
    known, on = facts(request), seen(request).on
    frames = [(q, what_stops(known, on, q, asked.of)) for q in questions(asked.kind)]
    gravest: dict[tuple[str, str], str] = {}
    order = list(EFFECTS)
    for _, frame in frames:
        for kind, key, effect in frame.select("kind", "key", "effect").iter_rows():
            old = gravest.get((kind, key), effect)
            gravest[kind, key] = min(old, effect, key=order.index)
    return [_answer(request, q, frame) for q, frame in frames], Stop(gravest, _causes(asked, frames))


def _causes(asked: Asked, frames: list[tuple[str, pl.DataFrame]]) -> frozenset[str]:
    """The chosen one, and the vendors and locations that stop with it."""
    struck = {r for _, frame in frames for r in _surely(frame)}
    chosen = {f"{asked.kind}:{asked.of}"}
    return frozenset(chosen | {r for r in struck if r.partition(":")[0] in (VENDOR, PLACE)})


def _surely(frame: pl.DataFrame) -> list[str]:
    return frame.filter(pl.col("effect") != UNKNOWN)["through"].explode().drop_nulls().to_list()


def questions(kind: str) -> tuple[str, ...]:
    """A country is two questions."""
    return COUNTRY_QUESTIONS if kind == "country" else (kind,)


def _answer(request: HttpRequest, question: str, frame: pl.DataFrame) -> Answer:
    words = _Words(request)
    hits = [
        (
            kind,
            _HEADS[kind],
            [words.hit(row) for row in mine.head(HITS_SHOWN).iter_rows(named=True)],
            len(mine),
        )
        for kind in AFFECTED
        if len(mine := frame.filter(pl.col("kind") == kind))
    ]
    told = [(kind, head, shown, number - len(shown)) for kind, head, shown, number in hits]
    return Answer(QUESTIONS.get(question, Text("", "")), told, _counts(frame))


def _counts(frame: pl.DataFrame) -> dict[str, int]:
    """How many of each kind stop, go on with less, or may stop; `critical`: systems that stop and are critical."""
    found = Counter((kind, effect) for kind, effect in frame.select("kind", "effect").iter_rows())
    told = {
        effect: {"services": found[SERVICE, effect] + found[CLOUD, effect], "systems": found[SYSTEM, effect]}
        for effect in EFFECTS
    }
    numbers = {f"{effect}_{name}": number for effect, part in told.items() for name, number in part.items()}
    stopped = frame.filter(pl.col("effect") == "stops")
    units = sum(number for (kind, _), number in found.items() if kind == UNIT)
    return numbers | {"critical": int(stopped["critical"].sum()), "units": units}


class _Words:
    """The names of all that an answer speaks of."""

    def __init__(self, request: HttpRequest) -> None:
        known = facts(request)
        self._names = {k: names_of(known, k) for k in (*AFFECTED, VENDOR, PLACE)}
        self._functions = dict(known.frame(kind_named(UNIT)).select("key", "function").iter_rows())

    def name(self, reference: str) -> Text:
        kind, _, key = reference.partition(":")
        return self._names.get(kind, {}).get(key, Text(key, key))

    def hit(self, row: dict[str, Any]) -> Hit:
        reference = f"{row['kind']}:{row['key']}"
        through = [(r, self.name(r)) for r in row["through"] or ()]
        return Hit(
            reference, row["kind"], row["key"], self.name(reference), row["effect"],
            through[:THROUGH_SHOWN], max(0, len(through) - THROUGH_SHOWN),
            row["in_scope"], row["critical"], self._function(row),
        )  # fmt: skip

    def _function(self, row: dict[str, Any]) -> Text | None:
        value = self._functions.get(row["key"]) if row["kind"] == UNIT else None
        return kind_named(UNIT).kind_fields()["function"].label_of(value) if value else None


# --- concentration -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Weight:
    """How much hangs on one: numbers, and shares of all in percent (None where there is nothing to share)."""

    key: str
    title: Text
    cause: str
    services: int
    degraded: int
    systems: int
    critical: int
    shares: dict[str, int | None]


def weights(request: HttpRequest, kind: str) -> tuple[Page[Any], list[tuple[str, Text, int]]]:
    """A page of the table of one kind (WEIGHED), heaviest first; and how many there are of each kind."""
    known = facts(request)
    frame = concentration(known, seen(request).on)
    numbers = Counter(frame["kind"].to_list())
    mine = frame.filter(pl.col("kind") == kind)
    page: Page[Any] = Paginator(range(len(mine)), PER_PAGE).get_page(request.GET.get("page"))
    first = max(0, page.start_index() - 1)
    names = names_of(known, kind) if kind in (VENDOR, PLACE) else {}
    page.object_list = [_weight(row, names) for row in mine.slice(first, PER_PAGE).iter_rows(named=True)]
    return page, [(name, words, numbers[name]) for name, words in WEIGHED.items()]


def _weight(row: dict[str, Any], names: dict[str, Text]) -> Weight:
    shares = {n: row[f"{n}_share"] for n in ("services", "systems", "critical")}
    return Weight(
        row["key"], names.get(row["key"], Text(row["key"], row["key"])),
        "country" if row["kind"] in COUNTRY_QUESTIONS else row["kind"],
        row["services"], row["degraded"], row["systems"], row["critical"],
        {n: None if share is None else round(100 * share) for n, share in shares.items()},
    )  # fmt: skip


__all__ = ["CAUSES", "Answer", "Hit", "Weight", "answers", "questions", "weights"]
