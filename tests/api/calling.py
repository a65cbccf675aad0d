"""Calls of the API in tests: a caller is a person of the cast with a token, or a service."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.test import Client

from sekisho.access.tokens import issue
from sekisho.kernel import clock

DAY = timedelta(days=1)


@dataclass
class Answer:
    """An answer: its status, headers, and JSON (None where it has none)."""

    status: int
    headers: Any
    raw: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.raw) if self.raw else None

    @property
    def code(self) -> str:
        """The problem's code; fails where the answer is no problem."""
        assert self.headers["Content-Type"] == "application/problem+json", (self.status, self.raw[:500])
        assert self.json["status"] == self.status
        return str(self.json["code"])

    @property
    def etag(self) -> str:
        return str(self.headers["ETag"])


@dataclass
class Caller:
    """`secret` empty: nobody."""

    secret: str = ""
    language: str = ""
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """`body`: sent as JSON, bytes as they are. Header names with underscores."""
        given = {"Accept-Language": self.language} if self.language else {}
        if self.secret:
            given["Authorization"] = f"Bearer {self.secret}"
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        content_type = given.pop("Content-Type", "application/json")
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        url = path if path.startswith("/") else f"/api/{path}"
        response = self.client.generic(method, url, data, content_type=content_type, headers=given)
        raw = b"".join(response) if response.streaming else response.content
        return Answer(response.status_code, response.headers, raw)

    def get(self, path: str, **headers: str) -> Answer:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.call("POST", path, body, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.call("PUT", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.call("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Answer:
        return self.call("DELETE", path, **headers)


def token_of(member: Any, **bounds: Any) -> Caller:
    """A caller with a token of a person of the cast."""
    _, secret = issue(
        label="test", by=member.by, account=member.account, expires_at=clock.now() + DAY, **bounds
    )
    return Caller(secret)


def service(name: str = "monitoring", *, reads: Any = (), writes: Any = ()) -> Caller:
    _, secret = issue(
        label="test",
        by="operator:test",
        service=name,
        expires_at=clock.now() + DAY,
        reads=reads,
        writes=writes,
    )
    return Caller(secret)
