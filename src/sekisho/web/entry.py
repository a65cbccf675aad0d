"""What every page of records begins with: the kind, the right to it, and the facts of the moment that is shown."""

from __future__ import annotations

from django.http import HttpRequest

from sekisho.access.rights import Actor, may_write, require_read, require_write
from sekisho.records.contents import kind_named
from sekisho.records.facts import Facts
from sekisho.records.record import Record
from sekisho.web.middleware import PastIsPast
from sekisho.web.seen import facts

KEPT_BY_ACTS = ("approval",)  # kinds that no form writes


def reader(request: HttpRequest) -> Actor:
    """Who looks at the page."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def readable(request: HttpRequest, kind: str) -> type[Record]:
    """The kind, if the reader may read it. Raises NotFound, Refused."""
    model = kind_named(kind)
    require_read(reader(request), model)
    return model


def writable(request: HttpRequest, kind: str) -> type[Record]:
    """The kind, if the reader may write it now. Raises NotFound, Refused, PastIsPast."""
    model = readable(request, kind)
    require_write(reader(request), model)
    if not request.moment.is_now:  # type: ignore[attr-defined]
        raise PastIsPast
    return model


def may_edit(request: HttpRequest, model: type[Record]) -> bool:
    """Whether the page offers to change records of the kind."""
    is_now = bool(request.moment.is_now)  # type: ignore[attr-defined]
    return is_now and model.about.name not in KEPT_BY_ACTS and may_write(reader(request), model)


def past(request: HttpRequest) -> Facts | None:
    """The facts by which registers are read; None for what is recorded now (a day to come is judged by that too)."""
    return facts(request) if request.moment.known_at else None  # type: ignore[attr-defined]
