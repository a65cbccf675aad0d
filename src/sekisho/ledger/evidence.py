"""Evidence files, kept by their content's SHA-256 under SEKISHO_HOME/evidence."""

import hashlib
import os
import tempfile
from pathlib import Path

from django.conf import settings

from sekisho.kernel.errors import NotFound, SekishoError
from sekisho.kernel.texts import Text

MAX_BYTES = 50 * 1024 * 1024


class EvidenceTooLarge(SekishoError):
    code = "evidence_too_large"
    status = 413
    text = Text(
        "証跡ファイルは {limit} MB までです。分割するか、保管場所への参照を備考に記入してください。",
        "An evidence file may have at most {limit} MB. Split it, or note where it is kept.",
    )


def store(content: bytes) -> str:
    """Keep the content; returns its SHA-256 in hexadecimal. The same content is kept once."""
    if len(content) > MAX_BYTES:
        raise EvidenceTooLarge(limit=MAX_BYTES // 1024 // 1024)
    digest = hashlib.sha256(content).hexdigest()
    path = _path(digest)
    if path.exists():
        return digest
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(name, path)
    return digest


def read(digest: str) -> bytes:
    """The content. Raises where it is missing or no longer what it was."""
    path = _path(digest)
    if not path.exists():
        raise NotFound(what=f"SHA-256 {digest}")
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        raise SekishoError(
            Text("証跡 {digest} の内容が変わっています。", "Evidence {digest} is no longer what was kept."),
            digest=digest,
        )
    return content


def _path(digest: str) -> Path:
    if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
        raise NotFound(what="SHA-256")
    return Path(settings.SEKISHO_HOME) / "evidence" / digest[:2] / digest
