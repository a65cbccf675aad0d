"""SIGKILL at random moments, under load: no acknowledged event is lost, none counted twice, the state is the oracle's.

A server of its own is killed and started again; clients send over the Unix socket, and ask again with the same number
whenever no answer came. In the end the log is held against what was acknowledged.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.home import ROOT, environment
from bench.table import Row
from sekisho.client import Policy, Watch
from sekisho.watch.engine import Engine
from sekisho.watch.events import decoder, encode
from sekisho.watch.follow import follow
from sekisho.watch.judge import make_kernel
from sekisho.watch.language import compile_rules

RULES = ROOT / "bench" / "watch" / "reference.yaml"
KILLS = 200
CLIENTS = 4
PATIENCE = Policy.fail_open(2.0)
_AGAIN = 0.002  # seconds until a client that got no answer asks again


@dataclass
class Outcome:
    """What came of it. `lost`, `twice`, `other`: numbers of events; `equal`: the state is the oracle's."""

    kills: int
    acknowledged: int
    judged: int
    lost: list[int] = field(default_factory=list)
    twice: list[int] = field(default_factory=list)
    other: list[int] = field(default_factory=list)  # the log has another decision than was answered
    equal: bool = False

    @property
    def good(self) -> bool:
        return self.equal and not (self.lost or self.twice or self.other)


def measure() -> list[Row]:
    found = outcome(KILLS, 400)
    told = (
        f"{found.kills} kills, {found.acknowledged:,} acknowledged: {len(found.lost)} lost, {len(found.twice)} counted "
        f"twice, {len(found.other)} answered otherwise; state {'equal' if found.equal else 'NOT equal'}"
    )
    return [Row("SIGKILL under load", told, "200 kills: none lost, none twice, state equal to the oracle's")]


def outcome(kills: int, most: int = 60, seed: int = 1) -> Outcome:
    """Kill it so often, each time after up to `most` more acknowledged events."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="sekisho-kills-") as folder:
        home = Path(folder)
        server = _started(home)
        load = _Load(home / "socket")
        load.start()
        try:
            for _ in range(kills):
                load.more(chance.randint(1, most))
                server.send_signal(signal.SIGKILL)
                server.wait()
                _close(server)
                server = _started(home)
        finally:
            load.stop()
            server.send_signal(signal.SIGTERM if load.acknowledged else signal.SIGKILL)
            server.wait(30)
            _close(server)
        return _held_against(home, load.acknowledged, kills)


def _held_against(home: Path, acknowledged: dict[int, str], kills: int) -> Outcome:
    program = compile_rules(RULES.read_text(encoding="utf-8"), RULES.stem)
    engine = Engine(home, program)
    secret = getattr(engine.kernel, "secret", None)
    oracle = make_kernel(program, None, secret)
    came: Counter[int] = Counter()
    logged: dict[int, str] = {}
    for _, frame in follow(home):
        oracle.decide(decoder.decode(encode(frame["event"])))
        seq = frame["event"]["seq"]
        came[seq] += 1
        logged[seq] = frame["action"]
    found = Outcome(kills, len(acknowledged), len(came))
    found.lost = sorted(acknowledged.keys() - came.keys())
    found.twice = [seq for seq, times in came.items() if times > 1]
    found.other = [seq for seq, action in acknowledged.items() if logged.get(seq, action) != action]
    found.equal = engine.kernel.fingerprint() == oracle.fingerprint() and engine.kernel.judged == len(came)
    engine.log.close()
    return found


def _started(home: Path) -> subprocess.Popen[str]:
    """A server that says that it is ready."""
    command = [
        sys.executable,
        "-m",
        "bench.watch.door",
        str(home),
        "0",
        str(home / "socket"),
        str(RULES),
        "quick",
    ]
    server = subprocess.Popen(command, cwd=ROOT, env=environment(home), stdout=subprocess.PIPE, text=True)
    if server.stdout is None or server.stdout.readline().strip() != "ready":
        server.kill()
        raise SystemExit("the server did not start")
    return server


def _close(server: subprocess.Popen[str]) -> None:
    if server.stdout is not None:
        server.stdout.close()


class _Load:
    """Clients that send one event after another, each again until it is answered by the watch itself."""

    def __init__(self, path: Path) -> None:
        self.acknowledged: dict[int, str] = {}
        self._watch = Watch(f"unix:{path}", "load", policies=dict.fromkeys(("withdraw",), PATIENCE), otherwise=PATIENCE)  # fmt: skip
        self._threads = [threading.Thread(target=self._send, args=(n,)) for n in range(CLIENTS)]
        self._stopped = threading.Event()
        self._more = threading.Condition()

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def more(self, number: int) -> None:
        """Return when so many more were acknowledged."""
        with self._more:
            wanted = len(self.acknowledged) + number
            if not self._more.wait_for(lambda: len(self.acknowledged) >= wanted, 60):
                raise SystemExit("nothing is acknowledged any more")

    def stop(self) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()
        self._watch.close()

    def _send(self, number: int) -> None:
        chance = random.Random(number)
        seq = number
        while not self._stopped.is_set():
            event = _event(chance, seq)
            answer = self._watch.decide(event)
            while answer.by != "watch":
                if self._stopped.wait(_AGAIN):
                    return
                answer = self._watch.decide(event)
            with self._more:
                self.acknowledged[seq] = answer.action
                self._more.notify_all()
            seq += CLIENTS


def _event(chance: random.Random, seq: int) -> dict[str, Any]:
    """A few users and addresses, so that rules fire often."""
    user = chance.randrange(40)
    event = {
        "seq": seq,
        "ts": time.time_ns() // 1_000_000,
        "user": f"u{user}",
        "ip": f"198.51.100.{chance.randrange(8)}",
        "country": chance.choice(("JP", "KR")),
        "device": f"d{chance.randrange(60)}",
        "lat": 35.0,
        "lon": 139.0,
    }
    if chance.random() < 0.3:
        return {**event, "typ": "withdraw", "amount": float(chance.randrange(1, 10_000))}
    return {**event, "typ": "login", "ok": chance.random() < 0.5}
