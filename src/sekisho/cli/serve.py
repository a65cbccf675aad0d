"""`sekisho serve`: set up what is missing, say where and as whom to sign in, and serve by gunicorn; the watch too."""

from __future__ import annotations

import ipaddress
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from sekisho.api.watch.beside import SEKISHO, Beside
from sekisho.cli import house
from sekisho.cli.demo import ensure_sample, tell_sender, tell_sign_ins
from sekisho.cli.language import say
from sekisho.cli.serving import WITH_STARTER
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text

app = typer.Typer(add_completion=False, rich_markup_mode=None)
SERVER = ("gunicorn", "--config", "python:sekisho.cli.serving")
_LOOPBACK = "127.0.0.1"


class PortTaken(SekishoError):
    code = "port_taken"
    text = Text(
        "{host}:{port} で待ち受けできません（{why}）。{option} で別の番号を指定してください。",
        "{host}:{port} cannot be listened on ({why}). Name another with {option}.",
    )


class SampleForAll(SekishoError):
    code = "sample_for_all"
    text = Text(
        "見本の会員（--demo）はこのコンピューターの中だけで使えます。--host を外してください。",
        "The sample member (--demo) is for this machine alone. Leave --host out.",
    )


@app.command(help=say("画面と API を起動する", "Serve the pages and the API"))
def serve(
    demo: Annotated[
        bool, typer.Option("--demo", help=say("空なら見本の会員を入れる", "Fill in the sample member"))
    ] = False,
    port: Annotated[int, typer.Option(min=1, max=65535, help=say("ポート番号", "Port"))] = 8000,
    host: Annotated[str, typer.Option(help=say("待ち受けるアドレス", "Address to listen on"))] = _LOOPBACK,
    workers: Annotated[int, typer.Option(min=1, max=64, help=say("プロセスの数", "Number of processes"))] = 2,
    watch: Annotated[
        bool | None,
        typer.Option(
            "--watch/--no-watch",
            help=say("検知サービスも起動する（--demo では既定）", "The watch too (as it is with --demo)"),
        ),
    ] = None,
    watch_port: Annotated[
        int, typer.Option(min=1, max=65535, help=say("検知サービスのポート番号", "The watch's port"))
    ] = 8100,
) -> int:
    if demo and not _is_loopback(host):
        raise SampleForAll
    watching = demo if watch is None else watch
    _require_free(host, port, "--port")
    if watching:
        _require_free(_LOOPBACK, watch_port, "--watch-port")
    _prepare(demo)
    _tell(host, port, demo, watch_port if watching else None)
    connections.close_all()
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    words = [*SERVER, "--bind", bind, "--workers", str(workers), "sekisho.wsgi:application"]
    pages = [sys.executable, "-m", *words]
    sys.stdout.flush()
    sys.stderr.flush()
    if watching:
        return _both(pages, [*SEKISHO, "watch", "serve", "--port", str(watch_port), "--with-starter"])
    os.execv(sys.executable, pages)


def _both(pages: Sequence[str], watch: Sequence[str]) -> int:
    """The pages, with the watch beside them, until the pages end or we are told to; the exit code of the pages."""
    beside = Beside(watch)
    with subprocess.Popen(pages, env=os.environ | {WITH_STARTER: "1"}) as serving:

        def stop(*_: object) -> None:
            serving.terminate()

        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, stop)
        try:
            while serving.poll() is None:
                beside.look()
                with suppress(subprocess.TimeoutExpired):
                    serving.wait(0.5)
        finally:
            beside.end()
    return serving.returncode


def _prepare(demo: bool) -> None:
    """Home, keys and database; the sample member where it is asked for and nothing is there; static files."""
    house.set_up()
    if demo:
        ensure_sample()
    if not (Path(settings.STATIC_ROOT) / "staticfiles.json").exists():
        call_command("collectstatic", verbosity=0, interactive=False)


def _tell(host: str, port: int, demo: bool, watch_port: int | None) -> None:
    shown = "localhost" if _is_loopback(host) else host
    print(f"Sekisho: http://{shown}:{port}/")
    print(say(f"データフォルダー: {house.home()}", f"Data folder: {house.home()}"))
    if demo:
        tell_sign_ins()
    if demo and watch_port:
        tell_sender(watch_port)
    print(say("終了するには Ctrl+C を押してください。", "Press Ctrl+C to stop."))


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _require_free(host: str, port: int, option: str) -> None:
    """Raise PortTaken where nobody could listen; gunicorn would try for seconds, then fail with a page of log."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            raise PortTaken(host=host, port=port, option=option, why=error.strerror or str(error)) from None
