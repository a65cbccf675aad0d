"""One approval's page: the change, who may decide it, its steps, and buttons only for those who may press them."""

import re
from datetime import UTC, date, datetime

import pytest
from django.conf import settings as configured
from django.test import Client
from playwright.sync_api import expect

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


@pytest.fixture
def asked(cast):
    return approve.ask(cast.mori.actor, Document, None, PROCEDURE, "演習の結果を反映")


def shown(member, key="AP-0001", language="ja"):
    sequence()
    member.client.cookies[configured.LANGUAGE_COOKIE_NAME] = language
    answer = member.client.get(f"/approvals/{key}/")
    assert answer.status_code == 200
    return answer.content.decode()


def post(member, act, key="AP-0001", ver=1, reason="", **more):
    sent = {"act": act, "expected_ver": ver, "act_reason": reason, **more}
    return member.client.post(f"/approvals/{key}/", sent)


def buttons(page):
    return set(re.findall(r'name="act" value="(\w+)"', page))


def step():
    return Approval.objects.get(pk="AP-0001").step


# --- what is shown


def test_a_new_record_is_shown_field_by_field_in_words(cast, asked):
    page = shown(cast.sakura)
    assert "規程・計画類「障害対応手順」（D-0001）" in page
    assert re.search(r'<th scope="row">種類</th>\s*<td>その他の規程</td>', page)
    assert re.search(r'<th scope="row">施行日</th>\s*<td><time datetime="2026-11-01">', page)
    assert "演習の結果を反映" in page
    assert "変更前" not in page


def test_a_change_is_shown_before_and_after_and_nothing_else(cast):
    with act("load", "operator:test") as doing:
        doing.put(Document, "D-0001", PROCEDURE)
    approve.ask(cast.mori.actor, Document, "D-0001", {"version": "1.1"})
    page = shown(cast.sakura)
    line = r'<th scope="row">([^<]+)</th>\s*<td class="before">([^<]*)</td>\s*<td class="after">([^<]*)</td>'
    assert re.findall(line, page) == [("版", "1.0", "1.1")]


def test_what_is_typed_is_shown_as_text(cast):
    approve.ask(cast.mori.actor, Document, None, PROCEDURE | {"title": "<script>alert(1)</script>"})
    page = shown(cast.sakura)
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_who_may_approve_is_shown_by_name(cast, asked):
    page = shown(cast.nishi)
    deciders = re.search(r'<ul class="who-list">(.*?)</ul>', page, re.DOTALL)
    assert deciders
    assert re.findall(r">([^<>]+)</a>", deciders[1]) == ["神谷 直人", "佐倉 美咲"]


def test_each_step_is_shown_with_its_line_in_the_ledger(cast, asked):
    approve.send_back(cast.sakura.actor, asked.key, "根拠が不足")
    page = shown(cast.mori)
    told = re.search(r'<ol class="plain-list history trail">(.*?)</ol>', page, re.DOTALL)
    assert told
    assert re.findall(r'<span class="chip">([^<]+)</span>', told[1]) == ["差戻し", "起案・申請"]
    assert len(re.findall(r'href="/ledger/\d+/"', told[1])) == 2
    assert "根拠が不足" in told[1]


def test_a_removal_shows_all_that_goes(cast):
    with act("load", "operator:test") as doing:
        doing.put(Document, "D-0001", PROCEDURE)
    approve.ask_removal(cast.mori.actor, Document, "D-0001", "誤登録")
    page = shown(cast.sakura)
    assert "登録から外す記録" in page
    assert 'class="before">障害対応手順' in page
    assert 'class="after"' not in page


def test_an_erasure_says_what_it_means(cast):
    approve.ask_erasure(cast.mori.actor, cast.kyuda.key, "保存期間の満了")
    page = shown(cast.sakura)
    assert "元には戻せません" in page
    assert "kyuda@example.jp" not in page


def test_an_approval_from_a_file_is_shown_without_buttons(cast):
    with act("load", "operator:test") as doing:
        doing.put(
            Approval, "AP-0001", {"subject": "document:D-1", "step": "submitted", "asked_by": cast.mori.key}
        )
    page = shown(cast.sakura)
    assert "ファイルから取り込まれた承認です" in page
    assert buttons(page) == set()


def test_in_english(cast, asked):
    page = shown(cast.sakura, language="en")
    assert "Your decision" in page
    assert "Document" in page
    assert "申請" not in page.split("<main", maxsplit=1)[1].split("</main>", maxsplit=1)[0]


# --- who sees which button


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("sakura", {"approve", "send_back"}),
        ("kamiya", {"approve", "send_back"}),
        ("mori", {"withdraw"}),
        ("aoki", set()),
        ("chiba", set()),
        ("nishi", set()),
        ("kitagawa", set()),
    ],
)
def test_only_those_who_may_act_see_a_button(cast, asked, who, expected):
    assert buttons(shown(getattr(cast, who))) == expected


def test_the_author_who_holds_the_role_reads_why_not_and_who_may(cast):
    approve.ask(cast.sakura.actor, Document, None, PROCEDURE)
    page = shown(cast.sakura)
    assert buttons(page) == {"withdraw"}
    assert "自分では承認も差戻しもできません" in page
    assert "神谷 直人 (P-0001)" in page


def test_a_draft_may_be_submitted_and_withdrawn_by_its_author(cast):
    approve.ask(cast.mori.actor, Document, None, PROCEDURE, draft=True)
    page = shown(cast.mori)
    assert buttons(page) == {"submit", "withdraw"}
    assert "/approvals/AP-0001/edit/" in page
    assert buttons(shown(cast.kamiya)) == set()


def test_what_is_decided_has_no_buttons(cast, asked):
    approve.approve(cast.sakura.actor, asked.key)
    for who in (cast.sakura, cast.kamiya, cast.mori):
        assert buttons(shown(who)) == set()


def test_another_day_is_read_only(cast, asked):
    sequence()
    session = cast.sakura.client.session
    session["moment"] = {"on": "2026-12-01", "known_at": None}
    session.save()
    assert buttons(shown(cast.sakura)) == set()
    assert post(cast.sakura, "approve").status_code == 403
    assert step() == "submitted"


def test_what_changed_since_is_told_and_not_to_be_approved(cast):
    with act("load", "operator:test") as doing:
        doing.put(Document, "D-0001", PROCEDURE)
    approve.ask(cast.mori.actor, Document, "D-0001", {"version": "1.1"})
    with act("load", "operator:test") as doing:
        doing.put(Document, "D-0001", {"version": "1.2"})
    page = shown(cast.sakura)
    assert "対象の記録が変更されています" in page
    assert re.search(r'value="approve" disabled', page)
    answer = post(cast.sakura, "approve")
    assert answer.status_code == 409
    assert "第2版" in answer.content.decode()


# --- acting


def test_approving_writes_the_change(cast, asked):
    answer = post(cast.sakura, "approve", reason="妥当")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/approvals/AP-0001/")
    assert Document.objects.get().title == "障害対応手順"
    page = shown(cast.sakura)
    assert "AP-0001 を承認しました" in page
    assert 'href="/records/document/D-0001/"' in page


def test_sending_back_takes_a_reason_and_keeps_what_was_typed(cast, asked):
    answer = post(cast.sakura, "send_back", reason="  ")
    assert answer.status_code == 422
    assert "理由を入力してください" in answer.content.decode()
    assert step() == "submitted"
    assert post(cast.sakura, "send_back", reason="根拠を追記").status_code == 302
    assert step() == "sent_back"


def test_a_draft_is_submitted_and_withdrawn_by_its_author(cast):
    approve.ask(cast.mori.actor, Document, None, PROCEDURE, draft=True)
    assert post(cast.mori, "submit").status_code == 302
    assert step() == "submitted"
    assert post(cast.mori, "withdraw", ver=2).status_code == 302
    assert step() == "withdrawn"


@pytest.mark.parametrize("who", ["mori", "kitagawa"])
def test_who_may_not_decide_is_refused_whatever_is_posted(cast, asked, who):
    answer = post(getattr(cast, who), "approve")
    assert answer.status_code == 403
    assert step() == "submitted"


def test_a_decision_takes_a_second_factor(cast):
    """Aoki holds no second factor; no office makes up for that."""
    with act("give", "operator:test") as doing:
        office = {"person": cast.aoki.key, "role": "chief_system_officer", "since_on": date(2024, 4, 1)}
        doing.put(Appointment, "A-9001", office)
    approve.ask(cast.mori.actor, Document, None, PROCEDURE)
    answer = post(cast.aoki, "approve")
    assert answer.status_code == 403
    assert "二要素認証" in answer.content.decode()
    assert step() == "submitted"


def test_a_stale_page_and_a_replayed_request_are_told(cast, asked):
    assert post(cast.sakura, "approve", ver=7).status_code == 409
    assert post(cast.sakura, "approve").status_code == 302
    for _ in range(3):
        answer = post(cast.sakura, "approve")
        assert answer.status_code == 409
        assert "承認済" in answer.content.decode()
    assert Document.objects.get().ver == 1


def test_a_policy_that_would_be_in_force_already_is_refused_in_words(cast, asked):
    with clock.standing_at(datetime(2026, 11, 2, 3, tzinfo=UTC)):
        answer = post(cast.sakura, "approve")
    assert answer.status_code == 422
    assert "施行日: 施行日（2026-11-01）が承認の日（2026-11-02）より前です" in answer.content.decode()


def test_reading_changes_nothing_and_unknown_acts_are_refused(cast, asked):
    assert cast.sakura.client.get("/approvals/AP-0001/?act=approve&expected_ver=1").status_code == 200
    assert post(cast.sakura, "explode").status_code == 409
    assert step() == "submitted"


def test_a_request_without_its_token_is_refused(cast, asked):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.sakura.account)
    answer = client.post("/approvals/AP-0001/", {"act": "approve", "expected_ver": 1})
    assert answer.status_code == 403
    assert step() == "submitted"


def test_an_unknown_approval_is_not_found_and_strangers_sign_in(cast):
    assert cast.sakura.client.get("/approvals/AP-9/").status_code == 404
    assert cast.anonymous.get("/approvals/AP-0001/").status_code == 302


# --- in a browser


def asked_today(cast, **values):
    """A change that may be approved on the browser's own day."""
    approval = approve.ask(cast.mori.actor, Document, None, PROCEDURE | {"in_force_on": None} | values)
    sequence()
    return approval


@pytest.mark.parametrize(("language", "theme"), [("ja", "light"), ("en", "dark")])
def test_the_page_is_accessible_and_fits_a_phone(cast, live_server, new_context, axe_source, language, theme):
    asked_today(cast)
    page = come_in(new_context(), live_server, cast.sakura, language=language)
    in_theme(page, theme)
    page.goto(f"{live_server.url}/approvals/AP-0001/")
    assert violations(page, axe_source) == []
    assert not overflows(on_phone(page))
    assert page.complaints == []  # type: ignore[attr-defined]


def test_a_change_goes_from_its_author_to_the_register_through_two_browsers(cast, live_server, new_context):
    """Sent back, mended and approved, each by the one whose turn it is; the other's page follows by itself."""
    approval = asked_today(cast)
    chief = come_in(new_context(), live_server, cast.sakura)
    chief.goto(f"{live_server.url}/approvals/{approval.key}/")
    author = come_in(new_context(), live_server, cast.mori)
    author.goto(f"{live_server.url}/approvals/{approval.key}/")
    chief.get_by_label("理由").fill("版を上げてください")
    chief.get_by_role("button", name="差し戻す").click()
    expect(chief.locator(".messages")).to_contain_text("差し戻しました")
    expect(author.locator("#approval-steps")).to_contain_text("版を上げてください", timeout=5000)
    author.reload()
    author.get_by_role("link", name="内容を直す").click()
    author.locator('[name="version"]').fill("2.0")
    author.get_by_role("button", name="直して申請する").click()
    expect(author.locator(".messages")).to_contain_text("申請しました")
    chief.reload()
    chief.get_by_role("button", name="承認する").click()
    expect(chief.locator(".messages")).to_contain_text("承認しました")
    assert Document.objects.get().version == "2.0"
    assert chief.complaints == author.complaints == []  # type: ignore[attr-defined]
