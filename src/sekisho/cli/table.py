"""A table on a terminal, where a Japanese character is as wide as two. Nothing in a cell can command the terminal."""

from __future__ import annotations

import shutil
import sys
import unicodedata
from collections.abc import Iterable, Sequence

_GAP = "  "
_NARROWEST = 12  # the last column keeps at least so much


def print_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows under their heads. On a terminal the last column is cut at its edge; in a pipe nothing is cut."""
    cells = [[safe(cell) for cell in row] for row in (head, *rows)]
    widths = [max(width(row[n]) for row in cells) for n in range(len(head))]
    room = _room(widths)
    for number, row in enumerate(cells):
        *first, last = row
        line = _GAP.join(
            [*(padded(cell, w) for cell, w in zip(first, widths, strict=False)), cut(last, room)]
        )
        print(line.rstrip())
        if number == 0:
            print(_GAP.join("-" * w for w in (*widths[:-1], min(widths[-1], room))))


def width(text: str) -> int:
    """How many places the text takes."""
    return sum(_width(c) for c in text)


def padded(text: str, places: int) -> str:
    return text + " " * (places - width(text))


def cut(text: str, places: int) -> str:
    """The text, with an ellipsis where it takes more places."""
    if width(text) <= places:
        return text
    kept = ""
    for c in text:
        if width(kept) + _width(c) > places - 1:
            break
        kept += c
    return kept + "…"


def safe(text: str) -> str:
    """The text on one line, without control characters and without those that turn the direction of writing."""
    line = " ".join(text.split())
    return "".join(c for c in line if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn"))


def _width(c: str) -> int:
    if unicodedata.combining(c):
        return 0
    return 2 if unicodedata.east_asian_width(c) in "WF" else 1


def _room(widths: list[int]) -> int:
    if not sys.stdout.isatty():
        return widths[-1]
    columns = shutil.get_terminal_size().columns
    return max(_NARROWEST, columns - sum(widths[:-1]) - len(_GAP) * (len(widths) - 1))
