"""Registers and records: pages, versions, what is refused, and what the ledger keeps."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sekisho.kernel import clock
from sekisho.ledger.models import Version
from sekisho.records.models import Unit
from sekisho.workflows.act import act
from tests.api.calling import Caller, service, token_of

NEW = {"values": {"name": "新部署", "function": "other", "since_on": "2026-01-01"}, "reason": "組織改正"}


@pytest.fixture
def sakura(cast: Any) -> Caller:
    return token_of(cast.sakura)


def units(count: int) -> None:
    with act("units", "operator:test") as doing:
        values = {"function": "other", "since_on": date(2024, 1, 1)}
        doing.put_new(Unit, [(f"X-{n:03d}", values | {"name": f"部署{n}"}) for n in range(count)])


# --- lists ------------------------------------------------------------------------------------------------------


def test_a_register_comes_in_pages_that_lead_to_one_another(sakura: Caller):
    units(10)
    first = sakura.get("records/unit?page_size=6")
    assert first.json["total"] == 15
    assert first.json["pages"] == 3
    assert len(first.json["items"]) == 6
    assert '</api/records/unit?page_size=6&page=2>; rel="next"' in first.headers["Link"]
    assert 'rel="prev"' not in first.headers["Link"]
    last = sakura.get("records/unit?page_size=6&page=3")
    assert len(last.json["items"]) == 3
    assert 'rel="next"' not in last.headers["Link"]
    keys = [
        i["key"] for n in (1, 2, 3) for i in sakura.get(f"records/unit?page_size=6&page={n}").json["items"]
    ]
    assert len(set(keys)) == 15


def test_a_page_past_the_end_is_empty(sakura: Caller):
    beyond = sakura.get("records/unit?page=9")
    assert beyond.status == 200
    assert beyond.json["items"] == []
    assert beyond.json["total"] == 5
    assert 'page=1>; rel="prev"' in beyond.headers["Link"]


def test_rows_have_their_version_and_the_names_of_what_they_refer_to(sakura: Caller):
    found = sakura.get("records/person?unit=U-OPS&sort=name").json
    assert {i["values"]["unit"] for i in found["items"]} == {"U-OPS"}
    assert found["names"]["unit:U-OPS"] == {"ja": "業務部", "en": "業務部"}
    assert found["items"][0]["version"] == 1


def test_only_the_fields_that_are_asked_for_are_given(sakura: Caller):
    found = sakura.get("records/unit?fields=name&fields=function").json["items"]
    assert all(set(i["values"]) == {"name", "function"} for i in found)


def test_a_register_takes_at_most_ten_queries(cast: Any):
    units(50)
    chiba = token_of(cast.chiba)
    chiba.get("records/person")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert chiba.get("records/person?q=a&sort=-unit&employment=employee").status == 200
    assert len(asked) <= 10, [q["sql"] for q in asked]


def test_personal_values_are_for_who_keeps_the_register_and_for_oneself(cast: Any):
    keeper, nishi = token_of(cast.sakura), token_of(cast.nishi)
    assert keeper.get("records/person/P-0003").json["values"]["email"] == "aoki@example.jp"
    other = nishi.get("records/person/P-0003").json
    assert other["values"]["email"] is None
    assert other["values"]["name"] == "青木 健"
    assert other["hidden"] == ["email"]
    assert nishi.get(f"records/person/{cast.nishi.key}").json["values"]["email"] == "nishi@example.jp"
    assert all(i["values"]["email"] is None for i in nishi.get("records/person").json["items"])
    only = nishi.get("records/person?fields=email").json
    assert [i["values"] for i in only["items"]] == [{"email": None}] * 10
    history = nishi.get("records/person/P-0003/history").json
    assert history["items"][0]["values"]["email"] is None


@pytest.mark.parametrize("question", ["email=aoki@example.jp", "sort=email", "sort=-email"])
def test_nobody_learns_personal_values_by_asking_for_them(cast: Any, question: str):
    assert token_of(cast.nishi).get(f"records/person?{question}").code == "refused"
    assert token_of(cast.sakura).get(f"records/person?{question}").status == 200


# --- as of a moment ---------------------------------------------------------------------------------------------


def test_the_past_reads_as_it_was_known(cast: Any, sakura: Caller):
    before = clock.iso(clock.now())
    made = sakura.post("records/unit", NEW).json["key"]
    changed = sakura.patch("records/unit/U-OPS", {"values": {"name": "業務統括部"}}, If_Match='"1"')
    assert changed.status == 200
    asked = f"known_at={before}"
    assert sakura.get(f"records/unit/{made}?{asked}").code == "not_found"
    old = sakura.get(f"records/unit/U-OPS?{asked}")
    assert old.json["values"]["name"] == "業務部"
    assert old.json["version"] == 1
    assert "ETag" not in old.headers
    listed = sakura.get(f"records/unit?{asked}&q=業務").json
    assert [i["values"]["name"] for i in listed["items"]] == ["業務部"]
    assert listed["total"] == 1
    assert len(sakura.get(f"records/unit/U-OPS/history?{asked}").json["items"]) == 1


def test_an_instant_to_come_is_refused_and_one_with_a_bare_plus_is_understood(sakura: Caller):
    to_come = (clock.now() + timedelta(hours=1)).isoformat().replace("+00:00", "Z")
    answer = sakura.get(f"records/unit?known_at={to_come}")
    assert answer.status == 422
    assert answer.json["problems"][0]["name"] == "known_at"
    assert sakura.get("records/unit?known_at=2020-01-01T00:00:00+09:00").json["total"] == 0
    assert sakura.get("records/unit?known_at=2020-01-01").code == "malformed"


# --- one record -------------------------------------------------------------------------------------------------


def test_a_record_has_its_version_as_etag_and_need_not_be_sent_twice(sakura: Caller):
    answer = sakura.get("records/unit/U-OPS")
    assert answer.etag == '"1"'
    assert answer.headers["Cache-Control"] == "private, no-cache"
    again = sakura.get("records/unit/U-OPS", If_None_Match='W/"1"')
    assert again.status == 304
    assert again.raw == b""
    assert sakura.get("records/unit/U-OPS", If_None_Match='"7"').status == 200


@pytest.mark.parametrize("key", ["NOPE", "%00", "%ff", "a%20b", "x" * 65, "%E3%80%80", "..%2f", "new", "'--"])
def test_a_key_that_there_is_none_of_is_not_found(sakura: Caller, key: str):
    answer = sakura.get(f"records/unit/{key}")
    assert answer.status == 404
    assert answer.code == "not_found"


def test_an_unknown_kind_is_not_found(sakura: Caller):
    assert sakura.get("records/nonsense").code == "not_found"
    assert sakura.post("records/nonsense", NEW).code == "not_found"
    assert sakura.get("kinds/nonsense").code == "not_found"


# --- writing ----------------------------------------------------------------------------------------------------


def test_a_new_record_gets_the_next_key_and_its_line_in_the_ledger(cast: Any, sakura: Caller):
    answer = sakura.post("records/unit", NEW)
    assert answer.status == 201
    assert answer.headers["Location"] == "/api/records/unit/U-0001"
    assert answer.etag == '"1"'
    assert answer.json["values"]["until_on"] is None
    line = Version.objects.get(kind="unit", rec="U-0001")
    assert (line.by, line.act_name, line.reason) == (cast.sakura.by, "save_unit", "組織改正")


def test_a_record_under_a_chosen_key_is_made_once(sakura: Caller):
    assert sakura.put("records/unit/U-API", NEW).code == "version_needed"
    made = sakura.put("records/unit/U-API", NEW, If_None_Match="*")
    assert made.status == 201
    assert made.headers["Location"] == "/api/records/unit/U-API"
    assert sakura.put("records/unit/U-API", NEW, If_None_Match="*").code == "stale"
    assert sakura.put("records/unit/new", NEW, If_None_Match="*").code == "invalid"


def test_put_replaces_all_values_and_patch_some(sakura: Caller):
    sakura.patch("records/unit/U-OPS", {"values": {"notes": "備考"}}, If_Match='"1"')
    assert sakura.get("records/unit/U-OPS").json["values"]["notes"] == "備考"
    patched = sakura.patch("records/unit/U-OPS", {"values": {"until_on": "2030-03-31"}}, If_Match='"2"')
    assert patched.json["values"]["notes"] == "備考"
    assert patched.json["values"]["until_on"] == "2030-03-31"
    cleared = sakura.patch("records/unit/U-OPS", {"values": {"until_on": None}}, If_Match='"3"')
    assert cleared.json["values"]["until_on"] is None
    replaced = sakura.put("records/unit/U-OPS", NEW, If_Match='"4"')
    assert replaced.status == 200
    assert replaced.etag == '"5"'
    assert replaced.json["values"]["notes"] is None
    assert replaced.json["values"]["name"] == "新部署"


def test_what_was_read_can_be_sent_back_and_writes_nothing(sakura: Caller):
    read = sakura.get("records/unit/U-OPS")
    sent = sakura.put("records/unit/U-OPS", {"values": read.json["values"]}, If_Match=read.etag)
    assert sent.status == 200
    assert sent.json == read.json
    assert sakura.patch("records/unit/U-OPS", {"values": {}}, If_Match=read.etag).etag == '"1"'
    assert Version.objects.filter(kind="unit", rec="U-OPS").count() == 1


def test_without_the_version_nothing_is_changed_and_with_an_old_one_neither(sakura: Caller):
    change = {"values": {"name": "x"}}
    for method in ("PATCH", "PUT"):
        body = change if method == "PATCH" else NEW
        assert sakura.call(method, "records/unit/U-OPS", body).code == "version_needed"
        assert sakura.call(method, "records/unit/U-OPS", body, If_Match="*").code == "version_needed"
        for tag in ('"9"', 'W/"1"', "1", '"'):
            assert sakura.call(method, "records/unit/U-OPS", body, If_Match=tag).code == "stale"
    assert sakura.delete("records/unit/U-OPS").code == "version_needed"
    assert sakura.delete("records/unit/U-OPS", If_Match='"2"').code == "stale"
    assert sakura.patch("records/unit/NOPE", change, If_Match='"1"').code == "not_found"
    assert sakura.patch("records/unit/U-OPS", change, If_Match='"8", "1"').status == 200


def test_whoever_is_second_is_told_so(sakura: Caller, monkeypatch: Any):
    from sekisho.api.operations import records

    def first_by_another(*given: Any) -> int:
        with act("other", "operator:test") as doing:
            doing.put(Unit, "U-OPS", {"name": "先に変更"})
        return 1

    monkeypatch.setattr(records, "seen_version", first_by_another)
    answer = sakura.patch("records/unit/U-OPS", {"values": {"name": "後から"}}, If_Match='"1"')
    assert answer.code == "stale"
    assert '"2"' in answer.json["detail"]
    assert Unit.objects.get(pk="U-OPS").name == "先に変更"


def test_a_removed_record_is_gone_and_its_history_stays(sakura: Caller):
    key = sakura.post("records/unit", NEW).json["key"]
    answer = sakura.delete(f"records/unit/{key}?reason=%E8%AA%A4%E7%99%BB%E9%8C%B2", If_Match='"1"')
    assert answer.status == 204
    assert answer.raw == b""
    assert sakura.get(f"records/unit/{key}").code == "not_found"
    told = sakura.get(f"records/unit/{key}/history").json
    assert [(i["version"], i["op"], i["reason"]) for i in told["items"]] == [
        (2, "delete", "誤登録"),
        (1, "create", "組織改正"),
    ]
    assert told["items"][0]["values"] is None
    assert sakura.get("records/unit/NOPE/history").code == "not_found"


def test_what_others_refer_to_is_not_removed(sakura: Caller):
    answer = sakura.delete("records/unit/U-OPS", If_Match='"1"')
    assert answer.status == 422
    assert answer.code == "invalid"
    assert "person:P-0003" in answer.json["problems"][0]["text"]


def test_texts_are_kept_in_their_normal_form(sakura: Caller):
    body = {"values": NEW["values"] | {"name": "  か\u3099く\u0000\u202fしつ\n部 "}}  # type: ignore[operator]
    kept = sakura.post("records/unit", body).json["values"]["name"]
    assert kept.startswith("がく")
    assert "\n" not in kept
    assert "\x00" not in kept
    blank = {"values": NEW["values"] | {"name": " \t "}}  # type: ignore[operator]
    assert sakura.post("records/unit", blank).json["problems"][0]["name"] == "values.name"


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"name": None}, "values.name"),
        ({"name": 5}, "values.name"),
        ({"name": "x" * 201}, "values.name"),
        ({"function": "nonsense"}, "values.function"),
        ({"function": "システム部門"}, "values.function"),
        ({"since_on": "2026-02-29"}, "values.since_on"),
        ({"since_on": "2026/01/01"}, "values.since_on"),
        ({"since_on": "1899-12-31"}, "values.since_on"),
        ({"since_on": 20260101}, "values.since_on"),
        ({"until_on": "2025-01-01"}, "values.until_on"),
        ({"parent": "U-NONE"}, "values.parent"),
        ({"parent": "a/b"}, "values.parent"),
        ({"bogus": 1}, "values.bogus"),
        ({"evidence": []}, "values.evidence"),
        ({"key": "U-1"}, "values.key"),
    ],
)
def test_each_wrong_value_is_named(sakura: Caller, values: dict[str, Any], name: str):
    answer = sakura.post("records/unit", {"values": NEW["values"] | values})  # type: ignore[operator]
    assert answer.status == 422
    assert [p["name"] for p in answer.json["problems"]] == [name]
    assert answer.json["problems"][0]["text"]
    assert Unit.objects.count() == 5


def test_all_that_is_wrong_is_told_at_once_in_the_readers_language(cast: Any):
    english = token_of(cast.sakura)
    english.language = "en"
    body = {"values": {"function": "x", "since_on": "never"}, "extra": 1}
    told = english.post("records/unit", body).json
    assert {p["name"]: p["text"] for p in told["problems"]} == {
        "values.name": "It is needed.",
        "values.function": "Choose one of: system, user, risk, audit, csirt, management, other",
        "values.since_on": "Give a day like 2026-11-23, from 1900 to 2199.",
        "extra": "There is no member of this name.",
    }


def test_every_type_of_value_goes_in_and_comes_out_the_same(cast: Any):
    values = {
        "title": "停止",
        "kind": "failure",
        "severity": "serious",
        "state": "open",
        "systems": ["S-EXC"],
        "unit": "U-OPS",
        "detected_at": "2026-04-01T09:00:00+09:00",
        "commander": "P-0007",
        "root_cause": "一行目\n二行目",
        "decided_on": "2026-05-01",
    }
    caller = token_of(cast.aoki)
    made = caller.post("records/incident", {"values": values}).json
    assert made["values"]["detected_at"] == "2026-04-01T00:00:00.000000Z"
    assert {n: v for n, v in made["values"].items() if v is not None} == values | {
        "detected_at": "2026-04-01T00:00:00.000000Z"
    }
    profile = {"name": "会員", "user_count": 10.0, "as_of_on": "2026-01-01"}
    told = token_of(cast.sakura).post("records/member_profile", {"values": profile}).json
    assert told["values"]["user_count"] == 10


def test_numbers_and_flags_are_no_texts(cast: Any):
    caller = token_of(cast.sakura)
    for wrong in ("10", True, 1.5, -1, 2**60):
        body = {"values": {"name": "会員", "as_of_on": "2026-01-01", "user_count": wrong}}
        assert caller.post("records/member_profile", body).status == 422
    for wrong in ("true", 1, "はい"):
        system = {"name": "S", "in_scope": wrong, "operated_by": "own", "in_use_since_on": "2026-01-01"}
        assert caller.post("records/system", {"values": system}).status == 422


# --- what takes approval ----------------------------------------------------------------------------------------


def test_a_governed_change_is_refused_with_the_way_to_ask_for_it(cast: Any, sakura: Caller):
    body = {
        "values": {"person": "P-0008", "role": "risk_manager", "since_on": "2026-11-01", "grounds": "経験"}
    }
    answer = sakura.post("records/appointment", body)
    assert answer.status == 409
    assert answer.code == "needs_approval"
    assert answer.json["links"] == [{"rel": "ask", "href": "/api/approvals", "method": "POST"}]
    assert (
        sakura.delete(f"records/appointment/{cast.aoki.appointment}", If_Match='"1"').code == "needs_approval"
    )


def test_approvals_are_written_by_their_own_acts_alone(cast: Any):
    body = {"values": {"subject": "unit:U-OPS", "step": "approved", "asked_by": "P-0002"}}
    for caller in (token_of(cast.sakura), service(reads=["approval"], writes=["approval"])):
        assert caller.post("records/approval", body).status == 403
        assert caller.put("records/approval/AP-1", body, If_None_Match="*").status == 403
        assert caller.delete("records/approval/AP-1", If_Match='"1"').status == 403
