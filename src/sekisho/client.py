"""A client for the watch: ask before a login or a withdrawal goes on. Standard library and msgspec alone.

    from sekisho.client import Watch

    watch = Watch("unix:/var/lib/sekisho/watch/socket", token="sk_...")       # or "http://127.0.0.1:8100"
    answer = watch.decide({"seq": 1, "ts": 1795435200000, "typ": "withdraw", "user": "u1", "amount": 50000})
    if answer.action != "allow": ...

Every event type has a policy for when the watch cannot answer in time: **fail open** answers `allow`, **fail closed**
answers `hold` (or what the policy names). `answer.by` is "watch" or "fallback", `answer.why` says what went wrong; a
fallback is never silent. As it ships, what moves funds or changes who may move them fails closed (withdraw,
address_add, password_reset, second_factor_reset, second_factor_change, api_key_create) within 1 second; everything
else fails open within 0.25 seconds, so that a failure of the watch does not lock customers out.

Asking again is safe: the watch knows an event by its sender and its `seq`, and answers a repeat with the decision that
it had. A request that fails on a connection which the server had closed is repeated once by the client itself.

A `Watch` may be used by many threads; each request takes a connection of its own from a pool of kept ones. A refusal
(bad event, bad token) is no outage: it raises `Refused`, whatever the policy.
"""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import msgspec

Action = Literal["allow", "step_up", "hold", "block"]
KEPT: Final = 32  # connections that are kept
LARGEST: Final = 8 * 1024 * 1024  # bytes of an answer


class Policy(msgspec.Struct, frozen=True):
    """For one event type: how long to wait (seconds), and what to answer when nothing came in that time."""

    timeout: float
    action: Action

    @classmethod
    def fail_open(cls, timeout: float = 0.25) -> Policy:
        return cls(timeout, "allow")

    @classmethod
    def fail_closed(cls, timeout: float = 1.0, action: Action = "hold") -> Policy:
        return cls(timeout, action)


CLOSED: Final = (
    "withdraw",
    "address_add",
    "password_reset",
    "second_factor_reset",
    "second_factor_change",
    "api_key_create",
)
POLICIES: Final[Mapping[str, Policy]] = {typ: Policy.fail_closed() for typ in CLOSED}


class Reason(msgspec.Struct, frozen=True):
    ja: str
    en: str


class Answer(msgspec.Struct, frozen=True):
    """What to do. `by`: the watch itself, or the policy ("fallback"), and then `why` tells what went wrong."""

    seq: int
    action: Action
    score: int = 0
    rules: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    repeated: bool = False
    by: Literal["watch", "fallback"] = "watch"
    why: str = ""


class Refused(Exception):
    """The watch does not take the event or the caller. `code` is stable, `text` says what to do."""

    def __init__(self, status: int, code: str, text: str, where: str = "") -> None:
        super().__init__(f"{code}: {text}")
        self.status = status
        self.code = code
        self.text = text
        self.where = where


class _Told(msgspec.Struct):
    """An answer as it comes. `action` is null for a repeat of which the decision is no longer kept."""

    seq: int
    action: Action | None
    score: int | None
    rules: tuple[str, ...]
    reasons: tuple[Reason, ...]
    repeated: bool


class _Error(msgspec.Struct):
    code: str
    text: Reason
    where: str = ""


class _Each(msgspec.Struct):
    seq: int = 0
    action: Action | None = None
    score: int | None = None
    rules: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    repeated: bool = False
    error: _Error | None = None


class _Batch(msgspec.Struct):
    answers: list[_Each]


class _Problem(msgspec.Struct):
    code: str = "unknown"
    detail: str = ""
    problems: list[dict[str, str]] = []


class _Unanswered(Exception):
    """No usable answer came."""


class _Local(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class Watch:
    """The watch at an address: `http://host:port` or `unix:/path/of/its/socket`."""

    def __init__(
        self,
        address: str,
        token: str,
        *,
        policies: Mapping[str, Policy] | None = None,
        otherwise: Policy | None = None,
        language: Literal["ja", "en"] = "en",
    ) -> None:
        """`policies` by event type take the place of those that ship; `otherwise` is for every other type."""
        self._policies = {**POLICIES, **(policies or {})}
        self._otherwise = otherwise or Policy.fail_open()
        self._address = address
        parts = urlsplit(address)
        if not address.startswith("unix:") and (parts.scheme != "http" or not parts.hostname):
            raise ValueError("an address is http://host:port or unix:/path")
        self._headers = {"Authorization": f"Bearer {token}", "Accept-Language": language}
        self._idle: list[http.client.HTTPConnection] = []
        self._lock = threading.Lock()

    def __enter__(self) -> Watch:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the kept connections."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def policy(self, typ: str) -> Policy:
        return self._policies.get(typ, self._otherwise)

    def decide(self, event: Mapping[str, Any]) -> Answer:
        """The decision on one event, by the watch or, where none comes in time, by the policy. Raises Refused."""
        policy = self.policy(str(event.get("typ", "")))
        try:
            body = msgspec.json.encode(event)
            data = self._asked("/watch/v1/decide", "application/json", body, policy.timeout)
            told = msgspec.json.decode(data, type=_Told)
        except (_Unanswered, msgspec.DecodeError) as error:
            return _fallback(event, policy, str(error))
        return _answer(told, event, policy)

    def send(self, events: Sequence[Mapping[str, Any]]) -> list[Answer | Refused]:
        """The decisions on many events, in their order; one that is refused stands in its place as `Refused`.

        Waits as long as the longest policy among them. Raises Refused where the whole is refused.
        """
        policies = [self.policy(str(event.get("typ", ""))) for event in events]
        body = b"\n".join(msgspec.json.encode(event) for event in events)
        patience = max((policy.timeout for policy in policies), default=self._otherwise.timeout)
        try:
            data = self._asked("/watch/v1/events", "application/x-ndjson", body, patience)
            told = msgspec.json.decode(data, type=_Batch).answers
            if len(told) != len(events):
                raise _Unanswered(f"{len(told)} answers to {len(events)} events")
        except (_Unanswered, msgspec.DecodeError) as error:
            return [_fallback(e, p, str(error)) for e, p in zip(events, policies, strict=True)]
        return [_each(t, e, p) for t, e, p in zip(told, events, policies, strict=True)]

    # --- connections ----------------------------------------------------------------------------------------

    def _asked(self, path: str, kind: str, body: bytes, timeout: float) -> bytes:
        """The body of the answer. Raises _Unanswered, Refused."""
        until = time.monotonic() + timeout
        while True:
            connection, kept = self._connection(timeout)
            try:
                return self._once(connection, path, kind, body, until)
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError) as error:
                connection.close()
                if not kept or time.monotonic() >= until:  # a kept one may have been closed by the server
                    raise _Unanswered(f"{type(error).__name__}: {error}") from error
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                raise _Unanswered(f"{type(error).__name__}: {error}") from error
            except BaseException:
                connection.close()
                raise

    def _once(
        self, connection: http.client.HTTPConnection, path: str, kind: str, body: bytes, until: float
    ) -> bytes:
        _allow(connection, until)
        connection.request("POST", path, body, {**self._headers, "Content-Type": kind})
        _allow(connection, until)
        response = connection.getresponse()
        data = b""
        while part := response.read1(65536):
            data += part
            if len(data) > LARGEST:
                raise http.client.HTTPException("the answer is too large")
            _allow(connection, until)
        response.close()
        self._done_with(connection, keep=not response.will_close)
        if response.status == 200:
            return data
        raise _refused(response.status, data)

    def _done_with(self, connection: http.client.HTTPConnection, *, keep: bool) -> None:
        with self._lock:
            if keep and len(self._idle) < KEPT:
                self._idle.append(connection)
                return
        connection.close()

    def _connection(self, timeout: float) -> tuple[http.client.HTTPConnection, bool]:
        """A connection, and whether it was kept from an earlier request."""
        with self._lock:
            if self._idle:
                return self._idle.pop(), True
        if self._address.startswith("unix:"):
            return _Local(self._address.removeprefix("unix:"), timeout), False
        parts = urlsplit(self._address)
        return http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=timeout), False


def _allow(connection: http.client.HTTPConnection, until: float) -> None:
    """The time that is left for the next step. Raises TimeoutError."""
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    connection.timeout = left
    if connection.sock is not None:
        connection.sock.settimeout(left)


def _refused(status: int, data: bytes) -> Exception:
    if status >= 500:
        return _Unanswered(f"HTTP {status}")
    try:
        told = msgspec.json.decode(data, type=_Problem)
    except msgspec.DecodeError:
        return _Unanswered(f"HTTP {status}")
    where = told.problems[0].get("name", "") if told.problems else ""
    return Refused(status, told.code, told.detail, where)


def _answer(told: _Told | _Each, event: Mapping[str, Any], policy: Policy) -> Answer:
    if told.action is None:
        return _fallback(event, policy, "judged before; the decision is no longer kept", repeated=True)
    return Answer(told.seq, told.action, told.score or 0, told.rules, told.reasons, told.repeated)


def _each(told: _Each, event: Mapping[str, Any], policy: Policy) -> Answer | Refused:
    if told.error is not None:
        return Refused(422, told.error.code, told.error.text.en, told.error.where)
    return _answer(told, event, policy)


def _fallback(event: Mapping[str, Any], policy: Policy, why: str, *, repeated: bool = False) -> Answer:
    seq = event.get("seq")
    known = seq if isinstance(seq, int) else -1
    return Answer(known, policy.action, repeated=repeated, by="fallback", why=why)
