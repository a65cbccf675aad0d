"""A real server of the watch in a thread: uvicorn on a loopback port and on a Unix socket, with tokens of the test."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sekisho.api.errors import BadToken
from sekisho.api.watch import serving
from sekisho.api.watch.callers import Callers
from sekisho.api.watch.problems import NotForWatch
from sekisho.watch.program import Program
from tests.watch.events_of import NOW, PROGRAM

WEB = "sk_web"


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Running:
    """The service and where it listens. The token of a service is `sk_<name>`; `revoked` are refused."""

    def __init__(self, home: Path, program: Program = PROGRAM) -> None:
        self.revoked: set[str] = set()
        self.asked: list[str] = []
        self.in_force = serving.InForce(program, {})
        self.callers = Callers(self._service_of)
        self.service = serving.Service(home, lambda: self.in_force, self.callers)
        self.service.engine.clock = lambda: NOW
        self.path = home / "socket"
        self.tcp = serving.listen("127.0.0.1", 0)
        self.port = self.tcp.getsockname()[1]
        local = serving.listen_locally(self.path)
        self.server = serving.Server(serving.config(self.service), local)
        self.started = threading.Event()
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        uvicorn_startup = self.server.startup

        async def startup(sockets: list[socket.socket] | None = None) -> None:
            await uvicorn_startup(sockets)
            self.started.set()

        self.server.startup = startup  # type: ignore[method-assign]
        self.server.run(sockets=[self.tcp])

    def _service_of(self, secret: str) -> str:
        self.asked.append(secret)
        if secret in self.revoked or not secret.startswith("sk_"):
            raise BadToken
        if secret == "sk_api":
            raise NotForWatch
        return secret.removeprefix("sk_")

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(20)
        self.callers.close()

    def ask(
        self,
        path: str,
        body: bytes | object = b"",
        *,
        method: str = "POST",
        token: str | None = WEB,
        kind: str | None = "application/json",
        local: bool = False,
        **headers: str,
    ) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        if local:
            connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.sock.connect(str(self.path))
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            given["Authorization"] = f"Bearer {token}"
        if kind:
            given["Content-Type"] = kind
        with contextlib.closing(connection):
            connection.request(method, path, sent, given)
            answer = connection.getresponse()
            return Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())

    def decide(self, body: bytes | object, **options: Any) -> Reply:
        return self.ask("/watch/v1/decide", body, **options)

    def events(self, body: bytes | object, **options: Any) -> Reply:
        return self.ask("/watch/v1/events", body, **options)

    def health(self) -> Reply:
        return self.ask("/watch/v1/health", method="GET", token=None, kind=None)


@contextlib.contextmanager
def running(home: Path) -> Iterator[Running]:
    found = Running(home)
    found.thread.start()
    try:
        assert found.started.wait(20)
        yield found
    finally:
        found.stop()


__all__ = ["Reply", "Running", "running"]
