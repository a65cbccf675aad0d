"""The text as lines: page numbers and running heads taken out, bullets noted, wrapped lines joined again."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sekisho.rulebook.official.characters import fold, plain, without_radicals

_INVISIBLE = str.maketrans("", "", "\ufeff\u200b\u200c\u200d\u2060\u00ad")
_BULLET = re.compile(r"[-*•●]\s+(?=\S)")
_PAGE_NUMBER = re.compile(
    r"[-–—‐―ー\s]*(?:[Pp]\.?\s*)?(\d{1,3})\s*(?:[/／]\s*\d{1,3})?(?:\s*ページ)?[-–—‐―ー\s]*"
)
_DASHED_NUMBER = re.compile(r"[-–—‐―ー]\s*\d{1,3}\s*[-–—‐―ー]")
_LONE_NUMBER = re.compile(r"\d{1,3}")
_LIST_MARK = re.compile(
    r"[・･○◯①-⑳⑴-⒇]|[ア-ン][\s　.．、)）]|[(（]\s*[0-9０-９一二三四五六七八九十ア-ン]{1,2}\s*[)）]"
)
_OPEN = re.compile(r"(?:附\s*則\s*)?\([^()。]{1,60}")
_CLOSING = re.compile(r"[^()。]{0,60}\)")


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its words. `plain` has ASCII brackets and spaces; `gap`: an empty line or a page end before it."""

    at: int
    words: str
    plain: str
    bullet: bool
    gap: bool


def lines_of(text: str) -> list[Line]:
    """The lines that have words, without page furniture, numbered from 1 as in the source."""
    cleaned = (
        without_radicals(text.translate(_INVISIBLE))
        .replace("\r\n", "\n")
        .replace("\r", "\n")
        .replace("\v", "\n")
    )
    pages: list[list[tuple[int, str]]] = [[]]
    for at, raw in enumerate(cleaned.split("\n"), start=1):
        for nth, piece in enumerate(raw.split("\f")):
            if nth:
                pages.append([])
            pages[-1].append((at, piece.strip()))
    return _brackets_closed(list(_lines(_without_furniture(pages))))


def _lines(pages: list[list[tuple[int, str]]]) -> Iterator[Line]:
    for page in pages:
        gap = True
        for at, raw in page:
            if raw:
                words = _BULLET.sub("", raw, count=1) if _BULLET.match(raw) else raw
                yield Line(at, words, plain(words), words is not raw, gap)
            gap = not raw


def _brackets_closed(lines: list[Line]) -> list[Line]:
    """A caption or a 附則（…） that was wrapped inside its brackets, as one line."""
    whole: list[Line] = []
    for line in lines:
        before = whole[-1] if whole else None
        if before and _OPEN.fullmatch(before.plain) and _CLOSING.fullmatch(line.plain):
            words = joined(before.words, replace(line, gap=False))
            whole[-1] = replace(before, words=words, plain=plain(words))
        else:
            whole.append(line)
    return whole


def _without_furniture(pages: list[list[tuple[int, str]]]) -> list[list[tuple[int, str]]]:
    """Page numbers dashed (`- 3 -`) anywhere, plain at a page's edge, or counting up from 1 through an unpaged text;
    and the title where it heads every page."""
    if len(pages) > 1:
        head = _running_head(pages)
        return [_trimmed(page, head) for page in pages]
    alone = [int(raw) for _, raw in pages[0] if _LONE_NUMBER.fullmatch(raw)]
    last = next((raw for _, raw in reversed(pages[0]) if raw), "")
    from_one = alone == list(range(1, len(alone) + 1))
    counted = from_one and (len(alone) > 1 or bool(_LONE_NUMBER.fullmatch(last)))
    return [[line for line in page if not _is_number(line[1], counted)] for page in pages]


def _is_number(raw: str, alone_counts: bool) -> bool:
    return bool(_DASHED_NUMBER.fullmatch(raw) or (alone_counts and _LONE_NUMBER.fullmatch(raw)))


def _running_head(pages: list[list[tuple[int, str]]]) -> str:
    """The first line of the first page if every other page with words begins with it too (three pages at least)."""
    firsts = [next((fold(raw) for _, raw in page if raw), "") for page in pages]
    firsts = [first for first in firsts if first]
    return firsts[0] if len(firsts) > 2 and len(set(firsts)) == 1 else ""


def _trimmed(page: list[tuple[int, str]], head: str) -> list[tuple[int, str]]:
    """A page without its number at either edge, and (but for the first page) without its running head."""
    worded = [i for i, (_, raw) in enumerate(page) if raw]
    drop = {i for i in worded if _DASHED_NUMBER.fullmatch(page[i][1])}
    drop |= {i for i in (*worded[:1], *worded[-1:]) if _PAGE_NUMBER.fullmatch(page[i][1])}
    if head and worded and page[0][0] > 1 and fold(page[worded[0]][1]) == head:
        drop.add(worded[0])
    return [line for i, line in enumerate(page) if i not in drop]


def ended(text: str) -> bool:
    """Whether the text so far is a finished sentence (or nothing yet), so that a new part may begin."""
    return not text or text[-20:].rstrip().rstrip(")）」』").endswith(("。", "．", "削除"))


def joined(text: str, line: Line) -> str:
    """The text with one more line: list marks and new sentences after a gap keep their line, the rest was a wrap."""
    if not text:
        return line.words
    if line.bullet or _LIST_MARK.match(line.words) or (line.gap and ended(text)):
        return f"{text}\n{line.words}"
    both_latin = (
        text[-1].isascii() and text[-1].isalnum() and line.words[0].isascii() and line.words[0].isalnum()
    )
    return f"{text}{' ' if both_latin else ''}{line.words}"
