"""The envelope that a leaf of the tree commits to: who wrote which version of what, when, in which act."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sekisho.kernel import clock
from sekisho.ledger.canonical import canonical


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger. `body` is the version's exact canonical bytes.

    `op`: create, update, delete of a record, or note for an act or evidence that changes no record.
    `ver` counts from 1 for each (kind, rec).
    """

    kind: str
    rec: str
    ver: int
    op: str
    act: str
    act_name: str
    by: str
    made_at: datetime
    reason: str
    body: bytes

    def envelope(self, at: datetime) -> bytes:
        """The canonical bytes of the envelope; `at` is the instant at which the line got its place (UTC)."""
        return canonical(
            {
                "act": self.act,
                "act_name": self.act_name,
                "at": clock.iso(at),
                "body": hashlib.sha256(self.body).hexdigest(),
                "by": self.by,
                "kind": self.kind,
                "made_at": clock.iso(self.made_at),
                "op": self.op,
                "reason": self.reason,
                "rec": self.rec,
                "ver": self.ver,
            }
        )
