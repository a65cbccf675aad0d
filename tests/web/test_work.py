"""The page of one's own work: soonest first, what can be done here is done here, nothing of others."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import settings as configured
from playwright.sync_api import expect

from sekisho.kernel import clock
from sekisho.ledger.append import sequence
from sekisho.records.models import Acknowledgement, Action, Document, Incident
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


def put(model, key, **values):
    with act("load", "operator:test") as doing:
        doing.put(model, key, values)


def policy(**values):
    put(Document, "D-1", **PROCEDURE | {"kind": "basic_policy", "in_force_on": date(2026, 9, 15)} | values)


def drafted():
    put(
        Incident, "INC-T1", title="容量", kind="failure", severity="minor", state="draft",
        detected_at=datetime(2026, 9, 30, tzinfo=UTC),
    )  # fmt: skip


def shown(member, query="", language="ja"):
    sequence()
    member.client.cookies[configured.LANGUAGE_COOKIE_NAME] = language
    answer = member.client.get(f"/work/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def spans(page):
    return re.findall(r'id="span-(\w+)"', page)


# --- what is shown


def test_tasks_stand_by_how_soon_they_are_due(cast):
    policy()
    for n, due in enumerate([date(2026, 9, 1), date(2026, 10, 5), date(2027, 1, 5)]):
        put(Action, f"AC-{n}", what=f"措置{n}", kind="improvement", owner=cast.nishi.key, due_on=due)
    page = shown(cast.nishi)
    assert spans(page) == ["overdue", "week", "month", "later"]
    assert "30日超過" in page
    assert (
        page.index("措置0") < page.index("措置1") < page.index("基本方針「障害対応手順") < page.index("措置2")
    )


def test_a_task_leads_to_where_it_is_done(cast):
    approve.ask(cast.mori.actor, Document, None, PROCEDURE)
    page = shown(cast.sakura)
    assert re.search(r'<a href="/approvals/AP-0001/">承認待ち: ', page)
    assert re.search(r'<a href="/records/unit/U-SYS/">', page)
    assert 'href="/rule/7-1/"' in page


def test_a_clause_that_no_audit_covered_leads_to_the_clause_that_finds_it(cast):
    page = shown(cast.chiba, "?what=mend")
    assert re.search(r'<a href="/rule/24-2/">第1条は監査周期の間に一度も監査されていません', page)
    assert 'href="/records/clause/' not in page


def test_one_sort_is_shown_alone(cast):
    policy()
    put(Action, "AC-1", what="措置", kind="improvement", owner=cast.nishi.key, due_on=date(2026, 12, 1))
    page = shown(cast.nishi, "?what=act")
    assert "措置" in page
    assert "基本方針「" not in page
    assert "基本方針「" in shown(cast.nishi, "?what=nonsense")


def test_who_has_nothing_to_do_reads_so(cast):
    assert "いま行うことはありません" in shown(cast.nishi)


def test_many_tasks_are_shown_in_pages(cast):
    with act("load", "operator:test") as doing:
        values = {"kind": "improvement", "owner": cast.nishi.key, "due_on": date(2026, 12, 1)}
        doing.put_new(Action, [(f"AC-{n:03d}", values | {"what": f"措置{n:03d}"}) for n in range(120)])
    assert "措置099" in (page := shown(cast.nishi))
    assert "措置100" not in page
    assert "措置100" in shown(cast.nishi, "?page=2")


def test_the_excerpt_is_a_fragment_of_the_first_few(cast):
    with act("load", "operator:test") as doing:
        values = {"kind": "improvement", "owner": cast.nishi.key, "due_on": date(2026, 9, 1)}
        doing.put_new(Action, [(f"AC-{n}", values | {"what": f"措置{n}"}) for n in range(8)])
    page = shown(cast.nishi, "?excerpt=1")
    assert "<html" not in page
    assert page.count("<li>") == 6
    assert "ほか 2 件" in page
    assert "30日超過" in page


def test_in_english(cast):
    policy()
    page = shown(cast.nishi, language="en")
    assert "Read and acknowledge the basic policy" in page
    assert "Within 30 days" in page


# --- what is done here


def test_a_policy_is_acknowledged_by_a_click(cast):
    policy()
    assert 'value="acknowledge"' in shown(cast.nishi)
    answer = cast.nishi.client.post("/work/", {"act": "acknowledge", "key": "D-1"})
    assert answer.status_code == 302
    assert Acknowledgement.objects.get().person_id == cast.nishi.key
    page = shown(cast.nishi)
    assert "周知確認を記録しました" in page
    assert 'value="acknowledge"' not in page


def test_what_is_not_in_force_is_not_acknowledged(cast):
    policy(in_force_on=date(2026, 10, 2))
    answer = cast.nishi.client.post("/work/", {"act": "acknowledge", "key": "D-1"})
    assert answer.status_code == 409
    assert "有効な版ではありません" in answer.content.decode()


@pytest.mark.parametrize(("name", "state"), [("confirm", "open"), ("dismiss", "dismissed")])
def test_a_detection_is_decided_with_a_reason(cast, name, state):
    drafted()
    assert 'value="confirm"' in shown(cast.ono)
    sent = {"act": name, "key": "INC-T1", "expected_ver": "1", "act_reason": ""}
    answer = cast.ono.client.post("/work/", sent)
    assert answer.status_code == 422
    assert Incident.objects.get().state == "draft"
    assert cast.ono.client.post("/work/", sent | {"act_reason": "確認済み"}).status_code == 302
    assert Incident.objects.get().state == state
    answer = cast.ono.client.post("/work/", sent | {"act_reason": "確認済み"})
    assert answer.status_code == 409


def test_who_does_not_respond_to_incidents_decides_none(cast):
    drafted()
    assert 'value="confirm"' not in shown(cast.nishi)
    sent = {"act": "confirm", "key": "INC-T1", "expected_ver": "1", "act_reason": "確認済み"}
    assert cast.nishi.client.post("/work/", sent).status_code == 403
    assert Incident.objects.get().state == "draft"


def test_another_day_is_read_only(cast):
    policy()
    drafted()
    sequence()
    session = cast.ono.client.session
    session["moment"] = {"on": "2026-10-20", "known_at": None}
    session.save()
    page = shown(cast.ono)
    assert 'value="acknowledge"' not in page
    assert 'value="confirm"' not in page
    assert "5日超過" in page
    assert cast.ono.client.post("/work/", {"act": "acknowledge", "key": "D-1"}).status_code == 403
    assert not Acknowledgement.objects.exists()


def test_unknown_acts_are_refused_and_strangers_sign_in(cast):
    assert cast.nishi.client.post("/work/", {"act": "explode"}).status_code == 409
    assert cast.anonymous.get("/work/").status_code == 302


# --- in a browser


@pytest.fixture
def busy(cast):
    """Something of every span, on the browser's own day."""
    today = clock.today()
    policy(in_force_on=today - timedelta(days=3))
    drafted()
    for n, days in enumerate((-5, 2, 20, 60)):
        due = today + timedelta(days=days)
        put(Action, f"AC-{n}", what=f"措置{n}", kind="improvement", owner=cast.sakura.key, due_on=due)
    sequence()
    return cast


@pytest.mark.parametrize(("language", "theme"), [("ja", "light"), ("en", "dark")])
def test_the_page_is_accessible_and_fits_a_phone(busy, live_server, new_context, axe_source, language, theme):
    page = come_in(new_context(), live_server, busy.sakura, language=language)
    in_theme(page, theme)
    page.goto(f"{live_server.url}/work/")
    assert violations(page, axe_source) == []
    on_phone(page).reload()
    assert violations(page, axe_source) == []
    assert not overflows(page)
    assert page.complaints == []  # type: ignore[attr-defined]


def test_a_detection_and_a_policy_are_dealt_with_by_keyboard(busy, live_server, new_context):
    page = come_in(new_context(), live_server, busy.sakura)
    page.goto(f"{live_server.url}/work/")
    page.get_by_label("理由").focus()
    page.keyboard.type("利用者に影響あり")
    page.keyboard.press("Enter")
    expect(page.locator(".messages")).to_contain_text("インシデントとして確定しました")
    page.get_by_role("button", name="読んで確認しました").press("Enter")
    expect(page.locator(".messages")).to_contain_text("周知確認を記録しました")
    expect(page.get_by_role("button", name="読んで確認しました")).to_have_count(0)
    assert Incident.objects.get().state == "open"
    assert page.complaints == []  # type: ignore[attr-defined]
