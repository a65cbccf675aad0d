"""What the watch rests on and leaves behind: rule sets, addresses never blocked, the block list, held withdrawals.

What comes by the thousand (each blocked address, each user told) is no record: it stands in tables of
`sekisho.workflows.watch_after`, and its numbers stand here, where the ledger keeps them and the rule reads them.
"""

from __future__ import annotations

from ipaddress import ip_network

from sekisho.kernel.texts import Text
from sekisho.records.fields import (
    Choice,
    Day,
    Instant,
    Line,
    LongWords,
    Number,
    Quantity,
    Reference,
    Several,
    Words,
)
from sekisho.records.models.organisation import Person
from sekisho.records.record import Kind, Problems, Record, Values, backwards, merged
from sekisho.records.roles import CYBERSECURITY, RESPONSE, WATCH_APPROVERS


class WatchRules(Record):
    """A set of detection rules. The newest approved one whose time has come is in force."""

    about = Kind(
        "watch_rules", "検知ルールセット", "Watch rules", "WR", "cybersecurity", ("9-3-1", "10-6-3", "G10-6"), "title", CYBERSECURITY,
        approvers=lambda _: WATCH_APPROVERS, columns=("title", "in_force_at", "reason"),
        help=Text("不正ログイン・出金を検知するルール（YAML）。承認後、適用開始日時の最も新しいものが使われます。", "Rules (YAML) that detect illicit logins and withdrawals. The newest approved set whose time has come is used."),
    )  # fmt: skip
    title = Line("名称", "Title", required=True)
    in_force_at = Instant("適用開始日時", "In force from", required=True)
    rules = LongWords("ルール（YAML）", "Rules (YAML)", required=True)
    reason = Words("変更の理由", "Why it changed")


class AllowedAddress(Record):
    """Addresses that are never blocked: own offices, monitoring."""

    about = Kind(
        "allowed_address", "遮断しないアドレス", "Address never blocked", "AA", "cybersecurity", ("10-6-1",), "network", CYBERSECURITY,
        approvers=lambda _: WATCH_APPROVERS, columns=("network", "reason", "since_on", "until_on"),
        help=Text("自社拠点や監視装置など、遮断リストに載せないアドレス。", "Addresses that never come onto the block list, such as own offices and monitoring."),
    )  # fmt: skip
    network = Line("アドレス・ネットワーク", "Address or network", required=True, max_length=64, help_ja="例 203.0.113.0/24、2001:db8::/48", help_en="Such as 203.0.113.0/24 or 2001:db8::/48")  # fmt: skip
    reason = Line("理由", "Reason", required=True)
    since_on = Day("開始日", "Since", required=True)
    until_on = Day("終了日", "Until")

    @classmethod
    def problems(cls, values: Values) -> Problems:
        found = super().problems(values)
        try:
            network = ip_network(values.get("network") or "", strict=False)
        except ValueError:
            return merged(found, {"network": [Text("IPアドレスかネットワーク（CIDR）を入力してください。", "Give an IP address or a network (CIDR).")]})  # fmt: skip
        if network.prefixlen < (8 if network.version == 4 else 16):
            wide = Text(
                "範囲が広すぎます（IPv4は/8、IPv6は/16より狭い範囲）。",
                "It is too wide: /8 at the most for IPv4, /16 for IPv6.",
            )
            return merged(found, {"network": [wide]})
        return found


class BlockList(Record):
    """What one rule has on the block list, how fresh that is, and when an enforcing device last fetched it."""

    about = Kind(
        "block_list", "遮断リストの状況", "Block list", "BL", "cybersecurity", ("10-2-1", "10-6-1"), "rule", CYBERSECURITY | {"operator"},
        columns=("rule", "in_force", "added", "lifted", "updated_at", "fetched_at"), unique=(("rule",),),
        help=Text("ルールごとの遮断件数と、最終更新・最終取得の日時。検知の処理が更新します。個々のアドレスは遮断リストの画面で確認します。", "How many addresses each rule blocks, and when the list was last updated and fetched. Kept by the watch; single addresses stand on the page of the block list."),
    )  # fmt: skip
    rule = Line("ルール", "Rule", required=True)
    in_force = Number("遮断中", "In force", required=True)
    added = Number("累計の追加", "Added in all")
    lifted = Number("期限前の解除", "Lifted before their time")
    updated_at = Instant("リストの更新日時", "List updated at")
    fetched_at = Instant("遮断装置による最終取得日時", "Last fetched by an enforcing device at")


HELD_STATES = {
    "held": ("保留中", "Held"),
    "released": ("出金を許可", "Released"),
    "refused": ("出金を拒否", "Refused"),
}
DECIDED_BY_ACTS = ("state", "asked_by", "asked_at", "first_by", "first_at", "decided_by", "decided_at", "reason", "answered_at")  # fmt: skip


class HeldWithdrawal(Record):
    """A withdrawal that the watch held, and who released or refused it."""

    about = Kind(
        "held_withdrawal", "保留中の出金", "Held withdrawal", "HW", "cybersecurity", ("10-6-3", "G10-6"), "event", RESPONSE,
        columns=("event", "asset", "amount", "rules", "held_at", "due_at", "state"), unique=(("event",),),
        help=Text("検知により保留された出金。許可には、申請者以外の権限者2名が必要です。", "Withdrawals that the watch held. To release one takes two entitled people, neither of whom asked for it."),
    )  # fmt: skip
    event = Line(
        "イベント", "Event", required=True, help_ja="送信元:通番", help_en="source:number of the event"
    )
    user = Line("利用者ID", "User", personal=True)
    asset = Line("暗号資産", "Asset", max_length=64)
    amount = Quantity("金額", "Amount")
    address = Line("送付先", "Destination", personal=True)
    rules = Several("検知ルール", "Rules")
    score = Number("点数", "Score")
    held_at = Instant("保留日時", "Held at", required=True)
    due_at = Instant("判断の期限", "Decide by")
    state = Choice("状態", "State", HELD_STATES, required=True)
    asked_by = Reference(Person, "許可の申請者", "Release asked for by")
    asked_at = Instant("申請日時", "Asked at")
    first_by = Reference(Person, "1人目の許可者", "First to release")
    first_at = Instant("1人目の許可日時", "First at")
    decided_by = Reference(Person, "決定者", "Decided by", help_ja="許可では2人目", help_en="The second, where it was released")  # fmt: skip
    decided_at = Instant("決定日時", "Decided at")
    reason = Words("理由", "Reason")
    answered_at = Instant("出金システムへの通知日時", "Withdrawal service told at")

    @classmethod
    def problems(cls, values: Values) -> Problems:
        return backwards(values, ("held_at", "due_at"), ("held_at", "decided_at"))

    @classmethod
    def problems_among(cls, key: str, values: Values) -> Problems:
        """Who decided what is written by those acts alone, not by a form or a file: else one person could do it."""
        standing = cls.objects.filter(pk=key).first()
        own = {name: [BY_ITS_ACTS] for name in by_hand(standing.values() if standing else None, values)}
        return merged(super().problems_among(key, values), own)


def by_hand(before: Values | None, values: Values) -> list[str]:
    """The fields of a held withdrawal that only its acts write, and that differ from what stands (None: nothing)."""
    stands = before or {"state": "held"}
    return [name for name in DECIDED_BY_ACTS if values.get(name) != stands.get(name)]


BY_ITS_ACTS = Text(
    "この項目は、申請・許可・拒否の操作によってのみ記録されます。",
    "This is recorded only by asking, releasing and refusing.",
)
