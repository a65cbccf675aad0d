"""What changed rules would have done over the days that were kept, beside what was answered then. Nothing is saved."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from threading import Lock
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sekisho.access.rights import may_write, require_write
from sekisho.kernel import clock
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text
from sekisho.records.models import WatchRules
from sekisho.watch.backtest import Backtest, backtest
from sekisho.watch.language import BadRules, compile_rules, told
from sekisho.watch.language.yaml_nodes import LARGEST
from sekisho.watch.program import Program
from sekisho.web.seen import actor_of
from sekisho.web.watching import asked
from sekisho.web.watching.backtests import (
    LIMIT,
    LONGEST,
    SHIPPED,
    Choice,
    OneAtATime,
    choices,
    days_of,
    instants,
    refuse_too_many,
    rows_of,
    samples_of,
)
from sekisho.web.watching.words import ACTIONS
from sekisho.workflows.watch_after.lists import named_lists

TYPED = "typed"  # the choice of rules that are pasted or sent as a file
DAYS = 7
_running = Lock()
_CHOOSE = Text("試算するルールを選んでください。", "Choose the rules to try.")
_EMPTY = Text(
    "ルール（YAML）を貼り付けるか、ファイルを選んでください。", "Paste rules (YAML), or choose a file."
)
_DAYS = Text("期間を「2026-11-01」の形で入力してください。", "Give the days like 2026-11-01.")
_BACKWARDS = Text("終了日は開始日以降にしてください。", "The last day must not be before the first.")
_LONG = Text("一度に試算できる期間は {n} 日までです。", "At most {n} days at once.")
_LARGE = Text("ファイルが大きすぎます（{n} バイトまで）。", "The file is too large ({n} bytes at the most).")
_CODING = Text("ファイルはUTF-8で保存してください。", "Save the file as UTF-8.")


class NotAsked(SekishoError):
    """What was asked for is no back-test."""

    code = "no_backtest"
    status = 422


def watch_backtest(request: HttpRequest) -> HttpResponse:
    """GET `rules`, `from`, `to`: the form filled in. POST: the result, in the answer itself."""
    require_write(actor_of(request), WatchRules)
    offered = choices()
    if request.method != "POST":
        return _page(request, offered)
    try:
        first, last = _days(request)
        program = compile_rules(_rules(request, offered))
        with _alone():
            refuse_too_many(asked.home(), program, first, last, LIMIT)
            found = backtest(asked.home(), program, *instants(first, last), otherwise=named_lists())
    except BadRules as bad:
        return _page(request, offered, {"problems": [told(p) for p in bad.problems]}, bad.status)
    except SekishoError as refused:
        return _page(request, offered, {"problems": [refused.text]}, refused.status)
    return _page(request, offered, _result(found, program, first, last))


@contextmanager
def _alone() -> Iterator[None]:
    """One back-test at a time in this process. Raises OneAtATime."""
    if not _running.acquire(blocking=False):
        raise OneAtATime
    try:
        yield
    finally:
        _running.release()


# --- what is asked ----------------------------------------------------------------------------------------------------


def _days(request: HttpRequest) -> tuple[date, date]:
    try:
        first, last = (date.fromisoformat(request.POST.get(name, "")) for name in ("from", "to"))
    except ValueError:
        raise NotAsked(_DAYS) from None
    if last < first:
        raise NotAsked(_BACKWARDS)
    if (last - first).days >= LONGEST:
        raise NotAsked(_LONG, n=LONGEST)
    return first, last


def _rules(request: HttpRequest, offered: list[Choice]) -> str:
    """The file of rules that was chosen, sent or pasted. Raises NotAsked."""
    name = request.POST.get("rules", "")
    if name != TYPED:
        chosen = next((choice.text for choice in offered if choice.name == name), None)
        if chosen is None:
            raise NotAsked(_CHOOSE)
        return chosen
    file = request.FILES.get("file")
    if file is None:
        if not request.POST.get("yaml", "").strip():
            raise NotAsked(_EMPTY)
        return request.POST["yaml"].replace("\r\n", "\n")
    if (file.size or 0) > LARGEST:
        raise NotAsked(_LARGE, n=f"{LARGEST:,}")
    try:
        return file.read().decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise NotAsked(_CODING) from None


# --- what is shown ----------------------------------------------------------------------------------------------------


def _result(found: Backtest, program: Program, first: date, last: date) -> dict[str, Any]:
    rows = rows_of(found, program)
    return {
        "found": found,
        "rows": rows,
        "samples": samples_of(rows),
        "days": days_of(found),
        "per_day": (found.alarms.old / found.length, found.alarms.new / found.length),
        "users": (len(found.alarms.old_users), len(found.alarms.new_users)),
        "answers": [
            (name, found.actions["old"].get(name, 0), found.actions["new"].get(name, 0)) for name in ACTIONS
        ],
        "span": (first, last),
    }


def _page(
    request: HttpRequest, offered: list[Choice], result: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    given = request.POST if request.method == "POST" else request.GET
    today = clock.today()
    context = {
        "offered": offered,
        "typed": TYPED,
        "chosen": given.get("rules", "") or (offered[0].name if offered[0].name != SHIPPED else TYPED),
        "from": given.get("from", "") or (today - timedelta(days=DAYS - 1)).isoformat(),
        "to": given.get("to", "") or today.isoformat(),
        "yaml": given.get("yaml", ""),
        "limit": LIMIT,
        "longest": LONGEST,
        "proposes": may_write(actor_of(request), WatchRules),
        **(result or {}),
    }
    return render(request, "watch_backtest.html", context, status=status)
