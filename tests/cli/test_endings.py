"""Every error ends in one line and a code."""

import errno
import sqlite3

import pytest
from django.db import DatabaseError, OperationalError

from sekisho.cli import endings
from sekisho.cli.endings import ended, words_of
from sekisho.kernel.errors import Conflict


def failing(error: BaseException):
    def command():
        raise error

    return command


@pytest.fixture(autouse=True)
def unraisable_as_before(monkeypatch):
    import sys

    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)


def test_codes(capsys):
    assert ended(lambda: None) == 0
    assert ended(lambda: 1) == 1
    assert ended(failing(Conflict())) == 2
    assert ended(failing(KeyboardInterrupt())) == 130
    assert ended(failing(ZeroDivisionError("x"))) == 2
    assert capsys.readouterr().err.count("\n") == 2


def test_a_reader_that_went_away_hears_nothing(capsys, monkeypatch):
    import sys

    monkeypatch.setattr(sys, "stdout", sys.stdout)
    assert ended(failing(BrokenPipeError())) == 141
    sys.stdout.close()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "x", "/data/f"), ("空きがありません（/data/f）", "disk is full (/data/f)")),
        (OSError(errno.ENOSPC, "x"), ("空きがありません。", "disk is full.")),
        (OSError(errno.EROFS, "x", "/data/f"), ("読み取り専用", "read-only")),
        (PermissionError(errno.EACCES, "x", "/data/f"), ("権限がありません", "not permitted")),
        (FileNotFoundError(errno.ENOENT, "x", "/data/f"), ("見つかりません", "no such file")),
        (OSError(errno.EIO, "Input/output error", "/data/f"), ("Input/output error", "Input/output error")),
        (OperationalError("database or disk is full"), ("空きがありません", "disk is full")),
        (OperationalError("attempt to write a readonly database"), ("書き込めません", "cannot be written")),
        (OperationalError("unable to open database file"), ("開けません", "cannot be opened")),
        (DatabaseError("file is not a database"), ("壊れています", "damaged")),
        (sqlite3.OperationalError("database is locked"), ("使用中", "busy")),
        (OperationalError("syntax error near x"), ("予期しない", "unforeseen")),
        (ZeroDivisionError("two\nlines"), ("ZeroDivisionError: two）", "ZeroDivisionError: two)")),
    ],
)
def test_what_is_said(error, said, settings):
    settings.DATABASES["default"]["ENGINE"] = "django.db.backends.sqlite3"
    words = words_of(error)
    assert said[0] in words.ja
    assert said[1] in words.en
    assert "{" not in words.ja + words.en


def test_a_server_that_does_not_answer(settings):
    settings.DATABASES["default"]["ENGINE"] = "django.db.backends.postgresql"
    words = words_of(OperationalError('connection failed: FATAL: database "x" does not exist\nmore'))
    assert "SEKISHO_DATABASE" in words.ja
    assert "more" not in words.ja


def test_the_traceback_is_shown_on_demand(capsys, monkeypatch):
    monkeypatch.setenv(endings.TRACEBACK, "1")
    assert ended(failing(ZeroDivisionError("x"))) == 2
    assert "Traceback" in capsys.readouterr().err
