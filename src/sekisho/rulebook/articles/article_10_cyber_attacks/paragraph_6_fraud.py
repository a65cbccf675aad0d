"""Article 10, paragraph 6: measures against fraud in what users do online.

The three items are examples: where a member does otherwise, an approved departure of the item (kind `otherwise`) tells
what and why, and only then does the paragraph hold.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.models import Alert, Channel, FraudMeasure, System, UserNotice, WatchSource
from sekisho.rulebook.language import (
    BEGINNING,
    MEMBER,
    active,
    answers,
    blank,
    check,
    clause,
    day_after,
    day_of,
    falls_short,
    keeper,
    kept_up,
    minute_of,
    no_evidence,
    role,
    summed_up,
)
from sekisho.rulebook.limits import Limits

CSIRT = role("csirt_lead")
ASIDE = ("last_login", "anomaly", "limits", "dormant_ids")  # measures that the guideline names
NOT_BY_ADDRESS = "phone"  # the kind of channel that no address reaches

clause(
    "10-6",
    Duty.MUST,
    "非対面取引について、業務に応じた不正防止策を講じる",
    "Measures against fraud in online transactions that fit the business",
    items=("10-6-1", "10-6-2", "10-6-3"),
)


@check(
    "10-6",
    asks="チャネルにはいずれも、実施中の不正防止策がありますか。",
    reads=(Channel, FraudMeasure, System),
    reasons={
        "no_measure": (
            "チャネル {channel} に実施中の不正防止策がありません。業務に応じた対策を講じ、登録してください。",
            "{channel} has no measure against fraud at work. "
            "Put one in place that fits the business, and register it.",
        ),
    },
)
def every_channel_has_a_measure_against_fraud(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Has every channel at least one measure against fraud at work?"""
    used = _measures(facts, on).filter(pl.col("used"))
    rows = _channels(facts, on).join(_standing(used, "channel"), on="channel", how="left")
    return answers(
        rows, Channel,
        falls_short(pl.col("stands").ne_missing(True), "no_measure", since=_none_since(), **_told()),
        subject=pl.col("channel"),
    )  # fmt: skip


# --- addresses --------------------------------------------------------------------------------------------------------

clause("10-6-1", Duty.MAY, "不正なIPアドレスからの通信遮断", "Block traffic from illicit addresses")


@check(
    "10-6-1",
    asks="チャネルでは不正なIPアドレスの遮断が適用され、遮断リストは期限内に更新されていますか。",
    reads=(Channel, FraudMeasure, System),
    limits=("block_list_age",),
    reasons={
        "no_block": (
            "チャネル {channel} に不正なIPアドレスを遮断する対策がありません。"
            "講じて登録するか、代替措置の承認を受けてください。",
            "{channel} has no measure that blocks illicit addresses. Put one in place and register it, "
            "or have what is done otherwise approved.",
        ),
        "not_enforced": (
            "チャネル {channel} の {fraud_measure} は、遮断が適用されていません。適用し、記録してください。",
            "{fraud_measure} of {channel} does not enforce its block list. Enforce it, and record that.",
        ),
        "never_updated": (
            "チャネル {channel} の {fraud_measure} に、遮断リストを更新した記録がありません。更新し、日時を記録してください。",
            "The block list of {fraud_measure}, for {channel}, was never updated on record. Update it, and record when.",
        ),
        "old_list": (
            "チャネル {channel} の {fraud_measure} の遮断リストは {updated} の更新が最後です。更新してください。",
            "The block list of {fraud_measure}, for {channel}, was last updated at {updated}. Update it.",
        ),
        "updated_later": (
            "チャネル {channel} の {fraud_measure} の遮断リストの最終更新は {updated} で、"
            "この日の更新状況は記録から分かりません。",
            "The block list of {fraud_measure}, for {channel}, was last updated at {updated}, after the day that is "
            "judged: of that day nothing is on record.",
        ),
    },
)
def illicit_addresses_are_blocked(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Is traffic from illicit addresses blocked on every channel, by a list that is enforced and not too old?

    Of several such measures the one that lacks the least is told of. A telephone has no addresses: it is not asked of.
    """
    channels = _channels(facts, on).filter(pl.col("kind") != NOT_BY_ADDRESS)
    rows = channels.join(_blocks(facts, on, limits), on="channel", how="left")
    begun = pl.max_horizontal("channel_since", "begun_on", pl.lit(BEGINNING))
    told = _told()
    named = told | {"fraud_measure": pl.col("fraud_measure")}
    lacks, updated = pl.col("lacks"), minute_of("updated")
    return answers(
        rows, Channel,
        falls_short(lacks.is_null(), "no_block", since=_none_since(), **told),
        falls_short(lacks == _NOT_ENFORCED, "not_enforced", since=begun, **named),
        falls_short(lacks == _NEVER_UPDATED, "never_updated", since=begun, **named),
        falls_short(lacks == _OLD, "old_list", since=pl.col("lapses"), updated=updated, **named),
        no_evidence(lacks == _UPDATED_LATER, "updated_later", updated=updated, **named),
        subject=pl.col("channel"),
    )  # fmt: skip


_FINE, _UPDATED_LATER, _OLD, _NEVER_UPDATED, _NOT_ENFORCED = range(5)  # what a block lacks, the least first


def _blocks(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Of each channel that ever blocked: channel, ended, and of its best block that stands what it lacks, as a rank."""
    lapses = day_after(limits.last_good("block_list_age", day_of("updated")))
    lacks = (
        pl.when(~pl.col("stands")).then(None)
        .when(pl.col("enforced").ne_missing(True)).then(_NOT_ENFORCED)
        .when(pl.col("updated").is_null()).then(_NEVER_UPDATED)
        .when(day_of("updated") > on).then(_UPDATED_LATER)
        .when(pl.col("lapses") <= on).then(_OLD)
        .otherwise(_FINE)
    )  # fmt: skip
    return (
        _measures(facts, on)
        .filter(pl.col("used"), pl.col("measure") == "block_addresses")
        .rename({"list_updated_at": "updated"})
        .with_columns(lapses=lapses)
        .with_columns(lacks=lacks)
        .sort("lacks", "updated", "key", descending=[False, True, False], nulls_last=True)
        .group_by("channel", maintain_order=True)
        .agg(
            pl.col("lacks", "lapses", "updated").first(),
            fraud_measure=pl.col("key").first(),
            begun_on=pl.col("since_on").first(),
            ended=pl.col("until_on").max(),
        )
    )


# --- users' own devices -----------------------------------------------------------------------------------------------

clause(
    "10-6-2",
    Duty.MAY,
    "利用者に対策ソフトの導入・最新化を促す",
    "Urge users to use and update security software",
)


@check(
    "10-6-2",
    asks="対策ソフトの導入・最新化を、間隔内に利用者へ促しましたか。",
    reads=(Channel, UserNotice),
    limits=("security_software_notice_age",),
    reasons={
        "no_notice": (
            "対策ソフトの導入・最新化を利用者に促した記録がありません。案内を送り、登録してください。",
            "Users were never urged, on record, to use and update security software. "
            "Send a notice, and register it.",
        ),
        "old_notice": (
            "対策ソフトの導入・最新化を利用者に最後に促したのは {last} です。案内を送り、登録してください。",
            "Users were last urged to use and update security software on {last}. Send a notice, and register it.",
        ),
    },
)
def users_are_urged_to_keep_security_software(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Were users urged within the interval to use security software and keep it up to date?"""
    first = summed_up(
        active(facts[Channel], on), first_on=pl.max_horizontal(pl.col("since_on").min(), pl.lit(BEGINNING))
    )
    return kept_up(
        first, MEMBER, facts[UserNotice].filter(pl.col("topic") == "security_software"), at="sent_on",
        limits=limits, limit="security_software_notice_age", never="no_notice", old="old_notice",
        since="first_on", who=CSIRT,
    )  # fmt: skip


# --- detection --------------------------------------------------------------------------------------------------------

clause(
    "10-6-3",
    Duty.MAY,
    "不正ログインや異常取引を検知し速やかに利用者へ連絡する",
    "Detect illicit logins and abnormal transactions and tell the user quickly",
)


@check(
    "10-6-3",
    asks="チャネルの不正ログイン・異常取引は検知され、利用者へ期限内に連絡されましたか。",
    reads=(Channel, FraudMeasure, System, WatchSource, Alert),
    limits=("user_told_time", "user_told_window"),
    reasons={
        "no_detector": (
            "チャネル {channel} に不正ログイン・異常取引を検知する対策がありません。"
            "講じて登録するか、代替措置の承認を受けてください。",
            "{channel} has no measure that detects illicit logins and transactions. Put one in place and register it, "
            "or have what is done otherwise approved.",
        ),
        "no_system": (
            "チャネル {channel} のシステムが記録されておらず、監視につながるか分かりません。登録してください。",
            "The record of {channel} names no system: nothing tells that it is watched. Name it.",
        ),
        "no_source": (
            "チャネル {channel} の {system} に有効な監視対象ログがありません。監視につなぎ、登録してください。",
            "{system}, on which {channel} runs, feeds no watch source. Connect it to the watch, and register that.",
        ),
        "not_told": (
            "{alert} は、期限（{due_at}）を過ぎても利用者へ連絡した記録がありません。連絡し、日時を記録してください。",
            "The user was not told of {alert}, on record; it was due at {due_at}. Tell the user, and record when.",
        ),
        "told_late": (
            "{alert} は {user_told} に利用者へ連絡され、期限（{due_at}）に遅れました。"
            "遅れた原因を確認し、連絡の手順を見直してください。",
            "The user was told of {alert} at {user_told}, late: it was due at {due_at}. "
            "See why, and mend the way in which users are told.",
        ),
    },
)
def fraud_is_detected_and_users_are_told_in_time(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Does every channel feed a detector of fraud, and was the user told in time of what was detected?

    One check for both: where nothing was detected no user had to be told, which is no lack of evidence.
    """
    return pl.concat([_detected(facts, on), _users_told(facts, on, limits)])


def _detected(facts: Facts, on: date) -> pl.LazyFrame:
    """Of each channel: it has a detector at work, and its system feeds an active watch source."""
    detectors = _measures(facts, on).filter(pl.col("used"), pl.col("measure") == "detection")
    fed = active(facts[WatchSource], on).select("system", fed=pl.lit(True)).unique()
    over = facts[WatchSource].filter(pl.col("until_on") < on).group_by("system")
    rows = (
        _channels(facts, on)
        .join(_standing(detectors, "channel"), on="channel", how="left")
        .join(fed, on="system", how="left")
        .join(over.agg(unfed_on=day_after(pl.col("until_on").max())), on="system", how="left")
    )
    begun = pl.max_horizontal("channel_since", pl.lit(BEGINNING))
    told = _told()
    return answers(
        rows, Channel,
        falls_short(pl.col("stands").ne_missing(True), "no_detector", since=_none_since(), **told),
        falls_short(pl.col("system").is_null(), "no_system", since=begun, **told),
        falls_short(
            pl.col("fed").is_null(), "no_source",
            since=pl.max_horizontal(begun, "unfed_on"), system=pl.col("system"), **told,
        ),
        subject=pl.col("channel"),
    )  # fmt: skip


def _users_told(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Of each alert that concerns a user: the user was told in time. Of a false alarm nobody need be told.

    One told late counts for a while (limit), for it shows how users are told; one not told counts until it is. An alert
    of several users tells of the one who waited the longest, or still waits.
    """
    dismissed = (pl.col("decision") == "false_alarm") & (day_of("decided_at") <= on)
    alerts = facts[Alert].filter(
        pl.col("concerns_user").fill_null(False), day_of("at") <= on, ~dismissed.fill_null(False)
    ).with_columns(detected_at=pl.coalesce("user_since_at", "at")).with_columns(
        due_at=limits.latest("user_told_time", "detected_at"),
        user_told=pl.when(day_of("user_told_at") <= on).then(pl.col("user_told_at")),
    )  # fmt: skip
    due = day_of("due_at")
    recent = limits.last_good("user_told_window", day_of("user_told")) >= on
    told = {"since": due, "due": due, "who": CSIRT, "alert": pl.col("key"), "due_at": minute_of("due_at")}
    return answers(
        alerts, Alert,
        falls_short(pl.col("user_told").is_null() & (due <= on), "not_told", **told),
        falls_short(
            (pl.col("user_told") > pl.col("due_at")) & recent, "told_late",
            user_told=minute_of("user_told"), **told,
        ),
    )  # fmt: skip


_SILENCE = {
    "silent": (
        "チャネル {channel} のイベントは {last} を最後に検知サービスへ届いていません（{fraud_measure}）。"
        "送信元と経路を確認してください。",
        "The watch, which carries {fraud_measure}, last had an event of {channel} at {last}. "
        "See to its sender and its way.",
    ),
    "heard_later": (
        "チャネル {channel} の最終イベントは {last} で、この日に届いていたかは記録から分かりません。",
        "{channel} was last heard at {last}, after the day that is judged: of that day nothing is on record.",
    ),
}


@check(
    "10-6-3",
    asks="検知サービスが検知するチャネルのイベントは、途切れず届いていますか。",
    reads=(Channel, FraudMeasure, System),
    limits=("watched_channel_silence",),
    continual=True,
    reasons=_SILENCE,
)
def channels_whose_fraud_the_watch_detects_are_heard(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Is every channel heard whose fraud the watch detects?"""
    return _heard(facts, on, limits, ("detection",))


def _heard(facts: Facts, on: date, limits: Limits, sorts: tuple[str, ...]) -> pl.LazyFrame:
    """Of each channel: those of these measures that the watch carries have had an event of it within the limit."""
    heard_on = pl.coalesce(day_of("heard_at"), "since_on")
    carried = (
        _measures(facts, on)
        .filter("used", "stands", pl.col("by_watch").fill_null(False), pl.col("measure").is_in(sorts))
        .with_columns(
            heard_on=heard_on, silent_on=day_after(limits.last_good("watched_channel_silence", heard_on))
        )
        .sort("silent_on", "key")
        .group_by("channel", maintain_order=True)
        .agg(pl.col("heard_on", "heard_at", "silent_on").first(), fraud_measure=pl.col("key").first())
    )
    last = {"last": pl.coalesce(minute_of("heard_at"), pl.col("heard_on").cast(pl.String))}
    return answers(
        _channels(facts, on).join(carried, on="channel", how="left"), Channel,
        no_evidence(pl.col("heard_on") > on, "heard_later", **last, **_told()),
        falls_short(
            pl.col("silent_on") <= on, "silent", since=pl.col("silent_on"),
            fraud_measure=pl.col("fraud_measure"), **last, **_told(),
        ),
        subject=pl.col("channel"),
    )  # fmt: skip


# --- what the guideline names -----------------------------------------------------------------------------------------

clause(
    "G10-6",
    Duty.MAY,
    "前回ログイン表示、アクセス異常値、取引制限・アドレス事前登録、休眠ID停止",
    "Last login shown, access anomalies, limits and registered addresses, dormant IDs stopped",
)


@check(
    "G10-6",
    asks="チャネルには、ガイドラインの挙げる不正防止策か、用いない理由の記録がありますか。",
    reads=(Channel, FraudMeasure, System),
    reasons={
        "no_last_login": (
            "チャネル {channel} に、前回ログインの表示も、表示しない理由の記録もありません。登録してください。",
            "{channel} neither shows the last login nor has a reason on record why not. Register one of them.",
        ),
        "no_anomaly": (
            "チャネル {channel} に、アクセスの異常値の検知も、用いない理由の記録もありません。登録してください。",
            "{channel} neither detects access anomalies nor has a reason on record why not. Register one of them.",
        ),
        "no_limits": (
            "チャネル {channel} に、取引限度額・出金先の事前登録も、用いない理由の記録もありません。登録してください。",
            "{channel} has neither limits and registered addresses nor a reason on record why not. "
            "Register one of them.",
        ),
        "no_dormant_ids": (
            "チャネル {channel} に、休眠IDの停止も、用いない理由の記録もありません。登録してください。",
            "{channel} neither stops dormant IDs nor has a reason on record why not. Register one of them.",
        ),
    },
)
def the_measures_that_the_guideline_names_are_used_or_reasoned(
    facts: Facts, on: date, limits: Limits
) -> pl.LazyFrame:
    """Has every channel each measure that the guideline names, or a reason on record why not?

    One outcome for each channel and measure.
    """
    answered = _measures(facts, on).filter(pl.col("used") | ~blank("reason"))
    asked = _channels(facts, on).join(pl.LazyFrame({"measure": list(ASIDE)}), how="cross")
    by = ["channel", "measure"]
    rows = asked.join(_standing(answered, *by), on=by, how="left")
    none = pl.col("stands").ne_missing(True)
    since, told = _none_since(), _told()
    return answers(
        rows, Channel,
        *(falls_short(none & (pl.col("measure") == name), f"no_{name}", since=since, **told) for name in ASIDE),
        subject=pl.col("channel"),
    )  # fmt: skip


@check(
    "G10-6",
    asks="ガイドラインの挙げる対策のうち検知サービスが担うものについて、チャネルのイベントは途切れず届いていますか。",
    reads=(Channel, FraudMeasure, System),
    limits=("watched_channel_silence",),
    continual=True,
    reasons=_SILENCE,
)
def channels_whose_measures_the_watch_carries_are_heard(
    facts: Facts, on: date, limits: Limits
) -> pl.LazyFrame:
    """Is every channel heard of which the watch carries a measure that the guideline names?"""
    return _heard(facts, on, limits, ASIDE)


# --- channels and their measures --------------------------------------------------------------------------------------


def _channels(facts: Facts, on: date) -> pl.LazyFrame:
    """The channels of the day: channel (key), kind, system, channel_since, unit (that keeps the system)."""
    units = facts[System].select("unit", system="key")
    mine = active(facts[Channel], on).select("kind", "system", channel="key", channel_since="since_on")
    return mine.join(units, on="system", how="left")


def _measures(facts: Facts, on: date) -> pl.LazyFrame:
    """The measures that have begun, ended ones too, with `stands`; one without a first day has always stood."""
    begun = pl.col("since_on").is_null() | (pl.col("since_on") <= on)
    stands = pl.col("until_on").is_null() | (pl.col("until_on") >= on)
    return facts[FraudMeasure].filter(begun).with_columns(stands=stands, used=pl.col("used").fill_null(False))


def _standing(measures: pl.LazyFrame, *by: str) -> pl.LazyFrame:
    """Of each group: whether any measure stands, and the last day of the last one that ended."""
    return measures.group_by(*by).agg(pl.col("stands").any(), ended=pl.col("until_on").max())


def _none_since() -> pl.Expr:
    """Since when a channel has none: the day after its last one ended, else the channel's first day."""
    return pl.max_horizontal("channel_since", day_after("ended"), pl.lit(BEGINNING))


def _told() -> dict[str, pl.Expr]:
    return {"who": keeper(), "channel": pl.col("channel")}
