"""Article 12-5: cloud services and outsourced work are within the reach of configuration management."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.facts.configuration import registered
from sekisho.records.models import CloudService, Component, OutsourcedService
from sekisho.rulebook.language import (
    active,
    answers,
    check,
    clause,
    day_after,
    falls_short,
    person,
    role,
)
from sekisho.rulebook.limits import Limits

IN_CHARGE = pl.coalesce(person("in_charge"), role("vendor_owner"))
USED: tuple[tuple[type[CloudService | OutsourcedService], str], ...] = (
    (CloudService, "cloud_service"),
    (OutsourcedService, "service"),
)  # each with the field of a component that names it

clause(
    "12-5",
    Duty.MUST,
    "クラウドと委託業務も構成管理の対象とする",
    "Cloud services and outsourced work are in the reach too",
)


@check(
    "12-5",
    asks="利用中のクラウドサービスと委託業務すべてに、登録された構成要素がありますか。",
    reads=(CloudService, OutsourcedService, Component),
    reasons={
        "cloud_without_item": (
            "利用中のクラウドサービス {cloud_service} に対応する構成要素が登録されていません。"
            "構成要素を登録し、このクラウドサービスを指定してください。",
            "No component in the register stands for the cloud service {cloud_service}. Register one that names it.",
        ),
        "service_without_item": (
            "継続中の委託業務 {outsourced_service} に対応する構成要素が登録されていません。"
            "構成要素を登録し、この委託業務を指定してください。",
            "No component in the register stands for the outsourced service {outsourced_service}. "
            "Register one that names it.",
        ),
    },
)
def every_cloud_and_outsourced_service_is_in_the_register(
    facts: Facts, on: date, limits: Limits
) -> pl.LazyFrame:
    """Has every cloud service and outsourced service in use a component in the register that names it?

    Without one it counts from the day after the last one ended, else from the service's first day. The other way round,
    a discovered cloud that no cloud service stands for, is a matter of clause 27.
    """
    return pl.concat([_named(facts, on, kind, field) for kind, field in USED])


def _named(facts: Facts, on: date, kind: type[CloudService | OutsourcedService], field: str) -> pl.LazyFrame:
    """One outcome a service in use."""
    standing = registered(facts, on).select(key=field, named=True).drop_nulls("key").unique()
    over = (
        facts[Component].filter(pl.col("until_on") < on).select(key=field, ended="until_on").drop_nulls("key")
    )
    rows = active(facts[kind], on).select("key", "in_charge", "since_on")
    for more in (standing, over.group_by("key").agg(pl.col("ended").max())):
        rows = rows.join(more, on="key", how="left")
    reason = "cloud_without_item" if kind is CloudService else "service_without_item"
    since = pl.max_horizontal("since_on", day_after("ended"))
    told = {kind.about.name: pl.col("key")}
    return answers(
        rows, kind, falls_short(pl.col("named").is_null(), reason, since=since, who=IN_CHARGE, **told)
    )
