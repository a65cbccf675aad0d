"""Outsourced work of the cast's firm: two services, a chain to an unknown end, two clouds, a system run outside."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from sekisho.records.models import CloudService, Location, OutsourcedService, Subcontract, System, Vendor
from sekisho.workflows.act import act
from tests.cast import Cast

PAGE = "/maps/vendors/"
SINCE = date(2024, 4, 1)


def write(records: list[tuple[type, str, dict[str, Any]]]) -> None:
    with act("outsource", "operator:test") as doing:
        for model, key, values in records:
            doing.put(model, key, values)


def vendor(
    key: str, name: str, country: str | None = "JP", **values: Any
) -> tuple[type, str, dict[str, Any]]:
    return Vendor, key, {"name": name, "country": country, "since_on": SINCE, **values}


def service(key: str, name: str, of: str, *systems: str, **values: Any) -> tuple[type, str, dict[str, Any]]:
    told = {"name": name, "vendor": of, "systems": [*systems], "since_on": SINCE, **values}
    return OutsourcedService, key, told


def subcontract(
    key: str, of: str, one: str, to: str | None, **values: Any
) -> tuple[type, str, dict[str, Any]]:
    told = {"service": of, "from_vendor": one, "to_vendor": to, "unknown": None if to else True}
    return Subcontract, key, {**told, "since_on": SINCE, **values}


WORLD = [
    vendor("V-0001", "第一システム株式会社", group="第一グループ"),
    vendor("V-0002", "東海ソフトウェア株式会社", group="第一グループ"),
    vendor("V-0003", "Pacific Software Pte. Ltd.", "SG"),
    vendor("V-0004", "Nimbus Cloud Inc.", "US"),
    vendor("V-0005", "クラウド会計サービス株式会社"),
    (System, "S-WAL", {"name": "ウォレット管理システム", "unit": "U-SYS", "in_scope": True, "criticality": "high", "operated_by": "own", "in_use_since_on": SINCE}),
    (System, "S-ACC", {"name": "経理システム", "unit": "U-OPS", "in_scope": True, "criticality": "low", "operated_by": "vendor", "vendor": "V-0005", "in_use_since_on": SINCE}),
    service("OS-0001", "取引所システムの保守", "V-0001", "S-EXC", in_charge="P-0006"),
    service("OS-0002", "監視業務", "V-0002", "S-EXC", "S-WAL", in_charge="P-0007"),
    subcontract("SUB-0001", "OS-0001", "V-0001", "V-0002", approved_on=SINCE),
    subcontract("SUB-0002", "OS-0001", "V-0002", "V-0003"),
    subcontract("SUB-0003", "OS-0001", "V-0003", None),
    (Location, "L-0001", {"name": "東京リージョン", "country": "JP"}),
    (Location, "L-0002", {"name": "シンガポールリージョン", "country": "SG"}),
    (CloudService, "CS-0001", {"name": "仮想サーバー", "vendor": "V-0004", "systems": ["S-EXC"], "locations": ["L-0001", "L-0002"], "since_on": SINCE}),
    (CloudService, "CS-0002", {"name": "鍵管理", "vendor": "V-0004", "systems": ["S-WAL"], "locations": ["L-0001"], "since_on": SINCE}),
]  # fmt: skip


@pytest.fixture
def world(cast: Cast) -> Cast:
    write(WORLD)
    return cast
