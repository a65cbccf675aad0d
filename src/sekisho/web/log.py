"""The log: one event a line, without secrets and without personal values."""

from __future__ import annotations

import logging.config
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

_SECRET_NAMES = re.compile(
    r"pass(word|wd|phrase)|secret|token|authorization|cookie|credential|csrf|session|otp|recovery|(^|_)(code|key)$",
    re.IGNORECASE,
)
_SECRET_VALUES = (
    (re.compile(r"\bsk_[0-9A-Za-z]+_[0-9A-Za-z_-]+"), "sk_…"),
    (re.compile(r"(?i)\b(bearer|basic)\s+\S+"), r"\1 …"),
    (re.compile(r"(?i)\b(password|passwd|secret|token|csrfmiddlewaretoken)=[^&\s]+"), r"\1=…"),
    (re.compile(r"(://[^:/@\s]+):[^@/\s]+@"), r"\1:…@"),
    (re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+\.[^\s@<>\"']+"), "…@…"),
)
# Names that end in `key` or `code` but name no secret.
_HARMLESS = {"code", "key", "record_key", "status_code"}
_KEPT = {"event", "level", "logger", "timestamp"}


def without_secrets(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blank what is named like a secret, and what looks like one inside a text."""
    for name, value in event.items():
        if name not in _HARMLESS | _KEPT and _SECRET_NAMES.search(name):
            event[name] = "…"
        elif isinstance(value, str):
            event[name] = blanked(value)
    return event


def blanked(text: str) -> str:
    """The text without tokens, passwords and e-mail addresses."""
    for pattern, instead in _SECRET_VALUES:
        text = pattern.sub(instead, text)
    return text


def configure(settings: dict[str, str]) -> None:
    """Django's LOGGING_CONFIG: both structlog's and the standard library's events take the same way."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        without_secrets,
    ]
    as_json = settings["format"] == "json"
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False) if as_json else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "events": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": shared,
                    "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "events"}},
            "root": {"handlers": ["stderr"], "level": settings["level"]},
            "loggers": {
                "fido2": {"level": "WARNING"},
                "django.server": {"level": "WARNING"},
                "django.utils.autoreload": {"level": "WARNING"},
            },
        }
    )
