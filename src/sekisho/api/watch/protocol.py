"""uvicorn's httptools protocol with bounds on what comes before the body, which neither of the two has."""

from __future__ import annotations

from asyncio import TimerHandle
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

LARGEST_HEAD: Final = 16 * 1024  # bytes of the address and the headers
PATIENCE: Final = 10.0  # seconds from the connection to the first whole head
_TOO_LARGE = STATUS_LINE[431] + b"content-length: 0\r\nconnection: close\r\n\r\n"


class BoundedProtocol(HttpToolsProtocol):
    """A head that is too large is answered 431; a connection on which nothing whole comes is closed."""

    _head = 0
    _timer: TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._timer = self.loop.call_later(PATIENCE, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        self._at_ease()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        self._head = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if self._head <= LARGEST_HEAD:
            if self._timer is not None:
                self._at_ease()
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if self._head <= LARGEST_HEAD:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if self._head <= LARGEST_HEAD:
            super().on_message_complete()

    def _count(self, size: int) -> None:
        before, self._head = self._head, self._head + size
        if before <= LARGEST_HEAD < self._head:
            self.transport.write(_TOO_LARGE)
            self.transport.close()

    def _at_ease(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
