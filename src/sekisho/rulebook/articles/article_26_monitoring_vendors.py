"""Article 26: vendors are watched down to the last, by the member's own staff; users' data are traced."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.facts.outsourcing import chain_links, important_vendors, working_vendors
from sekisho.records.models import (
    AssuranceReport,
    Audit,
    CloudService,
    DataHolding,
    MonitoringRound,
    OutsourcedService,
    Person,
    Subcontract,
    System,
    Vendor,
)
from sekisho.rulebook.language import (
    active,
    answers,
    blank,
    check,
    clause,
    day_after,
    falls_short,
    kept_up,
    key_in,
    no_evidence,
    role,
)
from sekisho.rulebook.limits import Limits

OWNER = role("vendor_owner")
AT_WORK = (OutsourcedService, Subcontract, CloudService, System)  # what tells who works for the member

clause(
    "26-1",
    Duty.MUST,
    "最終受託者まで定期的にモニタリングする",
    "Monitor regularly, down to the last subcontractor",
)


@check(
    "26-1",
    asks="委託の連鎖は最終受託者まで分かり、どの段の委託先も間隔内にモニタリングしていますか。",
    reads=(*AT_WORK, Vendor, MonitoringRound),
    limits=("vendor_monitoring_age", "important_vendor_monitoring_age", "chain_check_age"),
    reasons={
        "never_monitored": (
            "業務に携わる {vendor} のモニタリングが、期限を過ぎた {since} になっても一度も記録されていません。"
            "実施し、対象に委託先を指定して登録してください。",
            "{vendor}, a vendor or subcontractor at work, was never monitored on record (overdue since {since}). "
            "Monitor it and register the round, with the vendor as its subject.",
        ),
        "not_yet_monitored": (
            "業務に携わる {vendor} のモニタリングの記録がまだありません（期限 {first_due}）。"
            "実施して登録してください。",
            "{vendor} has not been monitored yet; the first round is due by {first_due}.",
        ),
        "old_monitoring": (
            "業務に携わる {vendor} のモニタリングは {last} が最後です。実施して登録してください。",
            "{vendor} was last monitored on {last}. Monitor it again.",
        ),
        "unknown_end": (
            "{outsourced_service} で {vendor} の再委託先が不明です。確認し、再委託先を登録してください。",
            "To whom {vendor} hands on the work of {outsourced_service} is unknown. Find out, and register the firm.",
        ),
        "broken_chain": (
            "{outsourced_service} の再委託（{vendor} から）の上の段が記録されていません。"
            "上の段を登録するか、この再委託を終了してください。",
            "How the work of {outsourced_service} reaches {vendor}, who hands it on, is not on record. "
            "Register the link above, or end this one.",
        ),
        "chain_not_checked": (
            "{outsourced_service} の再委託の有無を最終受託者まで確認した記録がありません。"
            "確認し、確認日を記録してください。",
            "Who works for {outsourced_service}, down to the last, was never confirmed on record. "
            "Confirm it, and record the day.",
        ),
        "old_chain_check": (
            "{outsourced_service} の再委託の有無は {last} の確認が最後です。最終受託者まで確認し直してください。",
            "Who works for {outsourced_service}, down to the last, was last confirmed on {last}. Confirm it again.",
        ),
    },
)
def every_vendor_is_monitored_down_to_the_last(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Is every chain known down to the last, and was every vendor at any step monitored within its interval?

    One check for both: a member that uses clouds alone has vendors but no chain, which is no lack of evidence.
    """
    return pl.concat([_rounds(facts, on, limits), *_chains(facts, on, limits)])


def _rounds(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Of every vendor at work: a round of monitoring in time, of important ones in a shorter time.

    The first round is due when the interval has run from the vendor's first day of work for the member; until then
    there is no evidence. Rounds of the vendor itself count, whoever made them.
    """
    working = working_vendors(facts, on).lazy().rename({"vendor": "key"})
    important = important_vendors(facts, on).lazy().select(key="vendor")
    parts = {
        "important_vendor_monitoring_age": working.join(important, on="key", how="semi"),
        "vendor_monitoring_age": working.join(important, on="key", how="anti"),
    }
    return pl.concat(
        kept_up(
            vendors, Vendor, facts[MonitoringRound], by=key_in("of", "vendor"), at="done_on", since="since_on",
            limits=limits, limit=limit, who=OWNER,
            never="never_monitored", not_yet="not_yet_monitored", old="old_monitoring",
        )
        for limit, vendors in parts.items()
    )  # fmt: skip


def _chains(facts: Facts, on: date, limits: Limits) -> list[pl.LazyFrame]:
    """Of every link: where it comes from and leads to. Of every service: its chain was confirmed in time.

    A service without a link has a chain of one, which takes a confirmation like any other. A link that hangs in the air
    hides who hands the work to it.
    """
    services = active(facts[OutsourcedService], on)
    began = services.select(service="key", began="since_on")
    ended = facts[Subcontract].filter(pl.col("until_on") < on).group_by("service", from_vendor="to_vendor")
    links = (
        chain_links(facts, on).lazy()
        .join(began, on="service", how="left")
        .join(ended.agg(cut_on=day_after(pl.col("until_on").max())), on=["service", "from_vendor"], how="left")
    )  # fmt: skip
    told = {
        "who": OWNER,
        "outsourced_service": pl.col("service"), "vendor": pl.col("from_vendor"),
    }  # fmt: skip
    begun = pl.max_horizontal("since_on", "began")
    ends = answers(
        links, Subcontract,
        falls_short(
            pl.col("step").is_null(), "broken_chain", since=pl.max_horizontal(begun, "cut_on"), **told
        ),
        falls_short(pl.col("to_vendor").is_null(), "unknown_end", since=begun, **told),
        subject=pl.col("link"),
    )  # fmt: skip
    checked = pl.col("chain_checked_on")
    lapses = day_after(limits.last_good("chain_check_age", checked))
    service = {"who": OWNER, "outsourced_service": pl.col("key")}
    confirmed = answers(
        services, OutsourcedService,
        no_evidence(checked.is_null() | (checked > on), "chain_not_checked", **service),
        falls_short(lapses <= on, "old_chain_check", since=lapses, last=checked, **service),
    )  # fmt: skip
    return [ends, confirmed]


clause(
    "26-2",
    Duty.MUST,
    "委託先任せにせず要員を配置する",
    "Own staff assigned, not left to the vendor",
)


def _of_staff(kind: str, ja: str, en: str) -> dict[str, tuple[str, str]]:
    """The reasons of a kind of service."""
    what = f"{{{kind}}}"
    return {
        f"nobody_{kind}": (
            f"{ja} {what} に自社の担当者がいません（{{since}} から）。担当者を登録してください。",
            f"The {en} {what} has no person in charge at the member (since {{since}}). Register one.",
        ),
        f"external_{kind}": (
            f"{ja} {what} の担当者 {{person}} は外部要員です。自社の役職員を担当者にしてください。",
            f"{{person}}, in charge of the {en} {what}, is external. Put somebody of the member's own staff in charge.",
        ),
        f"left_{kind}": (
            f"{ja} {what} の担当者 {{person}} は {{left}} に退職しました。後任を登録してください。",
            f"{{person}}, in charge of the {en} {what}, left on {{left}}. Register who takes over.",
        ),
        f"not_joined_{kind}": (
            f"{ja} {what} の担当者 {{person}} の入社日は {{joined}} です。それまでの担当者を登録してください。",
            f"{{person}}, in charge of the {en} {what}, joins on {{joined}}. Register who is in charge until then.",
        ),
    }


@check(
    "26-2",
    asks="委託業務とクラウドサービスすべてに、在籍する自社の役職員の担当者がいますか。",
    reads=(OutsourcedService, CloudService, Person),
    reasons=_of_staff("outsourced_service", "委託業務", "outsourced service")
    | _of_staff("cloud_service", "クラウドサービス", "cloud service"),
)
def every_service_has_somebody_of_the_own_staff_in_charge(
    facts: Facts, on: date, limits: Limits
) -> pl.LazyFrame:
    """Has every outsourced service and every cloud service in use somebody of the member's own staff in charge?

    Whoever is named must work here on the day and not come from outside.
    """
    return pl.concat([_in_charge(facts, kind, on) for kind in (OutsourcedService, CloudService)])


def _in_charge(facts: Facts, kind: type[OutsourcedService | CloudService], on: date) -> pl.LazyFrame:
    people = facts[Person].select("employment", "joined_on", "left_on", in_charge="key")
    rows = active(facts[kind], on).join(people, on="in_charge", how="left")
    name, begun = kind.about.name, pl.col("since_on")
    told = {"who": OWNER, name: pl.col("key")}
    named = {"person": pl.col("in_charge")} | told
    left, joined = pl.col("left_on"), pl.col("joined_on")
    return answers(
        rows, kind,
        falls_short(joined.is_null(), f"nobody_{name}", since=begun, **told),
        falls_short(pl.col("employment") == "external", f"external_{name}", since=begun, **named),
        falls_short(left < on, f"left_{name}", since=pl.max_horizontal(begun, day_after(left)), left=left, **named),
        falls_short(joined > on, f"not_joined_{name}", since=begun, joined=joined, **named),
    )  # fmt: skip


clause(
    "26-3",
    Duty.MUST,
    "委託先の利用者データの運用状況を監視・追跡する",
    "Watch and trace how vendors use users' data",
)


@check(
    "26-3",
    asks="委託先・クラウドにある利用者データはすべて所在が記録され、追跡の方法が間隔内に確認されていますか。",
    reads=(*AT_WORK, DataHolding),
    limits=("data_check_age",),
    reasons={
        "no_record": (
            "{vendor} は利用者データを扱う業務に携わっていますが、データの所在の記録がありません。"
            "何を・どこに・だれが・いつから保有するかを登録してください。",
            "{vendor} has a part in work with users' data, and no record of what it holds. "
            "Register what, where, who has access, and since when.",
        ),
        "no_record_of_cloud": (
            "{cloud_service} は利用者データを保有しますが、データの所在の記録がありません。"
            "何を・どこに・だれが・いつから保有するかを登録してください。",
            "{cloud_service} holds users' data, and there is no record of it. "
            "Register what, where, who has access, and since when.",
        ),
        "incomplete": (
            "{data_holding} の記録に、所在地、アクセスできる者、開始日のいずれかがありません。すべて記録してください。",
            "The record of {data_holding} lacks where the data are, who has access, or since when. Record all three.",
        ),
        "not_traced": (
            "{data_holding} の追跡の方法がありません。"
            "ログを受け取るか、困難な場合は準じた措置とその理由を記録してください。",
            "{data_holding} is not traced. Receive its logs or, where that is hard, "
            "record the equivalent measure and why.",
        ),
        "never_checked": (
            "{data_holding} の追跡が働いていることを確認した記録がありません。確認し、確認日を記録してください。",
            "That the tracing of {data_holding} works was never checked on record. Check it, and record the day.",
        ),
        "old_check": (
            "{data_holding} の追跡は {last} の確認が最後です。確認し直してください。",
            "The tracing of {data_holding} was last checked on {last}. Check it again.",
        ),
    },
)
def users_data_elsewhere_are_recorded_and_traced(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Are users' data with vendors and clouds all on record, and was their tracing checked within the interval?

    Asked of every vendor, at any step, and every cloud that holds such data, and of every record of them. A vendor's
    record is its own, or that of a cloud service of it. A subcontractor is asked where its service holds users' data:
    that it gets none of them is shown by an approved 'not applicable' for it.
    """
    holdings = _holdings(facts, on)
    return pl.concat([*_recorded(facts, holdings, on), _traced(holdings, on, limits)])


def _recorded(facts: Facts, holdings: pl.LazyFrame, on: date) -> list[pl.LazyFrame]:
    """Of everyone who holds users' data: a record of it."""
    of_cloud = facts[CloudService].select("vendor", cloud_service="key")
    through = holdings.select("cloud_service").join(of_cloud, on="cloud_service").select("vendor")
    by_vendor = pl.concat([holdings.select("vendor"), through])
    vendors = working_vendors(facts, on).lazy().filter("holds_users_data")
    clouds = (
        active(facts[CloudService], on).filter("holds_users_data").select("since_on", cloud_service="key")
    )
    return [
        _has_record(vendors, Vendor, by_vendor, "no_record"),
        _has_record(clouds, CloudService, holdings.select("cloud_service"), "no_record_of_cloud"),
    ]


def _has_record(
    rows: pl.LazyFrame, kind: type[Vendor | CloudService], held: pl.LazyFrame, reason: str
) -> pl.LazyFrame:
    """Of each row, by the column of the kind's name: its key stands in that column of `held`."""
    name = kind.about.name
    noted = held.drop_nulls().unique().with_columns(noted=pl.lit(True))
    return answers(
        rows.join(noted, on=name, how="left"), kind,
        falls_short(
            pl.col("noted").is_null(), reason, since=pl.col("since_on"), who=OWNER, **{name: pl.col(name)}
        ),
        subject=pl.col(name),
    )  # fmt: skip


def _traced(holdings: pl.LazyFrame, on: date, limits: Limits) -> pl.LazyFrame:
    """Of every record: it is whole, and its tracing was checked in time.

    Logs or, where they cannot be had, an equivalent measure with its reason (guideline to 26-3): both count, once they
    are checked.
    """
    checked = pl.when(pl.col("checked_on") <= on).then(pl.col("checked_on"))
    lapses = day_after(limits.last_good("data_check_age", checked))
    equivalent = (pl.col("traced_by") == "equivalent") & ~blank("equivalent")
    traced = (pl.col("traced_by") == "log_feed") | equivalent
    told = {"who": OWNER, "data_holding": pl.col("key")}
    begun = {"since": pl.col("since_on")} | told
    return answers(
        holdings, DataHolding,
        falls_short(~traced.fill_null(False), "not_traced", **begun),
        falls_short(
            blank("what") | pl.col("location").is_null() | blank("access") | pl.col("since_on").is_null(),
            "incomplete", **begun,
        ),
        falls_short(checked.is_null(), "never_checked", **begun),
        falls_short(lapses <= on, "old_check", since=lapses, last=checked, **told),
    )  # fmt: skip


def _holdings(facts: Facts, on: date) -> pl.LazyFrame:
    """What is held on the day; one whose first day is not recorded is held, and is told of as incomplete."""
    begun = pl.col("since_on").is_null() | (pl.col("since_on") <= on)
    return facts[DataHolding].filter(begun, pl.col("until_on").is_null() | (pl.col("until_on") >= on))


clause(
    "26-4",
    Duty.SHOULD,
    "重要な委託先を監査し、又は内部統制報告書を入手する",
    "Audit important vendors or obtain control reports",
)
COUNTING = ("iso27001", "iso27017", "soc2", "soc3")


@check(
    "26-4",
    asks="重要な委託先すべてに、期間内の監査か、有効な認証・保証報告書がありますか。",
    reads=(*AT_WORK, Vendor, Audit, AssuranceReport),
    limits=("vendor_assurance_age",),
    reasons={
        "never": (
            "重要な委託先 {vendor} の監査も、認証・保証報告書もありません。"
            "監査するか、ISO/IEC 27001、27017、SOC 2、SOC 3 のいずれかを入手して登録してください。",
            "There is neither an audit of {vendor}, an important vendor, nor a report of it. Audit it, or obtain and "
            "register a report (ISO/IEC 27001, 27017, SOC 2 or SOC 3).",
        ),
        "report_ran_out": (
            "重要な委託先 {vendor} の認証・保証報告書 {assurance_report} の有効期間が {ended} に終わりました。"
            "新しい報告書を入手するか、監査してください。",
            "The report {assurance_report} of {vendor}, an important vendor, ran out on {ended}. "
            "Obtain the next one, or audit the vendor.",
        ),
        "audit_old": (
            "重要な委託先 {vendor} の監査は {ended} に終えた {audit} が最後です。"
            "監査するか、有効な認証・保証報告書を入手してください。",
            "The last audit of {vendor}, an important vendor, was {audit}, finished on {ended}. "
            "Audit it again, or obtain a valid report.",
        ),
    },
)
def every_important_vendor_is_audited_or_reported_on(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Has every important vendor an audit within the interval, or a certificate or report that is valid today?

    An audit counts from the day on which it was finished; a report on the days of its validity. Of both the one that
    lasts longest decides, and is named where it has run out. Clouds count as vendors; of a chain, all steps (guideline
    to 26-4).
    """
    audits = _audits(facts, on).with_columns(
        audited_to=limits.last_good("vendor_assurance_age", "audited_on")
    )
    known = facts[Vendor].select(vendor="key", known_on="since_on")
    rows = (
        important_vendors(facts, on).lazy()
        .join(working_vendors(facts, on).lazy(), on="vendor", how="left")
        .join(known, on="vendor", how="left")
        .join(audits, on="vendor", how="left")
        .join(_reports(facts, on), on="vendor", how="left")
        .with_columns(good_to=pl.max_horizontal("audited_to", "valid_to"))
    )  # fmt: skip
    lapsed = pl.col("good_to") < on
    reported = pl.col("good_to") == pl.col("valid_to")
    told = {"who": OWNER, "vendor": pl.col("vendor")}
    ran_out = {"since": day_after("good_to")} | told
    return answers(
        rows, Vendor,
        falls_short(pl.col("good_to").is_null(), "never", since=pl.coalesce("since_on", "known_on"), **told),
        falls_short(
            lapsed & reported, "report_ran_out",
            assurance_report=pl.col("assurance_report"), ended=pl.col("valid_to"), **ran_out,
        ),
        falls_short(lapsed, "audit_old", audit=pl.col("audit"), ended=pl.col("audited_on"), **ran_out),
        subject=pl.col("vendor"),
    )  # fmt: skip


def _audits(facts: Facts, on: date) -> pl.LazyFrame:
    """Of each vendor the audit that was finished last by the day. Columns: vendor, audit, audited_on."""
    return (
        facts[Audit]
        .filter(pl.col("until_on") <= on)
        .select(vendor="vendors", audit="key", audited_on="until_on")
        .explode("vendor")
        .sort("audited_on", "audit")
        .group_by("vendor")
        .agg(pl.all().last())
    )


def _reports(facts: Facts, on: date) -> pl.LazyFrame:
    """Of each vendor the report begun by the day that is valid longest: vendor, assurance_report, valid_to."""
    return (
        facts[AssuranceReport]
        .filter(pl.col("kind").is_in(COUNTING), pl.col("from_on") <= on)
        .select("vendor", assurance_report="key", valid_to="until_on")
        .sort("valid_to", "assurance_report")
        .group_by("vendor")
        .agg(pl.all().last())
    )


clause(
    "G26-3",
    Duty.MAY,
    "困難な場合も準じた措置をとる",
    "Equivalent measures where tracing is hard",
    read_with="26-3",
)
clause(
    "G26-4",
    Duty.MAY,
    "最終次まで遡る。監査権の明記、第三者認証による代替",
    "Down to the last tier; audit rights; certificates as substitutes",
    read_with="26-4",
)
