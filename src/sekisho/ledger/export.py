"""Write the whole ledger into one file that an outsider verifies alone (the format is told in verifier.py).

Personal values are not in it: bodies hold commitments. The verifier is copied beside the export; its key is given
by another way, never from beside the export.
"""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text
from sekisho.ledger import verifier
from sekisho.ledger.append import envelope_of
from sekisho.ledger.keys import signer
from sekisho.ledger.models import Checkpoint, Head
from sekisho.ledger.verify import lines

MOST_CHECKPOINTS = 1000


class LineGone(SekishoError):
    code = "ledger_line_gone"
    status = 500
    text = Text(
        "{seq} 行目の版がありません。先に sekisho ledger verify で確認してください。",
        "The version of line {seq} is gone. Run sekisho ledger verify first.",
    )


def export(path: Path) -> int:
    """Write the export to a path (gzipped where it ends with .gz); returns how many lines it has."""
    size = Head.objects.filter(pk=1).values_list("size", flat=True).first() or 0
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "wt", encoding="utf-8", newline="\n") as file:
        for row in _rows(size):
            file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
    shutil.copyfile(verifier.__file__, path.parent / "sekisho_verify.py")
    return size


def _rows(size: int) -> Iterator[dict[str, object]]:
    yield {"format": verifier.FORMAT, "origin": signer().name, "size": size}
    for leaf, version in lines(size):
        if version is None:
            raise LineGone(seq=leaf.seq)
        entry = envelope_of(version, leaf.at).decode()
        body = bytes(version.body).decode()
        yield {"seq": leaf.seq, "entry": entry, "body": body, "hash": bytes(leaf.hash).hex()}
    for note in _checkpoints(size):
        yield {"checkpoint": note}


def _checkpoints(size: int) -> Iterator[str]:
    """At most about a thousand checkpoints, evenly spread; the first, and always the one of the whole size."""
    notes = Checkpoint.objects.filter(size__lte=size).order_by("size")
    step = max(1, notes.count() // MOST_CHECKPOINTS)
    last = ""
    for n, note in enumerate(notes.values_list("note", flat=True).iterator()):
        last = note
        if n % step == 0:
            yield note
            last = ""
    if last:
        yield last
