"""Outsourced work in a handful of records, for the tests of what is worked out from it."""

from __future__ import annotations

from typing import Any

from tests.rulebook.asking import Given, day, record

ON = day(2026, 11, 23)
SINCE = {"since_on": day(2024, 4, 1)}


def vendor(key: str, /, **values: Any) -> Given:
    return record("vendor", key, name=key, **{**SINCE, "country": "JP", **values})


def system(key: str, /, **values: Any) -> Given:
    told = {"name": key, "in_scope": True, "criticality": "high", "operated_by": "own", "unit": "U-1"}
    return record("system", key, **{**told, "in_use_since_on": day(2024, 4, 1), **values})


def service(key: str, of: str, *systems: str, **values: Any) -> Given:
    return record("outsourced_service", key, name=key, vendor=of, systems=[*systems], **{**SINCE, **values})


def cloud(key: str, of: str, systems: list[str], locations: list[str], **values: Any) -> Given:
    told = {"vendor": of, "systems": systems, "locations": locations, **SINCE, **values}
    return record("cloud_service", key, name=key, **told)


def subcontract(key: str, of: str, from_vendor: str, to: str | None, **values: Any) -> Given:
    told = {"to_vendor": to, "unknown": None if to else True, **SINCE, **values}
    return record("subcontract", key, service=of, from_vendor=from_vendor, **told)


def location(key: str, country: str) -> Given:
    return record("location", key, name=key, country=country)


def unit(key: str) -> Given:
    return record("unit", key, name=key, function="user", since_on=day(2020, 4, 1))


CHAIN = (
    unit("U-1"),
    vendor("V-1"),
    vendor("V-2", country="US", group="G"),
    vendor("V-3", country="SG", group="G"),
    system("S-1"),
    service("OS-1", "V-1", "S-1"),
    subcontract("SUB-1", "OS-1", "V-1", "V-2"),
    subcontract("SUB-2", "OS-1", "V-2", "V-3"),
)
