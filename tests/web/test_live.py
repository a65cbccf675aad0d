"""A page that is looked at follows the ledger within a second, without a reload."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client
from playwright.sync_api import expect

from sekisho.kernel import clock
from sekisho.ledger.models import Head
from sekisho.records.models import Appointment
from sekisho.workflows.act import act
from tests.cast import APPOINTED, Cast
from tests.web.looking import come_in


def ask(client: Client, since: int, on: str) -> Any:
    return client.get("/live/", {"since": str(since), "on": on})


def appoint_for(unit: str, person: str) -> None:
    with act("save_appointment", "operator:test") as doing:
        values = {"person": person, "role": "system_manager", "unit": unit, "since_on": APPOINTED}
        doing.put(Appointment, f"A-{unit}", {**values, "grounds": "経験"})


def test_a_page_that_shows_the_present_gets_no_content(cast: Cast) -> None:
    size = Head.objects.get().size
    answer = ask(cast.nishi.client, size, clock.today().isoformat())
    assert (answer.status_code, answer.content) == (204, b"")


def test_a_page_that_is_behind_is_told_so(cast: Cast) -> None:
    before = Head.objects.get().size
    appoint_for("U-SYS", cast.nishi.key)
    answer = ask(cast.nishi.client, before, clock.today().isoformat())
    assert answer.status_code == 200
    assert json.loads(answer.headers["HX-Trigger"]) == {"sekisho:moved": {"size": before + 1}}


def test_a_page_of_yesterday_is_told_so(cast: Cast) -> None:
    answer = ask(cast.nishi.client, Head.objects.get().size, "2026-01-01")
    assert answer.status_code == 200


def test_the_poll_asks_few_queries(cast: Cast, django_assert_max_num_queries: Any) -> None:
    client = cast.nishi.client
    client.get("/live/")
    with django_assert_max_num_queries(6):
        ask(client, 1, "2026-01-01")


def test_who_has_not_signed_in_is_sent_to_sign_in(cast: Cast) -> None:
    answer = cast.anonymous.get("/live/", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"].startswith("/accounts/login/")


def test_another_persons_write_turns_the_page_without_a_reload(
    cast: Cast, live_server: Any, new_context: Any
) -> None:
    page = come_in(new_context(), live_server, cast.nishi)
    page.goto(f"{live_server.url}/rule/7-1/")
    expect(page.locator("#findings tbody tr")).to_have_count(4)
    unmoved = page.evaluate(
        "() => { document.body.dataset.same = 'yes'; return window.performance.timeOrigin; }"
    )
    writer = come_in(new_context(), live_server, cast.sakura)
    writer.goto(f"{live_server.url}/rule/7-1/")

    appoint_for("U-SYS", cast.ogawa.key)
    expect(page.locator("#findings")).not_to_contain_text(
        "「システム部」（U-SYS）にシステム管理責任者がいません", timeout=20_000
    )
    assert page.evaluate("() => window.performance.timeOrigin") == unmoved
    assert page.locator("body").get_attribute("data-same") == "yes"
    expect(writer.locator("#findings")).not_to_contain_text("U-SYS）にシステム管理責任者がいません")
    expect(page.locator("#live-told")).to_have_text("内容が更新されました。")
    assert page.complaints == []  # type: ignore[attr-defined]
