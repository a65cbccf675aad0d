"""YAML with the place of everything: line and column from 1. Only what a rule needs; no tags, anchors or doubles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text

LARGEST = 262_144  # bytes of a file of rules
DEEPEST = 12


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a file: line and column, from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a file of rules, and where."""

    place: Place
    text: Text


class BadRules(SekishoError):
    """A file of rules that cannot be used; `problems` says what is wrong, and where, in the order of the file."""

    code = "bad_rules"
    status = 422
    text = Text("検知ルールを読み込めません。{first}", "The rules cannot be used. {first}")

    def __init__(self, *problems: Problem) -> None:
        self.problems = tuple(sorted(problems, key=lambda p: (p.place.line, p.place.column)))
        super().__init__(first=told(self.problems[0]))


def told(problem: Problem) -> Text:
    """The problem in one line, with its place."""
    at = problem.place
    return Text(
        f"{at.line}行{at.column}桁: {problem.text.ja}",
        f"line {at.line}, column {at.column}: {problem.text.en}",
    )


class Said:
    """A value of the file with its place: `value` is a dict of Said, a list of Said, or a scalar."""

    __slots__ = ("place", "value")

    def __init__(self, value: Any, place: Place) -> None:
        self.value = value
        self.place = place

    def bad(self, ja: str, en: str, /, **data: object) -> BadRules:
        return BadRules(Problem(self.place, Text(ja, en).format(**data)))

    def mapping(self) -> dict[str, Said]:
        if not isinstance(self.value, dict):
            raise self.bad("「名前: 値」の組が必要です。", "A mapping (name: value) is needed here.")
        return self.value

    def items(self) -> list[Said]:
        """A list, or the one value as a list."""
        return self.value if isinstance(self.value, list) else [self]

    def text(self) -> str:
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.bad("文字列が必要です。", "A text is needed here.")
        return self.value.strip()

    def number(self) -> float:
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            raise self.bad("数値が必要です。", "A number is needed here.")
        return self.value

    def whole(self, least: int, most: int) -> int:
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise self.bad("{a} から {b} までの整数が必要です。", "A whole number from {a} to {b} is needed here.", a=least, b=most)  # fmt: skip
        return value

    def only(self, *known: str, needed: tuple[str, ...] = ()) -> dict[str, Said]:
        """The mapping, refusing names that are not known and missing ones that are needed."""
        found = self.mapping()
        for name, said in found.items():
            if name not in known:
                raise said.bad("「{name}」はここでは使えません。使えるもの: {known}", "{name!r} is not known here. Known: {known}", name=name, known=", ".join(known))  # fmt: skip
        for name in needed:
            if name not in found:
                raise self.bad("「{name}」がありません。", "{name} is missing.", name=name)
        return found


def documents(text: str) -> Iterator[Said]:
    """The documents of a file. Raises BadRules where it is no YAML that a rule may use."""
    if len(text.encode()) > LARGEST:
        at = Place(1, 1)
        raise BadRules(Problem(at, Text(f"{LARGEST}バイトを超えています。", f"Larger than {LARGEST} bytes.")))
    try:
        _refuse_anchors(text)
        loader = yaml.SafeLoader(text)
        while loader.check_node():
            if (node := loader.get_node()) is not None:
                yield _said(loader, node, 0)
        loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
        raise _no_yaml(at, error.problem or "not YAML") from error
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        at = Place(before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise _no_yaml(at, error.reason) from error


def _no_yaml(at: Place, why: str) -> BadRules:
    return BadRules(Problem(at, Text(f"YAMLとして読めません（{why}）。", f"This is no YAML: {why}.")))


def _refuse_anchors(text: str) -> None:
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise BadRules(Problem(_place(event), Text("アンカーと別名は使えません。", "Anchors and aliases are not allowed.")))  # fmt: skip


def _place(node: Any) -> Place:
    return Place(node.start_mark.line + 1, node.start_mark.column + 1)


def _said(loader: Any, node: yaml.Node, depth: int) -> Said:
    place = _place(node)
    here = Said(None, place)
    if depth > DEEPEST:
        raise here.bad("入れ子が深すぎます。", "Nested too deep.")
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Said] = {}
        for key, value in node.value:
            name = loader.construct_object(key)
            if not isinstance(name, str):
                raise Said(None, _place(key)).bad("名前は文字列で書いてください。", "A name must be a text.")
            if name in found:
                raise Said(None, _place(key)).bad("「{name}」が二度あります。", "{name!r} stands here twice.", name=name)  # fmt: skip
            found[name] = _said(loader, value, depth + 1)
            if isinstance(value, yaml.ScalarNode) and found[name].value in (None, ""):
                found[name].place = _place(key)
        return Said(found, place)
    if isinstance(node, yaml.SequenceNode):
        return Said([_said(loader, item, depth + 1) for item in node.value], place)
    return Said(loader.construct_object(node), place)
