"""`sekisho watch serve`: with the database's tokens and rules, and gone when it is told to go."""

import json
import os
import signal
import socket
import subprocess
import time

import pytest

from sekisho.api.watch.serving import SocketTaken
from sekisho.cli import watch_serve
from sekisho.client import Policy, Refused, Watch
from tests.cli.running import PROGRAM, environment, sekisho

ISSUE = """
import django; django.setup()
from datetime import timedelta
from sekisho.access.rights import operator_actor
from sekisho.kernel import clock
from sekisho.workflows.account import issue_watch_token
print(issue_watch_token(operator_actor("me"), label="x", service="web", expires_at=clock.now() + timedelta(days=1))[1])
"""
PATIENT = Policy.fail_closed(30)


@pytest.mark.slow
def test_it_judges_for_a_service_with_a_token_and_stops_when_told(tmp_path):
    home = tmp_path / "home"
    assert sekisho(home, "setup-home").returncode == 0
    told = environment(home, DJANGO_SETTINGS_MODULE="sekisho.settings")
    python = PROGRAM.parent / "python"
    secret = subprocess.run([python, "-c", ISSUE], env=told, capture_output=True, text=True, check=True).stdout.strip()  # fmt: skip
    words = [str(PROGRAM), "watch", "serve", "--port", "0"]
    with subprocess.Popen(
        words, env=told, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        try:
            assert running.stdout is not None
            path = running.stdout.readline().strip().partition("unix:")[2]
            event = {
                "seq": 1,
                "ts": time.time_ns() // 1_000_000,
                "typ": "withdraw",
                "user": "u1",
                "amount": 5.0,
            }
            with Watch(f"unix:{path}", secret, policies={"withdraw": PATIENT}) as watch:
                answers = [watch.decide(event) for _ in range(2)]
            with (
                Watch(f"unix:{path}", secret[:-2] + "__", otherwise=PATIENT) as stranger,
                pytest.raises(Refused) as refused,
            ):
                stranger.decide({**event, "typ": "login"})
        finally:
            os.kill(running.pid, signal.SIGTERM)
        running.wait(30)
        assert running.stderr is not None
        log = running.stderr.read()
    assert [(answer.by, answer.repeated) for answer in answers] == [("watch", False), ("watch", True)]
    assert refused.value.code == "bad_token"
    assert secret not in log
    assert all(json.loads(line) for line in log.splitlines())
    assert not (home / "watch" / "socket").exists()
    assert list((home / "watch" / "snapshots").glob("*.snapshot"))


def test_where_the_data_folder_s_name_is_too_long_for_a_socket_it_listens_on_tcp_alone(
    tmp_path, monkeypatch, db
):
    """So `make run` works in any folder; a socket that was asked for is refused with what to do."""
    home = tmp_path / ("long" * 30)
    served: list[dict[str, object]] = []
    monkeypatch.setattr(watch_serve.house, "home", lambda: home)
    monkeypatch.setattr(watch_serve.house, "require_database", lambda: None)
    monkeypatch.setattr(
        watch_serve.serving, "run", lambda service, **how: served.append(how) or service.close()
    )
    monkeypatch.setattr(watch_serve, "_asked", lambda ask: ask())
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    watch_serve.serve(port=port, alone=True)
    assert [how["local"] for how in served] == [None]
    served[0]["tcp"].close()  # type: ignore[attr-defined]
    with pytest.raises(SocketTaken) as refused:
        watch_serve.serve(port=0, alone=True)
    assert "--socket" in refused.value.text.en
