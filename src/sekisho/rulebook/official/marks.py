"""The marks that begin a part (第1章, 第10条の2, `2`, `(3)`, 第5条第1項関係) as they are written in a line."""

import re
from dataclasses import dataclass

from sekisho.rulebook.official.characters import NUMERAL, number

Number = tuple[int, int]  # (10, 1) is 第10条; (10, 2) is 第10条の2

_N = rf"\s*(?P<n>{NUMERAL})\s*"
_BRANCH = rf"(?:\s*の\s*(?P<branch>{NUMERAL}))?"
_CHAPTER = re.compile(rf"第{_N}章{_BRANCH}")
_SECTION = re.compile(rf"第{_N}節{_BRANCH}")
_ARTICLE = re.compile(rf"第{_N}条{_BRANCH}(?!\s*関\s*係)")
_DELETED = re.compile(
    rf"(第{_N}条\s*(?:から|及び|、)\s*第\s*(?P<last>{NUMERAL})\s*条\s*(?:まで)?)\s*\(?(?P<rest>削\s*除)\)?"
)
_PARAGRAPH = re.compile(r"(?P<n>[0-9０-９]{1,2})(?![0-9０-９])")
_BRACKETED = re.compile(rf"\({_N}{_BRANCH}\s*\)")
_PRINTED = re.compile(r"(?P<n>[⑴-⒇])")
_KANJI = re.compile(r"(?P<n>[一二三四五六七八九十]{1,3})(?:の(?P<branch>[一二三四五六七八九十]{1,3}))?(?=\s)")
_STEP = re.compile(rf"第(?P<n>{NUMERAL})(?P<kind>条|章|節|項|号)(?:の(?P<branch>{NUMERAL}))?(?:関係)?")
_RELATION = re.compile(
    rf"第{NUMERAL}[条章][第0-9０-９〇一二三四五六七八九十百条章節項号の及び並にからまで、,・～〜本文ただし書前後段柱関係]*関係"
)
_SUPPLEMENT = re.compile(r"附\s*則\s*(?P<when>\([^)]*\))?(?=\s|$)")
CAPTION = re.compile(r"\((?P<words>[^()。]*(?:\([^()。]*\)[^()。]*)*)\)")

_PARTICLE = re.compile(
    r"[のにをはがともでや、。，)]|から|及び|又は|若しくは|並びに|まで|第\s*[0-9０-９]|各号|本文|ただし書"
)
_STRUCTURE = re.compile(r"\s*(?:[項条号章節]|つ)")
_COUNTER = re.compile(r"[項条号章節年月日時分秒人回件社名つ個か箇ヶカ割倍%％.．,，、)）/\-段以]")


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark found at the start of a line: its label as written, its number, and the words after it."""

    label: str
    number: Number
    rest: str
    spaced: bool  # white space, or nothing, after the mark: it stands by itself
    last: Number  # as `number`, but for 第3条から第5条まで 削除

    @property
    def particle(self) -> bool:
        """The words go on as a sentence does (第2条の規定…): a reference that a line end cut off, not a mark."""
        return bool(_PARTICLE.match(self.rest))

    @property
    def counter(self) -> bool:
        """The number counts something (2項, 24時間)."""
        return bool(_COUNTER.match(self.rest))

    @property
    def structure(self) -> bool:
        """The number is part of a reference (2項, 3 号)."""
        return bool(_STRUCTURE.match(self.rest))


def _mark(pattern: re.Pattern[str], words: str, plain: str) -> Mark | None:
    found = pattern.match(plain)
    if not found:
        return None
    groups = found.groupdict()
    branch = number(groups["branch"]) if groups.get("branch") else 1
    value = (number(groups["n"]), branch)
    rest = words[found.end() :]
    return Mark(words[: found.end()].strip(), value, rest.strip(), not rest or rest[0].isspace(), value)


def chapter(words: str, plain: str) -> Mark | None:
    return _mark(_CHAPTER, words, plain)


def section(words: str, plain: str) -> Mark | None:
    return _mark(_SECTION, words, plain)


def article(words: str, plain: str) -> Mark | None:
    """第10条, 第十条の二, or a run of deleted articles."""
    if deleted := _DELETED.fullmatch(plain):
        first, last = (number(deleted["n"]), 1), (number(deleted["last"]), 1)
        return Mark(
            words[: deleted.end(1)].strip(), first, words[deleted.start("rest") :].strip(), True, last
        )
    return _mark(_ARTICLE, words, plain)


def paragraph(words: str, plain: str) -> Mark | None:
    return _mark(_PARAGRAPH, words, plain)


def bracketed_item(words: str, plain: str) -> Mark | None:
    """(1), （２）, (三), (3の2), or the one character ⑴."""
    if found := _PRINTED.match(plain):
        value = (ord(found["n"]) - ord("⑴") + 1, 1)
        return Mark(words[0], value, words[1:].strip(), True, value)
    return _mark(_BRACKETED, words, plain)


def kanji_item(words: str, plain: str) -> Mark | None:
    return _mark(_KANJI, words, plain)


def supplement(plain: str) -> str | None:
    """The words of a line that opens supplementary provisions, up to where their text begins."""
    found = _SUPPLEMENT.match(plain)
    return found[0] if found and not _PARTICLE.match(plain[found.end() :].strip()) else None


def relation(plain: str) -> str | None:
    """`G10-1` for a guideline's heading 第10条第1項関係 (also 第10条関係第1項関係), `GC3` for 第3章関係.

    A heading for several (第16条及び第17条関係) is cited by the first.
    """
    words = "".join(plain.split())
    if len(words) > 60 or not _RELATION.fullmatch(words):
        return None
    steps: list[str] = []
    position = 0
    while found := _STEP.match(words, position):
        if found["kind"] in ("条", "章") and steps:
            break
        steps.append(("C" if found["kind"] == "章" else "") + cited(_number_of(found)))
        position = found.end()
    return "G" + "-".join(steps)


def _number_of(found: re.Match[str]) -> Number:
    return number(found["n"]), number(found["branch"]) if found["branch"] else 1


def cited(value: Number) -> str:
    """`10`, or `10_2` for 第10条の2."""
    return f"{value[0]}" if value[1] == 1 else f"{value[0]}_{value[1]}"


def follows(previous: Number, value: Number) -> bool:
    """第11条 follows 第10条 and 第10条の2; 第10条の2 follows 第10条."""
    return value in ((previous[0] + 1, 1), (previous[0], previous[1] + 1))
