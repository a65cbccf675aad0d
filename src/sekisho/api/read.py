"""Requests, read strictly: bodies and queries into shapes, and the version that a writer has seen."""

from __future__ import annotations

from typing import Any, TypeVar

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from ninja.parser import Parser
from pydantic import BaseModel, ValidationError

from sekisho.api.errors import Malformed, Place, Stale, TooLarge, VersionNeeded, WrongMediaType
from sekisho.api.words import UNKNOWN_PARAMETER, malformed
from sekisho.connectors.language import decode_strict
from sekisho.kernel.errors import NotFound
from sekisho.kernel.texts import Text
from sekisho.records.fields import clean
from sekisho.records.record import Record

JSON = "application/json"
DEEPEST = 16
_REPEATED = Text("一度だけ指定してください。", "Give it once.")
Shape = TypeVar("Shape", bound=BaseModel)


class StrictParser(Parser):
    """JSON as RFC 8259 and I-JSON have it: in UTF-8, no member twice, no NaN, bounded in size and depth."""

    def parse_body(self, request: HttpRequest) -> Any:
        return json_of(request)


def json_of(request: HttpRequest) -> Any:
    """The JSON value of the body. Raises WrongMediaType, TooLarge, Unreadable."""
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
    try:
        body = request.body
    except RequestDataTooBig as error:
        raise TooLarge(limit=most) from error
    if request.content_type != JSON:
        raise WrongMediaType(wanted=JSON, given=(request.content_type or "")[:100])
    return decode_strict(body, max_bytes=most, max_depth=DEEPEST)


def read_body(request: HttpRequest, shape: type[Shape]) -> Shape:
    """The body as the shape. Raises Malformed and what `json_of` raises."""
    try:
        return shape.model_validate(json_of(request))
    except ValidationError as error:
        raise malformed("body", error) from None


def read_query(request: HttpRequest, shape: type[Shape]) -> Shape:
    """The query string as the shape; parameters that are not lists stand once. Raises Malformed."""
    given: dict[str, Any] = {}
    wrong: list[Place] = []
    for name, values in request.GET.lists():
        field = shape.model_fields.get(name)
        if field is None:
            wrong.append(Place("query", name, UNKNOWN_PARAMETER))
        elif (field.json_schema_extra or {}).get("x-list"):  # type: ignore[union-attr]
            given[name] = values
        elif len(values) > 1:
            wrong.append(Place("query", name, _REPEATED))
        else:
            given[name] = values[0]
    if wrong:
        raise Malformed(wrong)
    try:
        return shape.model_validate(given)
    except ValidationError as error:
        raise malformed("query", error) from None


# --- keys and versions ------------------------------------------------------------------------------------------


def key_in(model: type[Record], key: str) -> str:
    """A key as it may stand in an address. Raises NotFound for what no record can have."""
    if not key or len(key) > 64 or clean(key) != key:
        raise NotFound(what=Text(f"この{model.about.ja}", f"That {model.about.en.lower()}"))
    return key


def etag(ver: int) -> str:
    return f'"{ver}"'


def version_of(model: type[Record], key: str) -> int:
    """The version of a record that stands. Raises NotFound."""
    ver = model.objects.filter(pk=key_in(model, key)).values_list("ver", flat=True).first()
    if ver is None:
        raise NotFound(what=f"{model.about.name}:{key}")
    return int(ver)


def seen_version(request: HttpRequest, model: type[Record], key: str) -> int:
    """The version that If-Match names. Raises VersionNeeded, NotFound, and Stale where another one stands."""
    given = request.headers.get("If-Match", "").strip()
    if not given or given == "*":
        raise VersionNeeded
    standing = version_of(model, key)
    if etag(standing) not in [tag.strip() for tag in given.split(",")]:
        raise Stale(now=etag(standing))
    return standing


def creates(request: HttpRequest) -> bool:
    """Whether the caller says that there is no such record yet."""
    return request.headers.get("If-None-Match", "").strip() == "*"


def is_known(request: HttpRequest, tag: str) -> bool:
    """Whether the caller has this state already (If-None-Match of a read)."""
    given = [t.strip().removeprefix("W/") for t in request.headers.get("If-None-Match", "").split(",")]
    return tag in given or "*" in given
