"""The shapes of each kind's records, made from its declaration: what is taken, what is given, what can be asked for."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, create_model

from sekisho.api.shapes import STRICT, File, Names
from sekisho.api.types import (
    BLANK,
    DAY_SCHEMA,
    KEY_LENGTH,
    KEY_PATTERN,
    QUANTITY_SCHEMA,
    REFERENCE_PATTERN,
    TEXT_PATTERN,
    AskedInstant,
    AskedQuantity,
    Day,
    Digits,
    Instant,
    Key,
    Reason,
    asked_number,
    many,
    or_blank,
    quantity,
    whole_number,
)
from sekisho.records.fields import (
    AnyReference,
    Choice,
    EvidenceFiles,
    Flag,
    KindField,
    Number,
    Quantity,
    Reference,
    References,
    Several,
    Words,
)
from sekisho.records.fields import Day as DayField
from sekisho.records.fields import Instant as InstantField
from sekisho.records.record import Record

_QUANTITY = (
    "JSON の数値か文字列で送り、文字列で返ります（小数部 6 桁、合わせて 15 桁まで）"
    " / Sent as a JSON number or string, answered as a string; at most 6 decimals and 15 digits in all"
)
PAGE_SIZE, MOST_ROWS, MOST_PAGES = 50, 200, 1_000_000
MOST_KEYS, MOST_VALUES = 1_000, 50
HISTORY, MOST_HISTORY = 50, 500
SEARCH_LENGTH = 200


def camel(kind: str) -> str:
    """`member_profile` is MemberProfile: how shapes are named."""
    return "".join(part.capitalize() for part in kind.split("_"))


def own_fields(model: type[Record]) -> dict[str, Any]:
    """The fields whose values stand in a record's `values`; its files are told apart."""
    return {n: f for n, f in model.kind_fields().items() if not isinstance(f, EvidenceFiles)}


def describe(field: KindField) -> str:
    """Both languages, the help, and what a choice's values mean."""
    words = f"{field.label.ja} / {field.label.en}"
    if field.help.ja:
        words += f"\n\n{field.help.ja} / {field.help.en}"
    if isinstance(field, Reference | References):
        words += f"\n\n→ {field.target}"
    if isinstance(field, Quantity):
        words += f"\n\n{_QUANTITY}"
    if isinstance(field, Choice):
        words += "\n\n" + "\n".join(f"- `{v}`: {t.ja} / {t.en}" for v, t in field.options.items())
    return words


# --- what is taken ----------------------------------------------------------------------------------------------


@cache
def values_shape(model: type[Record]) -> type[BaseModel]:
    """All values of a record. What is left out is not recorded."""
    fields = {n: _taken(f, whole=True) for n, f in own_fields(model).items()}
    return _made(f"{camel(model.about.name)}Values", fields, model.about.help.en, config=STRICT)


@cache
def changes_shape(model: type[Record]) -> type[BaseModel]:
    """Some values of a record. What is left out stays as it is, null takes a value away."""
    fields = {n: _taken(f, whole=False) for n, f in own_fields(model).items()}
    return _made(f"{camel(model.about.name)}Changes", fields, "", config=STRICT)


@cache
def writing_shape(model: type[Record], *, whole: bool) -> type[BaseModel]:
    """The body that writes a record: its values (or some), and why."""
    values = values_shape(model) if whole else changes_shape(model)
    name = f"{camel(model.about.name)}{'Writing' if whole else 'Changing'}"
    return _made(name, {"values": (values, ...), "reason": (Reason, "")}, "", config=STRICT)


def _taken(field: Any, *, whole: bool) -> tuple[Any, Any]:
    bare = _type_of(field)
    default = ... if field.required and whole else None
    return (bare if field.required else bare | None, Field(default, description=describe(field)))


def _type_of(field: Any) -> Any:
    if isinstance(field, Choice):
        return Literal[tuple(field.options)]
    if isinstance(field, DayField):
        return Day
    if isinstance(field, InstantField):
        return Instant
    if isinstance(field, Flag):
        return StrictBool
    if isinstance(field, Number):
        return whole_number(field.least, field.most)
    if isinstance(field, Quantity):
        return quantity(*field.bounds)
    if isinstance(field, References):
        return Annotated[list[Key], Field(max_length=MOST_KEYS, min_length=int(field.required))]
    if isinstance(field, Several):
        one = Annotated[str, Field(min_length=1, max_length=field.longest, pattern=TEXT_PATTERN)]
        return Annotated[many(one), Field(max_length=MOST_KEYS, min_length=int(field.required))]
    if isinstance(field, Reference):
        return Key
    if isinstance(field, AnyReference):
        return Annotated[str, Field(max_length=field.max_length, pattern=REFERENCE_PATTERN)]
    longest = field.limit if isinstance(field, Words) else field.max_length
    return Annotated[str, Field(max_length=longest, min_length=int(field.required))]


# --- what is given ----------------------------------------------------------------------------------------------


@cache
def seen_shape(model: type[Record]) -> type[BaseModel]:
    """The values of a record as they are told; null: not recorded, or hidden from the reader."""
    fields = {
        n: (_told_type(f) | None, Field(default=None, description=describe(f)))
        for n, f in own_fields(model).items()
    }
    return _made(f"{camel(model.about.name)}Seen", fields, model.about.help.en)


def _told_type(field: Any) -> Any:
    if isinstance(field, Choice):
        return Literal[tuple(field.options)]
    if isinstance(field, DayField):
        return Annotated[str, Field(json_schema_extra={"format": "date"})]
    if isinstance(field, InstantField):
        return Annotated[str, Field(json_schema_extra={"format": "date-time"})]
    if isinstance(field, Flag):
        return bool
    if isinstance(field, Number):
        return int
    if isinstance(field, Quantity):
        return Annotated[str, Field(json_schema_extra=QUANTITY_SCHEMA)]
    return list[str] if isinstance(field, Several) else str


@cache
def record_shape(model: type[Record]) -> type[BaseModel]:
    fields = {
        "kind": (Literal[model.about.name], ...),
        "key": (str, ...),
        "version": (int, Field(description="ETag と If-Match の版番号 / What ETag and If-Match name")),
        "values": (seen_shape(model), ...),
        "evidence": (list[File], ...),
        "hidden": (list[str], Field(description="権限がないため表示しない項目 / Fields hidden from you")),
        "names": (Names, ...),
    }
    return _made(f"{camel(model.about.name)}Record", fields, model.about.help.en)


@cache
def page_shape(model: type[Record]) -> type[BaseModel]:
    about = camel(model.about.name)
    row = {"key": (str, ...), "version": (int, ...), "values": (seen_shape(model), ...)}
    fields = {
        "items": (many(_made(f"{about}Row", row, "")), ...),
        "total": (int, ...),
        "page": (int, ...),
        "page_size": (int, ...),
        "pages": (int, ...),
        "hidden": (list[str], ...),
        "names": (Names, ...),
    }
    return _made(f"{about}Page", fields, "")


@cache
def history_shape(model: type[Record]) -> type[BaseModel]:
    about = camel(model.about.name)
    version = {
        "version": (int, ...),
        "op": (Literal["create", "update", "delete"], ...),
        "seq": (
            int | None,
            Field(description="台帳の行番号（未採番は null） / Its ledger line, null until placed"),
        ),
        "at": (Annotated[str, Field(json_schema_extra={"format": "date-time"})], ...),
        "by": (str, ...),
        "act": (str, ...),
        "act_name": (str, ...),
        "reason": (str, ...),
        "values": (
            seen_shape(model) | None,
            Field(description="削除の版は null / null where it was removed"),
        ),
        "changed": (list[str], ...),
        "erased": (list[str], Field(description="消去済みの個人情報 / Personal values that were erased")),
    }
    fields = {
        "items": (many(_made(f"{about}Version", version, "")), ...),
        "total": (int, ...),
        "names": (Names, ...),
    }
    return _made(f"{about}History", fields, "")


# --- what can be asked for --------------------------------------------------------------------------------------


class Known(BaseModel):
    """The state of a record or register as it was known at an instant."""

    model_config = STRICT
    known_at: AskedInstant | None = Field(
        None, description="この時点までに記録された内容（過去の日時） / As recorded by this past instant"
    )


class RemoveQuery(BaseModel):
    model_config = STRICT
    reason: Reason = ""


class HistoryQuery(Known):
    limit: Annotated[int, Field(ge=1, le=MOST_HISTORY), Digits] = Field(
        HISTORY, description="新しい順の件数 / How many, newest first"
    )


class PageQuery(Known):
    q: str = Field("", max_length=SEARCH_LENGTH, description="検索語（空白区切り） / Words to search for")
    page: Annotated[int, Field(ge=1, le=MOST_PAGES), Digits] = 1
    page_size: Annotated[int, Field(ge=1, le=MOST_ROWS), Digits] = PAGE_SIZE


@cache
def query_shape(model: type[Record]) -> type[PageQuery]:
    """The parameters of a register: its fields as filters, its order, its page."""
    own = own_fields(model)
    sortable = ["key", *(n for n, f in own.items() if not isinstance(f, Several))]
    orders = tuple(o for name in sortable for o in (name, f"-{name}"))
    shape: dict[str, Any] = {
        "sort": (
            Literal[orders] | None,
            Field(None, description="並び順（- は降順） / Order; - turns it round"),
        ),
        "fields": (
            many(Literal[tuple(own)]),
            _list("返す項目（既定はすべて） / Fields to give; all by default"),
        ),
    }
    for name, field in own.items():
        shape |= _filters(name, field)
    made = create_model(f"{camel(model.about.name)}Query", __base__=PageQuery, **shape)
    return made


def _filters(name: str, field: Any) -> dict[str, Any]:
    if isinstance(field, Words):
        return {}
    words = f"{field.label.ja} / {field.label.en}"
    found = {name: (many(_asked_type(field)), _list(f"{words}（`-`: 未記録 / not recorded）"))}
    if bound := _range_type(field):
        found[f"{name}__gte"] = (bound | None, Field(None, description=f"{words}: ≥"))
        found[f"{name}__lte"] = (bound | None, Field(None, description=f"{words}: ≤"))
    return found


def _asked_type(field: Any) -> Any:
    if isinstance(field, Choice):
        return Literal[(*field.options, BLANK)]
    if isinstance(field, Flag):
        return Literal["true", "false", BLANK]
    if isinstance(field, DayField):
        return or_blank(Day, DAY_SCHEMA)
    if isinstance(field, InstantField):
        return Literal[BLANK]
    if isinstance(field, Number):
        bounds = {"type": "integer", "minimum": field.least, "maximum": field.most}
        return or_blank(asked_number(field.least, field.most), bounds)
    if isinstance(field, Quantity):
        return or_blank(AskedQuantity, QUANTITY_SCHEMA)
    if isinstance(field, AnyReference):
        return Annotated[str, Field(max_length=field.max_length, pattern=f"^-$|{REFERENCE_PATTERN}")]
    if isinstance(field, Reference | References):
        return Annotated[str, Field(min_length=1, max_length=KEY_LENGTH, pattern=KEY_PATTERN)]
    if isinstance(field, Several):
        return Annotated[str, Field(min_length=1, max_length=field.longest, pattern=TEXT_PATTERN)]
    return Annotated[str, Field(min_length=1, max_length=field.max_length)]


def _range_type(field: Any) -> Any:
    if isinstance(field, DayField | InstantField):
        return Day
    if isinstance(field, Quantity):
        return AskedQuantity
    return asked_number(field.least, field.most) if isinstance(field, Number) else None


def _list(description: str) -> Any:
    return Field(
        default_factory=list,
        max_length=MOST_VALUES,
        description=description,
        json_schema_extra={"x-list": True},
    )


def _made(
    name: str, fields: dict[str, Any], doc: str, *, config: ConfigDict | None = None
) -> type[BaseModel]:
    made: type[BaseModel] = create_model(name, __config__=config, __doc__=doc or None, **fields)
    return made
