"""How fast logins are scored and learnt: the pure Python model, and the compiled kernel's, which must say the same."""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib import import_module
from math import fsum

from bench.table import Row
from bench.watch.population import workload
from sekisho.watch.risk import Model

FEATURES = (("ip", "network", "country"), ("device", "agent"))
Login = tuple[str, tuple[tuple[str, ...], ...]]


def measure(users: int = 20_000, days: int = 30) -> list[Row]:
    model = Model(FEATURES)
    logins: list[Login] = []
    for one in workload(users, days, 4):
        values = model.values(one.event)
        if one.event.typ == "login" and one.event.ok and values and one.event.user:
            logins.append((one.event.user, values))
    scored = [_model(logins) for _ in range(3)]
    told = [_row("pure Python", logins, scored)]
    try:
        kernel = import_module("sekisho.watch.kernel")
    except ImportError:
        return told
    again = [_kernel(kernel.Scores, logins) for _ in range(3)]
    return [*told, _row("compiled, called for each login from Python", logins, again)]


def _model(logins: list[Login]) -> tuple[float, list[float]]:
    model, found = Model(FEATURES), []
    begin = time.process_time()
    for user, values in logins:
        score = model.score(user, values)
        model.learn(user, values)
        if score is not None:
            found.append(score)
    return time.process_time() - begin, found


def _kernel(scores_of: Callable[..., object], logins: list[Login]) -> tuple[float, list[float]]:
    scored = scores_of(FEATURES).scored  # type: ignore[attr-defined]
    hashed = [
        (hash(u) % 2**64, [[hash(v) % 2**64 for v in levels] for levels in values]) for u, values in logins
    ]
    found = []
    begin = time.process_time()
    for user, values in hashed:
        score = scored(user, values)
        if score is not None:
            found.append(score)
    return time.process_time() - begin, found


def _row(what: str, logins: list[Login], runs: list[tuple[float, list[float]]]) -> Row:
    seconds, scores = min(runs, key=lambda run: run[0])
    return Row(
        f"logins scored and learnt, {what}",
        f"{len(logins) / seconds:,.0f} a second ({len(scores):,} scores, their sum {fsum(scores):.9g})",
        "at least 40,000",
    )
