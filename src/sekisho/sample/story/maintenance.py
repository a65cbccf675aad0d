"""Maintenance: each system in its cycle, the stops that users were told of, and those to come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sekisho.kernel import clock
from sekisho.kernel.clock import add_months
from sekisho.records import models as m
from sekisho.records.record import Values
from sekisho.sample import member
from sekisho.sample.cast import Somebody
from sekisho.sample.story.words import YEARS, Event, Words, ago, at

HALF_YEARLY = ("S-EXC", "S-WEB", "S-APP", "S-API", "S-HOT", "S-SIGN", "S-BNK", "S-IDP")
STOPPING = ("S-EXC", "S-WEB", "S-APP", "S-API", "S-BNK", "S-KYC")  # whose maintenance users notice
WORK = (
    "基本ソフトウェアの更新と再起動の確認",
    "データベースの再編成と復元の確認",
    "証明書と暗号設定の更新",
    "待機系への切替の確認",
)
TEXT = "システムメンテナンスのため、この時間帯は{service}をご利用いただけません。ご不便をおかけしますが、ご了承ください。"
SERVICES = {
    "S-EXC": "暗号資産の売買", "S-WEB": "取引ウェブサイト", "S-APP": "スマートフォンアプリ", "S-API": "取引API", "S-BNK": "日本円の入出金",
    "S-KYC": "口座開設のお申込み",
}  # fmt: skip
LENGTH = timedelta(hours=3)


@dataclass(frozen=True)
class Odd:
    """What went otherwise: `notice` days before the stop; how long it lasted too long, and when that was told."""

    notice: int = 14
    over: int = 0
    told: int | None = None


# (system, how many times ago): 0 is the newest
ODD = {
    ("S-BNK", 0): Odd(over=95, told=20),
    ("S-APP", 1): Odd(over=70),
    ("S-KYC", 1): Odd(notice=3),
}
LEFT_OUT = ("S-HR", 0)  # the one that waits for the renewal of the system


@dataclass(frozen=True)
class Coming:
    """A stop to come: in how many days, and how many days ago it was announced; None: not yet."""

    system: str
    days: int
    what: str
    announced: int | None


COMING = {
    "MT-9001": Coming("S-WEB", 5, "負荷分散装置の更新", 9),
    "MT-9002": Coming("S-EXC", 6, "約定処理の改修の適用", None),
    "MT-9003": Coming("S-BNK", 19, "銀行接続の証明書の更新", 1),
    "MT-9004": Coming("S-LOG", 12, "保存領域の増設", None),
}


class Maintained(Words):
    """Maintenance: each system in its cycle, the stops that users were told of, and those to come."""

    @property
    def night_shift(self) -> Somebody:
        return self.cast.manager_of("U-OPE")

    def maintenance(self) -> Iterator[Event]:
        cycles: list[tuple[str, Values]] = [(key, {"maintenance_months": 6}) for key in HALF_YEARLY]
        yield self.taken(at(self.start, 9, 55), "load", m.System, cycles)
        systems = [key for key in member.SYSTEMS if key not in member.OUT_OF_SCOPE]
        for n, key in enumerate(systems):
            months = 6 if key in HALF_YEARLY else 12
            for time in reversed(range(12 * YEARS // months + 1)):
                night = add_months(ago(self.today, 20 + 6 * n), -months * time)
                if (key, time) != LEFT_OUT:
                    yield from self._done(f"MT-{key[2:]}-{12 * YEARS // months + 1 - time}", key, time, night)
        yield from self._to_come()
        yield from self._urgent()
        yield from self.approved(
            at(ago(self.today, 60)), self.risk, self.chief, m.GrantedException, "EX-1301", "来月の更改まで", clause="13-1", kind="exception",
            subject="system:S-HR", reason="来月の更改で置き換えるため、現行システムの年次メンテナンスを見送る。",
            equivalent="更改までの間、復元の確認を毎月行い、脆弱性の修正は適用する。", from_on=ago(self.today, 60), until_on=self.today + timedelta(days=45),
        )  # fmt: skip

    def _done(self, key: str, system: str, time: int, night: date) -> Iterator[Event]:
        """Planned and, where users notice it, announced; done in the night, and kept the next morning."""
        odd, begun = ODD.get((system, time), Odd()), at(night, 2)
        stops = system in STOPPING
        planned: Values = {
            "system": system, "what": WORK[(time + len(system)) % len(WORK)], "planned_from_at": begun, "planned_until_at": begun + LENGTH,
            "stops_service": stops,
        }  # fmt: skip
        told = at(ago(night, odd.notice), 11)
        if stops:
            planned |= {"announced_at": told, "announcement": TEXT.format(service=SERVICES[system])}
        ended = begun + LENGTH + timedelta(minutes=odd.over or 11 * (time + len(system)) % 45 - 25)
        done: Values = {"done_from_at": begun, "done_until_at": ended, "result": "計画どおり完了、異常なし"}
        if odd.over:
            done["result"] = "切戻しの確認に時間を要し、予定を超えた"
        if odd.told is not None:
            done |= {
                "change_announced_at": begun + LENGTH + timedelta(minutes=odd.told),
                "change_announcement": "作業に時間を要しているため、終了時刻を延長します。",
            }
        if clock.day_of(told) <= self.start:  # taken over with the rest
            yield self.taken(max(at(self.start, 19), ended), "load", m.Maintenance, [(key, planned | done)])
            return
        yield self.save(told, self.night_shift, m.Maintenance, key, **planned)
        yield self.save(at(night, 9), self.night_shift, m.Maintenance, key, **done)

    def _to_come(self) -> Iterator[Event]:
        for key, c in COMING.items():
            begun = at(self.today + timedelta(days=c.days), 2)
            stops = c.system in STOPPING
            planned: Values = {
                "system": c.system, "what": c.what, "planned_from_at": begun, "planned_until_at": begun + LENGTH, "stops_service": stops,
            }  # fmt: skip
            yield self.save(at(ago(self.today, 10)), self.night_shift, m.Maintenance, key, **planned)
            if c.announced is not None:
                when = at(ago(self.today, c.announced), 11)
                text = TEXT.format(service=SERVICES[c.system])
                yield self.save(
                    when, self.night_shift, m.Maintenance, key, announced_at=when, announcement=text
                )

    def _urgent(self) -> Iterator[Event]:
        """A flaw that could not wait: announced an hour before."""
        begun: datetime = at(ago(self.today, 88), 22)
        told = begun - timedelta(hours=1)
        yield self.save(
            told, self.night_shift, m.Maintenance, "MT-8001", system="S-API", what="重大な脆弱性の修正の適用", planned_from_at=begun, planned_until_at=begun + timedelta(hours=1),
            stops_service=True, urgent=True, announced_at=told, announcement=TEXT.format(service=SERVICES["S-API"]),
        )  # fmt: skip
        yield self.save(
            at(ago(self.today, 87), 9), self.night_shift, m.Maintenance, "MT-8001", done_from_at=begun, done_until_at=begun + timedelta(minutes=50),
            result="適用を確認、異常なし",
        )  # fmt: skip
