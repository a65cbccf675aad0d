"""The page on writing rules: its examples compile, it names every key, and what it says is refused is refused."""

from __future__ import annotations

import re

import pytest

from sekisho.watch.events import FIELDS, TYPES
from sekisho.watch.language import BadRules, compile_rules, correlation, detection, profile, rule_set
from sekisho.watch.program import Op
from tests.docs.reading import ROOT, blocks, text_of

PAGES = [ROOT / "docs" / name for name in ("watch-rules.md", "watch-rules.en.md")]
each_page = pytest.mark.parametrize("document", PAGES, ids=lambda page: page.name)


def examples(document):
    return re.findall(r"^```yaml\n(.*?)^```$", text_of(document), re.MULTILINE | re.DOTALL)


@each_page
def test_the_examples_are_one_rule_set_with_every_op(document):
    program = compile_rules("\n---\n".join(examples(document)))
    assert {step.op for step in program.steps} == {*Op}
    assert len(examples(document)) == len([b for b in blocks(document) if b[0] == "yaml"]) == 12


@each_page
def test_every_example_compiles_alone_with_the_rules_that_it_names(document):
    whole, conditions, *others = examples(document)
    parts = {name: text for text in others for name in re.findall(r"^name: (\w+)$", text, re.MULTILINE)}
    for text in others:
        wanted = [parts[n] for n in re.findall(r"\w+", text) if n in parts and parts[n] != text]
        assert compile_rules("\n---\n".join([whole, conditions, *wanted, text])).steps


@each_page
def test_every_key_type_modifier_and_action_is_on_the_page(document):
    text = text_of(document)
    keys = {*rule_set._SIGMA, *rule_set._FORMS, *correlation.TYPES, *correlation._KNOWN, *profile.TYPES, *detection._MATCHES}  # fmt: skip
    keys |= {key for _, known, needed, _ in profile.TYPES.values() for key in (*known, *needed)}
    keys |= {*rule_set.ACTIONS, "all", "cased", "logsource", "fields", "live", "shadow", "escalate"}
    assert {key for key in keys if not re.search(rf"(?<![\w-]){re.escape(key)}(?![\w-])", text)} == set()


def test_the_page_of_fields_has_every_field_and_type():
    text = text_of(ROOT / "docs" / "watch.md")
    assert all(f"| `{name}` |" in text for name in (*FIELDS, *TYPES))


RULE = """
title: t
name: n
detection: {selection: {typ: login}, condition: selection}
watch: {action: hold, mode: live, owner: csirt_lead, clause: 10-6, reason: {ja: あ, en: a}}
"""
COUNT = RULE + "---\ntitle: t\nname: c\ncorrelation: {%s}\n"
OTHER = "---\ntitle: t\nname: d\ncorrelation: {%s}\n"
FULL = "type: event_count, rules: [n], group-by: [user], timespan: 5m, condition: {gte: 2}"


REFUSED = {
    "an unknown key": RULE + "colour: red\n",
    "a key twice": RULE + "name: m\n",
    "an anchor": RULE.replace("title: t", "title: &a t"),
    "deep nesting": "a: " + "[" * 40 + "]" * 40,
    "a large file": RULE + "# " + "x" * 262_144,
    "an unknown field": RULE.replace("typ: login", "colour: red"),
    "an unknown event type": RULE.replace("typ: login", "typ: logon"),
    "an unknown modifier": RULE.replace("typ: login", "user|like: a"),
    "a star within a value": RULE.replace("typ: login", "user: a*b"),
    "a question mark": RULE.replace("typ: login", "user: 'a?'"),
    "a backslash": RULE.replace("typ: login", "user: 'a\\b'"),
    "a modifier of texts on a number": RULE.replace("typ: login", "amount|contains: 5"),
    "a modifier of numbers on a text": RULE.replace("typ: login", "user|gt: 5"),
    "a key of amounts": COUNT % FULL.replace("[user]", "[amount]"),
    "a sum without least": COUNT % FULL.replace("event_count", "value_sum").replace("{gte", "{field: amount, gte"),
    "a sum above 256 times least": COUNT % (FULL.replace("event_count", "value_sum").replace("{gte: 2}", "{field: amount, gte: 257}, least: 1")),
    "more than 1000 times": COUNT % FULL.replace("gte: 2", "gte: 1001"),
    "more than 400 days": COUNT % FULL.replace("5m", "401d"),
    "more than 200 rules": "---".join(RULE.replace("name: n", f"name: n{n}") for n in range(201)),
    "a name that is not there": COUNT % FULL.replace("[n]", "[nobody]"),
    "rules that refer to each other": COUNT % FULL.replace("[n]", "[d]") + OTHER % FULL.replace("[n]", "[c]"),
    "a file without watch": RULE[: RULE.index("watch")],
    "a reason in one language": RULE.replace("ja: あ, ", ""),
    "a clause in another form": RULE.replace("10-6", "art. 10"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_the_page_says_is_refused_is_refused_with_its_place(what):
    with pytest.raises(BadRules) as caught:
        compile_rules(REFUSED[what])
    assert all(problem.place.line >= 1 and problem.place.column >= 1 for problem in caught.value.problems)


def test_what_the_refusals_are_made_from_is_accepted():
    assert compile_rules(RULE).rules
    assert compile_rules(COUNT % FULL).steps
