"""`sekisho watch feed` and `sekisho watch follow`: what follows the watch's decisions."""

from __future__ import annotations

import json
import signal
from dataclasses import asdict
from threading import Event
from typing import Any

from sekisho.cli.endings import DONE
from sekisho.cli.house import require_database
from sekisho.workflows.watch_after.feed import feed_watch
from sekisho.workflows.watch_after.running import catch_up, run
from sekisho.workflows.watch_after.sending import deliver


def feed() -> int:
    require_database()
    acted = catch_up()
    deliver()
    told = {"frames": acted.frames} | asdict(feed_watch())
    print(json.dumps(told, ensure_ascii=False))
    return DONE


def follow() -> int:
    require_database()
    stopped = Event()

    def stop(*_: Any) -> None:
        stopped.set()

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, stop)
    run(stopped)
    return DONE
