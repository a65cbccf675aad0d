"""Article 4-4: the outline of the basic policy in force, for the public: without sign-in, and nothing beside it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from sekisho.kernel import clock
from sekisho.records.facts import snapshot
from sekisho.records.models import Approval, Document, MemberProfile
from sekisho.rulebook.assess import assess
from sekisho.workflows.act import act
from tests.cast import Cast
from tests.web.looking import in_theme, on_phone, overflows, violations, watched

PAGE = "/public/policy/"


def policy(
    key: str, outline: str | None, *, since: date, until: date | None = None, approved: bool = True
) -> None:
    with act("policy", "person:P-0001") as doing:
        values = {"kind": "basic_policy", "title": "基本方針", "version": key, "outline": outline}
        doing.put(Document, key, {**values, "in_force_on": since, "until_on": until})
        if approved:
            decided = {"subject": f"document:{key}", "step": "approved", "decision": "approved"}
            people = {"asked_by": "P-0004", "decided_by": "P-0001", "role": "representative_director"}
            doing.put(Approval, f"AP-{key}", {**decided, **people, "at": clock.now()})


def words(cast: Cast, **query: str) -> str:
    answer = cast.anonymous.get(PAGE, query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_public_reads_the_outline_in_force_without_sign_in(cast: Cast) -> None:
    policy("D-1", "顧客の資産を守る。\n毎年見直す。", since=date(2026, 4, 1))
    html = words(cast)
    assert "顧客の資産を守る。<br>毎年見直す。" in html
    assert "基本方針" in html


def test_an_ended_policy_and_one_not_yet_in_force_are_not_shown(cast: Cast) -> None:
    today = clock.today()
    policy("D-1", "前の方針", since=date(2024, 4, 1), until=today - timedelta(days=1))
    policy("D-2", "次の方針", since=today + timedelta(days=1))
    html = words(cast)
    assert "前の方針" not in html
    assert "次の方針" not in html
    assert "公開している基本方針の概要はありません" in html


def test_the_last_day_in_force_still_shows_it(cast: Cast) -> None:
    policy("D-1", "最終日の方針", since=date(2024, 4, 1), until=clock.today())
    assert "最終日の方針" in words(cast)


def test_an_approved_policy_goes_before_a_newer_one_without_approval(cast: Cast) -> None:
    policy("D-1", "承認済の方針", since=date(2025, 4, 1))
    policy("D-2", "未承認の方針", since=date(2026, 4, 1), approved=False)
    html = words(cast)
    assert "承認済の方針" in html
    assert "未承認の方針" not in html


@pytest.mark.parametrize("outline", ["守る。", None])
def test_the_page_shows_an_outline_exactly_where_clause_4_4_is_met(cast: Cast, outline: str | None) -> None:
    policy("D-1", outline, since=date(2026, 4, 1))
    shown = "公開している基本方針の概要はありません" not in words(cast)
    assert shown == (assess(snapshot())["4-4"].verdict == "met")


def test_it_tells_nothing_else(cast: Cast) -> None:
    policy("D-1", "概要だけ", since=date(2026, 4, 1))
    with act("profile", "operator:test") as doing:
        doing.put(
            MemberProfile, "MP-1", {"name": "公開会員", "as_of_on": date(2026, 4, 1), "user_count": 4242}
        )
    html = words(cast)
    assert "公開会員" in html
    for secret in ("4242", "取引所システム", "佐倉", "不足", "/rule/", "csrf"):
        assert secret not in html, secret


def test_markup_in_an_outline_stays_text(cast: Cast) -> None:
    policy("D-1", "<script>alert(1)</script>", since=date(2026, 4, 1))
    assert "<script>alert" not in words(cast)


def test_its_language_is_told_by_its_address(cast: Cast) -> None:
    policy("D-1", "守る。", since=date(2026, 4, 1))
    assert 'lang="en"' in words(cast, lang="en").split("<head>")[0]
    assert "Basic policy on system risk management" in words(cast, lang="en")
    assert 'lang="ja"' in words(cast).split("<head>")[0]


def test_caches_may_keep_the_publics_page_but_not_a_signed_in_readers(cast: Cast) -> None:
    public = cast.anonymous.get(PAGE)
    assert public.headers["Cache-Control"] == "public, max-age=300"
    assert not public.cookies
    assert "private" in cast.nishi.client.get(PAGE).headers["Cache-Control"]


def test_an_unchanged_page_is_not_sent_again(cast: Cast) -> None:
    policy("D-1", "守る。", since=date(2026, 4, 1))
    client = cast.anonymous
    tag = client.get(PAGE).headers["ETag"]
    assert client.get(PAGE, headers={"If-None-Match": tag}).status_code == 304
    policy("D-2", "もっと守る。", since=date(2026, 5, 1))
    again = client.get(PAGE, headers={"If-None-Match": tag})
    assert again.status_code == 200
    assert "もっと守る。" in again.content.decode()


def test_it_is_for_reading_alone(cast: Cast) -> None:
    assert cast.anonymous.post(PAGE).status_code in (403, 405)


@pytest.mark.parametrize(("language", "theme"), [("ja", "light"), ("en", "dark")])
def test_the_public_page_is_accessible(
    cast: Cast, live_server: Any, new_context: Any, axe_source: str, language: str, theme: str
) -> None:
    policy("D-1", "守る。", since=date(2026, 4, 1))
    page = watched(new_context().new_page())
    in_theme(page, theme)
    page.goto(f"{live_server.url}{PAGE}?lang={language}")
    assert violations(page, axe_source) == []
    assert not overflows(on_phone(page))
    assert page.complaints == []  # type: ignore[attr-defined]
