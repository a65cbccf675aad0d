"""What safeguards cover, as a matrix: systems by layer or by step of an attack; below it, techniques."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import polars as pl
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from sekisho.kernel.texts import Text
from sekisho.records.facts.safeguards import NONE, STATES, VERIFIED
from sekisho.records.models import Safeguard, System, Unit
from sekisho.records.models.defence import KILL_CHAIN, LAYERS
from sekisho.records.register import titles
from sekisho.rulebook.safeguard_matrix import COLUMNS, LAYER, STEP, SafeguardMatrix, matrix
from sekisho.web.entry import may_edit
from sekisho.web.seen import assessment, facts, require_state, seen, then

CITATION = "10-1"
LINES_A_PAGE = 100
TECHNIQUES_SHOWN = 300
SAFEGUARDS_NAMED = 5  # of a technique; of more, their number
STATE_WORDS: dict[str, Text] = {
    "verified": Text("検証済", "Verified"),
    "old": Text("検証の期限切れ", "Verification lapsed"),
    "ineffective": Text("無効", "Ineffective"),
    "unverified": Text("未検証", "Not verified"),
    "none": Text("なし", "None"),
}
STATE_ICONS = {
    "verified": "shield-check", "old": "clock-exclamation", "ineffective": "shield-x", "unverified": "help",
    "none": "circle-x",
}  # fmt: skip
COLUMN_WORDS = {name: Text(*words) for name, words in (LAYERS | KILL_CHAIN).items()}
BY_WORDS = {LAYER: Text("層ごと", "By layer"), STEP: Text("攻撃の段階ごと", "By step of an attack")}


@dataclass(frozen=True)
class Cell:
    """How a column stands for a system, or for the member. `parts`: how many safeguards stand in each state.

    `url`: the safeguards behind it; `add`: the form of a new one, '' where none is offered.
    """

    column: str
    state: str
    number: int
    parts: tuple[tuple[Text, int], ...]
    url: str
    add: str = ""

    @property
    def label(self) -> Text:
        return COLUMN_WORDS[self.column]

    @property
    def word(self) -> Text:
        return STATE_WORDS[self.state]

    @property
    def icon(self) -> str:
        return STATE_ICONS[self.state]


@dataclass(frozen=True)
class Line:
    """One system with its cells. `excepted`: an approved departure from 10-1 covers it."""

    key: str
    name: str
    criticality: Text | None
    tone: str
    internet_facing: bool
    excepted: bool
    cells: tuple[Cell, ...]


def safeguards(request: HttpRequest) -> HttpResponse:
    """Filters: `by` layer or step; `criticality`; `unit`; `gaps`: only systems that lack something."""
    require_state(request)
    by = STEP if request.GET.get("by") == STEP else LAYER
    found = matrix(facts(request), seen(request).on, by)
    adds = may_edit(request, Safeguard)
    chosen = _chosen(request, found)
    page: Page[Any] = Paginator(range(len(chosen)), LINES_A_PAGE).get_page(request.GET.get("page"))
    shown = chosen.slice(max(0, page.start_index() - 1), LINES_A_PAGE)
    context = {
        "by": by,
        "switch": [(name, words, name == by) for name, words in BY_WORDS.items()],
        "columns": [(c, COLUMN_WORDS[c], *_tally(found, c)) for c in found.columns],
        "lines": _lines(request, found, shown, adds),
        "whole": [_cell(row, by, "", adds) for row in found.whole.iter_rows(named=True)] if by == STEP else [],
        "page": page,
        "all": len(found.systems),
        "complete": len(found.systems) - found.lacking["system"].n_unique(),
        "steps": _steps(request, found),
        "matrix": found,
        "state": assessment(request)[CITATION],
        "legend": [(name, STATE_WORDS[name], STATE_ICONS[name]) for name in STATES],
        "techniques": [_technique(row) for row in found.techniques.head(TECHNIQUES_SHOWN).iter_rows(named=True)],
        "adds": adds,
        **_filters(request, found),
    }  # fmt: skip
    return render(request, "safeguards.html", context)


def _chosen(request: HttpRequest, found: SafeguardMatrix) -> pl.DataFrame:
    """The systems that the filters leave."""
    asked = [
        pl.col(name) == value for name in ("criticality", "unit") if (value := request.GET.get(name, ""))
    ]
    if "gaps" in request.GET:
        asked.append(pl.col("key").is_in(found.lacking["system"].implode()))
    return found.systems.filter(*asked)


def _filters(request: HttpRequest, found: SafeguardMatrix) -> dict[str, Any]:
    """The choices of the filters, and what is chosen."""
    units = found.systems["unit"].drop_nulls().unique().sort().to_list()
    names = titles([f"unit:{key}" for key in units], then(request))
    levels = System.kind_fields()["criticality"].options
    return {
        "levels": list(levels.items()),
        "units": [(key, names.get(f"{Unit.about.name}:{key}", Text(key, key))) for key in units],
        "criticality": request.GET.get("criticality", ""),
        "unit": request.GET.get("unit", ""),
        "gaps": "gaps" in request.GET,
        "filtered": any(request.GET.get(name) for name in ("criticality", "unit")) or "gaps" in request.GET,
    }


def _lines(request: HttpRequest, found: SafeguardMatrix, shown: pl.DataFrame, adds: bool) -> list[Line]:
    cells: dict[str, list[Cell]] = {}
    for row in found.cells.join(shown.select(system="key"), on="system", how="semi").iter_rows(named=True):
        cells.setdefault(row["system"], []).append(_cell(row, found.by, row["system"], adds))
    spared = assessment(request)[CITATION].outcomes.filter("excepted", pl.col("kind") == System.about.name)
    excepted = set(spared["subject"])
    levels = System.kind_fields()["criticality"].options
    tones = {"high": "bad", "medium": "blank", "low": "still"}
    order = {column: place for place, column in enumerate(found.columns)}
    return [
        Line(
            key=row["key"],
            name=row["name"] or row["key"],
            criticality=levels[row["criticality"]] if row["criticality"] else None,
            tone=tones.get(row["criticality"], ""),
            internet_facing=bool(row["internet_facing"]),
            excepted=row["key"] in excepted,
            cells=tuple(sorted(cells[row["key"]], key=lambda cell: order[cell.column])),
        )
        for row in shown.iter_rows(named=True)
    ]


def _cell(row: dict[str, Any], by: str, system: str, adds: bool) -> Cell:
    """`system` is empty in the line of the member as a whole."""
    asked = {by: row["column"]} | ({"systems": system} if system else {})
    query = urlencode(asked)
    add = f"{reverse('record_new', args=('safeguard',))}?{query}" if adds and row["state"] != VERIFIED else ""
    counted = ((STATE_WORDS[s], row[f"count_{s}"]) for s in STATES if s != NONE)
    return Cell(
        row["column"], row["state"], row["number"], tuple((word, n) for word, n in counted if n),
        f"{reverse('register', args=('safeguard',))}?{query}", add,
    )  # fmt: skip


def _tally(found: SafeguardMatrix, column: str) -> tuple[int, int]:
    """How many systems a verified safeguard covers in the column, of how many."""
    mine = found.cells.filter(pl.col("column") == column)
    return int((mine["state"] == VERIFIED).sum()), len(mine)


def _steps(request: HttpRequest, found: SafeguardMatrix) -> tuple[int, int]:
    """How many steps of an attack a verified safeguard of the member breaks, of how many."""
    whole = found if found.by == STEP else matrix(facts(request), seen(request).on, STEP)
    return int((whole.whole["state"] == VERIFIED).sum()), len(COLUMNS[STEP])


def _technique(row: dict[str, Any]) -> dict[str, Any]:
    named = row["safeguards"][:SAFEGUARDS_NAMED]
    return {
        "technique": row["technique"],
        "state": row["state"],
        "word": STATE_WORDS[row["state"]],
        "icon": STATE_ICONS[row["state"]],
        "systems": row["systems"],
        "safeguards": [(s["key"], s["title"] or s["key"], STATE_WORDS[s["state"]]) for s in named],
        "more": len(row["safeguards"]) - len(named),
        "url": f"{reverse('register', args=('safeguard',))}?{urlencode({'techniques': row['technique']})}",
    }
