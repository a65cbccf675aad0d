"""The characters of Japanese regulations: widths, radicals that PDFs put in place of kanji, numerals, eras."""

import re
import unicodedata
from datetime import date
from functools import cache

from sekisho.rulebook.official.errors import NoSuchDay

NUMERAL = r"(?:[0-9０-９]{1,3}|[〇一二三四五六七八九十百]{1,6})"
_KANJI_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")}
_ERAS = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}
_YEAR = (
    r"(?:(?P<era>明治|大正|昭和|平成|令和)\s*(?P<year>元|[0-9０-９〇一二三四五六七八九十]{1,4})"
    r"|(?P<ad>[0-9０-９〇一二三四五六七八九]{4}))"
)
DATED_ACT = re.compile(
    _YEAR + r"\s*年\s*(?P<month>" + NUMERAL + r")\s*月\s*(?P<day>" + NUMERAL + r")\s*日\s*"
    r"(?P<act>制\s*定|(?:一\s*部|全\s*部)?\s*改\s*正)"
)


@cache
def _folded(character: str) -> str:
    """A character without its width; a radical (U+2E80 to U+2FDF) as its kanji. Circled numbers stay."""
    kind, _, codes = unicodedata.decomposition(character).partition(" ")
    radical = kind == "<compat>" and "\u2e80" <= character <= "\u2fdf"
    if kind in ("<wide>", "<narrow>") or radical:
        return "".join(chr(int(code, 16)) for code in codes.split())
    return character


def fold(text: str) -> str:
    """Widths and white space taken away: two texts that fold alike differ in nothing that a reader would cite."""
    return unicodedata.normalize("NFC", "".join(_folded(c) for c in text if not c.isspace()))


def without_radicals(text: str) -> str:
    """Kanji where PDF fonts gave radicals (⽇ for 日, ⼀ for 一), so that 第⼀条 is found."""
    return "".join(_folded(c) if "\u2e80" <= c <= "\u2fdf" else c for c in text)


def plain(line: str) -> str:
    """The line with ASCII brackets and spaces, character for character (so that positions agree)."""
    return line.translate(_PLAIN)


_PLAIN = {ord(a): b for a, b in zip("（）\u3000\u00a0\u2002\u2003\u2009\t", "()      ", strict=True)}


def number(numeral: str) -> int:
    """`１０`, `10`, `十`, `一〇`, `百二` as an integer; 元 (the first year of an era) is 1."""
    if numeral == "元":
        return 1
    if numeral.isdecimal():
        return int(numeral)
    if "十" not in numeral and "百" not in numeral:
        return int("".join(str(_KANJI_DIGITS[c]) if c in _KANJI_DIGITS else c for c in numeral))
    total = digit = 0
    for character in numeral:
        unit = {"十": 10, "百": 100}.get(character)
        if unit is None:
            digit = _KANJI_DIGITS[character] if character in _KANJI_DIGITS else int(character)
        else:
            total, digit = total + (digit or 1) * unit, 0
    return total + digit


def dated_acts(text: str) -> tuple[tuple[date, str], ...]:
    """Every `2024年2月9日 一部改正` (any numerals, eras too) as its date and its act, 制定 or 改正."""
    return tuple(
        (_day(found), "制定" if "定" in found["act"] else "改正") for found in DATED_ACT.finditer(text)
    )


def _day(found: re.Match[str]) -> date:
    year = _ERAS[found["era"]] + number(found["year"]) if found["era"] else number(found["ad"])
    try:
        return date(year, number(found["month"]), number(found["day"]))
    except ValueError:
        raise NoSuchDay(found=found[0]) from None
