"""Attach evidence files to a record: the contents go into the store, their hashes into the record's next version."""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from sekisho.access.rights import Actor, require_write
from sekisho.kernel.errors import Invalid, NotFound
from sekisho.kernel.texts import Text
from sekisho.ledger.evidence import store
from sekisho.records.fields import clean
from sekisho.records.record import Record
from sekisho.workflows.record import save_record

MOST_FILES = 10  # at a time
_LONGEST_NAME = 150
_NO_FILE = Text("ファイルを選んでください。", "Choose a file.")
_EMPTY = Text("「{name}」は空のファイルです。", "'{name}' is empty.")
_TOO_MANY = Text("一度に添付できるのは {most} 件までです。", "Attach at most {most} files at a time.")

File = tuple[str, bytes]  # name as given, content


def attach(
    actor: Actor,
    model: type[Record],
    key: str,
    files: Sequence[File],
    *,
    reason: str = "",
    expected_ver: int | None = None,
) -> Record:
    """Attach files to a record that stands. Raises Refused, NotFound, Invalid, Conflict, NeedsApproval."""
    require_write(actor, model)
    standing = model.objects.filter(pk=key).first()
    if standing is None:
        raise NotFound(what=f"{model.about.name}:{key}")
    together = with_files(standing.evidence, kept(files))
    seen = standing.ver if expected_ver is None else expected_ver
    return save_record(actor, model, key, {"evidence": together}, expected_ver=seen, reason=reason)


def kept(files: Sequence[File]) -> list[dict[str, Any]]:
    """Put the contents into the store; what the record keeps of each: sha256, name, type, size. Raises Invalid."""
    if not files:
        raise Invalid({"evidence": [_NO_FILE]})
    if len(files) > MOST_FILES:
        raise Invalid({"evidence": [_TOO_MANY.format(most=MOST_FILES)]})
    if empty := [file_name(name) for name, content in files if not content]:
        raise Invalid({"evidence": [_EMPTY.format(name=name) for name in empty]})
    return [_entry(file_name(name), content) for name, content in files]


def with_files(before: list[dict[str, Any]] | None, more: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The files of a record and more of them; the same content under the same name once."""
    found = {(e["sha256"], e["name"]): e for e in [*(before or []), *more]}
    return list(found.values())


def file_name(given: str) -> str:
    """A name without folders and control characters, short enough for any system; its ending is kept."""
    flat = " ".join(clean(given.replace("\\", "/")).split())
    path = PurePosixPath(flat)
    name = path.name.strip(". ") or "file"
    if len(name) <= _LONGEST_NAME:
        return name
    ending = path.suffix[:10]
    return name[: _LONGEST_NAME - len(ending)] + ending


def _entry(name: str, content: bytes) -> dict[str, Any]:
    guessed, _ = mimetypes.guess_type(name)
    return {
        "sha256": store(content),
        "name": name,
        "type": guessed or "application/octet-stream",
        "size": len(content),
    }
