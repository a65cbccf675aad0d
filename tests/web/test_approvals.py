"""The list of approvals: what waits for the reader first, and nothing that the reader may not decide."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import settings

from sekisho.kernel import clock
from sekisho.ledger.append import sequence
from sekisho.records.models import Appointment, Approval, Document
from sekisho.workflows import approve
from sekisho.workflows.act import act
from tests.web.looking import come_in, in_theme, on_phone, overflows, violations

NOON = datetime(2026, 10, 1, 3, tzinfo=UTC)
PROCEDURE = {"kind": "other", "title": "障害対応手順", "version": "1.0", "in_force_on": date(2026, 11, 1)}


@pytest.fixture(autouse=True)
def noon(request, db):
    """The clock stands still, but for a browser's server, which has threads of its own."""
    if "live_server" in request.fixturenames:
        yield
        return
    with clock.standing_at(NOON):
        yield


def listed(member, query="", language="ja"):
    """The keys of the approvals that one of the cast sees, and the page."""
    sequence()
    client = member.client
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    answer = client.get(f"/approvals/{query}")
    assert answer.status_code == 200
    page = answer.content.decode()
    return re.findall(r'<th scope="row"[^>]*><a href="/approvals/([^/]+)/">', page), page


def test_what_waits_for_the_reader_comes_first(cast):
    approve.ask(cast.mori.actor, Document, None, PROCEDURE)
    approve.ask(cast.sakura.actor, Document, None, PROCEDURE | {"title": "別の手順"})
    keys, page = listed(cast.sakura)
    assert keys == ["AP-0001"]
    assert "規程・計画類「障害対応手順」（D-0001）" in page
    assert "森 智子" in page
    assert "代表取締役、システム統括管理責任者" in page
    assert listed(cast.kamiya)[0] == ["AP-0002", "AP-0001"]


def test_who_decides_nothing_sees_all_that_is_open(cast):
    approve.ask(cast.mori.actor, Document, None, PROCEDURE)
    assert listed(cast.nishi)[0] == ["AP-0001"]
    keys, page = listed(cast.nishi, "?show=waiting")
    assert keys == []
    assert "あなたの承認を待っている申請はありません" in page


def test_the_own_requests_stand_apart_at_every_step(cast):
    approve.ask(cast.mori.actor, Document, None, PROCEDURE, draft=True)
    second = approve.ask(cast.mori.actor, Document, None, PROCEDURE | {"title": "二"})
    approve.send_back(cast.sakura.actor, second.key, "不足")
    approve.ask(cast.aoki.actor, Document, None, PROCEDURE | {"title": "三"})
    keys, page = listed(cast.mori, "?show=mine")
    assert keys == ["AP-0002", "AP-0001"]
    assert "差戻し" in page


def test_what_is_decided_says_by_whom(cast):
    approve.approve(cast.sakura.actor, approve.ask(cast.mori.actor, Document, None, PROCEDURE).key)
    keys, page = listed(cast.nishi, "?show=decided")
    assert keys == ["AP-0001"]
    assert "佐倉 美咲" in page
    assert listed(cast.nishi, "?show=open")[0] == []


def test_an_unknown_show_is_as_none(cast):
    assert listed(cast.nishi, "?show=everything&page=abc")[0] == []


def test_the_pages_are_turned(cast):
    with act("load", "operator:test") as doing:
        rows = [
            (f"AP-{n:04d}", {"subject": f"document:D-{n}", "step": "submitted", "asked_by": cast.mori.key})
            for n in range(1, 62)
        ]
        doing.put_new(Approval, rows)
    assert len(listed(cast.nishi)[0]) == 50
    keys, page = listed(cast.nishi, "?show=open&page=2")
    assert (len(keys), keys[0]) == (11, "AP-0011")
    assert "document:D-11" in page


def test_in_english(cast):
    approve.ask(
        cast.mori.actor, Appointment, None,
        {"person": cast.nishi.key, "role": "csirt_lead", "since_on": date(2026, 11, 1)},
    )  # fmt: skip
    page = listed(cast.sakura, language="en")[1]
    assert "Appointment &#x27;CSIRT lead, 西 陽菜&#x27; (A-0011)" in page
    assert "Representative director, Chief system officer" in page


def test_a_past_moment_shows_what_was_open_then(cast):
    approval = approve.ask(cast.mori.actor, Document, None, PROCEDURE)
    sequence()
    with clock.standing_at(NOON + timedelta(days=3)):
        approve.approve(cast.kamiya.actor, approval.key)
        sequence()
        assert listed(cast.sakura)[0] == []
        session = cast.sakura.client.session
        session["moment"] = {"on": "2026-10-02", "known_at": clock.iso(NOON + timedelta(days=1))}
        session.save()
        assert listed(cast.sakura)[0] == ["AP-0001"]


def test_the_number_of_queries_does_not_grow_with_the_rows(cast, django_assert_max_num_queries):
    for n in range(12):
        approve.ask(cast.mori.actor, Document, None, PROCEDURE | {"title": f"手順{n}"})
    sequence()
    cast.kamiya.client.get("/approvals/")
    with django_assert_max_num_queries(20):
        assert len(listed(cast.kamiya)[0]) == 12


def test_an_anonymous_reader_is_sent_to_sign_in(cast):
    answer = cast.anonymous.get("/approvals/")
    assert answer.status_code == 302
    assert "/accounts/login/" in answer.headers["Location"]


@pytest.mark.parametrize(("language", "theme"), [("ja", "dark"), ("en", "light")])
def test_the_page_is_accessible_and_fits_a_phone(cast, live_server, new_context, axe_source, language, theme):
    approval = approve.ask(cast.mori.actor, Document, None, PROCEDURE | {"in_force_on": None})
    approve.approve(cast.kamiya.actor, approval.key)
    approve.ask(cast.mori.actor, Document, None, PROCEDURE | {"title": "二", "in_force_on": None})
    sequence()
    page = come_in(new_context(), live_server, cast.sakura, language=language)
    in_theme(page, theme)
    for query in ("", "?show=decided"):
        page.goto(f"{live_server.url}/approvals/{query}")
        assert violations(page, axe_source) == []
    assert not overflows(on_phone(page))
    assert page.complaints == []  # type: ignore[attr-defined]
