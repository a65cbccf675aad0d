"""The installation: made for its owner alone, and whatever is wrong with it told in one line."""

import os
import shutil
import sqlite3
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.running import complaint, sekisho, written

UNIT = "key,name,function,since_on\n,業務部,user,2024-04-01\n"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_home_is_for_its_owner_alone(bare):
    assert {p.name: mode(p) for p in (bare / "keys").iterdir()} == {"ledger.key": 0o600, "secret.key": 0o600}
    assert mode(bare / "keys") == mode(bare / "evidence") == 0o700
    assert mode(bare / "sekisho.sqlite3") == 0o600


def test_setting_up_again_changes_nothing(bare):
    def contents() -> dict[str, bytes]:
        return {p.name: p.read_bytes() for p in (bare / "keys").iterdir()}

    before = contents()
    assert sekisho(bare, "setup-home").returncode == 0
    assert contents() == before


WORDS = (
    "assess",
    "list unit",
    "export x.xlsx",
    "rulebook text",
    "rulebook compare x",
    "migrate",
    "ledger verify",
)


def test_where_there_is_no_database_it_says_so_and_makes_none(tmp_path):
    home = tmp_path / "home"
    for words in WORDS:
        assert str(home) in complaint(sekisho(home, *words.split()))
        assert not home.exists()


def test_loading_makes_the_home_but_not_for_a_bad_file(tmp_path):
    home = tmp_path / "home"
    complaint(sekisho(home, "load", tmp_path / "none.xlsx"))
    assert not home.exists()
    assert sekisho(home, "load", written(tmp_path / "in", unit=UNIT)).returncode == 0
    assert (home / "sekisho.sqlite3").exists()


@pytest.fixture
def copy(filled, tmp_path) -> Path:
    """A home that a test may spoil."""
    return Path(shutil.copytree(filled, tmp_path / "copy"))


def migrations(home: Path, statement: str) -> None:
    with sqlite3.connect(home / "sekisho.sqlite3") as database:
        database.execute(statement)


def test_a_database_of_a_newer_version(copy):
    migrations(
        copy,
        "INSERT INTO django_migrations (app, name, applied) VALUES ('records', '9999_to_come', '2030-01-01')",
    )
    for words in (("assess",), ("load", str(copy)), ("migrate",), ("setup-home",)):
        assert "9999_to_come" in complaint(sekisho(copy, *words)) or words[0] == "load"


def test_a_database_of_a_newer_version_with_a_new_part(copy):
    migrations(
        copy,
        "INSERT INTO django_migrations (app, name, applied) VALUES ('watch', '0001_initial', '2030-01-01')",
    )
    assert "watch.0001_initial" in complaint(sekisho(copy, "assess"))


def test_a_database_of_an_earlier_version_asks_for_migrate(copy):
    migrations(copy, "DELETE FROM django_migrations WHERE app = 'sessions'")
    migrations(copy, "DROP TABLE django_session")
    assert "sekisho migrate" in complaint(sekisho(copy, "assess"))
    assert sekisho(copy, "migrate").returncode == 0
    assert sekisho(copy, "list", "unit").returncode == 0


def test_a_damaged_database(copy):
    (copy / "sekisho.sqlite3").write_bytes(b"no database at all, only words" * 100)
    assert str(copy) in complaint(sekisho(copy, "assess", SEKISHO_LANGUAGE="en"))


def test_a_key_that_others_can_read_is_not_used(copy, tmp_path):
    (copy / "keys" / "ledger.key").chmod(0o644)
    rows = written(tmp_path / "in", unit=UNIT)
    assert "0600" in complaint(sekisho(copy, "load", rows))
    assert len(sekisho(copy, "list", "unit").stdout.splitlines()) == 4


def test_a_server_that_is_not_there(tmp_path):
    line = complaint(sekisho(tmp_path, "assess", SEKISHO_DATABASE="postgresql://nobody@127.0.0.1:1/none"))
    assert "SEKISHO_DATABASE" in line


# --- disks ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def disk(tmp_path) -> Iterator[Path]:
    """A small disk of its own, 8 MB."""
    at = tmp_path / "disk"
    at.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(at)]
    mounted = shutil.which("mount") and subprocess.run(words, capture_output=True, check=False)
    if not mounted or mounted.returncode != 0:
        pytest.skip("only who may mount can make a small disk")
    yield at
    subprocess.run(["umount", "-l", at], check=True)


def test_a_full_disk(disk, tmp_path):
    home, rows = disk / "home", written(tmp_path / "in", unit=UNIT)
    assert sekisho(home, "load", rows).returncode == 0
    fill(disk)
    for words in (("load", rows), ("export", disk / "x.xlsx"), ("export", "--empty", disk / "x.xlsx")):
        assert "disk is full" in complaint(sekisho(home, *words, SEKISHO_LANGUAGE="en")), words
    (disk / "filling").unlink()
    assert [p.name for p in disk.iterdir()] == ["home"]
    assert len(sekisho(home, "list", "unit").stdout.splitlines()) == 3
    assert sekisho(home, "ledger", "verify").returncode == 0
    assert sekisho(home, "load", rows).returncode == 0


def test_a_disk_that_is_full_from_the_beginning(disk):
    fill(disk)
    assert "disk is full" in complaint(sekisho(disk / "home", "setup-home", SEKISHO_LANGUAGE="en"))


def test_a_read_only_disk(disk, tmp_path):
    home, rows = disk / "home", written(tmp_path / "in", unit=UNIT)
    assert sekisho(home, "load", rows).returncode == 0
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    for words in (("load", rows), ("assess",), ("setup-home",), ("export", disk / "x.xlsx")):
        assert "read-only" in complaint(sekisho(home, *words, SEKISHO_LANGUAGE="en")), words
    assert "read-only" in complaint(sekisho(disk / "other", "setup-home", SEKISHO_LANGUAGE="en"))


def fill(disk: Path) -> None:
    with open(disk / "filling", "wb", buffering=0) as file:
        try:
            while file.write(b"\0" * 4096):
                pass
        except OSError:
            return


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_a_folder_that_is_closed(copy, tmp_path):
    copy.chmod(0o500)
    (copy / "sekisho.sqlite3").chmod(0o400)
    rows = written(tmp_path / "in", unit=UNIT)
    complaint(sekisho(copy, "load", rows))
    copy.chmod(0o700)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody else")
def test_a_folder_of_somebody_else(copy, tmp_path):
    if not shutil.which("setpriv"):
        pytest.skip("setpriv is not installed")
    for folder in (copy, *copy.parents):
        if folder.stat().st_uid == 0 and folder != Path("/") and not mode(folder) & 0o001:
            folder.chmod(0o755)
    somebody = ("setpriv", "--reuid=65534", "--clear-groups", "--inh-caps=-all")
    probe = sekisho(copy, "--version", under=somebody)
    if probe.returncode != 0:
        pytest.skip("others may not run the program of this tree")
    line = complaint(sekisho(copy, "assess", under=somebody, SEKISHO_LANGUAGE="en"))
    assert "cannot be" in line
