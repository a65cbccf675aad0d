"""The matrix of safeguards: how each system stands by layer and by step, the member by step, and techniques."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from sekisho.kernel import clock
from sekisho.records.facts import snapshot
from sekisho.records.models import Approval, GrantedException, Safeguard, System
from sekisho.rulebook.assess import assess
from sekisho.workflows.act import act
from tests.cast import Cast
from tests.web.looking import come_in, in_theme, on_phone, overflows, violations
from tests.web.reading import at_most_queries, form_of, in_english, look_at, main, read, words

NOON = datetime(2026, 11, 23, 3, tzinfo=UTC)
TODAY = date(2026, 11, 23)
SINCE = date(2024, 4, 1)
PAGE = "/maps/safeguards/"


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


def system(key: str, criticality: str | None = "high", **values: Any) -> tuple[str, dict[str, Any]]:
    told = {
        "name": f"系{key}",
        "unit": "U-OPS",
        "in_scope": True,
        "operated_by": "own",
        "in_use_since_on": SINCE,
    }
    return key, told | {"criticality": criticality} | values


def guard(key: str, layer: str, *systems: str, **values: Any) -> tuple[str, dict[str, Any]]:
    told = {"title": f"策{key}", "layer": layer, "systems": list(systems) or None, "since_on": SINCE}
    return key, told | {"verified_on": date(2026, 6, 1), "result": "effective"} | values


def story() -> None:
    """S-EXC: verified, lapsed, none. S-WAL: ineffective, unverified, two verified. S-OLD is out of use."""
    put(
        System,
        system("S-WAL", "medium", internet_facing=True),
        system("S-OLD", in_use_until_on=date(2026, 11, 22)),
        system("S-LOW", "low", in_scope=False),
    )
    put(
        Safeguard,
        guard("SG-1", "entry", "S-EXC", step="delivery", techniques=["T1566", "t1566.001"]),
        guard("SG-2", "inside", "S-EXC", verified_on=date(2025, 6, 1), step="installation", techniques=["T1055"]),
        guard("SG-3", "entry", "S-WAL", result="ineffective", step="delivery"),
        guard("SG-4", "inside", "S-WAL", verified_on=None, result=None, techniques=["T1055 "]),
        guard("SG-5", "exit", "S-WAL", "S-OLD"),
        guard("SG-6", "exit", "S-WAL", result="partial"),
        guard("SG-7", "exit", "S-EXC", until_on=date(2026, 11, 22), techniques=["T1048"]),
        guard("SG-8", "inside", step="command_and_control", techniques=["T1055", "T1071"]),
    )  # fmt: skip


def line(html: str, key: str) -> list[str]:
    """The words of a system's cells."""
    rows = re.findall(r'<tr role="row".*?</tr>', html, re.DOTALL)
    row = next(r for r in rows if f'href="/records/system/{key}/"' in r)
    return [words(cell) for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)]


def shown(html: str) -> list[str]:
    """The systems of the matrix, in their order."""
    matrix = html[html.index('id="matrix"') : html.index('id="techniques"')]
    return re.findall(r'<th scope="row" role="rowheader"><a href="/records/system/([^"/]+)/"', matrix)


# --- the matrix -------------------------------------------------------------------------------------------------------


def test_a_cell_says_how_a_layer_stands_and_how_many_safeguards_there_are(cast: Cast) -> None:
    story()
    html = read(cast.nishi.client, PAGE)
    tail = "件の防御策を開く"
    assert line(html, "S-EXC") == [f"検証済 1 {tail}", f"検証の期限切れ 1 {tail}", "なし"]
    assert line(html, "S-WAL") == [f"無効 1 {tail}", f"未検証 1 {tail}", f"検証済 2 {tail}"]
    assert shown(html) == ["S-EXC", "S-WAL"]  # critical ones first; none out of scope or out of use
    assert "全層に検証済 0 / 2 システム" in main(html)
    assert "有効期間中の防御策 7 件 うち検証済 4" in main(html)


def test_the_matrix_agrees_with_what_10_1_finds(cast: Cast) -> None:
    story()
    found = assess(snapshot())["10-1"].findings
    html = read(cast.nishi.client, PAGE)
    lacking = sum("検証済" not in cell for key in shown(html) for cell in line(html, key))
    assert lacking == len(found.filter(kind="system"))
    whole = re.search(
        r'<tr role="row" class="whole">.*?</tr>', read(cast.nishi.client, PAGE + "?by=step"), re.DOTALL
    )
    assert whole is not None
    assert whole[0].count("<td") - words(whole[0]).count("検証済") == len(found.filter(kind="member"))


def test_a_cell_leads_to_the_safeguards_behind_it(cast: Cast) -> None:
    story()
    html = read(cast.nishi.client, PAGE)
    link = re.search(r'<a class="cover verified" href="([^"]*systems=S-WAL[^"]*)"', html)
    assert link is not None
    behind = read(cast.nishi.client, link[1].replace("&amp;", "&"))
    assert re.findall(r"data-row>([^<]+)</a>", behind) == ["SG-5", "SG-6"]
    assert 'title="検証済 2"' in html


def test_by_step_the_member_as_a_whole_comes_first(cast: Cast) -> None:
    story()
    html = read(cast.nishi.client, f"{PAGE}?by=step")
    whole = re.search(r'<tr role="row" class="whole">.*?</tr>', html, re.DOTALL)
    assert whole is not None
    told = [words(cell) for cell in re.findall(r"<td.*?</td>", whole[0], re.DOTALL)]
    assert [cell.split()[0] for cell in told] == [
        "なし",
        "なし",
        "検証済",
        "なし",
        "検証の期限切れ",
        "検証済",
        "なし",
    ]
    assert line(html, "S-EXC")[2].startswith("検証済 1")
    assert line(html, "S-WAL")[2].startswith("無効 1")
    assert "攻撃の段階（会員全体） 2 / 7" in main(html)
    assert "攻撃の段階（会員全体） 2 / 7" in main(read(cast.nishi.client, PAGE))


def test_one_is_added_with_its_system_and_layer_filled_in(cast: Cast) -> None:
    story()
    html = read(cast.aoki.client, PAGE)
    links = re.findall(r'<a class="add" href="([^"]*)" aria-label="([^"]*)"', html)
    asked = {parse_qs(urlsplit(url.replace("&amp;", "&")).query)["systems"][0] for url, _ in links}
    assert (len(links), asked) == (4, {"S-EXC", "S-WAL"})  # where nothing verified stands
    assert (
        "/records/safeguard/new/?layer=exit&amp;systems=S-EXC",
        "取引所システム（出口）に防御策を登録",
    ) in links
    form = form_of(read(cast.aoki.client, "/records/safeguard/new/?layer=exit&systems=S-EXC"))
    assert (form["layer"], form["systems"]) == ("exit", "S-EXC")


def test_who_may_not_write_safeguards_and_who_looks_at_another_day_is_offered_none(cast: Cast) -> None:
    story()
    assert 'class="add"' not in read(cast.nishi.client, PAGE)
    look_at(cast.aoki.client, date(2026, 10, 1))
    assert 'class="add"' not in read(cast.aoki.client, PAGE)


def test_an_excepted_system_says_so(cast: Cast) -> None:
    story()
    days = {"from_on": date(2026, 1, 1), "until_on": date(2026, 12, 31), "reason": "更改中"}
    put(
        GrantedException, ("EX-1", {"clause": "10-1", "kind": "exception", "subject": "system:S-WAL", **days})
    )
    approved = {"step": "approved", "asked_by": "P-0004", "decided_by": "P-0002", "decision": "approved"}
    put(Approval, ("AP-1", {"subject": "exception:EX-1", "at": datetime(2026, 1, 5, tzinfo=UTC), **approved}))
    html = read(cast.nishi.client, PAGE)
    assert main(html).count("例外承認") == 1
    assert re.search(r"系S-WAL.*?例外承認", main(html))


# --- filters ----------------------------------------------------------------------------------------------------------


def test_filters_leave_the_systems_that_are_asked_for(cast: Cast) -> None:
    story()
    put(System, system("S-OK", None, unit="U-SYS"))
    put(Safeguard, *(guard(f"SG-O{n}", layer, "S-OK") for n, layer in enumerate(("entry", "inside", "exit"))))
    client = cast.nishi.client
    assert shown(read(client, PAGE)) == ["S-EXC", "S-WAL", "S-OK"]
    assert shown(read(client, f"{PAGE}?criticality=medium")) == ["S-WAL"]
    assert shown(read(client, f"{PAGE}?unit=U-SYS")) == ["S-EXC", "S-OK"]
    assert shown(read(client, f"{PAGE}?gaps=1")) == ["S-EXC", "S-WAL"]
    assert shown(read(client, f"{PAGE}?gaps=1&unit=U-OPS&by=step")) == ["S-WAL"]
    assert "全層に検証済 1 / 3 システム" in main(read(client, f"{PAGE}?criticality=medium"))
    nothing = read(client, f"{PAGE}?criticality=low")
    assert "この条件に当てはまるシステムはありません。" in main(nothing)
    assert shown(read(client, f"{PAGE}?by=nonsense&page=x")) == ["S-EXC", "S-WAL", "S-OK"]


def test_many_systems_come_in_pages(cast: Cast) -> None:
    put(System, *(system(f"S-{n:04d}") for n in range(230)))
    assert len(shown(read(cast.nishi.client, PAGE))) == 100
    assert len(shown(read(cast.nishi.client, f"{PAGE}?page=3"))) == 31


# --- techniques -------------------------------------------------------------------------------------------------------


def test_techniques_list_the_safeguards_that_name_them_the_best_first(cast: Cast) -> None:
    story()
    html = read(cast.nishi.client, PAGE)
    table = html[html.index('id="techniques"') :]
    rows = [words(r) for r in re.findall(r'<tr role="row"><th scope="row".*?</tr>', table, re.DOTALL)]
    assert rows == [
        "T1055 検証済 策SG-8 検証済 、 策SG-2 検証の期限切れ 、 策SG-4 未検証 2",
        "T1071 検証済 策SG-8 検証済 0",
        "T1566 検証済 策SG-1 検証済 1",
        "T1566.001 検証済 策SG-1 検証済 1",
    ]
    assert 'href="/records/safeguard/?techniques=T1566"' in table


# --- who, when, how ---------------------------------------------------------------------------------------------------


def test_a_past_day_shows_how_it_was_then_and_a_past_moment_what_was_known(cast: Cast) -> None:
    before = clock.now() + timedelta(seconds=1)
    with clock.standing_at(NOON + timedelta(minutes=1)):
        story()
        look_at(cast.nishi.client, date(2026, 6, 1))
        html = read(cast.nishi.client, PAGE)
        assert [cell.split()[0] for cell in line(html, "S-EXC")] == ["検証済", "検証済", "検証済"]
        assert "S-OLD" in shown(html)
        look_at(cast.nishi.client, TODAY, before)
        html = read(cast.nishi.client, PAGE)
    assert line(html, "S-EXC") == ["なし", "なし", "なし"]
    assert shown(html) == ["S-EXC"]


def test_a_member_without_systems_is_told_so(cast: Cast) -> None:
    look_at(cast.nishi.client, TODAY, datetime(2020, 1, 1, tzinfo=UTC))
    assert "対象のシステムが登録されていません。" in main(read(cast.nishi.client, PAGE))


def test_the_menu_has_it_under_maps_and_calendars(cast: Cast) -> None:
    html = read(cast.nishi.client, "/")
    menu = words(html[html.index('class="menu"') : html.index("<main")])
    assert "防御策の網羅状況" in menu[menu.index("図と予定") : menu.index("台帳類")]


def test_in_english(cast: Cast) -> None:
    story()
    html = read(in_english(cast.aoki.client), PAGE)
    assert line(html, "S-WAL")[0] == "Ineffective 1 safeguard: open it Add"
    assert not re.search("[ぁ-ん]", re.sub("[系策]S|取引所システム", "", main(html)).replace("日本語", ""))


def test_strangers_sign_in_first_and_titles_are_no_markup(cast: Cast) -> None:
    assert cast.anonymous.get(PAGE).status_code == 302
    put(System, system("S-X", name="<script>x"))
    put(Safeguard, guard("SG-X", "entry", "S-X", title="<b>策", techniques=["<i>T1"]))
    html = read(cast.aoki.client, PAGE)
    assert "<script>x" not in html
    assert "<b>策" not in html
    assert "<i>T1" not in html


def test_it_takes_few_queries(cast: Cast) -> None:
    story()
    read(cast.aoki.client, PAGE)
    with at_most_queries(12):
        read(cast.aoki.client, f"{PAGE}?by=step")


@pytest.mark.parametrize(("language", "theme"), [("ja", "light"), ("en", "dark")])
def test_it_is_accessible(
    cast: Cast, live_server: Any, new_context: Any, axe_source: str, language: str, theme: str
) -> None:
    story()
    page = come_in(new_context(), live_server, cast.aoki, language=language)
    in_theme(page, theme)
    for query in ("", "?by=step"):
        page.goto(live_server.url + PAGE + query)
        expect(page.locator("html")).to_have_attribute("data-bs-theme", theme)
        assert violations(page, axe_source) == []
    assert page.complaints == []  # type: ignore[attr-defined]


def test_a_cell_is_opened_by_keyboard(cast: Cast, live_server: Any, new_context: Any) -> None:
    story()
    page = come_in(new_context(), live_server, cast.aoki)
    page.goto(live_server.url + PAGE)
    page.locator("a.cover.verified").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/records/safeguard/?layer=entry&systems=S-EXC")
    expect(page.locator("[data-row]")).to_have_text(["SG-1"])


def test_on_a_phone_it_is_a_list_that_does_not_scroll_sideways(
    cast: Cast, live_server: Any, new_context: Any, axe_source: str
) -> None:
    story()
    page = on_phone(come_in(new_context(), live_server, cast.aoki))
    for query in ("", "?by=step"):
        page.goto(live_server.url + PAGE + query)
        assert not overflows(page)
        box = page.locator(".cover-matrix td[data-label]").last.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= 390
        assert violations(page, axe_source) == []
