"""Changes that take approval, by the API: asked for with a token, decided with two factors on a page."""

from __future__ import annotations

from typing import Any

import pytest

from sekisho.records.models import Appointment, Approval, Document
from tests.api.calling import Caller, service, token_of
from tests.api.test_door import signed_in, with_csrf

VALUES = {"kind": "other", "title": "障害対応手順", "version": "1.0", "in_force_on": "2099-11-01"}
ASK = {"op": "write", "kind": "document", "values": VALUES, "reason": "新設"}


@pytest.fixture
def mori(cast: Any) -> Caller:
    return token_of(cast.mori)


def step(caller: Caller, key: str, name: str, body: Any = None, *, ver: int, **headers: str) -> Any:
    return caller.post(f"approvals/{key}/{name}", body, If_Match=f'"{ver}"', **headers)


def decide(member: Any, key: str, name: str, body: Any = None, *, ver: int) -> Any:
    page = signed_in(member)
    return step(page, key, name, body, ver=ver, X_CSRFToken=with_csrf(page))


def test_a_change_is_asked_for_and_stands_nowhere_yet(mori: Caller):
    answer = mori.post("approvals", ASK)
    assert answer.status == 201
    assert answer.headers["Location"] == "/api/approvals/AP-0001"
    assert answer.etag == '"1"'
    told = answer.json
    assert (told["step"], told["subject"], told["op"]) == ("submitted", "document:D-0001", "write")
    assert told["before"] is None
    assert told["after"] == VALUES
    assert told["may_decide"] is False
    assert "Chief system officer" in told["refusal"]["en"]
    assert told["names"]["person:P-0004"]["ja"] == "森 智子"
    assert not Document.objects.exists()
    assert mori.post("approvals", ASK).code == "already_asked"


def test_who_is_entitled_approves_on_a_page_and_the_record_is_written(cast: Any, mori: Caller):
    mori.post("approvals", ASK)
    assert token_of(cast.sakura).get("approvals/AP-0001").json["may_decide"] is True
    answer = decide(cast.sakura, "AP-0001", "approve", ver=1)
    assert answer.status == 200, answer.raw
    assert answer.json["step"] == "approved"
    assert answer.json["decided_by"] == "P-0002"
    assert Document.objects.get().title == "障害対応手順"
    assert mori.get("records/document/D-0001").status == 200
    assert decide(cast.sakura, "AP-0001", "approve", ver=2).code == "wrong_step"


def test_a_token_decides_nothing_whatever_session_comes_with_it(cast: Any, mori: Caller, settings: Any):
    mori.post("approvals", ASK)
    sakura = token_of(cast.sakura)
    for name, body in (("approve", None), ("send_back", {"reason": "x"})):
        assert step(sakura, "AP-0001", name, body, ver=1).code == "second_factor_needed"
    both = signed_in(cast.kamiya)
    both.secret = sakura.secret
    assert step(both, "AP-0001", "approve", ver=1).code == "second_factor_needed"
    settings.SEKISHO_SECOND_FACTOR = False
    assert step(sakura, "AP-0001", "approve", ver=1).status == 200


def test_a_session_without_a_second_factor_decides_nothing(cast: Any, mori: Caller):
    mori.post("approvals", ASK)
    assert decide(cast.aoki, "AP-0001", "approve", ver=1).code == "second_factor_needed"


def test_nobody_approves_the_own_change(cast: Any, mori: Caller):
    mori.post("approvals", ASK)
    assert decide(cast.mori, "AP-0001", "approve", ver=1).code == "refused"
    token_of(cast.sakura).post("approvals", ASK | {"values": VALUES | {"title": "別"}})
    assert decide(cast.sakura, "AP-0002", "approve", ver=1).code == "own_change"


def test_what_was_sent_back_is_mended_and_handed_in_again(cast: Any, mori: Caller):
    mori.post("approvals", ASK)
    assert decide(cast.sakura, "AP-0001", "send_back", {}, ver=1).code == "malformed"
    assert decide(cast.sakura, "AP-0001", "send_back", {"reason": " "}, ver=1).code == "invalid"
    sent_back = decide(cast.sakura, "AP-0001", "send_back", {"reason": "題名を直す"}, ver=1)
    assert (sent_back.json["step"], sent_back.json["reason"]) == ("sent_back", "題名を直す")
    edited = step(mori, "AP-0001", "edit", {"values": VALUES | {"title": "障害対応要領"}}, ver=2)
    assert (edited.json["step"], edited.json["after"]["title"]) == ("draft", "障害対応要領")
    assert step(mori, "AP-0001", "submit", {"reason": "直しました"}, ver=3).json["step"] == "submitted"
    assert decide(cast.sakura, "AP-0001", "approve", ver=4).json["step"] == "approved"
    assert Document.objects.get().title == "障害対応要領"


def test_an_edit_with_wrong_values_is_refused_by_name(mori: Caller):
    mori.post("approvals", ASK | {"draft": True})
    for values, name in (
        ({"title": 5}, "values.title"),
        ({"bogus": 1}, "values.bogus"),
        ({"in_force_on": "soon"}, "values.in_force_on"),
        ({"linked_plan": "D-NONE"}, "values.linked_plan"),
    ):
        answer = step(mori, "AP-0001", "edit", {"values": VALUES | values}, ver=1)
        assert answer.code == "invalid"
        assert [name] == [p["name"] for p in answer.json["problems"]]
    assert Approval.objects.get().ver == 1


def test_a_draft_waits_and_who_asked_withdraws_it(cast: Any, mori: Caller):
    assert mori.post("approvals", ASK | {"draft": True}).json["step"] == "draft"
    assert step(token_of(cast.sakura), "AP-0001", "withdraw", ver=1).code == "refused"
    withdrawn = step(mori, "AP-0001", "withdraw", {"reason": "不要"}, ver=1)
    assert withdrawn.json["step"] == "withdrawn"
    assert step(mori, "AP-0001", "submit", ver=2).code == "wrong_step"


def test_each_step_names_the_version_that_was_seen(mori: Caller):
    mori.post("approvals", ASK | {"draft": True})
    assert mori.post("approvals/AP-0001/submit").code == "version_needed"
    assert step(mori, "AP-0001", "submit", ver=7).code == "stale"
    assert step(mori, "NOPE", "submit", ver=1).code == "not_found"
    assert mori.get("approvals/NOPE").code == "not_found"
    assert mori.get("approvals/%00").code == "not_found"


def test_a_removal_is_asked_for_with_its_reason(cast: Any, mori: Caller):
    body = {"op": "remove", "kind": "appointment", "key": cast.aoki.appointment, "version": 1}
    assert mori.post("approvals", body).code == "malformed"
    assert mori.post("approvals", body | {"reason": " "}).code == "invalid"
    assert mori.post("approvals", body | {"reason": "誤り", "version": 9}).code == "conflict"
    told = mori.post("approvals", body | {"reason": "誤り"}).json
    assert (told["op"], told["after"]) == ("remove", None)
    assert told["before"]["person"] == cast.aoki.key
    assert decide(cast.kamiya, told["key"], "approve", ver=1).status == 200
    assert not Appointment.objects.filter(pk=cast.aoki.appointment).exists()


def test_an_erasure_is_asked_for_and_shows_no_personal_value(cast: Any, mori: Caller):
    body = {"op": "erase", "kind": "person", "key": cast.kyuda.key, "reason": "請求による"}
    told = mori.post("approvals", body).json
    assert told["op"] == "erase"
    assert "旧田" not in str(told["before"])
    assert mori.post("approvals", body | {"key": "P-0003"}).code == "invalid"


def test_what_takes_no_approval_is_not_asked_for(mori: Caller, cast: Any):
    system = {"op": "write", "kind": "system", "key": "S-EXC", "values": {"criticality": "low"}}
    assert mori.post("approvals", system).code == "no_approval_needed"


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"op": "nothing"}, "op"),
        ({}, "op"),
        ({"op": "write"}, "kind"),
        ({"op": "write", "kind": "unit", "values": {}}, "kind"),
        ({"op": "write", "kind": "document"}, "values"),
        ({"op": "write", "kind": "document", "values": {"title": 1}}, "values.title"),
        ({"op": "write", "kind": "document", "values": {}, "draft": "yes"}, "draft"),
        ({"op": "erase", "kind": "unit", "key": "U-1", "reason": "x"}, "kind"),
        ({"op": "remove", "kind": "document", "key": "D-1", "reason": "x", "values": {}}, "values"),
        ([], ""),
    ],
)
def test_what_is_no_question_is_refused_by_name(mori: Caller, body: Any, name: str):
    answer = mori.post("approvals", body)
    assert answer.status == 422
    assert [p["name"] for p in answer.json["problems"]] == [name]


def test_tokens_and_services_ask_within_their_bounds(cast: Any):
    assert token_of(cast.mori, writes=["document"]).post("approvals", ASK).code == "outside_token"
    assert token_of(cast.mori, writes=["approval"]).post("approvals", ASK).code == "outside_token"
    assert token_of(cast.mori, writes=["document", "approval"]).post("approvals", ASK).status == 201
    program = service(reads=["document", "approval"], writes=["document", "approval"])
    assert program.post("approvals", ASK).code == "refused"
    assert program.get("approvals/AP-0001").status == 200
    assert service(reads=["approval"]).get("approvals/AP-0001").code == "outside_token"


def test_an_approval_from_a_file_without_a_change_is_shown_and_does_nothing(cast: Any, mori: Caller):
    from sekisho.workflows.act import act

    values = {"subject": "unit:U-OPS", "step": "submitted", "asked_by": "P-0004"}
    with act("import", "operator:test") as doing:
        doing.put(Approval, "AP-OLD", values)
    told = mori.get("approvals/AP-OLD").json
    assert (told["op"], told["before"], told["after"], told["roles"]) == (None, None, None, [])
    assert step(mori, "AP-OLD", "edit", {"values": {}}, ver=1).code == "unreadable_change"
    assert decide(cast.sakura, "AP-OLD", "approve", ver=1).code == "unreadable_change"
