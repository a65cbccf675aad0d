"""Sigma's `correlation` (2.1: event_count, value_count, value_sum, temporal, temporal_ordered) as steps."""

from __future__ import annotations

from collections.abc import Callable

from sekisho.watch.events import AMOUNT_UNITS, FIELDS
from sekisho.watch.language.durations import span
from sekisho.watch.language.yaml_nodes import BadRules, Said
from sekisho.watch.program import Op, Step

Numbers = Callable[[Said], tuple[int, ...]]  # the rules that are named, as numbers

MOST = 1000  # events or values that a threshold may ask for: so much is kept for each key
MOST_SUMMED = 256  # amounts that may be needed to reach a sum
TYPES = {
    "event_count": Op.COUNT,
    "value_count": Op.DISTINCT,
    "value_sum": Op.SUM,
    "temporal": Op.TOGETHER,
    "temporal_ordered": Op.ORDERED,
}
_KNOWN = ("type", "rules", "group-by", "timespan", "condition", "least")


def compile_correlation(name: str, said: Said, numbers: Numbers) -> Step:
    """The step of a `correlation`."""
    parts = said.only(*_KNOWN, needed=("type", "rules", "group-by", "timespan"))
    op = TYPES.get(parts["type"].text())
    if op is None:
        raise parts["type"].bad("相関の種類が不明です。種類: {known}", "This type of correlation is not known. Types: {known}", known=", ".join(TYPES))  # fmt: skip
    step = Step(name, op, numbers(parts["rules"]), group_by(parts["group-by"]), span(parts["timespan"]))
    if op in {Op.TOGETHER, Op.ORDERED}:
        return _sequence(step, parts)
    return _threshold(step, said, parts)


def group_by(said: Said) -> tuple[str, ...]:
    """The fields of a key, one to three."""
    fields = tuple(item.text() for item in said.items())
    for item in said.items():
        if item.text() not in FIELDS or item.text() in {"ok", "amount", "lat", "lon"}:
            raise item.bad("{field} ではまとめられません。", "Events cannot be grouped by {field!r}.", field=item.text())  # fmt: skip
    if not 1 <= len(fields) <= 3 or len(set(fields)) < len(fields):
        raise said.bad("group-by には異なる項目を1から3個書いてください。", "group-by takes one to three different fields.")  # fmt: skip
    return fields


def text_field(said: Said) -> str:
    """A field whose values are texts."""
    field = said.text()
    if field not in FIELDS or field in {"ok", "amount", "lat", "lon"}:
        raise said.bad("{field} という文字の項目はありません。", "Events have no text field {field!r}.", field=field)  # fmt: skip
    return field


def _sequence(step: Step, parts: dict[str, Said]) -> Step:
    for name in ("condition", "least"):
        if name in parts:
            raise parts[name].bad("{name} はこの種類では使えません。", "{name} is not for this type.", name=name)  # fmt: skip
    if not 2 <= len(step.inputs) <= 8:
        raise parts["rules"].bad("2から8個のルールが必要です。", "It takes two to eight rules.")
    return step


def _threshold(step: Step, whole: Said, parts: dict[str, Said]) -> Step:
    if "condition" not in parts:
        raise whole.bad("「condition」がありません。", "condition is missing.")
    said = parts["condition"]
    asked = said.only("gte", "gt", "field")
    if ("gte" in asked) == ("gt" in asked):
        raise said.bad("gte か gt のどちらか一つが必要です。", "It takes one of gte and gt.")
    if ("field" in asked) == (step.op is Op.COUNT):
        raise said.bad("event_count に field は使えません。ほかの種類には field が必要です。", "event_count takes no field; the other types need one.")  # fmt: skip
    if step.op is Op.SUM:
        return _sum(step, whole, parts, asked)
    if "least" in parts:
        raise parts["least"].bad("least は value_sum でだけ使えます。", "least is for value_sum alone.")
    number = asked["gte"].whole(1, MOST) if "gte" in asked else asked["gt"].whole(0, MOST - 1) + 1
    field = text_field(asked["field"]) if step.op is Op.DISTINCT else ""
    return Step(step.name, step.op, step.inputs, step.key, step.window, n=number, field=field)


def _sum(step: Step, whole: Said, parts: dict[str, Said], asked: dict[str, Said]) -> Step:
    if asked["field"].text() != "amount":
        raise asked["field"].bad("合計できるのは amount だけです。", "Only amount can be summed.")
    if "least" not in parts:
        raise whole.bad(
            "「least」（合計に含める最小の金額）がありません。これより小さい取引は合計しないので、状態の大きさが限られます。",
            "least (the smallest amount that is summed) is missing. Smaller ones are not summed, so that the state stays bounded.",
        )  # fmt: skip
    least = _amount(parts["least"])
    limit = _amount(asked["gte"]) if "gte" in asked else _amount(asked["gt"]) + 1
    if least < 1 or -(-limit // least) > MOST_SUMMED:
        raise parts["least"].bad("合計の上限は least の{most}倍までです。", "The sum may be at most {most} times least.", most=MOST_SUMMED)  # fmt: skip
    return Step(step.name, step.op, step.inputs, step.key, step.window, n=limit, field="amount", least=least)


def _amount(said: Said) -> int:
    value = said.number()
    if not 0 <= value <= 1e12:
        raise _bad_amount(said)
    return round(value * AMOUNT_UNITS)


def _bad_amount(said: Said) -> BadRules:
    return said.bad("金額は 0 から 1兆 までです。", "An amount is from 0 to 1,000,000,000,000.")
