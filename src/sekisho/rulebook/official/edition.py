"""What an edition of the rule is, once it is split: parts in the order of the text, each under its citation."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

Level = Literal["chapter", "section", "article", "paragraph", "item", "guideline", "supplementary"]


@dataclass(frozen=True)
class Part:
    """One numbered part. `label` and `heading` are as written (`第10条`, `(1)`; a caption without its brackets).

    Citations: chapter `C3`, section `C4-1`, article `16`, paragraph `7-1`, item `10-2-4`, guideline `G10-4` and
    `GC3` (`G` alone: its title and dates), supplementary provisions `S1`, `GS1`. An inserted article
    (第10条の2) is `10_2`, as in the law data of e-Gov.
    """

    citation: str
    level: Level
    heading: str
    text: str
    label: str = ""


@dataclass(frozen=True)
class Edition:
    """The whole text. `preamble` is what stands between the title and the first chapter (dates, contents)."""

    title: str
    enacted_on: date | None
    amended_on: tuple[date, ...]
    parts: tuple[Part, ...]
    supplementary: tuple[Part, ...] = ()
    preamble: str = ""

    @cached_property
    def _by_citation(self) -> dict[str, Part]:
        return {part.citation: part for part in (*self.parts, *self.supplementary)}

    def find(self, citation: str) -> Part | None:
        """The part under a citation, or None."""
        return self._by_citation.get(citation)

    def lacking(self, citations: Iterable[str]) -> tuple[str, ...]:
        """Those of `citations` that this edition has no words for: what to look at after an import."""
        return tuple(
            c for c in citations if (part := self.find(c)) is None or not (part.text or part.heading)
        )
