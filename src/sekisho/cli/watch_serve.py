"""`sekisho watch serve`: judge logins and withdrawals as they come, over TCP and a Unix socket, in one process."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from django.db import DatabaseError, close_old_connections

from sekisho.api.errors import Unavailable
from sekisho.api.watch import serving
from sekisho.api.watch.beside import SEKISHO, Beside
from sekisho.api.watch.callers import Callers
from sekisho.cli import house
from sekisho.cli.endings import DONE
from sekisho.cli.language import say
from sekisho.cli.serve import PortTaken
from sekisho.watch.retention import Policy
from sekisho.workflows.watch_after.acting import position
from sekisho.workflows.watch_after.lists import named_lists
from sekisho.workflows.watch_after.policy import policy
from sekisho.workflows.watch_rules import rules_in_force

Told = TypeVar("Told")
LONGEST = 107  # bytes of a socket's name, unix(7)
HELP = say(
    "ログイン・出金などをその場で判定する（停止するまで続ける）",
    "Judge logins, withdrawals and the like as they come, until stopped",
)


def serve(
    host: str = "127.0.0.1",
    port: int = 8100,
    socket: str = "",
    group: bool = False,
    *,
    alone: bool = False,
) -> int:
    """Serve on `host`:`port` (0: not on TCP) and on the Unix socket (default: `watch/socket` in the data folder, where
    its name is not too long for one).

    What follows a decision is done by a process beside it; `alone`: somebody else runs that (`sekisho watch follow`).
    `group`: the socket is for the owner's group too. How long what was judged is kept is a limit of the member's.
    """
    house.require_database()
    path = Path(socket) if socket else house.home() / "watch" / "socket"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        tcp = serving.listen(host, port) if port else None
    except OSError as error:
        raise PortTaken(host=host, port=port, option="--port", why=error.strerror or str(error)) from None
    named = bool(socket) or not port or len(os.fsencode(path)) <= LONGEST
    local = serving.listen_locally(path, 0o660 if group else 0o600) if named else None
    callers = Callers()
    try:
        after = None if alone else Beside([*SEKISHO, "watch", "follow", "--with-starter"])
        service = serving.Service(house.home(), in_force, callers, policy=kept_for, after=after)
        _tell(host, port, path if local else None, service)
        serving.run(service, tcp=tcp, local=local)
    finally:
        callers.close()
        if local:
            path.unlink(missing_ok=True)
    return DONE


def in_force() -> serving.InForce:
    """The approved rules and the lists on record. Raises Unavailable."""
    return _asked(lambda: serving.InForce(rules_in_force(), named_lists(), position()))


def kept_for() -> Policy:
    """How long what is judged is kept. Raises Unavailable."""
    return _asked(policy)


def _asked(ask: Callable[[], Told]) -> Told:
    """Asked of the database, from threads of the server: a database that is away is asked again later."""
    close_old_connections()
    try:
        return ask()
    except DatabaseError as error:
        raise Unavailable from error
    finally:
        close_old_connections()


def _tell(host: str, port: int, path: Path | None, service: serving.Service) -> None:
    engine = service.engine
    if port:
        shown = f"[{host}]" if ":" in host else host
        print(f"Sekisho watch: http://{shown}:{port}/watch/v1/", flush=True)
    if path:
        print(f"Sekisho watch: unix:{path}", flush=True)
    rules, judged = engine.program.name, engine.kernel.judged
    print(
        say(
            f"ルール: {rules}（復元したイベント {judged:,} 件）。終了するには Ctrl+C を押してください。",
            f"Rules: {rules} ({judged:,} events recovered). Press Ctrl+C to stop.",
        ),
        flush=True,
    )
