"""A file of rules, whole: its documents in Sigma's form, checked with line and column, compiled to a program."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from sekisho.kernel.texts import Text
from sekisho.watch.language.correlation import compile_correlation
from sekisho.watch.language.detection import Code, Tests, compile_detection
from sekisho.watch.language.profile import compile_profile
from sekisho.watch.language.yaml_nodes import BadRules, Place, Problem, Said, documents
from sekisho.watch.program import Action, Condition, Program, Rule, Step

MOST_RULES = 200
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_CLAUSE = re.compile(r"G?\d{1,2}(-\d{1,2}){0,2}")
# What Sigma knows beside the rule itself; taken as it is and not used.
_SIGMA = ("title", "name", "id", "status", "description", "author", "date", "modified", "references", "tags", "level", "falsepositives", "license", "taxonomy")  # fmt: skip
_FORMS = ("detection", "correlation", "profile")
ACTIONS = {action.name.lower(): action for action in Action}


@dataclass(frozen=True, slots=True)
class _Document:
    """One document: the rule's name, its form and the parts of the document."""

    name: str
    form: str
    said: Said
    parts: dict[str, Said]


def compile_rules(text: str, name: str = "rules") -> Program:
    """The program of a file of rules.

    Raises BadRules with everything that is wrong, document by document, each with its line and column.
    """
    problems: list[Problem] = []
    found: list[_Document] = []
    header: Said | None = None
    for said in documents(text):
        try:
            if isinstance(said.value, dict) and "ruleset" in said.value:
                header = said
            elif said.value is not None:
                found.append(_document(said, found))
        except BadRules as bad:
            problems += bad.problems
    if problems:
        raise BadRules(*problems)
    if not found:
        raise BadRules(Problem(Place(1, 1), Text("ルールが一つもありません。", "There is no rule.")))
    if len(found) > MOST_RULES:
        raise found[MOST_RULES].said.bad(
            "ルールは{most}個までです。", "At most {most} rules.", most=MOST_RULES
        )
    return _Compiler(found, header, name, hashlib.sha256(text.encode()).hexdigest()).program()


def _document(said: Said, before: list[_Document]) -> _Document:
    forms = [form for form in _FORMS if form in said.mapping()]
    if len(forms) != 1:
        raise said.bad("detection, correlation, profile のどれか一つが必要です。", "It takes one of detection, correlation and profile.")  # fmt: skip
    also = ("logsource", "fields") if forms == ["detection"] else ()
    parts = said.only(*_SIGMA, *also, "watch", *forms, needed=("title", "name"))
    name = parts["name"].text()
    if not _NAME.fullmatch(name):
        raise parts["name"].bad("name は英小文字で始まる英小文字・数字・下線（64字まで）です。", "A name is a small letter, then small letters, digits and underscores, up to 64.")  # fmt: skip
    if any(name == other.name for other in before):
        raise parts["name"].bad("「{name}」は既にあります。", "{name!r} stands here twice.", name=name)
    return _Document(name, forms[0], said, parts)


class _Compiler:
    def __init__(self, found: list[_Document], header: Said | None, name: str, digest: str) -> None:
        self.found = found
        self.header = header
        self.name = name
        self.digest = digest
        self.tests = Tests()
        self.problems: list[Problem] = []
        self.numbers: dict[str, int] = {}
        self.steps: list[Step] = []
        self.aliases = {str(d.parts["id"].value): d.name for d in found if "id" in d.parts}

    def program(self) -> Program:
        conditions = [c for d in self.found if d.form == "detection" and (c := self._condition(d))]
        self.numbers = {c.name: n for n, c in enumerate(conditions)}
        self._add_steps(len(conditions))
        rules = tuple(r for d in self.found if "watch" in d.parts and (r := self._rule(d)))
        name, escalate = self._header()
        if self.problems:
            raise BadRules(*self.problems)
        if not rules:
            raise BadRules(Problem(Place(1, 1), Text("watch を持つルールが一つもありません。", "No rule has a watch part, so nothing would be decided.")))  # fmt: skip
        return Program(
            name, self.tests.all(), tuple(conditions), tuple(self.steps), rules, escalate, self.digest
        )

    def _condition(self, document: _Document) -> Condition | None:
        code: Code
        try:
            code = compile_detection(document.parts["detection"], self.tests)
        except BadRules as bad:
            self.problems += bad.problems
            return None
        return Condition(document.name, code)

    def _add_steps(self, first: int) -> None:
        """Each step after those that it names; who waits for each other stands in a circle."""
        waiting = [d for d in self.found if d.form != "detection"]
        names = {d.name for d in self.found}
        while waiting:
            left = []
            for document in waiting:
                try:
                    step = self._step(document, names)
                except BadRules as bad:
                    self.problems += bad.problems
                    names.discard(document.name)
                    continue
                except KeyError:
                    left.append(document)
                    continue
                self.numbers[step.name] = first + len(self.steps)
                self.steps.append(step)
            if len(left) == len(waiting):
                names_told = ", ".join(d.name for d in left)
                circle = left[0].said.bad("互いに参照し合っています: {names}", "They refer to each other: {names}", names=names_told)  # fmt: skip
                self.problems += circle.problems
                return
            waiting = left

    def _step(self, document: _Document, names: set[str]) -> Step:
        def numbers(said: Said) -> tuple[int, ...]:
            found = []
            for item in said.items():
                name = self.aliases.get(item.text(), item.text())
                if name not in names:
                    raise item.bad("「{name}」というルールはありません。", "There is no rule {name!r}.", name=name)  # fmt: skip
                found.append(self.numbers[name])
            if not found or len(found) > 32:
                raise said.bad("1から32個のルールを書いてください。", "It takes one to 32 rules.")
            return tuple(found)

        compiled = compile_correlation if document.form == "correlation" else compile_profile
        return compiled(document.name, document.parts[document.form], numbers)

    def _rule(self, document: _Document) -> Rule | None:
        try:
            return self._reported(document)
        except BadRules as bad:
            self.problems += bad.problems
            return None

    def _reported(self, document: _Document) -> Rule:
        said = document.parts["watch"]
        needed = ("action", "reason", "mode", "owner", "clause")
        parts = said.only(*needed, "weight", needed=needed)
        reason = parts["reason"].only("ja", "en", needed=("ja", "en"))
        if parts["mode"].value not in {"live", "shadow"}:
            raise parts["mode"].bad("mode は live か shadow です。", "mode is live or shadow.")
        if not _CLAUSE.fullmatch(parts["clause"].text()):
            raise parts["clause"].bad("clause は 10-6-3 や G10-6 の形です。", "A clause is written 10-6-3 or G10-6.")  # fmt: skip
        return Rule(
            document.name,
            document.parts["title"].text(),
            self.numbers.get(document.name, -1),
            _action(parts["action"]),
            parts["weight"].whole(0, 1000) if "weight" in parts else 0,
            Text(reason["ja"].text(), reason["en"].text()),
            parts["mode"].value == "live",
            parts["owner"].text(),
            parts["clause"].text(),
            said.place.line,
        )

    def _header(self) -> tuple[str, tuple[tuple[int, Action], ...]]:
        if self.header is None:
            return self.name, ()
        try:
            parts = self.header.only("ruleset")["ruleset"].only("name", "escalate", needed=("name",))
            steps = parts["escalate"].only("step_up", "hold", "block") if "escalate" in parts else {}
            found = sorted((said.whole(1, 10_000), ACTIONS[name]) for name, said in steps.items())
            return parts["name"].text(), tuple(found)
        except BadRules as bad:
            self.problems += bad.problems
            return self.name, ()


def _action(said: Said) -> Action:
    action = ACTIONS.get(said.text())
    if action is None:
        raise said.bad(
            "action は {known} のどれかです。", "action is one of {known}.", known=", ".join(ACTIONS)
        )
    return action
