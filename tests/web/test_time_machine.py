"""Another day than today: chosen on the time machine, shown by the whole product, read-only and plainly marked."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from sekisho.kernel import clock
from sekisho.records.models import Appointment, MemberProfile
from sekisho.workflows.act import act
from tests.cast import Cast
from tests.web.looking import come_in, in_theme, on_phone, overflows, violations


def choose(client: Any, **asked: str) -> Any:
    return client.post("/time/", asked)


def test_a_day_to_come_shows_what_will_be_so(cast: Cast) -> None:
    client = cast.nishi.client
    ends = clock.today() + timedelta(days=10)
    with act("save_appointment", "operator:test") as doing:
        doing.put(Appointment, "A-0003", {"until_on": ends})
    assert "U-OPS" not in client.get("/rule/7-1/").context["page"].object_list[0][0].subject
    answer = choose(client, on=(ends + timedelta(days=1)).isoformat())
    assert answer.headers["Location"] == "/"
    subjects = {f.subject for f, _ in client.get("/rule/7-1/").context["page"].object_list}
    assert "U-OPS" in subjects


def test_known_at_leaves_out_what_was_recorded_later(cast: Cast) -> None:
    client = cast.nishi.client
    before = clock.now()
    with act("save_appointment", "operator:test") as doing:
        values = {"person": cast.ogawa.key, "role": "system_manager", "unit": "U-SYS", "grounds": "経験"}
        doing.put(Appointment, "A-NEW", {**values, "since_on": date(2024, 4, 1)})
    today = clock.today().isoformat()
    assert "U-SYS" not in {f.subject for f, _ in client.get("/rule/7-1/").context["page"].object_list}
    choose(client, on=today, known_at=before.astimezone(clock.JAPAN).replace(tzinfo=None).isoformat())
    assert "U-SYS" in {f.subject for f, _ in client.get("/rule/7-1/").context["page"].object_list}


def test_every_page_is_plainly_marked_and_leads_back(cast: Cast) -> None:
    client = cast.nishi.client
    choose(client, on="2026-03-31", as_known="1")
    for path in ("/", "/rule/", "/rule/7-1/", "/ledger/", "/time/"):
        html = client.get(path).content.decode()
        assert 'class="time-banner"' in html, path
        assert "令和8年3月31日" in html, path
        assert "閲覧専用" in html, path
    client.post("/time/", {"back": "now", "next": "/rule/"})
    assert 'class="time-banner"' not in client.get("/rule/").content.decode()


def test_while_another_day_is_shown_nothing_is_written(cast: Cast) -> None:
    client = cast.mori.client
    choose(client, on="2026-03-31")
    answer = client.post("/records/unit/new/", {"name": "新部署"})
    assert answer.status_code == 403


def test_today_as_known_now_is_no_other_day(cast: Cast) -> None:
    client = cast.nishi.client
    choose(client, on=clock.today().isoformat())
    assert 'class="time-banner"' not in client.get("/rule/").content.decode()


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"on": ""}, "表示する日を選んでください"),
        ({"on": "昨日"}, "日付ではありません"),
        ({"on": "2018-10-23"}, "2018-10-24"),
        ({"on": "9999-01-01"}, "までの日を選んでください"),
        ({"on": "2026-03-31", "known_at": "2199-01-01T00:00"}, "過去の日時"),
        ({"on": "2026-03-31", "known_at": "いつか"}, "日時ではありません"),
    ],
)
def test_what_is_no_day_is_refused_with_what_to_do(cast: Cast, asked: dict[str, str], told: str) -> None:
    answer = choose(cast.nishi.client, **asked)
    assert answer.status_code == 422
    assert told in answer.content.decode()


def test_it_never_leads_to_another_site(cast: Cast) -> None:
    answer = cast.nishi.client.post("/time/", {"back": "now", "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize(("starts", "ends"), [(None, "03-31"), (10, "09-30")])
def test_the_fiscal_year_of_the_quick_picks_is_the_members_own(
    cast: Cast, starts: int | None, ends: str
) -> None:
    with act("save_member_profile", cast.mori.by) as doing:
        values = {"name": "会員", "as_of_on": date(2025, 1, 1), "fiscal_year_starts": starts}
        doing.put(MemberProfile, "MP-0001", values)
    picks = cast.nishi.client.get("/time/").context["picks"]
    assert [p.on.isoformat()[5:] for p in picks if "年度末" in p.text.ja] == [ends, ends]
    assert picks[0].on == clock.today().replace(day=1) - timedelta(days=1)


def test_a_past_day_by_its_quick_pick_is_as_known_by_its_end(cast: Cast) -> None:
    client = cast.nishi.client
    choose(client, on="2026-03-31", as_known="1")
    moment = client.get("/rule/").context["moment"]
    assert (moment.on, moment.known_at) == (date(2026, 3, 31), clock.end_of(date(2026, 3, 31)))


def test_the_ledger_of_a_past_moment_ends_there(cast: Cast) -> None:
    client = cast.nishi.client
    choose(client, on="2020-01-01", as_known="1")
    assert client.get("/ledger/").context["lines"] == []


@pytest.mark.parametrize(("language", "theme"), [("ja", "light"), ("en", "dark")])
def test_the_time_machine_is_accessible_also_while_it_is_on(
    cast: Cast, live_server: Any, new_context: Any, axe_source: str, language: str, theme: str
) -> None:
    page = come_in(new_context(), live_server, cast.sakura, language=language)
    in_theme(page, theme)
    page.goto(f"{live_server.url}/time/")
    assert violations(page, axe_source) == []
    page.locator("#on").fill("2026-03-31")
    page.locator(".time-form button[type=submit]").click()
    expect(page.locator(".time-banner")).to_contain_text("31")
    assert violations(page, axe_source) == []
    page.locator(".time-banner button").click()
    expect(page.locator(".time-banner")).to_have_count(0)
    assert page.complaints == []  # type: ignore[attr-defined]


def test_on_a_phone_nothing_scrolls_sideways(cast: Cast, live_server: Any, new_context: Any) -> None:
    page = on_phone(come_in(new_context(), live_server, cast.sakura))
    page.goto(f"{live_server.url}/time/")
    assert not overflows(page)
