"""One process: the engine, its door on TCP and on a Unix socket, and what is done beside judging."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import structlog
import uvicorn

from sekisho.api.watch.app import Door, Known, Receive, Scope, Send
from sekisho.api.watch.beside import Beside
from sekisho.api.watch.protocol import BoundedProtocol
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text
from sekisho.watch import log, retention
from sekisho.watch.engine import Engine, Lists
from sekisho.watch.program import Program
from sekisho.watch.quarantine import Quarantine

DAY: Final = 86_400.0  # seconds
BACKLOG: Final = 4_096
_log = structlog.get_logger(__name__)


class SocketTaken(SekishoError):
    """Data: path, why."""

    code = "socket_taken"
    text = Text(
        "{path} で待ち受けできません（{why}）。--socket で別の場所を指定してください。",
        "{path} cannot be listened on ({why}). Name another place with --socket.",
    )


@dataclass(frozen=True, slots=True)
class InForce:
    """The rules in force, the lists that they look into as of now, and up to where in the log was acted on."""

    program: Program
    lists: Lists
    acted: int | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    """How often the house is kept: seconds between looks at it and at the rules; seconds or bytes of the log between
    snapshots; bytes of a segment."""

    turn: float = 0.5
    rules: float = 5.0
    snapshot: float = 600.0
    snapshot_bytes: int = 64 << 20
    segment: int = log.SEGMENT


RulesInForce = Callable[[], InForce]


class Service:
    """The application that uvicorn runs: it recovers at the start, keeps house, and keeps its state at the end."""

    def __init__(
        self,
        home: Path,
        rules_in_force: RulesInForce,
        callers: Known,
        *,
        policy: Callable[[], retention.Policy] = retention.Policy,
        pace: Pace | None = None,
        after: Beside | None = None,
    ) -> None:
        """`policy`: how long what is kept (asked in a thread); `after`: the process that acts on the log, None where
        somebody else runs it.
        """
        self.pace = pace or Pace()
        self.home = home
        self.callers = callers
        self.policy = policy
        self._rules = rules_in_force
        self._in_force = rules_in_force()
        self.engine = Engine(home, self._in_force.program, self._in_force.lists, segment=self.pace.segment)
        self.quarantine = Quarantine(home)
        self._door: Door | None = None
        self._threads = ThreadPoolExecutor(2, "watch-house")
        self._tasks: list[asyncio.Task[None]] = []
        self._snapshot_at = time.monotonic()
        self._retained_at = -DAY
        self._after = after
        self._behind: int | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http" and self._door is not None:
            await self._door(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        self._door = Door(self.engine, self.callers, self.quarantine, self.followed)
        gc.collect()
        gc.freeze()  # the state is not looked through again and again
        self._tasks = [asyncio.create_task(self._again(*each)) for each in self._duties()]
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._threads.shutdown()
        self.close()
        await send({"type": "lifespan.shutdown.complete"})

    def close(self) -> None:
        """Write what waits, keep the state; then what acts on the log ends."""
        self.quarantine.flush()
        self.quarantine.keep_counts()
        self.engine.close()
        if self._after is not None:
            self._after.end()

    def followed(self) -> dict[str, Any]:
        """How what acts on the log fares, and by how many bytes it is behind (None: not known)."""
        told = {"state": "elsewhere"} if self._after is None else self._after.told()
        return told | {"behind": self._behind}

    # --- beside judging -------------------------------------------------------------------------------------

    def _duties(self) -> list[tuple[float, Callable[[], Any]]]:
        found: list[tuple[float, Callable[[], Any]]]
        found = [(self.pace.turn, self.keep_house), (self.pace.rules, self.follow_rules)]
        return found if self._after is None else [*found, (self.pace.turn, self.tend)]

    async def _again(self, every: float, duty: Callable[[], Any]) -> None:
        while True:
            await asyncio.sleep(every)
            try:
                await duty()
            except (SekishoError, OSError) as error:
                _log.error("a duty of the watch failed", duty=duty.__name__, why=str(error))

    async def keep_house(self) -> None:
        """Snapshots from a child process; retention and the quarantine's files from a thread."""
        engine, now = self.engine, time.monotonic()
        await self._aside(self.quarantine.flush)
        if engine.log.error is not None:
            return
        pace = self.pace
        due = engine.since_snapshot >= pace.snapshot_bytes or now - self._snapshot_at >= pace.snapshot
        if due and engine.since_snapshot:
            self._snapshot_at = now
            engine.snapshot(apart=True)
        if engine.reap() or now - self._retained_at >= DAY:
            self._retained_at = now
            await self._aside(self._retain)

    async def tend(self) -> None:
        """See that what acts on the log is running."""
        if self._after is not None:
            await self._aside(self._after.look)

    async def follow_rules(self) -> None:
        """Take over other rules, or other lists, without a pause: the new state is built beside the old one."""
        reached = self.engine.log.synced
        try:
            found = await self._aside(self._rules)
        except SekishoError:
            self._behind = None
            raise
        self._behind = None if found.acted is None else max(0, reached - found.acted)
        change = await self._aside(self.engine.changed, found.lists)
        before = self._in_force
        if found.program.digest != before.program.digest:
            judge = await self._aside(self.engine.prepare, found.program, found.lists)
            self.engine.adopt(judge)
            self.engine.snapshot(apart=True)
            _log.info("other rules are in force", rules=found.program.name, digest=found.program.digest)
        if change is not None:
            self.engine.relist(found.lists, change)
        self._in_force = found

    async def _aside(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)

    def _retain(self) -> None:
        policy, now = self.policy(), self.engine.clock()
        if retention.is_ripe(self.home, policy, now):
            self.engine.log.roll()
        retention.apply(self.home, policy, now)
        self.engine.forget_lists(now - policy.personal_days * retention.DAY)
        self.quarantine.expire(now - policy.refused_days * retention.DAY)


class Server(uvicorn.Server):
    """Listens on what is opened beforehand: TCP, a Unix socket, or both."""

    def __init__(self, config: uvicorn.Config, local: socket.socket | None) -> None:
        super().__init__(config)
        self._local = local

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._local is None:
            return

        def protocol() -> asyncio.Protocol:
            state = self.lifespan.state
            return BoundedProtocol(config=self.config, server_state=self.server_state, app_state=state)

        loop = asyncio.get_running_loop()
        self.servers.append(await loop.create_unix_server(protocol, sock=self._local))


def config(service: Service) -> uvicorn.Config:
    """How uvicorn serves it: no log of requests, no header that tells what serves."""
    return uvicorn.Config(
        service, http=BoundedProtocol, ws="none", loop="uvloop", lifespan="on", log_config=None, access_log=False,
        proxy_headers=False, server_header=False, date_header=False, backlog=BACKLOG,
        timeout_keep_alive=75, timeout_graceful_shutdown=10,
    )  # fmt: skip


def run(service: Service, *, tcp: socket.socket | None, local: socket.socket | None) -> None:
    """Serve until SIGTERM or SIGINT; then answer what was asked, keep the state, and return."""
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, _already_heeded)
    Server(config(service), local).run(sockets=[tcp] if tcp else [])


def _already_heeded(*_: object) -> None:
    """uvicorn heeds a signal, and raises it again when it has stopped: that is not to end us before we tidied up."""


def listen(host: str, port: int) -> socket.socket:
    """A TCP socket. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((host, port))
        opened.listen(BACKLOG)  # who comes before the loop runs waits instead of being refused
    except OSError:
        opened.close()
        raise
    return opened


def listen_locally(path: Path, mode: int = 0o600) -> socket.socket:
    """A Unix socket that its owner (0o660: its group too) may use; one that nobody serves any more is replaced.

    Raises SocketTaken.
    """
    opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o777 & ~mode)
    try:
        if _left_behind(path):
            path.unlink()
        opened.bind(str(path))
        opened.listen(BACKLOG)
    except OSError as error:
        opened.close()
        raise SocketTaken(path=path, why=error.strerror or str(error)) from None
    finally:
        os.umask(before)
    return opened


def _left_behind(path: Path) -> bool:
    """Whether a socket is there to which nobody listens."""
    if not path.is_socket():
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as trial:
        trial.settimeout(1)
        try:
            trial.connect(str(path))
        except ConnectionRefusedError:
            return True
    return False
