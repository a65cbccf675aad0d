"""A back-test on a page: rules chosen, pasted or sent, days chosen; hits then and now. Nothing is saved."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from playwright.sync_api import Page, expect

from sekisho.kernel import clock
from sekisho.ledger.models import Head
from sekisho.records.models import WatchRules
from sekisho.watch import history
from sekisho.web.views import watch_backtest as view
from sekisho.workflows.approve import ask
from tests.cast import Cast
from tests.records.examples import example
from tests.web.looking import come_in, in_theme, on_phone, overflows, violations
from tests.web.reading import form_of, in_english, main, read, rows, words
from tests.web.watched_home import IP, event, judge
from tests.web.watching.test_backtests import COUNTS

pytestmark = pytest.mark.django_db
PAGE = "/watch/backtest/"
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    settings.SEKISHO_HOME = tmp_path
    return tmp_path


def stuffed(home: Path, user: str = "u") -> None:
    judge(home, [event(minutes_ago=30, user=f"{user}{n}", ok=False, ip=IP) for n in range(10)])


def asked(client: Client, status: int = 200, **values: Any) -> str:
    """The page that a filled-in form is answered with."""
    today = clock.today()
    told = {
        "rules": "typed",
        "yaml": COUNTS,
        "from": (today - timedelta(days=1)).isoformat(),
        "to": today.isoformat(),
    }
    answer = client.post(PAGE, told | values)
    assert answer.status_code == status, answer.status_code
    return str(answer.content.decode())


def compared(html: str) -> dict[str, list[str]]:
    """The rows of the rules by name."""
    table = html[html.index('id="rules-compared"') :].split("</table>", maxsplit=1)[0]
    return {row[0].split()[0]: row[1:] for row in rows(table)}


def complaint(html: str) -> str:
    return words(html[html.index('id="problems"') :].split("</ul>", maxsplit=1)[0]).split(
        "試算できません。 "
    )[1]


# --- the form ---------------------------------------------------------------------------------------------------------


def test_the_form_offers_what_is_proposed_and_a_week(cast: Cast):
    waiting = ask(cast.aoki.actor, WatchRules, None, example(WatchRules))
    html = read(cast.mori.client, PAGE)
    form = form_of(html)
    today = clock.today()
    assert (form["rules"], form["from"], form["to"]) == (
        f"approval:{waiting.key}", (today - timedelta(days=6)).isoformat(), today.isoformat(),
    )  # fmt: skip
    assert "製品の標準ルール" in main(html)
    assert form_of(read(cast.mori.client, f"{PAGE}?rules=shipped&from=2026-11-01"))["from"] == "2026-11-01"


def test_a_proposal_and_what_ships_are_tried_as_they_are(home: Path, cast: Cast):
    stuffed(home)
    waiting = ask(cast.aoki.actor, WatchRules, None, example(WatchRules) | {"rules": COUNTS})
    assert compared(asked(cast.mori.client, rules=f"approval:{waiting.key}"))["credential_stuffing"][:2] == [
        "3",
        "5",
    ]
    assert compared(asked(cast.mori.client, rules="shipped"))["credential_stuffing"][:2] == ["3", "3"]


# --- the result -------------------------------------------------------------------------------------------------------


def test_hits_new_against_old_by_rule_and_day_with_samples(home: Path, cast: Cast):
    stuffed(home)
    html = asked(cast.mori.client)
    assert compared(html) == {"credential_stuffing": ["3", "5", "+2", "0", "3 → 5"]}
    shown = main(html)
    assert "判定し直したイベント 10 件" in shown
    assert "判定が変わるイベント +2 / −0" in shown
    assert "credential_stuffing 増えた" in shown
    assert 'href="/watch/users/u5/"' in html
    assert html.count("data-bars=") == 2, "a picture of the days, one of the rules"
    assert 'id="days-table"' in html


def test_a_file_goes_before_what_is_pasted_and_may_come_from_windows(home: Path, cast: Cast):
    stuffed(home)
    content = b"\xef\xbb\xbf" + COUNTS.replace("gte: 6", "gte: 2").replace("\n", "\r\n").encode()
    html = asked(cast.mori.client, file=SimpleUploadedFile("new.yaml", content))
    assert compared(html)["credential_stuffing"][:2] == ["3", "9"]


def test_nothing_is_saved(home: Path, cast: Cast):
    stuffed(home)
    kept = history.read(home)
    size = Head.objects.get().size
    files = sorted(str(path) for path in home.rglob("*"))
    asked(cast.mori.client)
    assert Head.objects.get().size == size
    assert history.read(home).equals(kept)
    assert sorted(str(path) for path in home.rglob("*")) == files
    assert not WatchRules.objects.exists()


def test_days_without_events_say_so(cast: Cast):
    assert "この期間に保存されたイベントはありません" in main(asked(cast.mori.client))


def test_what_an_event_says_never_becomes_markup(home: Path, cast: Cast):
    stuffed(home, HOSTILE)
    html = asked(cast.mori.client)
    assert HOSTILE not in html
    assert HOSTILE in words(html)


# --- what is refused --------------------------------------------------------------------------------------------------


def test_mistakes_of_the_yaml_are_told_with_line_and_column_and_the_text_stays(cast: Cast):
    wrong = COUNTS.replace("action: block", "action: <b>").replace("mode: live", "mode: loud")
    html = asked(cast.mori.client, 422, yaml=wrong)
    assert complaint(html).startswith("9行")
    assert "桁" in complaint(html)
    assert "<b>." not in html
    assert form_of(html)["yaml"].strip() == wrong.strip()
    html = asked(in_english(cast.mori.client), 422, yaml="a: [")
    assert "line 1, column 5: This is no YAML" in main(html)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"yaml": " "}, "貼り付けるか"),
        ({"rules": "approval:AP-9999"}, "ルールを選んで"),
        ({"rules": ""}, "ルールを選んで"),
        ({"from": "tomorrow"}, "2026-11-01"),
        ({"from": "2026-02-02", "to": "2026-02-01"}, "開始日以降"),
        ({"from": "2020-01-01"}, "92 日まで"),
        ({"yaml": "&a [*a]"}, "アンカー"),
        ({"yaml": "x" * 300_000}, "262144"),
    ],
)
def test_what_cannot_be_tried_says_why(cast: Cast, values: dict[str, str], told: str):
    assert told in complaint(asked(cast.mori.client, 422, **values))


@pytest.mark.parametrize(
    ("content", "told"), [(b"\xff\xfe\x00", "UTF-8"), (b"x" * 300_000, "大きすぎます"), (b"\x00", "YAML")]
)
def test_a_file_that_is_no_text_is_refused(cast: Cast, content: bytes, told: str):
    html = asked(cast.mori.client, 422, file=SimpleUploadedFile("a.yaml", content))
    assert told in complaint(html)


def test_too_many_events_are_refused_before_they_are_read(
    home: Path, cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    stuffed(home)
    monkeypatch.setattr(view, "LIMIT", 9)
    monkeypatch.setattr(view, "backtest", lambda *_: pytest.fail("it was begun"))
    told = complaint(asked(cast.mori.client, 422))
    assert "上限（9件）" in told
    assert "sekisho watch replay" in told


def test_one_at_a_time(home: Path, cast: Cast):
    stuffed(home)
    with view._alone():
        assert "ほかの試算を実行中" in complaint(asked(cast.mori.client, 409))
    assert compared(asked(cast.mori.client))


@pytest.mark.parametrize("who", ["nishi", "chiba", "kitagawa"])
def test_who_may_not_propose_rules_tries_none(cast: Cast, who: str):
    client = getattr(cast, who).client
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, {"rules": "shipped"}).status_code == 403
    assert PAGE not in read(client, "/watch/")


def test_a_forged_form_is_refused(cast: Cast):
    client = Client(enforce_csrf_checks=True)
    client.cookies = cast.mori.client.cookies
    assert client.get(PAGE).status_code == 200
    assert client.post(PAGE, {"rules": "shipped"}).status_code == 403


def test_english(home: Path, cast: Cast):
    stuffed(home)
    shown = main(asked(in_english(cast.mori.client)))
    assert "Events judged anew 10" in shown
    assert "Gained" in shown


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_in_a_browser(live_server: Any, new_context: Any, cast: Cast, home: Path, axe_source: str):
    stuffed(home)
    page: Page = come_in(new_context(), live_server, cast.mori)
    in_theme(page, "dark")
    page.goto(live_server.url + PAGE)
    page.locator("#rules").select_option("typed")
    page.locator("#yaml").fill(COUNTS)
    page.get_by_role("button", name="試算する").click()
    expect(page.locator(".watch-chart svg")).to_have_count(2)
    assert violations(page, axe_source) == []
    assert not overflows(on_phone(page))
    assert page.complaints == []  # type: ignore[attr-defined]
