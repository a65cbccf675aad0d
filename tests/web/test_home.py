"""The first page: numbers counted from the records, what will lapse and who must act, every article at a glance."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from sekisho.findings.verdicts import Duty, Verdict
from sekisho.kernel import clock
from sekisho.records.facts import snapshot
from sekisho.records.models import Appointment, Approval, Incident
from sekisho.rulebook.assess import assess
from sekisho.rulebook.contents import ARTICLES, clauses
from sekisho.workflows.act import act
from tests.cast import Cast
from tests.web.looking import come_in, in_theme, on_phone, overflows, violations


def home_of(cast: Cast) -> Any:
    return cast.nishi.client.get("/")


def end_appointment(key: str, in_days: int) -> str:
    """Let an appointment end; returns the first day without it."""
    until_on = clock.today() + timedelta(days=in_days)
    with act("save_appointment", "operator:test") as doing:
        doing.put(Appointment, key, {"until_on": until_on})
    return (until_on + timedelta(days=1)).isoformat()


def test_the_numbers_are_those_of_the_assessment(cast: Cast) -> None:
    summary = home_of(cast).context["summary"]
    must = [s for s in assess(snapshot()).states.values() if s.clause.duty is Duty.MUST]
    assert summary.obligations == len(must)
    assert summary.verdicts[Verdict.FALLS_SHORT] == sum(s.verdict is Verdict.FALLS_SHORT for s in must)
    assert summary.met == sum(s.verdict in (Verdict.MET, Verdict.MET_BY_EXCEPTION) for s in must)


def test_open_incidents_are_counted_and_closed_ones_are_not(cast: Cast) -> None:
    told = {"title": "停止", "kind": "failure", "detected_at": clock.now() - timedelta(hours=1)}
    with act("save_incident", cast.aoki.by) as doing:
        doing.put(Incident, "INC-1", {**told, "severity": "serious", "state": "open"})
        doing.put(Incident, "INC-2", {**told, "severity": "minor", "state": "draft"})
        doing.put(
            Incident, "INC-3", {**told, "severity": "serious", "state": "closed", "closed_at": clock.now()}
        )
    summary = home_of(cast).context["summary"]
    assert (summary.incidents, summary.serious) == (2, 1)


def test_what_waits_for_approval_is_counted_with_the_oldest(cast: Cast) -> None:
    asked = {"subject": "system:S-EXC", "asked_by": cast.mori.key}
    with act("submit", cast.mori.by) as doing:
        doing.put(
            Approval, "AP-1", {**asked, "step": "submitted", "asked_at": datetime(2026, 5, 1, tzinfo=UTC)}
        )
        doing.put(
            Approval, "AP-2", {**asked, "step": "submitted", "asked_at": datetime(2026, 4, 1, tzinfo=UTC)}
        )
        doing.put(Approval, "AP-3", {**asked, "step": "draft"})
    summary = home_of(cast).context["summary"]
    assert (summary.waiting, summary.waiting_since.isoformat()) == (2, "2026-04-01")


def test_what_will_lapse_shows_its_day_its_clause_and_who_must_act(cast: Cast) -> None:
    first_day = end_appointment("A-0003", in_days=12)  # the system manager of operations
    html = home_of(cast).content.decode()
    rows = re.findall(r'<tr role="row">(.*?)</tr>', html, re.DOTALL)
    row = next(r for r in rows if "/rule/7-1/" in r)
    assert f'datetime="{first_day}"' in row
    assert "業務部" in row
    assert "佐倉 美咲" in row


def test_the_counts_of_30_and_90_days_are_told_apart(cast: Cast) -> None:
    before = home_of(cast).context
    end_appointment("A-0003", in_days=60)
    after = home_of(cast).context
    assert after["lapses_30"]["all"] == before["lapses_30"]["all"]
    assert after["lapses_90"]["all"] > before["lapses_90"]["all"]


def test_every_clause_stands_in_the_overview_of_its_article(cast: Cast) -> None:
    html = home_of(cast).content.decode()
    cells = re.findall(r'class="cell [^"]*" href="/rule/([^/]+)/"', html)
    assert cells == [c.citation for c in clauses()]
    assert all(a.title.ja in html for a in ARTICLES)


def test_an_account_without_a_person_sees_no_records(cast: Cast) -> None:
    from sekisho.access.models import Account
    from tests.cast import Member

    account = Account.objects.get(login=cast.kitagawa.login)
    account.person = ""
    account.save()
    response = Member("kitagawa", "", "北川").signed_in().get("/")
    html = response.content.decode()
    assert response.status_code == 200
    assert "役職員の記録に結び付いていない" in html
    assert 'id="summary"' not in html
    assert 'href="/rule/"' not in html


def test_who_has_not_signed_in_is_sent_to_sign_in(cast: Cast) -> None:
    answer = cast.anonymous.get("/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/")


def test_the_menu_marks_the_page_shown_and_offers_access_to_administrators_alone(cast: Cast) -> None:
    assert re.search(r'<a href="/" aria-current="page">', home_of(cast).content.decode())
    assert 'href="/access/"' not in home_of(cast).content.decode()
    assert 'href="/access/"' in cast.kitagawa.client.get("/").content.decode()


def test_the_header_tells_the_day_and_who_is_signed_in(cast: Cast) -> None:
    html = home_of(cast).content.decode()
    assert f'<time datetime="{clock.today().isoformat()}">令和' in html
    assert cast.nishi.name in html


def test_the_months_of_the_trend_come_as_a_table(cast: Cast) -> None:
    html = cast.nishi.client.get("/trend/").content.decode()
    assert f'data-day="{clock.today().isoformat()}"' in html
    assert "<html" not in html


@pytest.mark.parametrize(("language", "theme"), [("ja", "light"), ("en", "dark")])
def test_the_first_page_is_accessible(
    cast: Cast, live_server: Any, new_context: Any, axe_source: str, language: str, theme: str
) -> None:
    end_appointment("A-0003", in_days=12)
    page = come_in(new_context(), live_server, cast.sakura, language=language)
    in_theme(page, theme)
    page.goto(f"{live_server.url}/")
    expect(page.locator("[data-counts] svg")).to_be_visible()
    assert violations(page, axe_source) == []
    assert page.complaints == []  # type: ignore[attr-defined]


def test_english_by_one_click_and_back(cast: Cast, live_server: Any, new_context: Any) -> None:
    page = come_in(new_context(), live_server, cast.nishi)
    page.goto(f"{live_server.url}/")
    page.get_by_role("button", name="English").click()
    expect(page.locator("h1")).to_have_text("Home")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="日本語").click()
    expect(page.locator("h1")).to_have_text("ホーム")


def test_the_theme_is_chosen_by_one_click_and_kept(cast: Cast, live_server: Any, new_context: Any) -> None:
    page = come_in(new_context(), live_server, cast.nishi)
    page.goto(f"{live_server.url}/")
    html = page.locator("html")
    expect(html).to_have_attribute("data-bs-theme", "light")
    page.locator("#theme-switch").click()
    expect(html).to_have_attribute("data-bs-theme", "dark")
    page.goto(f"{live_server.url}/rule/")
    expect(html).to_have_attribute("data-bs-theme", "dark")


def test_on_a_phone_nothing_scrolls_sideways(cast: Cast, live_server: Any, new_context: Any) -> None:
    end_appointment("A-0003", in_days=12)
    page = on_phone(come_in(new_context(), live_server, cast.sakura))
    page.goto(f"{live_server.url}/")
    assert not overflows(page)
