"""The form of the watch's log: frames in segments, read by whoever follows it and written by `log`.

A position counts the bytes of all frames before it. A segment `NNNNNNNNNNNN.log` is named by the position at which it
starts; it begins with eight bytes that name the format (not counted), and frames follow:

    magic (2) | length (4) | CRC-32 of all else (4) | synced (8) | payload (length)

`synced` is the position up to which everything was on disk when the frame was written. So a frame that cannot be
read, but has a frame after it that knew it to be on disk, was damaged later; without one it is where a crash cut the
writing short, and nobody was answered for it.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text

FORMAT: Final = b"SKWLOG1\n"
MAGIC: Final = b"\xf5\xfa"  # two bytes that no UTF-8 text has
LARGEST: Final = 1 << 20  # bytes of one payload
_HEAD = struct.Struct("<2sIIQ")
_CHECKED = struct.Struct("<IQ")


class LogDamaged(SekishoError):
    """Data: file, offset, why."""

    code = "watch_log_damaged"
    status = 500
    text = Text(
        "監視ログ {file} の {offset} バイト目が壊れています（{why}）。"
        "バックアップから戻すか、担当者が調べるまで起動しないでください。",
        "The watch's log {file} is damaged at byte {offset} ({why}). "
        "Restore it from a backup, or have it looked into, before you start the watch.",
    )


def framed(payload: bytes, synced: int) -> bytes:
    """One frame."""
    length = len(payload)
    crc = zlib.crc32(payload, zlib.crc32(_CHECKED.pack(length, synced)))
    return _HEAD.pack(MAGIC, length, crc, synced) + payload


def frame_at(data: bytes, offset: int) -> tuple[int, int] | None:
    """(end, synced) of the frame at an offset; None where there is no whole, undamaged one."""
    start = offset + _HEAD.size
    if start > len(data):
        return None
    magic, length, crc, synced = _HEAD.unpack_from(data, offset)
    end = start + length
    if magic != MAGIC or length > LARGEST or end > len(data):
        return None
    if zlib.crc32(memoryview(data)[start:end], zlib.crc32(_CHECKED.pack(length, synced))) != crc:
        return None
    return end, synced


def payload_of(data: bytes, offset: int, end: int) -> bytes:
    return data[offset + _HEAD.size : end]


@dataclass(frozen=True, slots=True)
class Segment:
    """A file of the log and the position at which it starts."""

    start: int
    path: Path

    def first(self) -> bytes | None:
        """The payload of its first frame; None where there is no whole one."""
        with self.path.open("rb") as file:
            file.seek(len(FORMAT))
            data = file.read(_HEAD.size + LARGEST)
        found = frame_at(data, 0)
        return payload_of(data, 0, found[0]) if found else None

    def frames(self, position: int = 0) -> Iterator[tuple[int, bytes]]:
        """(position after it, payload) of the whole frames behind a position; ends at the first that is none.

        What is answered is on disk: nobody is to act on what a power failure could still take back.
        """
        skip = max(position - self.start, 0)
        with self.path.open("rb") as file:
            file.seek(len(FORMAT) + skip)
            data = file.read()
            os.fdatasync(file.fileno())
        offset = 0
        while (found := frame_at(data, offset)) is not None:
            yield self.start + skip + found[0], payload_of(data, offset, found[0])
            offset = found[0]


def segments(folder: Path) -> list[Segment]:
    """The log's segments in order."""
    found = [Segment(int(path.stem), path) for path in folder.glob("*.log") if path.stem.isdigit()]
    return sorted(found, key=lambda segment: segment.start)


def sync_folder(folder: Path) -> None:
    """What was made, renamed or removed in a folder is on disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read(folder: Path, position: int = 0) -> Iterator[tuple[int, bytes]]:
    """(position after it, payload) of every frame behind a position. Raises LogDamaged."""
    return read_segments(segments(folder), position)


def read_segments(found: list[Segment], position: int = 0) -> Iterator[tuple[int, bytes]]:
    """The same of some segments, the last of which may still be written (it ends with its last whole frame).
    Raises LogDamaged where a segment ends before its end, FileNotFoundError where one was dropped meanwhile.
    """
    for place, segment in enumerate(found):
        end = found[place + 1].start if place + 1 < len(found) else None
        if end is not None and end <= position:
            continue
        reached = max(position, segment.start)
        for reached, payload in segment.frames(position):
            yield reached, payload
        if end is not None and reached != end:
            offset = reached - segment.start + len(FORMAT)
            raise LogDamaged(file=segment.path, offset=offset, why="the frame there cannot be read")
