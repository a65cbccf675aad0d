"""Where the events of a story happened, as numbered places that are joined in order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sekisho.watch.twin_steps import kilometres
from sekisho.web.watching.story import instant, strongest

SAME_KM: Final = 25.0  # as near as a city is wide


@dataclass(slots=True)
class Place:
    """A stay: events one after another at about the same point. `far_km`: from the place before it."""

    number: int
    lat: float
    lon: float
    country: str
    first_at: datetime
    last_at: datetime
    far_km: int | None = None
    networks: list[str] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)

    @property
    def action(self) -> str:
        """The strongest answer that was given there."""
        return strongest(self.actions)

    @property
    def events(self) -> int:
        return len(self.actions)


def places(rows: Iterable[dict[str, Any]]) -> list[Place]:
    """The stays of events (any order), the oldest first; what has no coordinates is on no map."""
    found: list[Place] = []
    for row in sorted(rows, key=lambda row: int(row["position"])):
        lat, lon = row["lat"], row["lon"]
        if lat is None or lon is None:
            continue
        at = instant(row["at"])
        before = found[-1] if found else None
        far = kilometres(before.lat, before.lon, lat, lon) if before else 0.0
        if before is None or far > SAME_KM:
            before = Place(
                len(found) + 1, lat, lon, row["country"] or "", at, at, round(far) if before else None
            )
            found.append(before)
        before.last_at = at
        before.actions.append(row["action"])
        if row["network"] and row["network"] not in before.networks:
            before.networks.append(row["network"])
    return found


def drawn(found: list[Place], words: dict[str, str]) -> dict[str, Any]:
    """What the map draws: points with the numbers of the stays there, and the points in the order of the stays.

    `words`: of each action, in the reader's language.
    """
    points: list[list[Place]] = []
    way: list[int] = []
    for place in found:
        at = next((n for n, stays in enumerate(points) if _near(stays[0], place)), None)
        if at is None:
            at = len(points)
            points.append([])
        points[at].append(place)
        way.append(at)
    return {"points": [_point(stays, words) for stays in points], "way": way}


def _near(place: Place, other: Place) -> bool:
    return kilometres(place.lat, place.lon, other.lat, other.lon) <= SAME_KM


def _point(stays: list[Place], words: dict[str, str]) -> dict[str, Any]:
    action = strongest([stay.action for stay in stays])
    return {
        "numbers": [stay.number for stay in stays], "lat": stays[0].lat, "lon": stays[0].lon,
        "country": stays[0].country, "action": action, "word": words.get(action, action),
        "events": sum(stay.events for stay in stays),
    }  # fmt: skip
