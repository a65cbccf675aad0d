"""What can be wrong with a file that is said to be the official text: what, why and what next."""

from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text


class OfficialTextError(SekishoError):
    """The base: the file cannot be imported as the official text."""

    code = "official_text"
    status = 422
    text = Text(
        "公式の規則本文として読み込めませんでした。協会が公表する PDF か、本文だけのテキストファイルを"
        "指定してください。",
        "The file could not be read as the official text of the rule. Choose the PDF that the association publishes, "
        "or a plain text file of the rule.",
    )


class CannotOpen(OfficialTextError):
    """No such file, or not readable. Data: name, reason."""

    code = "official_text.cannot_open"
    text = Text(
        "ファイル「{name}」を開けません（{reason}）。場所と読み取り権限を確認して、もう一度指定してください。",
        "The file “{name}” cannot be opened ({reason}). Check where it is and that it may be read, then name it again.",
    )


class TooBig(OfficialTextError):
    """Beyond a bound on size. Data: name, found, bound (texts with their units)."""

    code = "official_text.too_big"
    text = Text(
        "ファイル「{name}」が大きすぎます（{found}、上限 {bound}）。規則だけを含むファイルを指定してください。",
        "The file “{name}” is too big ({found}; the bound is {bound}). Choose a file that holds only the rule.",
    )


class Empty(OfficialTextError):
    """Nothing in it. Data: name."""

    code = "official_text.empty"
    text = Text(
        "ファイル「{name}」には文字がありません。協会のサイトから規則を入手し直してください。",
        "The file “{name}” holds no characters. Fetch the rule from the association's site again.",
    )


class WrongFormat(OfficialTextError):
    """HTML, an office document, binary data. Data: name, format."""

    code = "official_text.wrong_format"
    text = Text(
        "ファイル「{name}」は{format}のため読み込めません。協会が公表する PDF か、本文だけのテキストファイルを"
        "指定してください。",
        "The file “{name}” is {format}, which is not read here. Choose the PDF that the association publishes, or a "
        "plain text file of the rule.",
    )


class UnknownEncoding(OfficialTextError):
    """Text in no encoding that is read. Data: name."""

    code = "official_text.unknown_encoding"
    text = Text(
        "ファイル「{name}」の文字コードが UTF-8・UTF-16（BOM 付き）・Shift_JIS（CP932）のいずれでもありません。"
        "UTF-8 で保存し直してください。",
        "The file “{name}” is in none of the encodings UTF-8, UTF-16 with a byte order mark and Shift_JIS (CP932). "
        "Save it again as UTF-8.",
    )


class DamagedPdf(OfficialTextError):
    """PDFium cannot open it. Data: name."""

    code = "official_text.damaged_pdf"
    text = Text(
        "PDF「{name}」は壊れているか、途中で切れています。協会のサイトから入手し直してください。",
        "The PDF “{name}” is damaged or cut short. Fetch it from the association's site again.",
    )


class EncryptedPdf(OfficialTextError):
    """It asks for a password. Data: name."""

    code = "official_text.encrypted_pdf"
    text = Text(
        "PDF「{name}」はパスワードで保護されているため開けません。保護のないファイルを指定してください。",
        "The PDF “{name}” is protected by a password and cannot be opened. Choose a file without protection.",
    )


class NoTextLayer(OfficialTextError):
    """Pages that are only pictures. Data: name, pages."""

    code = "official_text.no_text_layer"
    text = Text(
        "PDF「{name}」の {pages} ページは画像だけで、文字の情報がありません。文字認識（OCR）にかけるか、"
        "協会が公表する元の PDF を指定してください。",
        "Of the PDF “{name}”, page {pages} has pictures but no text. Run character recognition (OCR) on it, or choose "
        "the original PDF that the association publishes.",
    )


class NotTheRule(OfficialTextError):
    """No article in it."""

    code = "official_text.not_the_rule"
    text = Text(
        "「第1条」で始まる条が見つかりません。規則本文ではない可能性があります。規則の PDF か、本文だけの"
        "テキストファイルを指定してください。",
        "No article (第1条) was found, so this may not be the text of the rule. Choose the rule's PDF, or a plain "
        "text file of it.",
    )


class RepeatedNumber(OfficialTextError):
    """Two parts of one number. Data: where, found, line."""

    code = "official_text.repeated_number"
    text = Text(
        "{where}に{found}が二つあります（{line} 行目）。新旧対照表や目次が混ざっていないか確認し、"
        "重なりを除いて読み込み直してください。",
        "In {where}, {found} stands twice (line {line}). Look for a comparison table or a table of contents mixed in, "
        "remove what is doubled, then import it again.",
    )


class OutOfOrder(OfficialTextError):
    """A number that does not follow the one before it. Data: where, expected, found, line."""

    code = "official_text.out_of_order"
    text = Text(
        "{where}の番号が続いていません（{line} 行目。{expected}のはずが{found}）。抜けや入れ替わりがないか、"
        "元のファイルと見比べてください。",
        "The numbers of {where} do not run on (line {line}: {expected} expected, {found} found). Compare it with the "
        "original for something left out or moved.",
    )


class NoSuchDay(OfficialTextError):
    """A date that is on no calendar. Data: found."""

    code = "official_text.no_such_day"
    text = Text(
        "制定・改正の日付「{found}」は暦にありません。元のファイルを確認し、直してから読み込み直してください。",
        "The date “{found}” of the enactment or an amendment is on no calendar. Check the original, mend it, then "
        "import it again.",
    )
