"""Homes that many tests read, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

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
