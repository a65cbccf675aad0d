"""The proof that a line is in the tree of a signed checkpoint, made from stored nodes and checked before it is told."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from sekisho.kernel.errors import NotFound, SekishoError
from sekisho.kernel.texts import Text
from sekisho.ledger.append import NODE_BITS, envelope_of
from sekisho.ledger.keys import signer
from sekisho.ledger.models import Checkpoint, Leaf, Node
from sekisho.ledger.note import Verifier, open_note, parse_checkpoint
from sekisho.ledger.tree import inclusion_path, leaf_hash, node_hash, verify_inclusion


@dataclass(frozen=True)
class Proof:
    """A line against a checkpoint. `content`: its bytes still have the leaf's hash; `included`: the path leads to the
    signed root; `signed`: the checkpoint bears our signature. All three, or something was changed."""

    leaf: bytes
    content: bool
    size: int
    root: bytes
    path: tuple[bytes, ...]
    included: bool
    signed: bool

    @property
    def holds(self) -> bool:
        return self.content and self.included and self.signed


def newest_checkpoint() -> Checkpoint | None:
    return Checkpoint.objects.order_by("-size").first()


def proof_of(leaf: Leaf, checkpoint: Checkpoint) -> Proof:
    """The proof of a line (with its version) against a checkpoint of a tree that is large enough to hold it."""
    hashed = leaf_hash(envelope_of(leaf.version, leaf.at))
    try:
        _, size, root = parse_checkpoint(open_note(checkpoint.note, [Verifier(signer().vkey)]))
        signed = size == checkpoint.size
    except SekishoError:
        return Proof(hashed, hashed == bytes(leaf.hash), checkpoint.size, b"", (), False, False)
    path = inclusion_path(leaf.seq, size, subtree_root)
    included = verify_inclusion(hashed, leaf.seq, size, path, root)
    return Proof(hashed, hashed == bytes(leaf.hash), size, root, tuple(path), included, signed)


def subtree_root(level: int, index: int) -> bytes:
    """The root of the `index`-th aligned subtree of 2**level leaves: from the stored nodes below, else leaves."""
    stored = level - level % NODE_BITS
    first, count = index << (level - stored), 1 << (level - stored)
    if stored:
        rows = Node.objects.filter(level=stored, index__gte=first, index__lt=first + count).order_by("index")
    else:
        rows = Leaf.objects.filter(seq__gte=first, seq__lt=first + count).order_by("seq")  # type: ignore[assignment]
    hashes = [bytes(h) for h in rows.values_list("hash", flat=True)]
    if len(hashes) != count:
        return b""  # something is gone: no path leads to the root then
    while len(hashes) > 1:
        hashes = [node_hash(a, b) for a, b in zip(hashes[::2], hashes[1::2], strict=True)]
    return hashes[0]


def told(seq: int) -> dict[str, object]:
    """A line's entry, hash and path (base64, lowest first) with the newest checkpoint: what an outsider checks."""
    leaf = Leaf.objects.select_related("version").filter(seq=seq).first()
    checkpoint = newest_checkpoint()
    if leaf is None or checkpoint is None or checkpoint.size <= seq:
        raise NotFound(what=Text(f"台帳の {seq} 行目", f"Line {seq} of the ledger"))
    proof = proof_of(leaf, checkpoint)
    return {
        "seq": seq,
        "entry": envelope_of(leaf.version, leaf.at).decode(),
        "hash": proof.leaf.hex(),
        "path": [base64.b64encode(h).decode("ascii") for h in proof.path],
        "checkpoint": checkpoint.note,
        "holds": proof.holds,
    }
