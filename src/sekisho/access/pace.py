"""How fast one caller may go: a bucket for each, in this process. It keeps a runaway client from the others' way.

Each worker process counts by itself, so N workers let N times as much pass: a bound on load, not a quota.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from django.conf import settings

from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text

_MOST_CALLERS = 10_000


class TooManyRequests(SekishoError):
    code = "too_many_requests"
    status = 429
    text = Text(
        "リクエストが多すぎます。{seconds} 秒後にもう一度送ってください。",
        "Too many requests. Try again in {seconds} s.",
    )


class Pace:
    """Buckets that hold a minute's requests and fill up evenly."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # caller: (left, as of)

    def take(self, caller: str, per_minute: int) -> None:
        """Count one request. Raises TooManyRequests; `per_minute` 0 is without a bound."""
        if not per_minute:
            return
        now, rate = self._now(), per_minute / 60
        with self._lock:
            left, since = self._buckets.pop(caller, (float(per_minute), now))
            left = min(float(per_minute), left + (now - since) * rate)
            self._buckets[caller] = (left - 1 if left >= 1 else left, now)
            while len(self._buckets) > _MOST_CALLERS:
                self._buckets.popitem(last=False)
        if left < 1:
            raise TooManyRequests(seconds=math.ceil((1 - left) / rate))


_pace = Pace()


def take(caller: str) -> None:
    """Count a request of a caller at the installation's pace."""
    _pace.take(caller, settings.SEKISHO_API_PER_MINUTE)
