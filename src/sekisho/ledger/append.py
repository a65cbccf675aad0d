"""Put lines into the ledger, and give them their places.

On SQLite a line gets its place in the transaction that writes it. On PostgreSQL writers only queue, and one sequencer
at a time, under an advisory lock, gives gap-free numbers (see `sequence`).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, models, transaction

from sekisho.kernel import clock
from sekisho.ledger import anchor
from sekisho.ledger.entry import Entry
from sekisho.ledger.keys import signer
from sekisho.ledger.models import Head, Leaf, Node, Pending, Version
from sekisho.ledger.note import checkpoint_text
from sekisho.ledger.tree import Frontier, leaf_hash, node_hash

ADVISORY_LOCK = 0x5EC15401  # any constant of our own; one sequencer at a time holds it
NODE_BITS = 8  # a stored node every 2**8 leaves, and every 2**8 nodes above
_BATCH = 5000
_INSERT_LEAF = (
    "INSERT INTO ledger_leaf (seq, version_id, kind, rec, at, hash) VALUES (%s, %s, %s, %s, %s, %s)"
)
_INSERT_CHECKPOINT = "INSERT INTO ledger_checkpoint (size, note, at) VALUES (%s, %s, %s)"
_INSERT_HEAD = "INSERT INTO ledger_head (id, size, frontier, at) VALUES (1, %s, %s, %s)"
_UPDATE_HEAD = "UPDATE ledger_head SET size = %s, frontier = %s, at = %s WHERE id = 1"


def append(entries: Iterable[Entry]) -> list[Version]:
    """Write lines in the transaction that is open; returns their rows, in order. Their places follow at its end."""
    rows = [Version(**{f: getattr(e, f) for f in Entry.__slots__}) for e in entries]
    Version.objects.bulk_create(rows, batch_size=_BATCH)
    if connection.vendor == "postgresql":
        Pending.objects.bulk_create([Pending(version_id=r.pk) for r in rows], batch_size=_BATCH)
    return rows


def place(versions: Sequence[Version]) -> None:
    """Give versions the next places, in order, and sign the tree that they make. In the open transaction."""
    if not versions:
        return
    head = next(iter(Head.objects.filter(pk=1)), None)
    frontier = Frontier.from_bytes(bytes(head.frontier)) if head else Frontier()
    at = max(clock.now(), head.at + timedelta(microseconds=1)) if head else clock.now()
    first = frontier.size
    hashes = [leaf_hash(_entry(version).envelope(at)) for version in versions]
    frontier.extend(hashes)
    stamp = connection.ops.adapt_datetimefield_value(at)
    with connection.cursor() as cursor:  # by hand: this stands in the way of every write
        cursor.executemany(
            _INSERT_LEAF,
            [
                (seq, version.pk, version.kind, version.rec, stamp, hashed)
                for seq, (version, hashed) in enumerate(zip(versions, hashes, strict=True), first)
            ],
        )
        _store_head(cursor, frontier, stamp, new=head is None)
    _store_nodes(first, frontier.size)


def sequence() -> int:
    """Place everything that waits (PostgreSQL); returns how many lines were placed.

    Does nothing while another sequencer holds the lock: that one places them.
    """
    if connection.vendor != "postgresql":
        return 0
    placed = 0
    while True:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ADVISORY_LOCK])
                if not cursor.fetchone()[0]:
                    return placed
            queued = list(Pending.objects.order_by("pk").values_list("pk", flat=True)[:_BATCH])
            waiting = list(Version.objects.filter(pk__in=queued).order_by("pk"))
            place(waiting)
            Pending.objects.filter(version__in=waiting).delete()
        placed += len(waiting)
        if len(waiting) < _BATCH:
            return placed


def _entry(version: Version) -> Entry:
    fields = {f: getattr(version, f) for f in Entry.__slots__}
    fields["body"] = bytes(fields["body"])
    return Entry(**fields)


def envelope_of(version: Version, at: datetime) -> bytes:
    """The bytes whose leaf hash stands in the tree for this version."""
    return _entry(version).envelope(at)


def _store_nodes(first: int, size: int) -> None:
    """Keep the roots of the full subtrees of 2**8, 2**16 ... leaves that leaves `first` to `size` completed."""
    level = NODE_BITS
    while size >> level:
        done, complete = first >> level, size >> level
        if complete == done:
            return
        Node.objects.bulk_create(
            [Node(level=level, index=i, hash=_root_below(level, i)) for i in range(done, complete)],
            batch_size=_BATCH,
        )
        level += NODE_BITS


def _root_below(level: int, index: int) -> bytes:
    """The root of 2**level leaves from the 2**8 hashes one stored level below."""
    width = 1 << NODE_BITS
    rows: models.QuerySet[Any]
    if level == NODE_BITS:
        rows = Leaf.objects.filter(seq__gte=index * width, seq__lt=(index + 1) * width).order_by("seq")
    else:
        rows = Node.objects.filter(
            level=level - NODE_BITS, index__gte=index * width, index__lt=(index + 1) * width
        ).order_by("index")
    hashes = [bytes(h) for h in rows.values_list("hash", flat=True)]
    while len(hashes) > 1:
        hashes = [node_hash(a, b) for a, b in zip(hashes[::2], hashes[1::2], strict=True)]
    return hashes[0]


def _store_head(cursor: Any, frontier: Frontier, stamp: Any, *, new: bool) -> None:
    sign = signer()
    note = sign.sign(checkpoint_text(sign.name, frontier.size, frontier.root()))
    cursor.execute(_INSERT_CHECKPOINT, [frontier.size, note, stamp])
    cursor.execute(_INSERT_HEAD if new else _UPDATE_HEAD, [frontier.size, frontier.to_bytes(), stamp])
    transaction.on_commit(lambda: anchor.keep(note))
