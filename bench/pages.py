"""The rule wall, a register page of 50 out of 100,000 rows, and the JSON list of clauses, as a browser gets them.

Queries are counted in a process; times are of a real server on loopback, 20 requests in parallel.
"""

from __future__ import annotations

import http.client
import http.cookiejar
import json
import re
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.home import ROOT, environment, made, run
from bench.table import Row, percentile, seconds

PATHS = {
    "rule wall": "/rule/",
    "register, 50 of 100,000 rows": "/records/equipment/",
    "JSON of all clauses": "/api/clauses",
}
ROWS = 100_000
PARALLEL, REQUESTS = 20, 400
PATIENCE = 60


def measure() -> list[Row]:
    home = made(1)
    told = json.loads(run("bench.pages", home=home))
    port, server = _served(home)
    try:
        address = f"http://localhost:{port}"
        cookie = _signed_in(address, home)
        alone, beside = _asked(port, cookie, 1, 60), _asked(port, cookie, PARALLEL, REQUESTS)
    finally:
        server.terminate()
        server.wait(30)
    rows = []
    for name in PATHS:
        goal = "under 30 ms alone" if "JSON" in name else "at most 10 queries, p95 under 100 ms"
        p50, p95 = percentile(beside[name], 0.5), percentile(beside[name], 0.95)
        rows.append(
            Row(
                name,
                f"{told[name]} queries; alone p50 {seconds(percentile(alone[name], 0.5))}; "
                f"{PARALLEL} in parallel p50 {seconds(p50)}, p95 {seconds(p95)}",
                goal,
            )
        )
    return rows


def _asked(port: int, cookie: str, workers: int, requests: int) -> dict[str, list[float]]:
    """Wall times of requests for each path, from so many clients at once; each keeps its connection, as browsers do."""
    found = {}
    for name, path in PATHS.items():
        each = requests // workers

        def client(_: int, path: str = path, each: int = each) -> list[float]:
            connection = http.client.HTTPConnection("localhost", port, timeout=60)
            _once(connection, path, cookie)
            return [_once(connection, path, cookie) for _ in range(each)]

        with ThreadPoolExecutor(workers) as pool:
            found[name] = [took for times in pool.map(client, range(workers)) for took in times]
    return found


def _once(connection: http.client.HTTPConnection, path: str, cookie: str) -> float:
    start = time.perf_counter()
    connection.request("GET", path, headers={"Cookie": cookie})
    answer = connection.getresponse()
    answer.read()
    if answer.status != 200:
        raise SystemExit(f"{path} answered {answer.status}")
    return time.perf_counter() - start


def _served(home: Path) -> tuple[int, subprocess.Popen[bytes]]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
    command = [str(Path(sys.executable).parent / "sekisho"), "serve", "--port", str(port)]
    server = subprocess.Popen(command, cwd=ROOT, env=environment(home), stdout=subprocess.DEVNULL)
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"http://localhost:{port}/accounts/login/", timeout=5):
                return port, server
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the server did not start")


def _signed_in(address: str, home: Path) -> str:
    """The cookies of a person who signed in as people do."""
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    page = opener.open(f"{address}/accounts/login/").read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    password = (home / "sample-sign-ins.txt").read_text(encoding="utf-8").splitlines()[0]
    values = {"login": "chief", "password": password, "csrfmiddlewaretoken": token.group(1) if token else ""}
    request = urllib.request.Request(f"{address}/accounts/login/", urllib.parse.urlencode(values).encode())  # noqa: S310
    request.add_header("Referer", f"{address}/accounts/login/")
    opener.open(request)
    return "; ".join(f"{c.name}={c.value}" for c in jar)


def main() -> None:
    """In a process of its own: add the rows, then count the queries of each page."""
    import django

    django.setup()
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from sekisho.access.models import Account
    from sekisho.kernel import clock
    from sekisho.records.models import Equipment
    from sekisho.workflows.act import act

    for start in range(0, ROWS, 5000):
        with act("bench", "service:bench") as doing:
            rows = [
                (f"EQ-B-{n:06d}", {"unit": "U-DEV", "what": f"端末 {n}", "confirmed_on": clock.today()})
                for n in range(start, start + 5000)
            ]
            doing.put_many(Equipment, rows)
    client = Client(SERVER_NAME="localhost")
    client.force_login(Account.objects.get(login="chief"), backend=_backend())
    told = {}
    for name, path in PATHS.items():
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(path)
        if answer.status_code != 200:
            raise SystemExit(f"{path} answered {answer.status_code}")
        told[name] = len(queries)
    json.dump(told, sys.stdout)


def _backend() -> str:
    from django.conf import settings

    backend: str = settings.AUTHENTICATION_BACKENDS[0]
    return backend


if __name__ == "__main__":
    main()
