"""A Flink cluster of this machine alone: one job manager, some workers, all on loopback. For tests and replays.

It needs Java 17 and a folder with Flink's jars (`lib/`, `opt/`): `python3 do.py flink` fetches them into build/flink.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text
from sekisho.watch.engines.flink_sql import Files, Job, job
from sekisho.watch.engines.language import normal_form
from sekisho.watch.events import Event, encode
from sekisho.watch.lists import Listed
from sekisho.watch.program import Program

HOME = "FLINK_HOME"
_PATIENCE = 120.0  # seconds for a cluster to come up, or a script to be taken
_OPENED = (
    "lang",
    "net",
    "io",
    "nio",
    "lang.reflect",
    "text",
    "time",
    "util",
    "util.concurrent",
    "util.concurrent.atomic",
    "util.concurrent.locks",
)
_JAVA = [
    *(f"--add-opens=java.base/java.{name}=ALL-UNNAMED" for name in _OPENED),
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    *(
        f"--add-exports=jdk.compiler/com.sun.tools.javac.{name}=ALL-UNNAMED"
        for name in ("api", "file", "parser", "tree", "util")
    ),
    "--add-exports=java.rmi/sun.rmi.registry=ALL-UNNAMED",
    "--add-exports=java.security.jgss/sun.security.krb5=ALL-UNNAMED",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
]
_MANAGER = "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint"
_WORKER = "org.apache.flink.runtime.taskexecutor.TaskManagerRunner"
_GATEWAY = ("org.apache.flink.api.python.shaded.py4j.GatewayServer", "--die-on-broken-pipe", "0")
_LOGGING = """rootLogger.level = WARN
rootLogger.appenderRef.console.ref = console
appender.console.name = console
appender.console.type = Console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d %p %c{1} %m%n
"""


class NoFlink(SekishoError):
    """Data: why."""

    code = "no_flink"
    text = Text(
        "Apache Flink を起動できません（{why}）。Java 17 を入れ、FLINK_HOME に Flink のフォルダーを指定してください。",
        "Apache Flink cannot be started: {why}. Install Java 17 and name Flink's folder in FLINK_HOME.",
    )


class FlinkFailed(SekishoError):
    """Data: why."""

    code = "flink_failed"
    text = Text("Apache Flink のジョブが失敗しました: {why}", "The Apache Flink job failed: {why}")


def flink_home() -> Path:
    """Where Flink is. Raises NoFlink."""
    named = os.environ.get(HOME, "")
    if not shutil.which("java"):
        raise NoFlink(why="no java")
    if not named or not list(Path(named).glob("lib/flink-dist-*.jar")):
        raise NoFlink(why=f"{HOME}={named!r}")
    return Path(named)


def _python(home: Path) -> Path:
    """The Python beside Flink's folder, which has py4j: <environment>/lib/python3.x/site-packages/pyflink."""
    return home.parents[3] / "bin" / "python"


class OutOfOrder(SekishoError):
    """Data: seq."""

    code = "out_of_order"
    status = 422
    text = Text(
        "イベント seq {seq} の時刻が前のイベントより古いため、Flink では再生できません。--engine kernel を使ってください。",
        "The event seq {seq} is older than the one before it: Flink would sort them. Use --engine kernel.",
    )


class Cluster:
    """A running cluster: `with Cluster(home, folder) as cluster: cluster.run(script)`."""

    def __init__(
        self, home: Path, folder: Path, workers: int = 2, slots: int = 2, parallelism: int = 2
    ) -> None:
        self.home = home
        self.folder = folder
        self.slots = slots
        self.parallelism = parallelism
        self._wanted = workers
        self._ports = (_free_port(), _free_port())
        self._number = 0
        self._running: dict[str, subprocess.Popen[bytes]] = {}  # by name

    def __enter__(self) -> Cluster:
        (self.folder / "conf").mkdir(parents=True, exist_ok=True)
        (self.folder / "conf" / "config.yaml").write_text(self._configuration())
        (self.folder / "conf" / "log.properties").write_text(_LOGGING)
        try:
            self._start("manager", 512, _MANAGER, "--configDir", str(self.folder / "conf"))
            for _ in range(self._wanted):
                self.add_worker()
            ready = self._wanted * self.slots
            _until(lambda: self._ask("/overview").get("slots-total") == ready, "no workers", self._alive)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End every process that this cluster started."""
        for process in self._running.values():
            process.kill()
        for process in self._running.values():
            process.wait()
        self._running.clear()

    def add_worker(self) -> None:
        self._number += 1
        name = f"worker{self._number}"
        words = ("--configDir", str(self.folder / "conf"), "-D", f"taskmanager.resource-id={name}")
        self._start(name, 512, _WORKER, *words)

    def kill_worker(self) -> None:
        """SIGKILL, as a machine that goes away."""
        process = self._running.pop(next(name for name in self._running if name.startswith("worker")))
        process.send_signal(signal.SIGKILL)
        process.wait()

    def submit(self, made: Job) -> str:
        """Hand in a job; its id. Raises FlinkFailed."""
        (self.folder / "job.sql").write_text(made.script(), encoding="utf-8")
        jars = [*self._lib(), *sorted(self.home.glob("opt/flink-python-*.jar"))]
        here = {"execution.target": "remote", "rest.address": "127.0.0.1", "rest.port": str(self._ports[1])}
        here["parallelism.default"] = str(self.parallelism)
        wanted = {
            "settings": made.settings | here,
            "statements": made.statements,
            "java": self._java(512, jars, *_GATEWAY),
        }
        done = subprocess.run(
            [_python(self.home), Path(__file__).with_name("flink_submit.py")],
            env=self._environment(),
            input=json.dumps(wanted),
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
        (self.folder / "client.log").write_text(done.stdout + done.stderr)
        if done.returncode:
            raise FlinkFailed(why=_why(done.stderr))
        return done.stdout.split()[-1]

    def checkpoints(self, job: str) -> int:
        """How many checkpoints of the job are complete."""
        return int(self._ask(f"/jobs/{job}/checkpoints").get("counts", {}).get("completed", 0))

    def restores(self, job: str) -> int:
        """How often the job began again from a checkpoint."""
        return int(self._ask(f"/jobs/{job}/checkpoints").get("counts", {}).get("restored", 0))

    def state(self, job: str) -> str:
        return str(self._ask(f"/jobs/{job}").get("state", ""))

    def wait(self, job: str, patience: float = 600) -> None:
        """Until the job has finished. Raises FlinkFailed."""
        ended = ("FINISHED", "FAILED", "CANCELED")
        _until(lambda: self.state(job) in ended, "the job goes on and on", self._alive, patience)
        if (state := self.state(job)) != "FINISHED":
            root = str(
                self._ask(f"/jobs/{job}/exceptions").get("exceptionHistory", {}).get("entries", [{}])[:1]
            )
            raise FlinkFailed(why=f"{state}: {root[:400]}")

    def until(self, holds: Callable[[], bool], why: str) -> None:
        """Wait for something about the cluster."""
        _until(holds, why, self._alive)

    def _alive(self) -> None:
        """Raises FlinkFailed where a process ended by itself."""
        for name, process in self._running.items():
            if process.poll() is not None:
                raise FlinkFailed(why=_why((self.folder / f"{name}.log").read_text(errors="replace")))

    def _ask(self, path: str) -> dict[str, Any]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._ports[1]}{path}", timeout=10) as answer:
                found: dict[str, Any] = json.load(answer)
                return found
        except (urllib.error.URLError, OSError):
            return {}

    def _lib(self) -> list[Path]:
        return sorted(self.home.glob("lib/*.jar"))

    def _environment(self) -> dict[str, str]:
        return os.environ | {"FLINK_CONF_DIR": str(self.folder / "conf"), "FLINK_HOME": str(self.home)}

    def _java(self, megabytes: int, jars: list[Path], main: str, *words: str) -> list[str]:
        logging = f"-Dlog4j.configurationFile=file:{self.folder / 'conf' / 'log.properties'}"
        path = os.pathsep.join(str(jar) for jar in jars)
        return ["java", f"-Xmx{megabytes}m", *_JAVA, logging, "-cp", path, main, *words]

    def _start(self, name: str, megabytes: int, main: str, *words: str) -> None:
        with (self.folder / f"{name}.log").open("wb") as log:
            self._running[name] = subprocess.Popen(
                self._java(megabytes, self._lib(), main, *words),
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def _configuration(self) -> str:
        rpc, rest = self._ports
        settings = {
            "jobmanager.rpc.address": "127.0.0.1",
            "jobmanager.rpc.port": rpc,
            "jobmanager.bind-host": "127.0.0.1",
            "jobmanager.memory.process.size": "1g",
            "rest.address": "127.0.0.1",
            "rest.port": rest,
            "rest.bind-address": "127.0.0.1",
            "taskmanager.host": "127.0.0.1",
            "taskmanager.bind-host": "127.0.0.1",
            "taskmanager.numberOfTaskSlots": self.slots,
            "taskmanager.cpu.cores": 1.0,
            "taskmanager.memory.framework.heap.size": "128m",
            "taskmanager.memory.framework.off-heap.size": "128m",
            "taskmanager.memory.jvm-metaspace.size": "256m",
            "taskmanager.memory.jvm-overhead.min": "192m",
            "taskmanager.memory.jvm-overhead.max": "192m",
            "taskmanager.memory.task.heap.size": "320m",
            "taskmanager.memory.task.off-heap.size": "0m",
            "taskmanager.memory.network.min": "64m",
            "taskmanager.memory.network.max": "64m",
            "taskmanager.memory.managed.size": "64m",
            "taskmanager.load-balance.mode": "SLOTS",  # each worker gets its share, so that a kill hits the job
            "parallelism.default": self.parallelism,
            "heartbeat.interval": "1000",
            "heartbeat.timeout": "5000",
            "restart-strategy.type": "fixed-delay",
            "restart-strategy.fixed-delay.attempts": 20,
            "restart-strategy.fixed-delay.delay": "500 ms",
            "io.tmp.dirs": self.folder / "tmp",
            "web.tmpdir": self.folder / "tmp",
            "execution.checkpointing.dir": f"file://{self.folder / 'checkpoints'}",
        }
        (self.folder / "tmp").mkdir(exist_ok=True)
        return "".join(f"{name}: {value}\n" for name, value in settings.items())


def committed(folder: Path) -> Iterator[dict[str, Any]]:
    """What the job has written for good: files that are still in progress begin with a dot."""
    for path in sorted(folder.glob("part-*")):
        with path.open("rb") as lines:
            for line in lines:
                yield json.loads(line)


def run_files(
    home: Path,
    folder: Path,
    program: Program,
    events: Iterable[Event],
    lists: Mapping[str, Listed] | None = None,
) -> list[tuple[int, int]]:
    """(place of the rule, seq) of every hit, in order of arrival, by a cluster of two workers.

    Raises NotInEngine, FlinkFailed; OutOfOrder where the events are not in order of time.
    """
    with Cluster(home, folder / "cluster") as cluster:
        return run_on(cluster, folder, program, events, lists)


def run_on(
    cluster: Cluster,
    folder: Path,
    program: Program,
    events: Iterable[Event],
    lists: Mapping[str, Listed] | None = None,
    meanwhile: Callable[[str], None] = lambda number: None,
) -> list[tuple[int, int]]:
    """The same on a cluster that is up; `meanwhile` is called with the job's id while it runs."""
    folder.mkdir(exist_ok=True)
    arrival = _write(folder / "events.jsonl", events)
    ends = Files(str(folder / "events.jsonl"), str(folder / "hits"))
    number = cluster.submit(job(program, ends, lists, every="1 s"))
    meanwhile(number)
    cluster.wait(number)
    places = {rule.name: place for place, rule in enumerate(program.rules)}
    hits = committed(folder / "hits")
    found = sorted((arrival[hit["seq"]], places[hit["rule"]], hit["seq"]) for hit in hits)
    return [(place, seq) for _, place, seq in found]


def _write(path: Path, events: Iterable[Event]) -> dict[int, int]:
    """The events in their normal form; the place of each seq in order of arrival."""
    arrival: dict[int, int] = {}
    newest = 0
    with path.open("wb") as file:
        for place, event in enumerate(events):
            if event.ts < newest:
                raise OutOfOrder(seq=event.seq)
            newest = event.ts
            arrival[event.seq] = place
            file.write(encode(normal_form(event)) + b"\n")
    return arrival


def _why(log: str) -> str:
    told = [line.strip() for line in log.splitlines() if "Exception" in line or "[ERROR]" in line]
    return " / ".join(told[-3:])[-600:] or "no job"


def _until(
    holds: Callable[[], bool], why: str, alive: Callable[[], None], patience: float = _PATIENCE
) -> None:
    end = time.monotonic() + patience
    while not holds():
        alive()
        if time.monotonic() > end:
            raise FlinkFailed(why=why)
        time.sleep(0.2)


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])
