"""docs/limits.md: every limit with its dated values and their sources, from rulebook/limits/*.toml."""

from __future__ import annotations

from docs.pages.markdown import both, clause_link, code, plain, table
from sekisho.kernel.texts import Text
from sekisho.rulebook.contents import all_checks
from sekisho.rulebook.limits import all_limits
from sekisho.rulebook.limits.limit import Limit

INTRO = """# 限度 / Limits

点検の間隔や期限など、判定に使う数です。値には適用日と根拠があり、根拠は規則、ガイドライン、製品の既定値のいずれかです。
規則もガイドラインも数を定めていないものが製品の既定値で、その理由を示します。
会員は[許容](kinds.md#tolerance)を登録して値を変えられます。厳しくするのは自由で、緩めるには承認と理由が必要です。
値の変更には `src/sekisho/rulebook/limits/` に新しい適用日の値を加えます（過去の日は当時の値で判定されます）。

The numbers that the checks use: intervals, deadlines. Each value has the day from which it counts and its source: the
rule, a guideline, or, where neither names a number, a default of the product with its reason. A member puts its own number in place of one with a
[tolerance](kinds.md#tolerance): a tighter one freely, a looser one by approval and with a reason. An amended number is a
new dated value beside the old one in `src/sekisho/rulebook/limits/` (past days are judged by the value of their time).
"""
UNITS = {
    "months": Text("か月", "months"),
    "days": Text("日", "days"),
    "minutes": Text("分", "minutes"),
    "number": Text("", ""),
    "percent": Text("％", "%"),
}
TIGHTER = {
    "less": Text("小さいほど厳しい", "less is tighter"),
    "more": Text("大きいほど厳しい", "more is tighter"),
}


def page() -> str:
    return "\n\n".join([INTRO.strip(), *(_limit(limit) for limit in all_limits().values())])


def amount(limit: Limit, value: int) -> str:
    """A value with its unit in both languages."""
    unit = UNITS[limit.unit]
    return f"{value} {unit.ja} / {unit.en}" if unit.ja else str(value)


def _limit(limit: Limit) -> str:
    users = dict.fromkeys(check.clause for check in all_checks() if limit.name in check.limits)
    used = ", ".join(clause_link(c) for c in users) or "-"
    rows = [
        (value.since.isoformat(), amount(limit, value.value), both(value.grounds, "\n"))
        for value in limit.values
    ]
    return "\n\n".join(
        (
            f'<a id="{limit.name}"></a>\n\n## {plain(limit.text.ja)} {code(limit.name)}',
            f"{plain(limit.text.en)}. {both(TIGHTER[limit.tighter])}. 条項 / clauses: {used}",
            table(("適用日 / from", "値 / value", "根拠 / source"), rows),
        )
    )
