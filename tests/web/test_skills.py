"""The skill map: what systems ask and who is there, people by skills; gaps first, old levels marked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from sekisho.kernel import clock
from sekisho.records.models import Approval, GrantedException, Person, Skill, SkillLevel, SkillNeed, System
from sekisho.records.register import one
from sekisho.workflows.act import act
from tests.cast import Cast
from tests.web.looking import come_in, in_theme, on_phone, overflows, violations
from tests.web.reading import at_most_queries, form_of, in_english, look_at, main, read, words

NOON = datetime(2026, 11, 23, 3, tzinfo=UTC)
TODAY = date(2026, 11, 23)
MAY = date(2026, 5, 10)
PAGE = "/maps/skills/"


@pytest.fixture(autouse=True)
def noon(request: pytest.FixtureRequest, db: None) -> Iterator[None]:
    """The clock stands still, but for a browser's server, which has threads of its own."""
    if "live_server" in request.fixturenames:
        yield
        return
    with clock.standing_at(NOON):
        yield


def put(model: type[Any], *records: tuple[str, dict[str, Any]]) -> None:
    with act("load", "operator:test") as doing:
        doing.put_new(model, list(records))


def level(person: str, skill: str, of: int, on: date = MAY) -> tuple[str, dict[str, Any]]:
    return f"SL-{person}-{skill}", {"person": person, "skill": skill, "level": of, "assessed_on": on}


def story() -> None:
    """Two systems: one asks for what nobody of the member's own knows, and for what one person knows."""
    wallet = {
        "name": "ウォレット", "unit": "U-SYS", "in_scope": True, "criticality": "high", "operated_by": "own",
        "in_use_since_on": date(2020, 4, 1),
    }  # fmt: skip
    put(System, ("S-WAL", wallet))
    put(
        Person,
        ("P-9001", {"name": "外山 渚", "unit": "U-OPS", "employment": "external", "vendor": "外山技研", "joined_on": MAY}),
        ("P-9002", {"name": "外村 岬", "unit": "U-OPS", "employment": "external", "vendor": "外山技研", "joined_on": MAY}),
    )  # fmt: skip
    put(
        Skill,
        ("SK-1", {"name": "侵入の検知", "field": "cybersecurity"}),
        ("SK-2", {"name": "約定の仕組み", "field": "system"}),
        ("SK-3", {"name": "夜間の運転", "field": "operation"}),
    )
    put(
        SkillNeed,
        ("SN-1", {"system": "S-EXC", "skill": "SK-1", "level": 3}),
        ("SN-2", {"system": "S-EXC", "skill": "SK-2", "level": 2}),
        ("SN-3", {"system": "S-EXC", "skill": "SK-3", "level": 1}),
    )
    put(
        SkillLevel,
        level("P-9001", "SK-1", 4), level("P-9002", "SK-1", 3),
        level("P-0006", "SK-2", 3), level("P-0007", "SK-2", 1),
        level("P-0006", "SK-3", 2), level("P-0007", "SK-3", 1, date(2025, 11, 22)),
    )  # fmt: skip


def needs(html: str) -> list[str]:
    """The words of each need's row, in order."""
    section = html[html.index('id="needs"') : html.index('id="people"')]
    return [words(row) for row in re.findall(r'<tr role="row" class.*?</tr>', section, re.DOTALL)]


def cells(html: str, person: str) -> list[str]:
    """The words of the cells of one person's row, without the name."""
    people = html[html.index('id="people"') :]
    row = next(r for r in re.findall(r"<tr.*?</tr>", people, re.DOTALL) if f"/person/{person}/" in r)
    return [words(cell) for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)]


def people_shown(html: str) -> list[str]:
    return re.findall(
        r'<th scope="row"[^>]*><a href="/records/person/([^/]+)/"', html[html.index('id="people"') :]
    )


def link_in(html: str, person: str, skill: int) -> str:
    """Where a person's cell of the skill in that column leads."""
    people = html[html.index('id="people"') :]
    row = next(r for r in re.findall(r"<tr.*?</tr>", people, re.DOTALL) if f"/person/{person}/" in r)
    found = re.search(r'href="([^"]+)"', re.findall(r"<td.*?</td>", row, re.DOTALL)[skill])
    return found[1].replace("&amp;", "&") if found else ""


# --- what systems ask -------------------------------------------------------------------------------------------------


def test_the_gaps_come_first(cast: Cast) -> None:
    story()
    told = needs(read(cast.nishi.client, PAGE))
    assert [row.split(" 重要度")[0] for row in told] == [
        "取引所システム S-EXC", "ウォレット S-WAL", "取引所システム S-EXC", "取引所システム S-EXC",
    ]  # fmt: skip
    assert "約定の仕組み 2 中級 1 / 2 不足 小川 蓮 3" in told[0]
    assert "必要スキル未登録" in told[1]
    assert "侵入の検知 3 上級 2 / 2 委託先の人のみ 外山 渚 4 委託先 外村 岬 3 委託先" in told[2]
    assert "夜間の運転 1 初級 2 / 2 充足 小川 蓮 2 大野 葵 1 12か月以上前の評価" in told[3]


def test_the_summary_counts(cast: Cast) -> None:
    story()
    told = main(read(cast.nishi.client, PAGE))
    assert "必要人数を満たす 2 / 3 件 不足 1" in told
    assert "必要スキル未登録 1 システム" in told
    assert "委託先の人のみ 1 件" in told
    assert "12か月以上前の評価 1 / 6 件" in told
    assert "評価済みの在籍者 4 / 11 人" in told


def test_an_approved_departure_says_so(cast: Cast) -> None:
    story()
    days = {"from_on": date(2026, 1, 1), "until_on": date(2026, 12, 31)}
    told = {"clause": "14-1", "kind": "exception", "subject": "skill_need:SN-2", "reason": "採用中"}
    put(GrantedException, ("EX-1", told | days))
    approved = {"step": "approved", "asked_by": "P-0004", "decided_by": "P-0002", "decision": "approved"}
    put(Approval, ("AP-1", {"subject": "exception:EX-1", "at": datetime(2026, 1, 5, tzinfo=UTC), **approved}))
    found = needs(read(cast.nishi.client, PAGE))
    assert ["例外・代替承認" in row for row in found] == [True, False, False, False]


# --- people by skills -------------------------------------------------------------------------------------------------


def test_a_person_s_levels_stand_under_their_skills_the_lacking_one_first(cast: Cast) -> None:
    story()
    html = read(cast.nishi.client, PAGE)
    heads = re.findall(r'<th scope="col"[^>]*>(.*?)</th>', html[html.index('id="people"') :], re.DOTALL)
    assert [words(h) for h in heads] == ["氏名", "約定の仕組み 不足", "侵入の検知", "夜間の運転"]
    nothing = "— 未評価"
    assert cells(html, "P-0006") == ["3 上級", nothing, "2 中級"]
    assert cells(html, "P-0007") == ["1 初級", nothing, "1 初級 12か月以上前の評価"]
    assert cells(html, "P-9001") == [nothing, "4 指導できる", nothing]


def test_people_stand_by_unit_and_those_without_a_level_where_asked_for(cast: Cast) -> None:
    story()
    assert people_shown(read(cast.nishi.client, PAGE)) == ["P-9001", "P-9002", "P-0006", "P-0007"]
    assert "業務部 外山 渚" in main(read(cast.nishi.client, PAGE))
    everybody = people_shown(read(cast.nishi.client, f"{PAGE}?everybody=1"))
    assert len(everybody) == 11
    assert "P-0010" not in everybody  # left the firm


def test_filters_leave_what_they_name(cast: Cast) -> None:
    story()
    client = cast.nishi.client
    assert people_shown(read(client, f"{PAGE}?unit=U-SYS")) == ["P-0006", "P-0007"]
    assert people_shown(read(client, f"{PAGE}?field=cybersecurity")) == ["P-9001", "P-9002"]
    assert (
        len(needs(read(client, f"{PAGE}?field=cybersecurity"))) == 2
    )  # the system that names none may lack it
    assert len(needs(read(client, f"{PAGE}?gaps=1"))) == 3
    of_wallet = read(client, f"{PAGE}?system=S-WAL")
    assert len(needs(of_wallet)) == 1
    assert "この条件に当てはまる人はいません。" in main(of_wallet)
    assert "この条件に当てはまる必要スキルはありません。" in main(read(client, f"{PAGE}?system=S-NONE"))


def test_a_past_day_shows_who_was_there_and_what_was_assessed_then(cast: Cast) -> None:
    story()
    look_at(cast.nishi.client, MAY - timedelta(days=1))
    html = read(cast.nishi.client, PAGE)
    assert people_shown(html) == ["P-0007"]
    assert cells(html, "P-0007")[-1] == "1 初級"
    look_at(cast.nishi.client, date(2026, 11, 22))
    assert cells(read(cast.nishi.client, PAGE), "P-0007")[-1] == "1 初級"  # the last day of its twelve months
    look_at(cast.nishi.client, TODAY, datetime(2020, 1, 1, tzinfo=UTC))
    told = main(read(cast.nishi.client, PAGE))
    assert "習熟度が登録されていません。" in told
    assert "必要スキルが登録されていません。" in told


# --- from a cell to the form --------------------------------------------------------------------------------------------


def test_a_cell_leads_to_the_form_of_its_level(cast: Cast) -> None:
    story()
    html = read(cast.sakura.client, PAGE)
    assert link_in(html, "P-0006", 0) == "/records/skill_level/SL-P-0006-SK-2/edit/"
    form = form_of(read(cast.sakura.client, link_in(html, "P-0006", 0)))
    assert (form["person"], form["level"]) == ("P-0006", "3")
    empty = form_of(read(cast.sakura.client, link_in(html, "P-0006", 1)))
    assert (empty["person"], empty["skill"], empty["level"], empty["assessed_on"]) == (
        "P-0006", "SK-1", "", "2026-11-23",
    )  # fmt: skip


def test_an_old_level_is_assessed_anew_and_then_stands(cast: Cast) -> None:
    story()
    link = link_in(read(cast.sakura.client, PAGE), "P-0007", 2)
    form = form_of(read(cast.sakura.client, link))
    assert (form["person"], form["skill"], form["level"]) == ("P-0007", "SK-3", "1")
    answer = cast.sakura.client.post("/records/skill_level/new/", {**form, "level": "2", "key": "SL-NEW"})
    assert answer.status_code == 302
    assert one(SkillLevel, "SL-NEW").values["level"] == 2
    assert cells(read(cast.sakura.client, PAGE), "P-0007")[2] == "2 中級"


def test_who_may_not_write_reads_the_record_and_is_offered_no_form(cast: Cast) -> None:
    story()
    html = read(cast.nishi.client, PAGE)
    assert link_in(html, "P-0006", 0) == "/records/skill_level/SL-P-0006-SK-2/"
    assert link_in(html, "P-0006", 1) == ""
    assert "/new/" not in html[html.index("<main") :]
    assert "/records/skill_need/new/?system=S-WAL" in read(cast.sakura.client, PAGE)
    look_at(cast.sakura.client, date(2026, 11, 1))
    assert "/new/" not in read(cast.sakura.client, PAGE)


# --- who, how, where --------------------------------------------------------------------------------------------------


def test_the_menu_has_it_under_maps_and_calendars(cast: Cast) -> None:
    html = read(cast.nishi.client, "/")
    menu = words(html[html.index('class="menu"') : html.index("<main")])
    assert "スキルマップ" in menu[menu.index("図と予定") : menu.index("台帳類")]
    told = words(read(in_english(cast.nishi.client), "/"))
    assert "Skill map" in told[told.index("Maps and calendars") : told.index("Registers")]


def test_in_english(cast: Cast) -> None:
    story()
    html = read(in_english(cast.nishi.client), PAGE)
    assert cells(html, "P-0007")[-1] == "1 beginner assessed over 12 months ago"
    assert "1 / 2 Too few" in needs(html)[0]
    assert "Vendors alone" in needs(html)[2]


def test_strangers_sign_in_first(cast: Cast) -> None:
    assert cast.anonymous.get(PAGE).status_code == 302
    assert cast.kyuda.client.get(PAGE).status_code in (302, 403)  # left the firm


def test_it_takes_few_queries(cast: Cast) -> None:
    story()
    read(cast.sakura.client, PAGE)
    with at_most_queries(12):
        read(cast.sakura.client, f"{PAGE}?everybody=1")


@pytest.mark.parametrize(("language", "theme"), [("ja", "light"), ("en", "dark")])
def test_it_is_accessible(
    cast: Cast, live_server: Any, new_context: Any, axe_source: str, language: str, theme: str
) -> None:
    story()
    page = come_in(new_context(), live_server, cast.sakura, language=language)
    in_theme(page, theme)
    page.goto(f"{live_server.url}{PAGE}?everybody=1")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", theme)
    assert violations(page, axe_source) == []
    assert page.complaints == []  # type: ignore[attr-defined]


def test_on_a_phone_it_is_a_list_and_nothing_scrolls_sideways(
    cast: Cast, live_server: Any, new_context: Any, axe_source: str
) -> None:
    story()
    page = on_phone(come_in(new_context(), live_server, cast.sakura))
    page.goto(live_server.url + PAGE)
    assert not overflows(page)
    assert violations(page, axe_source) == []
    row = page.locator('#people tr:has(a[href="/records/person/P-0006/"])')
    expect(row.locator("td:visible")).to_have_count(2)  # what was not assessed is left out


def test_the_heads_stay_where_the_matrix_scrolls_and_cells_are_reached_by_keyboard(
    cast: Cast, live_server: Any, new_context: Any
) -> None:
    story()
    page = come_in(new_context(), live_server, cast.sakura)
    page.set_viewport_size({"width": 900, "height": 300})
    page.goto(f"{live_server.url}{PAGE}?everybody=1")
    region = page.locator(".skill-scroll")
    region.focus()
    page.keyboard.press("Tab")
    expect(page.locator(".skill-matrix thead a").first).to_be_focused()
    region.evaluate("box => box.scrollTop = 200")
    top = region.bounding_box()
    head = page.locator(".skill-matrix thead th").first.bounding_box()
    assert top is not None
    assert head is not None
    assert abs(head["y"] - top["y"]) < 3
