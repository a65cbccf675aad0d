"""Signed notes and checkpoints: https://c2sp.org/signed-note and https://c2sp.org/tlog-checkpoint, with Ed25519.

A checkpoint is a note whose text is three lines: the origin, the size and the root of a tree. Keys are in the text
form of Go's golang.org/x/mod/sumdb/note, so that its tools read our notes and we read theirs. Parsing is stricter
than the specification where that costs nobody anything: base64 must be in its one form, numbers too.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text
from sekisho.ledger.tree import HASH_SIZE

MOST_SIGNATURES: Final = 100  # as Go's note.Open; the specification asks for at least 16
LONGEST_NOTE: Final = 1 << 20
LARGEST_SIZE: Final = 2**63 - 1

_ED25519: Final = b"\x01"
_KEY_ID = re.compile(r"[0-9a-f]{8}")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")

_FOREIGN_ID = Text("鍵の識別子が名前と鍵に一致しません", "its identifier does not fit its name and key")
_BAD_NAME = Text(
    "名前は空でなく、空白・制御文字・「+」を含まないものに限ります",
    "a name must be non-empty, without spaces, control characters and '+'",
)
_BAD_TEXT = Text(
    "本文は改行で終わり、ほかの制御文字を含まない正しい Unicode に限ります",
    "the text must be valid Unicode, end with a newline and hold no other control character",
)
_SAME_ID = Text("異なる二つの鍵の名前と識別子が同じです", "two different keys share a name and an identifier")
_OUT_OF_RANGE = Text("発行元・件数・根ハッシュのいずれかが範囲外です", "origin, size or root is out of range")
_NOT_3_LINES = Text("発行元・件数・根ハッシュの3行に限ります", "it must be three lines: origin, size, root")
_BAD_ORIGIN = Text(
    "発行元は空でなく、空白と「+」を含まないものに限ります",
    "the origin must be non-empty, without spaces and '+'",
)
_BAD_SIZE = Text(
    "件数は先頭に0のない10進数に限ります", "the size must be a decimal number without leading zeros"
)
_BAD_ROOT = Text("根ハッシュは32バイトの base64 に限ります", "the root must be the base64 of 32 bytes")
_BAD_NOTE = Text(
    "長すぎるか、正しい Unicode でないか、制御文字を含みます",
    "it is too long, not valid Unicode, or holds control characters",
)
_NO_BLOCK = Text("空行と署名行で終わっていません", "it must end with a blank line and lines of signatures")
_TOO_MANY = Text("署名が100件を超えています", "it bears more than 100 signatures")
_BAD_LINE = Text("署名行は「— 名前 base64」の形に限ります", "a line of signature must be '— <name> <base64>'")
_NOT_PRIVATE = Text("秘密鍵は PRIVATE+KEY+ で始まります", "a private key begins with PRIVATE+KEY+")
_NOT_A_KEY = Text("「名前+16進8桁+base64」の形に限ります", "it must be '<name>+<8 hex digits>+<base64>'")
_NOT_ED25519 = Text("Ed25519（種別1、32バイト）に限ります", "only Ed25519 (type 1, 32 bytes) is known")


class NoteError(SekishoError):
    """The base of what can be wrong with a note, a checkpoint or a key."""

    code = "note"
    status = 422


class MalformedNote(NoteError):
    code = "note_malformed"
    text = Text(
        "署名付きノートの形式が正しくありません。{why}", "This is not a well-formed signed note: {why}"
    )


class UnknownSigner(NoteError):
    """No signature is by a key that was given. `signers` lists the names on the note: claims, nothing more."""

    code = "note_unknown_signer"
    text = Text(
        "指定された鍵による署名がありません（ノートの署名者: {signers}）。正しい検証鍵か確認してください。",
        "No signature is by a key that was given (the note names: {signers}). Check that it is the right key.",
    )


class BadSignature(NoteError):
    """A signature by a known key does not fit the text: it was altered, or the signature forged."""

    code = "note_bad_signature"
    text = Text(
        "{signer} の署名が本文と一致しません。改ざんされた可能性があります。",
        "The signature of {signer} does not fit the text. One of them was altered.",
    )


class BadKey(NoteError):
    code = "note_bad_key"
    text = Text("鍵の形式が正しくありません。{why}", "This is not a well-formed key: {why}")


class MalformedCheckpoint(NoteError):
    code = "checkpoint_malformed"
    text = Text(
        "チェックポイントの形式が正しくありません。{why}", "This is not a well-formed checkpoint: {why}"
    )


class Verifier:
    """A public key in Go's form `<name>+<key id>+<base64>`. Raises :class:`BadKey`."""

    __slots__ = ("_public", "key_id", "name", "vkey")

    def __init__(self, vkey: str) -> None:
        self.name, self.key_id, raw = _parse_key(vkey.strip())
        if self.key_id != _key_id(self.name, raw):
            raise BadKey(why=_FOREIGN_ID)
        self.vkey = vkey.strip()
        self._public = Ed25519PublicKey.from_public_bytes(raw)

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether `signature` (64 bytes, without key identifier) is this key's on `message`."""
        try:
            self._public.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def __repr__(self) -> str:
        return f"<Verifier {self.vkey}>"


class Signer:
    """A private key in Go's form `PRIVATE+KEY+<name>+<key id>+<base64 of 0x01 and the seed>`. Raises :class:`BadKey`.

    It never shows its key: neither in its repr nor in an error.
    """

    __slots__ = ("_private", "key_id", "name", "vkey")

    def __init__(self, skey: str | bytes) -> None:
        self.name, self.key_id, seed = _parse_key(_unmarked(skey))
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        raw = self._private.public_key().public_bytes_raw()
        if self.key_id != _key_id(self.name, raw):
            raise BadKey(why=_FOREIGN_ID)
        self.vkey = _key_text(self.name, raw, raw)

    @classmethod
    def from_file(cls, path: Path) -> "Signer":
        """The key in a file that holds it alone; a newline at the end is allowed."""
        with path.open("rb") as file:
            return cls(file.read(4096))

    def sign(self, text: str) -> str:
        """The note: `text`, which must end with a newline, a blank line and this key's signature line."""
        return sign_note(text, [self])

    def signature_line(self, text: str) -> str:
        signature = bytes.fromhex(self.key_id) + self._private.sign(text.encode())
        return f"— {self.name} {_base64(signature)}\n"

    def __repr__(self) -> str:
        return f"<Signer {self.vkey}>"


def generate(name: str) -> str:
    """A new private key as text, for :class:`Signer`. Whoever holds it can sign as `name`: keep it 0600."""
    if not _is_name(name):
        raise BadKey(why=_BAD_NAME)
    private = Ed25519PrivateKey.generate()
    raw = private.public_key().public_bytes_raw()
    return "PRIVATE+KEY+" + _key_text(name, raw, private.private_bytes_raw())


def sign_note(text: str, signers: Sequence[Signer]) -> str:
    """The note of `text` with one signature line for each signer, in order (two while a key is rotated)."""
    if not text.endswith("\n") or _CONTROL.search(text) or not _encodes(text):
        raise MalformedNote(why=_BAD_TEXT)
    return text + "\n" + "".join(signer.signature_line(text) for signer in signers)


def open_note(text: str, verifiers: Sequence[Verifier]) -> str:
    """The signed text of a note, once a given key has signed it and no given key's signature is wrong.

    Signatures by keys not given are passed over, as the specification demands (witnesses, rotation). Raises
    :class:`MalformedNote`, :class:`UnknownSigner` or :class:`BadSignature`.
    """
    body, signatures = _parse_note(text)
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    if len(known) != len({verifier.vkey for verifier in verifiers}):
        raise BadKey(why=_SAME_ID)
    message, verified = body.encode(), False
    for name, key_id, signature in signatures:
        if verifier := known.get((name, key_id)):
            if not verifier.verify(message, signature):
                raise BadSignature(signer=f"{name}+{key_id}")
            verified = True
    if not verified:
        names = ", ".join(f"{name}+{key_id}" for name, key_id, _ in signatures)
        raise UnknownSigner(signers=names[:200])
    return body


def checkpoint_text(origin: str, size: int, root: bytes) -> str:
    """The text of a checkpoint, to be signed by the key whose name is `origin`. No extension lines."""
    if not _is_name(origin) or not 0 <= size <= LARGEST_SIZE or len(root) != HASH_SIZE:
        raise MalformedCheckpoint(why=_OUT_OF_RANGE)
    return f"{origin}\n{size}\n{_base64(root)}\n"


def parse_checkpoint(text: str) -> tuple[str, int, bytes]:
    """Origin, size and root of a checkpoint's text, as :func:`open_note` returned it.

    Extension lines are refused: nobody here writes them, and no monitor could check what they say.
    """
    lines = text.split("\n")
    if len(lines) != 4 or lines[3]:
        raise MalformedCheckpoint(why=_NOT_3_LINES)
    origin, size, root64, _ = lines
    root = _from_base64(root64)
    if not _is_name(origin):
        raise MalformedCheckpoint(why=_BAD_ORIGIN)
    if not _SIZE.fullmatch(size) or int(size) > LARGEST_SIZE:
        raise MalformedCheckpoint(why=_BAD_SIZE)
    if root is None or len(root) != HASH_SIZE:
        raise MalformedCheckpoint(why=_BAD_ROOT)
    return origin, int(size), root


def _parse_note(text: str) -> tuple[str, list[tuple[str, str, bytes]]]:
    """The text, and for each signature line the name, the key identifier (hex) and the signature."""
    if len(text) > LONGEST_NOTE or _CONTROL.search(text) or not _encodes(text):
        raise MalformedNote(why=_BAD_NOTE)
    body, blank, block = text.rpartition("\n\n")
    if not blank or not block.endswith("\n"):
        raise MalformedNote(why=_NO_BLOCK)
    lines = block[:-1].split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise MalformedNote(why=_TOO_MANY)
    return body + "\n", [_parse_signature(line) for line in lines]


def _parse_signature(line: str) -> tuple[str, str, bytes]:
    name, _, signature64 = line.removeprefix("— ").partition(" ")
    signature = _from_base64(signature64)
    if not line.startswith("— ") or not _is_name(name) or signature is None or len(signature) < 5:
        raise MalformedNote(why=_BAD_LINE)
    return name, signature[:4].hex(), signature[4:]


def _unmarked(skey: str | bytes) -> str:
    text = skey if isinstance(skey, str) else skey.decode("utf-8", "replace")
    text = text.strip()
    if not text.startswith("PRIVATE+KEY+"):
        raise BadKey(why=_NOT_PRIVATE)
    return text.removeprefix("PRIVATE+KEY+")


def _parse_key(text: str) -> tuple[str, str, bytes]:
    """Name, identifier and the 32 bytes of a key; says nothing of what it read, for it may be a secret."""
    name, _, rest = text.partition("+")
    key_id, _, key64 = rest.partition("+")
    key = _from_base64(key64)
    if not _is_name(name) or not _KEY_ID.fullmatch(key_id) or key is None:
        raise BadKey(why=_NOT_A_KEY)
    if key[:1] != _ED25519 or len(key) != 33:
        raise BadKey(why=_NOT_ED25519)
    return name, key_id, key[1:]


def _key_text(name: str, public: bytes, key: bytes) -> str:
    return f"{name}+{_key_id(name, public)}+{_base64(_ED25519 + key)}"


def _key_id(name: str, public: bytes) -> str:
    """The first four bytes, in hex, of the hash over name, newline, type and public key."""
    return sha256(name.encode() + b"\n" + _ED25519 + public).hexdigest()[:8]


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(c.isspace() or c < " " for c in name) and _encodes(name)


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _base64(data: bytes) -> str:
    return b64encode(data).decode("ascii")


def _from_base64(text: str) -> bytes | None:
    """The bytes, or None unless `text` is exactly the one base64 form of them (RFC 4648 section 4)."""
    try:
        data = b64decode(text, validate=True)
    except (Base64Error, ValueError):
        return None
    return data if _base64(data) == text else None
