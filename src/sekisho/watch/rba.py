"""The public data set of logins for risk-based authentication, read into events with labels.

Wiefling and others published 33 million synthesised logins with it (ACM TOPS 26(1) 2023, doi 10.1145/3546069;
github.com/das-group/rba-dataset, CC BY 4.0). It is a CSV file with a header; columns are found by their names, in
any order. A row that cannot be read is told with its line and left out; the rows beside it are not touched.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text
from sekisho.watch.events import BadEvent, Event, address

COLUMNS: Final = (
    "IP Address",
    "Country",
    "Region",
    "City",
    "ASN",
    "User Agent String",
    "OS Name and Version",
    "Browser Name and Version",
    "Device Type",
    "User ID",
    "Login Timestamp",
    "Round-Trip Time [ms]",
    "Login Successful",
    "Is Attack IP",
    "Is Account Takeover",
)
NUMBER: Final = "index"  # the sixteenth column, in front of the others: the number of the row
# What the publication scores: where a login comes from, and the program that it comes with. Events do not carry the
# three words on the program that the set derived from its user agent; `values` of a row do.
FEATURES: Final = (("ip", "network", "country"), ("agent", "browser", "system", "device_type"))
_PROGRAM = ("User Agent String", "Browser Name and Version", "OS Name and Version", "Device Type")


@dataclass(frozen=True, slots=True)
class Labelled:
    """One row: the login as an event, what it shows of FEATURES, and what is known of it afterwards."""

    event: Event
    values: (
        tuple[tuple[str, ...], ...] | None
    )  # None: the row lacks some, and the publication does not score it
    attack_address: bool
    takeover: bool


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is left out: its line in the file, and why."""

    line: int
    why: str


class NoSuchTable(SekishoError):
    """The file is not the data set's."""

    code = "not_rba_data"
    status = 422
    text = Text(
        "RBAデータセットのCSVではありません。足りない列: {missing}",
        "This is no CSV file of the RBA data set. Missing columns: {missing}",
    )


def read(lines: Iterable[str]) -> Iterator[Labelled | BadRow]:
    """The rows in the order of the file. Raises NoSuchTable where the header lacks a column of the set."""
    rows = csv.reader(lines, strict=True)
    header = [name.strip() for name in next(rows, [])]
    if missing := [name for name in COLUMNS if name not in header]:
        raise NoSuchTable(missing=", ".join(missing))
    places = {name: header.index(name) for name in COLUMNS}
    numbered = header.index(NUMBER) if NUMBER in header else None
    count = 0
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield BadRow(rows.line_num, str(error))
            continue
        if not row:
            continue
        try:
            if len(row) != len(header):
                raise ValueError(f"{len(row)} columns, not {len(header)}")
            number = count if numbered is None else _whole(row[numbered], NUMBER)
            yield _labelled(number, {name: row[place].strip() for name, place in places.items()})
        except (ValueError, BadEvent) as error:
            yield BadRow(rows.line_num, str(error))
        count += 1


def _labelled(number: int, row: dict[str, str]) -> Labelled:
    network = row["ASN"] and f"AS{_whole(row['ASN'], 'ASN')}"
    if not row["User ID"]:
        raise ValueError("no User ID")
    country = row["Country"].upper()
    if country and len(country) != 2:
        raise ValueError(f"Country {country[:16]!r} is no code of two letters")
    event = Event(
        seq=number,
        ts=_instant(row["Login Timestamp"]),
        typ="login",
        user=row["User ID"][:128],
        ip=address(row["IP Address"]),
        country=country or None,
        ok=_truth(row["Login Successful"], "Login Successful"),
        network=network or None,
        agent=row["User Agent String"][:512] or None,
    )
    origin = (event.ip or "", event.network or "", country)
    program = tuple(row[name] for name in _PROGRAM)
    return Labelled(
        event,
        (origin, program) if all(origin) and all(program) else None,
        _truth(row["Is Attack IP"], "Is Attack IP"),
        _truth(row["Is Account Takeover"], "Is Account Takeover"),
    )


def _truth(text: str, column: str) -> bool:
    try:
        return {"true": True, "false": False}[text.lower()]
    except KeyError:
        raise ValueError(f"{column} {text[:16]!r} is neither True nor False") from None


def _whole(text: str, column: str) -> int:
    """pandas writes whole numbers with gaps among them as 1.0."""
    whole = text.removesuffix(".0")
    if not (whole.isascii() and whole.isdigit() and len(whole) < 19):
        raise ValueError(f"{column} {text[:32]!r} is no whole number")
    return int(whole)


def _instant(text: str) -> int:
    """Milliseconds since 1970 UTC, of a date with time or of milliseconds."""
    if text.isascii() and text.isdigit() and len(text) < 14:
        return int(text)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"Login Timestamp {text[:32]!r} is no instant") from None
    return round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)
