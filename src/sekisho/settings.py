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
| SEKISHO_TRUSTED_PROXIES | how many proxies of yours stand in front, whose X-Forwarded-* are believed | 0 |
| SEKISHO_IDLE_MINUTES | a session ends after so long without a click | 30 |
| SEKISHO_SESSION_HOURS | a session ends after so long in any case | 12 |
| SEKISHO_SECOND_FACTOR | `off`: who approves needs no second factor (for a try-out alone; every page warns) | on |
| SEKISHO_API_PER_MINUTE | how many requests a minute one caller of the API may send to a process; 0: no bound | 1200 |
| SEKISHO_WATCH_WEBHOOK | https address of the member's messenger that tells users and the withdrawal service | none |
| SEKISHO_WATCH_WEBHOOK_KEY_FILE | a file with the key that signs what is sent there | none: nothing is sent |
| SEKISHO_WATCH_WEBHOOK_HOSTS | host names that may be sent to, comma-separated | none |
| SEKISHO_WATCH_WEBHOOK_NETWORKS | networks (CIDR) of yours that these hosts may stand in beside public ones | none |
| SEKISHO_WATCH_MAIL_TO | a user's mail address, {user} for the id: `{user}@users.example.jp` | none: no mail |
| SEKISHO_PUBLIC_URL | how users reach the public pages: `https://sekisho.example.jp` | none: notices have no link |
| SEKISHO_MAIL_SERVER | `host:port` of the mail server | localhost:25 |
| SEKISHO_MAIL_FROM | the sender of mail | sekisho@localhost |
| SEKISHO_LOG_LEVEL | DEBUG, INFO, WARNING or ERROR | INFO |
| SEKISHO_LOG_FORMAT | `console` or `json`, a line an event | json |
| SEKISHO_STATIC_ROOT | where set-up gathered the static files | build/static |
| SEKISHO_LANGUAGE | the language of commands, `ja` or `en` | the locale's, else Japanese |
| SEKISHO_TRACEBACK | 1: a command shows where an unforeseen error came from | none |
"""

import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

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


def _number(name: str, default: int) -> int:
    """A whole number from the environment; what cannot be read as one is told, not guessed."""
    given = os.environ.get(name, "")
    if given and not (given.isascii() and given.isdigit()):
        raise ImproperlyConfigured(f"{name} is {given!r}: give a whole number, such as {default}")
    return int(given) if given else default


def _listed(name: str) -> tuple[str, ...]:
    """What stands between commas in the environment."""
    return tuple(part.strip() for part in os.environ.get(name, "").split(",") if part.strip())


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

# Auth's tables of groups and permissions stay empty: rights follow from appointments (sekisho.access.rights).
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
    "sekisho.access",
    "sekisho.workflows.watch_after",
    "sekisho.web",  # before allauth: its templates take the place of allauth's
    "sekisho.api",
    "sekisho.public",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "ninja",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "sekisho.api.middleware.Problems",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "sekisho.web.middleware.Language",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "sekisho.web.middleware.SessionLimits",
    "sekisho.web.middleware.Reader",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "sekisho.web.middleware.DenyByDefault",
    "sekisho.web.middleware.PastIsReadOnly",
    "sekisho.web.middleware.ErrorPages",
]
ROOT_URLCONF = "sekisho.urls"
WSGI_APPLICATION = "sekisho.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "sekisho.web.context.page",
            ],
        },
    }
]
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- who may come in ------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "access.Account"
AUTHENTICATION_BACKENDS = ["sekisho.access.sign_in.Backend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]  # argon2id, 102 MB, 2 passes
PASSWORD_LEAST = 12
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": PASSWORD_LEAST},
    },
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("login",)},
    },
    {"NAME": "sekisho.access.passwords.WithoutLogin"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

SEKISHO_SECOND_FACTOR = os.environ.get("SEKISHO_SECOND_FACTOR", "on") != "off"
SESSION_ENGINE = "django.contrib.sessions.backends.db"  # a revoked session is gone in every process at once
SEKISHO_IDLE = timedelta(minutes=_number("SEKISHO_IDLE_MINUTES", 30))
SEKISHO_SESSION = timedelta(hours=_number("SEKISHO_SESSION_HOURS", 12))
SESSION_COOKIE_AGE = int(SEKISHO_SESSION.total_seconds())
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_NAME = "__Host-sekisho" if HTTPS else "sekisho"
CSRF_COOKIE_NAME = "__Host-sekisho-csrf" if HTTPS else "sekisho-csrf"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
CSRF_FAILURE_VIEW = "sekisho.web.errors.csrf_failure"
CSRF_TRUSTED_ORIGINS = [f"https://{h}" for h in ALLOWED_HOSTS if HTTPS and h not in ("*", "[::1]")]

# A login name is locked for a while after so many wrong tries, and so is an address.
SEKISHO_LOCK_WINDOW = timedelta(minutes=15)
SEKISHO_LOCK_LOGIN_AFTER = 5
SEKISHO_LOCK_ADDRESS_AFTER = 30

ACCOUNT_ADAPTER = "sekisho.web.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "login"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_LOGOUT_REDIRECT_URL = LOGOUT_REDIRECT_URL
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_RATE_LIMITS = {
    "login_failed": "",
    "login": "120/m/ip",
}  # failures: sekisho.access.lock_out, for all processes
ALLAUTH_TRUSTED_PROXY_COUNT = _number("SEKISHO_TRUSTED_PROXIES", 0)
MFA_ADAPTER = "sekisho.web.accounts.adapter.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "sekisho.web.accounts.forms.SecondFactor",
    "reauthenticate": "sekisho.web.accounts.forms.SecondFactorAgain",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS  # browsers themselves allow http for localhost alone
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_TOTP_ISSUER = "Sekisho"
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
USERSESSIONS_TRACK_ACTIVITY = (
    False  # web.middleware.SessionLimits notes it once a minute instead of at each click
)

# --- what a browser is told -----------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],  # the style sheet's own small pictures
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    name: []
    for name in (
        "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "geolocation", "gyroscope",
        "magnetometer", "microphone", "midi", "payment", "usb", "xr-spatial-tracking",
    )
} | {
    name: ["self"] for name in ("publickey-credentials-get", "publickey-credentials-create", "fullscreen")
}  # fmt: skip
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if HTTPS:
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_SSL_REDIRECT = True
    if ALLAUTH_TRUSTED_PROXY_COUNT:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- what is told to users when the watch finds something -------------------------------------------------------

SEKISHO_WATCH_WEBHOOK = os.environ.get("SEKISHO_WATCH_WEBHOOK", "")
SEKISHO_WATCH_WEBHOOK_KEY_FILE = os.environ.get("SEKISHO_WATCH_WEBHOOK_KEY_FILE", "")
SEKISHO_WATCH_WEBHOOK_HOSTS = _listed("SEKISHO_WATCH_WEBHOOK_HOSTS")
SEKISHO_WATCH_WEBHOOK_NETWORKS = _listed("SEKISHO_WATCH_WEBHOOK_NETWORKS")
SEKISHO_WATCH_MAIL_TO = os.environ.get("SEKISHO_WATCH_MAIL_TO", "")
SEKISHO_PUBLIC_URL = os.environ.get("SEKISHO_PUBLIC_URL", "").rstrip("/")
EMAIL_HOST, _, _mail_port = os.environ.get("SEKISHO_MAIL_SERVER", "localhost:25").partition(":")
EMAIL_PORT = int(_mail_port or 25)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("SEKISHO_MAIL_FROM", "sekisho@localhost")

SEKISHO_API_PER_MINUTE = _number("SEKISHO_API_PER_MINUTE", 1200)
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
DATA_UPLOAD_MAX_NUMBER_FILES = 20

# --- languages and files --------------------------------------------------------------------------------------

LANGUAGE_CODE = "ja"
LANGUAGES = [("ja", "日本語"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "sekisho_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
TIME_ZONE = "Asia/Tokyo"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("SEKISHO_STATIC_ROOT") or BASE.parent.parent / "build/static")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (
    "jpg", "jpeg", "png", "gif", "webp", "avif", "zip", "gz", "tgz", "bz2", "tbz", "xz", "br",
    "swf", "flv", "woff", "woff2", "3gp", "3gpp", "asf", "avi", "m4v", "mov", "mp4", "mpeg", "mpg", "webm", "wmv",
    "map",
)  # fmt: skip

LOGGING_CONFIG = "sekisho.web.log.configure"
LOGGING = {
    "level": os.environ.get("SEKISHO_LOG_LEVEL", "INFO").upper(),
    "format": os.environ.get("SEKISHO_LOG_FORMAT", "json"),
}
