"""How a command ends: every error as one clear line, and an exit code that programs may rely on.

0: done. 1: an obligation falls short (`assess`), a release is refused (`gate`). 2: an error. 130: interrupted.
141: the reader went away.
"""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Callable
from typing import Any

import typer

from sekisho.cli.language import language
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text
from sekisho.workflows.import_errors import reason_of

DONE, FALLS_SHORT, FAILED, INTERRUPTED, READER_GONE = 0, 1, 2, 130, 141
TRACEBACK = "SEKISHO_TRACEBACK"  # set it to see where an unforeseen error came from

_UsageError = typer.BadParameter.__mro__[1]  # typer shows only its children
_DISK = {
    errno.ENOSPC: Text(
        "ディスクに空きがありません{path}。空きを確保してから、もう一度実行してください。",
        "The disk is full{path}. Make room, then run it again.",
    ),
    errno.EDQUOT: Text(
        "ディスクの割り当て量を超えました{path}。空きを確保してから、もう一度実行してください。",
        "The disk quota is used up{path}. Make room, then run it again.",
    ),
    errno.EROFS: Text(
        "読み取り専用のディスクには書き込めません{path}。書き込める場所を指定してください。",
        "The disk is read-only{path}. Name a place that can be written.",
    ),
}
_DENIED = Text(
    "ファイルを使用できません{path}: {why}。場所と権限を確認してください。",
    "A file cannot be used{path}: {why}. Check where it is, and its mode.",
)
_DATABASE = (
    (("disk is full", "No space left"), _DISK[errno.ENOSPC]),
    (
        ("readonly database", "read-only transaction", "read-only file system"),
        Text(
            "データベースに書き込めません{path}。"
            "ディスクが読み取り専用でないか、所有者と権限を確認してください。",
            "The database cannot be written{path}. Check whether the disk is read-only, its owner and its mode.",
        ),
    ),
    (
        ("unable to open database", "disk I/O error"),
        Text(
            "データベースを開けません{path}。フォルダーの権限と、ディスクの空き・故障を確認してください。",
            "The database cannot be opened{path}. Check the folder's mode, and the disk for room and faults.",
        ),
    ),
    (
        ("not a database", "malformed", "file is encrypted"),
        Text(
            "データベースのファイルが壊れています{path}。バックアップから戻してください。",
            "The database file is damaged{path}. Restore it from a backup.",
        ),
    ),
    (
        ("database is locked",),
        Text(
            "ほかの処理がデータベースを使用中です。しばらくしてから、もう一度実行してください。",
            "Another process keeps the database busy. Run it again in a while.",
        ),
    ),
)
_NO_SERVER = Text(
    "データベースに接続できません: {why}。SEKISHO_DATABASE とサーバーの状態を確認してください。",
    "The database cannot be reached: {why}. Check SEKISHO_DATABASE, and whether the server is up.",
)
_NO_COMMAND = Text(
    "コマンドを指定してください（{command} --help で一覧を表示）。",
    "Name a command (`{command} --help` lists them).",
)
_WRONG = Text(
    "{name} の指定が正しくありません: {why}（{command} --help で使い方を表示）。",
    "{name} is not right: {why} (`{command} --help` shows the usage).",
)
_MISUSED = (
    (
        "NoSuchOption",
        Text(
            "オプション {name} はありません（{command} --help で使い方を表示）。",
            "There is no option {name} (`{command} --help` shows the usage).",
        ),
    ),
    (
        "MissingParameter",
        Text(
            "{name} を指定してください（{command} --help で使い方を表示）。",
            "{name} is missing (`{command} --help` shows the usage).",
        ),
    ),
    ("NoArgsIsHelpError", _NO_COMMAND),
    ("Missing command", _NO_COMMAND),
    (
        "No such command ",
        Text(
            "そのようなコマンドはありません: {why}（{command} --help で一覧を表示）。",
            "{why} (`{command} --help` lists them).",
        ),
    ),
)
_UNFORESEEN = Text(
    "予期しないエラーです（{kind}: {why}）。SEKISHO_TRACEBACK=1 を付けて実行すると詳細が表示されます。",
    "An unforeseen error ({kind}: {why}). Run it with SEKISHO_TRACEBACK=1 to see where it comes from.",
)


def ended(command: Callable[[], object]) -> int:
    """Run a command to its end; its exit code. What went wrong stands on standard error."""
    try:
        result = command()
        sys.stdout.flush()
        return result if isinstance(result, int) else DONE
    except typer.Exit as end:
        return end.exit_code
    except BrokenPipeError:
        return _let_go()
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except Exception as error:
        if os.environ.get(TRACEBACK):
            traceback.print_exc()
        else:
            sys.unraisablehook = lambda _: None  # half-written files that cannot be closed say nothing new
        if isinstance(error, OSError) and error.errno == errno.EPIPE:
            return _let_go()
        complain(words_of(error))
        return FAILED


def complain(text: Text) -> None:
    """One line on standard error."""
    line = " ".join(text.in_(language()).split("\n"))
    try:
        print(f"sekisho: {line}", file=sys.stderr)
    except UnicodeEncodeError:
        print(f"sekisho: {line}".encode(sys.stderr.encoding, "replace"), file=sys.stderr)


def words_of(error: Exception) -> Text:
    """What a person reads of an error."""
    if isinstance(error, SekishoError):
        return error.text
    if isinstance(error, _UsageError):
        return _misused(error)
    if isinstance(error, OSError):
        return _of_disk(error)
    if _is_of_database(error):
        return _of_database(error)
    return _UNFORESEEN.format(kind=type(error).__name__, why=_first_line(error))


def _let_go() -> int:
    """The reader of our output went away: say nothing, and let the interpreter not try again at its end."""
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - open until the end
    return READER_GONE


def _misused(error: Exception) -> Text:
    """A wrong word on the command line."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "sekisho"
    parameter = getattr(error, "param", None)
    name = _name_of(parameter) if parameter is not None else getattr(error, "option_name", "")
    why = str(getattr(error, "message", error)).removeprefix("Value error, ").rstrip(".")
    text = next(
        (text for sign, text in _MISUSED if sign in (type(error).__name__, why.split("'")[0])), _WRONG
    )
    return text.format(name=name, why=why, command=command)


def _name_of(parameter: Any) -> str:
    """As the usage line has it."""
    is_argument = parameter.param_type_name == "argument"
    return str((parameter.metavar if is_argument else None) or parameter.opts[-1])


def _of_disk(error: OSError) -> Text:
    text = _DISK.get(error.errno or 0, _DENIED)
    return text.format(path=_where(error.filename), why=reason_of(error))


def _where(path: object) -> Text:
    return Text(f"（{path}）", f" ({path})") if path else Text("", "")


def _is_of_database(error: Exception) -> bool:
    return type(error).__module__.split(".")[0] in ("django", "sqlite3", "psycopg") and any(
        base.__name__ == "DatabaseError" or base.__name__ == "InterfaceError" for base in type(error).__mro__
    )


def _of_database(error: Exception) -> Text:
    from django.conf import settings  # noqa: PLC0415 - an error of the database: Django is there

    where = settings.DATABASES["default"]["NAME"]
    said = _state_of_disk(str(settings.SEKISHO_HOME)) + str(error)
    for signs, text in _DATABASE:
        if any(sign.lower() in said.lower() for sign in signs):
            return text.format(path=_where(where))
    if "postgresql" in settings.DATABASES["default"]["ENGINE"] and type(error).__name__ in (
        "OperationalError",
        "InterfaceError",
    ):
        return _NO_SERVER.format(why=_first_line(error))
    return _UNFORESEEN.format(kind=type(error).__name__, why=_first_line(error))


def _state_of_disk(folder: str) -> str:
    """SQLite says of most troubles only that it cannot open its file: look whether the disk is full or read-only."""
    try:
        disk = os.statvfs(folder)
    except OSError:
        return ""
    if disk.f_flag & os.ST_RDONLY:
        return "read-only file system: "
    return "disk is full: " if disk.f_bavail == 0 else ""


def _first_line(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), "-")
