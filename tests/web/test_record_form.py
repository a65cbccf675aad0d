"""The form of a record: what Excel accepts it accepts; errors beside fields; conflicts; approvals; removal."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from sekisho.ledger.models import Version
from sekisho.records.models import Approval, Document, Incident, Instruction, Person, Risk, System, Unit
from sekisho.records.register import history, one
from sekisho.workflows.act import act
from sekisho.workflows.record import save_record
from tests.cast import Cast
from tests.web.looking import come_in, violations
from tests.web.reading import form_of, in_english, main, read, rows

pytestmark = pytest.mark.django_db

NEW_INCIDENT = {
    "title": "約定遅延",
    "kind": "システム障害",
    "severity": "serious",
    "state": "対応中",
    "detected_at": "2026-11-02T09:30",
    "systems": "S-EXC",
}


def sent(member: Any, path: str, data: dict[str, Any], status: int = 302) -> str:
    """What a form sent by the member answers."""
    answer = member.client.post(path, data)
    assert answer.status_code == status, main(answer.content.decode())
    return answer.content.decode() if status != 302 else str(answer["Location"])


# --- new ----------------------------------------------------------------------------------------------------


def test_a_new_record_gets_the_next_key_and_its_reason_stands_in_the_ledger(cast: Cast) -> None:
    sent(cast.ono, "/records/incident/new/", {**NEW_INCIDENT, "act_reason": "監視からの通報"})
    kept = one(Incident, "INC-0001").values
    assert (kept["title"], kept["kind"], kept["state"], kept["systems"]) == (
        "約定遅延",
        "failure",
        "open",
        ["S-EXC"],
    )
    assert kept["detected_at"] == datetime(2026, 11, 2, 0, 30, tzinfo=UTC)  # what is typed is Japan's time
    line = Version.objects.get(kind="incident", rec="INC-0001")
    assert (line.by, line.reason, line.act_name) == ("person:P-0007", "監視からの通報", "save_incident")


def test_a_form_accepts_what_a_sheet_accepts(cast: Cast) -> None:
    unit = {"key": "U-NEW", "name": " 新設部 ", "function": "ユーザー部門", "since_on": "2026/4/1"}
    sent(cast.kitagawa, "/records/unit/new/", {**unit, "parent": "業務部"})
    kept = one(Unit, "U-NEW").values
    assert (kept["name"], kept["function"], kept["since_on"]) == ("新設部", "user", date(2026, 4, 1))
    assert kept["parent"] == "U-OPS"
    risk = {"title": "停止", "system": "取引所システム", "category": "failure", "inherent_level": "４"}
    sent(cast.aoki, "/records/risk/new/", risk)
    assert (one(Risk, "R-0001").values["system"], one(Risk, "R-0001").values["inherent_level"]) == (
        "S-EXC",
        4,
    )


def test_several_records_are_named_by_keys_between_semicolons(cast: Cast) -> None:
    data = {"unit": "U-OPS", "topic": "訓練", "held_on": "2026-06-01", "attendees": "P-0008; 青木 健\nP-0008"}
    sent(cast.aoki, "/records/instruction/new/", data)
    assert one(Instruction, "IN-0001").values["attendees"] == ["P-0008", "P-0003"]


def test_a_new_record_may_come_with_fields_filled_in(cast: Cast) -> None:
    html = read(cast.aoki.client, "/records/risk/new/?system=S-EXC&title=停止&nonsense=1")
    form = form_of(html)
    assert (form["system"], form["title"]) == ("S-EXC", "停止")
    assert "取引所システム" in main(html)
    sent(cast.aoki, "/records/risk/new/", {**form, "category": "failure"})
    assert one(Risk, "R-0001").values["system"] == "S-EXC"


def test_errors_stand_beside_their_fields_and_on_top_and_nothing_is_lost(cast: Cast) -> None:
    wrong = {"title": "", "detected_at": "昨日", "root_cause": "調査中"}
    html = sent(cast.ono, "/records/incident/new/", {**NEW_INCIDENT, **wrong}, 422)
    told = main(html)
    assert told.count("「昨日」は日時ではありません") == 2
    assert '<a href="#id_detected_at">' in html
    assert "data-focus" in html
    assert 'aria-invalid="true"' in html
    assert form_of(html)["root_cause"] == "調査中"
    html = sent(cast.ono, "/records/incident/new/", {**NEW_INCIDENT, "title": ""}, 422)
    assert "件名: 入力してください。" in main(html)
    assert not Incident.objects.exists()


def test_what_the_kind_forbids_is_told_with_the_fields_own_names(cast: Cast) -> None:
    data = {**NEW_INCIDENT, "closed_at": "2026-11-01T00:00"}
    told = main(sent(cast.ono, "/records/incident/new/", data, 422))
    assert "「検知日時」（2026-11-02" in told
    assert "detected_at" not in told
    told = main(sent(cast.ono, "/records/incident/new/", {**NEW_INCIDENT, "systems": "S-NONE"}, 422))
    assert "S-NONE は登録されていません" in told


@pytest.mark.parametrize("key", ["a/b", "a b", "..", "x" * 65, "new"])
def test_a_key_that_no_address_can_hold_is_refused(cast: Cast, key: str) -> None:
    sent(cast.ono, "/records/incident/new/", {**NEW_INCIDENT, "key": key}, 422)
    assert not Incident.objects.exists()


def test_a_key_that_is_taken_is_told(cast: Cast) -> None:
    data = {"key": "U-OPS", "name": "別の部", "function": "user", "since_on": "2026-04-01"}
    assert "このキーは既に使われています" in main(sent(cast.kitagawa, "/records/unit/new/", data, 422))
    assert one(Unit, "U-OPS").values["name"] == "業務部"


# --- edit ---------------------------------------------------------------------------------------------------


def test_only_what_was_touched_is_written(cast: Cast) -> None:
    at = datetime(2026, 11, 2, 0, 30, 15, 123456, tzinfo=UTC)
    with act("incident", "operator:test") as doing:
        values = {
            "title": "障害",
            "kind": "failure",
            "severity": "minor",
            "state": "open",
            "root_cause": "一行目\n二行目",
        }
        doing.put(Incident, "INC-0001", {**values, "detected_at": at})
    form = form_of(read(cast.ono.client, "/records/incident/INC-0001/edit/"))
    assert form["detected_at"] == "2026-11-02T09:30:15"
    crlf = {**form, "root_cause": form["root_cause"].replace("\n", "\r\n")}
    sent(cast.ono, "/records/incident/INC-0001/edit/", crlf)
    assert one(Incident, "INC-0001").ver == 1  # nothing was touched, so nothing is written
    sent(cast.ono, "/records/incident/INC-0001/edit/", {**crlf, "severity": "serious"})
    kept = one(Incident, "INC-0001")
    assert (kept.ver, kept.values["severity"], kept.values["detected_at"]) == (2, "serious", at)
    assert [d.name for d in history(Incident, "INC-0001")[0].differences] == ["severity"]


def test_a_field_can_be_emptied(cast: Cast) -> None:
    form = form_of(read(cast.kitagawa.client, "/records/person/P-0003/edit/"))
    sent(cast.kitagawa, "/records/person/P-0003/edit/", {**form, "email": ""})
    assert one(Person, "P-0003").values["email"] is None


def test_two_who_edit_at_once_both_see_it_and_keep_what_they_typed(cast: Cast) -> None:
    mine = form_of(read(cast.kitagawa.client, "/records/unit/U-OPS/edit/"))
    save_record(cast.sakura.actor, Unit, "U-OPS", {"name": "営業部", "function": "other"})
    html = sent(
        cast.kitagawa, "/records/unit/U-OPS/edit/", {**mine, "name": "業務本部", "act_reason": "改称"}, 422
    )
    assert "ほかの人が先に変更しました" in main(html)
    told = {row[0]: row[1:] for row in rows(html)}
    assert told["名称"] == ["業務部", "営業部", "業務本部 保存するとこちらになります"]
    assert told["機能"] == ["ユーザー部門", "その他", "変更なし（相手の値を残します）"]
    again = form_of(html)
    assert (again["name"], again["function"], again["expected_ver"]) == ("業務本部", "other", "2")
    assert again["act_reason"] == "改称"
    sent(cast.kitagawa, "/records/unit/U-OPS/edit/", again)
    kept = one(Unit, "U-OPS")
    assert (kept.ver, kept.values["name"], kept.values["function"]) == (3, "業務本部", "other")


def test_a_version_that_never_was_is_a_conflict(cast: Cast) -> None:
    form = form_of(read(cast.kitagawa.client, "/records/unit/U-OPS/edit/"))
    for wrong in ("99", "-1", "x", ""):
        sent(cast.kitagawa, "/records/unit/U-OPS/edit/", {**form, "name": "別名", "expected_ver": wrong}, 422)
    assert one(Unit, "U-OPS").ver == 1


def test_who_may_not_write_is_refused_whatever_is_sent(cast: Cast) -> None:
    for member in (cast.nishi, cast.ogawa, cast.chiba):
        answer = member.client.post("/records/unit/U-OPS/edit/", {"name": "乗取部", "expected_ver": "1"})
        assert answer.status_code == 403
        assert "必要な役割" in main(answer.content.decode())
    assert cast.anonymous.post("/records/unit/U-OPS/edit/", {"name": "乗取部"}).status_code == 302
    assert one(Unit, "U-OPS").ver == 1


def test_a_form_from_elsewhere_is_refused(cast: Cast) -> None:
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.cookies = cast.kitagawa.client.cookies
    assert (
        strict.post("/records/unit/U-OPS/edit/", {"name": "乗取部", "expected_ver": "1"}).status_code == 403
    )


def test_it_reads_in_english(cast: Cast) -> None:
    html = read(in_english(cast.kitagawa.client), "/records/unit/U-OPS/edit/")
    for words in (
        "Name Required",
        "Parent unit",
        "Reason for the change",
        "A system manager for every department",
    ):
        assert words in main(html)


# --- approvals ----------------------------------------------------------------------------------------------


@pytest.fixture
def policy(cast: Cast) -> None:
    with act("policy", "operator:test") as doing:
        doing.put(Document, "D-0001", {"kind": "basic_policy", "title": "基本方針", "version": "1"})


def test_what_takes_approval_is_submitted_and_not_yet_in_force(cast: Cast, policy: None) -> None:
    html = read(cast.mori.client, "/records/document/D-0001/edit/")
    assert "承認者: 代表取締役、担当取締役、取締役" in main(html)
    assert 'value="save"' not in html
    data = {**form_of(html), "review_by_on": "2027-03-31", "act_reason": "期限の設定"}
    sent(cast.mori, "/records/document/D-0001/edit/", {**data, "how": "submit"})
    asked = Approval.objects.get()
    assert (asked.subject, asked.step) == ("document:D-0001", "submitted")
    assert (asked.asked_by_id, asked.reason) == ("P-0004", "期限の設定")
    assert one(Document, "D-0001").ver == 1
    told = main(sent(cast.mori, "/records/document/D-0001/edit/", {**data, "how": "submit"}, 422))
    assert "同じ内容の申請" in told


def test_it_may_wait_as_a_draft(cast: Cast, policy: None) -> None:
    data = {
        **form_of(read(cast.mori.client, "/records/document/D-0001/edit/")),
        "version": "2",
        "how": "draft",
    }
    sent(cast.mori, "/records/document/D-0001/edit/", data)
    assert Approval.objects.get().step == "draft"


def test_plain_saving_does_not_get_round_the_approval(cast: Cast, policy: None) -> None:
    data = {
        **form_of(read(cast.mori.client, "/records/document/D-0001/edit/")),
        "version": "2",
        "how": "save",
    }
    html = sent(cast.mori, "/records/document/D-0001/edit/", data, 422)
    assert "この変更には承認が必要です" in main(html)
    assert one(Document, "D-0001").ver == 1


def test_a_change_that_turns_out_to_take_approval_offers_it(cast: Cast) -> None:
    form = form_of(read(cast.aoki.client, "/records/system/S-EXC/edit/"))
    data = {**form, "in_scope": "false", "out_of_scope_reason": "廃止予定", "how": "save"}
    html = sent(cast.aoki, "/records/system/S-EXC/edit/", data, 422)
    assert 'value="submit"' in html
    sent(cast.aoki, "/records/system/S-EXC/edit/", {**form, "notes": "継続", "how": "submit"})
    assert one(System, "S-EXC").values["notes"] == "継続"  # what takes no approval after all is saved
    assert not Approval.objects.exists()
    again = {**form_of(html), "expected_ver": "2", "notes": "継続", "how": "submit"}
    sent(cast.aoki, "/records/system/S-EXC/edit/", again)
    assert Approval.objects.get().subject == "system:S-EXC"
    assert one(System, "S-EXC").values["in_scope"] is True


def test_approvals_have_no_form(cast: Cast, policy: None) -> None:
    data = {
        **form_of(read(cast.mori.client, "/records/document/D-0001/edit/")),
        "version": "2",
        "how": "submit",
    }
    sent(cast.mori, "/records/document/D-0001/edit/", data)
    for path in ("new/", "AP-0001/edit/", "AP-0001/remove/"):
        assert cast.sakura.client.get(f"/records/approval/{path}").status_code == 403
    answer = cast.sakura.client.post(
        "/records/approval/AP-0001/edit/", {"step": "approved", "expected_ver": "1"}
    )
    assert answer.status_code == 403
    assert Approval.objects.get().step == "submitted"


# --- remove -------------------------------------------------------------------------------------------------


@pytest.fixture
def spare(cast: Cast) -> None:
    with act("spare", "operator:test") as doing:
        doing.put(Unit, "U-X", {"name": "臨時部", "function": "other", "since_on": date(2026, 1, 1)})


def test_removing_asks_first_and_wants_a_reason(cast: Cast, spare: None) -> None:
    assert "登録から外しますか" in main(read(cast.kitagawa.client, "/records/unit/U-X/remove/"))
    told = sent(cast.kitagawa, "/records/unit/U-X/remove/", {"expected_ver": "1"}, 422)
    assert "理由を入力してください" in main(told)
    sent(cast.kitagawa, "/records/unit/U-X/remove/", {"expected_ver": "1", "act_reason": "誤登録"})
    assert not Unit.objects.filter(pk="U-X").exists()
    assert history(Unit, "U-X")[0].reason == "誤登録"


def test_what_others_refer_to_is_not_removed(cast: Cast) -> None:
    html = sent(
        cast.kitagawa, "/records/unit/U-SYS/remove/", {"expected_ver": "1", "act_reason": "廃止"}, 422
    )
    assert "参照されています" in main(html)
    assert Unit.objects.filter(pk="U-SYS").exists()


def test_a_governed_record_is_removed_by_approval(cast: Cast, policy: None) -> None:
    sent(cast.mori, "/records/document/D-0001/remove/", {"expected_ver": "1", "act_reason": "誤登録"})
    assert Approval.objects.get().step == "submitted"
    assert Document.objects.filter(pk="D-0001").exists()


def test_a_record_that_changed_meanwhile_is_not_removed(cast: Cast, spare: None) -> None:
    save_record(cast.sakura.actor, Unit, "U-X", {"name": "存続部"})
    answer = cast.kitagawa.client.post(
        "/records/unit/U-X/remove/", {"expected_ver": "1", "act_reason": "廃止"}
    )
    assert answer.status_code == 409
    assert Unit.objects.filter(pk="U-X").exists()


# --- in a browser -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["ja", "en"])
def test_errors_take_the_focus_and_the_form_is_for_all(
    live_server: Any, cast: Cast, context: BrowserContext, axe_source: str, language: str
) -> None:
    page = come_in(context, live_server, cast.ono, language=language)
    page.goto(f"{live_server.url}/records/incident/new/")
    assert violations(page, axe_source) == []
    page.locator("button[name=how]").click()
    expect(page.locator(".error-summary")).to_be_focused()
    assert violations(page, axe_source) == []
    page.locator(".error-summary a").first.click()
    expect(page.locator("#id_title")).to_be_focused()


def test_records_are_picked_by_typing_a_part_of_their_names(
    live_server: Any, cast: Cast, context: BrowserContext
) -> None:
    page = come_in(context, live_server, cast.ono)
    page.goto(f"{live_server.url}/records/incident/new/")
    page.fill("#id_commander", "青木")
    expect(page.locator("#id_commander-options option")).to_have_count(1)
    expect(page.locator("#id_commander-options option")).to_have_attribute("value", "P-0003")
    page.fill("#id_commander", "P-0003")
    expect(page.locator("#id_commander-picked")).to_have_text("青木 健")
    page.fill("#id_systems-picker", "取引所")
    expect(page.locator("#id_systems-options option")).to_have_count(1)
    expect(page.locator("#id_systems-options option")).to_have_attribute("value", "S-EXC")
    page.fill("#id_systems-picker", "S-EXC")
    expect(page.locator(".picked-many li")).to_have_text("取引所システム×")
    page.fill("#id_title", "約定遅延")
    page.fill("#id_detected_at", "2026-11-02T09:30:00")
    for name, value in (("kind", "failure"), ("severity", "minor"), ("state", "open")):
        page.select_option(f"#id_{name}", value)
    page.locator("button[name=how]").click()
    expect(page.locator("h1")).to_contain_text("INC-0001")
    kept = one(Incident, "INC-0001").values
    assert (kept["commander"], kept["systems"]) == ("P-0003", ["S-EXC"])
    assert page.complaints == []  # type: ignore[attr-defined]
