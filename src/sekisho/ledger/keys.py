"""The ledger's signing key: a file of its own, outside the database, readable by its owner alone."""

import os
import secrets
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text
from sekisho.ledger.note import Signer, generate


class KeyUnusable(SekishoError):
    code = "ledger_key_unusable"
    status = 500
    text = Text(
        "台帳の署名鍵 {path} を使用できません（{why}）。"
        "SEKISHO_LEDGER_KEY_FILE の指定か、鍵の所有者と権限（0600）を確認してください。",
        "The ledger's signing key {path} cannot be used ({why}). "
        "Check SEKISHO_LEDGER_KEY_FILE, or the key's owner and mode (0600).",
    )


def key_path() -> Path:
    return Path(settings.SEKISHO_LEDGER_KEY_FILE)


def ensure_key() -> Path:
    """Make the key where there is none yet, with a ledger's name of its own. An existing key is never replaced."""
    path = key_path()
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(generate(f"sekisho/{secrets.token_hex(8)}") + "\n")
    return path


def signer() -> Signer:
    """The key's signer, read once for each path."""
    return _signer(str(key_path()))


@lru_cache(maxsize=4)
def _signer(path: str) -> Signer:
    try:
        if os.stat(path).st_mode & 0o077:
            raise KeyUnusable(path=path, why="mode")
        return Signer(Path(path).read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise KeyUnusable(path=path, why=str(error)) from error
