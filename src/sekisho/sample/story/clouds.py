"""Cloud services: where they stand, their nine points each year, and what is measured of them each month."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sekisho.access.rights import actor_for_person
from sekisho.kernel import clock
from sekisho.kernel.clock import add_months
from sekisho.records import models as m
from sekisho.records.record import Values
from sekisho.sample.cast import Somebody
from sekisho.sample.story.words import YEARS, Event, Words, ago, at
from sekisho.workflows.approve import ask


@dataclass(frozen=True)
class Cloud:
    """`assessed`: how many days ago its points are assessed each year. `months`, `left`: how many months ago it was
    taken into use and left; 0: long before, and not yet."""

    name: str
    vendor: str
    model: str
    systems: list[str]
    locations: list[str]
    custody: str
    holds: str
    assessed: int
    level: str
    capacity: str | None
    months: int = 0
    left: int = 0


CLOUDS = {
    "CS-0001": Cloud("オリオン計算基盤", "V-0013", "iaas", ["S-WEB", "S-APP", "S-API"], ["L-0001", "L-0002"], "member", "口座・注文の情報", 290, "99.95", "70"),
    "CS-0002": Cloud("北斗 顧客対応・文書クラウド", "V-0003", "saas", ["S-CRM", "S-FILE"], ["L-0001"], "shared", "問合せ・届出の書類", 345, "99.9", "80"),
    "CS-0003": Cloud("北斗 開発クラウド", "V-0003", "saas", ["S-SRC", "S-MAIL"], ["L-0001", "L-0003"], "none", "", 20, "99.9", None),
    "CS-0004": Cloud("みなと本人確認クラウド", "V-0001", "saas", ["S-KYC"], ["L-0002"], "shared", "本人確認書類の画像", 75, "99.9", "75"),
    "CS-0005": Cloud("東風 監視クラウド", "V-0004", "paas", ["S-SIEM", "S-WAF"], ["L-0001"], "member", "", 260, "99.9", "80"),
    "CS-0006": Cloud("ライオンゲート分析基盤", "V-0014", "paas", ["S-BI"], ["L-0003"], "provider", "取引履歴（仮名化済み）", 270, "99.5", "80", months=20),
    "CS-0007": Cloud("東雲バックアップ", "V-0008", "iaas", ["S-LED"], ["L-0002"], "member", "帳簿の控え", 120, "99.0", "90", left=14),
}  # fmt: skip
LOCATIONS = {
    "L-0001": ("東京リージョン", "JP", "ap-tokyo-1", "個人情報保護法。首都直下地震・水害を想定し大阪に複製。"),
    "L-0002": ("大阪リージョン", "JP", "ap-osaka-1", "個人情報保護法。南海トラフ地震を想定し東京に複製。"),
    "L-0003": ("シンガポールリージョン", "SG", "ap-singapore-1", "PDPA。政府による開示要求の手続を確認。自然災害は少ない。"),
}  # fmt: skip
FOUND = {
    # (cloud, point, years ago): result, reason, days until the action is due and until it is done (None: not yet)
    ("CS-0004", "4", 0): (
        "improve",
        "診断結果の受領が年1回にとどまる",
        "診断結果を半期ごとに受領する",
        30,
        None,
    ),
    ("CS-0001", "6", 1): (
        "improve",
        "復元用の設定情報が台帳にない",
        "設定情報を台帳に登録し世代管理する",
        60,
        82,
    ),
    ("CS-0005", "3", 1): ("bad", "保存ログの一部が暗号化されていない", "全ログの保存時暗号化", 30, 47),
    ("CS-0002", "2", 1): ("improve", "障害時の返金条項が不明確", "契約更新時に条項を明確化", 90, 80),
}
BEYOND = {
    # (cloud, what, months ago): value, days until decided (None: not yet), decision, reason
    ("CS-0001", "availability", 27): ("99.810", 5, "act", "冗長構成の切替手順を事業者と見直す"),
    ("CS-0002", "availability", 14): (
        "99.740",
        9,
        "accept",
        "返金条項に基づく減額を受け、再発防止策を確認した",
    ),
    ("CS-0005", "availability", 0): ("99.420", None, "", ""),
    ("CS-0001", "peak_load", 17): ("83.5", 6, "act", "翌月に計算資源を増強する"),
    ("CS-0004", "peak_load", 5): (
        "78.2",
        4,
        "accept",
        "口座開設キャンペーンによる一時的な増加で、余力は足りる",
    ),
}
PLANNED = {("CS-0002", "availability", 9): "98.900"}
SECURITY = {
    "access": "運用担当3名と事業者の保守要員。操作履歴を1年間保存し、四半期ごとに確認。",
    "leaks": "共有設定の誤り、保守端末の侵害、複製の消去漏れ。",
    "migration": "標準形式で書き出し、終了時は消去証明を受領。",
}
RESULTS = {"good": "求める水準を満たす"}


class Clouds(Words):
    """Cloud services: where they stand, their nine points each year, and what is measured of them each month."""

    @property
    def keeper(self) -> Somebody:
        return self.cast.office["vendor_owner"]

    @property
    def operator(self) -> Somebody:
        return self.cast.manager_of("U-OPE")

    def clouds(self) -> Iterator[Event]:
        yield from self._locations()
        yield from self._services()
        for key, cloud in CLOUDS.items():
            yield from self._points(key, cloud)
        yield from self._measurements()
        yield from self._exceptions()

    def _locations(self) -> Iterator[Event]:
        """Three approved ones, looked at each year; and one that a provider uses while its approval is still asked for."""
        for n, (key, (name, country, region, note)) in enumerate(LOCATIONS.items()):
            newest = 150 + 40 * n
            first = add_months(ago(self.today, newest), -12 * YEARS)
            yield from self.approved(
                at(self.start, 10, n), self.keeper, self.chief, m.Location, key, "利用する所在地の承認", name=name, country=country, region=region,
                allowed=True, risk_note=note, risk_noted_on=first,
            )  # fmt: skip
            for _, day in self.yearly(newest):
                yield from self.approved(
                    at(day, 10), self.keeper, self.chief, m.Location, key, "国・地域のリスクの年次確認", risk_noted_on=day,
                )  # fmt: skip
        moved = at(ago(self.today, 100), 11)
        yield self.save(moved, self.keeper, m.Location, "L-0004", name="フランクフルトリージョン", country="DE", region="eu-frankfurt-1")  # fmt: skip
        yield self.save(moved + timedelta(hours=1), self.keeper, m.CloudService, "CS-0006", locations=["L-0003", "L-0004"])  # fmt: skip
        yield Event(at(ago(self.today, 3), 16), self._ask_for_frankfurt)

    def _ask_for_frankfurt(self) -> None:
        ask(
            actor_for_person(self.keeper.key),
            m.Location,
            "L-0004",
            {"allowed": True},
            "分析基盤の複製先として利用",
        )

    def _services(self) -> Iterator[Event]:
        """Registered before their first day, their locations confirmed each year."""
        for n, (key, c) in enumerate(CLOUDS.items()):
            since, last = self._used(c)
            registered = at(ago(since, 40), 9) if c.months else at(self.start, 14, n)
            confirmed = ago(since, 40) if c.months else add_months(ago(self.today, c.assessed), -12 * YEARS)
            yield self.save(
                registered, self.keeper, m.CloudService, key, name=c.name, vendor=c.vendor, model=c.model, systems=c.systems, locations=c.locations,
                location_confirmed_on=confirmed, key_custody=c.custody, holds_users_data=bool(c.holds), in_charge=self.keeper.key, since_on=since,
            )  # fmt: skip
            years = [day for _, day in self.yearly(c.assessed) if confirmed < day <= (last or self.today)]
            for day in years:
                yield self.save(at(day, 15), self.keeper, m.CloudService, key, location_confirmed_on=day)
            if c.holds:
                yield from self._holding(f"DH-27{n + 1:02d}", key, c, registered, years)
            yield from self._monitors(key, c, registered)
            if last:
                yield self.save(at(last, 18), self.keeper, m.CloudService, key, until_on=last)

    def _used(self, c: Cloud) -> tuple[date, date | None]:
        """Its first and its last day."""
        since = add_months(self.today, -c.months) if c.months else add_months(self.start, -10)
        return since, add_months(self.today, -c.left) if c.left else None

    def _holding(self, key: str, cloud: str, c: Cloud, when: datetime, years: list[date]) -> Iterator[Event]:
        """Users' data, looked after each four months; what lay in the cloud that was left was destroyed weeks later."""
        since, last = self._used(c)
        thirds = [add_months(day, months) for day in years for months in (0, 4, 8)]
        yield self.save(
            when + timedelta(hours=1), self.keeper, m.DataHolding, key, what=c.holds, cloud_service=cloud, location=c.locations[0],
            access="運用担当3名、事業者の保守要員（都度承認）", since_on=since, traced_by="log_feed", checked_on=clock.day_of(when),
        )  # fmt: skip
        for day in (d for d in thirds if d <= (last or self.today)):
            yield self.save(at(day, 16), self.keeper, m.DataHolding, key, checked_on=day)
        if last:
            destroyed = last + timedelta(days=24)
            yield self.save(
                at(destroyed, 17), self.keeper, m.DataHolding, key, until_on=destroyed, checked_on=destroyed
            )

    def _monitors(self, key: str, c: Cloud, when: datetime) -> Iterator[Event]:
        for what, title, bound, direction in (
            ("availability", "稼働率", c.level, "at_least"),
            ("peak_load", "最大負荷", c.capacity, "at_most"),
        ):
            if bound:
                yield self.save(
                    when + timedelta(hours=2), self.operator, m.Monitor, _monitor(key, what), title=f"{c.name} {title}", cloud_service=key, what=what,
                    bound=Decimal(bound), direction=direction, source="事業者の月次報告", since_on=self._used(c)[0],
                )  # fmt: skip

    def _points(self, key: str, c: Cloud) -> Iterator[Event]:
        """The nine points each year, those before the first year taken over with the rest of the spreadsheets."""
        newest = ago(self.today, c.assessed)
        since, last = self._used(c)
        for years_ago in reversed(range(YEARS + 1)):
            day = add_months(newest, -12 * years_ago)
            if day < add_months(since, -2) or (last and day > last):
                continue
            rows = [
                self._point(key, c, str(number), years_ago, day)
                for number in range(1, 10)
                if (key, number, years_ago) not in (("CS-0003", 2, 0), ("CS-0006", 9, 1))
            ]
            yield self.taken(max(at(day, 14), at(self.start, 17)), "import", m.CloudPoint, rows)
            for point, _ in rows:
                if found := FOUND.get((key, point[-1], years_ago)):
                    yield from self._action(point, day, *found[2:])
        if c.months:  # the one that was forgotten before use
            late = since + timedelta(days=45)
            yield self.taken(at(late, 14), "import", m.CloudPoint, [self._point(key, c, "9", 1, late)])

    def _point(self, key: str, c: Cloud, point: str, years_ago: int, day: date) -> tuple[str, Values]:
        result, reason, *_ = FOUND.get((key, point, years_ago), ("good", RESULTS["good"]))
        told: Values = dict(SECURITY) if point == "3" else {}
        if (key, years_ago) == ("CS-0003", 0):
            told.pop("migration", None)
        return f"CP-{key[3:]}-{YEARS + 1 - years_ago}-{point}", told | {
            "cloud_service": key, "point": point, "assessed_on": day, "assessed_by": self.keeper.key, "result": result, "reason": reason,
        }  # fmt: skip

    def _action(self, point: str, day: date, what: str, due: int, done: int | None) -> Iterator[Event]:
        key = f"AC-{point}"
        yield self.save(
            at(day, 17), self.chief, m.Action, key, what=what, arises_from=f"cloud_point:{point}", kind="corrective", owner=self.operator.key,
            due_on=day + timedelta(days=due),
        )  # fmt: skip
        if done is not None:
            ended = day + timedelta(days=done)
            yield self.save(
                at(ended, 17), self.chief, m.Action, key, done_on=ended, confirmed_by=self.risk.key, confirmed_on=ended,
            )  # fmt: skip

    def _measurements(self) -> Iterator[Event]:
        """The providers' reports on the first of each month, and what was decided where a value was beyond its level."""
        for months_ago in reversed(range(12 * YEARS)):
            taken = at(add_months(self.today.replace(day=1), -months_ago), 8)
            rows = [
                self._measurement(key, what, months_ago, taken)
                for key, c in CLOUDS.items()
                for what in ("availability", "peak_load")
                if self._reported(c, clock.day_of(taken)) and (what == "availability" or c.capacity)
            ]
            yield self.taken(taken, "import", m.Measurement, rows)
        for (key, what, months_ago), (_, days, decision, reason) in BEYOND.items():
            if days is not None:
                day = add_months(self.today.replace(day=1), -months_ago) + timedelta(days=days)
                yield self.save(
                    at(day, 15), self.operator, m.Measurement, _measured(key, what, months_ago), decision=decision, decision_reason=reason,
                    decided_by=self.operator.key, decided_on=day,
                )  # fmt: skip

    def _reported(self, c: Cloud, day: date) -> bool:
        since, last = self._used(c)
        return since < day <= (last or day)

    def _measurement(self, key: str, what: str, months_ago: int, taken: datetime) -> tuple[str, Values]:
        planned = PLANNED.get((key, what, months_ago))
        usual = (
            f"{self.chance.randrange(99960, 100001) / 1000:.3f}"
            if what == "availability"
            else f"{self.chance.randrange(350, 640) / 10:.1f}"
        )
        value = planned or BEYOND.get((key, what, months_ago), (usual,))[0]
        return _measured(key, what, months_ago), {
            "monitor": _monitor(key, what), "at": taken, "value": Decimal(value), "planned": bool(planned),
        }  # fmt: skip

    def _exceptions(self) -> Iterator[Event]:
        yield from self.approved(
            at(ago(self.today, 500)), self.risk, self.chief, m.GrantedException, "EX-2701", "鍵管理の移行まで", clause="27-5", kind="exception",
            subject="cloud_service:CS-0006", reason="自社鍵による暗号化の提供開始を待っているため。",
            equivalent="取引履歴は自社で仮名化し、対応表を自社にのみ置いたうえで送る。", from_on=ago(self.today, 500), until_on=self.today + timedelta(days=75),
        )  # fmt: skip
        yield from self.approved(
            at(add_months(self.start, 1)), self.risk, self.chief, m.GrantedException, "EX-2702", "処理能力が開示されないサービス", clause="27-8", kind="exception",
            subject="cloud_service:CS-0003", reason="事業者が処理能力と負荷を開示していないため。",
            equivalent="利用者の応答時間を自社で計測し、月次で確認する。", from_on=add_months(self.start, 1), until_on=self.today + timedelta(days=165),
        )  # fmt: skip


def _monitor(cloud: str, what: str) -> str:
    return f"MO-{cloud[3:]}-{what[0].upper()}"


def _measured(cloud: str, what: str, months_ago: int) -> str:
    return f"ME-{cloud[3:]}-{what[0].upper()}-{12 * YEARS - months_ago:02d}"
