"""A process that works beside another one: started again when it ends, and gone when its starter is.

Its standard input is a pipe whose other end the starter alone holds. Whatever ends the starter closes the pipe, SIGKILL
too, and then the process ends itself (`end_with_starter`).
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import structlog

FIRST_AGAIN: Final = 1.0  # seconds until it is started again; each time twice as long
LONGEST_AGAIN: Final = 60.0
STEADY: Final = 60.0  # seconds after which it counts as one that works
PATIENCE: Final = 10.0  # seconds that it has to end
SEKISHO: Final = (sys.executable, "-c", "from sekisho.cli.main import main; main()")
_log = structlog.get_logger(__name__)


class Beside:
    """One such process. `look` is to be called again and again, by one thread at a time."""

    def __init__(
        self, words: Sequence[str], *, clock: Callable[[], float] = time.monotonic, patience: float = PATIENCE
    ) -> None:
        """`words`: the command; it is to end when its standard input does."""
        self.words = tuple(words)
        self.restarts = 0
        self.ended_with: int | None = None  # the last exit code; below 0: the signal
        self._clock = clock
        self._patience = patience
        self._process: subprocess.Popen[bytes] | None = None
        self._begun_at = self._due_at = clock()
        self._pause = FIRST_AGAIN
        self._over = False

    def look(self) -> None:
        """Start it where it does not run and its pause is over. Raises nothing: what fails is said, and tried again."""
        if self._over or self._runs():
            return
        if self._process is not None:
            self._ended(self._process)
        if self._clock() >= self._due_at:
            self._start()

    def told(self) -> dict[str, Any]:
        """How it fares: `state` is running, waiting (to be started again) or ended."""
        state = "running" if self._runs() else "ended" if self._over else "waiting"
        return {"state": state, "restarts": self.restarts, "ended_with": self.ended_with}

    def end(self) -> None:
        """Close its standard input and wait; one that does not heed that is killed."""
        self._over = True
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            self.ended_with = process.wait(self._patience)
        except subprocess.TimeoutExpired:
            process.kill()
            self.ended_with = process.wait()

    def _runs(self) -> bool:
        process = self._process
        return process is not None and process.poll() is None

    def _start(self) -> None:
        self._begun_at = self._clock()
        try:
            # In a session of its own: Ctrl+C reaches the starter alone, which ends it in order.
            self._process = subprocess.Popen(self.words, stdin=subprocess.PIPE, start_new_session=True)
        except OSError as error:
            _log.error("process_beside_not_started", words=self.words[-2:], why=str(error))
            self._wait_longer()

    def _ended(self, process: subprocess.Popen[bytes]) -> None:
        if process.stdin is not None:
            process.stdin.close()
        self._process, self.ended_with = None, process.returncode
        if self._clock() - self._begun_at >= STEADY:
            self._pause = FIRST_AGAIN
        _log.error(
            "process_beside_ended", words=self.words[-2:], code=process.returncode, again_in=self._pause
        )
        self._wait_longer()

    def _wait_longer(self) -> None:
        self.restarts += 1
        self._due_at = self._clock() + self._pause
        self._pause = min(2 * self._pause, LONGEST_AGAIN)


def end_with_starter(then: Callable[[], object]) -> None:
    """Call `then`, from a thread, when standard input ends."""

    def wait() -> None:
        while os.read(0, 4096):
            pass
        then()

    threading.Thread(target=wait, name="starter", daemon=True).start()
