"""A draft, or what was sent back, is mended by those who may ask, and submitted again."""

import re
from datetime import UTC, date, datetime

import pytest

from sekisho.kernel import clock
from sekisho.records.models import Approval, Document
from sekisho.workflows import approve
from sekisho.workflows.change import change_of

NOON = datetime(2026, 10, 1, 3, tzinfo=UTC)
PROCEDURE = {"kind": "other", "title": "障害対応手順", "version": "1.0", "in_force_on": date(2026, 11, 1)}
URL = "/approvals/AP-0001/edit/"


@pytest.fixture(autouse=True)
def noon(db):
    with clock.standing_at(NOON):
        yield


@pytest.fixture
def draft(cast):
    return approve.ask(cast.mori.actor, Document, None, PROCEDURE, draft=True)


def typed(**changes):
    texts = {"kind": "other", "title": "障害対応手順", "version": "1.0", "in_force_on": "2026-11-01"}
    return texts | {"expected_ver": "1", "how": "draft"} | changes


def kept():
    approval = Approval.objects.get()
    return approval.step, change_of(approval).values["version"]


def test_the_form_holds_what_is_asked_for(cast, draft):
    page = cast.mori.client.get(URL).content.decode()
    assert re.search(r'name="title" value="障害対応手順"', page)
    assert 'name="expected_ver" value="1"' in page


def test_a_mended_draft_stays_a_draft(cast, draft):
    answer = cast.mori.client.post(URL, typed(version="1.1"))
    assert (answer.status_code, answer.headers["Location"]) == (302, "/approvals/AP-0001/")
    assert kept() == ("draft", "1.1")


def test_what_was_sent_back_is_mended_and_submitted_in_one_go(cast, draft):
    approve.submit(cast.mori.actor, draft.key)
    approve.send_back(cast.sakura.actor, draft.key, "版を上げてください")
    cast.mori.client.post(URL, typed(version="2.0", expected_ver="3", how="submit", act_reason="版を上げた"))
    assert kept() == ("submitted", "2.0")
    approve.approve(cast.sakura.actor, draft.key)
    assert Document.objects.get().version == "2.0"


def test_wrong_values_are_told_beside_their_field_and_nothing_is_kept(cast, draft):
    answer = cast.mori.client.post(URL, typed(version="", in_force_on="明日"))
    assert answer.status_code == 422
    assert "2026-11-23 の形で入力してください" in answer.content.decode()
    answer = cast.mori.client.post(URL, typed(version=""))
    assert answer.status_code == 422
    assert kept() == ("draft", "1.0")


def test_a_stale_form_is_told(cast, draft):
    approve.edit_draft(cast.aoki.actor, draft.key, PROCEDURE | {"version": "1.5"})
    answer = cast.mori.client.post(URL, typed(version="1.1"))
    assert answer.status_code == 422
    assert "先に変更" in answer.content.decode()
    assert kept() == ("draft", "1.5")


def test_what_may_not_be_submitted_yet_stays_a_draft_and_says_why(cast, draft):
    answer = cast.mori.client.post(URL, typed(in_force_on="2026-09-01", how="submit"), follow=True)
    assert "より前です" in answer.content.decode()
    assert Approval.objects.get().step == "draft"


def test_who_may_not_ask_does_not_edit(cast, draft):
    assert cast.nishi.client.post(URL, typed(version="9")).status_code == 403
    assert kept() == ("draft", "1.0")


def test_what_is_submitted_is_not_edited(cast, draft):
    approve.submit(cast.mori.actor, draft.key)
    assert cast.mori.client.get(URL).status_code == 409
    assert cast.mori.client.post(URL, typed(version="9", expected_ver="2")).status_code == 409


def test_another_day_is_read_only(cast, draft):
    session = cast.mori.client.session
    session["moment"] = {"on": "2026-12-01", "known_at": None}
    session.save()
    assert cast.mori.client.get(URL).status_code == 403
