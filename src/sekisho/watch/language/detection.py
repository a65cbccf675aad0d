"""Sigma's `detection`: selections of fields with modifiers, and a condition over them (Sigma 2.1, "Rules")."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from ipaddress import ip_network

from sekisho.watch.events import FIELDS, NUMBERS, TYPES, lowered
from sekisho.watch.language.yaml_nodes import BadRules, Said
from sekisho.watch.program import AND, NOT, OR, Match, Test

Code = tuple[int, ...]

_MATCHES = {
    "contains": Match.CONTAINS,
    "startswith": Match.STARTS,
    "endswith": Match.ENDS,
    "lt": Match.LESS,
    "lte": Match.AT_MOST,
    "gt": Match.MORE,
    "gte": Match.AT_LEAST,
    "exists": Match.EXISTS,
    "cidr": Match.CIDR,
}
_ORDER = {Match.LESS, Match.AT_MOST, Match.MORE, Match.AT_LEAST}
_TOKEN = re.compile(r"\s*(?:(\()|(\))|(1|all|any)\s+of\s+(\S+?)(?=[\s)]|$)|([A-Za-z_][\w*-]*))")
_MOST_TOKENS = 200


class Tests:
    """The tests of a rule set, each kept once."""

    def __init__(self) -> None:
        self._numbers: dict[Test, int] = {}

    def number(self, test: Test) -> int:
        return self._numbers.setdefault(test, len(self._numbers))

    def all(self) -> tuple[Test, ...]:
        return tuple(self._numbers)


def compile_detection(said: Said, tests: Tests) -> Code:
    """The postfix code of a `detection`."""
    parts = said.mapping()
    if "condition" not in parts:
        raise said.bad("「condition」がありません。", "condition is missing.")
    selections = {name: _selection(part, tests) for name, part in parts.items() if name != "condition"}
    if not selections:
        raise said.bad("選択条件（selection など）がありません。", "There is no selection.")
    return _Condition(parts["condition"], selections).code()


def _all_of(codes: list[Code], joint: int = AND) -> Code:
    whole = codes[0]
    for code in codes[1:]:
        whole = (*whole, *code, joint)
    return whole


def _selection(said: Said, tests: Tests) -> Code:
    if isinstance(said.value, list):
        if not said.value:
            raise said.bad("選択条件が空です。", "The selection is empty.")
        return _all_of([_selection(item, tests) for item in said.value], OR)
    fields = said.mapping()
    if not fields:
        raise said.bad("選択条件が空です。", "The selection is empty.")
    return _all_of([_field(name, value, tests) for name, value in fields.items()])


def _field(name: str, said: Said, tests: Tests) -> Code:
    field, *modifiers = name.split("|")
    if field not in FIELDS:
        raise said.bad("「{field}」というイベント項目はありません。項目: {known}", "Events have no field {field!r}. Fields: {known}", field=field, known=", ".join(FIELDS))  # fmt: skip
    cased, every, match = False, False, Match.EQUALS
    for modifier in modifiers:
        if modifier == "cased":
            cased = True
        elif modifier == "all":
            every = True
        elif modifier in _MATCHES and match is Match.EQUALS:
            match = _MATCHES[modifier]
        else:
            raise said.bad("修飾子「{m}」は使えません。使えるもの: {known}", "The modifier {m!r} is not known here. Known: {known}", m=modifier, known=", ".join((*_MATCHES, "all", "cased")))  # fmt: skip
    codes = [_value(field, match, value, cased, tests) for value in said.items()]
    if not codes:
        raise said.bad("値がありません。", "There is no value.")
    return _all_of(codes, AND if every else OR)


def _value(field: str, match: Match, said: Said, cased: bool, tests: Tests) -> Code:
    value = said.value
    if match is Match.EXISTS:
        if not isinstance(value, bool):
            raise said.bad("exists には true か false を書いてください。", "exists takes true or false.")
        code = (tests.number(Test(field, Match.EXISTS, ())),)
        return code if value else (*code, NOT)
    if value is None:
        return (tests.number(Test(field, Match.EXISTS, ())), NOT)
    if field == "ok":
        if not isinstance(value, bool) or match is not Match.EQUALS:
            raise said.bad("ok には true か false を書いてください。", "ok takes true or false.")
        return (tests.number(Test(field, match, (value,))),)
    if field in NUMBERS:
        if match not in _ORDER and match is not Match.EQUALS:
            raise said.bad("{field} は数値です。lt, lte, gt, gte か値そのものを使ってください。", "{field} is a number: use lt, lte, gt, gte or the value itself.", field=field)  # fmt: skip
        return (tests.number(Test(field, match, (float(said.number()),))),)
    if match in _ORDER:
        raise said.bad("{field} は数値ではありません。", "{field} is no number.", field=field)
    text = said.text() if isinstance(value, str) else str(said.whole(0, 2**62))
    if field == "typ":
        if match is not Match.EQUALS or text not in TYPES:
            raise said.bad("「{v}」というイベント種別はありません。種別: {known}", "There is no event type {v!r}. Types: {known}", v=text, known=", ".join(TYPES))  # fmt: skip
        return (tests.number(Test(field, match, (text,))),)
    if match is Match.CIDR:
        return _cidr(field, said, text, tests)
    match, text = _wildcards(match, said, text)
    return (tests.number(Test(field, match, (text if cased else lowered(text),), cased)),)


def _cidr(field: str, said: Said, text: str, tests: Tests) -> Code:
    try:
        network = ip_network(text)
    except ValueError as error:
        raise said.bad("「{v}」はネットワークの表記（例: 192.0.2.0/24）ではありません。", "{v!r} is no network (such as 192.0.2.0/24).", v=text) from error  # fmt: skip
    if field != "ip":
        raise said.bad("cidr は ip にだけ使えます。", "cidr is for ip alone.")
    return (tests.number(Test(field, Match.CIDR, (str(network),))),)


def _wildcards(match: Match, said: Said, text: str) -> tuple[Match, str]:
    """Sigma's `*` at the ends of a value; anywhere else it is refused rather than guessed."""
    inner = text.strip("*")
    if "*" in inner or "?" in inner or "\\" in inner:
        raise said.bad("「*」は値の先頭と末尾にだけ使えます。「?」と「\\」は使えません。", "'*' may stand at the ends of a value alone; '?' and '\\' are not supported.")  # fmt: skip
    if inner == text or match is not Match.EQUALS:
        return match, inner
    if not inner:
        return Match.STARTS, ""
    ends = (text.startswith("*"), text.endswith("*"))
    return {(True, True): Match.CONTAINS, (True, False): Match.ENDS, (False, True): Match.STARTS}[ends], inner


class _Condition:
    """`a and not (b or 1 of filter_*)`, by descent."""

    def __init__(self, said: Said, selections: dict[str, Code]) -> None:
        self.said = said
        self.selections = selections
        self.tokens = self._tokens(said.text())

    def _tokens(self, text: str) -> list[tuple[str, ...]]:
        found: list[tuple[str, ...]] = []
        at = 0
        while text[at:].strip():
            match = _TOKEN.match(text, at)
            if not match or len(found) > _MOST_TOKENS:
                raise self._bad(text[at:].strip()[:40])
            found.append(match.groups(""))
            at = match.end()
        return found

    def _bad(self, at: str) -> BadRules:
        return self.said.bad("条件式の「{at}」を読めません。and, or, not, 括弧, 1 of x*, all of x* が使えます。", "The condition cannot be read at {at!r}. It takes and, or, not, brackets, 1 of x*, all of x*.", at=at)  # fmt: skip

    def code(self) -> Code:
        whole = self._either()
        if self.tokens:
            raise self._bad("".join(self.tokens[0]))
        return whole

    def _word(self) -> str:
        return self.tokens[0][4].lower() if self.tokens else ""

    def _either(self) -> Code:
        whole = self._both()
        while self._word() == "or":
            self.tokens.pop(0)
            whole = (*whole, *self._both(), OR)
        return whole

    def _both(self) -> Code:
        whole = self._negated()
        while self._word() == "and":
            self.tokens.pop(0)
            whole = (*whole, *self._negated(), AND)
        return whole

    def _negated(self) -> Code:
        if self._word() == "not":
            self.tokens.pop(0)
            return (*self._negated(), NOT)
        return self._one()

    def _one(self) -> Code:
        if not self.tokens:
            raise self._bad("")
        opening, _, quantity, pattern, word = token = self.tokens.pop(0)
        if opening:
            whole = self._either()
            if not self.tokens or not self.tokens.pop(0)[1]:
                raise self._bad("(")
            return whole
        if quantity:
            names = [n for n in self.selections if pattern == "them" or fnmatchcase(n, pattern)]
            if not names:
                raise self._bad(pattern)
            return _all_of([self.selections[n] for n in names], AND if quantity == "all" else OR)
        if word not in self.selections:
            raise self._bad("".join(token))
        return self.selections[word]
