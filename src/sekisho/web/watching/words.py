"""The words of judged events: what happened, what was answered, which rules fired. For every page of the watch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sekisho.kernel.texts import Text
from sekisho.watch.program import Rule
from sekisho.workflows.watch_after.answering import REPORTED
from sekisho.workflows.watch_after.blocks import BY_HAND
from sekisho.workflows.watch_rules import rules_by_name, rules_in_force

# action: words, tone (theme.css), icon; from the mildest to the strongest
ACTIONS: Final[dict[str, tuple[Text, str, str]]] = {
    "allow": (Text("許可", "Allowed"), "good", "circle-check"),
    "step_up": (Text("追加認証", "Step up"), "blank", "fingerprint"),
    "hold": (Text("保留", "Held"), "mild", "hourglass"),
    "block": (Text("遮断", "Blocked"), "bad", "circle-x"),
}
TYPES: Final[dict[str, Text]] = {
    "login": Text("ログイン", "Login"),
    "withdraw": Text("出金の依頼", "Withdrawal"),
    "address_add": Text("送金先の登録", "Destination registered"),
    "address_remove": Text("送金先の削除", "Destination removed"),
    "password_change": Text("パスワードの変更", "Password changed"),
    "password_reset": Text("パスワードの再設定", "Password reset"),
    "second_factor_change": Text("二段階認証の変更", "Second factor changed"),
    "second_factor_reset": Text("二段階認証の再設定", "Second factor reset"),
    "api_key_create": Text("APIキーの作成", "API key made"),
    "api_call": Text("APIの呼び出し", "API call"),
    "trade": Text("売買", "Trade"),
    "deposit": Text("入金", "Deposit"),
}
_OTHERS: Final = {
    BY_HAND: Text("手動", "By hand"),
    REPORTED: Text("本人の申告", "The user's own report"),
}


@dataclass(frozen=True, slots=True)
class Named:
    """A rule that fired: its name as the log has it, its title, and why it says so ('' where it is gone)."""

    name: str
    title: str | Text
    reason: Text

    @property
    def by_rule(self) -> bool:
        """Whether a rule found it, rather than a person."""
        return self.name not in _OTHERS


class Rules:
    """The rules in force by their names; what an older set called something else keeps the name alone."""

    def __init__(self) -> None:
        self._known: dict[str, Rule] = rules_by_name(rules_in_force())

    def named(self, name: str) -> Named:
        found = self._known.get(name)
        if found is None:
            return Named(name, _OTHERS.get(name, name), Text("", ""))
        return Named(name, found.title, found.reason)

    def all(self, names: list[str] | None) -> list[Named]:
        return [self.named(name) for name in dict.fromkeys(names or ())]


def action_words(action: str) -> tuple[Text, str, str]:
    """Words, tone and icon of an action; one that this version does not know is shown as it is."""
    return ACTIONS.get(action) or (Text(action, action), "still", "help")


def lasted(since: datetime, until: datetime) -> Text:
    """How long something took, in the two largest units that fit."""
    seconds = max(0, int((until - since).total_seconds()))
    if seconds < 120:
        return Text(f"{seconds}秒", f"{seconds} s")
    minutes = seconds // 60
    if minutes < 60:
        return Text(f"{minutes}分", f"{minutes} min")
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return Text(f"{hours}時間{rest}分", f"{hours} h {rest} min")
    return Text(f"{hours // 24}日{hours % 24}時間", f"{hours // 24} d {hours % 24} h")
