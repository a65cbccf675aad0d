"""Thought only: the bytes of one OSCAL catalog, or of a profile resolved into one, into a framework.

A control is known by its `id`, which other OSCAL documents name it by; its parent is the control, else the group, that
holds it. Its text is its statement, with parameters told by their values or labels. A profile only points at catalogs:
nothing that it points at is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sekisho.connectors.language import (
    ControlDraft,
    FrameworkDraft,
    Unreadable,
    decode_strict,
    json_path,
    one_line,
    visible,
)
from sekisho.kernel.texts import Text

MAX_BYTES = 32 * 1024 * 1024  # all of SP 800-53 with every indentation has about 10 MB
MAX_DEPTH = 48
MAX_CONTROLS = 20_000
LONGEST_TEXT = 20_000  # characters, as in every long text

_VERSIONS = re.compile(r"1\.[012]\.\d{1,3}")
_INSERT = re.compile(r"\{\{\s*(?:insert:\s*param,\s*)?([A-Za-z_][\w.\-]{0,99})\s*\}\}")
_MAX_INSERTS, _MAX_NESTED_INSERTS = 500, 20  # in one piece of prose, in one parameter
_MOST_NESTED = 8  # a parameter's choices may insert parameters, whose choices ...
_LONGEST_INSERT = 500  # characters
_NOT_THE_STATEMENT = (
    "guidance",
    "assessment",
    "assessment-objective",
    "assessment-method",
    "objective",
    "example",
)
_OTHERS = (
    "component-definition", "system-security-plan", "assessment-plan", "assessment-results",
    "plan-of-action-and-milestones", "mapping-collection",
)  # fmt: skip

_NOT_OSCAL = Text(
    "OSCAL の文書ではありません（catalog がありません。あるのは {found}）。"
    "OSCAL のカタログ（JSON）か CSV を指定してください。",
    "This is no OSCAL document: it has no 'catalog' (it has {found}). Give an OSCAL catalog (JSON), or CSV.",
)
_OTHER_MODEL = Text(
    "OSCAL の {model} であり、カタログではありません。評価基準の管理策はカタログから取り込みます。",
    "This is an OSCAL {model}, no catalog. The controls of a framework come from a catalog.",
)
_PROFILE = Text(
    "OSCAL のプロファイルで、管理策は別の文書にあります（参照先 {count} 件: {hrefs}）。参照先は開きません。"
    "解決済みのカタログ（resolved profile catalog）を取り込んでください。",
    "This is an OSCAL profile, whose controls stand in other documents ({count} imports: {hrefs}). None is followed. "
    "Take the resolved profile catalog instead.",
)
_VERSION = Text(
    "OSCAL の版 {found} には対応していません。対応しているのは 1.0、1.1、1.2 です。",
    "OSCAL version {found} is not known. The versions that are read are 1.0, 1.1 and 1.2.",
)
_NOT_A = Text(
    "{where} は {wanted} であるべきです。ファイルが正しいか確認してください。",
    "{where} must be of the type {wanted}. Check whether the file is whole.",
)
_MISSING = Text("{where} がありません。", "{where} is missing.")
_TWICE = Text(
    "管理策 {id} が二度あります（{where}）。どちらが正しいか決められないため、何も取り込みません。",
    "The control {id} stands twice ({where}): which one holds cannot be told, so nothing is taken.",
)
_NO_CONTROLS = Text("管理策が一つもありません。", "There is not one control in it.")
_TOO_MANY = Text("管理策が {most} 件を超えています。", "There are more than {most} controls.")
_WITHDRAWN = Text(
    "廃止された管理策 {count} 件は取り込みませんでした。", "{count} withdrawn controls were left out."
)
_CUT = Text(
    "長すぎる番号・名称・本文を途中までで取り込みました: {count} 件（最初は {first}）",
    "Texts that are too long were cut: {count} (the first is of {first})",
)

Thing = Mapping[str, Any]


def parse(data: bytes) -> FrameworkDraft:
    """The framework of one catalog. Raises Unreadable where any part that is read is not as OSCAL has it."""
    catalog = _catalog(decode_strict(data, max_bytes=MAX_BYTES, max_depth=MAX_DEPTH))
    metadata = _object(catalog.get("metadata"), "catalog", "metadata")
    version = _text(metadata, "oscal-version", "catalog", "metadata")
    if not _VERSIONS.fullmatch(version):
        raise Unreadable(_VERSION, found=one_line(version, 40) or "-")
    reader = _Reader(catalog)
    title = one_line(_text(metadata, "title", "catalog", "metadata"))
    return FrameworkDraft(
        title, one_line(_text(metadata, "version", "catalog", "metadata")), reader.controls(), reader.losses()
    )


class _Reader:
    """One walk through a catalog: its controls, and what is left out of them."""

    def __init__(self, catalog: Thing) -> None:
        self._catalog = catalog
        self._found: dict[str, ControlDraft] = {}
        self._cut: list[str] = []
        self._withdrawn: set[str] = set()
        self._params = dict(_parameters(catalog, ("catalog",)))
        self._words: dict[str, str] = {}  # what stands in a parameter's place

    def controls(self) -> tuple[ControlDraft, ...]:
        self._walk(self._catalog, "", ("catalog",))
        if not self._found:
            raise Unreadable(_NO_CONTROLS)
        return tuple(self._found.values())

    def losses(self) -> tuple[Text, ...]:
        told = [_WITHDRAWN.format(count=len(self._withdrawn))] if self._withdrawn else []
        if self._cut:
            told.append(_CUT.format(count=len(self._cut), first=self._cut[0]))
        return tuple(told)

    def _walk(self, thing: Thing, parent: str, where: tuple[str | int, ...]) -> None:
        """The controls of a catalog, a group or a control, then its groups. `decode_strict` bounds the depth."""
        for control, place in _objects(thing, "controls", where):
            number = _text(control, "id", *place)
            if number in self._found or number in self._withdrawn:
                raise Unreadable(_TWICE, id=one_line(number, 60), where=json_path(*place))
            if _is_withdrawn(control, place):
                self._withdrawn.add(number)
            else:
                self._found[number] = self._control(control, number, parent, place)
            if len(self._found) > MAX_CONTROLS:
                raise Unreadable(_TOO_MANY, most=MAX_CONTROLS)
            self._walk(control, number, place)
        for group, place in _objects(thing, "groups", where):
            self._walk(group, _maybe(group, "id", *place) or parent, place)

    def _control(
        self, control: Thing, number: str, parent: str, place: tuple[str | int, ...]
    ) -> ControlDraft:
        title = self._line(_text(control, "title", *place), number)
        text = self._statement(control, place)
        if len(text) > LONGEST_TEXT:
            self._cut.append(one_line(number, 60))
            text = text[: LONGEST_TEXT - 1] + "…"
        return ControlDraft(self._line(number, number), title, one_line(parent), text)

    def _line(self, value: str, number: str) -> str:
        line = one_line(value)
        if line.endswith("…") and len(line) < len(value):
            self._cut.append(one_line(number, 60))
        return line

    def _statement(self, control: Thing, place: tuple[str | int, ...]) -> str:
        """The prose of the parts named 'statement'; where there are none, of all that are no guidance."""
        parts = list(_objects(control, "parts", place))
        stated = [(p, w) for p, w in parts if p.get("name") == "statement"]
        chosen = stated or [(p, w) for p, w in parts if p.get("name") not in _NOT_THE_STATEMENT]
        text = ""
        for line in (line for part, where in chosen for line in self._prose(part, where)):
            text += visible(line) + "\n"
            if len(text) > LONGEST_TEXT + 1:
                break
        return text.removesuffix("\n")

    def _prose(self, part: Thing, where: tuple[str | int, ...]) -> Iterator[str]:
        """A part's prose with its label before it, then that of the parts in it."""
        prose = self._filled(_maybe(part, "prose", *where))
        if prose:
            yield f"{_label(part, where)} {prose}".strip()
        for below, place in _objects(part, "parts", where):
            yield from self._prose(below, place)

    def _filled(self, prose: str, nested: int = 0) -> str:
        """The prose with parameters told by their values, choices or labels; unknown ones by their ids."""
        most = _MAX_NESTED_INSERTS if nested else _MAX_INSERTS
        return _INSERT.sub(lambda match: self._told(match[1], nested), prose, count=most)

    def _told(self, id_: str, nested: int) -> str:
        """[what stands in a parameter's place], worked out once. One that inserts itself is told by its id there."""
        if id_ not in self._words:
            if nested >= _MOST_NESTED:
                return f"[{id_}]"
            self._words[id_] = f"[{id_}]"
            words = _parameter_words(self._params.get(id_, {}), id_)
            self._words[id_] = f"[{one_line(self._filled(words, nested + 1), _LONGEST_INSERT)}]"
        return self._words[id_]


def _catalog(document: object) -> Thing:
    """The catalog of a document. Raises Unreadable, with what it is instead."""
    if not isinstance(document, dict):
        raise Unreadable(_NOT_A, where="$", wanted="object")
    if "catalog" in document:
        return _object(document["catalog"], "catalog")
    if "profile" in document:
        profile = _object(document["profile"], "profile")
        hrefs = [_text(i, "href", *place) for i, place in _objects(profile, "imports", ("profile",))]
        told = ", ".join(one_line(href, 80) for href in hrefs[:5]) or "-"
        raise Unreadable(_PROFILE, count=len(hrefs), hrefs=told)
    for model in _OTHERS:
        if model in document:
            raise Unreadable(_OTHER_MODEL, model=model)
    raise Unreadable(_NOT_OSCAL, found=", ".join(one_line(name, 40) for name in list(document)[:8]) or "{}")


def _parameters(thing: Thing, where: tuple[str | int, ...]) -> Iterator[tuple[str, Thing]]:
    """Every parameter of the catalog, wherever it stands, by id; and by the older id that prose may still name."""
    for param, place in _objects(thing, "params", where):
        yield _text(param, "id", *place), param
        for prop, _ in _objects(param, "props", place):
            if prop.get("name") == "alt-identifier" and isinstance(prop.get("value"), str):
                yield prop["value"], param
    for name in ("groups", "controls"):
        for below, place in _objects(thing, name, where):
            yield from _parameters(below, place)


def _parameter_words(param: Thing, id_: str) -> str:
    """What a parameter says of itself: its values, else its choices, else its label, else its id."""
    select = param.get("select")
    choices = select.get("choice") if isinstance(select, dict) else None
    for given, between in ((param.get("values"), ", "), (choices, " / ")):
        if isinstance(given, list) and given:
            return between.join(str(one) for one in given)
    label = param.get("label")
    return label if isinstance(label, str) and label else id_


def _is_withdrawn(control: Thing, place: tuple[str | int, ...]) -> bool:
    props = [(p.get("name"), str(p.get("value", "")).lower()) for p, _ in _objects(control, "props", place)]
    return ("status", "withdrawn") in props


def _label(part: Thing, where: tuple[str | int, ...]) -> str:
    labels = [p.get("value") for p, _ in _objects(part, "props", where) if p.get("name") == "label"]
    return next((label for label in labels if isinstance(label, str)), "")


def _objects(
    thing: Thing, name: str, where: tuple[str | int, ...]
) -> Iterator[tuple[Thing, tuple[str | int, ...]]]:
    """The objects of a list in a field, each with its place; none where there is no such field. Raises Unreadable."""
    given = thing.get(name)
    if given is None:
        return
    if not isinstance(given, list):
        raise Unreadable(_NOT_A, where=json_path(*where, name), wanted="array")
    for index, one in enumerate(given):
        place = (*where, name, index)
        yield _object(one, *place), place


def _object(value: object, *where: str | int) -> Thing:
    if value is None:
        raise Unreadable(_MISSING, where=json_path(*where))
    if not isinstance(value, dict):
        raise Unreadable(_NOT_A, where=json_path(*where), wanted="object")
    return value


def _text(thing: Thing, name: str, *where: str | int) -> str:
    """A text that must be there."""
    value = _maybe(thing, name, *where)
    if not value.strip():
        raise Unreadable(_MISSING, where=json_path(*where, name))
    return value


def _maybe(thing: Thing, name: str, *where: str | int) -> str:
    value = thing.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Unreadable(_NOT_A, where=json_path(*where, name), wanted="string")
    return value
