"""docs/watch.md: the fields and types of events, the lists, and the rules that ship, from sekisho.watch."""

from __future__ import annotations

import msgspec

from docs.pages.markdown import both, clause_link, code, plain, roles, table
from sekisho.kernel.texts import Text
from sekisho.watch.contents import LISTS, RULES, shipped
from sekisho.watch.events import FIELDS, LARGEST, TYPES, Event
from sekisho.watch.program import Rule

INTRO = f"""# 見張り：イベント・一覧・標準ルール / The watch: events, lists, shipped rules

会員のサービスが送るイベントの項目、ルールが参照する一覧、製品に付属するルールです。ルールの書き方は[検知ルールの書き方](watch-rules.md)にあります。
一つのイベントは{LARGEST}バイトまでのJSONで、ここにない項目があれば受け付けません。`seq`・`ts`・`typ` のほかは、あるものだけを送ります。

The fields of the events that a member's services send, the lists that rules look into, and the rules that ship. How rules are written is in
[Writing rules](watch-rules.en.md). An event is JSON of at most {LARGEST} bytes; a field that is not here is refused. Beside `seq`, `ts` and `typ`
send what there is."""

ABOUT = {
    "seq": Text("送信側の通し番号。同じ番号は二度使わない", "the sender's own number, never used twice"),
    "ts": Text("起きた時刻（1970年からのミリ秒、UTC）", "when it happened, in ms since 1970 UTC"),
    "typ": Text("種別（下の表）", "the type (below)"),
    "user": Text("利用者の識別子", "the user"),
    "ip": Text("IPv4またはIPv6アドレス", "the IPv4 or IPv6 address"),
    "ip_block": Text(
        "送らない。IPv6 は /64、IPv4 は一つのアドレス",
        "not sent: the /64 of an IPv6 address, an IPv4 address itself",
    ),
    "country": Text("国（ISO 3166の2文字）", "the country, two letters of ISO 3166"),
    "lat": Text("緯度（度）", "latitude in degrees"),
    "lon": Text("経度（度）", "longitude in degrees"),
    "device": Text("端末ごとの印（会員が付ける）", "the member's own mark of the device"),
    "ok": Text("ログインに成功したか", "whether the login succeeded"),
    "amount": Text("金額（会員の基準通貨）", "the amount in the member's reckoning currency"),
    "asset": Text("暗号資産の種類", "the asset"),
    "address": Text(
        "出金先または登録する送金先アドレス", "the destination of a withdrawal, or the one that is registered"
    ),
    "network": Text("接続元のAS番号（AS4713 の形）", "the origin's autonomous system (AS4713)"),
    "api_key": Text("APIキーの識別子（秘密の値ではない）", "the name of the API key, never its secret"),
    "channel": Text("チャネル（web, app, api など）", "the channel (web, app, api)"),
    "agent": Text("ユーザーエージェント", "the user agent"),
}
TYPE_WORDS = {
    "login": Text("ログイン（成否は ok）", "a login (ok says how it ended)"),
    "withdraw": Text("出金の依頼", "a withdrawal that is asked for"),
    "address_add": Text("送金先の登録", "a destination is registered"),
    "address_remove": Text("送金先の削除", "a destination is removed"),
    "password_change": Text("パスワードの変更", "the password is changed"),
    "password_reset": Text("パスワードの再設定", "the password is reset"),
    "second_factor_change": Text("二段階認証の変更", "the second factor is changed"),
    "second_factor_reset": Text("二段階認証の再設定", "the second factor is reset"),
    "api_key_create": Text("APIキーの作成", "an API key is made"),
    "api_call": Text("APIの呼び出し", "a call of the API"),
    "trade": Text("売買", "a trade"),
    "deposit": Text("入金", "a deposit"),
}


def page() -> str:
    rules = shipped().rules
    return "\n\n".join(
        (
            INTRO,
            "## 項目 / Fields",
            table(("項目 / field", "型 / form", "意味 / meaning"), [_field(name) for name in _fields()]),
            "## 種別 / Types",
            table(("種別 / type", "意味 / meaning"), [(code(t), both(TYPE_WORDS[t])) for t in TYPES]),
            "## 一覧 / Lists",
            table(
                ("一覧 / list", "項目 / field", "内容 / holds", "供給元 / fed by"),
                [
                    (code(one.name), code(one.field), both(one.text, "\n"), both(one.fed_by, "\n"))
                    for one in LISTS
                ],
            ),
            f"## 標準ルール / Shipped rules（{len(rules)}）",
            "、".join(f"[{name}](../src/sekisho/watch/rules/{name})" for name in RULES)
            + " / 検知率と誤検知 / what they find: [bench](../bench/README.md)",
            table(
                (
                    "ルール / rule",
                    "措置 / action",
                    "重み / weight",
                    "状態 / mode",
                    "担当 / owner",
                    "条項 / clause",
                    "理由 / reason",
                ),
                map(_rule, rules),
            ),
        )
    )


def _fields() -> list[str]:
    return list(dict.fromkeys(("seq", "ts", *FIELDS)))


def _field(name: str) -> tuple[str, str, str]:
    return code(name), _form(name), both(ABOUT[name])


def _form(name: str) -> str:
    """The form of a field as JSON Schema tells it, in a few words."""
    schemas = msgspec.json.schema(Event)["$defs"]["Event"]["properties"]
    if name == "ip_block":
        return "-"
    schema = next(s for s in schemas[name].get("anyOf", [schemas[name]]) if s.get("type") != "null")
    if "enum" in schema:
        return "text"
    if schema["type"] == "string":
        least, most = schema.get("minLength", 0), schema["maxLength"]
        return f"text, {least}" if least == most else f"text, {least}-{most}"
    if "minimum" in schema:
        most = schema.get("maximum", schema.get("exclusiveMaximum", ""))
        return f"{schema['type']}, {schema['minimum']:,} to {most:,}"
    return str(schema["type"])


def _rule(rule: Rule) -> tuple[str, ...]:
    return (
        f"{plain(rule.title)}\n{code(rule.name)}",
        code(rule.action.name.lower()),
        str(rule.weight),
        code("live" if rule.live else "shadow"),
        roles([rule.owner]),
        clause_link(rule.clause),
        both(rule.reason, "\n"),
    )
