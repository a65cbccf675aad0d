"""The types of values in requests, as strict as their JSON Schema says: what the schema allows is taken, nothing else.

Days and instants stand between 1900 and 2199: beyond, no calendar arithmetic of the rule makes sense.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema, WrapValidator
from pydantic_core import PydanticCustomError

from sekisho.records.register import BLANK

_MONTHS = (
    r"(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])",
    r"(?:0[469]|11)-(?:0[1-9]|[12]\d|30)",
    r"02-(?:0[1-9]|[12]\d)",
)
_DATE = rf"(?:19|20|21)\d\d-(?:{'|'.join(_MONTHS)})"
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?"
_OFFSET = r"(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)"
DAY_PATTERN = f"^{_DATE}$"
INSTANT_PATTERN = f"^{_DATE}T{_TIME}{_OFFSET}$"
KEY_PATTERN = r"^[^/\\:;?#\x00-\x20]+$"
REFERENCE_PATTERN = r"^[a-z_]+:[^/\\:;?#\x00-\x20]+$"
QUANTITY_PATTERN = r"^-?[0-9]{1,12}(\.[0-9]{1,6})?$"
TEXT_PATTERN = r"^[^;；\u037e\x00-\x1f]*$"
KEY_LENGTH = 64
REASON_LENGTH = 1_000
_DAY = re.compile(_DATE, re.ASCII)
_INSTANT = re.compile(f"{_DATE}T{_TIME}{_OFFSET}", re.ASCII)
_QUANTITY = re.compile(QUANTITY_PATTERN.removesuffix("$"))
_DIGITS = re.compile(r"-?\d{1,18}", re.ASCII)


def _day(value: Any) -> date:
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass  # 29 February of a common year
    raise PydanticCustomError("day", "not a day")


def _instant(value: Any) -> datetime:
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            pass
    raise PydanticCustomError("instant", "not an instant")


def _asked_instant(value: Any) -> datetime:
    """In a query string an unescaped `+` of an offset arrives as a space."""
    return _instant(value.replace(" ", "+") if isinstance(value, str) else value)


def _whole(value: Any) -> Any:
    """JSON knows one kind of number: 1.0 is a whole number, true is none."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise PydanticCustomError("whole_number", "not a whole number")
    return value


def _digits(value: Any) -> Any:
    """A whole number as a query string writes it."""
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return int(value)
    raise PydanticCustomError("whole_number", "not a whole number")


def _decimal(value: Any) -> Decimal:
    """A JSON number means the decimal that is written: a double's shortest form."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Decimal(repr(value) if isinstance(value, float) else value)
    return _asked_decimal(value)


def _asked_decimal(value: Any) -> Decimal:
    if isinstance(value, str) and _QUANTITY.fullmatch(value):
        return Decimal(value)
    raise PydanticCustomError("quantity", "not a decimal number")


Whole, Digits = BeforeValidator(_whole), BeforeValidator(_digits)
DAY_SCHEMA: dict[str, Any] = {"type": "string", "format": "date", "pattern": DAY_PATTERN}
_INSTANT_SCHEMA = {"type": "string", "format": "date-time", "pattern": INSTANT_PATTERN}

Day = Annotated[date, BeforeValidator(_day), WithJsonSchema(DAY_SCHEMA)]
Instant = Annotated[datetime, BeforeValidator(_instant), WithJsonSchema(_INSTANT_SCHEMA)]
AskedInstant = Annotated[datetime, BeforeValidator(_asked_instant), WithJsonSchema(_INSTANT_SCHEMA)]
Key = Annotated[str, Field(min_length=1, max_length=KEY_LENGTH, pattern=KEY_PATTERN)]
Reason = Annotated[str, Field(max_length=REASON_LENGTH, description="変更の理由 / Why, for the ledger")]
Version = Annotated[int, Field(ge=0, le=2**31 - 1), Whole]


def whole_number(least: int, most: int) -> Any:
    """A whole number in a body."""
    return Annotated[int, Field(ge=least, le=most), Whole]


def asked_number(least: int, most: int) -> Any:
    """A whole number in a query string."""
    return Annotated[int, Field(ge=least, le=most), Digits]


QUANTITY_SCHEMA: dict[str, Any] = {"type": "string", "pattern": QUANTITY_PATTERN}
AskedQuantity = Annotated[Decimal, BeforeValidator(_asked_decimal), WithJsonSchema(QUANTITY_SCHEMA)]


def quantity(least: float, most: float) -> Any:
    """A decimal number in a body, a JSON number or a string. Its field tells what is out of bounds or too long."""
    number = {"type": "number", "minimum": least, "maximum": most}
    return Annotated[Decimal, BeforeValidator(_decimal), WithJsonSchema({"anyOf": [number, QUANTITY_SCHEMA]})]


def many(item: Any) -> Any:
    """A list of a type that is only known now."""
    return list[item]


def or_blank(wanted: Any, schema: dict[str, Any]) -> Any:
    """A value of a query, or `-` for what is not recorded (None)."""

    def read(value: Any, handler: Any) -> Any:
        return None if value == BLANK else handler(value)

    told = {"anyOf": [schema, {"type": "string", "const": BLANK}]}
    return Annotated[wanted | None, WrapValidator(read), WithJsonSchema(told)]
