"""The member's own messenger: JSON by HTTPS to one configured address, signed, bounded in time, never led elsewhere.

The host must be on the allow-list, and every address that it resolves to must be a public one or stand in a network
that is listed as the member's own; the connection goes to the very address that was checked. Redirects are errors.

`Sekisho-Signature: t=<seconds>,v1=<hex of HMAC-SHA256 over "<seconds>." and the body>`; `Sekisho-Delivery` is the id.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import socket
import ssl
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from sekisho.kernel import clock
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text

PATIENCE = 5.0  # seconds for connecting, and for each answer
_ANSWER_AT_MOST = 4096


class NotTaken(SekishoError):
    """The messenger did not take it, or may not be sent to."""

    code = "not_taken"
    status = 502
    text = Text("通知の送信先が受け付けませんでした: {why}", "The messenger did not take it: {why}")


def signature(body: bytes, key: bytes, seconds: int) -> str:
    """The value of Sekisho-Signature."""
    digest = hmac.new(key, f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


def post(body: bytes, *, delivery: str, context: ssl.SSLContext | None = None) -> None:
    """Send one delivery. Raises NotTaken with why; anything but a 2xx is one."""
    parts = urlsplit(settings.SEKISHO_WATCH_WEBHOOK)
    host, port = checked_host(parts.scheme, parts.hostname, parts.username), parts.port or 443
    seconds = int(clock.now().timestamp())
    headers = {
        "Content-Type": "application/json", "User-Agent": "sekisho-watch", "Sekisho-Delivery": delivery,
        "Sekisho-Signature": signature(body, _key(), seconds),
    }  # fmt: skip
    connection = _Pinned(host, port, checked_address(host, port), context or ssl.create_default_context())
    try:
        connection.request(
            "POST", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), body, headers
        )
        answer = connection.getresponse()
        answer.read(_ANSWER_AT_MOST)
    except (OSError, http.client.HTTPException) as error:
        raise NotTaken(why=f"{type(error).__name__}: {error}"[:200]) from error
    finally:
        connection.close()
    if not 200 <= answer.status < 300:
        raise NotTaken(why=f"HTTP {answer.status}")


def checked_host(scheme: str, host: str | None, user: str | None = None) -> str:
    """The host, if it may be sent to at all. Raises NotTaken."""
    if scheme != "https" or not host or user is not None:
        raise NotTaken(why="SEKISHO_WATCH_WEBHOOK must be an https address without a user in it")
    if host.lower() not in {h.lower() for h in settings.SEKISHO_WATCH_WEBHOOK_HOSTS}:
        raise NotTaken(why=f"{host} is not in SEKISHO_WATCH_WEBHOOK_HOSTS")
    return host


def checked_address(host: str, port: int) -> str:
    """The address to connect to. Raises NotTaken where one of the host's is neither public nor the member's own."""
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except OSError as error:
        raise NotTaken(why=f"{host} does not resolve") from error
    own = [ip_network(n, strict=False) for n in settings.SEKISHO_WATCH_WEBHOOK_NETWORKS]
    for text in sorted(found):
        address = ip_address(text.partition("%")[0])
        address = getattr(address, "ipv4_mapped", None) or address
        mine = any(address.version == n.version and address in n for n in own)
        if not mine and (not address.is_global or address.is_multicast):
            raise NotTaken(
                why=f"{host} resolves to {address}, which is not public; see SEKISHO_WATCH_WEBHOOK_NETWORKS"
            )
    return min(found, key=lambda text: (":" in text, text))


def _key() -> bytes:
    try:
        key = Path(settings.SEKISHO_WATCH_WEBHOOK_KEY_FILE).read_bytes().strip()
    except OSError:
        key = b""
    if len(key) < 16:
        raise NotTaken(why="SEKISHO_WATCH_WEBHOOK_KEY_FILE names no file with a key of 16 bytes and more")
    return key


class _Pinned(http.client.HTTPSConnection):
    """A connection to one checked address, whose certificate is asked for the host's name."""

    def __init__(self, host: str, port: int, address: str, context: ssl.SSLContext) -> None:
        super().__init__(host, port, timeout=PATIENCE, context=context)
        self.address = address
        self.tls = context

    def connect(self) -> None:
        plain = socket.create_connection((self.address, self.port), PATIENCE)
        try:
            self.sock = self.tls.wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise
