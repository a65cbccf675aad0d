"""The extension `profile`: what a key did before, where it was, what is registered for it, what is on a list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sekisho.watch.language.correlation import Numbers, group_by, text_field
from sekisho.watch.language.durations import span
from sekisho.watch.language.yaml_nodes import Said
from sekisho.watch.program import Op, Step

Parts = dict[str, Said]


def compile_profile(name: str, said: Said, numbers: Numbers) -> Step:
    """The step of a `profile`."""
    kind = said.mapping().get("type")
    if kind is None:
        raise said.bad("「type」がありません。", "type is missing.")
    if kind.text() not in TYPES:
        raise kind.bad("プロファイルの種類が不明です。種類: {known}", "This type of profile is not known. Types: {known}", known=", ".join(TYPES))  # fmt: skip
    op, known, needed, fill = TYPES[kind.text()]
    parts = said.only("type", "rules", *needed, *known, needed=("rules", *needed))
    key = group_by(parts["group-by"]) if "group-by" in parts else ()
    return fill(Step(name, op, numbers(parts["rules"]), key), parts, numbers)


def _first_seen(step: Step, parts: Parts, _: Numbers) -> Step:
    window = span(parts["remember"]) if "remember" in parts else 0
    return replace(step, field=text_field(parts["field"]), window=window)


def _speed(step: Step, parts: Parts, _: Numbers) -> Step:
    far = parts["farther-than"].number() if "farther-than" in parts else 0
    fast = parts["faster-than"].number()
    if not (0 <= far <= 20_100 and 0 < fast <= 100_000):
        raise parts["faster-than"].bad("速さは 100,000 km/h まで、距離は 20,100 km までです。", "At most 100,000 km/h and 20,100 km.")  # fmt: skip
    return replace(step, far=float(far), fast=float(fast))


def _dormant(step: Step, parts: Parts, _: Numbers) -> Step:
    return replace(step, window=span(parts["after"]))


def _registered(step: Step, parts: Parts, numbers: Numbers) -> Step:
    return replace(
        step,
        field=text_field(parts["field"]),
        window=span(parts["at-least"]) if "at-least" in parts else 0,
        added_by=numbers(parts["registered-by"]),
        removed_by=numbers(parts["removed-by"]) if "removed-by" in parts else (),
    )


def _in_list(step: Step, parts: Parts, _: Numbers) -> Step:
    return replace(step, field=text_field(parts["field"]), list=parts["list"].text())


def _risk(step: Step, parts: Parts, _: Numbers) -> Step:
    """Each feature is a list from the finest level to the coarsest: [ip, network, country]."""
    features = tuple(tuple(text_field(level) for level in feature.items()) for feature in parts["features"].items())  # fmt: skip
    if not 1 <= len(features) <= 4 or not all(1 <= len(levels) <= 3 for levels in features):
        raise parts["features"].bad("特徴は1から4個、それぞれ1から3段階です。", "It takes one to four features of one to three levels each.")  # fmt: skip
    return replace(step, features=features, fast=float(parts["above"].number()))


_Fill = Callable[[Step, Parts, Numbers], Step]
# type: the step, what may and what must be said beside `rules`, and how it is taken over
TYPES: dict[str, tuple[Op, tuple[str, ...], tuple[str, ...], _Fill]] = {
    "first_seen": (Op.FIRST_SEEN, ("remember",), ("group-by", "field"), _first_seen),
    "speed": (Op.SPEED, ("farther-than",), ("group-by", "faster-than"), _speed),
    "dormant": (Op.DORMANT, (), ("group-by", "after"), _dormant),
    "registered": (
        Op.REGISTERED,
        ("removed-by", "at-least"),
        ("group-by", "field", "registered-by"),
        _registered,
    ),
    "in_list": (Op.IN_LIST, (), ("field", "list"), _in_list),
    "risk": (Op.RISK, (), ("group-by", "features", "above"), _risk),
}
