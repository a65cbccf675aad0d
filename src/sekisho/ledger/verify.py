"""Verify the ledger that stands in the database: every line, root, signature, node, and what was kept outside.

The registers and evidence that rest on it are compared by `workflows/verify.py`, which knows the kinds.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from datetime import datetime

from sekisho.kernel.errors import SekishoError
from sekisho.ledger import anchor
from sekisho.ledger.append import NODE_BITS, envelope_of
from sekisho.ledger.faults import Report
from sekisho.ledger.keys import signer
from sekisho.ledger.models import Checkpoint, Head, Leaf, Node, Pending, Personal, Version
from sekisho.ledger.note import Verifier, open_note, parse_checkpoint
from sekisho.ledger.tree import Frontier, leaf_hash, node_hash

_CHUNK = 10_000


def verify(outside: list[tuple[str, str]] | None = None) -> Report:
    """Examine everything. `outside`: (name, note) of checkpoints kept elsewhere; the one in SEKISHO_HOME is added."""
    report = Report()
    kept = anchor.kept()
    notes = list(outside or []) + ([(str(anchor.path()), kept)] if kept else [])
    claims, sealed = _claims(report, notes)
    _Lines(report, claims).read()
    if sealed < report.entries:
        report.add("unsealed", entries=report.entries, covered=sealed)
    _unplaced(report)
    _personal(report)
    return report


Claim = tuple[int, bytes, str]  # size, root, who says so


def _claims(report: Report, outside: list[tuple[str, str]]) -> tuple[list[Claim], int]:
    """What signed checkpoints say, by size; and the largest size that the database's own say."""
    own = Verifier(signer().vkey)
    claims: list[Claim] = []
    sealed = 0
    for size, note in Checkpoint.objects.order_by("size").values_list("size", "note").iterator(_CHUNK):
        report.checkpoints += 1
        if opened := _opened(report, own, note, size):
            claims.append((*opened, "checkpoint"))
            sealed = max(sealed, opened[0])
            if opened[0] != size:
                report.add("signature_bad", size=size, why=f"size {opened[0]}")
    for name, note in outside:
        if opened := _opened(report, own, note, name):
            claims.append((*opened, name))
    return sorted(claims), sealed


def _opened(report: Report, own: Verifier, note: str, size: int | str) -> tuple[int, bytes] | None:
    try:
        origin, count, root = parse_checkpoint(open_note(note, [own]))
    except SekishoError as wrong:
        report.add("signature_bad", size=size, why=wrong.text)
        return None
    if origin != own.name:
        report.add("signature_bad", size=size, why=origin)
        return None
    return count, root


class _Lines:
    """One pass over the lines in their order, holding the tree against every claim on the way."""

    def __init__(self, report: Report, claims: list[Claim]) -> None:
        self.report = report
        self.claims = claims
        self.next_claim = 0
        self.good = 0
        self.tree = Frontier()
        self.hashes: list[bytes] = []
        self.vers: dict[tuple[str, str], int] = {}
        self.at: datetime | None = None
        self.node_parts: dict[int, list[bytes]] = {}
        self.nodes = {(n.level, n.index): bytes(n.hash) for n in Node.objects.iterator(_CHUNK)}

    def read(self) -> None:
        expected = 0
        for leaf, version in lines():
            if leaf.seq != expected:
                self.report.add("line_missing", first=expected, last=leaf.seq - 1)
            expected = leaf.seq + 1
            self._line(leaf, version)
        self.report.entries = expected
        self.report.records = len(self.vers)
        self._confirm(flush=True)
        for size, _, source in self.claims[self.next_claim :]:
            self.report.add("tail_missing", source=source, size=size, entries=expected)
        for level, index in sorted(set(self.nodes)):
            self.report.add("node_changed", level=level, index=index)
        self._head(expected)

    def _line(self, leaf: Leaf, version: Version | None) -> None:
        hashed = bytes(leaf.hash)
        place = {"seq": leaf.seq, "kind": leaf.kind, "rec": leaf.rec}
        if version is None:
            self.report.add("version_missing", **place)
        else:
            place |= {"ver": version.ver}
            if leaf_hash(envelope_of(version, leaf.at)) != hashed:
                self.report.add("version_changed", **place)
            if (leaf.kind, leaf.rec) != (version.kind, version.rec):
                self.report.add("label_changed", **place)
            record = (version.kind, version.rec)
            due = self.vers.get(record, 0) + 1
            if version.ver != due:
                self.report.add("version_order", **place, expected=due)
            self.vers[record] = version.ver
        if self.at and leaf.at < self.at:
            self.report.add("time_back", seq=leaf.seq)
        self.at = leaf.at
        self.hashes.append(hashed)
        self._node(NODE_BITS, hashed)
        self._confirm()

    def _confirm(self, *, flush: bool = False) -> None:
        """Hold the tree against the claims of this size."""
        size = self.tree.size + len(self.hashes)
        due = self.next_claim < len(self.claims) and self.claims[self.next_claim][0] == size
        if not (due or flush or len(self.hashes) >= _CHUNK):
            return
        self.tree.extend(self.hashes)
        self.hashes = []
        root = self.tree.root() if due else b""
        while self.next_claim < len(self.claims) and self.claims[self.next_claim][0] == size:
            _, claimed, _ = self.claims[self.next_claim]
            if claimed == root:
                self.good = size
            else:
                self.report.add("root_differs", size=size, after=self.good)
            self.next_claim += 1

    def _node(self, level: int, hashed: bytes) -> None:
        """Rebuild the stored nodes from the lines, and strike out those that agree."""
        parts = self.node_parts.setdefault(level, [])
        parts.append(hashed)
        if len(parts) < 1 << NODE_BITS:
            return
        while len(parts) > 1:
            parts = [node_hash(a, b) for a, b in zip(parts[::2], parts[1::2], strict=True)]
        self.node_parts[level] = []
        index = self.tree.size + len(self.hashes) >> level
        if self.nodes.get((level, index - 1)) == parts[0]:
            del self.nodes[(level, index - 1)]
        else:
            self.nodes.setdefault((level, index - 1), b"")
        self._node(level + NODE_BITS, parts[0])

    def _head(self, entries: int) -> None:
        head = Head.objects.filter(pk=1).first()
        size = head.size if head else 0
        frontier = bytes(head.frontier) if head else Frontier().to_bytes()
        if size != entries or frontier != self.tree.to_bytes():
            self.report.add("head_changed", size=size, entries=entries)


def lines(size: int | None = None) -> Iterator[tuple[Leaf, Version | None]]:
    """Every line with its version (None where it is gone), in order; by range, so that memory is bounded."""
    start = -1
    bound = {} if size is None else {"seq__lt": size}
    while True:
        leaves = list(Leaf.objects.filter(seq__gt=start, **bound).order_by("seq")[:_CHUNK])
        if not leaves:
            return
        versions = _versions(leaves)
        for leaf in leaves:
            yield leaf, versions.get(leaf.version_id)
        start = leaves[-1].seq


def _versions(leaves: list[Leaf]) -> dict[int, Version]:
    """The versions of a run of lines: one range where their ids are near one another, else by identity."""
    ids = sorted(leaf.version_id for leaf in leaves)
    if ids[-1] - ids[0] < 4 * len(ids):
        return {v.pk: v for v in Version.objects.filter(pk__gte=ids[0], pk__lte=ids[-1])}
    return Version.objects.in_bulk(ids)


def _unplaced(report: Report) -> None:
    """Versions that neither have a line nor wait for one."""
    waiting = Pending.objects.values("version")
    loose = Version.objects.filter(leaf__isnull=True).exclude(pk__in=waiting)
    for kind, rec, ver in loose.order_by("pk").values_list("kind", "rec", "ver").iterator(_CHUNK):
        report.add("version_unplaced", kind=kind, rec=rec, ver=ver)


def _personal(report: Report) -> None:
    for row in Personal.objects.iterator(_CHUNK):
        opened = hashlib.sha256(bytes(row.salt) + row.value.encode()).digest()
        if base64.b64encode(opened).decode("ascii") != row.commitment:
            report.add("personal_changed", commitment=row.commitment)
