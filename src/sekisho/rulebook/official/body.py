"""The numbered body of the rule: chapters, sections, articles, paragraphs, items, each begun where its number is due.

A line that begins with a number may also be the rest of a wrapped sentence (「前｜2項」, 「…規則｜第2条の定義」). So a
mark counts only where a part may begin: its number is due or stands by itself, and the sentence before has ended.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from sekisho.kernel.texts import Text
from sekisho.rulebook.official import marks
from sekisho.rulebook.official.characters import plain
from sekisho.rulebook.official.edition import Level, Part
from sekisho.rulebook.official.errors import OutOfOrder, RepeatedNumber
from sekisho.rulebook.official.lines import Line, ended, joined
from sekisho.rulebook.official.marks import Mark, Number

# Articles of one unnumbered paragraph are cited `16`, their items `2-1-1`. The official guideline itself cites these
# two otherwise (第6条第1項第2号, 第27条第1号), and the list of clauses follows it.
CITED_WITH_PARAGRAPH = frozenset({(6, 1)})
ITEMS_CITED_BY_ARTICLE = frozenset({(27, 1)})


@dataclass
class Draft:
    """A part being read, with the parts inside it (an article's paragraphs, a paragraph's items)."""

    level: Level
    number: Number
    label: str = ""
    heading: str = ""
    text: str = ""
    inside: list["Draft"] = field(default_factory=list)
    kanji: bool = False  # a paragraph's items are 一 二 三; then (1) inside them is only text


def body_parts(lines: list[Line]) -> list[Part]:
    """The parts of the rule's body, in order."""
    reader = _Reader(lines)
    for index in range(len(lines)):
        reader.read(index)
    return list(_parts(reader.drafts))


class _Reader:
    """Reads line after line into drafts; `current` is the draft that a plain line goes on with."""

    def __init__(self, lines: list[Line]) -> None:
        self.lines = lines
        self.drafts: list[Draft] = []
        self.current: Draft | None = None
        self.caption = ""
        self.chapter: Number | None = None
        self.section: Number | None = None
        self.article: Number | None = None
        self.seen: set[Number] = set()

    def read(self, index: int) -> None:
        line = self.lines[index]
        ways: tuple[Callable[[int, Line], bool], ...] = (
            self._chapter,
            self._section,
            self._caption,
            self._article,
            self._paragraph,
            self._item,
        )
        if not any(way(index, line) for way in ways):
            self._go_on(line)

    # what may begin here

    def _free(self) -> bool:
        """A new part may begin: the sentence before has ended (items and headings end without a full stop)."""
        current = self.current
        return current is None or current.level in ("chapter", "section", "item") or ended(current.text)

    def _heads(self, mark: Mark | None, previous: Number | None) -> bool:
        """Whether a chapter's or section's mark is a heading: short, no sentence, by itself or due."""
        if mark is None or not self._free() or mark.rest.endswith(("。", "、")) or len(mark.rest) > 60:
            return False
        return mark.spaced or (marks.follows(previous or (0, 1), mark.number) and not mark.particle)

    def _begins_article(self, mark: Mark | None, captioned: bool) -> bool:
        if mark is None or not (captioned or self._free()):
            return False
        due = marks.follows(self.article or (0, 1), mark.number)
        return mark.spaced or mark.rest.startswith(("(", "（")) or ((captioned or due) and not mark.particle)

    def _begins_paragraph(self, mark: Mark | None, line: Line, previous: Number) -> bool:
        if mark is None or mark.structure or not (line.bullet or self._free()):
            return False
        if not marks.follows(previous, mark.number):
            return (line.bullet or mark.spaced) and not mark.counter and bool(mark.rest)
        return line.bullet or mark.spaced or not mark.counter

    # chapters and sections

    def _chapter(self, index: int, line: Line) -> bool:
        mark = marks.chapter(line.words, line.plain)
        if mark is None or not self._heads(mark, self.chapter):
            return False
        _check(Text("章", "the chapters"), "第{}章", self.chapter, mark, line)
        self.chapter, self.section = mark.number, None
        self._open(Draft("chapter", mark.number, mark.label, mark.rest))
        return True

    def _section(self, index: int, line: Line) -> bool:
        mark = marks.section(line.words, line.plain)
        if mark is None or not self._heads(mark, self.section):
            return False
        _check(Text("節", "the sections"), "第{}節", self.section, mark, line)
        self.section = mark.number
        self._open(Draft("section", mark.number, mark.label, mark.rest))
        return True

    def _open(self, draft: Draft) -> None:
        self.drafts.append(draft)
        self.current = draft

    # articles

    def _caption(self, index: int, line: Line) -> bool:
        """A line in brackets whose next line is an article is that article's caption."""
        found = marks.CAPTION.fullmatch(line.plain)
        if not found or not self._free() or index + 1 == len(self.lines):
            return False
        following = self.lines[index + 1]
        if not self._begins_article(marks.article(following.words, following.plain), captioned=True):
            return False
        self.caption = line.words[1:-1].strip()
        return True

    def _article(self, index: int, line: Line) -> bool:
        mark = marks.article(line.words, line.plain)
        if mark is None or not self._begins_article(mark, bool(self.caption)):
            return False
        if mark.number in self.seen:
            raise RepeatedNumber(
                where=Text("規則", "the rule"), found=_named("第{}条", mark.number), line=line.at
            )
        _check(Text("条", "the articles"), "第{}条", self.article, mark, line)
        self.article = mark.last
        self.seen.add(mark.number)
        heading, text = (self.caption, mark.rest) if self.caption else _caption_inside(mark.rest)
        self.caption = ""
        paragraph = Draft("paragraph", (1, 1), text=text)
        self._open(Draft("article", mark.number, mark.label, heading, inside=[paragraph]))
        self.current = paragraph
        if text:
            self._number_first(paragraph, text)
        return True

    def _number_first(self, paragraph: Draft, text: str) -> bool:
        """`第5条 1 会員は…`: an article that numbers its first paragraph too."""
        mark = marks.paragraph(text, text)
        if mark is None or mark.number != (1, 1) or not mark.spaced or mark.counter:
            return False
        paragraph.label, paragraph.text = mark.label, mark.rest
        return True

    # paragraphs and items

    def _paragraph(self, index: int, line: Line) -> bool:
        if self.article is None or self.drafts[-1].level != "article":
            return False
        paragraphs = self.drafts[-1].inside
        if (
            not paragraphs[0].text
            and not paragraphs[0].label
            and self._number_first(paragraphs[0], line.words)
        ):
            return True
        mark = marks.paragraph(line.words, line.plain)
        if mark is None or not self._begins_paragraph(mark, line, paragraphs[-1].number):
            return False
        place = _named("第{}条", self.drafts[-1].number)
        _check(
            Text(f"{place}の項", f"the paragraphs of {place}"), "第{}項", paragraphs[-1].number, mark, line
        )
        self.current = Draft("paragraph", mark.number, mark.label, text=mark.rest)
        paragraphs.append(self.current)
        return True

    def _item(self, index: int, line: Line) -> bool:
        if self.article is None or self.drafts[-1].level != "article":
            return False
        paragraph = self.drafts[-1].inside[-1]
        last = paragraph.inside[-1].number if paragraph.inside else None
        mark = self._item_mark(line, paragraph, last)
        if mark is None:
            return False
        place = _named("第{}条", self.drafts[-1].number) + _named("第{}項", paragraph.number)
        _check(Text(f"{place}の号", f"the items of {place}"), "第{}号", last, mark, line)
        self.current = Draft("item", mark.number, mark.label, text=mark.rest)
        paragraph.inside.append(self.current)
        return True

    def _item_mark(self, line: Line, paragraph: Draft, last: Number | None) -> Mark | None:
        """The item's mark in the style that this paragraph has begun with: (1), or 一 and a space."""
        kanji = marks.kanji_item(line.words, line.plain)
        if kanji and (paragraph.kanji or (last is None and kanji.number == (1, 1) and self._free())):
            paragraph.kanji = True
            return kanji
        mark = None if paragraph.kanji else marks.bracketed_item(line.words, line.plain)
        return None if mark is None or mark.particle or mark.structure else mark

    def _go_on(self, line: Line) -> None:
        current = self.current
        if current is None:
            self._open(Draft("chapter", (0, 1), text=line.words))
        elif current.level in ("chapter", "section") and not current.heading:
            current.heading = line.words
        else:
            current.text = joined(current.text, line)


def _caption_inside(rest: str) -> tuple[str, str]:
    """`（目的） 本規則は…` after the article's number, as its caption and its text."""
    found = marks.CAPTION.match(plain(rest))
    if not found or len(found[0]) > 60 or "削" in found[0][:2]:
        return "", rest
    return rest[1 : found.end() - 1].strip(), rest[found.end() :].strip()


def _named(form: str, value: Number) -> str:
    """`第10条`, `第10条の2`."""
    name = form.format(value[0])
    return name if value[1] == 1 else f"{name}の{value[1]}"


def _check(where: Text, form: str, previous: Number | None, mark: Mark, line: Line) -> None:
    """The number is due, or the text is not the rule whole and once."""
    if marks.follows(previous or (0, 1), mark.number):
        return
    found = _named(form, mark.number)
    if previous == mark.number:
        raise RepeatedNumber(where=where, found=found, line=line.at)
    due = form.format((previous or (0, 1))[0] + 1)
    raise OutOfOrder(where=where, expected=due, found=found, line=line.at)


# from drafts to citations


def _parts(drafts: Iterable[Draft]) -> Iterator[Part]:
    chapter = ""
    for draft in drafts:
        if draft.level == "article":
            yield from _article_parts(draft)
        else:
            cited = marks.cited(draft.number)
            chapter = f"C{cited}" if draft.level == "chapter" else chapter
            citation = chapter if draft.level == "chapter" else f"{chapter or 'C0'}-{cited}"
            yield Part(citation, draft.level, draft.heading, draft.text, draft.label)


def _article_parts(article: Draft) -> Iterator[Part]:
    cited, first = marks.cited(article.number), article.inside[0]
    numbered = len(article.inside) > 1 or bool(first.label) or article.number in CITED_WITH_PARAGRAPH
    yield Part(cited, "article", article.heading, "" if numbered else first.text, article.label)
    for paragraph in article.inside:
        place = f"{cited}-{marks.cited(paragraph.number)}"
        if numbered:
            yield Part(place, "paragraph", "", paragraph.text, paragraph.label)
        elif article.number in ITEMS_CITED_BY_ARTICLE:
            place = cited
        for item in paragraph.inside:
            yield Part(f"{place}-{marks.cited(item.number)}", "item", "", item.text, item.label)
