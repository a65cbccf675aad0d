"""Split the official text at its citations, as the product's list of clauses has them. No word is lost on the way."""

from sekisho.kernel.texts import Text
from sekisho.rulebook.official import marks
from sekisho.rulebook.official.body import body_parts
from sekisho.rulebook.official.characters import dated_acts, fold
from sekisho.rulebook.official.edition import Edition, Part
from sekisho.rulebook.official.errors import Empty, NotTheRule, RepeatedNumber
from sekisho.rulebook.official.lines import Line, joined, lines_of

_GUIDELINE = Text("ガイドライン", "the guideline")


def split(text: str) -> Edition:
    """The edition in `text` (extracted by whatever tool: see the tests for the shapes that are read).

    Raises NotTheRule, RepeatedNumber, OutOfOrder or NoSuchDay where the text cannot be the rule, whole and once.
    """
    lines = lines_of(text)
    if not lines:
        raise Empty(name="-")
    first = _first_article(lines)
    guideline = _guideline_start(lines, first)
    start = _body_start(lines, first)
    rule, supplementary = _cut_supplement(lines[start:guideline], "S")
    notes, notes_supplementary = _cut_supplement(lines[guideline:], "GS")
    title, preamble = _title(lines[:start])
    acts = dated_acts(preamble)
    return Edition(
        title=title,
        enacted_on=next((day for day, act in acts if act == "制定"), None),
        amended_on=tuple(day for day, act in acts if act == "改正"),
        parts=(*body_parts(rule), *_guideline_parts(notes)),
        supplementary=(*supplementary, *notes_supplementary),
        preamble=preamble,
    )


def _first_article(lines: list[Line]) -> int:
    for index, line in enumerate(lines):
        mark = marks.article(line.words, line.plain)
        captioned = index and marks.CAPTION.fullmatch(lines[index - 1].plain)
        if mark and (mark.spaced or captioned or not mark.particle):
            return index
    raise NotTheRule()


def _body_start(lines: list[Line], first: int) -> int:
    """The line of chapter 1 nearest before the first article (a table of contents names it too), else its caption."""
    for index in range(first - 1, -1, -1):
        mark = marks.chapter(lines[index].words, lines[index].plain)
        if mark and mark.number == (1, 1):
            return index
    captioned = (
        first and marks.CAPTION.fullmatch(lines[first - 1].plain) and not dated_acts(lines[first - 1].words)
    )
    return first - 1 if captioned else first


def _title(lines: list[Line]) -> tuple[str, str]:
    """The title (which may be wrapped) and the lines after it: dates, table of contents."""
    end = 0
    while end < len(lines) and not (end and lines[end].gap) and not _begins_preamble(lines[end]):
        end += 1
    return "".join(line.words for line in lines[:end]), "\n".join(line.words for line in lines[end:])


def _begins_preamble(line: Line) -> bool:
    return bool(line.plain.startswith("(") or dated_acts(line.words) or fold(line.words) == "目次")


def _guideline_start(lines: list[Line], first: int) -> int:
    """Where the guideline's title is, else the first heading 第N条関係, else the end."""
    for index in range(first, len(lines)):
        if _guideline_title(lines, index) or marks.relation(lines[index].plain):
            return index
    return len(lines)


def _guideline_title(lines: list[Line], index: int) -> int:
    """How many lines from `index` are the title 「…規則」に関するガイドライン, wrapped or not; 0 if they are not."""
    words = ""
    for span, line in enumerate(lines[index : index + 3], start=1):
        words += fold(line.words)
        if words == "ガイドライン" or (
            words.startswith("「") and words.endswith("ガイドライン") and "。" not in words
        ):
            return span
    return 0


def _guideline_parts(lines: list[Line]) -> list[Part]:
    if not lines:
        return []
    span = _guideline_title(lines, 0)
    relations = [i for i, line in enumerate(lines) if marks.relation(line.plain)]
    ends = [*relations, len(lines)]
    heading = "".join(line.words for line in lines[:span])
    parts = [Part("G", "guideline", heading, "\n".join(line.words for line in lines[span : ends[0]]))]
    seen: set[str] = set()
    for start, end in zip(relations, ends[1:], strict=True):
        line = lines[start]
        citation = marks.relation(line.plain) or "G"
        if citation in seen:
            raise RepeatedNumber(where=_GUIDELINE, found=line.words, line=line.at)
        seen.add(citation)
        parts.append(Part(citation, "guideline", line.words, _text(lines[start + 1 : end])))
    return parts if span or parts[0].text else parts[1:]


def _cut_supplement(lines: list[Line], prefix: str) -> tuple[list[Line], list[Part]]:
    """The lines before the first 附則, and each 附則 as a part (`S1`, `S2`: they are only ever added to)."""
    openings = [(i, words) for i, line in enumerate(lines) if (words := marks.supplement(line.plain))]
    ends = [*(i for i, _ in openings), len(lines)]
    parts = []
    for nth, ((start, words), end) in enumerate(zip(openings, ends[1:], strict=True), start=1):
        line = lines[start]
        rest = line.words[len(words) :].strip()
        text = _text(lines[start + 1 : end], rest)
        parts.append(Part(f"{prefix}{nth}", "supplementary", line.words[: len(words)].strip(), text))
    return lines[: ends[0]], parts


def _text(lines: list[Line], text: str = "") -> str:
    for line in lines:
        text = joined(text, line)
    return text
