"""Words of Markdown that the pages share: tables, anchors, texts in two languages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sekisho.kernel.texts import Text
from sekisho.records.contents import is_kind
from sekisho.records.record import STAFF
from sekisho.records.roles import ROLES
from sekisho.rulebook.contents import CLAUSES


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; its cells may hold Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_on_one_line(cell) for cell in line) + " |" for line in lines)


def _on_one_line(cell: str) -> str:
    return cell.replace("|", "\\|").replace("\n", "<br>")


def plain(text: str) -> str:
    """A text whose characters mean nothing in Markdown."""
    for character in "\\`*_<>[]":
        text = text.replace(character, f"\\{character}")
    return text


def code(text: object) -> str:
    return f"`{text}`"


def both(text: Text, between: str = " / ") -> str:
    """Japanese, then English; once where they are the same, nothing where there is neither."""
    return between.join(dict.fromkeys(plain(t) for t in (text.ja, text.en) if t))


def kind_link(name: str) -> str:
    return f"[`{name}`](kinds.md#{name})" if is_kind(name) else code(name)


def clause_link(citation: str) -> str:
    """A clause; only those that the rulebook has are linked."""
    return f"[{citation}](rulebook.md#c{citation.lower()})" if citation in CLAUSES else citation


def limit_link(name: str) -> str:
    return f"[`{name}`](limits.md#{name})"


def roles(names: Iterable[str]) -> str:
    """Roles in the order in which the rule's offices stand, in both languages."""
    given = frozenset(names)
    words = [Text("在籍する役職員全員", "everybody who works at the member")] if STAFF in given else []
    words += [Text(*ROLES[name]) for name in ROLES if name in given]
    return f"{'、'.join(w.ja for w in words)}\n{', '.join(w.en for w in words)}" if words else "-"
