"""Hands one job to a Flink cluster. Run by the Python of Flink's own environment: it needs py4j, not Sekisho.

    python flink_submit.py < {"settings": {...}, "statements": [...], "java": [...]}

starts Java's end with the words of `java`, which prints its port, and prints the job's id.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any


def main() -> None:
    wanted = json.load(sys.stdin)
    with subprocess.Popen(wanted["java"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as java:
        try:
            told = java.stdout.readline().strip() if java.stdout else ""
            if not told.isdigit():
                sys.exit(f"Exception: Java said {told!r}, not its port")
            print(_submitted(int(told), wanted["settings"], wanted["statements"]), flush=True)
        finally:
            java.kill()


def _submitted(port: int, settings: dict[str, str], statements: list[str]) -> str:
    # py4j is not in Sekisho's own environment.
    from py4j.java_gateway import GatewayParameters, JavaGateway  # type: ignore[import-not-found] # noqa: PLC0415

    gateway = JavaGateway(gateway_parameters=GatewayParameters(port=port, auto_convert=True))
    flink: Any = gateway.jvm.org.apache.flink
    configuration = flink.configuration.Configuration.fromMap(settings)
    made = flink.table.api.EnvironmentSettings.newInstance().inStreamingMode()
    tables = flink.table.api.TableEnvironment.create(made.withConfiguration(configuration).build())
    for statement in statements[:-1]:
        tables.executeSql(statement)
    return str(tables.executeSql(statements[-1]).getJobClient().get().getJobID().toString())


if __name__ == "__main__":
    main()
