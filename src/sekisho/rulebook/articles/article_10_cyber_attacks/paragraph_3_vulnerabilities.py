"""Article 10, paragraph 3: vulnerabilities are looked for, and mended in time, the most important first."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.facts.vulnerabilities import DueDays, due_day, is_open
from sekisho.records.models import System, Vulnerability, VulnerabilityScan
from sekisho.rulebook.language import (
    BEGINNING,
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

DUE = {
    "critical": "vulnerability_days_critical",
    "high": "vulnerability_days_high",
    "medium": "vulnerability_days_medium",
    "low": "vulnerability_days_low",
    "exploited": "vulnerability_days_exploited",
    "likely": "vulnerability_likelihood",
    "internal_times": "vulnerability_internal_times",
    "isolated": "vulnerability_days_isolated",
}  # what the due day is made of, and the limit of each

clause("10-3", Duty.MUST, "脆弱性にOS更新・パッチ等の対策を適時に講じる", "Patch vulnerabilities in time")


@check(
    "10-3",
    asks="対象システムの脆弱性は間隔内に調べられ、未対策のものはいずれも期限内ですか。",
    reads=(System, VulnerabilityScan, Vulnerability),
    limits=("vulnerability_scan_age", *DUE.values()),
    reasons={
        "overdue": (
            "{system} の脆弱性 {vulnerability}（深刻度：{severity}）は、対策の期限（{due}）を過ぎています。"
            "修正して修正日を記録するか、例外の承認を受けてください。",
            "{vulnerability} of {system} (severity: {severity}) was to be mended by {due}. "
            "Mend it and record the day, or have an exception approved.",
        ),
        "overdue_exploited": (
            "{system} の脆弱性 {vulnerability}（深刻度：{severity}）は悪用が確認されており、"
            "対策の期限（{due}）を過ぎています。直ちに修正して修正日を記録するか、例外の承認を受けてください。",
            "{vulnerability} of {system} (severity: {severity}) is known to be exploited, and was to be mended by "
            "{due}. Mend it at once and record the day, or have an exception approved.",
        ),
        "never_scanned": (
            "{system} の構成要素に対する脆弱性スキャンの記録がありません。スキャンし、登録してください。",
            "{system} was never scanned for vulnerabilities on record. Scan it, and register the scan.",
        ),
        "not_scanned_yet": (
            "{system} は利用を開始したばかりで、脆弱性スキャンの記録がまだありません。"
            "{first_due} までにスキャンし、登録してください。",
            "{system} is newly in use and was not scanned for vulnerabilities yet. "
            "Scan it by {first_due}, and register the scan.",
        ),
        "old_scan": (
            "{system} の最後の脆弱性スキャンは {last} です。スキャンし、登録してください。",
            "{system} was last scanned for vulnerabilities on {last}. Scan it, and register the scan.",
        ),
    },
)
def vulnerabilities_are_looked_for_and_mended_in_time(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Was every system in scope scanned within the interval, and is no open vulnerability past its due day?

    One check for both: a system whose scans found nothing has no vulnerability, which is no lack of evidence. How the
    due day is found is told in records/facts/vulnerabilities.py. A vulnerability is open until its record says
    otherwise, also where its component was taken out; those of systems out of scope or of use are not asked of.
    """
    systems = systems_in_scope(facts, on)
    return pl.concat([_scanned(systems, facts, limits), _mended(systems, facts, on, limits)])


def _scanned(systems: pl.LazyFrame, facts: Facts, limits: Limits) -> pl.LazyFrame:
    """Of each system: its newest scan. One that reached no component looked at nothing."""
    scans = facts[VulnerabilityScan].filter(pl.col("components").ne_missing(0))
    return kept_up(
        systems.with_columns(first_on=pl.max_horizontal("in_use_since_on", pl.lit(BEGINNING))), System, scans,
        by="system", at="done_on", limits=limits, limit="vulnerability_scan_age", since="first_on",
        never="never_scanned", not_yet="not_scanned_yet", old="old_scan", who=keeper(),
    )  # fmt: skip


def _mended(systems: pl.LazyFrame, facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Of each open vulnerability: it is not past its due day."""
    days = DueDays(**{part: limits.value(limit) for part, limit in DUE.items()})
    rows = (
        facts[Vulnerability]
        .filter(is_open(on))
        .join(systems.select("unit", system="key"), on="system")
        .with_columns(due=due_day(days))
    )
    due = pl.col("due")
    told = {
        "since": pl.max_horizontal(day_after(due), "found_on"), "due": due, "who": keeper(),
        "vulnerability": pl.col("key"), "system": pl.col("system"), "severity": pl.col("severity"),
    }  # fmt: skip
    late = due < on
    return answers(
        rows, Vulnerability,
        falls_short(late & pl.col("exploited").fill_null(False), "overdue_exploited", **told),
        falls_short(late, "overdue", **told),
    )  # fmt: skip


clause(
    "G10-3",
    Duty.MAY,
    "重要度の高いものから速やかに適用、隔離環境は計画的でもよい",
    "Most important first; isolated environments by plan",
    read_with="10-3",
)
