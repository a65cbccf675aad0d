"""Everything that is refused in a file of rules is told with its line and its column, in both languages."""

from __future__ import annotations

import pytest

from sekisho.watch.language import BadRules, compile_rules, told

GOOD = """\
title: A login that failed
name: failed
detection:
  selection: { typ: login, ok: false }
  condition: selection
---
title: Ten failures
name: many
correlation:
  type: event_count
  rules: [failed]
  group-by: [ip]
  timespan: 5m
  condition: { gte: 10 }
watch:
  action: block
  weight: 60
  mode: live
  owner: csirt_lead
  clause: 10-2-1
  reason:
    ja: 多い
    en: many
"""
SELECTION = "{ typ: login, ok: false }"
SUM = ("type: event_count", "type: value_sum\n  least: 1", "{ gte: 10 }", "{ field: amount, gte: 10 }")
SEQUENCE = ("type: event_count", "type: temporal", "  condition: { gte: 10 }\n", "")
PROFILE = "correlation:\n  type: event_count\n  rules: [failed]\n  group-by: [ip]\n  timespan: 5m\n  condition: { gte: 10 }\n"


def profile(lines: str) -> tuple[str, str]:
    return PROFILE, f"profile:\n  rules: [failed]\n{lines}\n"


# what is changed in GOOD (from, to, from, to ...); line and column; words of the reason
REFUSALS: dict[str, tuple[tuple[str, ...], tuple[int, int], str]] = {
    "not yaml": (("name: failed", "name: [failed"), (3, 10), "no YAML"),
    "a character that YAML has not": (("name: failed", "name: \x00"), (2, 7), "no YAML"),
    "an anchor": (("name: failed", "name: &x failed"), (2, 7), "Anchors"),
    "an alias": (("name: failed", "name: *x"), (2, 7), "Anchors"),
    "a name twice": (("name: failed", "name: failed\nname: again"), (3, 1), "twice"),
    "a name that is a number": (("name: failed", "7: failed"), (2, 1), "must be a text"),
    "nested too deep": ((SELECTION, "{ typ: " + "[" * 12 + "]" * 12 + " }"), (4, 31), "too deep"),
    "a list for a mapping": (("reason:\n    ja: 多い\n    en: many", "reason: [x]"), (21, 11), "A mapping"),
    "a text for a mapping": ((SELECTION, "login"), (4, 14), "A mapping"),
    "an unknown part": (("weight: 60", "wieght: 60"), (17, 11), "'wieght' is not known"),
    "a missing title": (("title: Ten failures\n", ""), (7, 1), "title is missing"),
    "a missing clause": (("  clause: 10-2-1\n", ""), (16, 3), "clause is missing"),
    "an empty title": (("title: Ten failures", "title: ''"), (7, 1), "A text is needed"),
    "a weight that is no number": (("weight: 60", "weight: much"), (17, 11), "A whole number from 0 to 1000"),
    "a weight that is too large": (("weight: 60", "weight: 1001"), (17, 11), "A whole number"),
    "no form": (("correlation:", "correlations:"), (7, 1), "one of detection, correlation and profile"),
    "a bad name": (("name: many", "name: Many"), (8, 7), "A name is a small letter"),
    "a name of another rule": (("name: many", "name: failed"), (8, 7), "stands here twice"),
    "an unknown action": (("action: block", "action: explode"), (16, 11), "action is one of"),
    "an unknown mode": (("mode: live", "mode: dry"), (18, 9), "live or shadow"),
    "a clause of another form": (("clause: 10-2-1", "clause: article 10"), (20, 11), "10-6-3"),
    "a reason in one language": (("    ja: 多い\n", ""), (22, 5), "ja is missing"),
    "an unknown rule": (("rules: [failed]", "rules: [succeeded]"), (11, 11), "no rule 'succeeded'"),
    "no rules": (("rules: [failed]", "rules: []"), (11, 10), "one to 32 rules"),
    "a rule of itself": (("rules: [failed]", "rules: [many]"), (7, 1), "refer to each other"),
    "nothing that decides": ((GOOD[GOOD.index("watch:") :], ""), (1, 1), "No rule has a watch part"),
    "no condition of a detection": (("  condition: selection\n", ""), (4, 3), "condition is missing"),
    "no selection": ((f"  selection: {SELECTION}\n", ""), (4, 3), "no selection"),
    "an empty selection": ((SELECTION, "{}"), (4, 14), "empty"),
    "an empty list of selections": ((SELECTION, "[]"), (4, 14), "empty"),
    "an unknown field": (("ok: false", "okay: false"), (4, 34), "no field 'okay'"),
    "an unknown modifier": (("ok: false", "user|re: x"), (4, 37), "modifier 're'"),
    "two comparisons": (("ok: false", "user|contains|endswith: x"), (4, 52), "modifier 'endswith'"),
    "no value": (("ok: false", "user: []"), (4, 34), "no value"),
    "exists that is no truth": (("ok: false", "user|exists: 1"), (4, 41), "true or false"),
    "ok that is no truth": (("ok: false", "ok: no way"), (4, 32), "true or false"),
    "a number compared as a text": (("ok: false", "amount|contains: 1"), (4, 45), "amount is a number"),
    "a number that is a text": (("ok: false", "amount|gte: much"), (4, 40), "A number"),
    "a text compared as a number": (("ok: false", "user|gte: 1"), (4, 38), "user is no number"),
    "an unknown type of event": (("typ: login", "typ: logout"), (4, 21), "no event type 'logout'"),
    "a network that is none": (("ok: false", "ip|cidr: 10.0.0.1/8"), (4, 37), "no network"),
    "a network of another field": (("ok: false", "user|cidr: 10.0.0.0/8"), (4, 39), "for ip alone"),
    "a star in the middle": (("ok: false", "user: a*b"), (4, 34), "at the ends"),
    "a condition that breaks off": (("condition: selection", "condition: selection and"), (5, 14), "cannot be read"),
    "a condition with an open bracket": (("condition: selection", "condition: (selection"), (5, 14), "cannot be read"),
    "a condition of what is not there": (("condition: selection", "condition: other"), (5, 14), "'other'"),
    "a condition of no such names": (("condition: selection", "condition: 1 of x*"), (5, 14), "'x*'"),
    "a condition with more after it": (("condition: selection", "condition: selection selection"), (5, 14), "cannot be read"),
    "a condition with a strange sign": (("condition: selection", "condition: selection & x"), (5, 14), "'& x'"),
    "an unknown correlation": (("type: event_count", "type: event_sum"), (10, 9), "not known"),
    "a span without its unit": (("timespan: 5m", "timespan: 5"), (13, 13), "A span"),
    "a span beyond 400 days": (("timespan: 5m", "timespan: 401d"), (13, 13), "A span"),
    "a key that cannot group": (("group-by: [ip]", "group-by: [amount]"), (12, 14), "grouped by 'amount'"),
    "four fields of a key": (("group-by: [ip]", "group-by: [ip, user, device, country]"), (12, 13), "one to three"),
    "a field of a key twice": (("group-by: [ip]", "group-by: [ip, ip]"), (12, 13), "different fields"),
    "a count without condition": (("  condition: { gte: 10 }\n", ""), (10, 3), "condition is missing"),
    "a condition with both bounds": (("{ gte: 10 }", "{ gte: 10, gt: 9 }"), (14, 14), "one of gte and gt"),
    "a count of nothing": (("{ gte: 10 }", "{ gte: 0 }"), (14, 21), "from 1 to 1000"),
    "a count of a field": (("{ gte: 10 }", "{ gte: 10, field: user }"), (14, 14), "takes no field"),
    "values without a field": (("type: event_count", "type: value_count"), (14, 14), "need one"),
    "values of a number": (("type: event_count", "type: value_count", "{ gte: 10 }", "{ gte: 10, field: lat }"), (14, 32), "no text field 'lat'"),
    "least of a count": (("  timespan: 5m", "  timespan: 5m\n  least: 1"), (14, 10), "value_sum alone"),
    "a sum of another field": ((*SUM, "field: amount", "field: lat"), (15, 23), "Only amount"),
    "a sum without least": ((*SUM, "  least: 1\n", ""), (10, 3), "least (the smallest"),
    "a sum too far above least": ((*SUM, "gte: 10", "gte: 257"), (11, 10), "256 times"),
    "a sum of a negative": ((*SUM, "gte: 10", "gte: -1"), (15, 36), "An amount"),
    "a sequence with a condition": (SEQUENCE[:2], (14, 14), "not for this type"),
    "a sequence of one": (SEQUENCE, (11, 10), "two to eight"),
    "a profile without type": (profile("  field: country"), (10, 3), "type is missing"),
    "an unknown profile": (profile("  type: mood"), (11, 9), "not known"),
    "a profile without its field": (profile("  type: first_seen\n  group-by: [user]"), (10, 3), "field is missing"),
    "a profile with too much": (profile("  type: dormant\n  group-by: [user]\n  after: 1d\n  field: ip"), (14, 10), "not known here"),
    "a speed of nothing": (profile("  type: speed\n  group-by: [user]\n  faster-than: 0"), (13, 16), "100,000 km/h"),
    "no features": (profile("  type: risk\n  group-by: [user]\n  above: 1\n  features: []"), (14, 13), "one to four features"),
    "a feature that is no text": (profile("  type: risk\n  group-by: [user]\n  above: 1\n  features: [lat]"), (14, 14), "no text field"),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "place", "words"), REFUSALS.values(), ids=list(REFUSALS))
def test_a_refusal_tells_its_place_and_its_reason(
    changes: tuple[str, ...], place: tuple[int, int], words: str
) -> None:
    text = GOOD
    for old, new in zip(changes[::2], changes[1::2], strict=True):
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    with pytest.raises(BadRules) as caught:
        compile_rules(text)
    first = caught.value.problems[0]
    assert (first.place.line, first.place.column) == place, told(first).en
    assert words in first.text.en
    assert any(ord(sign) > 0x3000 for sign in first.text.ja)
    assert told(first).en.startswith(f"line {place[0]}, column {place[1]}: ")


def test_the_rules_of_these_tests_are_good() -> None:
    assert [rule.name for rule in compile_rules(GOOD).rules] == ["many"]
    for changes in (SUM, SEQUENCE):
        text = GOOD
        for old, new in zip(changes[::2], changes[1::2], strict=True):
            text = text.replace(old, new, 1)
        if changes is SEQUENCE:
            text = text.replace("rules: [failed]", "rules: [failed, failed]")
        assert len(compile_rules(text).steps) == 1


def test_everything_that_is_wrong_is_told_at_once_in_the_order_of_the_file() -> None:
    text = GOOD.replace("ok: false", "okay: false").replace("timespan: 5m", "timespan: 5")
    with pytest.raises(BadRules) as caught:
        compile_rules(text)
    assert [problem.place.line for problem in caught.value.problems][:1] == [4]


def test_a_file_that_is_too_large_or_empty_is_refused() -> None:
    for text, words in (
        ("# " + "x" * 262_144, "Larger than"),
        ("", "There is no rule"),
        ("---\n", "There is no rule"),
    ):
        with pytest.raises(BadRules, match=words):
            compile_rules(text)
    many = "---\n".join(GOOD.split("---\n", maxsplit=1)[0].replace("failed", f"r{n}") for n in range(201))
    with pytest.raises(BadRules, match="At most 200 rules"):
        compile_rules(many)
