"""The watch's log, written: what was judged, in order, in append-only segments; many callers wait for one fsync.

What cannot be written stops the log for good (after a failed fsync nobody knows what is on disk): the process is to
be started again, and reads what is there. A tail that a crash tore is cut off then; damage elsewhere is refused.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Final

from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text
from sekisho.watch.segments import FORMAT, MAGIC, LogDamaged, frame_at, framed, segments, sync_folder

SEGMENT: Final = 64 << 20  # bytes after which a segment is full
LINGER: Final = 0.1  # seconds until a frame that nobody waits for is on disk


class LogInUse(SekishoError):
    """Data: folder."""

    code = "watch_log_in_use"
    status = 409
    text = Text(
        "監視ログ {folder} は別の監視プロセスが使用中です。先にそちらを止めてください。",
        "The watch's log {folder} is in use by another watch. Stop that one first.",
    )


class LogUnwritable(SekishoError):
    """Data: why."""

    code = "watch_log_unwritable"
    status = 503
    text = Text(
        "監視ログに書き込めません（{why}）。ディスクの空きと故障を確認し、監視を起動し直してください。",
        "The watch's log cannot be written ({why}). Check the disk for room and faults, then start the watch again.",
    )


class Log:
    """The log, open for writing by one process.

    Positions: `position` is after the last frame that was appended, `written` after the last that the system has
    (it outlives this process), `synced` after the last that is on disk (it outlives a power failure).
    """

    def __init__(self, folder: Path, *, segment: int = SEGMENT, linger: float = LINGER) -> None:
        """Open or make it; a tail that a crash tore is cut off. Raises LogDamaged, LogInUse."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self._lock = _locked(folder)
        try:
            self.cut = _recover(folder)
            last = segments(folder)[-1]
        except BaseException:
            os.close(self._lock)
            raise
        self._segment, self._linger = segment, linger
        self._start = last.start
        self._file = os.open(last.path, os.O_WRONLY | os.O_APPEND)
        os.fdatasync(self._file)  # what was read back may not have been on disk when the process ended
        self.position = self.written = self.synced = last.start + os.fstat(self._file).st_size - len(FORMAT)
        self.error: LogUnwritable | None = None
        self._pending: list[bytes] = []
        self._state = threading.Condition()
        self._writing = threading.Lock()
        self._urgent = self._closing = self._full = False
        self._told: list[Callable[[], None]] = []
        self._syncer = threading.Thread(target=self._sync_on, name="watch-log", daemon=True)
        self._syncer.start()

    def append(self, payload: bytes) -> int:
        """Put a frame at the end; answers the position after it. `write` and `wait` say how safe it is."""
        if self.error is not None:
            raise self.error
        frame = framed(payload, self.synced)
        with self._state:
            self._pending.append(frame)
            self.position += len(frame)
            if self.position - len(frame) == self.synced:
                self._state.notify_all()
            return self.position

    def write(self) -> None:
        """What was appended is with the system: the end of this process does not lose it. Raises LogUnwritable."""
        if self.written < self.position:
            try:
                with self._writing:
                    self._write_pending()
            except OSError as error:
                self._stop(error)
        if self.error is not None:
            raise self.error

    def urge(self) -> None:
        """Somebody waits: what was appended goes to disk now."""
        if not self._urgent:
            with self._state:
                self._urgent = True
                self._state.notify_all()

    def wait(self, position: int) -> None:
        """Return when everything up to a position is on disk. Raises LogUnwritable."""
        self.urge()
        with self._state:
            self._state.wait_for(lambda: self.synced >= position or self.error is not None)
        if self.synced < position and self.error is not None:
            raise self.error

    def flush(self) -> None:
        """Everything that was appended is on disk. Raises LogUnwritable."""
        if self.synced < self.position:
            self.wait(self.position)

    def when_synced(self, tell: Callable[[], None]) -> None:
        """Call (from the syncing thread) whenever more is on disk, and when the log stops."""
        self._told.append(tell)

    def roll(self) -> None:
        """Begin a new segment soon, also where nothing more comes, so that the present one can be sealed."""
        with self._state:
            self._full = True
            self._state.notify_all()

    def close(self) -> None:
        """Write what is left and let go of the log."""
        with self._state:
            self._closing = True
            self._state.notify_all()
        self._syncer.join()
        os.close(self._file)
        os.close(self._lock)

    # --- writing, from any thread; syncing and new segments, from one ---------------------------------------

    def _write_pending(self) -> None:
        """Under `_writing`."""
        with self._state:
            frames, self._pending = self._pending, []
            upto = self.position
        data = memoryview(b"".join(frames))
        while data:
            data = data[os.write(self._file, data) :]
        self.written = upto

    def _sync_on(self) -> None:
        while self.error is None:
            with self._state:
                self._state.wait_for(lambda: self.position > self.synced or self._closing or self._full)
                if not self._urgent and not self._closing and not self._full:
                    self._state.wait_for(lambda: self._urgent or self._closing, self._linger)
                if self._closing and self.position == self.synced:
                    return
                self._urgent = False
            try:
                with self._writing:
                    size = self.written - self._start
                    if size and (self._full or size >= self._segment):
                        self._begin_segment()
                    elif self.position == self.written:
                        self._full = False  # there is nothing to end
                    self._write_pending()
                    upto = self.written
                os.fdatasync(self._file)
            except OSError as error:
                self._stop(error)
            else:
                with self._state:
                    self.synced = upto
                    self._state.notify_all()
                self._tell()

    def _stop(self, error: OSError) -> None:
        with self._state:
            self.error = LogUnwritable(why=error.strerror or str(error))
            self._state.notify_all()
        self._tell()

    def _tell(self) -> None:
        for tell in self._told:
            tell()

    def _begin_segment(self) -> None:
        """The present one is whole on disk before the next is begun."""
        os.fdatasync(self._file)
        os.close(self._file)
        self._start = self.written
        self._file = os.open(_begin(self.folder, self._start), os.O_WRONLY | os.O_APPEND)
        self._full = False


def _begin(folder: Path, start: int) -> Path:
    """A segment without frames, on disk under its name."""
    path = folder / f"{start:012d}.log"
    made = folder / "next.tmp"
    with made.open("wb") as file:
        file.write(FORMAT)
        file.flush()
        os.fsync(file.fileno())
    made.chmod(0o600)
    made.rename(path)
    sync_folder(folder)
    return path


def _locked(folder: Path) -> int:
    """The one writer's lock; the system lets go of it when the process ends, however it ends."""
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise LogInUse(folder=folder) from None
    return descriptor


# --- recovery -----------------------------------------------------------------------------------------------


def _recover(folder: Path) -> int:
    """Check that no segment is missing or short, and cut off the last one's torn tail. Answers how much was cut."""
    found = segments(folder)
    if not found:
        _begin(folder, 0)
        return 0
    for segment, after in pairwise(found):
        size = segment.path.stat().st_size - len(FORMAT)
        if segment.start + size != after.start:
            raise LogDamaged(
                file=segment.path, offset=size, why=f"it should end where {after.path.name} starts"
            )
    return _cut_tail(found[-1].path)


def _cut_tail(path: Path) -> int:
    data = path.read_bytes()
    if not data.startswith(FORMAT):
        raise LogDamaged(file=path, offset=0, why="it does not begin as a log does")
    start, offset = int(path.stem) - len(FORMAT), len(FORMAT)
    while (frame := frame_at(data, offset)) is not None:
        offset = frame[0]
    if offset == len(data):
        return 0
    _refuse_if_known(path, data, offset, start + offset)
    with path.open("r+b") as file:
        file.truncate(offset)
        os.fsync(file.fileno())
    return len(data) - offset


def _refuse_if_known(path: Path, data: bytes, offset: int, position: int) -> None:
    """Raise LogDamaged where a later frame knew that the one which cannot be read was on disk."""
    place = data.find(MAGIC, offset + 1)
    while place >= 0:
        later = frame_at(data, place)
        if later is not None and later[1] > position:
            raise LogDamaged(file=path, offset=offset, why="frames that were written after it are whole")
        place = data.find(MAGIC, place + 1)
