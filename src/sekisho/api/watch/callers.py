"""Who calls: a service, by its token for the watch. Asked of the database at most every few seconds.

A revoked token is refused within `FRESH` seconds. While the database cannot be asked, a token that stood up to
`STALE` seconds ago still does: withdrawals do not stop with it.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import structlog
from django.db import DatabaseError, close_old_connections

from sekisho.access import tokens
from sekisho.access.models import API, CALENDAR, WATCH
from sekisho.api.errors import BadToken, NotSignedIn, Unavailable
from sekisho.api.watch.problems import NotForWatch
from sekisho.kernel.errors import SekishoError

FRESH: Final = 4.0  # seconds
STALE: Final = 60.0
MOST: Final = 10_000  # callers remembered
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Known:
    at: float
    answer: str | SekishoError


class Callers:
    """The services that called lately. Only digests of their tokens are kept."""

    def __init__(self, ask: Callable[[str], str] | None = None) -> None:
        """`ask`: the service of a token; raises NotForWatch, BadToken, Unavailable."""
        self._ask = ask or service_of
        self._known: dict[bytes, _Known] = {}
        self._asking: dict[bytes, asyncio.Task[str]] = {}
        self._threads = ThreadPoolExecutor(1, "watch-callers")

    def known(self, authorization: bytes) -> str | None:
        """The service, if it was asked for a moment ago. Raises what the token was refused with."""
        found = self._known.get(_digest(authorization))
        if found is None or time.monotonic() - found.at > FRESH:
            return None
        if isinstance(found.answer, SekishoError):
            raise found.answer
        return found.answer

    async def source(self, authorization: bytes) -> str:
        """The service. Raises NotSignedIn, BadToken, NotForWatch, Unavailable."""
        if (service := self.known(authorization)) is not None:
            return service
        scheme, _, secret = authorization.partition(b" ")
        if not authorization:
            raise NotSignedIn
        if scheme.lower() != b"bearer" or len(secret) > 200 or not secret.isascii():
            raise BadToken
        digest = _digest(authorization)
        asking = self._asking.get(digest)
        if asking is None:
            asking = asyncio.get_running_loop().create_task(self._asked(digest, secret.decode().strip()))
            self._asking[digest] = asking
            asking.add_done_callback(lambda _: self._asking.pop(digest, None))
        return await asyncio.shield(asking)

    async def _asked(self, digest: bytes, secret: str) -> str:
        answer: str | SekishoError
        try:
            answer = await asyncio.get_running_loop().run_in_executor(self._threads, self._ask, secret)
        except Unavailable:
            before = self._known.get(digest)
            if before and isinstance(before.answer, str) and time.monotonic() - before.at < STALE:
                return before.answer
            raise
        except SekishoError as error:
            answer = error
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[digest] = _Known(time.monotonic(), answer)
        if isinstance(answer, SekishoError):
            raise answer
        return answer

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)


def service_of(secret: str) -> str:
    """The service whose watch token it is, from the database; notes the use."""
    close_old_connections()
    try:
        token = tokens.used(secret, WATCH)
        if token is not None:
            return token.service
        if tokens.find(secret, API) or tokens.find(secret, CALENDAR):
            raise NotForWatch
        raise BadToken
    except DatabaseError as error:
        log.error("database unavailable", error=str(error))
        raise Unavailable from error
    finally:
        close_old_connections()


def _digest(authorization: bytes) -> bytes:
    return hashlib.sha256(authorization).digest()
