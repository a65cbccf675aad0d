"""One field of several records at once: seen first, then one act; governed rows are submitted one by one."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from sekisho.kernel.errors import Conflict, Invalid, Refused
from sekisho.ledger.models import Version
from sekisho.records.models import Action, Approval, Person, System, Unit
from sekisho.records.register import one
from sekisho.workflows.act import act
from sekisho.workflows.change_many import MOST_RECORDS, change_many, tried
from sekisho.workflows.record import NeedsApproval, save_record
from tests.cast import Cast, Member
from tests.web.looking import come_in, violations
from tests.web.reading import form_of, main, rows

pytestmark = pytest.mark.django_db
KEYS = ["AC-0001", "AC-0002", "AC-0003"]


@pytest.fixture
def actions(cast: Cast) -> None:
    with act("actions", "operator:test") as doing:
        values = {"kind": "corrective", "due_on": date(2026, 12, 1)}
        doing.put_new(Action, [(key, {**values, "what": f"措置 {key}"}) for key in KEYS])
        doing.put(Action, "AC-0003", {"done_on": date(2026, 11, 1), "confirmed_on": date(2026, 11, 10)})


def send(member: Member, kind: str = "action", **data: Any) -> Any:
    return member.client.post(f"/records/{kind}/bulk/", {"key": KEYS, **data})


def shown(answer: Any) -> str:
    assert answer.status_code == 200
    return str(answer.content.decode())


def taken(member: Member, kind: str = "action", **data: Any) -> Any:
    """Preview, then take what the preview shows."""
    html = shown(send(member, kind, **data, how="preview"))
    versions = {n: v for n, v in form_of(html).items() if n.startswith("ver-")}
    return send(member, kind, **data, **versions, how="take")


def test_first_the_field_then_the_value(cast: Cast, actions: None) -> None:
    html = shown(send(cast.aoki))
    assert "改善・是正措置の一括変更" in main(html)
    assert '<option value="due_on"' in html
    assert '<option value="evidence"' not in html
    html = shown(send(cast.aoki, field="due_on"))
    assert 'name="due_on"' in html
    assert "must" not in html


def test_the_preview_shows_each_row_before_and_after_and_writes_nothing(cast: Cast, actions: None) -> None:
    html = shown(send(cast.aoki, field="due_on", due_on="2027/3/31", how="preview"))
    assert rows(html)[0] == ["AC-0001", "措置 AC-0001", "令和8年12月1日", "令和9年3月31日", "変更"]
    assert "3件を変更する" in main(html)
    assert one(Action, "AC-0001").ver == 1


def test_taking_is_one_act_for_all_rows(cast: Cast, actions: None) -> None:
    answer = taken(cast.aoki, field="due_on", due_on="2027-03-31", act_reason="期の見直し")
    assert answer.status_code == 302
    assert {a.due_on for a in Action.objects.all()} == {date(2027, 3, 31)}
    lines = Version.objects.filter(act_name="change_many_action")
    assert lines.count() == 3
    assert len(set(lines.values_list("act", "by", "reason"))) == 1
    assert lines[0].reason == "期の見直し"


def test_rows_that_cannot_change_are_told_and_left(cast: Cast, actions: None) -> None:
    html = shown(send(cast.aoki, field="done_on", done_on="2026-11-20", how="preview"))
    told = {row[0]: row[4] for row in rows(html)}
    assert told["AC-0001"] == "変更"
    assert told["AC-0003"].startswith("変更できません")
    assert "「完了日」" in told["AC-0003"]
    assert taken(cast.aoki, field="done_on", done_on="2026-11-20").status_code == 302
    assert one(Action, "AC-0001").values["done_on"] == date(2026, 11, 20)
    assert one(Action, "AC-0003").values["done_on"] == date(2026, 11, 1)


def test_a_value_that_is_none_is_told_beside_the_field(cast: Cast, actions: None) -> None:
    html = shown(send(cast.aoki, field="due_on", due_on="someday", how="preview"))
    assert "「someday」は日付ではありません" in main(html)
    assert 'value="take"' not in html


def test_a_reference_may_be_named_by_its_title(cast: Cast, actions: None) -> None:
    taken(cast.aoki, field="owner", owner="小川 蓮")
    assert {a.owner_id for a in Action.objects.all()} == {"P-0006"}


def test_rows_that_are_as_asked_already_are_left(cast: Cast, actions: None) -> None:
    html = shown(send(cast.aoki, field="due_on", due_on="2026-12-01", how="preview"))
    assert {row[4] for row in rows(html)} == {"変更なし"}
    assert "0件を変更する" in main(html)
    taken(cast.aoki, field="due_on", due_on="2026-12-01")
    assert one(Action, "AC-0001").ver == 1


def test_a_row_that_changed_meanwhile_stops_all(cast: Cast, actions: None) -> None:
    html = shown(send(cast.aoki, field="due_on", due_on="2027-03-31", how="preview"))
    versions = {n: v for n, v in form_of(html).items() if n.startswith("ver-")}
    save_record(cast.sakura.actor, Action, "AC-0002", {"what": "別の措置"})
    html = shown(send(cast.aoki, field="due_on", due_on="2027-03-31", how="take", **versions))
    assert "ほかの人が変更した行があります" in main(html)
    assert one(Action, "AC-0001").ver == 1
    assert shown(send(cast.aoki, field="due_on", due_on="2027-03-31", how="take"))
    assert one(Action, "AC-0001").ver == 1


def test_governed_rows_are_submitted_one_by_one(cast: Cast) -> None:
    with act("system", "operator:test") as doing:
        values = {"operated_by": "own", "in_use_since_on": date(2020, 4, 1), "out_of_scope_reason": "社内用"}
        doing.put(System, "S-A", {**values, "name": "社内A", "in_scope": True})
        doing.put(System, "S-B", {**values, "name": "社内B", "in_scope": True})
    data: dict[str, Any] = {"key": ["S-A", "S-B"], "field": "in_scope", "in_scope": "false"}
    html = shown(send(cast.aoki, "system", **data, how="preview"))
    assert {row[4] for row in rows(html)} == {"承認を申請"}
    assert taken(cast.aoki, "system", **data, act_reason="廃止").status_code == 302
    assert list(Approval.objects.order_by("key").values_list("subject", "step")) == [
        ("system:S-A", "submitted"),
        ("system:S-B", "submitted"),
    ]
    assert one(System, "S-A").values["in_scope"] is True


def test_who_may_not_write_is_refused(cast: Cast, actions: None) -> None:
    for member in (cast.nishi, cast.ogawa):
        assert send(member, field="due_on", due_on="2027-03-31", how="take").status_code == 403
    assert cast.anonymous.post("/records/action/bulk/", {"key": KEYS}).status_code == 302
    assert send(cast.sakura, "approval", key=["AP-0001"]).status_code == 403


def test_personal_fields_and_files_are_not_changed_together(cast: Cast) -> None:
    html = shown(cast.kitagawa.client.post("/records/person/bulk/", {"key": ["P-0003"], "field": "name"}))
    assert '<option value="name"' not in html
    assert 'name="name"' not in html
    assert Person.objects.get(pk="P-0003").name == "青木 健"


def test_no_row_chosen_leads_back_to_the_list(cast: Cast) -> None:
    answer = cast.kitagawa.client.post("/records/unit/bulk/", {"back": "/records/unit/?q=U"})
    assert (answer.status_code, answer["Location"]) == (302, "/records/unit/?q=U")
    for elsewhere in ("https://evil.example/records/unit/", "//evil.example/", "/records/person/"):
        answer = cast.kitagawa.client.post("/records/unit/bulk/", {"back": elsewhere})
        assert answer["Location"] == "/records/unit/"


# --- the act itself ---------------------------------------------------------------------------------------------------


def test_the_act_writes_all_or_nothing(cast: Cast, actions: None) -> None:
    actor = cast.aoki.actor
    with pytest.raises(Conflict):
        change_many(actor, Action, {"due_on": date(2027, 1, 1)}, {"AC-0001": 1, "AC-0002": 7})
    with pytest.raises(Conflict):
        change_many(actor, Action, {"due_on": date(2027, 1, 1)}, {"AC-0001": 1, "AC-NONE": 1})
    with pytest.raises(Invalid):
        change_many(actor, Action, {"done_on": date(2026, 11, 20)}, {"AC-0001": 1, "AC-0003": 2})
    with pytest.raises(Refused):
        change_many(cast.nishi.actor, Action, {"due_on": date(2027, 1, 1)}, {"AC-0001": 1})
    with pytest.raises(NeedsApproval):
        change_many(actor, System, {"in_scope": False, "out_of_scope_reason": "廃止"}, {"S-EXC": 1})
    assert one(Action, "AC-0001").ver == 1


def test_it_has_a_bound_and_tells_what_is_gone(cast: Cast) -> None:
    many = [f"U-{n}" for n in range(MOST_RECORDS + 1)]
    with pytest.raises(Invalid) as refused:
        tried(cast.kitagawa.actor, Unit, many, {"notes": "x"})
    assert "1000" in refused.value.text.en
    with pytest.raises(Invalid) as refused:
        tried(cast.kitagawa.actor, Unit, ["U-NONE"], {"notes": "x"})
    assert "U-NONE" in refused.value.text.ja


# --- in a browser -----------------------------------------------------------------------------------------------------


def test_from_the_list_to_the_act(
    live_server: Any, cast: Cast, actions: None, context: BrowserContext, axe_source: str
) -> None:
    page = come_in(context, live_server, cast.aoki)
    page.goto(f"{live_server.url}/records/action/")
    page.locator("[data-select-all]").check()
    page.locator("[data-bulk]").click()
    page.select_option("#bulk-field", "due_on")
    page.locator(".bulk-line button").click()
    page.fill("[name=due_on]", "2027-03-31")
    page.locator("button[value=preview]").click()
    assert violations(page, axe_source) == []
    page.locator("button[value=take]").click()
    expect(page.locator(".messages")).to_contain_text("3 件を変更しました")
    assert {a.due_on for a in Action.objects.all()} == {date(2027, 3, 31)}
