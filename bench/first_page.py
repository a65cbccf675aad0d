"""From a clone to the first page: `make run` in a fresh clone, with warm package caches."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from bench.home import ROOT
from bench.table import Row, seconds

PATIENCE = 600


def measure() -> list[Row]:
    folder = Path(tempfile.mkdtemp(prefix="sekisho-clone-"))
    port = _free_port()
    start = time.perf_counter()
    subprocess.run(["git", "clone", "-q", str(ROOT), str(folder / "clone")], check=True)
    environment = os.environ | {"SEKISHO_HOME": str(folder / "home")}
    for name in ("VIRTUAL_ENV", "SEKISHO_DATABASE", "DJANGO_SETTINGS_MODULE"):
        environment.pop(name, None)
    server = subprocess.Popen(
        ["make", "run", f"ARGS=--port {port}"],
        cwd=folder / "clone",
        env=environment,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait(f"http://localhost:{port}/", server)
        took = time.perf_counter() - start
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)
    return [Row("clone to first page, warm package cache, sample member made", seconds(took))]


def _wait(address: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if server.poll() is not None:
            raise SystemExit("make run ended before it served a page")
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - our own loopback server
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise SystemExit("no page was served in time")


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
    return port
