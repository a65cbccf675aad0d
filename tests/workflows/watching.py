"""Frames of the watch's log, as tests of what follows a decision write them: judged by the rules that ship."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import Any

from sekisho.kernel import clock
from sekisho.workflows.watch_after.acting import Acted, position, take_frames

IP, IP6 = "198.51.100.7", "2001:db8:1:2:3::4"
_seq = count(1)


def frame(
    typ: str = "login", action: str = "allow", rules: tuple[str, ...] = (), at: datetime | None = None, *,
    source: str = "auth", seq: int | None = None, score: int = 0, **event: Any,
) -> dict[str, Any]:  # fmt: skip
    """One judged event, received now."""
    ms = int((at or clock.now()).timestamp() * 1000)
    told = {"seq": next(_seq) if seq is None else seq, "ts": ms, "typ": typ} | event
    return {
        "at": ms, "source": source, "event": told, "action": action, "score": score, "rules": list(rules), "shadow": [],
    }  # fmt: skip


def brute_force(ip: str = IP, user: str = "u1", **more: Any) -> dict[str, Any]:
    return frame("login", "block", ("brute_force",), ip=ip, user=user, ok=False, score=60, **more)


def stuffing(ip: str = IP, **more: Any) -> dict[str, Any]:
    return frame("login", "block", ("credential_stuffing",), ip=ip, ok=False, score=80, **more)


def new_place(user: str = "u1", **more: Any) -> dict[str, Any]:
    """A login that takes another proof, and of which the user is told."""
    return frame(
        "login", "step_up", ("impossible_travel",), user=user, ip=IP, country="BR", ok=True, score=30, **more
    )


def held(user: str = "u1", **more: Any) -> dict[str, Any]:
    told = {"user": user, "amount": 1234.5, "asset": "BTC", "address": "bc1qexample"} | more
    return frame("withdraw", "hold", ("new_device_withdrawal",), source="withdrawals", score=50, **told)


def taken(*frames: dict[str, Any]) -> Acted:
    """Act on frames as those that follow in the log."""
    start = position() or 0
    return take_frames(position(), [(start + n, f) for n, f in enumerate(frames, 1)])
