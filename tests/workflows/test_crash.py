"""A writer that is killed at any moment loses nothing that it acknowledged and leaves nothing half written."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(__file__).parents[2]
RUNS = 200


def python(*arguments: str, home: Path, database: str | None) -> str:
    environment = os.environ | {"SEKISHO_HOME": str(home), "DJANGO_SETTINGS_MODULE": "sekisho.settings"}
    environment.pop("SEKISHO_LEDGER_KEY_FILE", None)
    environment.pop("SEKISHO_DATABASE", None)
    if database:
        environment["SEKISHO_DATABASE"] = database
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def killed_again_and_again(home: Path, database: str | None, runs: int) -> dict[str, object]:
    python("-m", "django", "migrate", "--verbosity", "0", home=home, database=database)
    keys = "import django; django.setup(); from sekisho.ledger.keys import ensure_key; ensure_key()"
    python("-c", keys, home=home, database=database)
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    found: dict[str, object] = json.loads(
        python("-m", "tests.workflows.crasher", str(runs), str(seed), home=home, database=database)
    )
    return found


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_in_hundreds_of_kills(tmp_path):
    found = killed_again_and_again(tmp_path, None, RUNS)
    assert found["acknowledged"] >= RUNS // 2  # every other run is killed behind an acknowledged act
    assert (found["lost"], found["halves"], found["faults"]) == ([], [], [])
    assert found["entries"] >= 2 * found["acknowledged"]


@pytest.mark.slow
@pytest.mark.postgresql
@pytest.mark.database
@pytest.mark.skipif(
    os.environ.get("SEKISHO_TEST_DATABASE") != "postgresql", reason="the PostgreSQL run alone"
)
def test_nothing_acknowledged_is_lost_on_postgresql_either(tmp_path, django_db_blocker):
    database = _own_database(django_db_blocker)
    found = killed_again_and_again(tmp_path, database, RUNS // 2)
    assert (found["lost"], found["halves"], found["faults"]) == ([], [], [])
    assert found["entries"] >= 2 * found["acknowledged"] > 0


def _own_database(django_db_blocker) -> str:
    """A fresh database on the server of the run."""
    import psycopg

    configured = settings.DATABASES["default"]
    with django_db_blocker.unblock():
        dsn = {"host": configured["HOST"], "user": configured["USER"], "dbname": "postgres"}
        if configured["PORT"]:
            dsn["port"] = configured["PORT"]
        with psycopg.connect(**dsn, autocommit=True) as connection:
            connection.execute("DROP DATABASE IF EXISTS sekisho_crash WITH (FORCE)")
            connection.execute("CREATE DATABASE sekisho_crash")
    return f"postgresql://{configured['USER']}@/sekisho_crash?host={configured['HOST']}"
