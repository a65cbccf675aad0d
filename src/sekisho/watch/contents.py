"""What ships with the fast lane: the files of rules, in their order, and the lists that rules may look into."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from sekisho.kernel.texts import Text
from sekisho.watch.language import compile_rules
from sekisho.watch.program import Program

FOLDER: Final = Path(__file__).parent / "rules"
RULES: Final = ("exchange.yaml",)


@dataclass(frozen=True, slots=True)
class NamedList:
    """A list that rules name: what stands in it, which field of an event is looked up, and what feeds it."""

    name: str
    field: str
    text: Text
    fed_by: Text


LISTS: Final = (
    NamedList(
        "sanctioned_addresses",
        "address",
        Text("制裁対象などの送金先アドレス", "destinations under sanctions and the like"),
        Text(
            "脅威情報の記録のうち、制裁のタグが付いたアドレス",
            "addresses of intelligence records with a sanctions tag",
        ),
    ),
    NamedList(
        "illicit_networks",
        "network",
        Text("不正利用が確認されたネットワーク（AS番号）", "networks known for illicit use (AS numbers)"),
        Text("脅威情報の記録にあるAS番号", "AS numbers of intelligence records"),
    ),
    NamedList(
        "blocked_addresses",
        "ip",
        Text("遮断するIPアドレスと範囲", "addresses and ranges that are blocked"),
        Text("遮断リスト（期限が来ると外れる）", "the block list; an entry leaves when it expires"),
    ),
    NamedList(
        "frozen_users",
        "user",
        Text("凍結中の利用者", "users whose accounts are frozen"),
        Text(
            "「心当たりがない」との本人の申告、および会員の判断による凍結",
            "the user's own 'this was not me', and freezes by the member",
        ),
    ),
)


def text_of(name: str) -> str:
    """A shipped file of rules."""
    return (FOLDER / name).read_text(encoding="utf-8")


def shipped_text() -> str:
    """The rules that ship, as one file."""
    return "\n---\n".join(map(text_of, RULES))


@cache
def shipped() -> Program:
    """The rules that ship, compiled."""
    return compile_rules(shipped_text(), "exchange")
