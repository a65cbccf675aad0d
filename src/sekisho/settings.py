"""Settings, all of them from the environment with defaults that are safe for one machine.

| variable | what | default |
|---|---|---|
| SEKISHO_HOME | the data folder: database, keys, evidence | ~/.local/share/sekisho |
| SEKISHO_DATABASE | `postgresql://user:password@host:port/name` | SQLite in SEKISHO_HOME |
| SEKISHO_DATABASE_PASSWORD_FILE | a file with the database password | none |
| SEKISHO_SECRET_KEY_FILE | a file with the key that signs sessions | SEKISHO_HOME/keys/secret.key, made at set-up |
| SEKISHO_LEDGER_KEY_FILE | the ledger's signing key | SEKISHO_HOME/keys/ledger.key, made at set-up |
| SEKISHO_HOSTS | host names that are served, comma-separated | localhost, 127.0.0.1, [::1] |
| SEKISHO_HTTPS | 1 where users reach it by HTTPS: cookies are then sent by HTTPS alone | 0 |
"""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

BASE = Path(__file__).resolve().parent
SEKISHO_HOME = Path(os.environ.get("SEKISHO_HOME") or Path.home() / ".local/share/sekisho").expanduser()
SEKISHO_LEDGER_KEY_FILE = os.environ.get("SEKISHO_LEDGER_KEY_FILE") or str(SEKISHO_HOME / "keys/ledger.key")
SEKISHO_SECRET_KEY_FILE = os.environ.get("SEKISHO_SECRET_KEY_FILE") or str(SEKISHO_HOME / "keys/secret.key")
HTTPS = os.environ.get("SEKISHO_HTTPS") == "1"


def _secret() -> str:
    """The secret key; where no file is there yet, one that lasts as long as this process."""
    try:
        return Path(SEKISHO_SECRET_KEY_FILE).read_text(encoding="ascii").strip()
    except OSError:
        return secrets.token_urlsafe(50)


def _sqlite() -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(SEKISHO_HOME / "sekisho.sqlite3"),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-20000; "
            "PRAGMA temp_store=MEMORY; PRAGMA mmap_size=134217728;",
        },
    }


def _postgresql(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    query = {k: v[0] for k, v in parse_qs(parts.query).items()}
    password = unquote(parts.password or "")
    if file := os.environ.get("SEKISHO_DATABASE_PASSWORD_FILE"):
        password = Path(file).read_text(encoding="utf-8").strip()
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": password,
        "HOST": query.pop("host", None) or unquote(parts.hostname or ""),
        "PORT": query.pop("port", None) or str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "OPTIONS": query,
    }


_url = os.environ.get("SEKISHO_DATABASE", "")
DATABASES = {"default": _postgresql(_url) if _url else _sqlite()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

SECRET_KEY = _secret()
DEBUG = False
ALLOWED_HOSTS = [
    h.strip() for h in os.environ.get("SEKISHO_HOSTS", "localhost,127.0.0.1,[::1]").split(",") if h.strip()
]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "sekisho.ledger",
    "sekisho.records",
]
ROOT_URLCONF = "sekisho.urls"
WSGI_APPLICATION = "sekisho.wsgi.application"

LANGUAGE_CODE = "ja"
LANGUAGES = [("ja", "日本語"), ("en", "English")]
TIME_ZONE = "Asia/Tokyo"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("SEKISHO_STATIC_ROOT") or BASE.parent.parent / "build/static")
