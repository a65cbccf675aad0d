"""The watch over HTTP on loopback: 5,000 events a second on many kept connections, each timed from when it was due.

The server and the client have a core each where there are two. A tenth of the events are withdrawals, which are on
disk before they are answered.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.home import ROOT, environment
from bench.table import Row, percentile, seconds

RULES = ROOT / "src" / "sekisho" / "watch" / "rules" / "exchange.yaml"
RATE, LASTS, CONNECTIONS = 5_000, 8.0, 64
WITHDRAWALS = 0.1
_HEAD = "POST /watch/v1/decide HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer bench\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"  # fmt: skip


def measure() -> list[Row]:
    rows = []
    for where in ("loopback", "Unix socket"):
        with tempfile.TemporaryDirectory(prefix="sekisho-http-") as folder:
            told = _measured(Path(folder), local=where != "loopback")
        for name, goal in (("allowed", "p99 under 5 ms"), ("durable", "p99 under 15 ms")):
            times: list[float] = told[name]
            measured = (
                f"{len(times):,} answers at {told['rate']:,.0f}/s: p50 {seconds(percentile(times, 0.5))}, "
                f"p99 {seconds(percentile(times, 0.99))}, p99.9 {seconds(percentile(times, 0.999))}"
            )
            rows.append(Row(f"{where}, {name}", measured, goal if where == "loopback" else ""))
    return rows


def _measured(home: Path, *, local: bool) -> dict[str, Any]:
    path, port = str(home / "socket"), "0" if local else str(_free_port())
    command = [sys.executable, "-m", "bench.watch.door", str(home), port, path, str(RULES)]
    with subprocess.Popen(
        _pinned(0, command), cwd=ROOT, env=environment(home), stdout=subprocess.PIPE
    ) as server:
        try:
            if server.stdout is None or server.stdout.readline().strip() != b"ready":
                raise SystemExit("the server did not start")
            client = _pinned(1, [sys.executable, "-m", "bench.watch.http", path if local else port])
            done = subprocess.run(client, cwd=ROOT, env=environment(home), stdout=subprocess.PIPE, check=True)
        finally:
            server.terminate()
            server.wait(30)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _pinned(core: int, command: list[str]) -> list[str]:
    return ["taskset", "-c", str(core), *command] if (os.cpu_count() or 1) > core else command


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port


class _Connection(asyncio.Protocol):
    """One kept connection with at most one request on its way."""

    def __init__(self, idle: asyncio.Queue[_Connection], times: dict[str, list[float]]) -> None:
        self._idle, self._times = idle, times
        self._data = b""
        self._due = 0.0
        self._durable = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._idle.put_nowait(self)

    def ask(self, due: float, body: str, *, durable: bool) -> None:
        self._due, self._durable, self._data = due, durable, b""
        self._transport.write((_HEAD % (len(body), body)).encode())  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, found, body = self._data.partition(b"\r\n\r\n")
        if not found or len(body) < int(head.partition(b"content-length: ")[2].split(b"\r\n")[0]):
            return
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(self._data.decode())
        allowed = not self._durable and b'"action":"allow"' in body
        self._times["allowed" if allowed else "durable"].append(time.perf_counter() - self._due)
        self._idle.put_nowait(self)


async def _ask(where: str) -> dict[str, object]:
    """RATE requests a second for LASTS seconds; the times of the first second are not kept."""
    loop = asyncio.get_running_loop()
    idle: asyncio.Queue[_Connection] = asyncio.Queue()
    times: dict[str, list[float]] = {"allowed": [], "durable": []}
    for _ in range(CONNECTIONS):
        if where.isdigit():
            await loop.create_connection(lambda: _Connection(idle, times), "127.0.0.1", int(where))
        else:
            await loop.create_unix_connection(lambda: _Connection(idle, times), where)
    chance, begun = random.Random(1), time.perf_counter()
    for seq in range(int(RATE * LASTS)):
        due = begun + seq / RATE
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        durable = chance.random() < WITHDRAWALS
        connection = await idle.get()
        if seq == RATE:
            times["allowed"].clear()
            times["durable"].clear()
        connection.ask(due, _event(chance, seq, durable=durable), durable=durable)
    for _ in range(CONNECTIONS):
        await idle.get()
    rate = int(RATE * LASTS) / (time.perf_counter() - begun)
    return {**times, "rate": rate}


def _event(chance: random.Random, seq: int, *, durable: bool) -> str:
    user, typ = chance.randrange(1_000_000), "withdraw" if durable else "login"
    ip = f"10.{chance.randrange(256)}.{chance.randrange(256)}.{chance.randrange(256)}"
    more = '"amount":25.0' if durable else '"ok":true'
    now = time.time_ns() // 1_000_000
    return f'{{"seq":{seq},"ts":{now},"typ":"{typ}","user":"u{user}","ip":"{ip}","country":"JP","device":"d{user}",{more}}}'


if __name__ == "__main__":
    import uvloop

    sys.stdout.write(json.dumps(uvloop.run(_ask(sys.argv[1]))))
