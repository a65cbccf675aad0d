"""Read the member's copy of the official text: plain text or PDF, within bounds. No splitting here."""

import threading
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
from pypdfium2 import raw as pdfium

from sekisho.kernel.texts import Text
from sekisho.rulebook.official.errors import (
    CannotOpen,
    DamagedPdf,
    Empty,
    EncryptedPdf,
    NoTextLayer,
    TooBig,
    UnknownEncoding,
    WrongFormat,
)

MAX_BYTES = 20_000_000
MAX_PAGES = 500
MAX_CHARACTERS = 300_000  # the rule has about 12,000; a PDF can expand to far more than its own size

# PDFium writes U+FFFE for a hyphen at the end of a line, and control characters for glyphs without a character.
_SIGNS = {0xFFFE: "-"} | {code: None for code in range(32) if chr(code) not in "\t\n\f\r"}
_PDFIUM = threading.Lock()  # PDFium is not thread-safe
_HTML = Text("HTML（ウェブページ）", "HTML, a web page")
_OFFICE = Text("Word などの文書または圧縮ファイル", "an office document or an archive")
_BINARY = Text("文字でないデータ（バイナリ）", "binary data, not text")


def read_text(path: Path) -> str:
    """The text of a file, pages of a PDF parted by form feeds, line ends as `\\n`.

    Text files may be UTF-8 (with or without a byte order mark), UTF-16 with one, or CP932.
    Raises a subclass of OfficialTextError that says what is wrong with the file and what to do.
    """
    content = _bytes_of(path)
    extract = _pdf_text if b"%PDF-" in content[:1024] else _plain_text
    text = extract(content, path.name)
    if len(text) > MAX_CHARACTERS:
        raise _too_many_characters(path.name)
    if not text.strip():
        raise Empty(name=path.name)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _bytes_of(path: Path) -> bytes:
    """At most one byte past the bound is ever read."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise CannotOpen(name=path.name, reason=error.strerror or type(error).__name__) from None
    if len(content) > MAX_BYTES:
        raise TooBig(name=path.name, found=Text("20 MB 超", "over 20 MB"), bound="20 MB")
    return content


def _plain_text(content: bytes, name: str) -> str:
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise WrongFormat(name=name, format=_OFFICE)
    text = _decoded(content, name)
    if text.lstrip()[:200].lower().startswith(("<!doctype html", "<html", "<?xml", "<head", "<body")):
        raise WrongFormat(name=name, format=_HTML)
    if any(ord(c) < 32 and c not in "\t\n\v\f\r" for c in text):
        raise WrongFormat(name=name, format=_BINARY)
    return text


def _decoded(content: bytes, name: str) -> str:
    utf_16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if utf_16 else ("utf-8-sig", "cp932"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    if b"\x00" in content:
        raise WrongFormat(name=name, format=_BINARY)
    raise UnknownEncoding(name=name)


def _pdf_text(content: bytes, name: str) -> str:
    with _PDFIUM:
        document = _opened(content, name)
        try:
            return _joined_pages(document, name)
        except pypdfium2.PdfiumError:
            raise DamagedPdf(name=name) from None
        finally:
            document.close()


def _opened(content: bytes, name: str) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == pdfium.FPDF_ERR_PASSWORD:
            raise EncryptedPdf(name=name) from None
        raise DamagedPdf(name=name) from None


def _joined_pages(document: pypdfium2.PdfDocument, name: str) -> str:
    if len(document) > MAX_PAGES:
        pages = Text(f"{len(document)} ページ", f"{len(document)} pages")
        raise TooBig(name=name, found=pages, bound=Text(f"{MAX_PAGES} ページ", f"{MAX_PAGES} pages"))
    texts, pictures, total = [], [], 0
    for index in range(len(document)):
        text, has_picture = _page(document, index, name)
        total += len(text)
        if total > MAX_CHARACTERS:
            raise _too_many_characters(name)
        if has_picture and not text.strip():
            pictures.append(index + 1)
        texts.append(text)
    if pictures or not any(text.strip() for text in texts):
        raise NoTextLayer(name=name, pages=", ".join(map(str, pictures or range(1, len(document) + 1))))
    return "\f".join(texts)


def _page(document: pypdfium2.PdfDocument, index: int, name: str) -> tuple[str, bool]:
    """The text of a page, and whether it shows a picture."""
    page = document[index]
    text_page = page.get_textpage()
    try:
        if text_page.count_chars() > MAX_CHARACTERS:
            raise _too_many_characters(name)
        text = text_page.get_text_range().translate(_SIGNS)
        pictures = () if text.strip() else page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3)
        return text, any(True for _ in pictures)
    finally:
        text_page.close()
        page.close()


def _too_many_characters(name: str) -> TooBig:
    bound = Text(f"{MAX_CHARACTERS:,} 文字", f"{MAX_CHARACTERS:,} characters")
    return TooBig(name=name, found=Text("文字数が上限超", "too many characters"), bound=bound)
