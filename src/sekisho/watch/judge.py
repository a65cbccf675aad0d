"""The kernel that judges: the compiled one where it was built, else its twin in plain Python."""

from __future__ import annotations

import importlib
import os
import warnings
from collections.abc import Mapping
from typing import Any, Protocol

from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text
from sekisho.watch.decision import Decisions
from sekisho.watch.events import Event
from sekisho.watch.hits import Fed
from sekisho.watch.lists import Listed
from sekisho.watch.program import Program
from sekisho.watch.twin import Twin

CHOICE = "SEKISHO_WATCH_KERNEL"  # python or compiled; unset: compiled where it was built
NOTICE = Text(
    "コンパイル済みの判定器がないため、Python 版で判定します。答えは同じですが、数倍遅くなります"
    "（gcc と Python のヘッダーを入れて make setup を実行すると、コンパイル版になります）。",
    "the compiled kernel is not there: the pure Python twin judges, with the same answers and several times slower "
    "(install gcc and Python's headers, then run make setup)",
)


class Kernel(Protocol):
    """What both kernels can do."""

    @property
    def compiled(self) -> bool: ...
    @property
    def program(self) -> Program: ...
    @property
    def lists(self) -> dict[str, Listed]: ...
    @property
    def decisions(self) -> Decisions: ...
    @property
    def newest(self) -> int:
        """The time of the newest event judged, in ms."""

    @property
    def judged(self) -> int:
        """How many events were judged."""

    def decide(self, event: Event) -> tuple[int, ...]:
        """Judge one event: the rules that fire, as places in `program.rules`."""

    def feed_lines(self, data: bytes) -> Fed:
        """Judge events in lines of JSON; a bad line is told by its number from 1, and the others go on."""

    def feed_frame(self, frame: Any) -> Fed:
        """Judge the events of a Polars frame; a bad row is told by its number from 0."""

    def sweep(self) -> None:
        """Drop the keys that no window reaches any more."""

    def keys(self) -> int:
        """How many keys are held."""

    def save(self) -> bytes:
        """The state, for a snapshot."""

    def load(self, saved: bytes) -> None:
        """Take over a state. Raises sekisho.watch.saved.Unusable."""

    def fingerprint(self) -> int:
        """A number over the state: equal for equal states."""


class NotBuilt(SekishoError):
    """The compiled kernel was asked for by name and is not there."""

    code = "kernel_not_built"
    status = 500
    text = Text(
        "コンパイル済みの判定器がありません（{why}）。gcc と Python のヘッダーを入れて make setup を実行してください。",
        "The compiled kernel is not there ({why}). Install gcc and Python's headers, then run make setup.",
    )


class SlowKernel(UserWarning):
    """The pure Python twin judges: same answers, several times slower. `text` says so in both languages."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def make_kernel(
    program: Program, lists: Mapping[str, Listed] | None = None, secret: bytes | None = None
) -> Kernel:
    """A kernel for the program, empty. `secret` is this installation's own 16 bytes (default: chance).

    Raises NotBuilt where SEKISHO_WATCH_KERNEL=compiled and it was not built; ValueError for any other choice.
    """
    choice = os.environ.get(CHOICE, "")
    if choice not in {"", "python", "compiled"}:
        raise ValueError(f"{CHOICE} is python or compiled, not {choice!r}")
    if choice == "python":
        return Twin(program, lists, secret)
    try:
        compiled = importlib.import_module("sekisho.watch.kernel")
    except ImportError as error:
        if choice == "compiled":
            raise NotBuilt(why=str(error)) from error
        warnings.warn(SlowKernel(NOTICE), stacklevel=2)
        return Twin(program, lists, secret)
    kernel: Kernel = compiled.Kernel(program, lists, secret)
    return kernel
