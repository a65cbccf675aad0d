"""Article 27: what to heed with cloud services, so that they run stably and information assets are safe.

Every check asks of the cloud services in use on the day. A firm that uses none records that article 27 does not apply.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.facts.outsourcing import chain_steps
from sekisho.records.models import (
    Action,
    Appointment,
    Approval,
    CloudPoint,
    CloudService,
    DataHolding,
    Location,
    Measurement,
    Monitor,
    OutsourcedService,
    Person,
    Subcontract,
)
from sekisho.rulebook.language import (
    active,
    answers,
    approvals,
    blank,
    check,
    clause,
    day_after,
    day_of,
    falls_short,
    kept_up,
    key_in,
    no_evidence,
    overdue,
    person,
    role,
    stands,
)
from sekisho.rulebook.limits import Limits

OWNER = role("vendor_owner")
IN_CHARGE = pl.coalesce(person("in_charge"), OWNER)

clause(
    "27",
    Duty.SHOULD,
    "クラウド利用時に次の各号に留意し、安定性と情報資産の安全管理に努める",
    "With cloud services, heed these items for stability and safe information assets",
    items=tuple(f"27-{n}" for n in range(1, 10)),
)


@check(
    "27",
    asks="クラウドを利用する委託業務と、クラウドにある利用者データは、台帳にある利用中のクラウドサービスに対応していますか。",
    reads=(OutsourcedService, Subcontract, CloudService, DataHolding),
    reasons={
        "not_on_record": (
            "委託業務 {outsourced_service} はクラウドを利用していますが、その委託先にも再委託先にも、"
            "台帳にある利用中のクラウドサービスがありません。クラウドサービスを登録してください。",
            "The outsourced service {outsourced_service} runs on a cloud, but no vendor in its chain has a cloud "
            "service in use on record. Register the cloud service.",
        ),
        "not_said": (
            "委託業務 {outsourced_service} のクラウド利用の有無が記録されていません。確認して記録してください。",
            "It is not on record whether the outsourced service {outsourced_service} runs on a cloud. Record it.",
        ),
        "data_in_no_cloud_in_use": (
            "利用者データ {data_holding} がある {cloud_service} は、利用中のクラウドサービスとして台帳にありません。"
            "利用期間を訂正するか、返却・廃棄を記録してください。",
            "The users' data {data_holding} lie in {cloud_service}, which is not on record as in use. Correct its days "
            "of use, or record that the data were returned or destroyed.",
        ),
    },
)
def every_cloud_in_use_is_on_record(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Is every cloud that outsourced work runs on, or that holds users' data, on record as in use?

    What shows a cloud that is missing from the register: outsourced work that says it runs on one, where neither its
    vendor nor any subcontractor of its chain has one; and users' data said to lie in one that is not in use (any more).
    """
    return pl.concat([_outsourced_work(facts, on), _users_data(facts, on)])


def _outsourced_work(facts: Facts, on: date) -> pl.LazyFrame:
    providers = active(facts[CloudService], on).select("vendor")
    known = chain_steps(facts, on).lazy().join(providers, on="vendor", how="semi").select(key="service")
    services = active(facts[OutsourcedService], on)
    of = pl.col("key")
    return answers(
        services.join(known.unique().with_columns(known=True), on="key", how="left"), OutsourcedService,
        falls_short(
            pl.col("is_cloud") & pl.col("known").is_null(), "not_on_record",
            since=pl.col("since_on"), who=IN_CHARGE, outsourced_service=of,
        ),
        no_evidence(pl.col("is_cloud").is_null(), "not_said", who=IN_CHARGE, outsourced_service=of),
    )  # fmt: skip


def _users_data(facts: Facts, on: date) -> pl.LazyFrame:
    """What lies in a cloud must lie in one in use; since the day after that one's last, where it had one."""
    in_use = active(facts[CloudService], on).select(cloud_service="key", in_use=True)
    ended = facts[CloudService].filter(pl.col("until_on") < on)
    ended = ended.select(cloud_service="key", left_on=day_after("until_on"))
    held = _held(facts, on).filter(pl.col("cloud_service").is_not_null())
    return answers(
        held.join(in_use, on="cloud_service", how="left").join(ended, on="cloud_service", how="left"), DataHolding,
        falls_short(
            pl.col("in_use").is_null(), "data_in_no_cloud_in_use", since=pl.max_horizontal("left_on", "since_on"),
            who=OWNER, data_holding=pl.col("key"), cloud_service=pl.col("cloud_service"),
        ),
    )  # fmt: skip


def _held(facts: Facts, on: date) -> pl.LazyFrame:
    """The users' data with others on the day; where nobody recorded since when, they are there already."""
    begun = pl.col("since_on").is_null() | (pl.col("since_on") <= on)
    return facts[DataHolding].filter(begun, pl.col("until_on").is_null() | (pl.col("until_on") >= on))


clause("27-1", Duty.SHOULD, "データセンターの設置場所に留意", "Cloud: where the data centres are")


@check(
    "27-1",
    asks="利用中のクラウドサービスの所在地は、すべて利用可と承認され、間隔内に確認されていますか。",
    reads=(CloudService, Location, Approval, Appointment, Person),
    limits=("cloud_location_age",),
    reasons={
        "no_location": (
            "{cloud_service} の所在地が記録されていません。データセンターの所在地を事業者に確認し、登録してください。",
            "No location of {cloud_service} is on record. Ask the provider where its data centres are and record them.",
        ),
        "not_allowed": (
            "{cloud_service} は、利用可と承認されていない所在地 {location} を使用しています（該当 {count} か所）。"
            "承認を受けるか、所在地を変更してください。",
            "{cloud_service} uses {location}, which is not approved for use (such locations: {count}). Have it "
            "approved, or move the service.",
        ),
        "not_confirmed": (
            "{cloud_service} の所在地が確認されていません。事業者に確認し、確認日を記録してください。",
            "The locations of {cloud_service} were never confirmed. Confirm them with the provider and record the day.",
        ),
        "location_old": (
            "{cloud_service} の所在地が {last} から確認されていません。事業者に確認し、確認日を記録してください。",
            "The locations of {cloud_service} were last confirmed on {last}. Confirm them again and record the day.",
        ),
    },
)
def every_cloud_stands_where_it_is_allowed(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Is every cloud service in use at locations that are approved for use, and were they confirmed recently?

    What is found counts from the service's first day: when a location was added is not on record.
    """
    clouds = active(facts[CloudService], on).join(_not_allowed(facts, on), on="key", how="left")
    confirmed = pl.when(pl.col("location_confirmed_on") <= on).then(pl.col("location_confirmed_on"))
    lapses = day_after(limits.last_good("cloud_location_age", "location_confirmed_on"))
    told = {"who": IN_CHARGE, "cloud_service": pl.col("key")}
    since = pl.col("since_on")
    return answers(
        clouds, CloudService,
        falls_short(pl.col("locations").list.len().fill_null(0) == 0, "no_location", since=since, **told),
        falls_short(
            pl.col("location").is_not_null(), "not_allowed",
            since=since, location=pl.col("location"), count=pl.col("count"), **told,
        ),
        falls_short(confirmed.is_null(), "not_confirmed", since=since, **told),
        falls_short(lapses <= on, "location_old", since=lapses, last=confirmed, **told),
    )  # fmt: skip


def _not_allowed(facts: Facts, on: date) -> pl.LazyFrame:
    """By cloud service (key): its first location that is not approved for use, and how many there are."""
    roles = Location.about.approvers({"allowed": True})
    allowed = (
        facts[Location].filter("allowed").join(approvals(facts, Location, roles, on), on="key", how="semi")
    )
    used = _locations(facts, on).select("key", "location")
    return (
        used.join(allowed, left_on="location", right_on="key", how="anti")
        .group_by("key")
        .agg(pl.col("location").min(), count=pl.len())
    )


def _locations(facts: Facts, on: date) -> pl.LazyFrame:
    """A row for each location of each cloud service in use: key (the service's), since_on, location."""
    clouds = active(facts[CloudService], on).select("key", "since_on", location="locations")
    return clouds.explode("location").drop_nulls("location").unique(["key", "location"])


clause("G27-1", Duty.MAY, "所在国の法制度・自然災害を確認し場所を指定する", "Law and disasters of the place")


@check(
    "G27-1",
    asks="クラウドと利用者データの所在地には、それぞれ新しい国・地域のリスクの記録がありますか。",
    reads=(Location, CloudService, DataHolding),
    limits=("country_risk_age",),
    reasons={
        "no_risk_note": (
            "{location} の国・地域のリスク（法制度、自然災害など）の記録がありません。確認して記録してください。",
            "{location} has no country-risk note (law, disasters). Look into it and record it.",
        ),
        "not_dated": (
            "{location} の国・地域のリスクを確認した日の記録がなく、判定できません。確認日を記録してください。",
            "The country-risk note of {location} has no day, so nothing can be said. Record when it was made.",
        ),
        "risk_note_old": (
            "{location} の国・地域のリスクが {last} から見直されていません。確認し直してください。",
            "The country-risk note of {location} is of {last}. Look into it again.",
        ),
    },
)
def every_location_in_use_has_its_country_s_risk_noted(
    facts: Facts, on: date, limits: Limits
) -> pl.LazyFrame:
    """Has every location of a cloud service in use, or of users' data with others, a recent country-risk note?

    Without a note it counts from the first day of the first that uses the location.
    """
    held = _held(facts, on).select("location", "since_on").drop_nulls("location")
    used = pl.concat([_locations(facts, on).select("location", "since_on"), held])
    first = used.group_by("location").agg(pl.col("since_on").min())
    noted = pl.col("risk_noted_on")
    lapses = day_after(limits.last_good("country_risk_age", "risk_noted_on"))
    told = {"who": OWNER, "location": pl.col("key")}
    return answers(
        facts[Location].join(first, left_on="key", right_on="location"), Location,
        falls_short(blank("risk_note") | (noted > on), "no_risk_note", since=pl.col("since_on"), **told),
        no_evidence(noted.is_null(), "not_dated", **told),
        falls_short(lapses <= on, "risk_note_old", since=lapses, last=noted, **told),
    )  # fmt: skip


# --- the points that are assessed ---------------------------------------------------------------------------------


def _point(citation: str, number: str, ja: str, en: str) -> None:
    """Declare the check of a clause that asks for one of `CloudPoint`'s points to be assessed in its cycle."""

    def the_point_is_assessed(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
        clouds = active(facts[CloudService], on)
        points = facts[CloudPoint].filter(pl.col("point") == number)
        assessed = kept_up(
            clouds, CloudService, points, by="cloud_service", at="assessed_on", limits=limits, limit="cloud_point_age",
            never="not_assessed", old="assessment_old", since="since_on", who=IN_CHARGE,
        )  # fmt: skip
        return pl.concat([assessed, _acted_on(clouds, _newest(points, on), facts[Action], on)])

    the_point_is_assessed.__name__ = f"every_cloud_is_assessed_on_point_{number}"
    the_point_is_assessed.__doc__ = (
        f"Is every cloud service in use assessed as to {en} in its cycle, and what was found mended in time?\n\n"
        "A point is assessed before a service is used: without an assessment it falls short from the first day of use. "
        "A newest result that is not good takes an action that arises from it and is not overdue; what is done leaves "
        "the result where it is until the next assessment."
    )
    check(
        citation,
        asks=f"利用中のクラウドサービスごとに、{ja}が間隔内に評価され、改善すべき点への措置が期限内に進んでいますか。",
        reads=(CloudService, CloudPoint, Action),
        limits=("cloud_point_age",),
        reasons={
            "not_assessed": (
                f"{{cloud_service}} について、{ja}の評価がありません。評価して結果を登録してください。",
                f"{{cloud_service}} has no assessment of {en}. Assess it and record the result.",
            ),
            "assessment_old": (
                f"{{cloud_service}} について、{ja}が {{last}} から評価されていません。評価し直してください。",
                f"{{cloud_service}} was last assessed as to {en} on {{last}}. Assess it again.",
            ),
            "no_action": (
                f"{{cloud_service}} について、{ja}の評価（{{day}}）は「適切」ではありませんが、改善の措置がありません。"
                "評価を起因とする措置を登録してください。",
                f"The assessment of {{cloud_service}} on {{day}} found {en} not good, and no action follows from it. "
                "Register one that arises from the assessment.",
            ),
            "action_overdue": (
                f"{{cloud_service}} について、{ja}の評価から生じた措置 {{action}} が期限（{{due}}）を過ぎています。"
                "完了日を記録するか、期限を見直してください。",
                f"{{action}}, which follows from the assessment of {{cloud_service}} as to {en}, was due on {{due}}. "
                "Record the day it was done, or agree on a new date.",
            ),
        },
    )(the_point_is_assessed)


def _newest(points: pl.LazyFrame, on: date) -> pl.LazyFrame:
    """The newest assessment of each cloud service: columns of CloudPoint, `key` as cloud_point."""
    done = points.filter(pl.col("assessed_on") <= on).rename({"key": "cloud_point"})
    return done.sort("assessed_on", "cloud_point").group_by("cloud_service").agg(pl.all().last())


def _acted_on(clouds: pl.LazyFrame, newest: pl.LazyFrame, actions: pl.LazyFrame, on: date) -> pl.LazyFrame:
    """One outcome for each service whose newest assessment is not good: is something done about it in time?"""
    late = overdue(on)
    done = (
        actions.with_columns(cloud_point=key_in("arises_from", "cloud_point"))
        .drop_nulls("cloud_point")
        .sort("due_on", "key")
        .group_by("cloud_point")
        .agg(
            late=pl.col("key").filter(late).first(),
            late_due=pl.col("due_on").filter(late).first(),
            late_owner=pl.col("owner").filter(late).first(),
            planned=pl.lit(True),
        )
    )
    found = newest.filter(pl.col("result") != "good").select("cloud_service", "cloud_point", "assessed_on")
    told = {"cloud_service": pl.col("key"), "cloud_point": pl.col("cloud_point")}
    assessed = pl.col("assessed_on")
    return answers(
        clouds.join(found, left_on="key", right_on="cloud_service").join(done, on="cloud_point", how="left"),
        CloudService,
        falls_short(pl.col("planned").is_null(), "no_action", since=assessed, who=IN_CHARGE, day=assessed, **told),
        falls_short(
            pl.col("late").is_not_null(), "action_overdue", since=day_after("late_due"), due=pl.col("late_due"),
            who=pl.coalesce(person("late_owner"), IN_CHARGE), action=pl.col("late"), **told,
        ),
    )  # fmt: skip


clause("27-2", Duty.SHOULD, "契約上の義務・保証に留意", "Cloud: duties and guarantees in the contract")
_point("27-2", "2", "契約上の義務と保証", "the duties and guarantees in its contract")

clause("27-3", Duty.SHOULD, "データのセキュリティに留意", "Cloud: security of data")
_point("27-3", "3", "データのセキュリティ", "the security of its data")

clause(
    "G27-3",
    Duty.MAY,
    "アクセス者・履歴、流出可能性、移行・廃棄を検討する",
    "Who has access, leaks, migration and disposal",
)


@check(
    "G27-3",
    asks="データのセキュリティの直近の評価は、アクセスできる者と履歴、流出の可能性、移行と廃棄のすべてに触れていますか。",
    reads=(CloudService, CloudPoint),
    reasons={
        "no_access": (
            "{cloud_service} のデータのセキュリティの評価（{day}）に、アクセスできる者とその履歴がありません。"
            "検討して記録してください。",
            "The assessment of {day} of the security of data in {cloud_service} leaves out who has access, and its "
            "records. Consider and record it.",
        ),
        "no_leaks": (
            "{cloud_service} のデータのセキュリティの評価（{day}）に、流出の可能性がありません。"
            "検討して記録してください。",
            "The assessment of {day} of the security of data in {cloud_service} leaves out how data could leak. "
            "Consider and record it.",
        ),
        "no_migration": (
            "{cloud_service} のデータのセキュリティの評価（{day}）に、移行と廃棄がありません。"
            "検討して記録してください。",
            "The assessment of {day} of the security of data in {cloud_service} leaves out migration and disposal. "
            "Consider and record it.",
        ),
        "no_assessment": (
            "{cloud_service} のデータのセキュリティの評価がなく、判定できません。評価して結果を登録してください。",
            "The security of data in {cloud_service} was never assessed, so nothing can be said. Assess it.",
        ),
    },
)
def the_security_of_data_is_considered_whole(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Does each cloud service's newest assessment of its data's security tell of access, leaks and migration?"""
    newest = _newest(facts[CloudPoint].filter(pl.col("point") == "3"), on)
    clouds = active(facts[CloudService], on).select("key", "in_charge", "since_on")
    assessed = clouds.join(newest, left_on="key", right_on="cloud_service")
    never = clouds.join(newest, left_on="key", right_on="cloud_service", how="anti")
    told = {"cloud_service": pl.col("key")}
    silent = answers(never, CloudService, no_evidence(pl.lit(True), "no_assessment", who=IN_CHARGE, **told))
    day, told["cloud_point"] = pl.col("assessed_on"), pl.col("cloud_point")
    parts = (
        falls_short(blank(part), f"no_{part}", since=day, who=IN_CHARGE, day=day, **told)
        for part in ("access", "leaks", "migration")
    )
    return pl.concat([silent, *(answers(assessed, CloudService, part) for part in parts)])


clause("27-4", Duty.SHOULD, "セキュリティ実施状況の確認に留意", "Cloud: confirm that security is done")
_point("27-4", "4", "セキュリティの実施状況の確認", "how its provider's security is confirmed")

clause("27-5", Duty.SHOULD, "秘密鍵情報の管理に留意", "Cloud: private keys")
_point("27-5", "5", "秘密鍵情報の管理", "the custody of private keys")


@check(
    "27-5",
    asks="利用中のクラウドサービスに、事業者だけが秘密鍵を使用できるものはありませんか。",
    reads=(CloudService,),
    reasons={
        "provider_alone": (
            "{cloud_service} の秘密鍵は事業者だけが使用できる状態です。自社が管理に関与する保管に改めてください。",
            "The keys in {cloud_service} are kept where the provider alone can use them. Keep them where the member "
            "alone can, or split between both.",
        ),
        "custody_not_said": (
            "{cloud_service} の秘密鍵の保管方法が記録されていません。鍵を置かない場合も、その旨を記録してください。",
            "It is not on record who holds the keys in {cloud_service}. Record it, also where no keys are kept there.",
        ),
    },
)
def no_provider_alone_can_use_the_keys(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Are the keys in every cloud service in use kept where the provider alone cannot use them?"""
    custody, told = pl.col("key_custody"), {"who": IN_CHARGE, "cloud_service": pl.col("key")}
    return answers(
        active(facts[CloudService], on), CloudService,
        falls_short(custody == "provider", "provider_alone", since=pl.col("since_on"), **told),
        no_evidence(custody.is_null(), "custody_not_said", **told),
    )  # fmt: skip


clause("27-6", Duty.SHOULD, "その他重要情報の管理に留意", "Cloud: other important information")
_point("27-6", "6", "その他の重要情報の管理", "the care of other important information")


# --- the points that are measured ---------------------------------------------------------------------------------


def _words(ja: str, en: str, level: tuple[str, str], beyond: tuple[str, str]) -> dict[str, tuple[str, str]]:
    """The reasons of a point that is measured: what it is, the level that it is held to, and on which side of it."""
    return {
        "undecided": (
            f"{{cloud_service}} の{ja}が {{day}} に {{value}}％（{{monitor}}）となり、{level[0]} {{bound}}％を"
            f"{beyond[0]}が、判断の記録がありません（未判断 {{count}} 件）。判断と理由を記録してください。",
            f"The {en} of {{cloud_service}} was {{value}}% on {{day}} ({{monitor}}), {beyond[1]} the {level[1]} of "
            "{bound}%, and no decision follows (undecided: {count}). Record what was decided, and why.",
        ),
        "no_monitor": (
            f"{{cloud_service}} の{ja}を測定する監視項目がありません。登録してください。",
            f"Nothing measures the {en} of {{cloud_service}}. Register a monitor.",
        ),
        "no_level": (
            f"{{cloud_service}} の{ja}の{level[0]}が {{monitor}} に記録されていません。水準を記録してください。",
            f"The {level[1]} for the {en} of {{cloud_service}} is not on record ({{monitor}}). Record it.",
        ),
        "not_measured": (
            f"{{cloud_service}} の{ja}（{{monitor}}）に新しい測定値がなく、判定できません。登録してください。",
            f"The {en} of {{cloud_service}} ({{monitor}}) has no recent measurement, so nothing can be said. "
            "Record the values.",
        ),
    }


clause("27-7", Duty.SHOULD, "稼働の安定性に留意", "Cloud: stability")


@check(
    "27-7",
    asks="利用中のクラウドサービスの稼働率は測定されており、合意水準を下回った測定値にはすべて判断がありますか。",
    reads=(CloudService, Monitor, Measurement),
    limits=("cloud_shortfall_window", "cloud_measurement_age"),
    reasons=_words("稼働率", "availability", ("合意水準", "agreed level"), ("下回りました", "under")),
)
def availability_under_the_agreed_level_is_decided_on(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Is each cloud service's availability measured, and is every value under the agreed level decided on?

    A value counts by the level of its own monitor, one that has ended meanwhile included, for as long as the window
    reaches back. Values taken in planned stops say nothing.
    """
    return _measured(facts, on, limits, "availability", pl.col("value") < pl.col("bound"))


clause("27-8", Duty.SHOULD, "単位時間当たりの処理能力に留意", "Cloud: processing capacity")


@check(
    "27-8",
    asks="利用中のクラウドサービスの最大負荷は測定されており、計画した割合を超えた測定値にはすべて判断がありますか。",
    reads=(CloudService, Monitor, Measurement),
    limits=("cloud_shortfall_window", "cloud_measurement_age"),
    reasons=_words(
        "最大負荷（処理能力比）",
        "peak load",
        ("計画した割合", "planned share of capacity"),
        ("超えました", "over"),
    ),
)
def peak_load_over_the_planned_share_is_decided_on(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Is each cloud service's peak load measured, and is every value over the planned share decided on?

    As for availability (27-7): by its own monitor's level, within the window, planned stops left out.
    """
    return _measured(facts, on, limits, "peak_load", pl.col("value") > pl.col("bound"))


def _measured(facts: Facts, on: date, limits: Limits, what: str, beyond: pl.Expr) -> pl.LazyFrame:
    """One outcome a cloud service in use: what was measured beyond its bound is decided on, and it is measured at all.

    `beyond`: whether `value` is beyond `bound`; the clause says on which side, whatever the monitor's direction. A
    value from a monitor that has ended meanwhile counts by that one's bound. Values in planned stops say nothing.
    """
    monitors = facts[Monitor].filter(pl.col("what") == what, pl.col("since_on") <= on).select(
        "cloud_service", "bound", monitor="key", runs=stands(on)
    ).drop_nulls("cloud_service")  # fmt: skip
    window = limits.window_start("cloud_shortfall_window")
    earliest = min(
        window, limits.window_start("cloud_measurement_age")
    )  # nothing older is asked: most of them
    taken = (
        facts[Measurement]
        .filter(pl.col("value").is_not_null(), ~pl.col("planned").fill_null(False))
        .with_columns(day=day_of("at"))
        .filter(pl.col("day").is_between(earliest, on))
        .join(monitors, on="monitor")
    )
    within = pl.col("day") >= window
    undecided = taken.filter(beyond, within, ~_decided(on)).sort("at", "key").group_by("cloud_service").agg(
        pl.col("day", "value").first(), _short=pl.col("monitor").first(), _bound=pl.col("bound").first(),
        count=pl.len(), measurement=pl.col("key").first(),
    )  # fmt: skip
    clouds = active(facts[CloudService], on).select("key", "in_charge")
    rows = clouds.join(_watched(monitors, taken, limits), left_on="key", right_on="cloud_service", how="left")
    told = {"who": IN_CHARGE, "cloud_service": pl.col("key")}
    return answers(
        rows.join(undecided, left_on="key", right_on="cloud_service", how="left"), CloudService,
        falls_short(
            pl.col("day").is_not_null(), "undecided", since=pl.col("day"), **told,
            **{n: pl.col(n) for n in ("day", "value", "count", "measurement")},
            monitor=pl.col("_short"), bound=pl.col("_bound"),
        ),
        no_evidence(pl.col("monitor").is_null(), "no_monitor", **told),
        no_evidence(~pl.col("has_level"), "no_level", monitor=pl.col("monitor"), **told),
        no_evidence(pl.col("unmeasured").is_not_null(), "not_measured", monitor=pl.col("unmeasured"), **told),
    )  # fmt: skip


def _decided(on: date) -> pl.Expr:
    decided = pl.col("decision").is_not_null() & (pl.col("decided_on") <= on) & ~blank("decision_reason")
    return decided.fill_null(False)


def _watched(monitors: pl.LazyFrame, taken: pl.LazyFrame, limits: Limits) -> pl.LazyFrame:
    """By cloud service, of the monitors that run: the first (monitor), has_level (one has a bound), and unmeasured.

    `unmeasured`: the first one with a bound and without a recent value.
    """
    newest = taken.group_by("monitor").agg(last=pl.col("day").max())
    fresh = limits.last_good("cloud_measurement_age", "last") >= limits.day
    has_level = pl.col("bound").is_not_null()
    return (
        monitors.filter("runs")
        .join(newest, on="monitor", how="left")
        .sort("monitor")
        .group_by("cloud_service")
        .agg(
            pl.col("monitor").first(),
            has_level=has_level.any(),
            unmeasured=pl.col("monitor").filter(has_level & ~fresh.fill_null(False)).first(),
        )
    )


clause("27-9", Duty.SHOULD, "緊急事態への対応能力に留意", "Cloud: ability to respond to emergencies")
_point("27-9", "9", "緊急事態への対応能力", "its ability to respond to emergencies")
