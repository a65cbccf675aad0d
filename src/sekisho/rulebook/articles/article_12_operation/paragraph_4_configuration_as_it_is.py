"""Article 12-4: the configuration as it is, set out with physical and logical resources as a reference."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.facts.configuration import connected, documented, hosted, registered
from sekisho.records.models import Component, Licence, Relation, System
from sekisho.records.models.component import PHYSICAL
from sekisho.rulebook.language import (
    answers,
    check,
    clause,
    day_after,
    falls_short,
    keeper,
    kept_up,
    systems_in_scope,
)
from sekisho.rulebook.limits import Limits

clause(
    "12-4",
    Duty.SHOULD,
    "次の各号を参考に現状を整理し構成を把握する",
    "Set out the configuration as it is, with these items as a reference",
    items=("12-4-1", "12-4-2"),
)


@check(
    "12-4",
    asks="対象範囲のシステムすべてに登録された構成要素があり、その構成は間隔内に確認されていますか。",
    reads=(System, Component),
    limits=("configuration_confirmation_age",),
    reasons={
        "no_components": (
            "{system} に登録された構成要素がありません。物理・論理の構成要素を登録してください。",
            "{system} has no component in the register. Register its physical and logical ones.",
        ),
        "never_confirmed": (
            "{system} の構成が確認されていません。構成要素を現状と照らし、確認日を記録してください。",
            "The configuration of {system} was never confirmed. Compare it with what is there and record the day.",
        ),
        "confirmation_old": (
            "{system} の構成が {last} から確認されていません。構成要素を現状と照らし、確認日を記録してください。",
            "The configuration of {system} was last confirmed on {last}. Compare it with what is there and record the "
            "day.",
        ),
    },
)
def every_configuration_is_set_out_and_confirmed(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Has every system in scope components in the register, and were they confirmed within the interval?

    The newest confirmation of any component of the system counts. Without one it counts from the first registration.
    """
    mine = registered(facts, on).drop_nulls("system")
    known = mine.group_by("system").agg(registered_on=pl.col("registered_on").min())
    systems = systems_in_scope(facts, on).select("key", "unit", "in_use_since_on")
    systems = systems.join(known, left_on="key", right_on="system", how="left")
    none = pl.col("registered_on").is_null()
    missing = answers(
        systems.filter(none).join(_ended(facts, on), left_on="key", right_on="system", how="left"), System,
        falls_short(
            pl.lit(True), "no_components", since=pl.max_horizontal("in_use_since_on", day_after("ended")),
            who=keeper(), system=pl.col("key"),
        ),
    )  # fmt: skip
    confirmed = kept_up(
        systems.filter(~none), System, mine, by="system", at="confirmed_on", limits=limits,
        limit="configuration_confirmation_age", never="never_confirmed", old="confirmation_old",
        since=pl.max_horizontal("registered_on", "in_use_since_on"), who=keeper(),
    )  # fmt: skip
    return pl.concat([missing, confirmed])


def _ended(facts: Facts, on: date, kinds: tuple[str, ...] = ()) -> pl.LazyFrame:
    return facts.worked_out(_last_end, (Component,), on, kinds)


def _last_end(facts: Facts, on: date, kinds: tuple[str, ...] = ()) -> pl.LazyFrame:
    """The last day of the last component of each system, of these kinds or of any: system, ended."""
    over = facts[Component].filter(
        pl.col("until_on") < on, pl.col("kind").is_in(kinds) if kinds else pl.lit(True)
    )
    return over.drop_nulls("system").group_by("system").agg(ended=pl.col("until_on").max())


clause("12-4-1", Duty.MAY, "物理資源の把握", "Physical resources")


@check(
    "12-4-1",
    asks="対象範囲のシステムすべてについて、稼働する機器・ネットワーク・設置場所・クラウドのいずれかが登録されていますか。",
    reads=(System, Component, Relation),
    reasons={
        "no_physical": (
            "{system} が稼働する機器・ネットワーク・設置場所・クラウドが登録されていません。"
            "構成要素か「の上で動く」の関係を登録してください。",
            "No hardware, network, hosting or cloud is registered that {system} runs on. Register it as a component, "
            "or the relation 'runs on'.",
        ),
    },
)
def every_system_runs_on_something_known(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Does every system in scope run on registered hardware, network, hosting or cloud?

    It is a component of the system, or of another one on which a component of it runs, step by step. Where there is
    none it counts from the day after the last own one ended, else from the system's first day.
    """
    rows = systems_in_scope(facts, on).select("key", "unit", "in_use_since_on")
    for more in (_hosted(facts, on), _ended(facts, on, PHYSICAL)):
        rows = rows.join(more, left_on="key", right_on="system", how="left")
    return answers(
        rows, System,
        falls_short(
            pl.col("hosted").is_null(), "no_physical", since=pl.max_horizontal("in_use_since_on", day_after("ended")),
            who=keeper(), system=pl.col("key"),
        ),
    )  # fmt: skip


def _hosted(facts: Facts, on: date) -> pl.LazyFrame:
    return facts.worked_out(hosted, (Component, Relation), on).with_columns(hosted=True)


clause(
    "12-4-2",
    Duty.MAY,
    "論理資源の把握（ライセンス・ソフトウェア・接続・文書）",
    "Logical resources: licences, software, connections, documents",
)
LOGICAL = {
    "software": ("ソフトウェアの一覧", "software list", "ソフトウェア", "its software"),
    "connection": ("接続", "connections", "接続", "its connections"),
    "document": ("文書", "documents", "文書", "its documents"),
}


@check(
    "12-4-2",
    asks="対象範囲のシステムすべてにソフトウェア・接続・文書の登録があり、終了の近いライセンスは更新されていますか。",
    reads=(System, Component, Relation, Licence),
    limits=("licence_notice_time",),
    reasons={
        f"no_{kind}": (
            f"{{system}} の{ja}が登録されていません。{thing}を構成要素として登録してください。",
            f"{{system}} has no {en} in the register. Register {it} as components.",
        )
        for kind, (ja, en, thing, it) in LOGICAL.items()
    }
    | {
        "licence_ends": (
            "ライセンス {licence}（{component}）は {due} に終了しますが、更新の記録がありません。"
            "更新するか、構成要素の廃止を記録してください。",
            "The licence {licence} of {component} ends on {due} and no renewal is on record. Renew it, or record that "
            "the component ends.",
        ),
        "licence_ended": (
            "ライセンス {licence}（{component}）は {ended} に終了し、更新の記録がありません。"
            "更新するか、使用をやめて構成要素の廃止を記録してください。",
            "The licence {licence} of {component} ended on {ended} and no renewal is on record. Renew it, or stop "
            "using the component and record its end.",
        ),
    },
)
def logical_resources_are_known(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Has every system in scope its software, connections and documents on record, and is no licence left to lapse?

    A relation between components ('connects to', 'documented in') stands for a connection or a document of its own. A
    renewal is another licence that is named by it and ends later, or not at all. One check for both: a member without
    licences that end lacks no evidence.
    """
    return pl.concat([*_on_record(facts, on), _renewed(facts, on, limits)])


def _on_record(facts: Facts, on: date) -> list[pl.LazyFrame]:
    """One outcome a system for each kind of logical resource."""
    mine = facts.worked_out(_kinds, (Component,), on)
    related = {
        "connection": [facts.worked_out(connected, (Component, Relation), on)],
        "document": [facts.worked_out(documented, (Component, Relation), on)],
    }
    rows = systems_in_scope(facts, on).select("key", "unit", "in_use_since_on")
    parts = []
    for kind in LOGICAL:
        own = mine.filter(pl.col("kind") == kind).select("system")
        known = pl.concat([own, *related.get(kind, [])]).unique().with_columns(known=True)
        asked = rows.join(known, left_on="key", right_on="system", how="left")
        asked = asked.join(_ended(facts, on, (kind,)), left_on="key", right_on="system", how="left")
        since = pl.max_horizontal("in_use_since_on", day_after("ended"))
        lacks = pl.col("known").is_null()
        told = falls_short(lacks, f"no_{kind}", since=since, who=keeper(), system=pl.col("key"))
        parts.append(answers(asked, System, told))
    return parts


def _kinds(facts: Facts, on: date) -> pl.LazyFrame:
    """The kinds of registered components that each system has: system, kind."""
    return registered(facts, on).drop_nulls("system").select("system", "kind").unique()


def _renewed(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """One outcome a licence of a component in the register; not of one that belongs to a system out of scope."""
    reached = systems_in_scope(facts, on).select(system="key", unit="unit", reached=True)
    components = (
        registered(facts, on).select("system", component="key").join(reached, on="system", how="left")
    )
    asked = components.filter(pl.col("system").is_null() | pl.col("reached"))
    later = facts[Licence].select(renewed_by="key", next_ends_on="ends_on", renewed=True)
    rows = facts[Licence].join(asked, on="component").join(later, on="renewed_by", how="left")
    ends = pl.col("ends_on")
    goes_on = pl.col("renewed").fill_null(False) & (pl.col("next_ends_on") > ends).fill_null(True)
    near = ends - pl.duration(days=limits.value("licence_notice_time"))
    told = {"who": keeper(), "licence": pl.col("key"), "component": pl.col("component")}
    return answers(
        rows, Licence,
        falls_short(~goes_on & (ends < on), "licence_ended", since=day_after(ends), ended=ends, **told),
        falls_short(~goes_on & (near <= on), "licence_ends", since=near, due=ends, **told),
    )  # fmt: skip
