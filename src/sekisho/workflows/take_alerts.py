"""What a monitoring tool sends becomes incident drafts; a person decides what they are.

The original bytes are kept as evidence, and each delivery leaves its line in the ledger (kind `evidence`). The same
event is one draft, however often and whenever it arrives: its key is made from the tool and the tool's own key.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sekisho.access.rights import Actor, require_write
from sekisho.connectors.contents import tool as tool_named
from sekisho.connectors.language import IncidentDraft, Problem, Reading
from sekisho.kernel import clock
from sekisho.kernel.errors import Conflict
from sekisho.kernel.texts import Text
from sekisho.ledger import evidence
from sekisho.ledger.models import Version
from sekisho.records.models import Incident, System
from sekisho.records.record import Values
from sekisho.workflows.act import Act, act

TRIES = 5  # against deliveries of the same events at the same instant
EARLIEST = datetime(2000, 1, 1, tzinfo=clock.JAPAN).astimezone(UTC)
LATEST = datetime(2099, 12, 31, 23, 59, 59, 999_999, tzinfo=clock.JAPAN).astimezone(UTC)
NOTES_AT_MOST = 20_000  # characters, as in every long text
_TOLD_AT_MOST = 200  # problems and losses in the ledger's line, each; the original tells the rest
_SOME = 5_000  # keys in one question to the database


@dataclass(frozen=True)
class Taken:
    """What became of a delivery: the keys of drafts made, of incidents known already, and of those of either that the
    tool reports resolved and that a note was added to. `sha256` is the original's."""

    created: tuple[str, ...]
    known: tuple[str, ...]
    resolved_notes: tuple[str, ...]
    problems: tuple[Problem, ...]
    losses: tuple[Text, ...]
    sha256: str


def take(actor: Actor, tool_id: str, data: bytes) -> Taken:
    """Take one delivery of a tool. Raises NotFound (the tool), Refused, and Unreadable, which leaves nothing behind."""
    tool = tool_named(tool_id)
    require_write(actor, Incident)
    reading = tool.parse(data)
    file = {
        "sha256": evidence.store(data), "name": f"{tool_id}.json", "type": "application/json", "size": len(data),
    }  # fmt: skip
    for attempt in range(TRIES):
        try:
            return _take(actor, tool_id, reading, file)
        except Conflict:  # another delivery made the same draft first: it is known now
            if attempt == TRIES - 1:
                raise
    raise AssertionError("unreachable")


def key_of(draft: IncidentDraft) -> str:
    """The incident's key: the same for the same event, and no number that `next_keys` would count on from."""
    digest = hashlib.sha256(f"{draft.source}\0{draft.source_key}".encode()).digest()
    return f"{Incident.about.prefix}-T{base64.b32encode(digest[:10]).decode('ascii')}"


def _take(actor: Actor, tool_id: str, reading: Reading, file: dict[str, Any]) -> Taken:
    by_key = {key_of(draft): draft for draft in reading.drafts}
    with act("take_alerts", actor.by, tool_id) as doing:
        known = _known(tool_id, by_key)
        new = [key for key in by_key if key not in known]
        systems = _systems()
        doing.put_new(Incident, [(key, _values(by_key[key], systems, file)) for key in new])
        noted = [
            standing
            for key, standing in known.items()
            if by_key[key].status == "resolved" and _note_resolved(doing, standing, by_key[key], file)
        ]
        taken = Taken(
            tuple(new), tuple(known.values()), tuple(noted), reading.problems, reading.losses, file["sha256"]
        )
        doing.note("evidence", doing.id, _line(tool_id, taken, file))
    return taken


def _known(tool_id: str, by_key: dict[str, IncidentDraft]) -> dict[str, str]:
    """Draft key to the key of the incident that is known of the same event, removed ones included."""
    found: dict[str, str] = {}
    for some in _parts(list(by_key)):
        lines = Version.objects.filter(kind="incident", ver=1, rec__in=some)
        found |= {rec: rec for rec in lines.values_list("rec", flat=True)}
    by_source = {draft.source_key: key for key, draft in by_key.items()}
    for some in _parts(list(by_source)):
        rows = Incident.objects.filter(source=tool_id, source_key__in=some).order_by("-pk")
        found |= {by_source[source_key]: pk for pk, source_key in rows.values_list("pk", "source_key")}
    return {key: found[key] for key in by_key if key in found}


def _parts(keys: list[str]) -> Iterable[list[str]]:
    return (keys[start : start + _SOME] for start in range(0, len(keys), _SOME))


def _systems() -> dict[str, tuple[str, str | None]]:
    """Systems (key, unit) by key and by name; a name that two bear names none."""
    rows = list(System.objects.values_list("pk", "name", "unit_id"))
    names = [name for _, name, _ in rows]
    found: dict[str, tuple[str, str | None]] = {}
    found |= {name: (key, unit) for key, name, unit in rows if names.count(name) == 1}
    return found | {key: (key, unit) for key, _, unit in rows}


def _values(draft: IncidentDraft, systems: dict[str, tuple[str, str | None]], file: dict[str, Any]) -> Values:
    system, unit = systems.get(draft.system_hint, (None, None))
    return {
        "title": draft.title,
        "kind": "failure",
        "severity": draft.severity,
        "state": "draft",
        "systems": [system] if system else None,
        "unit": unit,
        "detected_at": min(max(draft.detected_at, EARLIEST), LATEST),
        "source": draft.source,
        "source_key": draft.source_key,
        "notes": _notes(draft),
        "evidence": [file],
    }


def _notes(draft: IncidentDraft) -> str:
    """What the tool said, for the person who decides: notices first, then its fields as they stood."""
    lines = [_both(notice) for notice in draft.notices]
    if not EARLIEST <= draft.detected_at <= LATEST:
        lines.append(_both(_OUT_OF_RANGE.format(at=clock.iso(draft.detected_at))))
    if draft.ended_at:
        lines.append(_both(_ENDED.format(at=clock.iso(draft.ended_at))))
    for texts in (draft.details, draft.labels, draft.given):
        lines += [f"{name}: {value}" for name, value in texts.items()]
    return _bounded("\n".join(lines))


def _note_resolved(doing: Act, key: str, draft: IncidentDraft, file: dict[str, Any]) -> bool:
    """Add to an incident that is not over that its tool reports it resolved: once, and nothing is closed by it."""
    incident = Incident.objects.select_for_update().filter(pk=key).first()
    if incident is None or incident.state not in ("draft", "open"):
        return False
    kept = incident.evidence or []
    ended = clock.iso(draft.ended_at) if draft.ended_at else "?"
    line = _both(_RESOLVED.format(source=draft.source, at=ended))
    if line in (incident.notes or "") or any(e["sha256"] == file["sha256"] for e in kept):
        return False
    notes = _bounded(f"{line}\n{incident.notes or ''}".strip())
    doing.put(Incident, key, {"notes": notes, "evidence": [*kept, file]}, expected_ver=incident.ver)
    return True


def _line(tool_id: str, taken: Taken, file: dict[str, Any]) -> dict[str, Any]:
    """What the ledger keeps of a delivery."""
    return file | {
        "tool": tool_id,
        "created": list(taken.created),
        "known": list(taken.known),
        "resolved": list(taken.resolved_notes),
        "problem_count": len(taken.problems),
        "problems": [{"where": p.where, "text": p.text.as_dict()} for p in taken.problems[:_TOLD_AT_MOST]],
        "losses": [loss.as_dict() for loss in taken.losses[:_TOLD_AT_MOST]],
    }


_OUT_OF_RANGE = Text(
    "検知日時は {at} と報告されています（2000年から2099年の範囲外のため、端の日時で記録）。",
    "It was reported as detected at {at}, outside 2000 to 2099; the nearest instant within is recorded.",
)
_ENDED = Text("終了日時の報告: {at}", "Reported as ended at {at}")
_RESOLVED = Text(
    "{source} は解消したと報告しています（{at}）。自動では終結しません。担当者が判断してください。",
    "{source} reports it resolved ({at}). Nothing is closed by that: a person decides.",
)


def _both(text: Text) -> str:
    return f"{text.ja} / {text.en}"


def _bounded(text: str) -> str:
    return text if len(text) <= NOTES_AT_MOST else text[: NOTES_AT_MOST - 1] + "…"
