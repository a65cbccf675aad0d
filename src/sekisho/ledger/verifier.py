#!/usr/bin/env python3
"""Checks an export of a Sekisho ledger, trusting nobody but the key that you give. 台帳エクスポートの検証。

    python sekisho_verify.py EXPORT --key VKEY [--checkpoint FILE ...] [--lang ja|en] [--json]

This file stands alone: Python 3.10 or newer and the package `cryptography`, nothing of Sekisho. Take the key, and the
checkpoints that you kept, from where the ledger's keeper cannot reach: never from beside the export.

Exit status: 0 nothing is wrong, 1 faults were found, 2 it could not be examined.

The export is UTF-8 JSON Lines, gzipped or not; each line ends with a newline:
    {"format":"sekisho-ledger-1","origin":"...","size":N}                    once
    {"seq":n,"entry":"...","body":"..."|null,"hash":"<hex>"}                 N times, n from 0 without a gap
    {"checkpoint":"<signed note>"}                                           in order of size; the last has size N
`entry` is the exact text of a leaf (canonical JSON, RFC 8785, with at least the members of ENVELOPE), `hash` its
hash, `body` the exact text of the version whose SHA-256 the entry names, or null where the export leaves it out.
Sources: RFC 9162 section 2.1 (the tree), https://c2sp.org/signed-note and https://c2sp.org/tlog-checkpoint.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import re
import sys
import zlib
from base64 import b64decode, b64encode
from binascii import hexlify
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from hashlib import sha256
from typing import IO, Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "sekisho-ledger-1"
LONGEST_LINE = 8 << 20
LONGEST_END = 64 << 20  # all checkpoints together
LONGEST_ENTRY = (1 << 16) - 1  # https://c2sp.org/tlog-tiles: an entry's length is a uint16
MOST_FAULTS = 100
MOST_SIGNATURES = 100
BATCH = 4096
BUFFER = 1 << 18
ENVELOPE = ("act", "act_name", "at", "body", "by", "kind", "op", "reason", "rec", "ver")
OPERATIONS = ("create", "update", "delete", "note")

# ---------------------------------------------------------------- words

MESSAGES = {
    # it could not be examined
    "unreadable": ("{file} を読めません: {why}", "{file} cannot be read: {why}"),
    "not_an_export": (
        "{file} は台帳のエクスポート（形式 {format}）ではありません: {why}",
        "{file} is not an export of a ledger (format {format}): {why}",
    ),
    "bad_key": ("検証鍵が正しくありません: {why}", "The verifier key is not well-formed: {why}"),
    "bad_outside": (
        "手元のチェックポイント {file} を使えません: {why}",
        "Your checkpoint {file} cannot be used: {why}",
    ),
    "other_log": (
        "エクスポートは台帳「{origin}」のものですが、鍵は {names} のものです",
        "the export is of the ledger {origin}, but the key is that of {names}",
    ),
    # lines
    "line_too_long": ("行が長すぎます（{longest} バイトまで）", "the line is longer than {longest} bytes"),
    "cut_off": ("ファイルが途中で切れています: {why}", "the file breaks off: {why}"),
    "bad_line": ("行を読み取れません: {why}", "the line cannot be read: {why}"),
    "misplaced": (
        "チェックポイントより後に記録の行があります",
        "a row stands after the checkpoints: it was moved or added",
    ),
    # rows
    "rows_missing": (
        "{first} 番から {last} 番までの記録がありません",
        "the rows {first} to {last} are missing",
    ),
    "row_out_of_place": (
        "{expected} 番の位置に {seq} 番があります（重複または順序の入替え）",
        "row {seq} stands where {expected} should: it is repeated or was moved",
    ),
    "row_count": (
        "見出しでは {size} 件ですが、実際には {entries} 件です",
        "the first line announces {size} rows, but there are {entries}",
    ),
    "leaf_hash": (
        "記録の内容とハッシュが一致しません（どちらかが書き換えられています）",
        "the entry does not have the hash that stands beside it: one of them was altered",
    ),
    "entry_malformed": ("記録の形式が正しくありません: {why}", "the entry is not well-formed: {why}"),
    "body_hash": (
        "本文が記録時のハッシュと一致しません（本文が書き換えられています）",
        "the body does not have the hash that its entry names: it was altered",
    ),
    "version_order": (
        "版番号は {expected} のはずですが {ver} です",
        "this should be version {expected} of the record, but it is {ver}",
    ),
    "after_delete": ("削除された後に変更があります", "the record was deleted before this change"),
    "time_back": (
        "時刻 {at} が直前の記録の時刻 {before} より前です",
        "its time {at} is before that of the row above, {before}",
    ),
    # checkpoints
    "checkpoint_bad": ("チェックポイントが無効です: {why}", "the checkpoint is not valid: {why}"),
    "checkpoint_order": (
        "チェックポイントが件数の順に並んでいません（{before} 件の後に {size} 件）",
        "the checkpoints are not in order of size ({size} after {before})",
    ),
    "checkpoint_beyond": (
        "チェックポイントは {size} 件を証明していますが、記録は {entries} 件しかありません",
        "the checkpoint attests {size} rows, but there are only {entries}: the tail was cut off",
    ),
    "root": (
        "署名された {size} 件のチェックポイントと記録が一致しません（{good} 件までは一致。"
        "不一致のチェックポイント {count} 個）",
        "the rows are not those that the checkpoint of size {size} signed (they agree up to {good}; "
        "checkpoints that disagree: {count})",
    ),
    "roots_unproved": (
        "{since} 番から記録の欠落・入替えがあるため、それ以降のチェックポイント {count} 個は確かめられません",
        "rows are missing or moved from {since} on, so {count} later checkpoint(s) cannot be confirmed",
    ),
    "unsealed": (
        "{entries} 件すべてを証明するチェックポイントがありません（最大のものは {covered} 件）",
        "no checkpoint in the export covers all {entries} rows (the largest covers {covered})",
    ),
    "tail_cut": (
        "手元の {file} は {size} 件を証明していますが、エクスポートには {entries} 件しかありません"
        "（末尾が切り捨てられています）",
        "your checkpoint {file} attests {size} rows, but the export has only {entries}: its tail was cut off",
    ),
    "outside_root": (
        "手元の {file}（{size} 件）とエクスポートの履歴が異なります（過去が書き換えられています）",
        "your checkpoint {file} (size {size}) attests another history: the past was rewritten",
    ),
    # reasons
    "no_newline": ("最後の行が改行で終わっていません", "the last line does not end with a newline"),
    "gzip": ("gzip が壊れているか、途中で切れています", "the gzip data is damaged or cut off"),
    "not_utf8": ("UTF-8 ではありません", "it is not UTF-8"),
    "not_json": ("JSON ではありません", "it is not JSON"),
    "not_domain": (
        "重複した項目名、ASCII でない項目名、または小数・巨大な整数があります",
        "it holds a repeated or non-ASCII key, a fraction or a huge integer",
    ),
    "not_canonical": ("正準形 (RFC 8785) ではありません", "it is not in canonical form (RFC 8785)"),
    "members": ("項目は {members} に限ります", "its members must be {members}"),
    "member": ("項目 {member} が正しくありません", "its member {member} is missing or wrong"),
    "too_large": ("大きすぎます", "it is too large"),
    "empty": ("空です", "it is empty"),
    "not_a_note": ("署名付きノートではありません", "it is not a well-formed signed note"),
    "not_a_checkpoint": ("チェックポイントの3行ではありません", "it is not the three lines of a checkpoint"),
    "no_signature": (
        "指定された鍵による署名がありません",
        "no signature on it is by a key that you gave",
    ),
    "bad_signature": (
        "署名が内容と一致しません（書き換えられています）",
        "its signature does not fit: it was altered or forged",
    ),
    "other_origin": (
        "発行元が「{origin}」で、鍵またはエクスポートの名前と異なります",
        "its origin is {origin}, which is not the name of the key and of the export",
    ),
    # the report
    "passed": ("合格: 誤りは見つかりませんでした。", "PASSED: nothing is wrong."),
    "failed": ("不合格: {total} 件の誤りがあります。", "FAILED: {total} fault(s) found."),
    "cannot": ("検証できません: {why}", "CANNOT BE EXAMINED: {why}"),
    "figures": (
        "台帳 {origin}　記録 {entries} 件　対象 {records} 件　チェックポイント {checkpoints} 個（{good} 件まで一致）",
        "ledger {origin}; {entries} rows; {records} records; {checkpoints} checkpoints (rows proved: {good})",
    ),
    "bodies_absent": (
        "注意: 本文のない記録が {count} 件あります（記録自体は証明されています）。",
        "Note: {count} row(s) come without their body (the entries themselves are proved).",
    ),
    "no_outside": (
        "注意: 手元のチェックポイントが指定されていません。末尾の切り捨ては、それがないと検出できません。",
        "Note: no checkpoint of your own was given; without one a tail cut off cleanly cannot be seen.",
    ),
    "more": ("ほか {count} 件", "and {count} more"),
    "where_line": ("{line} 行", "line {line}"),
    "where_seq": ("{seq} 番", "row {seq}"),
    "where_record": ("{kind} {rec} 第 {ver} 版", "{kind} {rec} version {ver}"),
}


class Said(NamedTuple):
    """A message of MESSAGES with its data, which may hold others."""

    code: str
    data: dict[str, Any]

    def text(self, language: str) -> str:
        words = MESSAGES[self.code][0 if language == "ja" else 1]
        return words.format(**{name: _shown(value, language) for name, value in self.data.items()})


class Fault(NamedTuple):
    """One thing that is wrong. What does not apply to it is None."""

    said: Said
    line: int | None = None
    seq: int | None = None
    kind: str | None = None
    rec: str | None = None
    ver: int | None = None

    @property
    def code(self) -> str:
        return self.said.code

    def text(self, language: str) -> str:
        places = []
        if self.line is not None:
            places.append(_say("where_line", line=self.line))
        if self.seq is not None:
            places.append(_say("where_seq", seq=self.seq))
        if self.kind is not None:
            places.append(_say("where_record", kind=self.kind, rec=self.rec, ver=self.ver))
        where = ", ".join(place.text(language) for place in places)
        return (where + ": " if where else "") + self.said.text(language)

    def as_dict(self, language: str) -> dict[str, Any]:
        places = {"line": self.line, "seq": self.seq, "kind": self.kind, "rec": self.rec, "ver": self.ver}
        return {"code": self.code, **places, "text": self.text(language)}


class Unusable(Exception):
    """It cannot be examined at all."""

    def __init__(self, code: str, **data: Any) -> None:
        self.said = _say(code, **data)
        super().__init__(self.said.text("en"))


class _Wrong(Exception):
    """Why something that is read is refused."""

    def __init__(self, code: str, **data: Any) -> None:
        self.said = _say(code, **data)
        super().__init__(code)


def _say(code: str, **data: Any) -> Said:
    return Said(code, data)


def _shown(value: Any, language: str) -> str:
    """A value for a person's screen. The export may be hostile: no control characters, no endless text."""
    if isinstance(value, Said):
        return value.text(language)
    text = str(value)
    text = text if len(text) <= 120 else text[:119] + "…"
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


# ---------------------------------------------------------------- keys, notes, the tree


class Key:
    """A verifier key `<name>+<key id>+<base64>`, Ed25519. Raises Unusable."""

    def __init__(self, vkey: str) -> None:
        self.name, _, rest = vkey.strip().partition("+")
        self.key_id, _, key64 = rest.partition("+")
        raw = _from_base64(key64)
        if raw is None or not _is_name(self.name) or len(raw) != 33 or raw[:1] != b"\x01":
            raise Unusable("bad_key", why="<name>+<8 hex digits>+<base64>, Ed25519")
        if self.key_id != sha256(self.name.encode() + b"\n" + raw).hexdigest()[:8]:
            raise Unusable("bad_key", why="key id")
        self._public = Ed25519PublicKey.from_public_bytes(raw[1:])

    def signed(self, message: bytes, signature: bytes) -> bool:
        try:
            self._public.verify(signature, message)
        except InvalidSignature:
            return False
        return True


class Checkpoint(NamedTuple):
    origin: str
    size: int
    root: bytes


def open_checkpoint(note: str, keys: Sequence[Key]) -> Checkpoint:
    """The checkpoint in a signed note, if a given key signed it and no given key's signature is wrong."""
    body, blank, block = note.rpartition("\n\n")
    if not blank or not block.endswith("\n") or block.count("\n") > MOST_SIGNATURES:
        raise _Wrong("not_a_note")
    text, signed = body + "\n", False
    for line in block[:-1].split("\n"):
        name, key_id, signature = _signature(line)
        for key in keys:
            if (key.name, key.key_id) == (name, key_id):
                if not key.signed(text.encode(), signature):
                    raise _Wrong("bad_signature")
                signed = True
    if not signed:
        raise _Wrong("no_signature")
    return _checkpoint(text, keys)


def _signature(line: str) -> tuple[str, str, bytes]:
    dash, _, rest = line.partition(" ")
    name, _, signature64 = rest.partition(" ")
    signature = _from_base64(signature64)
    if dash != "—" or not _is_name(name) or signature is None or len(signature) < 5:
        raise _Wrong("not_a_note")
    return name, signature[:4].hex(), signature[4:]


def _checkpoint(text: str, keys: Sequence[Key]) -> Checkpoint:
    lines = text.split("\n")
    root = _from_base64(lines[2]) if len(lines) == 4 and not lines[3] else None
    if root is None or len(root) != 32 or not re.fullmatch("0|[1-9][0-9]{0,17}", lines[1]):
        raise _Wrong("not_a_checkpoint")
    if lines[0] not in {key.name for key in keys}:
        raise _Wrong("other_origin", origin=lines[0])
    return Checkpoint(lines[0], int(lines[1]), root)


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and name.isprintable() and not any(c.isspace() for c in name)


def _from_base64(text: str) -> bytes | None:
    """The bytes, or None unless `text` is their one base64 form."""
    try:
        data = b64decode(text, validate=True)
    except ValueError:
        return None
    return data if b64encode(data).decode() == text else None


class Frontier:
    """The roots of the full subtrees that a growing tree is made of (RFC 9162 section 2.1): all that it needs."""

    def __init__(self) -> None:
        self.size = 0
        self._nodes: list[bytes] = []

    def extend(self, leaves: Iterable[bytes]) -> None:
        level = list(leaves)
        before, self.size = self.size, self.size + len(level)
        complete = []
        while level:
            if before & 1:
                level.insert(0, self._nodes.pop())
            if len(level) & 1:
                complete.append(level.pop())
            pairs = iter(level)
            level = [sha256(b"\x01" + a + b).digest() for a, b in zip(pairs, pairs, strict=True)]
            before >>= 1
        self._nodes.extend(reversed(complete))

    def root(self) -> bytes:
        if not self._nodes:
            return sha256(b"").digest()
        root = self._nodes[-1]
        for node in reversed(self._nodes[:-1]):
            root = sha256(b"\x01" + node + root).digest()
        return root


# ---------------------------------------------------------------- reading


# What an entry says, as far as it is checked: at, body, kind, op, rec, ver.
Envelope = tuple[bytes, bytes, bytes, bytes, bytes, int]


# A leaf's line: seq, entry, body, hash, and what its entry says or why it says nothing (a bare tuple for speed).
Row = tuple[int, bytes, "bytes | None", bytes, "Envelope | Said"]

# Inside a row's line the quotation marks of the entry are escaped once, and what the entry escapes is escaped twice.
_WORD = rb'\\"([^"\\\x00-\x1f]*)\\"'
_SKIP = rb'\\"[^"\\\x00-\x1f]*\\"'
_PROSE = (  # with the escapes of RFC 8785 section 3.2.2.2
    rb'\\"[^"\\\x00-\x1f]*(?:\\\\(?:[bfnrt]|\\\\|\\"|u00(?:0[0-7bef]|1[0-9a-f]))[^"\\\x00-\x1f]*)*\\"'
)
_AT = rb"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z"  # fixed width: text order is time order
_HEX = rb"[0-9a-f]{64}"
_USUAL = re.compile(
    rb'\{"seq":(0|[1-9][0-9]{0,15}),"entry":"(\{'
    rb'\\"act\\":' + _SKIP + rb',\\"act_name\\":' + _SKIP + rb',\\"at\\":\\"(' + _AT + rb')\\"'
    rb',\\"body\\":\\"(' + _HEX + rb')\\",\\"by\\":' + _SKIP + rb',\\"kind\\":' + _WORD + rb","
    rb'(?:\\"made_at\\":\\"' + _AT + rb'\\",)?\\"op\\":\\"(create|update|delete|note)\\",'
    rb'\\"reason\\":' + _PROSE + rb',\\"rec\\":' + _WORD + rb',\\"ver\\":'
    rb'([1-9][0-9]{0,14})\})","body":(null|")'
)
_ROW_BEGINS = b'\n{"seq":'
_UNESCAPED = bytes(range(32)) + b'"'


def _usual_row(line: bytes) -> Row | None:
    """The row, if the line has the form that Sekisho writes; else None, and :func:`_any_row` decides.

    It only ever agrees with that one, which knows the whole grammar, and is four times as fast.
    """
    found = _USUAL.match(line)
    if not found:
        return None
    seq, entry, at, body_hash, kind, op, rec, ver, quote = found.groups()
    if quote == b'"':
        body, seam = _unescaped(line[found.end() : -77]), line[-77:-67] == b'","hash":"'
    else:
        body, seam = None, line[found.end() : -67] == b',"hash":"'
    entry = entry.translate(None, b"\\") if b"\\\\" not in entry else _unescaped(entry)
    digest = line[-67:-3]
    if (
        not seam
        or (body is None and quote == b'"')
        or not digest.isalnum()
        or line[-3:] != b'"}\n'
        or entry is None
        or len(entry) > LONGEST_ENTRY
        or not (line.isascii() or _is_utf8(line))
    ):
        return None
    return int(seq), entry, body, digest, (at, body_hash, kind, op, rec, int(ver))


def _unescaped(inner: bytes) -> bytes | None:
    """The text between the quotation marks of a JSON string; None if that is not well-formed."""
    text = inner.translate(None, b"\\")
    # Are all escapes those of quotation marks? And is it shorter by as many bytes without all quotation marks and
    # control characters? (If by more, then one of those has no escape.) Then without backslashes it is the text.
    if inner.count(b'\\"') == len(inner) - len(text) and len(inner.translate(None, _UNESCAPED)) == len(text):
        return text
    try:
        decoded = _decoder.decode('"' + inner.decode() + '"')
        return decoded.encode() if type(decoded) is str else None
    except (ValueError, _Wrong):
        return None


def _any_row(line: bytes) -> Row:
    row = _json(line)
    if type(row) is not dict or set(row) != {"seq", "entry", "body", "hash"}:
        raise _Wrong("members", members="seq, entry, body, hash")
    seq, entry, body, digest = row["seq"], row["entry"], row["body"], row["hash"]
    for member, fits in (
        ("seq", type(seq) is int and seq >= 0),
        ("entry", type(entry) is str),
        ("body", body is None or type(body) is str),
        ("hash", type(digest) is str),
    ):
        if not fits:
            raise _Wrong("member", member=member)
    raw = _utf8(entry)
    try:
        envelope: Envelope | Said = _envelope(raw)
    except _Wrong as wrong:
        envelope = wrong.said
    return seq, raw, None if body is None else _utf8(body), _utf8(digest), envelope


def _envelope(entry: bytes) -> Envelope:
    if len(entry) > LONGEST_ENTRY:
        raise _Wrong("too_large")
    said = _json(entry)
    if type(said) is not dict:
        raise _Wrong("members", members=", ".join(ENVELOPE))
    if _utf8(json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)) != entry:
        raise _Wrong("not_canonical")
    for member in ENVELOPE:
        kinds = (int,) if member == "ver" else (str, int) if member == "act" else (str,)
        if type(said.get(member)) not in kinds:
            raise _Wrong("member", member=member)
    made_at = said.get("made_at", said["at"])
    at, body, kind, op, rec = (_utf8(said[member]) for member in ("at", "body", "kind", "op", "rec"))
    for member, fits in (
        ("at", re.fullmatch(_AT, at)),
        ("made_at", re.fullmatch(_AT, _utf8(made_at)) if type(made_at) is str else False),
        ("body", re.fullmatch(_HEX, body)),
        ("op", said["op"] in OPERATIONS),
        ("ver", said["ver"] >= 1),
    ):
        if not fits:
            raise _Wrong("member", member=member)
    return at, body, kind, op, rec, said["ver"]


def _json(data: bytes) -> Any:
    """JSON in the ledger's domain: no key twice, ASCII keys, integers up to 2**53-1 only."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise _Wrong("not_utf8") from None
    try:
        return _decoder.decode(text)
    except (ValueError, RecursionError):
        raise _Wrong("not_json") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs) or not "".join(found).isascii():
        raise _Wrong("not_domain")
    return found


def _integer(digits: str) -> int:
    if len(digits) > 17 or abs(int(digits)) >= 2**53:
        raise _Wrong("not_domain")
    return int(digits)


def _no_number(_digits: str) -> None:
    raise _Wrong("not_domain")


_decoder = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_no_number, parse_constant=_no_number
)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise _Wrong("not_utf8") from None


def _note(line: bytes) -> str | None:
    """The note of a checkpoint's line; None if the line is of another sort."""
    try:
        said = _json(line)
    except _Wrong:
        return None
    if type(said) is dict and set(said) == {"checkpoint"} and type(said["checkpoint"]) is str:
        return str(said["checkpoint"])
    return None


# ---------------------------------------------------------------- verification


class Report:
    """What was found. `good`: how many rows a checkpoint with a right signature confirmed."""

    def __init__(self, outside: int) -> None:
        self.origin = ""
        self.entries = self.records = self.bodies_absent = self.checkpoints = self.good = 0
        self.outside = outside
        self.faults: list[Fault] = []
        self.total = 0

    @property
    def ok(self) -> bool:
        return not self.total

    def add(self, code: str, data: dict[str, Any], **place: Any) -> None:
        self.total += 1
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(_say(code, **data), **place))

    def text(self, language: str) -> str:
        said = [_say("passed") if self.ok else _say("failed", total=self.total), self._figures()]
        lines = [each.text(language) for each in said]
        lines += [f"- {fault.text(language)}" for fault in self.faults]
        if self.total > len(self.faults):
            lines.append("- " + _say("more", count=self.total - len(self.faults)).text(language))
        if self.bodies_absent:
            lines.append(_say("bodies_absent", count=self.bodies_absent).text(language))
        if not self.outside:
            lines.append(_say("no_outside").text(language))
        return "\n".join(lines)

    def _figures(self) -> Said:
        names = ("origin", "entries", "records", "checkpoints", "good")
        return _say("figures", **{name: getattr(self, name) for name in names})

    def as_dict(self, language: str) -> dict[str, Any]:
        names = (
            "ok",
            "origin",
            "entries",
            "records",
            "bodies_absent",
            "checkpoints",
            "outside",
            "good",
            "total",
        )
        figures = {name: getattr(self, name) for name in names}
        return {**figures, "faults": [fault.as_dict(language) for fault in self.faults]}


class _Claim(NamedTuple):
    """That the tree of `size` has this root: said by a line of the export, or by a file from outside."""

    size: int
    root: bytes
    line: int | None
    file: str | None


class _Verification:
    """One run over one export."""

    def __init__(self, keys: Sequence[Key], outside: Sequence[tuple[str, str]]) -> None:
        self.keys = keys
        self.report = Report(len(outside))
        self.claims = [self._outside(file, note) for file, note in outside]
        self.next_claim = 0
        self.tree = Frontier()
        self.leaves: list[bytes] = []
        self.room = 0  # how many of them are kept until the tree takes them
        self.versions: defaultdict[bytes, dict[bytes, int]] = defaultdict(dict)  # negative: deleted
        self.lines = 1
        self.expected = 0  # the next seq
        self.ended = False  # whether the checkpoints have begun
        self.torn: int | None = None  # the seq from which rows are missing or moved
        self.at = b""
        self.disagreeing: list[_Claim] = []  # the first of a run; of the others only their number
        self.disagreements = 0

    def _outside(self, file: str, note: str) -> _Claim:
        try:
            checkpoint = open_checkpoint(note, self.keys)
        except _Wrong as wrong:
            raise Unusable("bad_outside", file=file, why=wrong.said) from None
        self.report.origin = self.report.origin or checkpoint.origin
        return _Claim(checkpoint.size, checkpoint.root, None, file)

    # first reading: the checkpoints, because they stand after the rows that they attest

    def gather(self, lines: Iterable[tuple[int, bytes]]) -> None:
        size = 0
        for number, line in lines:
            note = _note(line)
            if note is None:
                continue
            self.report.checkpoints += 1
            try:
                checkpoint = open_checkpoint(note, self.keys)
                if checkpoint.origin != self.report.origin:
                    raise _Wrong("other_origin", origin=checkpoint.origin)
            except _Wrong as wrong:
                self.report.add("checkpoint_bad", {"why": wrong.said}, line=number)
                continue
            if checkpoint.size < size:
                self.report.add("checkpoint_order", {"size": checkpoint.size, "before": size}, line=number)
            size = max(size, checkpoint.size)
            self.claims.append(_Claim(checkpoint.size, checkpoint.root, number, None))
        self.claims.sort(key=lambda claim: claim.size)

    # second reading: the rows

    def read(self, lines: Iterable[tuple[int, bytes]]) -> None:
        self._confirm()
        number, rows = 1, 0
        for number, line in lines:
            row = _usual_row(line) or self._unusual_row(number, line)
            if row is not None:
                rows += 1
                self._row(number, row)
        self._flush()
        self.report.entries = rows
        self.lines = number

    def _unusual_row(self, number: int, line: bytes) -> Row | None:
        """The row of a line of any form; None, and if need be a fault, when it has none."""
        if not line.endswith(b"\n"):
            if len(line) >= LONGEST_LINE:
                self.report.add("line_too_long", {"longest": LONGEST_LINE}, line=number)
                return None
            self.report.add("cut_off", {"why": _say("no_newline")}, line=number)
        try:
            return _any_row(line)
        except _Wrong as wrong:
            if _note(line) is None:
                self.report.add("bad_line", {"why": wrong.said}, line=number)
            else:
                self.ended = True
            return None

    def _row(self, line: int, row: Row) -> None:
        seq, entry, body, digest, envelope = row
        if seq == self.expected:
            self.expected = seq + 1
        else:
            self._out_of_sequence(line, seq)
        leaf = sha256(b"\x00" + entry).digest()
        if self.torn is None:
            self.leaves.append(leaf)
            if len(self.leaves) == self.room:
                self._flush()
        if hexlify(leaf) != digest:
            self._row_fault("leaf_hash", line, row)
        if self.ended:
            self._row_fault("misplaced", line, row)
        if isinstance(envelope, Said):
            self._row_fault("entry_malformed", line, row, why=envelope)
            return
        at, body_hash, kind, op, rec, ver = envelope
        if body is None:
            self.report.bodies_absent += 1
        elif hexlify(sha256(body).digest()) != body_hash:
            self._row_fault("body_hash", line, row)
        records = self.versions[kind]
        last = records.get(rec, 0)
        if ver != last + 1:
            self._version_fault(line, row, op, ver, last)
        records[rec] = -ver if op == b"delete" else ver
        if at < self.at:
            self._row_fault("time_back", line, row, at=at.decode(), before=self.at.decode())
        self.at = at

    def _version_fault(self, line: int, row: Row, op: bytes, ver: int, last: int) -> None:
        """Within a record the versions rise by one from one; after a deletion it can only be created again."""
        if last < 0 and op != b"create":
            self._row_fault("after_delete", line, row)
        if ver != abs(last) + 1:
            self._row_fault("version_order", line, row, expected=abs(last) + 1, ver=ver)

    def _row_fault(self, code: str, line: int, row: Row, **data: Any) -> None:
        envelope, record = row[4], {}
        if not isinstance(envelope, Said):
            _at, _body, kind, _op, rec, ver = envelope
            record = {"kind": kind.decode(), "rec": rec.decode(), "ver": ver}
        self.report.add(code, data, line=line, seq=row[0], **record)

    def _out_of_sequence(self, line: int, seq: int) -> None:
        expected = self.expected
        self._flush()
        self.torn = expected if self.torn is None else self.torn
        if seq > expected:
            self.report.add("rows_missing", {"first": expected, "last": seq - 1}, line=line, seq=seq)
        else:
            self.report.add("row_out_of_place", {"seq": seq, "expected": expected}, line=line, seq=seq)
        self.expected = max(expected, seq + 1)

    # roots

    def _flush(self) -> None:
        if self.leaves:
            self.tree.extend(self.leaves)
            self.leaves.clear()
            self._confirm()

    def _confirm(self) -> None:
        """Hold the tree of this size against every checkpoint of this size, and see how far the next one is."""
        root = self.tree.root()
        while self.next_claim < len(self.claims) and self.claims[self.next_claim].size == self.tree.size:
            self._compare(self.claims[self.next_claim], root)
            self.next_claim += 1
        self.room = BATCH
        if self.next_claim < len(self.claims):
            self.room = min(BATCH, self.claims[self.next_claim].size - self.tree.size)

    def _compare(self, claim: _Claim, root: bytes) -> None:
        if claim.root == root:
            self._name_disagreement()
            self.report.good = claim.size
        elif claim.file is not None:
            self.report.add("outside_root", {"file": claim.file, "size": claim.size})
        else:
            self.disagreeing = self.disagreeing or [claim]
            self.disagreements += 1

    def _name_disagreement(self) -> None:
        """A run of checkpoints that disagree has one cause: it is one fault, named with its first."""
        for claim in self.disagreeing:
            data = {"size": claim.size, "good": self.report.good, "count": self.disagreements}
            self.report.add("root", data, line=claim.line)
        self.disagreeing, self.disagreements = [], 0

    # the end

    def conclude(self, size: int) -> Report:
        self._name_disagreement()
        report, end = self.report, self.expected
        if report.entries != size:
            report.add("row_count", {"size": size, "entries": report.entries}, line=1)
        unproved = 0
        for claim in self.claims[self.next_claim :]:
            if claim.size <= end:
                unproved += 1
            elif claim.file is not None:
                report.add("tail_cut", {"file": claim.file, "size": claim.size, "entries": end})
            else:
                report.add("checkpoint_beyond", {"size": claim.size, "entries": end}, line=claim.line)
        if unproved:
            report.add("roots_unproved", {"since": self.torn, "count": unproved})
        covered = max((claim.size for claim in self.claims if claim.file is None), default=None)
        if covered is None or covered < end:
            report.add("unsealed", {"entries": end, "covered": "-" if covered is None else covered})
        report.records = sum(map(len, self.versions.values()))
        report.faults = sorted(
            map(self._numbered, report.faults), key=lambda fault: fault.line or sys.maxsize
        )
        return report

    def _numbered(self, fault: Fault) -> Fault:
        """Checkpoints were numbered from the end."""
        if fault.line is None or fault.line > 0:
            return fault
        return fault._replace(line=self.lines + 1 + fault.line)


def verify(export: str, vkeys: Sequence[str], outside: Sequence[tuple[str, str]] = ()) -> Report:
    """Examine the export at a path with verifier keys and outside checkpoints, each (name, note's text).

    Raises Unusable when there is nothing to examine. Memory grows with the records and the checkpoints, not with the
    rows.
    """
    run = _Verification([Key(vkey) for vkey in vkeys], outside)
    try:
        with open(export, "rb", BUFFER) as file:
            header = _header(file, export)
            if header["origin"] not in {key.name for key in run.keys}:
                raise Unusable(
                    "other_log", origin=header["origin"], names=", ".join(key.name for key in run.keys)
                )
            run.report.origin = header["origin"]
            run.gather(_last_lines(file, export))
            run.read(_lines(file, run.report))
    except OSError as error:
        raise Unusable("unreadable", file=export, why=error.strerror or type(error).__name__) from None
    return run.conclude(header["size"])


def _opened(file: IO[bytes]) -> IO[bytes]:
    file.seek(0)
    zipped = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    return io.BufferedReader(gzip.GzipFile(fileobj=file), BUFFER) if zipped else file


def _header(file: IO[bytes], name: str) -> dict[str, Any]:
    try:
        header = _json(_opened(file).readline(LONGEST_LINE))
        if type(header) is not dict or set(header) != {"format", "origin", "size"}:
            raise _Wrong("members", members="format, origin, size")
        if header["format"] != FORMAT:
            raise _Wrong("member", member="format")
        if type(header["origin"]) is not str or type(header["size"]) is not int:
            raise _Wrong("member", member="origin, size")
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise Unusable("not_an_export", file=name, format=FORMAT, why=_say("gzip")) from None
    except _Wrong as wrong:
        raise Unusable("not_an_export", file=name, format=FORMAT, why=wrong.said) from None
    return header


def _lines(file: IO[bytes], report: Report) -> Iterator[tuple[int, bytes]]:
    """The lines after the first, numbered from 2, none longer than LONGEST_LINE: the rest of such a one is left out."""
    reader, number = _opened(file), 1
    reader.readline(LONGEST_LINE)
    try:
        for number, line in enumerate(iter(partial(reader.readline, LONGEST_LINE), b""), 2):
            yield number, line
            while len(line) >= LONGEST_LINE and not line.endswith(b"\n"):
                line = reader.readline(LONGEST_LINE)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        report.add("cut_off", {"why": _say("gzip")}, line=number)


def _last_lines(file: IO[bytes], name: str) -> Iterator[tuple[int, bytes]]:
    """The last row (if it looks like one) and what follows it, numbered from the end: -1 is the last line."""
    kept = _end(file)
    if len(kept) > LONGEST_END:
        raise Unusable("not_an_export", file=name, format=FORMAT, why=_say("too_large"))
    lines = io.BytesIO(kept).readlines()
    yield from enumerate(lines, -len(lines))


def _end(file: IO[bytes]) -> bytes:
    """From the last row on; LONGEST_END and more when it is too long."""
    reader, kept = _opened(file), bytearray()
    if reader is file:
        size, length = file.seek(0, io.SEEK_END), BUFFER
        while True:
            file.seek(max(0, size - length))
            end = file.read(length)
            at = end.rfind(_ROW_BEGINS) + 1
            if at or length >= min(size, 2 * LONGEST_END):
                return end[at:]
            length *= 2
    try:
        while len(kept) <= LONGEST_END and (block := reader.read(BUFFER)):
            kept += block
            del kept[: kept.rfind(_ROW_BEGINS, max(0, len(kept) - len(block) - len(_ROW_BEGINS))) + 1]
    except (EOFError, gzip.BadGzipFile, zlib.error):
        pass  # the rest is lost; reading all lines will say so
    return bytes(kept)


# ---------------------------------------------------------------- the command


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        outside = [(file, _outside_text(file)) for file in options.checkpoint]
        report = verify(options.export, options.key, outside)
    except Unusable as unusable:
        text = _say("cannot", why=unusable.said).text(options.lang)
        told = {"ok": False, "unusable": unusable.said.code, "text": text}
        print(json.dumps(told, ensure_ascii=False) if options.json else text, file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps(report.as_dict(options.lang), ensure_ascii=False))
    else:
        print(report.text(options.lang))
    return 0 if report.ok else 1


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="sekisho_verify.py",
        description="Verify an export of a Sekisho ledger. 台帳のエクスポートを検証します。",
        epilog="Exit status 0: nothing wrong 誤りなし; 1: faults 誤りあり; 2: not examined 検証不能.",
    )
    parser.add_argument("export", help="the export (.jsonl or .jsonl.gz)")
    parser.add_argument(
        "--key",
        action="append",
        required=True,
        metavar="VKEY",
        help="verifier key, obtained apart from the export; again for each key of a rotation 検証鍵",
    )
    parser.add_argument(
        "--checkpoint",
        action="append",
        default=[],
        metavar="FILE",
        help="a checkpoint that you kept yourself 手元のチェックポイント",
    )
    parser.add_argument("--lang", choices=("ja", "en"), default="ja")
    parser.add_argument("--json", action="store_true", help="report as JSON")
    return parser.parse_args(arguments)


def _outside_text(file: str) -> str:
    try:
        with open(file, "rb") as opened:
            return opened.read(1 << 20).decode()
    except OSError as error:
        raise Unusable("unreadable", file=file, why=error.strerror or type(error).__name__) from None
    except UnicodeDecodeError:
        raise Unusable("bad_outside", file=file, why=_say("not_utf8")) from None


if __name__ == "__main__":
    sys.exit(main())
