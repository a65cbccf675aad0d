"""Input only: the bytes of a saved catalog."""

from pathlib import Path

from sekisho.connectors import files
from sekisho.connectors.tools.oscal.parse import MAX_BYTES


def from_file(path: Path, *, max_bytes: int = MAX_BYTES) -> bytes:
    """The bytes of a plain file of at most `max_bytes`. Raises Unreadable."""
    return files.from_file(path, max_bytes=max_bytes)
