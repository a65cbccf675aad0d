"""POST /watch/v1/decide and /watch/v1/events, GET /watch/v1/health, as plain ASGI: judged inline, one at a time."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final, Protocol

import msgspec

from sekisho.api.errors import TooLarge, WrongMediaType
from sekisho.api.watch import problems
from sekisho.api.watch.problems import NO_STORE, Headers, NotABatch, TooManyEvents, TooSlow, WrongMethod
from sekisho.kernel.errors import SekishoError
from sekisho.watch.decision import Decision
from sekisho.watch.engine import Answer, Engine
from sekisho.watch.events import LARGEST, BadEvent
from sekisho.watch.frames import NAMES
from sekisho.watch.log import Log
from sekisho.watch.quarantine import Quarantine
from sekisho.watch.reading import Refusal, read

MOST: Final = 1_000  # events at once
LARGEST_BODY: Final = 2 * 1024 * 1024
PATIENCE: Final = 10.0  # seconds for a body
_TURN = 50  # events of a batch until others have their turn
_JSON, _LINES = b"application/json", (b"application/x-ndjson", b"application/jsonl")
_HEADERS: Headers = [(b"content-type", _JSON), NO_STORE]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Reply = tuple[int, Headers, bytes]


class Known(Protocol):
    """Who calls, by the Authorization header."""

    def known(self, authorization: bytes) -> str | None: ...

    async def source(self, authorization: bytes) -> str: ...


class OnDisk:
    """Requests that wait until the log is on disk up to a position: one fsync lets many go on."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()
        log.when_synced(self._tell)

    async def reaches(self, position: int) -> None:
        """0: what was judged so far is with the system. Raises LogUnwritable."""
        if not position:
            self._log.write()
        if self._log.synced >= position:
            return
        if self._log.error is not None:
            raise self._log.error
        future: asyncio.Future[None] = self._loop.create_future()
        self._waiting.append((position, future))
        self._log.urge()
        await future

    def _tell(self) -> None:
        """Called by the thread that writes."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._release)

    def _release(self) -> None:
        waiting, synced, error = self._waiting, self._log.synced, self._log.error
        while waiting and (waiting[0][0] <= synced or error is not None):
            position, future = waiting.popleft()
            if future.done():
                continue
            if position <= synced or error is None:
                future.set_result(None)
            else:
                future.set_exception(error)


class Gone(Exception):
    """The caller hung up before its request was whole: nothing of it was judged, and nobody is there to be told."""


class Door:
    """The application. It is made inside the running loop."""

    def __init__(
        self,
        engine: Engine,
        callers: Known,
        quarantine: Quarantine,
        followed: Callable[[], Mapping[str, Any]] = dict,
    ) -> None:
        """`followed`: how what acts on the log fares."""
        self.engine = engine
        self.callers = callers
        self.quarantine = quarantine
        self.followed = followed
        self.repeated = 0
        self._on_disk = OnDisk(engine.log)
        self._ends: dict[int, tuple[Decision, bytes]] = {}
        self._since = time.monotonic()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            status, headers, body = await self.reply(scope, receive)
        except Gone:
            return
        headers = [*headers, (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def reply(self, scope: Scope, receive: Receive) -> Reply:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        try:
            match (scope["path"], scope["method"]):
                case "/watch/v1/decide", "POST":
                    return 200, _HEADERS, await self._decide(headers, receive)
                case "/watch/v1/events", "POST":
                    return 200, _HEADERS, await self._events(headers, receive)
                case "/watch/v1/health", "GET" | "HEAD":
                    return self._health()
                case "/watch/v1/decide" | "/watch/v1/events", _:
                    raise WrongMethod(allow="POST")
                case "/watch/v1/health", _:
                    raise WrongMethod(allow="GET, HEAD")
            raise problems.NothingHere
        except Gone:
            raise
        except Exception as error:
            told = problems.understood(error)
            return problems.problem(told, problems.language_of(headers.get(b"accept-language", b"")))

    async def _decide(self, headers: dict[bytes, bytes], receive: Receive) -> bytes:
        source = await self._source(headers)
        _require(headers, _JSON)
        raw = await _body(headers, receive, LARGEST * 2)
        answer = self._judged(source, raw)
        await self._on_disk.reaches(answer.position)
        return self._told(answer)

    async def _events(self, headers: dict[bytes, bytes], receive: Receive) -> bytes:
        source = await self._source(headers)
        kind = _require(headers, _JSON, *_LINES)
        each = _apart(await _body(headers, receive, LARGEST_BODY), lines=kind in _LINES)
        told, position, refused = [], 0, 0
        for number, raw in enumerate(each):
            if number and not number % _TURN:
                await asyncio.sleep(0)
            try:
                answer = self._judged(source, raw)
            except BadEvent as error:
                refused += 1
                told.append(_refused(number, error))
            else:
                position = max(position, answer.position)
                told.append(self._told(answer))
        await self._on_disk.reaches(position)
        return b'{"judged":%d,"refused":%d,"answers":[%b]}' % (
            len(told) - refused,
            refused,
            b",".join(told),
        )

    def _judged(self, source: str, raw: bytes) -> Answer:
        try:
            answer = self.engine.judge(source, read(raw))
        except BadEvent as error:
            self.quarantine.take(source, raw, error, self.engine.clock())
            raise
        self.repeated += answer.repeated
        return answer

    async def _source(self, headers: dict[bytes, bytes]) -> str:
        authorization = headers.get(b"authorization", b"")
        service = self.callers.known(authorization)
        return service if service is not None else await self.callers.source(authorization)

    def _told(self, answer: Answer) -> bytes:
        repeated = b"true" if answer.repeated else b"false"
        return b'{"seq":%d,"repeated":%b,%b' % (answer.seq, repeated, self._end(answer.decision))

    def _end(self, decision: Decision | None) -> bytes:
        if decision is None:
            return b'"action":null,"score":null,"rules":[],"reasons":[]}'
        known = self._ends.get(id(decision))
        if known is None:
            if len(self._ends) >= 10_000:
                self._ends.clear()
            told = {
                "action": NAMES[decision.action],
                "score": decision.score,
                "rules": decision.rules,
                "reasons": [reason.as_dict() for reason in decision.reasons],
            }
            known = self._ends[id(decision)] = (decision, msgspec.json.encode(told)[1:])
        return known[1]

    def _health(self) -> Reply:
        """No personal data: for load balancers and monitors, without a token."""
        engine, log = self.engine, self.engine.log
        told = {
            "status": "ok" if log.error is None else "unwritable",
            "kernel": "compiled" if engine.kernel.compiled else "python",
            "rules": {"name": engine.program.name, "digest": engine.program.digest},
            "judged": engine.kernel.judged,
            "repeated": self.repeated,
            "refused": self.quarantine.by_code(),
            "received_at": engine.received_at,
            "log": {"position": log.position, "synced": log.synced},
            "after": self.followed(),
            "up_seconds": int(time.monotonic() - self._since),
        }
        return 200 if log.error is None else 503, _HEADERS, msgspec.json.encode(told)


def _refused(number: int, error: SekishoError) -> bytes:
    where = error.where if isinstance(error, Refusal) else ""
    told = {"index": number, "error": {"code": error.code, "where": where, "text": error.text.as_dict()}}
    return msgspec.json.encode(told)


def _require(headers: dict[bytes, bytes], *kinds: bytes) -> bytes:
    """The media type of the body, one of these. Raises WrongMediaType."""
    given = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if given not in kinds:
        wanted = ", ".join(kind.decode() for kind in kinds)
        raise WrongMediaType(wanted=wanted, given=given.decode("ascii", "replace")[:100])
    return given


def _apart(body: bytes, *, lines: bool) -> list[bytes]:
    """The events of a batch, each still as it came. Raises NotABatch, TooManyEvents."""
    each: list[bytes]
    if lines:
        each = [line for line in body.split(b"\n") if line.strip()]
    elif body.lstrip()[:1] != b"[":
        each = [body]
    else:
        try:
            each = [bytes(raw) for raw in msgspec.json.decode(body, type=list[msgspec.Raw])]
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise NotABatch from None
    if len(each) > MOST:
        raise TooManyEvents(most=MOST, count=len(each))
    return each


async def _body(headers: dict[bytes, bytes], receive: Receive, most: int) -> bytes:
    """Raises TooLarge, TooSlow."""
    length = headers.get(b"content-length", b"0")
    if length.isdigit() and int(length) > most:
        raise TooLarge(limit=most)
    message = await _next(receive)
    body = _bounded(message.get("body", b""), most)
    if not message.get("more_body"):
        return body
    try:
        async with asyncio.timeout(PATIENCE):
            while message.get("more_body"):
                message = await _next(receive)
                body = _bounded(body + message.get("body", b""), most)
    except TimeoutError:
        raise TooSlow(seconds=int(PATIENCE)) from None
    return body


async def _next(receive: Receive) -> MutableMapping[str, Any]:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise Gone
    return message


def _bounded(body: bytes, most: int) -> bytes:
    if len(body) > most:
        raise TooLarge(limit=most)
    return body
