"""The documentation as its readers meet it: pages, links, anchors, code, commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("README*.md"), ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
PAIRS = [(page.with_name(page.name.replace(".en.md", ".md")), page) for page in PAGES if ".en." in page.name]

_FENCED = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_ANCHOR = re.compile(r'<a id="([^"]+)"></a>')


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def prose(page: Path) -> str:
    """The page without its blocks of code."""
    return _FENCED.sub("", text_of(page))


def blocks(page: Path) -> list[tuple[str, str]]:
    """(language, code) of each block, without comments: they are in the page's own language."""
    return [(language, _without_comments(code)) for _, language, code in _FENCED.findall(text_of(page))]


def _without_comments(code: str) -> str:
    lines = (re.sub(r"(^|\s+)(#|-- ).*$", "", line).strip() for line in code.splitlines())
    return "\n".join(line for line in lines if line)


def inline(page: Path) -> list[str]:
    return _INLINE.findall(prose(page))


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """(file, anchor) of every link within this tree."""
    for target in _LINK.findall(prose(page)):
        if "://" not in target:
            path, _, anchor = target.partition("#")
            yield (page.parent / path).resolve() if path else page, anchor


def anchors(page: Path) -> set[str]:
    """What a link may name: own anchors, and headings in the form that readers of Markdown give them."""
    text = prose(page)
    slugs = (re.sub(r"[^\w\- ]", "", h.strip().lower()).replace(" ", "-") for h in _HEADING.findall(text))
    return {*_ANCHOR.findall(text), *slugs}


def headings(page: Path) -> list[int]:
    return [len(line) - len(line.lstrip("#")) for line in re.findall(r"^#+ .*$", prose(page), re.MULTILINE)]


def commands(page: Path, program: str) -> list[list[str]]:
    """The words after a program's name, wherever the page shows it as code."""
    shown = inline(page) + [
        line for language, code in blocks(page) if language in {"sh", "ini"} for line in code.splitlines()
    ]
    start = re.compile(rf"(?:^|[\s;&|=/]){re.escape(program)} ([^;&|>]+)")
    return [words.split() for code in shown for words in start.findall(code)]
