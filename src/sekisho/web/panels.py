"""What a record's page shows beside what all records have: a panel of its kind, where the kind has one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest

from sekisho.kernel.texts import Text
from sekisho.records.models import Release
from sekisho.web.seen import actor_of, may_see_state
from sekisho.workflows.gate import gate_of


@dataclass(frozen=True)
class Panel:
    """A card: its name in the page, its heading, the template of its body, and what that tells of."""

    name: str
    heading: Text
    template: str
    told: object


def panel_of(request: HttpRequest, kind: str, key: str) -> Panel | None:
    """The panel of the record. What is asked of now has no place on a page of another day."""
    make = _PANELS.get(kind)
    is_now = bool(request.moment.is_now)  # type: ignore[attr-defined]
    return make(key) if make and is_now and may_see_state(actor_of(request)) else None


def _gate(key: str) -> Panel:
    return Panel("gate", Text("ゲート", "Gate"), "parts/record_gate.html", gate_of(key))


_PANELS: dict[str, Callable[[str], Panel]] = {Release.about.name: _gate}
