"""The numbers by which a rule fires, in words: how many of what, for whom, within which time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sekisho.kernel.texts import Text
from sekisho.watch.program import Op, Program, Rule, Step

FIELDS: Final[dict[str, Text]] = {
    "user": Text("利用者", "user"),
    "ip": Text("IPアドレス", "IP address"),
    "ip_block": Text("IPアドレス（IPv6は/64）", "IP address (/64 for IPv6)"),
    "device": Text("端末", "device"),
    "network": Text("ネットワーク", "network"),
    "country": Text("国", "country"),
    "address": Text("送金先", "destination"),
    "api_key": Text("APIキー", "API key"),
    "asset": Text("暗号資産", "asset"),
    "channel": Text("チャネル", "channel"),
    "agent": Text("ユーザーエージェント", "user agent"),
    "amount": Text("金額", "amount"),
    "typ": Text("種別", "type"),
}
_UNITS: Final = (
    (86_400_000, Text("日", "d")),
    (3_600_000, Text("時間", "h")),
    (60_000, Text("分", "min")),
    (1_000, Text("秒", "s")),
)
_MILLION: Final = 1_000_000
_WORDS: Final[dict[Op, Text]] = {
    Op.COUNT: Text("{of}ごとに{within}で{n}件以上", "{n} or more for one {of} within {within}"),
    Op.DISTINCT: Text(
        "{of}ごとに{within}で異なる{field}が{n}以上",
        "{n} or more different values of {field} for one {of} within {within}",
    ),
    Op.SUM: Text("{of}ごとに{within}で合計{sum}以上", "{sum} or more in all for one {of} within {within}"),
    Op.TOGETHER: Text("{of}ごとに{within}ですべて発生", "all of them for one {of} within {within}"),
    Op.ORDERED: Text("{of}ごとに{within}で順に発生", "one after another for one {of} within {within}"),
    Op.FIRST_SEEN: Text("{of}にとって{field}が初めて（{within}）", "{field} is new for the {of} ({within})"),
    Op.SPEED: Text(
        "{of}が{far}kmを超えて時速{fast}kmより速く移動",
        "the {of} moves more than {far} km, faster than {fast} km/h",
    ),
    Op.DORMANT: Text("{of}が{within}を超えて利用なし", "the {of} was not seen for more than {within}"),
    Op.REGISTERED: Text(
        "{of}の{field}が未登録、または登録から{within}未満",
        "{field} is not registered for the {of}, or for less than {within}",
    ),
    Op.IN_LIST: Text("{field}が一覧 {list} にある", "{field} is in the list {list}"),
    Op.RISK: Text("{of}のリスクの値が{fast}を超える", "the risk score of the {of} is above {fast}"),
}
_NEVER = Text("{of}の{field}が未登録", "{field} is not registered for the {of}")


def limits_of(program: Program, rule: Rule) -> tuple[Text, ...]:
    """The limits of a rule and of the rules that it rests on; () for a rule on one event alone."""
    first = len(program.conditions)
    return tuple(_limits(program, rule.number - first)) if rule.number >= first else ()


def _limits(program: Program, place: int) -> Iterable[Text]:
    step, first = program.steps[place], len(program.conditions)
    yield _limit(step)
    for number in step.inputs:
        if number >= first:
            yield from _limits(program, number - first)


def _limit(step: Step) -> Text:
    of, field, within = (
        _named(step.key),
        FIELDS.get(step.field, Text(step.field, step.field)),
        _span(step.window),
    )
    words = _NEVER if step.op is Op.REGISTERED and not step.window else _WORDS[step.op]
    plain = {
        "n": step.n,
        "sum": f"{step.n / _MILLION:,.0f}",
        "far": f"{step.far:g}",
        "fast": f"{step.fast:g}",
        "list": step.list,
    }
    return Text(
        words.ja.format(of=of.ja, field=field.ja, within=within.ja, **plain),
        words.en.format(of=of.en, field=field.en, within=within.en, **plain),
    )


def _named(names: Iterable[str]) -> Text:
    known = [FIELDS.get(name, Text(name, name)) for name in names]
    return Text("・".join(t.ja for t in known), " and ".join(t.en for t in known))


def _span(ms: int) -> Text:
    """A span in its largest whole unit; without one it is for ever."""
    for length, unit in _UNITS:
        if ms and ms % length == 0:
            return Text(f"{ms // length}{unit.ja}", f"{ms // length} {unit.en}")
    return Text("全期間", "ever")
