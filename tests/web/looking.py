"""A real browser on the pages: who is signed in, what axe finds, what the page's own policy refused."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from playwright.sync_api import BrowserContext, ConsoleMessage, Page

from tests.cast import Member

SEVERE = {"serious", "critical"}


def come_in(context: BrowserContext, server: Any, member: Member, *, language: str = "ja") -> Page:
    """A page in which the person is signed in; see `watched`."""
    cookies = {
        settings.SESSION_COOKIE_NAME: str(member.signed_in().session.session_key),
        settings.LANGUAGE_COOKIE_NAME: language,
    }
    context.add_cookies([{"name": n, "value": v, "url": server.url} for n, v in cookies.items()])
    return watched(context.new_page())


def watched(page: Page) -> Page:
    """The page, with what the console complains of (scripts, the page's own policy) kept in `page.complaints`."""
    complaints: list[str] = []
    page.complaints = complaints  # type: ignore[attr-defined]

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return page


def in_theme(page: Page, theme: str) -> None:
    """Light or dark, as the reader chose it."""
    page.add_init_script(f"window.localStorage.setItem('sekisho-theme', '{theme}')")


def on_phone(page: Page) -> Page:
    page.set_viewport_size({"width": 390, "height": 844})
    return page


def violations(page: Page, axe_source: str) -> list[str]:
    """What axe finds serious or critical on the page: the rule and the first place of each.

    Scripts of a test are no part of the page's policy: axe comes in through the debugger.
    """
    page.evaluate(axe_source)
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found["violations"] if v["impact"] in SEVERE]


def overflows(page: Page) -> bool:
    """Whether the page as a whole scrolls sideways."""
    width = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    return bool(page.evaluate(f"() => {width}"))
