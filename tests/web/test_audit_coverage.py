"""The audit universe by year: what is covered and until when, what is missing and how to plan it, what is followed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from sekisho.kernel import clock
from sekisho.records.facts import snapshot
from sekisho.records.models import Approval, Audit, AuditFinding, GrantedException, Unit, Vendor
from sekisho.records.register import one
from sekisho.rulebook.assess import assess
from sekisho.workflows.act import act
from tests.cast import Cast
from tests.web.looking import come_in, in_theme, on_phone, overflows, violations
from tests.web.reading import at_most_queries, form_of, in_english, look_at, main, read, words

NOON = datetime(2026, 11, 23, 3, tzinfo=UTC)
TODAY = date(2026, 11, 23)
PAGE = "/maps/audit/"


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


def audit(key: str, year: int, begun: date | None, until: date | None, **values: Any) -> None:
    told = {"title": f"監査{key}", "plan_year": year, "conducted_by": "internal", "auditors": ["P-0005"]}
    put(Audit, (key, told | {"from_on": begun, "until_on": until} | values))


def story() -> None:
    """A past audit that lapsed, one of last year, one under way, one planned, one never begun."""
    audit("AU-1", 2023, date(2023, 9, 1), date(2023, 11, 10), units=["U-MGT"], clauses=["7"])
    audit(
        "AU-2", 2025, date(2025, 10, 1), date(2026, 1, 30), units=["U-OPS"], systems=["S-EXC"], clauses=["25"]
    )
    audit("AU-3", 2026, date(2026, 10, 5), None, units=["U-SYS"], clauses=["7-1"])
    audit("AU-4", 2027, None, None, units=["U-MGT"])
    audit("AU-5", 2024, None, None, units=["U-RISK"])


def lines(html: str) -> dict[str, str]:
    """The words of every subject's row, by the subject's address."""
    found = {}
    for row in re.findall(r'<tr role="row" class="line.*?</tr>', html, re.DOTALL):
        if address := re.search(r'<th scope="row".*?href="([^"]+)"', row, re.DOTALL):
            found[address[1]] = words(row)
    return found


def cells(html: str, address: str) -> list[str]:
    """The words of the cells of one subject's row, without its name."""
    row = next(
        r
        for r in re.findall(r'<tr role="row" class="line.*?</tr>', html, re.DOTALL)
        if f'href="{address}"' in r
    )
    return [words(cell) for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)]


U = "/records/unit/{}/".format


# --- the matrix ------------------------------------------------------------------------------------------------------


def test_every_subject_of_24_2_has_a_row(cast: Cast) -> None:
    story()
    html = read(cast.nishi.client, PAGE)
    outcomes = assess(snapshot())["24-2"].outcomes
    asked = {
        f"/rule/{subject}/" if kind == "clause" else f"/records/{kind}/{subject}/"
        for kind, subject in outcomes.select("kind", "subject").iter_rows()
    }
    assert set(lines(html)) == asked
    assert len(asked) > 40


def test_the_years_are_those_of_the_cycle_and_the_next(cast: Cast) -> None:
    heads = re.findall(r'<th scope="col"[^>]*>(.*?)</th>', read(cast.nishi.client, PAGE), re.DOTALL)
    assert [words(h) for h in heads[:7]] == [
        "対象", "令和6年度", "令和7年度", "令和8年度 今年度", "令和9年度 計画", "最後の監査日", "状態・失効日",
    ]  # fmt: skip


def test_a_cell_tells_what_was_done_is_under_way_is_planned_or_was_never_begun(cast: Cast) -> None:
    story()
    html = read(cast.nishi.client, PAGE)
    nothing = "— なし"
    assert cells(html, U("U-OPS")) == [
        nothing, "実施 AU-2", nothing, nothing, "令和8年1月30日 AU-2", "監査済 失効日 令和11年1月31日",
    ]  # fmt: skip
    assert cells(html, U("U-SYS"))[:4] == [nothing, nothing, "実施中 AU-3", nothing]
    assert cells(html, U("U-MGT"))[:4] == [nothing, nothing, nothing, "計画 AU-4"]
    assert cells(html, U("U-RISK"))[:4] == ["計画のまま未着手 AU-5", nothing, nothing, nothing]
    assert 'href="/records/audit/AU-2/"' in html


def test_what_lapsed_was_never_covered_or_lapses_soon_is_marked_with_its_day(cast: Cast) -> None:
    story()
    html = read(cast.nishi.client, PAGE)
    assert cells(html, U("U-MGT"))[4:] == ["令和5年11月10日 AU-1", "失効 計画あり 失効日 令和8年11月11日"]
    assert cells(html, U("U-RISK"))[4:] == ["— なし", "未監査 期限 令和5年4月1日"]
    look_at(cast.nishi.client, date(2028, 7, 31))
    html = read(cast.nishi.client, PAGE)
    assert "6か月以内に失効" in cells(html, U("U-OPS"))[5]
    assert '<tr role="row" class="line soon">' in html
    look_at(cast.nishi.client, date(2028, 7, 30))
    assert "6か月以内に失効" not in cells(read(cast.nishi.client, PAGE), U("U-OPS"))[5]


def test_a_past_day_shows_what_was_covered_then(cast: Cast) -> None:
    story()
    look_at(cast.nishi.client, date(2026, 1, 29))
    told = cells(read(cast.nishi.client, PAGE), U("U-OPS"))
    assert told[2] == "実施中 AU-2"  # it ended the day after, in the fiscal year of that day
    assert "未監査" in told[5]


def test_what_was_known_at_a_past_moment_is_shown_with_the_titles_of_then(cast: Cast) -> None:
    before = clock.now() + timedelta(seconds=1)
    with clock.standing_at(NOON + timedelta(minutes=1)):
        put(Unit, ("U-NEW", {"name": "新設部", "function": "user", "since_on": date(2020, 4, 1)}))
        story()
        look_at(cast.nishi.client, TODAY, before)
        html = read(cast.nishi.client, PAGE)
    assert "新設部" not in main(html)
    assert "AU-2" not in main(html)
    assert "経営" in main(html)


def test_an_article_sums_up_its_clauses_and_folds(cast: Cast) -> None:
    story()
    html = read(cast.nishi.client, PAGE)
    group = re.search(r'<tr role="row" class="group">(?:(?!</tr>).)*id="fold-25".*?</tr>', html, re.DOTALL)
    assert group is not None
    told = words(group[0])
    assert re.fullmatch(
        r"第25条 外部委託管理 — なし 実施 (\d)/\1 AU-2 .* \1/\1 件 監査済 令和11年1月31日", told
    )
    assert '<details id="fold-25">' in html
    assert '<details id="fold-25" open>' in read(cast.nishi.client, f"{PAGE}?unfold=1")


def test_the_summary_says_how_many_are_covered(cast: Cast) -> None:
    story()
    counts = assess(snapshot())["24-2"].counts
    told = main(read(cast.nishi.client, PAGE))
    every = counts["met"] + counts["falls_short"] + counts["no_evidence"]
    assert f"{every} 件中 {counts['met']} 件が監査済" in told
    assert f"不足 {every - counts['met']} ／ 例外承認 0" in told
    assert "失効 4 ／" in told  # of the audit of 2023: the management and the three clauses of article 7
    assert "部署 1/5" in told


def test_one_kind_is_shown_alone(cast: Cast) -> None:
    story()
    shown = lines(read(cast.nishi.client, f"{PAGE}?kind=unit"))
    assert set(shown) == {U(k) for k in ("U-MGT", "U-SYS", "U-OPS", "U-RISK", "U-AUD")}
    assert set(lines(read(cast.nishi.client, f"{PAGE}?kind=system"))) == {"/records/system/S-EXC/"}
    assert len(lines(read(cast.nishi.client, f"{PAGE}?kind=nonsense"))) > len(shown)


def test_only_gaps_leaves_out_what_is_covered_for_long(cast: Cast) -> None:
    story()
    html = read(cast.nishi.client, f"{PAGE}?gaps=1")
    assert U("U-OPS") not in lines(html)
    assert U("U-MGT") in lines(html)
    assert 'id="fold-25"' not in html  # all of article 25 is covered
    audit("AU-9", 2026, date(2026, 5, 1), date(2026, 6, 30), systems=["S-EXC"])
    assert "この条件に当てはまる監査対象はありません。" in read(
        cast.nishi.client, f"{PAGE}?gaps=1&kind=system"
    )


def test_records_come_the_worst_first(cast: Cast) -> None:
    story()
    addresses = list(lines(read(cast.nishi.client, f"{PAGE}?kind=unit")))
    assert addresses[0] == U("U-MGT")
    assert addresses[-1] == U("U-OPS")


def test_of_many_vendors_the_first_are_shown_and_the_rest_come_in_pages(cast: Cast) -> None:
    told = {"important": True, "since_on": date(2020, 4, 1)}
    put(Vendor, *((f"V-{n:04d}", {"name": f"委託先{n}", **told}) for n in range(230)))
    html = read(cast.nishi.client, PAGE)
    assert sum("/vendor/" in address for address in lines(html)) == 50
    assert "ほか 180 件を表示" in main(html)
    assert "重要な委託先 0/230" in main(html)
    assert len(lines(read(cast.nishi.client, f"{PAGE}?kind=vendor"))) == 200
    assert len(lines(read(cast.nishi.client, f"{PAGE}?kind=vendor&page=2"))) == 30


def test_an_excepted_subject_says_so(cast: Cast) -> None:
    days = {"from_on": date(2026, 1, 1), "until_on": date(2026, 12, 31)}
    told = {"clause": "24-2", "kind": "exception", "subject": "unit:U-RISK", "reason": "統合予定"}
    put(GrantedException, ("EX-1", told | days))
    approved = {"step": "approved", "asked_by": "P-0004", "decided_by": "P-0002", "decision": "approved"}
    put(Approval, ("AP-1", {"subject": "exception:EX-1", "at": datetime(2026, 1, 5, tzinfo=UTC), **approved}))
    html = read(cast.nishi.client, PAGE)
    assert cells(html, U("U-RISK"))[5].startswith("例外承認")
    assert "例外承認 1" in main(html)
    assert U("U-RISK") not in lines(read(cast.nishi.client, f"{PAGE}?gaps=1"))


# --- planning what is missing -----------------------------------------------------------------------------------------


def planned(client: Any, query: str = "") -> dict[str, str]:
    """What the link to a new audit fills in; nothing where there is no link."""
    link = re.search(
        r'<a class="btn btn-primary" href="(/records/audit/new/[^"]*)"', read(client, PAGE + query)
    )
    return (
        {}
        if link is None
        else {n: v[0] for n, v in parse_qs(urlsplit(link[1].replace("&amp;", "&")).query).items()}
    )


def test_a_new_audit_is_offered_with_all_that_is_missing_and_not_planned(cast: Cast) -> None:
    story()
    asked = planned(cast.chiba.client)
    assert asked["plan_year"] == "2026"
    assert set(asked["units"].split(";")) == {
        "U-RISK",
        "U-AUD",
    }  # U-MGT is planned, U-SYS under way, U-OPS covered
    named = asked["clauses"].split(";")
    assert "24" in named  # nothing of article 24 was covered: its number says all of it
    assert {"7-2", "7-3"} <= set(named)
    assert not {"7", "7-1", "25"} & set(named)
    assert "systems" not in asked
    assert planned(cast.chiba.client, "?kind=unit").keys() == {"title", "plan_year", "units"}


def test_the_form_opens_with_that_scope_and_writes_nothing_before_it_is_sent(cast: Cast) -> None:
    story()
    html = read(cast.chiba.client, PAGE)
    link = re.search(r'href="(/records/audit/new/[^"]*)"', html)
    assert link is not None
    form_page = read(cast.chiba.client, link[1].replace("&amp;", "&"))
    form = form_of(form_page)
    assert form["units"] == "U-AUD;U-RISK"
    assert "リスク管理部" in main(form_page)
    assert Audit.objects.count() == 5
    answer = cast.chiba.client.post(
        "/records/audit/new/", {**form, "conducted_by": "internal", "key": "AU-N"}
    )
    assert answer.status_code == 302
    kept = one(Audit, "AU-N").values
    assert (kept["plan_year"], kept["units"]) == (2026, ["U-AUD", "U-RISK"])
    assert planned(cast.chiba.client) == {}  # nothing is left that no plan names


def test_who_may_not_write_audits_and_who_looks_at_another_day_is_offered_none(cast: Cast) -> None:
    assert planned(cast.nishi.client) == {}
    assert planned(cast.chiba.client)
    look_at(cast.chiba.client, date(2026, 6, 1))
    assert planned(cast.chiba.client) == {}


def test_of_very_many_missing_subjects_as_many_are_named_as_an_address_holds(cast: Cast) -> None:
    told = {"important": True, "since_on": date(2020, 4, 1)}
    put(Vendor, *((f"V-{n:04d}", {"name": f"委託先{n}", **told}) for n in range(1200)))
    html = read(cast.chiba.client, PAGE)
    link = re.search(r'href="(/records/audit/new/[^"]*)"', html)
    assert link is not None
    assert 4_000 < len(link[1]) < 7_000
    assert "残りは次の監査として計画してください。" in main(html)
    assert len(planned(cast.chiba.client)["vendors"].split(";")) > 500


def test_a_prefilled_form_takes_no_control_characters_and_no_markup(cast: Cast) -> None:
    html = read(
        cast.chiba.client, "/records/audit/new/?units=U-OPS%00;%3Cb%3E&title=%3Cscript%3Ex&plan_year=%00"
    )
    assert form_of(html)["units"] == "U-OPS;<b>"
    assert "<script>x" not in html
    assert "\x00" not in html


# --- auditors, and what audits found ----------------------------------------------------------------------------------


def test_what_is_wrong_with_auditors_is_told_as_24_1_finds_it(cast: Cast) -> None:
    story()
    audit("AU-6", 2026, date(2026, 4, 1), date(2026, 6, 30), units=["U-OPS"], auditors=["P-0003"])
    html = read(cast.nishi.client, PAGE)
    state = assess(snapshot())["24-1"]
    section = html[html.index('id="auditors"') : html.index('id="followed"')]
    assert len(re.findall(r'<tr role="row">\s*<td', section)) == len(state.findings)
    told = words(section)
    assert "監査AU-6" in told
    assert "青木 健" in told
    assert "AU-2 不足" not in told


def test_open_findings_come_overdue_first_then_by_severity(cast: Cast) -> None:
    story()

    def found(key: str, severity: str, due: date, **values: Any) -> tuple[str, dict[str, Any]]:
        told = {"title": f"指摘{key}", "audit": "AU-2", "severity": severity, "due_on": due}
        return key, told | {"found_on": date(2026, 1, 20)} | values

    put(
        AuditFinding,
        found("AF-1", "high", date(2027, 1, 31), clause="25-1", owner="P-0003"),
        found("AF-2", "low", date(2026, 11, 22), unit="U-OPS"),
        found("AF-3", "medium", date(2026, 11, 23)),
        found("AF-4", "high", date(2026, 6, 30), done_on=date(2026, 6, 1), confirmed_on=date(2026, 6, 2), confirmed_by="P-0005"),
        found("AF-5", "medium", date(2026, 10, 1), done_on=date(2026, 11, 1), found_on=date(2024, 1, 20)),
    )  # fmt: skip
    html = read(cast.nishi.client, PAGE)
    section = html[html.index('id="followed"') :]
    assert re.findall(r'href="/records/audit_finding/(AF-\d)/"', section) == ["AF-2", "AF-1", "AF-5", "AF-3"]
    told = words(section)
    assert "4 件（期限超過 1 件）" in told
    assert "令和8年11月22日 1日超過" in told
    assert "完了・監査人の確認待ち" in told
    assert "第25条第1項" in told
    assert "低 0 0 1 0 1 1" in told
    assert "中 0 0 1 1 2 0" in told


def test_no_finding_is_said_plainly(cast: Cast) -> None:
    assert "未了の指摘事項はありません。" in main(read(cast.nishi.client, PAGE))


# --- who, how, where --------------------------------------------------------------------------------------------------


def test_the_menu_has_it_under_maps_and_calendars(cast: Cast) -> None:
    html = read(cast.nishi.client, "/")
    menu = words(html[html.index('class="menu"') : html.index("<main")])
    assert "監査の網羅状況" in menu[menu.index("図と予定") : menu.index("台帳類")]
    told = words(read(in_english(cast.nishi.client), "/"))
    assert "Audit coverage" in told[told.index("Maps and calendars") : told.index("Registers")]


def test_in_english(cast: Cast) -> None:
    story()
    html = read(in_english(cast.nishi.client), PAGE)
    assert cells(html, U("U-MGT"))[3:] == [
        "Planned AU-4", "10 Nov 2023 AU-1", "Lapsed In the plan since 11 Nov 2026",
    ]  # fmt: skip
    assert "FY2026 this year" in main(html)
    assert not re.search("[ぁ-ん]", re.sub("監査AU-[0-9]", "", main(html)).replace("日本語", ""))


def test_strangers_sign_in_first(cast: Cast) -> None:
    assert cast.anonymous.get(PAGE).status_code == 302
    assert cast.kyuda.client.get(PAGE).status_code in (302, 403)  # left the firm


def test_an_empty_member_is_told_that_nothing_is_recorded(cast: Cast) -> None:
    look_at(cast.nishi.client, TODAY, datetime(2020, 1, 1, tzinfo=UTC))
    assert "監査対象を判定する記録がない" in main(read(cast.nishi.client, PAGE))


def test_it_takes_few_queries(cast: Cast) -> None:
    story()
    read(cast.chiba.client, PAGE)
    with at_most_queries(12):
        read(cast.chiba.client, f"{PAGE}?unfold=1")


@pytest.mark.parametrize(("language", "theme"), [("ja", "light"), ("en", "dark")])
def test_it_is_accessible(
    cast: Cast, live_server: Any, new_context: Any, axe_source: str, language: str, theme: str
) -> None:
    story()
    page = come_in(new_context(), live_server, cast.chiba, language=language)
    in_theme(page, theme)
    page.goto(f"{live_server.url}{PAGE}?unfold=1")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", theme)
    assert violations(page, axe_source) == []
    assert page.complaints == []  # type: ignore[attr-defined]


def _line(page: Page) -> Any:
    return page.locator('tr.line:has(a[href="/rule/7-1/"])')


def test_an_article_unfolds_by_keyboard_and_on_paper_all_is_unfolded(
    cast: Cast, live_server: Any, new_context: Any
) -> None:
    story()
    page = come_in(new_context(), live_server, cast.chiba)
    page.goto(live_server.url + PAGE)
    expect(_line(page)).not_to_be_visible()
    page.locator("#fold-7 > summary").focus()
    page.keyboard.press("Enter")
    expect(_line(page)).to_be_visible()
    page.keyboard.press("Enter")
    expect(_line(page)).not_to_be_visible()
    page.emulate_media(media="print")
    expect(_line(page)).to_be_visible()
    expect(page.locator("#sidebar")).not_to_be_visible()


def test_on_a_phone_it_is_a_list_that_does_not_scroll_sideways(
    cast: Cast, live_server: Any, new_context: Any, axe_source: str
) -> None:
    story()
    page = on_phone(come_in(new_context(), live_server, cast.chiba))
    page.goto(f"{live_server.url}{PAGE}?unfold=1")
    assert not overflows(page)
    box = _line(page).locator("td[data-label]").last.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= 390
    expect(page.locator("tr.line td:has(.none)").first).not_to_be_visible()
    assert violations(page, axe_source) == []
