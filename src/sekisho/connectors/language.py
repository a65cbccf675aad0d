"""The words that a tool's parser may use: drafts, problems, strict JSON, instants, harmless text.

A parser answers with a :class:`Reading`, or of a framework with a :class:`FrameworkDraft`, and raises nothing but
:class:`Unreadable`. Whatever it leaves out, it says: what is wrong in the input is a problem, what the input itself
lacks is a loss.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec

from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text

Severity = Literal["serious", "minor"]
Status = Literal["open", "resolved", "unknown"]  # what the tool says of it; never what the member decided


class Unreadable(SekishoError):
    """The input, or the part of it in question, cannot be taken. `data["position"]` is the byte where that is known."""

    code = "unreadable"
    text = Text(
        "読み取れません。送信元の設定を確認してください。", "It cannot be read. Check the sender's settings."
    )


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in the input. `where` is a JSON path; `text` says what, and whether the part was taken."""

    where: str
    text: Text


@dataclass(frozen=True, slots=True)
class IncidentDraft:
    """What a tool reports, for a person to make an incident of, or not. All its strings are harmless to show.

    `source_key` is the same whenever the same event is reported again (at most 120 ASCII characters). `labels` and
    `details` are what the tool's users wrote, `given` the tool's own fields as they stood. `links` are whole http(s)
    addresses and nothing else; other links stay text in `given`. `notices` are for the person who decides.
    """

    source: str
    source_key: str
    title: str
    severity: Severity
    status: Status
    detected_at: datetime
    ended_at: datetime | None = None
    system_hint: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    details: dict[str, str] = field(default_factory=dict)
    given: dict[str, str] = field(default_factory=dict)
    links: tuple[str, ...] = ()
    notices: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """All that was found in one input."""

    drafts: tuple[IncidentDraft, ...] = ()
    problems: tuple[Problem, ...] = ()
    losses: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Tool:
    """A line of the contents. `yields` are kinds of record, `clauses` the clauses that those serve."""

    id: str
    name: Text
    yields: tuple[str, ...]
    clauses: tuple[str, ...]
    parse: Callable[[bytes], Reading]
    max_bytes: int


@dataclass(frozen=True, slots=True)
class ControlDraft:
    """One control of a framework: its number, and as far as the file tells them title, parent's number and text."""

    number: str
    title: str = ""
    parent: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class FrameworkDraft:
    """A framework as one file tells it. `name` and `version` are empty where the file has none. All is harmless text.

    Numbers are distinct. `losses` say what of the file is not in it.
    """

    name: str
    version: str
    controls: tuple[ControlDraft, ...]
    losses: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class FrameworkFormat:
    """A format of files that hold a framework. `parse` raises nothing but Unreadable. `endings`: of file names."""

    id: str
    name: Text
    endings: tuple[str, ...]
    parse: Callable[[bytes], FrameworkDraft]
    max_bytes: int


# --- Harmless text ---------------------------------------------------------------------------------------------------

# Control characters, ANSI's ESC among them; soft hyphens, zero-width and bidirectional marks, line and paragraph
# separators, tags (Unicode TR 36); surrogates and non-characters, which no database or XML takes.
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff0-\ufffb\ufffe\uffff\U000e0000-\U000e0fff]"
)
_WEB_ADDRESS = re.compile(r"https?://[^\s/?#@\\]+(?:[/?#][^\s\\]*)?", re.IGNORECASE)
_PLAIN_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)


def visible(value: str) -> str:
    """The text with every character that hides or commands made visible; line feeds and tabs stay.

    ESC becomes U+241B, any other C0 control its picture too, the rest `<U+202E>`.
    """

    def shown(match: re.Match[str]) -> str:
        character = match[0]
        if character in "\n\t":
            return character
        return chr(0x2400 + ord(character)) if character < " " else f"<U+{ord(character):04X}>"

    return _INVISIBLE.sub(shown, value)


def one_line(value: str, longest: int = 200) -> str:
    """The text on one line, visible, cut with an ellipsis at `longest` characters."""
    line = visible(re.sub(r"[ \t\r\n]+", " ", value).strip(" "))
    return line if len(line) <= longest else line[: longest - 1] + "…"


def is_web_address(value: str) -> bool:
    """Whether it is a whole http(s) address: host, no user name before it (a disguise), at most 2,048 characters."""
    return len(value) <= 2048 and _WEB_ADDRESS.fullmatch(value) is not None and visible(value) == value


def json_path(*steps: str | int) -> str:
    """`json_path("alerts", 0, "labels")` is `$.alerts[0].labels`; a name that is no plain word stands as `['a b']`."""

    def step(name: str | int) -> str:
        if isinstance(name, int):
            return f"[{name}]"
        return f".{name}" if _PLAIN_NAME.fullmatch(name) and len(name) <= 60 else f"['{one_line(name, 60)}']"

    return "$" + "".join(step(name) for name in steps)


# --- Fields of a decoded object --------------------------------------------------------------------------------------

_NOT_TEXT = Text(
    "文字列であるべきところに別の型の値があります。この値は取り込みませんでした。",
    "A string is wanted here. This value was not taken.",
)
_NOT_TEXTS = Text(
    "名前と文字列の組であるべきです。合わない値 {count} 件を取り込みませんでした。最初のものを示しています。",
    "Pairs of a name and a string are wanted here. {count} values that are not were left out; this is the first.",
)


def text_in(record: Mapping[str, object], name: str, *steps: str | int, problems: list[Problem]) -> str:
    """The string in the field, as given; empty if absent or null. Of another type: empty, and a problem."""
    value = record.get(name)
    if isinstance(value, str):
        return value
    if value is not None:
        problems.append(Problem(json_path(*steps, name), _NOT_TEXT))
    return ""


def texts_in(
    record: Mapping[str, object], name: str, *steps: str | int, problems: list[Problem]
) -> dict[str, str]:
    """The object of strings in the field, as given; empty if absent or null. What is no string is a problem."""
    value = record.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        problems.append(Problem(json_path(*steps, name), _NOT_TEXTS.format(count=1)))
        return {}
    wrong = [key for key, one in value.items() if not isinstance(one, str)]
    if wrong:
        problems.append(Problem(json_path(*steps, name, wrong[0]), _NOT_TEXTS.format(count=len(wrong))))
    return {key: one for key, one in value.items() if isinstance(one, str)}


# --- Strict JSON -----------------------------------------------------------------------------------------------------

_TOO_BIG = Text(
    "大きすぎます（{size} バイト、上限 {most} バイト）。分割して送ってください。",
    "It is too big: {size} bytes, and at most {most} are taken. Send it in parts.",
)
_NOT_UTF8 = Text(
    "UTF-8 ではありません（{position} バイト目）。UTF-8 で送ってください。",
    "It is not UTF-8 at byte {position}. Send UTF-8.",
)
_TOO_DEEP = Text(
    "入れ子が深すぎます（{position} バイト目、上限 {most} 段）。",
    "It is nested too deep at byte {position}: at most {most} levels are taken.",
)
_TWICE = Text(
    "同じ名前「{name}」が一つのオブジェクトに二度あります（{position} バイト目）。どちらが正しいか決められません。",
    "The name '{name}' stands twice in one object, at byte {position}: which one holds cannot be told.",
)
_NOT_JSON = Text(
    "JSON として読めません（{position} バイト目）: {reason}",
    "It is not JSON at byte {position}: {reason}",
)
_NO_NUMBER = Text("扱えない大きさの数があります: {reason}", "A number is beyond what can be held: {reason}")

# Possessive (`*+`) and with an optional end, so that a hostile string costs one pass and no more.
_TOKEN = re.compile(rb'[\[\]{}]|("[^"\\]*+(?:\\.[^"\\]*+)*+"?)(\s*+:)?', re.DOTALL)


def decode_strict(data: bytes, *, max_bytes: int, max_depth: int) -> object:
    """The JSON value in `data` (RFC 8259 as narrowed by I-JSON, RFC 7493).

    Raises Unreadable, with the byte's position (from 0), on more than `max_bytes` bytes or `max_depth` levels, on
    anything but UTF-8, NaN, Infinity, lone surrogates, names that stand twice, and all else that is no JSON; and,
    with the path instead, on numbers beyond a double.
    """
    if len(data) > max_bytes:
        raise Unreadable(_TOO_BIG, size=len(data), most=max_bytes, position=max_bytes)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(_NOT_UTF8, position=error.start) from None
    _refuse_deep_or_double(data, max_depth)
    try:
        return msgspec.json.decode(data)
    except msgspec.ValidationError as error:
        raise Unreadable(_NO_NUMBER, reason=str(error)) from None
    except msgspec.DecodeError as error:
        raise Unreadable(_NOT_JSON, **_place(str(error), len(data))) from None


def _place(message: str, end: int) -> dict[str, object]:
    """The reason and the byte in the decoder's message, which names none where the input ends too early."""
    match = re.fullmatch(r"(.*) \(byte (\d+)\)", message)
    if match is None:
        return {"reason": message, "position": end}
    past = match[1].endswith("trailing characters")  # only there msgspec counts the byte itself as passed
    return {"reason": match[1], "position": int(match[2]) - past}


def _refuse_deep_or_double(data: bytes, max_depth: int) -> None:
    """One pass over brackets and names. What is no JSON at all passes here: the decoder that follows refuses it."""
    open_names: list[set[str]] = []
    for token in _TOKEN.finditer(data):
        first = token[0][:1]
        if first in b"[{":
            open_names.append(set())
            if len(open_names) > max_depth:
                raise Unreadable(_TOO_DEEP, position=token.start(), most=max_depth)
        elif first in b"]}":
            if open_names:
                open_names.pop()
        elif token[2] and open_names:
            name = _decoded_name(token[1])
            if name in open_names[-1]:
                raise Unreadable(_TWICE, name=one_line(name, 60), position=token.start())
            open_names[-1].add(name)


def _decoded_name(token: bytes) -> str:
    """The name with its escapes resolved: "a" and "\\u0061" are one name. Broken ones are left to the decoder."""
    if b"\\" not in token:
        return token[1:-1].decode()
    try:
        return msgspec.json.decode(token, type=str)
    except msgspec.DecodeError:
        return token.decode()


# --- Instants --------------------------------------------------------------------------------------------------------

_RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))",
    re.ASCII,
)
_NO_INSTANT = Text(
    "日時「{value}」は RFC 3339 の形式（例 2026-04-01T09:00:00+09:00）ではないか、存在しない日時です。",
    "'{value}' is not an instant in the form of RFC 3339 (such as 2026-04-01T09:00:00+09:00), or there is none such.",
)
_LAST = datetime(9999, 12, 31, 14, 59, 59, 999999, tzinfo=UTC)  # later ones have no day in Japan
_LEAP = 1_000


@dataclass(frozen=True, slots=True, order=True)
class Instant:
    """An instant to the nanosecond. `at` is UTC, cut to the microsecond; `beyond` the nanoseconds after it.

    In a leap second `at` is the last microsecond before it, and `beyond` counts on from 1,000: order holds.
    """

    at: datetime
    beyond: int = 0

    @property
    def is_unset(self) -> bool:
        """Go's zero time, which Go programs write for 'not set', 'not ended'."""
        return self.at == datetime(1, 1, 1, tzinfo=UTC) and self.beyond == 0

    @property
    def in_leap_second(self) -> bool:
        return self.beyond >= _LEAP

    def __str__(self) -> str:
        """The one written form, to the nanosecond and in UTC: equal instants have equal texts."""
        if self.in_leap_second:
            return f"{self.at:%Y-%m-%dT%H:%M}:60.{self.beyond - _LEAP:09d}Z"
        return f"{self.at.replace(tzinfo=None).isoformat(timespec='microseconds')}{self.beyond:03d}Z"


def instant(value: str) -> Instant:
    """The instant of an RFC 3339 text: up to nine decimals, any offset, leap seconds. Raises Unreadable."""
    refusal = Unreadable(_NO_INSTANT, value=one_line(value, 60))
    match = _RFC3339.fullmatch(value)
    if match is None:
        raise refusal
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    nanoseconds = int((match[7] or "0").ljust(9, "0"))
    try:
        at = datetime(year, month, day, hour, minute, min(second, 59), nanoseconds // 1000, tzinfo=UTC)
        ahead = timedelta(hours=int(match[9] or 0), minutes=int(match[10] or 0))
        at += ahead if match[8] == "-" else -ahead
    except (ValueError, OverflowError):
        raise refusal from None
    if at > _LAST or second > 60 or (second == 60 and not _may_leap(at)):
        raise refusal
    if second == 60:
        return Instant(at.replace(microsecond=999_999), _LEAP + nanoseconds)
    return Instant(at, nanoseconds % 1000)


def _may_leap(at: datetime) -> bool:
    """Leap seconds are the last of a month, in UTC (ITU-R TF.460)."""
    return (at.hour, at.minute) == (23, 59) and (at + timedelta(days=1)).day == 1
