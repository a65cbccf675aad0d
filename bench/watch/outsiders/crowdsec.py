"""Rules a and e as CrowdSec's own scenarios, over a file that it reads once. Run with the folder of the laid-out package.

It keeps its alerts behind an API of its own: a server on a loopback port and a database, both in a folder that goes
away afterwards; nothing of it is installed, and it asks no network. Its buckets leak, so what it counts is not what the
rules count: an alert empties its bucket.
"""

from __future__ import annotations

import json
import os
import resource
import socket
import sqlite3
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

CONFIG = """
common: {{daemonize: false, log_media: stdout, log_level: error, working_dir: .}}
config_paths:
  config_dir: {home}
  data_dir: {home}
  simulation_path: {home}/simulation.yaml
  hub_dir: {home}/hub
  index_path: {home}/hub/.index.json
  notification_dir: {home}/notifications
  plugin_dir: {home}/plugins
crowdsec_service: {{acquisition_path: {home}/acquis.yaml, parser_routines: 1, buckets_routines: 1, output_routines: 1}}
cscli: {{output: raw}}
db_config: {{log_level: error, type: sqlite, db_path: {home}/crowdsec.db}}
api:
  client: {{credentials_path: {home}/credentials.yaml}}
  server: {{log_level: error, listen_uri: "127.0.0.1:{port}", profiles_path: {home}/profiles.yaml}}
prometheus: {{enabled: false}}
"""
RAW = """
name: sekisho/raw
onsuccess: next_stage
filter: "true"
statics:
  - parsed: message
    expression: evt.Line.Raw
"""
PARSE = """
name: sekisho/events
onsuccess: next_stage
filter: JsonExtract(evt.Parsed.message, "typ") == "login"
statics:
  - meta: ok
    expression: JsonExtract(evt.Parsed.message, "ok")
  - meta: source_ip
    expression: JsonExtract(evt.Parsed.message, "ip")
  - meta: user
    expression: JsonExtract(evt.Parsed.message, "user")
  - target: evt.StrTime
    expression: JsonExtract(evt.Parsed.message, "time")
"""
DATES = """
name: sekisho/dates
filter: evt.StrTime != ''
statics:
  - method: ParseDate
    expression: evt.StrTime
  - target: MarshaledTime
    expression: evt.Enriched.MarshaledTime
  - meta: timestamp
    expression: evt.Enriched.MarshaledTime
"""
SCENARIO = """
type: leaky
name: sekisho/{rule}
description: rule {rule}
filter: evt.Meta.ok == 'false'
groupby: evt.Meta.source_ip
{distinct}capacity: {capacity}
leakspeed: {leak}
labels: {{remediation: false}}
"""
RULES = {
    "a": {"distinct": "", "capacity": 9, "leak": "30s"},  # ten within five minutes
    "e": {"distinct": "distinct: evt.Meta.user\n", "capacity": 4, "leak": "2m"},  # five users within ten
}


def main() -> None:
    lines, package = Path(sys.argv[1]), Path(sys.argv[2])
    with tempfile.TemporaryDirectory(prefix="sekisho-crowdsec-") as folder:
        home = Path(folder)
        config = _home(home)
        log = home / "events.log"
        number = _dated(lines, log)
        _run(package / "usr/bin/cscli", "-c", config, "machines", "add", "bench", "--auto", "-f", home / "credentials.yaml")  # fmt: skip
        before = _children()
        _run(
            package / "usr/bin/crowdsec", "-c", config, "-no-capi", "-dsn", f"file://{log}", "-type", "events"
        )
        seconds = _children() - before
        with sqlite3.connect(home / "crowdsec.db") as database:
            found = dict(database.execute("SELECT scenario, count(*) FROM alerts GROUP BY scenario"))
    hits = {rule: [found.get(f"sekisho/{rule}", 0)] for rule in RULES}
    print(json.dumps({"seconds": seconds, "events": number, "hits": hits}))


def _home(home: Path) -> Path:
    """Its folder: configuration, parsers and scenarios, in the places where it looks for those of its user's own."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    files = {
        "config.yaml": CONFIG.format(home=home, port=port),
        "profiles.yaml": "name: none\nfilters: ['false']\ndecisions: []\non_success: break\n",
        "simulation.yaml": "simulation: false\n",
        "acquis.yaml": "",
        "hub/.index.json": json.dumps(
            {kind: {} for kind in ("parsers", "scenarios", "collections", "postoverflows")}
        ),
        "parsers/s00-raw/raw.yaml": RAW,
        "parsers/s01-parse/events.yaml": PARSE,
        "parsers/s02-enrich/dates.yaml": DATES,
        **{f"scenarios/{rule}.yaml": SCENARIO.format(rule=rule, **told) for rule, told in RULES.items()},
    }
    for name, text in files.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for name in ("patterns", "notifications", "plugins", "postoverflows"):
        (home / name).mkdir()
    return home / "config.yaml"


def _dated(lines: Path, log: Path) -> int:
    """The events with their time as CrowdSec reads times; how many they are."""
    number = 0
    with lines.open() as source, log.open("w") as target:
        for line in source:
            at = datetime.fromtimestamp(json.loads(line)["ts"] / 1000, UTC).isoformat()
            target.write(f'{{"time":"{at}",{line.lstrip()[1:]}')
            number += 1
    return number


def _run(*words: str | Path) -> None:
    done = subprocess.run(
        [str(word) for word in words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit((done.stdout.strip().splitlines() or [f"exit code {done.returncode}"])[-1])


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    os.umask(0o077)
    main()
