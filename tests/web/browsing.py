"""Drive a real browser as one of the cast, and ask axe of what it shows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from playwright.sync_api import BrowserContext, Page

from tests.cast import Member

GRAVE = ("critical", "serious")


def sign_in(context: BrowserContext, server: Any, member: Member, language: str = "ja") -> None:
    """Give the browser the member's session."""
    cookies = {
        settings.SESSION_COOKIE_NAME: member.client.cookies[settings.SESSION_COOKIE_NAME].value,
        settings.LANGUAGE_COOKIE_NAME: language,
    }
    context.add_cookies([{"name": n, "value": v, "url": server.url} for n, v in cookies.items()])


def grave(page: Page, axe: str) -> list[str]:
    """What axe finds that is critical or serious: the rule and the first element."""
    page.evaluate(axe)  # through the debugger: the page's own policy does not apply
    found = page.evaluate("axe.run(document)")["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found if v["impact"] in GRAVE]
