"""System audits: three years of them and the next one's plan, what they found, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count

from sekisho.records import models as m
from sekisho.records.record import Values
from sekisho.sample import member
from sekisho.sample.cast import Somebody
from sekisho.sample.story.words import Event, Words, ago, at

LENGTH, PLANNED_BEFORE, REPORTED_AFTER = 45, 30, 33  # days
FIRM: Values = {
    "conducted_by": "external",
    "firm": "しおさい監査法人（架空）",
    "competence": "暗号資産交換業者のシステム監査の実績8社。CISA・公認システム監査人3名が従事。",
}


@dataclass(frozen=True)
class Scope:
    clauses: list[str]
    units: list[str]
    systems: list[str]
    vendors: list[str] = field(default_factory=list)

    def values(self) -> Values:
        return {
            "clauses": self.clauses,
            "units": self.units,
            "systems": self.systems,
            "vendors": self.vendors or None,
        }


@dataclass(frozen=True)
class Found:
    """What an audit found. Days count back from today; None: not yet. `unit`: whose manager owns it."""

    title: str
    severity: str
    clause: str
    unit: str
    due: int
    done: int | None = None
    confirmed: int | None = None


def numbers(first: int, last: int) -> list[str]:
    return [str(n) for n in range(first, last + 1)]


def fiscal_year(day: date) -> int:
    return day.year if day.month > 3 else day.year - 1


REPORTING = ["V-0002", "V-0004", "V-0011"]  # vendors whose reports are relied on between audits
# Together they cover everything but one system (S-BI), each part once in three years.
SCOPES = {
    "AU-0001": Scope(numbers(1, 8), ["U-PLAN", "U-RISK", "U-TRD"], ["S-API", "S-MKT"]),
    "AU-0002": Scope(
        numbers(11, 23), ["U-DEV", "U-OPE", "U-TRD", "U-SUP"],
        ["S-EXC", "S-WEB", "S-APP", "S-BNK", "S-LED", "S-CI", "S-SRC"], REPORTING,
    ),
    "AU-0003": Scope(
        ["9", "10", "24"], ["U-MGT", "U-CSIRT", "U-AUD"],
        ["S-HOT", "S-COLD", "S-SIGN", "S-IDP", "S-MON", "S-LOG", "S-SIEM", "S-WAF"],
    ),
    "AU-0004": Scope(
        [*numbers(1, 8), *numbers(25, 27)], ["U-RISK", "U-COMP", "U-CUS", "U-ADM"],
        ["S-KYC", "S-AML", "S-CRM", "S-MAIL", "S-FILE", "S-HR"], [v for v in member.VENDORS if v not in REPORTING],
    ),
    "AU-0005": Scope(numbers(1, 8), ["U-PLAN", "U-TRD"], ["S-API", "S-MKT", "S-BI"]),
}  # fmt: skip
TITLES = {
    "AU-0001": "システムリスク管理体制の監査",
    "AU-0002": "開発・運用・品質管理の監査",
    "AU-0003": "サイバーセキュリティ管理の外部監査",
    "AU-0004": "外部委託・クラウド管理と体制の監査",
    "AU-0005": "取引系システムと体制の監査",
}
OPINIONS = {
    "AU-0001": "体制はおおむね有効。権限管理と記録の整備に改善の余地がある。",
    "AU-0002": "開発の統制はおおむね有効。変更管理と受入試験の記録に不備がある。",
    "AU-0003": "多層防御は整っている。検知から連絡までの手順と鍵管理の記録を改めること。",
    "AU-0004": "委託先の管理はおおむね有効。再委託先の把握に遅れがある。",
}
FINDINGS = {
    "AU-0001": [
        Found("システム管理責任者の任命の記録に根拠がない部署がある", "low", "7-1", "U-TRD", 860, 880, 872),
        Found("リスク評価の前提となる資産一覧が部署ごとに異なる", "medium", "3-1", "U-OPE", 830, 850, 841),
    ],
    "AU-0002": [
        Found("緊急変更の事後承認に1か月を超えるものがある", "high", "11-3", "U-DEV", 540, 551, 540),
        Found("ユーザー部門の受入試験の記録が一部残っていない", "medium", "11-5", "U-TRD", 500, 510, 489),
    ],
    "AU-0003": [
        Found("署名サーバーの鍵操作の立会い記録に欠落がある", "high", "10-1", "U-CUS", 250, 262, 250),
        Found("監視アラートの判断記録を半期ごとに点検していない", "medium", "9-3-1", "U-OPE", 15),
        Found("CSIRTの連絡網に夜間の代行者の定めがない", "medium", "9-3-3", "U-CSIRT", 3, 6),
    ],
    "AU-0004": [
        Found("委託先評価の評点の根拠が残っていない", "medium", "25-1", "U-COMP", 35, 42),
        Found("再委託先の一覧の更新が四半期を超えている", "high", "26-1", "U-COMP", -25),
        Found("クラウドの留意事項の評価にデータ廃棄の観点がない", "low", "27-3", "U-CUS", -75),
    ],
}  # fmt: skip


class Audits(Words):
    """System audits: three years of them and the next one's plan, what they found, and what became of it."""

    def audits(self) -> Iterator[Event]:
        own = [self.auditor.key, self.cast.at("U-AUD", 1).key]
        internal: Values = {"conducted_by": "internal", "auditors": own}
        helped = internal | {"auditors": [*own, self.cast.at("U-DEV", 4).key]}
        boards = self.boards()
        keys = (f"AF-{n:04d}" for n in count(1))
        for key, by, place in (
            ("AU-0001", internal, 1),
            ("AU-0002", helped, 5),
            ("AU-0003", FIRM, 8),
            ("AU-0004", internal, None),
        ):
            board = None if place is None else boards[place]
            until = ago(board[1], REPORTED_AFTER) if board else ago(self.today, 70)
            yield from self._audit(key, until, by, board)
            for found in FINDINGS[key]:
                yield from self._finding(next(keys), key, until, found)
        yield self._plan("AU-0005", at(ago(self.today, 20)), fiscal_year(self.today) + 1, internal)
        yield from self._examined_anew()

    @property
    def auditor(self) -> Somebody:
        return self.cast.office["internal_auditor"]

    def _audit(self, key: str, until: date, by: Values, board: tuple[str, date] | None) -> Iterator[Event]:
        """Planned, begun, finished, and reported to the board; not yet where `board` is None."""
        begun = ago(until, LENGTH)
        yield self._plan(key, at(ago(begun, PLANNED_BEFORE)), fiscal_year(begun), by)
        yield self.save(at(begun), self.auditor, m.Audit, key, from_on=begun)
        yield self.save(at(until, 17), self.auditor, m.Audit, key, until_on=until, opinion=OPINIONS[key])
        if board:
            meeting, day = board
            yield self.save(
                at(day, 17), self.auditor, m.Audit, key, reported_on=day, reported_at_meeting=meeting
            )

    def _plan(self, key: str, when: datetime, year: int, by: Values) -> Event:
        scope = SCOPES[key].values()
        return self.save(when, self.auditor, m.Audit, key, title=TITLES[key], plan_year=year, **by, **scope)

    def _examined_anew(self) -> Iterator[Event]:
        """A developer once helped to audit development: what that person examined was examined anew."""
        yield from self.approved(
            at(ago(self.today, 240)), self.risk, self.president, m.GrantedException, "EX-2401", "独立性を欠いた監査の補い",
            clause="24-1", kind="exception", subject="audit:AU-0002",
            reason="開発部門の職員が監査に加わっていたことが監査の後に判明した。担当した変更管理の部分は結論に影響する。",
            equivalent="当該職員が担当した部分を、内部監査室の独立した監査人が改めて監査した。", from_on=ago(self.today, 240), until_on=self.today + timedelta(days=460),
        )  # fmt: skip

    def _finding(self, key: str, audit: str, on: date, found: Found) -> Iterator[Event]:
        """Found on the audit's last day; done by its owner, confirmed by the auditor."""
        owner = self.cast.manager_of(found.unit)
        yield self.save(
            at(on, 18), self.auditor, m.AuditFinding, key, title=found.title, audit=audit, severity=found.severity, clause=found.clause,
            unit=found.unit, found_on=on, owner=owner.key, due_on=ago(self.today, found.due),
        )  # fmt: skip
        if found.done is not None:
            day = ago(self.today, found.done)
            yield self.save(
                at(day, 16),
                owner,
                m.AuditFinding,
                key,
                done_on=day,
                response="手順を改め、関係者に周知した。",
            )
        if found.confirmed is not None:
            day = ago(self.today, found.confirmed)
            confirmed = {"confirmed_by": self.auditor.key, "confirmed_on": day, "closed_on": day}
            yield self.save(at(day, 18), self.auditor, m.AuditFinding, key, **confirmed)
