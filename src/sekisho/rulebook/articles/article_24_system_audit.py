"""Article 24: audits by independent and competent people, of everything, reported, and followed until all is done."""

from __future__ import annotations

from datetime import date

import polars as pl

from sekisho.findings.verdicts import Duty
from sekisho.records.facts import Facts
from sekisho.records.facts.audit import READS, coverage
from sekisho.records.facts.auditors import (
    audited_units,
    auditors_of,
    named,
    placed,
    reporting_inside,
    working_inside,
)
from sekisho.records.models import (
    Appointment,
    Audit,
    AuditFinding,
    Meeting,
    MemberProfile,
    Person,
    System,
    Unit,
)
from sekisho.rulebook.language import (
    BEGINNING,
    CLAUSE,
    MEMBER,
    answers,
    audited_citations,
    blank,
    by_holder,
    check,
    clause,
    day_after,
    falls_short,
    first_day,
    holders,
    kept_up,
    no_evidence,
    overdue,
    person,
    role,
)
from sekisho.rulebook.limits import Limits

AUDITOR = role("internal_auditor")
OPERATIVE = (
    "chief_system_officer", "system_manager", "risk_manager", "csirt_lead", "csirt_member",
    "developer", "operator", "project_lead", "vendor_owner",
)  # fmt: skip

clause(
    "24-1",
    Duty.MUST,
    "独立した部門又は外部により、精通した要員が定期的に監査する",
    "Regular system audits by an independent function or outside firm, with competent people",
)


@check(
    "24-1",
    asks="一年以内に終えたシステム監査がありますか。",
    reads=(Audit, MemberProfile, Unit, System),
    limits=("audit_age",),
    reasons={
        "no_audit": (
            "終えたシステム監査の記録が一つもありません。監査を計画して実施し、登録してください。",
            "No finished system audit is on record. Plan one, carry it out and register it.",
        ),
        "old_audit": (
            "最後のシステム監査は {last} に終わっています。次の監査を実施してください。",
            "The last system audit was finished on {last}. Carry out the next one.",
        ),
    },
)
def system_audits_are_regular(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Was a system audit finished within the last year?

    Whoever made it and whatever it covered: independence and coverage are asked beside. A member without any has lacked
    one since it began business, and not before the rule came into force.
    """
    return kept_up(
        first_day(facts[MemberProfile], on), MEMBER, facts[Audit], at="until_on", limits=limits, limit="audit_age",
        never="no_audit", old="old_audit", since="first_on", who=AUDITOR,
    )  # fmt: skip


@check(
    "24-1",
    asks="実施中の監査と監査周期内に終えた監査の監査人は、いずれも監査の対象から独立し、専門性の記録がありますか。",
    reads=(Audit, Appointment, Person, Unit, System),
    limits=("audit_cycle", "auditor_cooling_off"),
    reasons={
        "no_auditors": (
            "{audit} の監査人が記録されていません。監査人を登録してください。",
            "{audit} has no auditors on record. Register them.",
        ),
        "no_firm": (
            "{audit} を実施した監査法人等が記録されていません。名称を登録してください。",
            "The firm that made {audit} is not on record. Register its name.",
        ),
        "no_competence_of_firm": (
            "{audit} を実施した監査法人等の専門性が記録されていません。知識・資格・経験を登録してください。",
            "The competence of the firm that made {audit} is not on record. Register its knowledge and experience.",
        ),
        "works_in_audited": (
            "{audit} の監査人 {person} は、監査の対象である {unit} に所属しています。"
            "該当する部分を、独立した人か外部の会社が監査してください。",
            "{person}, an auditor of {audit}, works in {unit}, which it covers. "
            "Have that part audited by somebody independent, or by an outside firm.",
        ),
        "reports_to_audited": (
            "{audit} の監査人 {person} の部署は、監査の対象である {unit} の下にあります。"
            "監査部門の報告先を経営に改めるか、外部の会社に監査を依頼してください。",
            "{person}, an auditor of {audit}, reports to {unit}, which it covers. "
            "Let the audit function report to management, or have an outside firm audit that part.",
        ),
        "held_office": (
            "{audit} の監査人 {person} は、監査の対象の{role}に {from} から就いており、"
            "退任から監査の開始までに必要な期間が空いていません。該当する部分を、独立した人か外部の会社が監査してください。",
            "{person}, an auditor of {audit}, was {role} of what it covers, from {from} on, and still is or was until "
            "too shortly before it. Have that part audited by somebody independent, or by an outside firm.",
        ),
        "no_competence": (
            "{audit} の監査人 {person} の専門性が記録されていません。"
            "任命の根拠か、監査の「監査人の専門性」に知識・資格・経験を登録してください。",
            "The competence of {person}, an auditor of {audit}, is not on record. "
            "Register it with the appointment's grounds or with the audit.",
        ),
        "unknown_place": (
            "{audit} の監査人 {person} の所属が記録されておらず、独立性を判定できません。所属を登録してください。",
            "The unit of {person}, an auditor of {audit}, is not on record, so nothing can be said of independence. "
            "Register it.",
        ),
    },
)
def auditors_are_independent_and_competent(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Is every auditor of the running audits, and of those of the cycle, independent of what is audited and competent?

    Audited units are those that the audit names, those that own a system that it names, and all below them; an audit
    function is audited where it is named itself, not because management above it is. Not independent is:
    who works in an audited unit; who holds an operative office for an audited unit or system, or held one on any day of
    the audit or of the time before it (limit); who holds one for the whole member, where the audit covers clauses (of a
    vendor owner also: vendors); an audit function below an audited unit that is not management. The unit of a person,
    and the order of units, are those that are known: people's moves are not kept by day.

    Competence is the grounds of an auditor's appointment that stands on the audit's first day, or what the audit says
    of it; of an outside firm the audit says it. What was done so stays done: a new audit takes its place, or an
    exception covers it, or the cycle ends.
    """
    audits = _audits(facts, on, limits)
    audited = audited_units(facts, audits)
    rows = audits.explode("auditors").rename({"auditors": "person"})
    for found in (
        placed(facts, audits).with_columns(placed=pl.lit(True)),
        working_inside(facts, audits, audited),
        reporting_inside(facts, audits, audited),
        _in_office(facts, audits, audited, limits),
        _competent(facts, audits).with_columns(competent=pl.lit(True)),
    ):
        rows = rows.join(found, on=["audit", "person"], how="left")
    rows = rows.sort("audit", "person")
    external = pl.col("conducted_by") == "external"
    somebody = pl.col("person").is_not_null()
    told = {"since": pl.col("first_on"), "who": AUDITOR, "audit": pl.col("audit")}
    of = {"person": pl.col("person")}
    silent = blank("competence")
    return answers(
        rows, Audit,
        falls_short(~external & ~somebody, "no_auditors", **told),
        falls_short(external & blank("firm"), "no_firm", **told),
        falls_short(external & silent, "no_competence_of_firm", **told),
        falls_short(pl.col("works_in").is_not_null(), "works_in_audited", **told, **of, unit=pl.col("works_in")),
        falls_short(
            pl.col("held").is_not_null(), "held_office", **told, **of,
            role=pl.col("held"), **{"from": pl.col("held_from")},
        ),
        falls_short(pl.col("below").is_not_null(), "reports_to_audited", **told, **of, unit=pl.col("below")),
        falls_short(somebody & silent & pl.col("competent").is_null(), "no_competence", **told, **of),
        no_evidence(
            somebody & pl.col("placed").is_null(), "unknown_place", who=AUDITOR, audit=pl.col("audit"), **of
        ),
        subject=pl.col("audit"),
    ).unique(maintain_order=True)  # fmt: skip


def _audits(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """The audits that run, or were finished in the cycle. first_on and last_on: their days that have been."""
    last_good = limits.last_good("audit_cycle", "until_on")
    return (
        facts[Audit]
        .rename({"key": "audit"})
        .with_columns(
            first_on=pl.coalesce("from_on", "until_on"), last_on=pl.min_horizontal("until_on", pl.lit(on))
        )
        .filter(pl.col("first_on") <= on, pl.col("until_on").is_null() | (last_good >= on))
    )


def _in_office(facts: Facts, audits: pl.LazyFrame, audited: pl.LazyFrame, limits: Limits) -> pl.LazyFrame:
    """Who holds, or held too shortly before, an operative office in what is audited: held (the role), held_from."""
    free_on = limits.last_good("auditor_cooling_off", "until_on")
    held = (
        auditors_of(audits, "first_on", "last_on")
        .join(
            holders(facts, *OPERATIVE).select("person", "role", "unit", "system", "since_on", "until_on"),
            on="person",
        )
        .filter(
            pl.col("since_on") <= pl.col("last_on"),
            pl.col("until_on").is_null() | (free_on >= pl.col("first_on")),
        )
    )
    general = held.filter(pl.col("unit").is_null() & pl.col("system").is_null())
    of_vendors = general.filter(pl.col("role") == "vendor_owner")
    touching = (
        held.join(audited, on=["audit", "unit"], how="semi"),
        held.join(named(audits, "systems", "system"), on=["audit", "system"], how="semi"),
        general.join(named(audits, "clauses", "clause"), on="audit", how="semi"),
        of_vendors.join(named(audits, "vendors", "vendor"), on="audit", how="semi"),
    )
    found = pl.concat(touching).sort("since_on", "role").group_by("audit", "person", maintain_order=True)
    return found.agg(held=pl.col("role").first(), held_from=pl.col("since_on").first())


def _competent(facts: Facts, audits: pl.LazyFrame) -> pl.LazyFrame:
    """audit, person: whose appointment as auditor, standing on the audit's first day, records its grounds."""
    appointed = holders(facts, "internal_auditor").filter(~blank("grounds"))
    able = auditors_of(audits, "first_on").join(appointed, on="person")
    begun = pl.col("since_on") <= pl.col("first_on")
    lasting = pl.col("until_on").is_null() | (pl.col("until_on") >= pl.col("first_on"))
    return able.filter(begun & lasting).select("audit", "person").unique()


clause(
    "24-2", Duty.MUST, "監査対象はシステムリスク業務全体とする", "The audit covers all work on system risk"
)
UNIVERSE = (CLAUSE, "unit", "system", "vendor")


def _reasons_of(kind: str) -> dict[str, tuple[str, str]]:
    """The reasons that name a subject of one kind."""
    return {
        f"never_covered_{kind}": (
            f"{{{kind}}} は監査周期の間に一度も監査されていません（{{first_due}} が期限でした）。"
            "監査計画に加え、監査してください。",
            f"No audit has covered {{{kind}}} in the audit cycle (it was due by {{first_due}}). "
            "Put it into the plan and audit it.",
        ),
        f"not_yet_covered_{kind}": (
            f"{{{kind}}} はまだ監査されていません（{{first_due}} が期限です）。監査計画に加えてください。",
            f"No audit has covered {{{kind}}} yet; the first is due by {{first_due}}. Put it into the plan.",
        ),
        f"lapsed_{kind}": (
            f"{{{kind}}} を対象とした最後の監査 {{audit}} は {{last}} に終わり、監査周期を過ぎています。"
            "再び監査してください。",
            f"{{audit}}, the last that covered {{{kind}}}, was finished on {{last}}, longer ago than the audit cycle. "
            "Audit it again.",
        ),
    }


@check(
    "24-2",
    asks="規則の各条項、存続する部署、対象範囲のシステム、重要な委託先は、いずれも監査周期の間に監査されましたか。",
    reads=(*READS, MemberProfile),
    limits=("audit_cycle",),
    reasons={code: words for kind in UNIVERSE for code, words in _reasons_of(kind).items()},
)
def audits_cover_everything_in_each_cycle(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Was every clause, active unit, in-scope system and important vendor covered by an audit finished in the cycle?

    A new unit, system or vendor has the length of the cycle from its own first day for its first audit, and so has a
    clause from the day on which the member began business; none before the rule came into force. Until then there is
    no evidence. An audit that is planned or runs covers nothing yet. Clauses are those that are judged by themselves:
    no definition, none that is read with another, none that is nothing but its items. How an audit's scope is read:
    see `coverage`.
    """
    rows = (
        coverage(facts, on, audited_citations()).lazy().join(first_day(facts[MemberProfile], on), how="cross")
    )
    since = pl.max_horizontal(pl.coalesce("since_on", "first_on"), pl.lit(BEGINNING))
    rows = rows.with_columns(
        first_due=limits.last_good("audit_cycle", since),
        last_good=limits.last_good("audit_cycle", "covered_on"),
    )
    never = pl.col("covered_on").is_null()
    lapses, missed = day_after("last_good"), day_after("first_due")
    parts = []
    for kind in UNIVERSE:
        told = {"who": AUDITOR, kind: pl.col("subject")}
        first = told | {"first_due": pl.col("first_due")}
        parts.append(
            answers(
                rows.filter(pl.col("kind") == kind), kind,
                falls_short(never & (missed <= on), f"never_covered_{kind}", since=missed, **first),
                no_evidence(never, f"not_yet_covered_{kind}", **first),
                falls_short(
                    lapses <= on, f"lapsed_{kind}", since=lapses, **told,
                    audit=pl.col("audit"), last=pl.col("covered_on"),
                ),
                subject=pl.col("subject"),
            )
        )  # fmt: skip
    return pl.concat(parts)


clause("24-3", Duty.MUST, "監査結果を取締役会へ報告する", "Report the results to the board")


@check(
    "24-3",
    asks="終えた監査はすべて、期限内に取締役会に報告されましたか。",
    reads=(Audit, Meeting),
    limits=("audit_report_time",),
    reasons={
        "not_reported": (
            "{until_on} に終えた {audit} が期限（{due}）までに取締役会に報告されていません。報告してください。",
            "{audit}, finished on {until_on}, was not reported to the board by {due}. Report it.",
        ),
        "not_to_the_board": (
            "{audit} を報告した会議 {meeting} は取締役会ではありません（{due} が期限でした）。"
            "取締役会に報告してください。",
            "{meeting}, at which {audit} was reported, was none of the board (due {due}). Report it to the board.",
        ),
        "no_meeting": (
            "{audit} を {reported_on} に報告した取締役会の記録がありません。報告した会議を登録してください。",
            "The meeting of the board at which {audit} was reported on {reported_on} is not on record. Register it.",
        ),
    },
)
def audits_are_reported_to_the_board(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Was every finished audit reported to the board in time?

    What is asked is that it was reported: a report that came late mends the finding. It counts by the meeting of the
    board at which it was made.
    """
    meetings = facts[Meeting].select(reported_at_meeting="key", body="body", held_on="held_on")
    finished = (
        facts[Audit].filter(pl.col("until_on") <= on).join(meetings, on="reported_at_meeting", how="left")
    )
    due = limits.last_good("audit_report_time", "until_on")
    held = pl.col("held_on") <= on
    reported = (pl.col("reported_on") <= on).fill_null(False) & (held | pl.col("body").is_null())
    late = due < on
    told = {"since": day_after(due), "due": due, "who": AUDITOR, "audit": pl.col("key")}
    return answers(
        finished, Audit,
        no_evidence(
            reported & pl.col("body").is_null(), "no_meeting", who=AUDITOR,
            audit=pl.col("key"), reported_on=pl.col("reported_on"),
        ),
        falls_short(
            reported & (pl.col("body") != "board") & late, "not_to_the_board", **told,
            meeting=pl.col("reported_at_meeting"),
        ),
        falls_short(~reported & late, "not_reported", **told, until_on=pl.col("until_on")),
    )  # fmt: skip


clause("G24-1", Duty.MAY, "指摘事項は対応完了までフォローする", "Follow findings until they are done")


@check(
    "G24-1",
    asks="監査の指摘事項はすべて、期限内に対応され、監査人の確認を受けて終わりましたか。",
    reads=(AuditFinding, Audit, Appointment, Person),
    limits=("finding_confirmation_time",),
    reasons={
        "overdue": (
            "{audit_finding}（{audit} の指摘）の対応が期限（{due}）までに終わっていません。"
            "対応を終えるか、監査人と新しい期限を決めてください。",
            "{audit_finding}, found by {audit}, is not done, though due by {due}. "
            "Do it, or agree with the auditor on a new date.",
        ),
        "unconfirmed": (
            "{audit_finding} の対応が {done_on} に終わりましたが、監査人の確認が期限（{due}）までに行われていません。"
            "確認してください。",
            "{audit_finding} was done on {done_on} and not confirmed by an auditor by {due}. Confirm it.",
        ),
        "closed_unconfirmed": (
            "{audit_finding} は監査人の確認がないまま {closed_on} に終結しています。監査人の確認を受けてください。",
            "{audit_finding} was closed on {closed_on} without an auditor's confirmation. Have an auditor confirm it.",
        ),
        "confirmed_by_owner": (
            "{audit_finding} の完了を、対応責任者 {person} 自身が確認しています。監査人の確認を受けてください。",
            "{person}, who owns {audit_finding}, confirmed it. Have an auditor confirm it.",
        ),
        "confirmed_by_no_auditor": (
            "{audit_finding} の完了を確認した {person} は、確認の日（{confirmed_on}）に監査人ではありません。"
            "監査人の確認を受けてください。",
            "{person}, who confirmed {audit_finding} on {confirmed_on}, was no auditor then. "
            "Have an auditor confirm it.",
        ),
    },
)
def findings_are_followed_until_an_auditor_confirms(facts: Facts, on: date, limits: Limits) -> pl.LazyFrame:
    """Is every audit finding done in time, and closed with the confirmation of an auditor?

    An auditor is who held that office on the day of the confirmation, or was one of that audit. Nobody confirms the own
    work. A confirmation that does not count is told at once: it hides that one is lacking.
    """
    due = limits.last_good("finding_confirmation_time", "done_on")
    by, confirmed_on = pl.col("confirmed_by"), pl.col("confirmed_on")
    confirmed = by.is_not_null() & (confirmed_on <= on).fill_null(False)
    done = (pl.col("done_on") <= on).fill_null(False)
    told = {"who": AUDITOR, "audit_finding": pl.col("key")}
    wrong = told | {"since": confirmed_on, "person": by}
    return answers(
        _followed(facts, on), AuditFinding,
        falls_short(confirmed & (by == pl.col("owner")), "confirmed_by_owner", **wrong),
        falls_short(confirmed & ~pl.col("entitled"), "confirmed_by_no_auditor", **wrong, confirmed_on=confirmed_on),
        falls_short(
            ~confirmed & (pl.col("closed_on") <= on), "closed_unconfirmed", **told,
            since=pl.col("closed_on"), closed_on=pl.col("closed_on"),
        ),
        falls_short(
            ~confirmed & done & (due < on), "unconfirmed", **told,
            since=day_after(due), due=due, done_on=pl.col("done_on"),
        ),
        falls_short(
            overdue(on), "overdue", since=day_after("due_on"), due=pl.col("due_on"),
            who=pl.coalesce(person("owner"), AUDITOR), audit_finding=pl.col("key"), audit=pl.col("audit"),
        ),
    )  # fmt: skip


def _followed(facts: Facts, on: date) -> pl.LazyFrame:
    """The findings made by the day. entitled: who confirmed it was an auditor."""
    found = facts[AuditFinding].filter((pl.col("found_on") <= on).fill_null(True))
    by_office = by_holder(found, "confirmed_by", "confirmed_on", holders(facts, "internal_auditor"))
    audits = facts[Audit].select(audit="key", auditors="auditors")
    in_team = pl.col("auditors").list.contains(pl.col("confirmed_by")).fill_null(False)
    return (
        found.join(by_office.select("key", in_office=pl.lit(True)), on="key", how="left")
        .join(audits, on="audit", how="left")
        .with_columns(entitled=pl.col("in_office").fill_null(False) | in_team)
    )
