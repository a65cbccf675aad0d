"""`sekisho serve`: on loopback, in one command, and gone when it is told to go."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import closing

import pytest

from tests.cli.running import PROGRAM, complaint, environment, sekisho


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


@pytest.fixture
def static(tmp_path):
    """A folder that looks collected, so that no test waits for that."""
    folder = tmp_path / "static"
    folder.mkdir()
    (folder / "staticfiles.json").write_text('{"version": "1.1", "paths": {}, "hash": ""}', encoding="utf-8")
    return str(folder)


def asked(port: int, path: str = "/live/") -> tuple[int, bytes]:
    """The status and the body of an answer. Raises ConnectionRefusedError."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request("GET", path)
        answered = connection.getresponse()
        return answered.status, answered.read()


def answer(port: int, path: str = "/live/") -> tuple[int, bytes]:
    until = time.monotonic() + 60
    while True:
        try:
            return asked(port, path)
        except ConnectionRefusedError:
            assert time.monotonic() < until, "nobody answers"
            time.sleep(0.2)


def test_it_sets_up_says_where_and_serves_until_it_is_told_to_stop(tmp_path, static):
    port, home = free_port(), tmp_path / "home"
    told = environment(home, SEKISHO_STATIC_ROOT=static)
    words = [str(PROGRAM), "serve", "--port", str(port), "--workers", "1"]
    with subprocess.Popen(
        words, env=told, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        try:
            assert answer(port)[0] < 500
            complaint(sekisho(home, "serve", "--port", str(port), SEKISHO_STATIC_ROOT=static))
        finally:
            os.kill(running.pid, signal.SIGTERM)
        out, _ = running.communicate(timeout=60)
    assert f"http://localhost:{port}/" in out
    assert str(home) in out
    with pytest.raises(ConnectionRefusedError):
        asked(port)


@pytest.mark.slow
def test_the_watch_comes_up_beside_the_pages_and_both_are_gone_together(tmp_path, static, bare):
    """So `make run` does."""
    home, pages, watch = shutil.copytree(bare, tmp_path / "home"), free_port(), free_port()
    told = environment(home, SEKISHO_STATIC_ROOT=static)
    words = ["serve", "--watch", "--port", str(pages), "--watch-port", str(watch), "--workers", "1"]
    with subprocess.Popen(
        [str(PROGRAM), *words], env=told, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        try:
            assert answer(pages)[0] < 500
            status, health = answer(watch, "/watch/v1/health")
            taken = complaint(sekisho(home, "serve", "--watch", "--port", str(free_port()), "--watch-port", str(watch), SEKISHO_STATIC_ROOT=static))  # fmt: skip
        finally:
            os.kill(running.pid, signal.SIGTERM)
        out, _ = running.communicate(timeout=60)  # to the end: nobody holds them any more
    assert (status, json.loads(health)["after"]["restarts"]) == (200, 0)
    assert "--watch-port" in taken
    assert f"http://127.0.0.1:{watch}/watch/v1/" in out
    for port in (pages, watch):
        with pytest.raises(ConnectionRefusedError):
            asked(port)


def test_the_sample_member_is_not_for_the_network(here):
    assert "--host" in here("serve", "--demo", "--host", "192.0.2.1").complaint


def test_an_address_that_is_not_ours(here):
    assert "192.0.2.1" in here("serve", "--host", "192.0.2.1").complaint


def test_the_sample_member_goes_into_an_empty_home_alone(member, here):
    assert "SEKISHO_HOME" in here("demo").complaint
