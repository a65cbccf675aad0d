"""The ledger: its newest lines, one line with its proof, and the signed checkpoints. Personal values never show."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sekisho.access.oversight import OVERSIGHT, hidden_kinds
from sekisho.access.rights import Actor, role_names
from sekisho.kernel.errors import NotFound, Refused
from sekisho.kernel.texts import Text
from sekisho.ledger.keys import signer
from sekisho.ledger.models import Checkpoint, Leaf
from sekisho.ledger.proof import newest_checkpoint, proof_of
from sekisho.records.contents import KINDS, is_kind, kind_named
from sekisho.records.fields import clean
from sekisho.records.models import Person
from sekisho.records.register import key_of, titles
from sekisho.web.seen import actor_of, require_state, seen, then

LINES_A_PAGE = 50
NOTE_WORDS = {
    "act": Text("業務処理", "Act"),
    "account": Text("アカウント", "Account"),
    "token": Text("トークン", "Token"),
    "erasure": Text("個人情報の消去", "Erasure"),
    "evidence": Text("証跡ファイル", "Evidence"),
}
OPERATIONS = {
    "create": Text("登録", "Created"),
    "update": Text("変更", "Changed"),
    "delete": Text("削除", "Removed"),
    "note": Text("記載", "Noted"),
}


@dataclass(frozen=True)
class Line:
    """A line, ready to be read. `reference`: kind:key where it is a record's."""

    leaf: Leaf
    kind: Text
    operation: Text
    reference: str
    subject: Text
    by: Text


def ledger(request: HttpRequest) -> HttpResponse:
    """Newest first. `before`: lines before that place; `kind`, `by`, `act`: only those."""
    require_state(request)
    rows = _asked(request).order_by("-seq").select_related("version")[: LINES_A_PAGE + 1]
    leaves = list(rows)
    more = leaves[LINES_A_PAGE - 1].seq if len(leaves) > LINES_A_PAGE else None
    context = {
        "lines": _lines(request, leaves[:LINES_A_PAGE]),
        "more": more,
        "size": seen(request).size,
        "kinds": _kind_choices(actor_of(request)),
        "kind": request.GET.get("kind", ""),
        "by": request.GET.get("by", ""),
        "act": request.GET.get("act", ""),
        "before": request.GET.get("before", ""),
        "checkpoint": _checkpoint(request),
        "verifier": signer().vkey,
    }
    return render(request, "ledger.html", context)


def ledger_line(request: HttpRequest, seq: int) -> HttpResponse:
    """One line: its envelope, its body as it stands in the ledger, and its proof against the newest checkpoint."""
    require_state(request)
    leaf = _shown(request).filter(seq=seq).select_related("version").first()
    if leaf is None:
        raise NotFound(what=Text(f"台帳の行 #{seq}", f"The ledger line #{seq}"))
    if leaf.kind in hidden_kinds(actor_of(request)):
        raise Refused(roles=role_names(OVERSIGHT))
    checkpoint = _checkpoint(request)
    body = bytes(leaf.version.body)
    context = {
        "line": _lines(request, [leaf])[0],
        "leaf": leaf,
        "version": leaf.version,
        "body": json.dumps(json.loads(body), ensure_ascii=False, indent=2),
        "has_personal": b'{"$c":' in body,
        "body_hash": hashlib.sha256(body).hexdigest(),
        "leaf_hash": bytes(leaf.hash).hex(),
        "proof": proof_of(leaf, checkpoint) if checkpoint else None,
        "checkpoint": checkpoint,
        "previous": seq - 1 if seq else None,
        "next": seq + 1 if seq + 1 < seen(request).size else None,
    }
    return render(request, "ledger_line.html", context)


def ledger_checkpoint(request: HttpRequest, size: int) -> HttpResponse:
    """A signed checkpoint as a file: what an auditor keeps, so that a later ledger can be held against it."""
    require_state(request)
    found = Checkpoint.objects.filter(size=size, size__lte=seen(request).size).first()
    if found is None:
        raise NotFound(what=Text(f"大きさ {size} のチェックポイント", f"The checkpoint of size {size}"))
    name = f"sekisho-checkpoint-{size}.txt"
    return HttpResponse(
        found.note,
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _shown(request: HttpRequest) -> QuerySet[Leaf]:
    """The lines that were known at the moment that is shown."""
    return Leaf.objects.filter(seq__lt=seen(request).size)


def _asked(request: HttpRequest) -> QuerySet[Leaf]:
    rows = _shown(request)
    if hidden := hidden_kinds(actor_of(request)):
        rows = rows.exclude(kind__in=sorted(hidden))
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit():
        rows = rows.filter(seq__lt=min(int(before), 2**62))
    if kind := clean(request.GET.get("kind", "")):
        rows = rows.filter(kind=kind)
    if act := clean(request.GET.get("act", "")):
        rows = rows.filter(version__act_name=act)
    if by := clean(request.GET.get("by", "")):
        rows = rows.filter(version__by=by if ":" in by else f"person:{key_of(Person, by)}")
    return rows


def _checkpoint(request: HttpRequest) -> Checkpoint | None:
    if seen(request).known_at is None:
        return newest_checkpoint()
    return Checkpoint.objects.filter(size__lte=seen(request).size).order_by("-size").first()


def _kind_choices(actor: Actor) -> list[tuple[str, Text]]:
    hidden = hidden_kinds(actor)
    words = [(m.about.name, m.about.label) for m in KINDS] + list(NOTE_WORDS.items())
    return [(name, text) for name, text in words if name not in hidden]


def _lines(request: HttpRequest, leaves: list[Leaf]) -> list[Line]:
    records = [f"{leaf.kind}:{leaf.rec}" for leaf in leaves if is_kind(leaf.kind)]
    actors = [leaf.version.by for leaf in leaves if leaf.version.by.startswith("person:")]
    names: dict[str, Text] = titles(dict.fromkeys([*records, *actors]), then(request)) if leaves else {}
    return [_line(leaf, names) for leaf in leaves]


def _line(leaf: Leaf, names: dict[str, Text]) -> Line:
    reference = f"{leaf.kind}:{leaf.rec}" if is_kind(leaf.kind) else ""
    code: Any = leaf.version.by
    return Line(
        leaf,
        kind_named(leaf.kind).about.label
        if reference
        else NOTE_WORDS.get(leaf.kind, Text(leaf.kind, leaf.kind)),
        OPERATIONS.get(leaf.version.op, Text(leaf.version.op, leaf.version.op)),
        reference,
        names.get(reference, Text(leaf.rec, leaf.rec)),
        names.get(code, Text(code, code)),
    )
