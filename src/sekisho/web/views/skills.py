"""The skill matrix: what systems ask and who is there, the gaps first; people by skills with their levels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

import polars as pl
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from sekisho.kernel.texts import Text
from sekisho.records.models import Skill, SkillLevel, SkillNeed
from sekisho.records.register import titles
from sekisho.rulebook.skill_matrix import ENOUGH, SkillMatrix, matrix
from sekisho.web.cells import record_url
from sekisho.web.entry import may_edit
from sekisho.web.seen import assessment, facts, require_state, seen, then

PEOPLE_A_PAGE = 100
CITATION, VENDORS_CITATION = "14-1", "G14-1"
LEVEL_WORDS = (
    Text("なし", "none"),
    Text("初級", "beginner"),
    Text("中級", "able"),
    Text("上級", "expert"),
    Text("指導できる", "can teach"),
)
STATE_WORDS: dict[str, Text] = {
    "lacking": Text("不足", "Too few"),
    "unsaid": Text("必要スキル未登録", "No need recorded"),
    "vendors_alone": Text("委託先の人のみ", "Vendors alone"),
    "enough": Text("充足", "Enough"),
}
FILTERS = ("unit", "system", "field")


@dataclass(frozen=True)
class Cell:
    """A person's level of a skill; `level` is None where none was assessed. `url`: where it is read or put in."""

    skill: str
    name: Text
    url: str
    level: int | None = None
    assessed_on: date | None = None
    old: bool = False

    @property
    def word(self) -> Text:
        return LEVEL_WORDS[min(self.level or 0, 4)]


@dataclass(frozen=True)
class Line:
    """A person with a cell for each skill."""

    person: str
    name: Text
    external: bool
    cells: tuple[Cell, ...]


def skills(request: HttpRequest) -> HttpResponse:
    """Filters: `unit` of people, `system` that asks, `field` of skills, `gaps` alone, `everybody` with no level too."""
    require_state(request)
    found = matrix(facts(request), seen(request).on)
    chosen = {name: request.GET.get(name, "") for name in FILTERS}
    columns = _columns(found, chosen)
    rows = _people(request, found, chosen, columns)
    page = Paginator(range(len(rows)), PEOPLE_A_PAGE).get_page(request.GET.get("page"))
    shown = rows.slice(max(0, page.start_index() - 1), PEOPLE_A_PAGE)
    names = _names(request, found, shown)
    context = {
        "needs": _need_lines(request, found, _needs(request, found, chosen), names),
        "columns": [(r["key"], _title(names, "skill", r["key"]), r["lacking"]) for r in columns.iter_rows(named=True)],
        "groups": _groups(request, found, shown, columns, names),
        "page": page,
        "state": assessment(request)[CITATION],
        "months": found.months,
        "levels": list(enumerate(LEVEL_WORDS)),
        "gaps": "gaps" in request.GET,
        "everybody": "everybody" in request.GET,
        "filtered": any(chosen.values()) or "gaps" in request.GET,
        "adds_needs": may_edit(request, SkillNeed),
        "adds_levels": may_edit(request, SkillLevel),
        **_counts(found),
        **_choices(request, found, chosen),
    }  # fmt: skip
    return render(request, "skills.html", context)


# --- what systems ask -------------------------------------------------------------------------------------------------


def _needs(request: HttpRequest, found: SkillMatrix, chosen: Mapping[str, str]) -> pl.DataFrame:
    asked = [pl.lit(True)]
    if chosen["system"]:
        asked.append(pl.col("system") == chosen["system"])
    if chosen["field"]:
        asked.append(pl.col("skill").is_in(_of_field(found, chosen["field"])) | pl.col("skill").is_null())
    if "gaps" in request.GET:
        asked.append(pl.col("state") != ENOUGH)
    return found.needs.filter(*asked)


def _need_lines(
    request: HttpRequest, found: SkillMatrix, needs: pl.DataFrame, names: Mapping[str, Text]
) -> list[dict[str, Any]]:
    """Each need with who meets it, where it is read or put in, and whether a departure was approved for it."""
    people: dict[str, list[dict[str, Any]]] = {}
    for row in found.skilled.iter_rows(named=True):
        people.setdefault(row["need"], []).append(row | {"name": _title(names, "person", row["person"])})
    spared = _spared(request)
    return [
        row
        | {
            "skill_name": _title(names, "skill", row["skill"]) if row["skill"] else None,
            "word": STATE_WORDS[row["state"]],
            "level_word": LEVEL_WORDS[min(row["level"] or 0, 4)],
            "people": people.get(row["key"], []),
            "url": record_url("skill_need", row["key"])
            if row["key"]
            else _new(SkillNeed, system=row["system"]),
            "excepted": bool(spared & {(CITATION, row["key"]), (VENDORS_CITATION, row["system"])}),
        }
        for row in needs.iter_rows(named=True)
    ]


def _spared(request: HttpRequest) -> set[tuple[str, str]]:
    """What an approved departure covers: needs of 14-1, systems of its guideline."""
    judged = assessment(request)
    return {
        (citation, subject)
        for citation in (CITATION, VENDORS_CITATION)
        for subject in judged[citation].outcomes.filter("excepted")["subject"]
    }


# --- people by skills -------------------------------------------------------------------------------------------------


def _of_field(found: SkillMatrix, field: str) -> list[str]:
    return found.skills.filter(pl.col("field") == field)["key"].to_list()


def _columns(found: SkillMatrix, chosen: Mapping[str, str]) -> pl.DataFrame:
    """The skills that the filters leave, those that are lacking first."""
    columns = found.skills
    if chosen["field"]:
        columns = columns.filter(pl.col("field") == chosen["field"])
    if chosen["system"]:
        asked = found.needs.filter(pl.col("system") == chosen["system"])["skill"].drop_nulls().to_list()
        columns = columns.filter(pl.col("key").is_in(asked))
    return columns


def _people(
    request: HttpRequest, found: SkillMatrix, chosen: Mapping[str, str], columns: pl.DataFrame
) -> pl.DataFrame:
    """The people who have a level of one of these skills; all where everybody is asked for."""
    people = found.people
    if chosen["unit"]:
        people = people.filter(pl.col("unit") == chosen["unit"])
    if "everybody" in request.GET:
        return people
    rated = found.levels.filter(pl.col("skill").is_in(columns["key"].to_list()))["person"].unique().to_list()
    return people.filter(pl.col("key").is_in(rated))


def _groups(
    request: HttpRequest,
    found: SkillMatrix,
    shown: pl.DataFrame,
    columns: pl.DataFrame,
    names: Mapping[str, Text],
) -> list[tuple[Text, list[Line]]]:
    """The people by unit, each with a cell for each skill."""
    adds = may_edit(request, SkillLevel)
    mine = found.levels.filter(pl.col("person").is_in(shown["key"].to_list()))
    known = {(row["person"], row["skill"]): row for row in mine.iter_rows(named=True)}
    asked = [(key, _title(names, "skill", key)) for key in columns["key"]]
    today = seen(request).on

    def line(row: dict[str, Any]) -> Line:
        person = row["key"]
        cells = tuple(_cell(known.get((person, key)), person, key, name, today, adds) for key, name in asked)
        return Line(person, _title(names, "person", person), row["external"], cells)

    return [
        (_title(names, "unit", unit) if unit else Text("所属なし", "No unit"), [line(row) for row in rows])
        for unit, rows in groupby(shown.iter_rows(named=True), key=lambda row: row["unit"])
    ]


def _cell(row: dict[str, Any] | None, person: str, skill: str, name: Text, today: date, adds: bool) -> Cell:
    """What is old is assessed anew, from the level as it was; what is fresh is changed."""
    if row is None:
        return Cell(
            skill, name, _new(SkillLevel, person=person, skill=skill, assessed_on=today) if adds else ""
        )
    url = record_url("skill_level", row["key"])
    if adds and row["old"]:
        url = _new(SkillLevel, person=person, skill=skill, level=row["level"], assessed_on=today)
    elif adds:
        url = reverse("record_edit", args=("skill_level", row["key"]))
    return Cell(skill, name, url, row["level"], row["assessed_on"], row["old"])


def _new(model: type[SkillLevel | SkillNeed], **values: object) -> str:
    return f"{reverse('record_new', args=(model.about.name,))}?{urlencode(values)}"


# --- names, numbers, choices ------------------------------------------------------------------------------------------


def _names(request: HttpRequest, found: SkillMatrix, shown: pl.DataFrame) -> Mapping[str, Text]:
    people = {*shown["key"], *found.skilled["person"]}
    units = found.people["unit"].drop_nulls().unique()
    named = (("person", people), ("unit", units), ("skill", found.skills["key"]))
    asked = [f"{kind}:{key}" for kind, keys in named for key in keys]
    return titles(sorted(asked), then(request))


def _title(names: Mapping[str, Text], kind: str, key: str) -> Text:
    return names.get(f"{kind}:{key}", Text(key, key))


def _counts(found: SkillMatrix) -> dict[str, int]:
    states = dict(found.needs["state"].value_counts().iter_rows())
    named = {state: int(states.get(state, 0)) for state in STATE_WORDS}
    return named | {
        "asked": len(found.needs) - named["unsaid"],
        "met": named["enough"] + named["vendors_alone"],
        "rated": len(found.levels),
        "old": int(found.levels["old"].sum()),
        "rated_people": found.levels["person"].n_unique(),
        "all_people": len(found.people),
    }


def _choices(request: HttpRequest, found: SkillMatrix, chosen: Mapping[str, str]) -> dict[str, Any]:
    """What each filter offers, and what is chosen of it."""
    units = found.people["unit"].drop_nulls().unique().sort().to_list()
    names = titles([f"unit:{key}" for key in units], then(request))
    of_units = [(key, _title(names, "unit", key)) for key in units]
    systems = found.needs.select("system", "name").unique().sort("system")
    of_systems = [(key, Text(name or key, name or key)) for key, name in systems.iter_rows()]
    of_fields = list(Skill.kind_fields()["field"].options.items())
    words = (Text("所属（人）", "Unit (people)"), Text("システム", "System"), Text("分野", "Field"))
    offered = zip(FILTERS, words, (of_units, of_systems, of_fields), strict=True)
    return {"choices": [(name, word, options, chosen[name]) for name, word, options in offered]}
