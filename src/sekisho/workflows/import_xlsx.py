"""Read an Excel workbook (.xlsx) part by part with expat, within bounds.

One parser reads what another would have checked, so that no part can look different to the two. Document type
declarations are refused (no entities), sizes are counted while unpacking, and far cells cost nothing.
Formulas and errors stay visible as such. Checked in tests against openpyxl, XlsxWriter and calamine.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from xml.parsers import expat

from sekisho.kernel.texts import Text
from sekisho.workflows.import_errors import (
    Damaged,
    HasMacros,
    Hostile,
    PasswordProtected,
    TooLarge,
    WrongFormat,
)
from sekisho.workflows.import_tables import EPOCH_1900, EPOCH_1904, Table
from sekisho.workflows.import_xlsx_parts import (
    Relations,
    SharedStrings,
    SheetCells,
    Styles,
    Workbook,
    WrongPart,
    with_strings,
)

MAX_PARTS = 2_000
MAX_UNPACKED = 300 * 1024 * 1024
_CHUNK = 256 * 1024
_ODS = Text("OpenDocument の表", "an OpenDocument spreadsheet")
_XLSB = Text("バイナリ形式のブック（.xlsb）", "a binary workbook (.xlsb)")
_XLS = Text("旧形式のブック（.xls）", "a workbook of the old kind (.xls)")
_NO_WORKBOOK = Text("Excel ブックではない圧縮ファイル", "an archive that is no Excel workbook")


def read_workbook(name: str, content: bytes) -> list[Table]:
    """Every worksheet, in order. Raises Unreadable."""
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise PasswordProtected(name=name)
        raise WrongFormat(name=name, format=_XLS)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _Package(name, archive).tables()
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise Damaged(name=name, where=type(error).__name__) from None


class _Package:
    def __init__(self, name: str, archive: zipfile.ZipFile) -> None:
        self.name = name
        self.archive = archive
        self.parts = self._checked(archive.infolist())

    def _checked(self, infos: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
        parts = {info.filename.lstrip("/").lower(): info for info in infos}
        if len(infos) > MAX_PARTS or len(parts) != len(infos):
            raise Hostile(name=self.name, found=Text("部品の数か重複", "number of parts, or doubled ones"))
        if any(info.flag_bits & 1 for info in infos):
            raise PasswordProtected(name=self.name)
        if sum(info.file_size for info in infos) > MAX_UNPACKED:
            raise self._too_large()
        if any(part.endswith("vbaproject.bin") for part in parts):
            raise HasMacros(name=self.name)
        if "xl/workbook.bin" in parts:
            raise WrongFormat(name=self.name, format=_XLSB)
        if "mimetype" in parts:
            raise WrongFormat(name=self.name, format=_ODS)
        if "[content_types].xml" not in parts:
            raise WrongFormat(name=self.name, format=_NO_WORKBOOK)
        return parts

    def tables(self) -> list[Table]:
        path = self._workbook_path()
        workbook, relations = Workbook(), self._relations(path)
        self._parse(path, workbook)
        styles = Styles()
        if target := relations.first("styles"):
            self._parse(_beside(path, target), styles)
        epoch = EPOCH_1904 if workbook.date_1904 else EPOCH_1900
        counted = SheetCells(styles.dates, epoch)
        found = []
        for sheet, relation in workbook.sheets:
            type_, at = relations.by_id.get(relation, ("", ""))
            if not type_.endswith("/worksheet"):
                continue  # chart and dialog sheets hold no cells
            counted.begin(self.name, sheet)
            self._parse(_beside(path, at), counted)
            found.append(Table(sheet, counted.rows, epoch))
        strings = SharedStrings(counted.strings)
        if target := relations.first("sharedStrings"):
            self._parse(_beside(path, target), strings)
        return [self._with_strings(table, strings.texts) for table in found]

    def _with_strings(self, table: Table, texts: dict[int, str]) -> Table:
        try:
            table.rows = with_strings(table.rows, texts)
        except WrongPart as wrong:
            raise Damaged(name=self.name, where=str(wrong)) from None
        return table

    def _workbook_path(self) -> str:
        target = self._relations("").first("officeDocument")
        if target is None:
            raise WrongFormat(name=self.name, format=_NO_WORKBOOK)
        return target.lstrip("/")

    def _relations(self, part: str) -> Relations:
        folder, file = posixpath.split(part)
        relations = Relations()
        self._parse(posixpath.join(folder, "_rels", file + ".rels"), relations)
        return relations

    def _parse(self, path: str, part: Relations | Workbook | SharedStrings | Styles | SheetCells) -> None:
        """Feed a part to its reader. Raises Unreadable."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = part.start
        parser.EndElementHandler = part.end
        parser.CharacterDataHandler = part.text
        parser.StartDoctypeDeclHandler = self._refuse_entities
        try:
            for chunk in self._unpacked(path):
                parser.Parse(chunk)
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise Damaged(name=self.name, where=f"{path}:{error.lineno}") from None
        except WrongPart as wrong:
            raise Damaged(name=self.name, where=f"{path}: {wrong}") from None

    def _unpacked(self, path: str) -> Iterator[bytes]:
        info = self.parts.get(path.lower())
        if info is None:
            raise Damaged(name=self.name, where=Text(f"{path} がありません", f"{path} is missing"))
        with self.archive.open(info) as file:
            while chunk := file.read(_CHUNK):
                yield chunk

    def _refuse_entities(self, *_: object) -> None:
        raise Hostile(name=self.name, found=Text("XML の文書型宣言", "an XML document type declaration"))

    def _too_large(self) -> TooLarge:
        bound = f"{MAX_UNPACKED // 1024 // 1024} MB"
        found = Text(f"展開後 {bound} 超", f"over {bound} unpacked")
        return TooLarge(name=self.name, found=found, bound=bound)


def _beside(part: str, target: str) -> str:
    """The path of a part that another one names."""
    if target.startswith("/"):
        return target[1:]
    return posixpath.normpath(posixpath.join(posixpath.dirname(part), target))
