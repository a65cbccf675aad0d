"""The installation that a command works on: its folder, its keys, its database, and who sits at the machine."""

from __future__ import annotations

import getpass
import os
import pkgutil
import secrets
from importlib.util import find_spec
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from sekisho.access.rights import Actor, operator_actor
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text
from sekisho.ledger.keys import ensure_key, signer


class NoDatabase(SekishoError):
    """Data: where."""

    code = "no_database"
    text = Text(
        "{where} にデータがありません。SEKISHO_HOME を確認するか、"
        "sekisho setup-home（見本は sekisho demo）で作成してください。",
        "There is no data in {where}. Check SEKISHO_HOME, or make "
        "it with `sekisho setup-home` (a sample: `sekisho demo`).",
    )


class NewerDatabase(SekishoError):
    """Data: where, names."""

    code = "newer_database"
    text = Text(
        "{where} はこの製品より新しい版で作られています（{names}）。製品を更新してください。",
        "{where} was made by a newer version of the product ({names}). Update the product.",
    )


class OlderDatabase(SekishoError):
    """Data: where, number."""

    code = "older_database"
    text = Text(
        "{where} は前の版の形式です（未適用 {number} 件）。"
        "バックアップを取ってから sekisho migrate を実行してください。",
        "{where} is of an earlier version ({number} steps to go). Make a backup, then run `sekisho migrate`.",
    )


def home() -> Path:
    return Path(settings.SEKISHO_HOME)


def operator() -> Actor:
    """Whoever runs the command."""
    try:
        login = getpass.getuser()
    except (KeyError, OSError):
        login = f"uid{os.getuid()}"
    return operator_actor("".join(login.split())[:60])


def database_name() -> str:
    """What people call the database: the data folder, or the server's database."""
    return str(home()) if _is_file() else f"{connection.display_name} {settings.DATABASES['default']['NAME']}"


def is_there() -> bool:
    """Whether a database was ever set up here. Makes none."""
    if _is_file() and not Path(settings.DATABASES["default"]["NAME"]).exists():
        return False
    with connection.cursor() as cursor:
        return "django_migrations" in connection.introspection.table_names(cursor)


def require_database() -> None:
    """Raise where there is no database, or one of another version. Makes and changes nothing."""
    if not is_there():
        raise NoDatabase(where=database_name())
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        applied = set(cursor.fetchall())
    known = _known_migrations()
    if newer := sorted(f"{app}.{name}" for app, name in applied - known):
        raise NewerDatabase(where=database_name(), names=", ".join(newer[:3]))
    if older := known - applied:
        raise OlderDatabase(where=database_name(), number=len(older))


def ensure_database() -> None:
    """The database ready for use: set up where there is none; raise where it is of another version."""
    if is_there():
        require_database()
    else:
        set_up()


def set_up() -> None:
    """Folders for the owner alone, keys, and a database of this version. What is there already stays."""
    for folder in (home(), home() / "keys", home() / "evidence"):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _ensure_ledger_key()
    _ensure_secret()
    migrate()


def migrate() -> None:
    """Bring the database to this version. Raises NewerDatabase."""
    if is_there():
        try:
            require_database()
        except OlderDatabase:
            pass
        else:
            return
    call_command("migrate", verbosity=0, interactive=False)


def _is_file() -> bool:
    """Whether the database is a file of its own (a server's is not, nor one in memory)."""
    return connection.vendor == "sqlite" and not str(settings.DATABASES["default"]["NAME"]).startswith(
        "file:"
    )


def _ensure_ledger_key() -> None:
    """A ledger that stands never gets another key: its checkpoints could not be verified. Raises KeyUnusable."""
    if is_there():
        signer()
    else:
        ensure_key()


def _ensure_secret() -> None:
    """The key that signs sessions: made once, never replaced."""
    path = Path(settings.SEKISHO_SECRET_KEY_FILE)
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(50) + "\n")


def _known_migrations() -> set[tuple[str, str]]:
    """(app, name) of every migration that this version brings. They are listed, not loaded."""
    known = set()
    for config in apps.get_app_configs():
        spec = find_spec(f"{config.name}.migrations")
        for module in pkgutil.iter_modules((spec and spec.submodule_search_locations) or ()):
            if not module.name.startswith("_"):
                known.add((config.label, module.name))
    return known
