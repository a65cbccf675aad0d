"""Homes that many tests read, made once; and commands run in the tests' own process, where their words matter."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sekisho.cli.endings import ended
from sekisho.cli.language import choose
from sekisho.cli.main import run
from tests.cli.running import sekisho, written

UNITS = """key,name,function,since_on,until_on
U-1,業務部,user,2024-04-01,
U-2,旧部署,audit,2020-04-01,2024-03-31
"""
PEOPLE = """key,name,employment,joined_on,left_on
P-1,=山田,employee,2024-04-01,
P-2,佐藤,officer,2020-04-01,2024-06-30
"""


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that was set up and holds no record. Tests only read it."""
    home = tmp_path_factory.mktemp("bare")
    assert sekisho(home, "setup-home").returncode == 0
    return home


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two units and two people. Tests only read it."""
    home = tmp_path_factory.mktemp("filled")
    rows = written(tmp_path_factory.mktemp("rows"), unit=UNITS, person=PEOPLE)
    done = sekisho(home, "load", rows)
    assert done.returncode == 0, done.stderr
    return home


@dataclass(frozen=True)
class Ended:
    """What a command left: its exit code, what it said, and what it complained of."""

    code: int
    out: str
    err: str

    @property
    def complaint(self) -> str:
        """The one clear line of a command that failed as it should."""
        assert self.code == 2, self.out + self.err
        assert self.err.startswith("sekisho: ")
        assert self.err.count("\n") == 1, self.err
        return self.err


Here = Callable[..., Ended]


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Here]:
    """Run a command in this process, on the test's database: on PostgreSQL too."""
    mask = os.umask(0)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)

    def run_here(*words: str | Path, language: str = "ja") -> Ended:
        monkeypatch.setenv("SEKISHO_LANGUAGE", language)
        capsys.readouterr()
        code = ended(lambda: run([str(word) for word in words]))
        said = capsys.readouterr()
        return Ended(code, said.out, said.err)

    yield run_here
    os.umask(mask)
    choose([], {})


@pytest.fixture
def member(db: None, here: Here, tmp_path: Path) -> None:
    """The records of `filled` in the test's database."""
    done = here("load", written(tmp_path / "member", unit=UNITS, person=PEOPLE))
    assert done.code == 0, done.err
