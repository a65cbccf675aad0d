"""The types of field that a kind may have. Each knows its words, its body form, its text form and its fact column.

| type | in Python | in a version's body | as text (Excel, CSV, forms) | fact column |
|---|---|---|---|---|
| line, words | str | string | itself | String |
| choice | str | string | the value, or its label in either language | String |
| day | date | 2026-11-23 | 2026-11-23, 2026/11/23 | Date |
| instant | aware datetime | 2026-11-23T01:02:03.000000Z | RFC 3339; without offset: Japan's time | Datetime(us, UTC) |
| number | int | number | 1234, 1,234 | Int64 |
| quantity | Decimal | "99.95": no exponent, no needless zero | 99.95, 1,234.5 | Float64 |
| flag | bool | true/false | true/false, yes/no, はい/いいえ, 1/0 | Boolean |
| reference | the other record's key | string | the key, or a name that only one record bears | String |
| any_reference | `kind:key` | string | `kind:key` | String |
| references | list of keys | list | keys joined by `;` | List(String) |
| texts | list of str | list | texts joined by `;` | List(String) |
| evidence | list of objects | list | (not in sheets) | not a fact |
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
from django.db import models

from sekisho.kernel import clock
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text


class WrongValue(SekishoError):
    """A text that is no value of the field's type."""

    code = "wrong_value"
    status = 422


class KindField:
    """What every field of a kind has beside Django's own: words in two languages, and its forms."""

    type_name = "text"
    dtype: pl.DataType | type[pl.DataType] | None = pl.String
    annotation: Any = str | None

    def __init__(
        self,
        ja: str = "",
        en: str = "",
        *,
        help_ja: str = "",
        help_en: str = "",
        required: bool = False,
        personal: bool = False,
        **options: Any,
    ) -> None:
        self.label = Text(ja, en)
        self.help = Text(help_ja, help_en)
        self.required = required
        self.personal = personal
        options.setdefault("null", not required)
        options.setdefault("blank", not required)
        super().__init__(**options)

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()  # type: ignore[misc]
        return name, path, args, options | {"required": self.required}

    def to_body(self, value: Any) -> Any:
        """The canonical form that the ledger keeps."""
        return value

    def from_body(self, value: Any) -> Any:
        """The Python value of a body's value."""
        return value

    def to_text(self, value: Any) -> str:
        """The form for Excel and CSV; `from_text` reads it back to an equal value."""
        return "" if value is None else str(value)

    def from_text(self, text: str) -> Any:
        """The Python value, None for an empty text. Raises WrongValue with what is accepted."""
        return clean(text) or None

    def describe(self) -> dict[str, Any]:
        """What `sekisho kinds` says of the field."""
        told: dict[str, Any] = {
            "name": self.name,  # type: ignore[attr-defined]
            "type": self.type_name,
            "required": self.required,
            "label": self.label.as_dict(),
            "help": self.help.as_dict(),
        }
        return told | ({"personal": True} if self.personal else {})


def clean(text: str) -> str:
    """Normal form NFC, no control characters but line ends, no space around."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    told = "".join(c for c in lines if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    return unicodedata.normalize("NFC", told).strip()


class Line(KindField, models.CharField):
    """One line of text, up to 200 characters."""

    def __init__(self, ja: str = "", en: str = "", **options: Any) -> None:
        options.setdefault("max_length", 200)
        super().__init__(ja, en, **options)

    def from_text(self, text: str) -> str | None:
        value = " ".join(clean(text).split("\n"))
        if self.max_length and len(value) > self.max_length:
            raise WrongValue(
                Text("{limit} 文字以内で入力してください。", "Use at most {limit} characters."),
                limit=self.max_length,
            )
        return value or None


class Words(KindField, models.TextField):
    """A text of several lines, up to 20,000 characters."""

    type_name = "long_text"
    limit = 20_000

    def from_text(self, text: str) -> str | None:
        value = clean(text)
        if len(value) > self.limit:
            raise WrongValue(
                Text("{limit} 文字以内で入力してください。", "Use at most {limit} characters."),
                limit=self.limit,
            )
        return value or None


class LongWords(Words):
    """A text of up to 32,000 characters: as much as a cell of Excel holds."""

    limit = 32_000


class Choice(KindField, models.CharField):
    """One of a few values, each with its words. `options` maps value to (Japanese, English)."""

    type_name = "choice"

    def __init__(
        self, ja: str = "", en: str = "", options: dict[str, tuple[str, str]] | None = None, **rest: Any
    ) -> None:
        self.options = {value: Text(*words) for value, words in (options or {}).items()}
        rest.setdefault("max_length", 40)
        super().__init__(ja, en, **rest)

    def label_of(self, value: str | None) -> Text:
        return self.options.get(value or "", Text(value or "", value or ""))

    def from_text(self, text: str) -> str | None:
        wanted = clean(text)
        if not wanted:
            return None
        for value, words in self.options.items():
            if wanted.casefold() in (value.casefold(), words.ja.casefold(), words.en.casefold()):
                return value
        raise WrongValue(
            Text(
                "「{text}」は選べません。次のいずれかを入力してください: {ja}",
                "'{text}' is not a choice. Use one of: {en}",
            ),
            text=wanted,
            ja="、".join(f"{v}（{w.ja}）" for v, w in self.options.items()),
            en=", ".join(self.options),
        )

    def describe(self) -> dict[str, Any]:
        return super().describe() | {"choices": {v: w.as_dict() for v, w in self.options.items()}}


class Day(KindField, models.DateField):
    """A day of the Gregorian calendar, in Japan."""

    type_name = "date"
    dtype = pl.Date
    annotation = date | None

    def to_body(self, value: date | None) -> str | None:
        return None if value is None else value.isoformat()

    def from_body(self, value: str | None) -> date | None:
        return None if value is None else date.fromisoformat(value)

    def to_text(self, value: date | None) -> str:
        return self.to_body(value) or ""

    def from_text(self, text: str) -> date | None:
        wanted = clean(text)
        if not wanted:
            return None
        try:
            year, month, day = wanted.replace("/", "-").split("-")
            if len(year) != 4:
                raise ValueError
            return date(int(year), int(month), int(day))
        except ValueError as error:
            raise WrongValue(
                Text(
                    "「{text}」は日付ではありません。2026-11-23 の形で入力してください。",
                    "'{text}' is not a date. Write 2026-11-23.",
                ),
                text=wanted,
            ) from error


class Instant(KindField, models.DateTimeField):
    """A moment. Stored in UTC; a text without an offset is Japan's time."""

    type_name = "instant"
    dtype = pl.Datetime("us", "UTC")
    annotation = datetime | None

    def to_body(self, value: datetime | None) -> str | None:
        return None if value is None else clock.iso(value)

    def from_body(self, value: str | None) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)

    def to_text(self, value: datetime | None) -> str:
        return "" if value is None else value.astimezone(clock.JAPAN).isoformat()

    def from_text(self, text: str) -> datetime | None:
        wanted = clean(text)
        if not wanted:
            return None
        try:
            value = datetime.fromisoformat(wanted.replace("/", "-"))
        except ValueError as error:
            raise WrongValue(
                Text(
                    "「{text}」は日時ではありません。2026-11-23 14:30 の形で入力してください。",
                    "'{text}' is not a date and time. Write 2026-11-23 14:30.",
                ),
                text=wanted,
            ) from error
        return value if value.tzinfo else value.replace(tzinfo=clock.JAPAN)


class Number(KindField, models.BigIntegerField):
    """A whole number. Amounts of money are in yen. `least` and `most` are inclusive."""

    type_name = "number"
    dtype = pl.Int64
    annotation = int | None

    def __init__(
        self, ja: str = "", en: str = "", *, least: int = 0, most: int = 2**53 - 1, **options: Any
    ) -> None:
        self.least, self.most = least, most
        super().__init__(ja, en, **options)

    def from_text(self, text: str) -> int | None:
        wanted = unicodedata.normalize("NFKC", clean(text)).replace(",", "")
        if not wanted:
            return None
        sign, digits = (wanted[0], wanted[1:]) if wanted[0] in "+-" else ("", wanted)
        digits = digits[:-2] if digits.endswith(".0") else digits
        if not (digits.isascii() and digits.isdigit() and len(digits) < 17):
            raise WrongValue(
                Text(
                    "「{text}」は整数ではありません。数字だけを入力してください。",
                    "'{text}' is not a whole number. Use digits only.",
                ),
                text=wanted,
            )
        return self.bounded(int(sign + digits))

    def bounded(self, value: int) -> int:
        if not self.least <= value <= self.most:
            raise WrongValue(
                Text(
                    "{least} から {most} までの数を入力してください。", "Use a number from {least} to {most}."
                ),
                least=self.least,
                most=self.most,
            )
        return value

    def describe(self) -> dict[str, Any]:
        return super().describe() | {"least": self.least, "most": self.most}


class Quantity(KindField, models.DecimalField):
    """A decimal number: what was measured, a threshold, a percentage. `least` and `most` are inclusive, None: open.

    At most 15 digits, the number that every double keeps: SQLite, Excel, and the facts hold it as one.
    """

    type_name = "quantity"
    dtype = pl.Float64
    annotation = Decimal | None
    whole_digits, decimals, digits = 12, 6, 15

    def __init__(
        self,
        ja: str = "",
        en: str = "",
        *,
        least: Decimal | str | int | None = None,
        most: Decimal | str | int | None = None,
        **options: Any,
    ) -> None:
        self.least = None if least is None else Decimal(least)
        self.most = None if most is None else Decimal(most)
        options.setdefault("max_digits", self.whole_digits + self.decimals)
        options.setdefault("decimal_places", self.decimals)
        super().__init__(ja, en, **options)

    def from_db_value(self, value: Decimal | None, *_: Any) -> Decimal | None:
        """As it was written: the column fills up with zeros."""
        return None if value is None else Decimal(plain(value))

    def to_body(self, value: Decimal | None) -> str | None:
        return None if value is None else plain(value)

    def from_body(self, value: str | None) -> Decimal | None:
        return None if value is None else Decimal(value)

    def from_fact(self, value: float | None) -> Decimal | None:
        """The value that the fact column's double stands for."""
        return None if value is None else Decimal(plain(Decimal(f"{value:.{self.digits}g}")))

    def to_text(self, value: Decimal | None) -> str:
        return self.to_body(value) or ""

    def from_text(self, text: str) -> Decimal | None:
        wanted = unicodedata.normalize("NFKC", clean(text)).replace(",", "")
        if not wanted:
            return None
        if not _DECIMAL.fullmatch(wanted):
            raise WrongValue(
                Text(
                    "「{text}」は数値ではありません。99.95 のように、数字と小数点だけを入力してください。",
                    "'{text}' is not a number. Use digits and a decimal point only, such as 99.95.",
                ),
                text=wanted,
            )
        return self.bounded(Decimal(wanted))

    def bounded(self, value: Decimal) -> Decimal:
        """The value without needless zeros. Raises WrongValue where it is too long, too small or too great."""
        if not value.is_finite() or value.adjusted() >= self.whole_digits or self._is_long(plain(value)):
            raise WrongValue(
                Text(
                    "整数部 {whole} 桁、小数部 {decimals} 桁、合わせて {digits} 桁以内で入力してください。",
                    "Use at most {whole} digits before the point, {decimals} after it, and {digits} in all.",
                ),
                whole=self.whole_digits,
                decimals=self.decimals,
                digits=self.digits,
            )
        if (self.least is not None and value < self.least) or (self.most is not None and value > self.most):
            raise WrongValue(self._range())
        return Decimal(plain(value))

    def _is_long(self, text: str) -> bool:
        whole, _, decimals = text.lstrip("-0").partition(".")
        return len(decimals) > self.decimals or len(whole) + len(decimals) > self.digits

    def _range(self) -> Text:
        told = {
            name: plain(bound)
            for name, bound in (("least", self.least), ("most", self.most))
            if bound is not None
        }
        if len(told) == 2:
            words = Text(
                "{least} から {most} までの数を入力してください。", "Use a number from {least} to {most}."
            )
        elif "least" in told:
            words = Text("{least} 以上の数を入力してください。", "Use a number of at least {least}.")
        else:
            words = Text("{most} 以下の数を入力してください。", "Use a number of at most {most}.")
        return words.format(**told)

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the greatest as doubles, for formats that must name both."""
        end = Decimal(10**self.whole_digits)
        return float(-end if self.least is None else self.least), float(
            end if self.most is None else self.most
        )

    def describe(self) -> dict[str, Any]:
        bounds = {"least": self.to_body(self.least), "most": self.to_body(self.most)}
        return super().describe() | {name: bound for name, bound in bounds.items() if bound is not None}


_DECIMAL = re.compile(r"[+-]?([0-9]{1,40}(\.[0-9]{0,40})?|\.[0-9]{1,40})")


def plain(value: Decimal) -> str:
    """The one way to write a decimal: no exponent, no needless zero, no zero below nothing."""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


_YES = {"true", "yes", "1", "はい", "有", "○", "1.0"}
_NO = {"false", "no", "0", "いいえ", "無", "×", "0.0"}


class Flag(KindField, models.BooleanField):
    """Yes, no, or not recorded."""

    type_name = "flag"
    dtype = pl.Boolean
    annotation = bool | None

    def to_text(self, value: bool | None) -> str:
        return "" if value is None else str(value).lower()

    def from_text(self, text: str) -> bool | None:
        wanted = clean(text).casefold()
        if not wanted:
            return None
        if wanted in _YES | _NO:
            return wanted in _YES
        raise WrongValue(
            Text("「{text}」は「はい」か「いいえ」で入力してください。", "'{text}' is not yes or no."),
            text=wanted,
        )


class Reference(KindField, models.ForeignKey):
    """Another record, by its key."""

    type_name = "reference"

    def __init__(self, to: Any = None, ja: str = "", en: str = "", **options: Any) -> None:
        options.setdefault("on_delete", models.PROTECT)
        options.setdefault("related_name", "+")
        super().__init__(ja, en, to=to, **options)

    @property
    def target(self) -> str:
        """The kind that it refers to."""
        target: Any = self.related_model
        return str(target.about.name)

    def describe(self) -> dict[str, Any]:
        return super().describe() | {"references": self.target}


class AnyReference(KindField, models.CharField):
    """A record of any kind, written `kind:key`."""

    type_name = "any_reference"

    def __init__(self, ja: str = "", en: str = "", **options: Any) -> None:
        options.setdefault("max_length", 110)
        options.setdefault("db_index", True)
        super().__init__(ja, en, **options)

    def from_text(self, text: str) -> str | None:
        wanted = clean(text)
        if not wanted:
            return None
        kind, colon, key = wanted.partition(":")
        if not (colon and kind.strip() and key.strip()):
            raise WrongValue(
                Text(
                    "「{text}」は「種別:キー」（例 incident:INC-0001）の形で入力してください。",
                    "Write '{text}' as kind:key, such as incident:INC-0001.",
                ),
                text=wanted,
            )
        return f"{kind.strip()}:{key.strip()}"


class Several(KindField, models.JSONField):
    """Several short texts, each once, in the order given: countries, citations of clauses, numbers of CVE."""

    type_name = "texts"
    dtype = pl.List(pl.String)
    annotation = list[str] | None
    longest = 200  # characters of each

    def to_body(self, value: list[str] | None) -> list[str] | None:
        return value or None

    def to_text(self, value: list[str] | None) -> str:
        return "; ".join(value or [])

    def from_text(self, text: str) -> list[str] | None:
        parts = [p.strip() for p in clean(text).replace("\n", ";").replace("；", ";").split(";")]
        if any(len(p) > self.longest for p in parts):
            raise WrongValue(
                Text(
                    "1 件につき {limit} 文字以内で、「;」で区切って入力してください。",
                    "Use at most {limit} characters for each, with ';' between them.",
                ),
                limit=self.longest,
            )
        return list(dict.fromkeys(p for p in parts if p)) or None

    def bounded(self, value: list[str]) -> list[str]:
        """The texts, where each is what its own reading gives, and no two are the same. Raises WrongValue."""
        if any(not isinstance(v, str) for v in value) or self.from_text(self.to_text(value)) != value:
            raise WrongValue(
                Text(
                    "「;」や改行を含まない文字列を、重複なく指定してください。",
                    "Give texts, each once, without ';', line ends or spaces around.",
                )
            )
        return value


class References(Several):
    """Several records of one kind, by their keys, in the order given."""

    type_name = "references"

    def __init__(self, to: str = "", ja: str = "", en: str = "", **options: Any) -> None:
        self.target = to
        super().__init__(ja, en, **options)

    def describe(self) -> dict[str, Any]:
        return super().describe() | {"references": self.target}


class EvidenceFiles(KindField, models.JSONField):
    """Files that prove the record: objects with sha256, name, type and size (bytes). Contents stand in the store."""

    type_name = "evidence"
    dtype = None
    annotation = list[dict[str, Any]] | None

    def to_body(self, value: list[dict[str, Any]] | None) -> list[dict[str, Any]] | None:
        return value or None

    def to_text(self, value: list[dict[str, Any]] | None) -> str:
        return "; ".join(f"{e['name']} ({e['sha256'][:12]})" for e in value or [])
