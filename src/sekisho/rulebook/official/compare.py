"""Compare two editions part by part: what was added, removed, changed, and what only has a new number."""

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal

from sekisho.rulebook.official.characters import fold
from sekisho.rulebook.official.edition import Edition, Part

_MAX_WORDS = 1_000  # in both middles that differ; longer ones are shown whole: matching is cubic at its worst

Shown = Literal["same", "removed", "added"]
_Piece = tuple[Shown, str]


@dataclass(frozen=True, slots=True)
class Segment:
    """Words that are in both texts (as the new one writes them), only in the old, or only in the new."""

    kind: Shown
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `citation` is that of the new edition (of the old one where removed); `moved_from` the old one
    of a part that was renumbered. `before` and `after` are heading and text, None where there is none."""

    citation: str
    kind: Literal["added", "removed", "changed", "moved"]
    before: str | None
    after: str | None
    segments: tuple[Segment, ...]
    moved_from: str = ""


def compare(old: Edition, new: Edition) -> tuple[Change, ...]:
    """The differences in the order of the new edition, each removed part after what it stood behind.

    By citation; a part whose very words stand under another citation has moved. Width and white space do not count.
    Parts only: the title and the dates of amendment are fields of the editions.
    """
    before, after = _by_citation(old), _by_citation(new)
    same = {c for c in before.keys() & after.keys() if _key(before[c]) == _key(after[c])}
    moves = _moves(
        (p for c, p in before.items() if c not in same), (p for c, p in after.items() if c not in same)
    )
    gone = before.keys() - same - set(moves.values())
    changes = []
    for citation in _order(before, after):
        if citation in after and citation not in same:
            if citation in moves:
                changes.append(_moved(before[moves[citation]], after[citation]))
            elif citation in gone:
                changes.append(_changed(before[citation], after[citation]))
            elif not _only_heads(after[citation], before.get(citation)):
                changes.append(_added(after[citation]))
        lost = citation in gone and (citation not in after or citation in moves)
        if lost and not _only_heads(before[citation], after.get(citation)):
            changes.append(_removed(before[citation]))
    return tuple(changes)


def segments(before: str, after: str) -> tuple[Segment, ...]:
    """Word by word: what stayed, what went, what came."""
    old, new = _words(before), _words(after)
    folded_old, folded_new = [fold(w) for w in old], [fold(w) for w in new]
    head = _shared(folded_old, folded_new)
    tail = _shared(folded_old[head:][::-1], folded_new[head:][::-1])
    old_end, new_end = len(old) - tail, len(new) - tail
    if old_end + new_end - 2 * head > _MAX_WORDS:
        codes: Sequence[tuple[str, int, int, int, int]] = [("replace", 0, old_end - head, 0, new_end - head)]
    else:
        codes = SequenceMatcher(
            None, folded_old[head:old_end], folded_new[head:new_end], autojunk=False
        ).get_opcodes()
    found: list[_Piece] = [("same", "".join(new[:head]))]
    for tag, i1, i2, j1, j2 in codes:
        came = "".join(new[head + j1 : head + j2])
        gone = "".join(old[head + i1 : head + i2])
        found += [("same", came)] if tag == "equal" else [("removed", gone), ("added", came)]
    return _merged([*found, ("same", "".join(new[new_end:]))])


def _shared(one: list[str], other: list[str]) -> int:
    """How many words both begin with."""
    differing = (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return next(differing, min(len(one), len(other)))


def _merged(found: Iterable[_Piece]) -> tuple[Segment, ...]:
    return tuple(
        Segment(kind, "".join(text for _, text in run))
        for kind, run in groupby((pair for pair in found if pair[1]), key=lambda pair: pair[0])
    )


def _by_citation(edition: Edition) -> dict[str, Part]:
    return {part.citation: part for part in (*edition.parts, *edition.supplementary)}


def _key(part: Part) -> tuple[str, str]:
    return fold(part.heading), fold(part.text)


def _moves(before: Iterable[Part], after: Iterable[Part]) -> dict[str, str]:
    """New citation to old one, for parts of the same words (the heading's, where there is no text), in order."""
    waiting: defaultdict[str, deque[str]] = defaultdict(deque)
    for part in before:
        if words := _identity(part):
            waiting[words].append(part.citation)
    moves = {}
    for part in after:
        if waiting[_identity(part)]:
            moves[part.citation] = waiting[_identity(part)].popleft()
    return {new: old for new, old in moves.items() if new != old}


def _identity(part: Part) -> str:
    return fold(part.text) or fold(part.heading)


def _only_heads(part: Part, other: Part | None) -> bool:
    """An article's heading that stayed while its text became, or had been, paragraph 1: no change of its own."""
    return other is not None and not part.text and fold(part.heading) == fold(other.heading)


def _order(before: dict[str, Part], after: dict[str, Part]) -> Iterator[str]:
    """All citations: the new edition's, and each one that it has not behind the one that it followed."""
    behind: defaultdict[str, list[str]] = defaultdict(list)
    anchor = ""
    for citation in before:
        if citation in after:
            anchor = citation
        else:
            behind[anchor].append(citation)
    yield from behind[""]
    for citation in after:
        yield citation
        yield from behind[citation]


def _shown(part: Part) -> str:
    return "\n".join(filter(None, (part.heading, part.text)))


def _added(part: Part) -> Change:
    return Change(part.citation, "added", None, _shown(part), _merged([("added", _shown(part))]))


def _removed(part: Part) -> Change:
    return Change(part.citation, "removed", _shown(part), None, _merged([("removed", _shown(part))]))


def _changed(old: Part, new: Part) -> Change:
    return Change(new.citation, "changed", _shown(old), _shown(new), segments(_shown(old), _shown(new)))


def _moved(old: Part, new: Part) -> Change:
    changed = segments(_shown(old), _shown(new))
    return Change(new.citation, "moved", _shown(old), _shown(new), changed, moved_from=old.citation)


_KANJI, _KATAKANA, _HIRAGANA = "[々〆〇一-鿿㐀-䶿豈-﫿]", "[ァ-ヺー･-ﾟ]", "[ぁ-ゟ]"
_LATIN = "[A-Za-z0-9Ａ-Ｚａ-ｚ０-９]+"
_WORD = re.compile(rf"(?:{_KANJI}\s*)+|(?:{_KATAKANA}\s*)+|(?:{_HIRAGANA}\s*)+|{_LATIN}\s*|\S\s*|\s+")


def _words(text: str) -> list[str]:
    """Runs of one script, each with the white space in and after it: near enough to words for a reader of changes."""
    return [found[0] for found in _WORD.finditer(text)]
