"""Snapshots: the whole state at a position of the log, so that a start replays only what came after it.

A snapshot is written beside its place and moved there when it is on disk. The newest good one is used; the one before
it stays, for the day on which the newest cannot be read.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import structlog

from sekisho.watch.segments import sync_folder

FORMAT: Final = b"SKWSNAP1"
KEPT: Final = 2
_DESCRIPTORS = 65_536
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A state: of which program and kernel (`mark`), after which position of the log, and its parts as plain values."""

    mark: bytes
    position: int
    parts: dict[str, Any]


def write(folder: Path, snapshot: Snapshot) -> Path:
    """Put a snapshot on disk, and drop those that are no longer kept."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    body = msgspec.msgpack.encode([snapshot.mark, snapshot.position, snapshot.parts])
    path = folder / f"{snapshot.position:012d}.snapshot"
    made = folder / f"{os.getpid()}.tmp"
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(FORMAT + zlib.crc32(body).to_bytes(4, "little"))
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    made.rename(path)
    sync_folder(folder)
    for old in _paths(folder)[KEPT:]:
        old.unlink(missing_ok=True)
    return path


def newest(folder: Path) -> Snapshot | None:
    """The newest snapshot that can be read; one that cannot be is told and passed over."""
    for path in _paths(folder):
        try:
            return _read(path)
        except (ValueError, msgspec.DecodeError) as error:
            log.warning("snapshot passed over", file=path.name, why=str(error))
    return None


def oldest_position(folder: Path) -> int | None:
    """The log from here on is needed for a start from any snapshot that is kept; None where there is none."""
    found = _paths(folder)
    return int(found[-1].stem) if found else None


def forget(folder: Path, before_ms: int) -> list[Path]:
    """Drop those from before a time (ms) beside which a newer good one stands. Answers what was dropped."""
    found = _paths(folder)
    good = next((place for place, path in enumerate(found) if _is_good(path)), len(found))
    old = [path for path in found[good + 1 :] if path.stat().st_mtime_ns < before_ms * 1_000_000]
    for path in old:
        path.unlink()
    if old:
        sync_folder(folder)
    return old


def tidy(folder: Path) -> None:
    """Remove what a process left that ended while it wrote."""
    for left in folder.glob("*.tmp"):
        left.unlink(missing_ok=True)


def write_apart(folder: Path, take: Callable[[], Snapshot]) -> int:
    """Write a snapshot from a child process, which sees the memory as it is now; judging goes on. Answers its id.

    The child does nothing but this and ends; `done` asks after it.
    """
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        os.closerange(
            3, _DESCRIPTORS
        )  # neither the log's lock nor a listening socket outlives its owner here
        write(folder, take())
        code = 0
    finally:
        os._exit(code)


def done(child: int) -> bool | None:
    """Whether the child wrote its snapshot; None while it is at it."""
    ended, status = os.waitpid(child, os.WNOHANG)
    return None if not ended else status == 0


def _paths(folder: Path) -> list[Path]:
    """Newest first."""
    found = [path for path in folder.glob("*.snapshot") if path.stem.isdigit()]
    return sorted(found, key=lambda path: int(path.stem), reverse=True)


def _is_good(path: Path) -> bool:
    try:
        _read(path)
    except (ValueError, msgspec.DecodeError):
        return False
    return True


def _read(path: Path) -> Snapshot:
    data = path.read_bytes()
    start = len(FORMAT) + 4
    if not data.startswith(FORMAT):
        raise ValueError("it does not begin as a snapshot does")
    if zlib.crc32(memoryview(data)[start:]) != int.from_bytes(data[len(FORMAT) : start], "little"):
        raise ValueError("its bytes are damaged or cut off")
    mark, position, parts = msgspec.msgpack.decode(memoryview(data)[start:])
    return Snapshot(mark, position, parts)
