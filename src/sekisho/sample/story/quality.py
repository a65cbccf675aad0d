"""The quality of systems: the plan, what is measured each month, day and hour, and what was decided on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sekisho.kernel.clock import add_months
from sekisho.records import models as m
from sekisho.records.record import Values
from sekisho.sample import member
from sekisho.sample.cast import Somebody
from sekisho.sample.story.words import Event, Words, ago, at

MONTHS, DAYS, BEATING = 12, 21, 3  # how long what is monthly, daily, hourly has been measured
SYSTEMS = [key for key in member.SYSTEMS if key not in member.OUT_OF_SCOPE]
FORGOTTEN = "S-BI"  # under no quality plan, and without an indicator of security


@dataclass(frozen=True)
class Indicator:
    """`usual`: from and to, in tenths or hundredths as `parts` says."""

    code: str
    title: str
    what: str
    bound: str
    direction: str
    usual: tuple[int, int]
    parts: int = 1
    gap_minutes: int | None = None


MONTHLY = {
    "performance": Indicator("P", "平均応答時間", "response", "300", "at_most", (80, 260)),
    "defects": Indicator("D", "本番不具合の件数", "defects", "5", "at_most", (0, 5)),
    "security": Indicator("S", "期限内未対応の重要な脆弱性", "other", "2", "at_most", (0, 3)),
}
SURE = 3 * 1440  # daily, with a long weekend between
DAILY = {
    "stability": Indicator("ST", "稼働率", "availability", "99.9", "at_least", (9993, 10001), 100, SURE),
    "asset_safety": Indicator("AS", "利用者財産の帳簿と実残高の差異件数", "other", "0", "at_most", (0, 1), 1, SURE),
}  # fmt: skip
HOLDING = ("S-HOT", "S-COLD", "S-SIGN", "S-LED", "S-BNK")  # systems on which users' assets rest
BEATS = ("S-EXC", "S-WEB", "S-HOT")  # a beat each hour
MISSED = {("S-WEB", 2): (3, 4, 5)}  # system and days ago: the hours without a beat


@dataclass(frozen=True)
class Beyond:
    """A value out of its bound, and after how many days what was decided; no days: nothing was."""

    value: str
    days: int | None = None
    decision: str = ""
    reason: str = ""


ODD_MONTHS = {  # by system, aspect, months ago
    ("S-EXC", "performance", 8): Beyond("412", 5, "act", "照合処理の計算資源を増強する"),
    ("S-KYC", "security", 5): Beyond("4", 4, "act", "委託先に修正の前倒しを求める"),
    ("S-CRM", "defects", 3): Beyond("9", 6, "accept", "軽微な表示の不具合で、次回の更新で直す"),
    ("S-WAF", "security", 2): Beyond("3", 3, "false_alarm", "検知規則の誤りによる重複計上"),
}
ODD_DAYS = {  # by system, aspect, days ago
    ("S-HOT", "stability", 15): Beyond("99.61", 2, "act", "接続先の切替手順を見直す"),
    ("S-LED", "asset_safety", 12): Beyond("1"),
    ("S-API", "stability", 5): Beyond("99.42", 1, "act", "接続上限の引上げと増強を行う"),
    **{("S-API", "stability", days): Beyond(f"99.{5 + days}0") for days in (1, 2, 3, 4)},
    **{("S-MKT", "stability", days): Beyond(f"99.{7 - days}5") for days in (1, 2, 3)},
}
IMPROVED = "S-API"  # the one whose improvement is under way
LEFT_OUT = ("S-FILE", 1)  # system and months ago whose analysis was forgotten
ANOMALIES = {  # by system and months ago: how many, decision, reason
    ("S-EXC", 7): (1, "act", "応答時間の悪化。計算資源を増強する"),
    ("S-KYC", 4): (2, "act", "画像処理の滞留。委託先と処理手順を改める"),
    ("S-MAIL", 2): (1, "accept", "大量配信による一時的な遅延で、業務に影響しない"),
    ("S-CRM", 1): (1, None, None),
}


class Quality(Words):
    """The quality of systems: the plan, what is measured each month, day and hour, and what was decided on it."""

    @property
    def night_watch(self) -> Somebody:
        return self.cast.manager_of("U-OPE")

    def quality(self) -> Iterator[Event]:
        yield from self._quality_plan()
        yield self._indicators(self._first_of(MONTHS - 1), MONTHLY, SYSTEMS)
        yield self._indicators(ago(self.today, DAYS), DAILY, SYSTEMS)
        yield self._heartbeats()
        for months_ago in reversed(range(MONTHS)):
            yield self._measured_in_month(months_ago)
            yield from self._analysed(months_ago)
        for days_ago in reversed(range(1, DAYS + 1)):
            yield self._measured_on_day(days_ago)
        for days_ago in reversed(range(1, BEATING + 1)):
            yield self._beats(days_ago)
        yield from self._values_decided()
        yield self.save(
            at(ago(self.today, 4), 17), self.night_watch, m.Action, "AC-1501", what="接続上限の引上げと基盤の増強", kind="improvement",
            arises_from=f"monitor:{_indicator(IMPROVED, DAILY['stability'])}", owner=self.cast.manager_of("U-DEV").key,
            due_on=self.today + timedelta(days=30),
        )  # fmt: skip

    def _first_of(self, months_ago: int) -> date:
        return add_months(self.today.replace(day=1), -months_ago)

    def _quality_plan(self) -> Iterator[Event]:
        since = add_months(self.today, -MONTHS - 1)
        yield from self.approved(
            at(ago(since, 6)), self.risk, self.chief, m.Document, "D-QP-1", "品質管理計画の策定", kind="quality_plan", title="品質管理計画",
            version="1", in_force_on=since, review_by_on=self.today + timedelta(days=60),
            systems=[key for key in SYSTEMS if key != FORGOTTEN],
        )  # fmt: skip

    # --- monitors -----------------------------------------------------------------------------------------------------

    def _indicators(self, since: date, indicators: dict[str, Indicator], systems: list[str]) -> Event:
        rows: list[tuple[str, Values]] = [
            (
                _indicator(system, i),
                {
                    "title": f"{member.SYSTEMS[system][0]} {i.title}", "system": system, "what": i.what, "aspect": aspect, "bound": Decimal(i.bound),
                    "direction": i.direction, "gap_minutes": i.gap_minutes, "source": "監視基盤", "since_on": since,
                },
            )
            for aspect, i in indicators.items()
            for system in systems
            if _asked(system, aspect)
        ]  # fmt: skip
        return self.taken(at(since, 7), "import", m.Monitor, rows)

    def _heartbeats(self) -> Event:
        since = ago(self.today, BEATING)
        rows: list[tuple[str, Values]] = [
            (f"MO-{system[2:]}-HB", {"title": f"{member.SYSTEMS[system][0]} 死活", "system": system, "what": "heartbeat", "source": "監視基盤", "since_on": since})
            for system in BEATS
        ]  # fmt: skip
        return self.taken(at(since, 0), "import", m.Monitor, rows)

    # --- measurements -------------------------------------------------------------------------------------------------

    def _measured_in_month(self, months_ago: int) -> Event:
        return self._measured_values(
            self._first_of(months_ago), MONTHLY, MONTHS - months_ago, months_ago, ODD_MONTHS
        )

    def _measured_on_day(self, days_ago: int) -> Event:
        return self._measured_values(
            ago(self.today, days_ago), DAILY, DAYS + 1 - days_ago, days_ago, ODD_DAYS
        )

    def _measured_values(
        self,
        day: date,
        indicators: dict[str, Indicator],
        n: int,
        back: int,
        odd: dict[tuple[str, str, int], Beyond],
    ) -> Event:
        """The values of a day: the `n`th of each indicator, `back` months or days ago."""
        rows: list[tuple[str, Values]] = []
        for aspect, i in indicators.items():
            for system in SYSTEMS:
                if not _asked(system, aspect):
                    continue
                usual = Decimal(self.chance.randrange(*i.usual)) / i.parts
                beyond = odd.get((system, aspect, back))
                value = Decimal(beyond.value) if beyond else usual
                told: Values = {"monitor": _indicator(system, i), "at": at(day, 8), "value": value}
                rows.append((_value(system, i, n), told))
        return self.taken(at(day, 8), "import", m.Measurement, rows)

    def _beats(self, days_ago: int) -> Event:
        day = ago(self.today, days_ago)
        rows: list[tuple[str, Values]] = [
            (f"ME-{system[2:]}-HB-{BEATING - days_ago}{hour:02d}", {"monitor": f"MO-{system[2:]}-HB", "at": at(day, hour), "state": "good"})
            for system in BEATS
            for hour in range(24)
            if hour not in MISSED.get((system, days_ago), ())
        ]  # fmt: skip
        return self.taken(at(day, 23, 30), "import", m.Measurement, rows)

    def _values_decided(self) -> Iterator[Event]:
        """What was decided on values out of their bounds."""
        monthly = [
            (_value(s, MONTHLY[a], MONTHS - k), self._first_of(k), odd)
            for (s, a, k), odd in ODD_MONTHS.items()
        ]
        daily = [
            (_value(s, DAILY[a], DAYS + 1 - d), ago(self.today, d), odd)
            for (s, a, d), odd in ODD_DAYS.items()
        ]
        for key, measured_on, odd in monthly + daily:
            if odd.days is not None:
                day = measured_on + timedelta(days=odd.days)
                yield self.save(
                    at(day, 15), self.night_watch, m.Measurement, key, decision=odd.decision, decision_reason=odd.reason,
                    decided_by=self.night_watch.key, decided_on=day,
                )  # fmt: skip

    # --- analyses -----------------------------------------------------------------------------------------------------

    def _analysed(self, months_ago: int) -> Iterator[Event]:
        """The month before, analysed on the eighth."""
        month = self._first_of(months_ago)
        done = month + timedelta(days=7)
        if done >= self.today:
            return
        rows: list[tuple[str, Values]] = []
        for system in SYSTEMS:
            if (system, months_ago) == LEFT_OUT:
                continue
            count, decision, reason = ANOMALIES.get((system, months_ago), (0, None, None))
            told: Values = {
                "system": system, "period_from_on": add_months(month, -1), "period_until_on": ago(month, 1), "done_on": done, "anomalies": count,
                "conclusion": "異常あり" if count else "異常なし", "decision": decision, "decision_reason": reason,
            }  # fmt: skip
            rows.append((f"OA-{system[2:]}-{MONTHS - months_ago:02d}", told))
        yield self.taken(at(done, 10), "import", m.OperationAnalysis, rows)


def _asked(system: str, aspect: str) -> bool:
    """Whether the member measures the aspect of the system."""
    if aspect == "asset_safety":
        return system in HOLDING
    return (system, aspect) != (FORGOTTEN, "security")


def _indicator(system: str, i: Indicator) -> str:
    return f"MO-{system[2:]}-{i.code}"


def _value(system: str, i: Indicator, n: int) -> str:
    return f"ME-{system[2:]}-{i.code}-{n:02d}"
