"""Read pages as tests do: fetch, look for words, look at another day, count questions to the database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from html import unescape
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sekisho.web import moment


def read(client: Client, path: str, status: int = 200) -> str:
    """The page's HTML; fails where it answers otherwise."""
    answer = client.get(path)
    assert answer.status_code == status, f"{path}: {answer.status_code}"
    return answer.content.decode()


def words(html: str) -> str:
    """What a person reads of it: no tags, no doubled spaces."""
    without = re.sub(r"<(script|style|head)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", without)).split())


def main(html: str) -> str:
    """The words of the page's own part, without menu and head."""
    return words(html[html.index("<main") : html.index("</main>")])


def rows(html: str) -> list[list[str]]:
    """The cells of every row of tables' bodies, in words."""
    bodies = re.findall(r"<tbody>(.*?)</tbody>", html, flags=re.DOTALL)
    found = [r for body in bodies for r in re.findall(r"<tr[^>]*>(.*?)</tr>", body, flags=re.DOTALL)]
    return [
        [words(c) for c in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, flags=re.DOTALL)] for row in found
    ]


def keys(html: str) -> list[str]:
    """The keys of a register's rows, in order."""
    return re.findall(r"data-row>([^<]+)</a>", html)


def look_at(client: Client, on: date, known_at: datetime | None = None) -> None:
    """Turn the time machine."""
    session = client.session
    moment.choose(session, on, known_at)
    session.save()


def in_english(client: Client) -> Client:
    from django.conf import settings

    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


@contextmanager
def at_most_queries(number: int) -> Iterator[None]:
    with CaptureQueriesContext(connection) as asked:
        yield
    told = "\n".join(q["sql"][:150] for q in asked.captured_queries)
    assert len(asked) <= number, f"{len(asked)} queries:\n{told}"


def form_of(html: str) -> dict[str, str]:
    """The values of a page's inputs, selects and text areas by name, as a browser would send them back."""
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input\b[^>]*>", html):
        name, value = re.search(r'\bname="([^"]*)"', tag), re.search(r'\bvalue="([^"]*)"', tag)
        if name and 'type="checkbox"' not in tag and 'type="file"' not in tag:
            found[name[1]] = unescape(value[1]) if value else ""
    for attributes, body in re.findall(r"<select\b([^>]*)>(.*?)</select>", html, flags=re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', body)
        if name := re.search(r'\bname="([^"]*)"', attributes):
            found[name[1]] = unescape(chosen[1]) if chosen else ""
    for attributes, body in re.findall(r"<textarea\b([^>]*)>(.*?)</textarea>", html, flags=re.DOTALL):
        if name := re.search(r'\bname="([^"]*)"', attributes):
            found[name[1]] = unescape(body).removeprefix("\n")
    found.pop("csrfmiddlewaretoken", None)
    return found
