"""Evidence files of a record: shown with their hashes, checked when shown and when fetched, attached by an act."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST

from sekisho.kernel.errors import Conflict, Invalid, NotFound, SekishoError
from sekisho.kernel.texts import Text
from sekisho.ledger import evidence as store
from sekisho.records.record import Record
from sekisho.records.register import Row, history, one
from sekisho.web.entry import past, readable, reader, writable
from sekisho.web.forms import in_words, reason_of
from sekisho.web.templatetags.sekisho import door, say
from sekisho.workflows.approve import ask
from sekisho.workflows.attach import MOST_FILES, File, attach, kept, with_files
from sekisho.workflows.record import NeedsApproval

CHECKED_BYTES = 10 * 1024 * 1024  # as much of a record's files is read again whenever its page is shown
INTACT, MISSING, CHANGED, UNCHECKED = "intact", "missing", "changed", "unchecked"
_ATTACHED = Text("証跡を添付しました。", "The evidence is attached.")
_ASKED = Text("証跡の添付を {key} として申請しました。", "The evidence is submitted for approval as {key}.")
_CHANGED_MEANWHILE = Text(
    "ほかの人が先に変更しました。内容を確かめて、もう一度添付してください。",
    "Somebody else changed the record first. Look at it, then attach the file again.",
)


@dataclass(frozen=True)
class KeptFile:
    """A file that a record keeps, and whether its content is still what was kept."""

    name: str
    type: str
    size: int
    sha256: str
    state: str


def kept_files(row: Row) -> list[KeptFile]:
    """The files of a record. The first of them, up to CHECKED_BYTES in all, are read and compared with their hashes."""
    found, left = [], CHECKED_BYTES
    for entry in row.values.get("evidence") or []:
        left -= entry["size"]
        state = _state(entry["sha256"]) if left >= 0 else UNCHECKED
        found.append(KeptFile(entry["name"], entry["type"], entry["size"], entry["sha256"], state))
    return found


def _state(digest: str) -> str:
    try:
        store.read(digest)
    except NotFound:
        return MISSING
    except SekishoError:
        return CHANGED
    return INTACT


@require_GET
def evidence(request: HttpRequest, kind: str, key: str, sha256: str) -> HttpResponse:
    """The content, always as a download, never run or shown by the browser. Raises where it is not what was kept."""
    model = readable(request, kind)
    name = _name_of(request, model, key, sha256)
    return HttpResponse(
        store.read(sha256),
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": content_disposition_header(True, name) or "attachment",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "private, no-store",
        },
    )


def _name_of(request: HttpRequest, model: type[Record], key: str, sha256: str) -> str:
    """The name under which the record, or an earlier version of it, keeps the content. Raises NotFound."""
    then = past(request)
    one(model, key, then=then)
    for change in history(model, key, then=then):
        for entry in change.values.get("evidence") or []:
            if entry["sha256"] == sha256:
                return str(entry["name"])
    raise NotFound(what=f"SHA-256 {sha256}")


@require_POST
def evidence_add(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    model = writable(request, kind)
    reason = reason_of(request.POST)
    try:
        files = uploaded(request)
        try:
            attach(reader(request), model, key, files, reason=reason)
            messages.success(request, say(_ATTACHED))
        except NeedsApproval:
            return _asked(request, model, key, files, reason)
    except Invalid as wrong:
        told = [in_words(model, text) for texts in wrong.problems.values() for text in texts]
        messages.error(request, " ".join(told))
    except Conflict as late:
        messages.error(request, say(_CHANGED_MEANWHILE if type(late) is Conflict else late.text))
    return redirect("record", kind, key)


def _asked(
    request: HttpRequest, model: type[Record], key: str, files: list[File], reason: str
) -> HttpResponse:
    standing = one(model, key)
    values = {"evidence": with_files(standing.values["evidence"], kept(files))}
    approval = ask(reader(request), model, key, values, reason, expected_ver=standing.ver)
    messages.success(request, say(_ASKED.format(key=approval.key)))
    return redirect(door("approval", approval.key) or door("record", model.about.name, key))


def uploaded(request: HttpRequest, name: str = "files") -> list[File]:
    """The files that a form sent. Raises before an oversized one is read."""
    given: list[UploadedFile[Any]] = request.FILES.getlist(name)[: MOST_FILES + 1]
    for file in given:
        if (file.size or 0) > store.MAX_BYTES:
            raise store.EvidenceTooLarge(limit=store.MAX_BYTES // 1024 // 1024)
    return [(file.name or "", file.read()) for file in given]
