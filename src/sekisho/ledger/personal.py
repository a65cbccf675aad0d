"""Personal values: the ledger's lines hold salted commitments, the values stand in one table that can be erased."""

import base64
import hashlib
import secrets
from collections.abc import Iterable

from sekisho.ledger.models import Personal


def commit(value: str) -> tuple[dict[str, str], Personal]:
    """A commitment to put into a body, and the row (not yet saved) that keeps the value and its salt."""
    salt = secrets.token_bytes(32)
    commitment = base64.b64encode(hashlib.sha256(salt + value.encode()).digest()).decode("ascii")
    return {"$c": commitment}, Personal(commitment=commitment, salt=salt, value=value)


def values_of(commitments: Iterable[str]) -> dict[str, str]:
    """The values that are still kept, by commitment; erased ones are missing."""
    found = Personal.objects.filter(commitment__in=list(commitments))
    return dict(found.values_list("commitment", "value"))


def erase(commitments: Iterable[str]) -> int:
    """Delete values and salts for ever; returns how many. Proofs stay valid: they rest on the commitments."""
    return Personal.objects.filter(commitment__in=list(commitments)).delete()[0]
