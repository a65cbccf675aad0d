"""A clause's page: how it stands, why, on which records, who must act, what it reads, how it stood before."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from sekisho.access.rights import operator_actor
from sekisho.kernel import clock
from sekisho.records.models import Appointment, Approval, Audit, GrantedException
from sekisho.rulebook.contents import checks_of, clause_named
from sekisho.rulebook.limits import all_limits
from sekisho.workflows.act import act
from sekisho.workflows.official_text import import_text
from tests.cast import APPOINTED, Cast
from tests.web.looking import come_in, in_theme, on_phone, overflows, violations


def page_of(cast: Cast, citation: str, **query: Any) -> str:
    return str(cast.nishi.client.get(f"/rule/{citation}/", query).content.decode())


def page_text(cast: Cast, citation: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", page_of(cast, citation)).split())


def rows(html: str) -> list[str]:
    """The findings' rows, as text."""
    found = re.search(r'id="findings".*?</section>', html, re.DOTALL)
    assert found is not None
    bodies = re.findall(r'<tr role="row">(.*?)</tr>', found[0], re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", body).split()) for body in bodies]


def depart(clause: str, kind: str, **values: Any) -> None:
    """An approved departure from a clause."""
    with act("grant", "person:P-0001") as doing:
        told = {"clause": clause, "kind": kind, "from_on": clock.today(), **values}
        doing.put(GrantedException, "EX-0001", told)
        decided = {
            "subject": "exception:EX-0001",
            "step": "approved",
            "decision": "approved",
            "at": clock.now(),
        }
        people = {"asked_by": "P-0004", "decided_by": "P-0001", "role": "representative_director"}
        doing.put(Approval, "AP-0001", {**decided, **people})


def except_unit(unit: str, until_on: date) -> None:
    """An approved exception of 7-1 for one unit."""
    told = {"reason": "発令待ち", "equivalent": "部長が代行", "until_on": until_on}
    depart("7-1", "exception", subject=f"unit:{unit}", **told)


def test_a_clause_tells_its_duty_its_verdict_and_its_words(cast: Cast) -> None:
    html = page_of(cast, "7-1")
    assert clause_named("7-1").text.ja in html
    assert "義務" in html
    assert "不足" in html
    assert "第7条" in html


def test_a_finding_tells_the_record_the_reason_since_when_and_who_acts(cast: Cast) -> None:
    row = next(r for r in rows(page_of(cast, "7-1")) if "U-SYS" in r)
    assert "「システム部」（U-SYS）にシステム管理責任者がいません" in row
    assert "システム統括管理責任者 佐倉 美咲" in row


def test_a_findings_subject_is_one_click_away(cast: Cast) -> None:
    assert 'href="/records/unit/U-SYS/"' in page_of(cast, "7-1")


def test_a_clause_that_is_itself_a_subject_is_one_click_away(cast: Cast) -> None:
    html = page_of(cast, "24-2")
    assert re.search(r'<a href="/rule/1/">第1条</a>.*<span class="soft mono">1</span>', html)
    assert "〔条項〕は監査周期の間に一度も監査されていません" in html
    assert any(r.startswith("不足 第1条 1 第1条は監査周期の間に") for r in rows(html))
    days = {"from_on": clock.today(), "until_on": clock.today()}
    with act("audit", "person:P-0005") as doing:
        doing.put(Audit, "AU-1", {"title": "監査", "plan_year": 2026, "clauses": ["1"], **days})
    html = page_of(cast, "24-2")
    assert not any("第1条 1 " in r for r in rows(html))
    assert re.search(r'<ul class="names">.*<a href="/rule/1/">第1条</a>', html, re.DOTALL)


def test_an_exception_for_a_clause_that_is_a_subject_is_told_by_its_title(cast: Cast) -> None:
    depart(
        "24-2", "exception", subject="clause:1", reason="来期に監査", until_on=clock.today() + timedelta(30)
    )
    html = page_of(cast, "24-2", page=99)  # what is excepted comes last
    assert "／ 第1条" in html
    assert next(r for r in rows(html) if "第1条 1" in r).startswith("例外承認")
    record = cast.nishi.client.get("/records/exception/EX-0001/").content.decode()
    assert '<a href="/rule/1/">第1条</a>' in record


def test_the_finding_goes_when_the_record_is_mended(cast: Cast) -> None:
    before = len(rows(page_of(cast, "7-1")))
    with act("save_appointment", "operator:test") as doing:
        values = {"person": cast.ogawa.key, "role": "system_manager", "unit": "U-SYS", "since_on": APPOINTED}
        doing.put(Appointment, "A-NEW", {**values, "grounds": "経験"})
    after = rows(page_of(cast, "7-1"))
    assert len(after) == before - 1
    assert not any("U-SYS" in r for r in after)


def test_checks_tell_their_question_what_they_read_and_their_limits(cast: Cast) -> None:
    html = page_of(cast, "7-1")
    check = checks_of("7-1")[0]
    assert check.question.ja in html
    for kind in check.reads:
        assert f'href="/records/{kind.about.name}/"' in html
    for name in check.limits:
        assert all_limits()[name].text.ja in html
        assert all_limits()[name].on(clock.today()).grounds.ja in html
    assert "製品の既定値：年次の点検周期に合わせる" in html


def test_an_exception_shows_with_its_days_and_leaves_the_finding_excepted(cast: Cast) -> None:
    ends = clock.today() + timedelta(days=40)
    except_unit("U-SYS", ends)
    html = page_of(cast, "7-1")
    assert "発令待ち" in html
    assert "承認済・有効" in html
    row = next(r for r in rows(html) if "U-SYS" in r)
    assert row.startswith("例外承認")
    assert "例外 EX-0001 理由: 発令待ち 代替措置: 部長が代行" in row
    assert rows(html)[-1] == row  # what stands comes first


def test_what_is_done_otherwise_shows_its_reason_and_equivalent_beside_the_finding(cast: Cast) -> None:
    assert not any(r.startswith("代替措置") for r in rows(page_of(cast, "G4")))
    depart("G4", "otherwise", reason="部署が一つのため", equivalent="改善会議を毎月開く")
    html = page_of(cast, "G4")
    found = rows(html)
    assert found
    assert all(r.startswith("代替措置") for r in found)
    assert all("代替措置 EX-0001 理由: 部署が一つのため 代替措置: 改善会議を毎月開く" in r for r in found)
    assert "例外承認により充足" in html


def test_what_covers_a_finding_is_told_where_the_finding_is_told_again(cast: Cast) -> None:
    """G7 is read with 7-1: the exception is one of 7-1."""
    except_unit("U-SYS", clock.today() + timedelta(days=40))
    row = next(r for r in rows(page_of(cast, "G7")) if "U-SYS" in r)
    assert "例外 EX-0001 理由: 発令待ち" in row


def test_a_clause_made_of_items_shows_its_parts_and_they_show_it(cast: Cast) -> None:
    clause = clause_named("6-1")
    html = page_of(cast, "6-1")
    assert all(f'href="/rule/{item}/"' in html for item in clause.items)
    assert 'href="/rule/6-1/"' in page_of(cast, "6-1-1")


def test_a_clause_made_of_items_and_checks_of_its_own_shows_both(cast: Cast) -> None:
    html = page_of(cast, "27")
    assert all(f'href="/rule/{item}/"' in html for item in clause_named("27").items)
    assert all(check.question.ja in html for check in checks_of("27"))
    assert "下の確認を含め、最も重い判定が全体の判定" in html
    assert "下の確認を含め" not in page_of(cast, "6-1")


def test_clauses_that_are_read_together_point_at_one_another(cast: Cast) -> None:
    assert clause_named("G7").read_with == "7-1"
    assert 'href="/rule/7-1/"' in page_of(cast, "G7")
    assert "7-1 とあわせて判定します（同じ判定になります）。" in page_text(cast, "G7")
    assert "とあわせて判定します" not in page_text(cast, "7-1")
    assert 'href="/rule/G7/"' in page_of(cast, "7-1")


def test_a_definition_has_no_findings(cast: Cast) -> None:
    html = page_of(cast, "2")
    assert "定義" in html
    assert 'id="findings"' not in html


def test_the_last_lines_of_what_was_read_are_linked(cast: Cast) -> None:
    response = cast.nishi.client.get("/rule/7-1/")
    lines = {kind.about.name: seq for kind, seq in response.context["last_lines"]}
    assert set(lines) == {"unit", "appointment", "person"}
    assert all(f'href="/ledger/{seq}/"' in response.content.decode() for seq in lines.values())


def test_many_findings_come_in_pages_and_only_a_page_is_put_into_words(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sekisho.web.views.clause.FINDINGS_A_PAGE", 2)
    first, second = rows(page_of(cast, "7-1")), rows(page_of(cast, "7-1", page=2))
    assert (len(first), len(second)) == (2, 2)
    assert not set(first) & set(second)


MADE_UP = """第1条（目的） 本規則は、仮の定めである。
第2条（定義） 用語は、次のとおりとする。
(1) 甲の損失
(2) 乙の損失
"""


@pytest.fixture
def own_home(tmp_path: Path, settings: Any) -> Path:
    settings.SEKISHO_HOME = tmp_path
    return tmp_path


def take_text(folder: Path, text: str) -> None:
    file = folder / "rule.txt"
    file.write_text(text, encoding="utf-8")
    import_text(operator_actor("test"), file)


def test_without_the_official_text_the_page_says_how_to_import_it(cast: Cast) -> None:
    assert "sekisho rulebook import-text FILE" in page_of(cast, "1")


def test_the_official_text_stands_beside_our_words_with_the_words_before_an_item(
    cast: Cast, own_home: Path
) -> None:
    take_text(own_home, MADE_UP)
    html = page_of(cast, "2-1-1")
    assert "甲の損失" in html
    assert "用語は、次のとおりとする。" in html
    assert "sekisho rulebook import-text" not in html
    assert "この条項に当たる条文がありません" in page_of(cast, "7-1")
    assert "目的" in cast.nishi.client.get("/rule/").content.decode()


def test_a_newer_edition_shows_what_it_changed(cast: Cast, own_home: Path) -> None:
    take_text(own_home, MADE_UP)
    assert "前の版からの変更" not in page_of(cast, "1")
    take_text(own_home, MADE_UP.replace("仮の定め", "新しい定め"))
    html = page_of(cast, "1")
    assert "前の版からの変更" in html
    assert re.search(r"<ins>[^<]*新しい", html)
    assert re.search(r"<del>[^<]*仮", html)
    assert "前の版からの変更" not in page_of(cast, "2-1-1")


def test_markup_in_the_official_text_stays_text(cast: Cast, own_home: Path) -> None:
    take_text(own_home, MADE_UP.replace("仮の定め", "<script>alert(1)</script>"))
    assert "<script>alert" not in page_of(cast, "1")


def test_an_unknown_clause_is_not_found_and_says_how_to_cite(cast: Cast) -> None:
    answer = cast.nishi.client.get("/rule/99-1/")
    assert answer.status_code == 404
    assert "99-1" in answer.content.decode()


def test_who_has_not_signed_in_sees_no_clause(cast: Cast) -> None:
    assert cast.anonymous.get("/rule/7-1/").status_code == 302
    assert cast.anonymous.get("/rule/7-1/trend/").status_code == 302


def test_the_page_takes_few_queries(cast: Cast, django_assert_max_num_queries: Any) -> None:
    client = cast.nishi.client
    client.get("/rule/7-1/")
    with django_assert_max_num_queries(16):
        client.get("/rule/7-1/")


def test_the_trend_is_a_fragment_with_a_table(cast: Cast) -> None:
    html = cast.nishi.client.get("/rule/7-1/trend/").content.decode()
    assert "<html" not in html
    assert f'data-point="{clock.today().isoformat()}" data-verdict="falls_short"' in html


@pytest.mark.parametrize(("language", "theme"), [("ja", "light"), ("en", "dark")])
def test_a_clause_is_accessible_with_its_chart(
    cast: Cast, live_server: Any, new_context: Any, axe_source: str, language: str, theme: str
) -> None:
    page = come_in(new_context(), live_server, cast.sakura, language=language)
    in_theme(page, theme)
    page.goto(f"{live_server.url}/rule/7-1/")
    expect(page.locator("[data-trend] svg")).to_be_visible()
    assert violations(page, axe_source) == []
    assert page.complaints == []  # type: ignore[attr-defined]


def test_on_a_phone_a_finding_is_read_without_scrolling_sideways(
    cast: Cast, live_server: Any, new_context: Any
) -> None:
    page = on_phone(come_in(new_context(), live_server, cast.sakura))
    page.goto(f"{live_server.url}/rule/7-1/")
    assert not overflows(page)
    who = page.locator("#findings tbody tr").first.get_by_text("佐倉 美咲")
    box = who.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= 390
