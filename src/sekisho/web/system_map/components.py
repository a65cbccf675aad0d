"""The components of one system as a table: what is registered, what was discovered, how they stand to each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
from django.core.paginator import Page, Paginator
from django.http import HttpRequest

from sekisho.kernel.texts import Text
from sekisho.records.facts.configuration import is_discoverable, seen_by, standing
from sekisho.records.models import Component, Relation
from sekisho.rulebook.language import day_of
from sekisho.web.seen import assessment, facts, seen

LINES_A_PAGE = 50
RELATIONS_NAMED = 4  # in a cell; of more, their number
_KIND, _RELATION = Component.kind_fields()["kind"], Relation.kind_fields()["kind"]
STATES: dict[str, tuple[Text, str]] = {  # words, and the tone that goes with them
    "seen": (Text("登録済・検出済", "Registered and seen"), "met"),
    "not_compared": (Text("登録済（検出の対象外）", "Registered (not compared)"), "met"),
    "awaited": (Text("登録済（検出待ち）", "Registered (to be seen)"), "met"),
    "not_registered": (Text("検出のみ（未登録）", "Discovered, not registered"), "falls_short"),
    "seen_after_end": (Text("廃止後に検出", "Seen after its end"), "falls_short"),
    "not_seen": (Text("登録済・未検出（期限超過）", "Registered, not seen in time"), "falls_short"),
    "never_seen": (Text("登録済・一度も未検出", "Registered, never seen"), "falls_short"),
    "neither": (Text("登録日・検出の記録なし", "Neither registered nor seen"), "no_evidence"),
}  # fmt: skip


@dataclass(frozen=True)
class Related:
    """Another component that this one stands to: the words of the relation, its key and name."""

    words: Text
    key: str
    name: str


@dataclass(frozen=True)
class Line:
    """A component. `state`: of STATES; `tone` is that of its words."""

    key: str
    values: dict[str, Any]
    kind: Text
    state: str
    seen_at: datetime | None
    related: tuple[Related, ...]
    more: int

    @property
    def state_text(self) -> Text:
        return STATES[self.state][0]

    @property
    def tone(self) -> str:
        return STATES[self.state][1]


@dataclass(frozen=True)
class Components:
    system: str
    title: Text
    lines: tuple[Line, ...]
    page: Page[Any]

    @property
    def number(self) -> int:
        return self.page.paginator.count


def components(request: HttpRequest, system: str, title: Text) -> Components:
    """One page of a system's components: what falls short first, then by kind and name."""
    on = seen(request).on
    rows = _rows(request, system, on)
    page = Paginator(range(len(rows)), LINES_A_PAGE).get_page(request.GET.get("page"))
    part = rows.slice(max(0, page.start_index() - 1), LINES_A_PAGE)
    related = _related(request, part["key"].to_list())
    return Components(system, title, tuple(_lines(part, related)), page)


def _rows(request: HttpRequest, system: str, on: date) -> pl.DataFrame:
    """The system's components that stand, or are seen though they ended; `state` as 12-2 judges them, `seen_at`."""
    known = facts(request)
    mine = known.frame(Component).filter(pl.col("system") == system)
    reasons = assessment(request)["12-2"].outcomes.filter(pl.col("kind") == Component.about.name)
    judged = reasons.select("reason", key="subject").join(mine.select("key"), on="key", how="semi")
    unmet = judged.filter(pl.col("reason").is_not_null()).select("key")
    there = pl.concat([standing(known, on).filter(pl.col("system") == system).select("key").collect(), unmet])
    by_day = seen_by(on)
    seen_at = pl.when(day_of("last_seen_at") <= on).then("last_seen_at").otherwise("first_seen_at")
    state = (
        pl.when(pl.col("reason").is_not_null())
        .then("reason")
        .when(by_day.is_not_null())
        .then(pl.lit("seen"))
        .when(is_discoverable())
        .then(pl.lit("awaited"))
        .otherwise(pl.lit("not_compared"))
    )
    bad = pl.col("state").is_in([name for name, (_, tone) in STATES.items() if tone != "met"])
    return (
        mine.join(there, on="key", how="semi")
        .join(judged, on="key", how="left")
        .with_columns(state=state, seen_at=pl.when(by_day.is_not_null()).then(seen_at))
        .sort(~bad, "kind", "name", "key")
    )


def _related(request: HttpRequest, keys: list[str]) -> dict[str, list[Related]]:
    """What the components stand to, by key; a connection is told from both of its ends."""
    known = facts(request)
    rows = known.frame(Relation).select("kind", "from_component", "to_component")
    onward = rows.select("kind", key="from_component", other="to_component")
    back = rows.filter(pl.col("kind") == "connects_to").select(
        "kind", key="to_component", other="from_component"
    )
    mine = pl.concat([onward, back]).filter(pl.col("key").is_in(keys)).unique().sort("key", "kind", "other")
    names = known.frame(Component).select(other="key", name="name")
    found: dict[str, list[Related]] = {}
    for kind, key, other, name in mine.join(names, on="other", how="left", maintain_order="left").iter_rows():
        found.setdefault(key, []).append(Related(_RELATION.label_of(kind), other, name or other))
    return found


def _lines(rows: pl.DataFrame, related: dict[str, list[Related]]) -> Iterator[Line]:
    for row in rows.iter_rows(named=True):
        others = related.get(row["key"], [])
        named, more = others[:RELATIONS_NAMED], len(others) - RELATIONS_NAMED
        kind = _KIND.label_of(row["kind"])
        yield Line(row["key"], row, kind, row["state"], row["seen_at"], tuple(named), max(0, more))
