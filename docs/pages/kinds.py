"""docs/kinds.md: every kind of record with its fields, from their one declaration (records/models)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from docs.pages.markdown import both, clause_link, code, kind_link, plain, roles, table
from sekisho.kernel.texts import Text
from sekisho.records.contents import DOMAINS, KINDS
from sekisho.records.fields import Choice, Flag, KindField
from sekisho.records.record import STAFF, Kind, Record

INTRO = """# 記録の種類 / Kinds of record

会員が登録する記録の種類と項目です。どの種類にも、キー（`key`）、版番号（`ver`）、備考（`notes`）、証跡（`evidence`）があり、
書き込むたびに新しい版が[台帳](ledger.md)に残ります。値の書き方は、末尾の[項目の型](#types)を参照してください。

Every kind of record that the member keeps, with its fields. Each has a key (`key`), a version (`ver`), notes (`notes`)
and evidence (`evidence`); each write leaves a new version in the [ledger](ledger.en.md). How values are written is told
under [types of field](#types) at the end.
"""
TYPES = (
    ("text", "1行の文字列（200字まで）", "one line, up to 200 characters"),
    ("long_text", "複数行の文字列（20,000字まで）", "several lines, up to 20,000 characters"),
    ("choice", "選択肢の値。画面とファイルでは日英どちらの名称でも可", "a choice's value; in forms and files its label in either language too"),
    ("date", "`2026-11-23`、`2026/11/23`", "`2026-11-23`, `2026/11/23`"),
    ("instant", "RFC 3339（`2026-11-23T18:05:00+09:00`）。時差がなければ日本時間", "RFC 3339 (`2026-11-23T18:05:00+09:00`); without an offset it is Japan's time"),
    ("number", "整数。`1,234` も可", "a whole number; `1,234` is read too"),
    ("quantity", "小数（整数部12桁、小数部6桁、合わせて15桁まで）。`99.95`、`1,234.5`。API は JSON の数値か文字列を受け取り、文字列で返す", "a decimal number, up to 12 digits before the point, 6 after it, 15 in all: `99.95`, `1,234.5`; the API takes a JSON number or string and answers a string"),
    ("flag", "`true`/`false`、`はい`/`いいえ`、`yes`/`no`、`1`/`0`", "`true`/`false`, `yes`/`no`, `はい`/`いいえ`, `1`/`0`"),
    ("reference", "ほかの記録のキー。ファイルでは、一つに決まる名称でも可", "another record's key; in files a name that only one record bears"),
    ("any_reference", "種類を問わない記録。`種類:キー`（例 `incident:INC-0001`）", "a record of any kind, `kind:key`, such as `incident:INC-0001`"),
    ("references", "同じ種類の記録いくつか。キーを `;` で区切る", "several records of one kind: keys joined by `;`"),
    ("texts", "短い文字列いくつか（1件200字まで）。`;` で区切る。API では配列", "several short texts, each up to 200 characters, joined by `;`; an array in the API"),
    ("evidence", "証跡のファイル。画面と API で付ける（Excel・CSV には含まれない）", "files that prove the record; added on its page or by the API (not in Excel or CSV)"),
)  # fmt: skip


def page() -> str:
    parts = [INTRO.strip(), _contents()]
    for domain, words in DOMAINS.items():
        parts.append(f"## {both(words)}")
        parts += [_kind(model) for model in KINDS if model.about.domain == domain]
    return "\n\n".join([*parts, _types()])


def _contents() -> str:
    rows = [
        (kind_link(m.about.name), m.about.ja, m.about.en, _clauses(m), "○" if _approval(m) else "")
        for m in KINDS
    ]
    return table(("kind", "日本語", "English", "条項 / clauses", "承認 / approval"), rows)


def _clauses(model: type[Record]) -> str:
    return ", ".join(clause_link(c) for c in model.about.clauses)


def _kind(model: type[Record]) -> str:
    about = model.about
    facts = [
        f"- キー / key: `{about.prefix}-0001` …",
        f"- 条項 / clauses: {_clauses(model)}",
        f"- 読む人 / read by: {_on_line(roles(_readers(about)))}",
        f"- 書く人 / written by: {_on_line(roles(about.writers))}",
        *(f"- 承認 / approval: {line}" for line in _approval(model)),
    ]
    fields = [_field(name, field) for name, field in model.kind_fields().items()]
    return "\n\n".join(
        (
            f'<a id="{about.name}"></a>\n\n### {about.ja} / {about.en} `{about.name}`',
            both(about.help, "\n\n"),
            "\n".join(facts),
            table(("field", "日本語", "English", "type", "必須 / needed", "説明 / help"), fields),
        )
    )


def _readers(about: Kind) -> frozenset[str]:
    """Where everybody reads, nobody needs to be named."""
    return frozenset({STAFF}) if STAFF in about.readers else about.readers | about.writers


def _on_line(text: str) -> str:
    return text.replace("\n", " / ")


def _field(name: str, field: KindField) -> tuple[str, ...]:
    help_ = [both(field.help, "\n")] if field.help.ja else []
    if isinstance(field, Choice):
        words = (f"{code(value)} {both(text)}" for value, text in field.options.items())
        help_.append("\n".join(words))
    if field.personal:
        help_.append(
            "個人情報。台帳には約定値だけを残し、消去できます / personal: the ledger has a commitment, and it can be erased"
        )
    type_ = code(field.type_name)
    if target := getattr(field, "target", ""):
        type_ += f" → {kind_link(target)}"
    needed = "○" if field.required else ""
    return code(name), plain(field.label.ja), plain(field.label.en), type_, needed, "\n".join(help_)


def _approval(model: type[Record]) -> list[str]:
    """Who approves: one line, or one for each value on which it depends. Empty where nothing takes approval."""
    always = model.about.approvers({})
    found: dict[frozenset[str], list[str]] = {}
    for name, value, words in _answers_to_try(model):
        approvers = model.about.approvers({name: value})
        if approvers != always:
            found.setdefault(approvers, []).append(f"`{name}` = {words}")
    lines = [f"{_on_line(roles(who))} （{'、'.join(cases)}）" for who, cases in found.items() if who]
    if always:
        lines.append(_on_line(roles(always)) + (" （ほかの値 / other values）" if found else ""))
    free = [case for who, cases in found.items() if not who for case in cases]
    return lines + ([f"不要 / none （{'、'.join(free)}）"] if free else [])


def _answers_to_try(model: type[Record]) -> Iterator[tuple[str, object, str]]:
    """(field, value, words) of every value that a kind's approvers may depend on."""
    for name, field in model.kind_fields().items():
        options: Iterable[tuple[object, Text]] = ()
        if isinstance(field, Choice):
            options = field.options.items()
        elif isinstance(field, Flag):
            options = ((True, Text("はい", "yes")), (False, Text("いいえ", "no")))
        for value, words in options:
            yield name, value, both(words)


def _types() -> str:
    rows = [(code(name), ja, en) for name, ja, en in TYPES]
    return '<a id="types"></a>\n\n## 項目の型 / Types of field\n\n' + table(
        ("type", "書き方", "how it is written"), rows
    )
