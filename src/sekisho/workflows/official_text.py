"""The rule's official text, imported from the member's own copy: kept as evidence, each import a line of the ledger.

The text belongs to the association and is not part of the product. An edition is kept under the SHA-256 of its
canonical JSON; the ledger's line names that, the file it came from, and what the edition says of itself.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from sekisho.access.rights import Actor, role_names
from sekisho.kernel.errors import Refused
from sekisho.ledger import evidence
from sekisho.ledger.canonical import canonical
from sekisho.ledger.models import Leaf, Version
from sekisho.records.roles import SECRETARIAT
from sekisho.rulebook.contents import clauses
from sekisho.rulebook.language import Clause
from sekisho.rulebook.official import Change, Edition, Part, compare, read_text, split
from sekisho.workflows.act import act

KIND = "official_text"


@dataclass(frozen=True)
class Import:
    """One import as the ledger tells of it."""

    sha256: str
    at: datetime
    by: str
    file: str
    title: str
    amended_on: tuple[date, ...]


@dataclass(frozen=True)
class Imported:
    """What an import brought: the changes against the edition before (none: it is the first), and whether it is new.

    `lacking`: our clauses that the edition has no words for.
    """

    edition: Edition
    before: Edition | None
    changes: tuple[Change, ...]
    lacking: tuple[str, ...]
    is_new: bool


def read_edition(path: Path) -> Edition:
    """The edition in a file, split at its citations. Raises OfficialTextError."""
    return split(read_text(path))


def import_text(actor: Actor, path: Path, reason: str = "") -> Imported:
    """Keep the edition in a file as the one in use. The same edition as before leaves no line. Raises Refused."""
    if not (actor.operator or actor.holds(SECRETARIAT)):
        raise Refused(roles=role_names(SECRETARIAT))
    edition, before = read_edition(path), current()
    lacking = edition.lacking(c.citation for c in clauses())
    if before == edition:
        return Imported(edition, before, (), lacking, is_new=False)
    changes = compare(before, edition) if before else ()
    digest = evidence.store(_to_bytes(edition))
    with act("import_official_text", actor.by, reason) as doing:
        file = {"name": path.name[:200], "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
        doing.note(KIND, doing.id, {"sha256": digest, "file": file, **_heading(edition)})
    return Imported(edition, before, changes, lacking, is_new=True)


def current(size: int | None = None) -> Edition | None:
    """The edition imported last; with `size`, when the ledger had so many lines. None where there is none."""
    newest = _versions(size).first()
    return edition_of(json.loads(bytes(newest.body))["sha256"]) if newest else None


def imports() -> list[Import]:
    """Every import, newest first."""
    return [_import(version) for version in _versions(None)]


@lru_cache(maxsize=8)
def edition_of(sha256: str) -> Edition:
    """The edition that is kept under a digest. Raises where it is missing, or no longer what was kept."""
    return _from_bytes(evidence.read(sha256))


def concerned(changes: Iterable[Change]) -> list[tuple[Change, list[Clause]]]:
    """Each change with our clauses whose checks a person must look at again."""
    known = clauses()
    return [(change, [c for c in known if _touches(change, c.citation)]) for change in changes]


def _touches(change: Change, citation: str) -> bool:
    """Whether the change is of the clause's own words, or of the part that it stands in."""
    parts = {change.citation, change.moved_from} - {""}
    return any(citation == part or citation.startswith(part + "-") for part in parts)


def _versions(size: int | None) -> Any:
    rows = Version.objects.filter(kind=KIND, op="note").order_by("-pk")
    if size is None:
        return rows
    return rows.filter(pk__in=Leaf.objects.filter(kind=KIND, seq__lt=size).values("version"))


def _import(version: Version) -> Import:
    body = json.loads(bytes(version.body))
    amended = tuple(date.fromisoformat(day) for day in body["amended_on"])
    return Import(body["sha256"], version.made_at, version.by, body["file"]["name"], body["title"], amended)


def _heading(edition: Edition) -> dict[str, Any]:
    return {
        "title": edition.title,
        "enacted_on": edition.enacted_on.isoformat() if edition.enacted_on else None,
        "amended_on": [day.isoformat() for day in edition.amended_on],
        "parts": len(edition.parts) + len(edition.supplementary),
    }


def _to_bytes(edition: Edition) -> bytes:
    parts = {name: [asdict(p) for p in getattr(edition, name)] for name in ("parts", "supplementary")}
    return canonical(_heading(edition) | {"preamble": edition.preamble} | parts)


def _from_bytes(content: bytes) -> Edition:
    kept = json.loads(content)
    return Edition(
        title=kept["title"],
        enacted_on=date.fromisoformat(kept["enacted_on"]) if kept["enacted_on"] else None,
        amended_on=tuple(date.fromisoformat(day) for day in kept["amended_on"]),
        parts=tuple(Part(**part) for part in kept["parts"]),
        supplementary=tuple(Part(**part) for part in kept["supplementary"]),
        preamble=kept["preamble"],
    )
