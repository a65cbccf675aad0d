"""The risks of every system, assessed each year."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sekisho.records import models as m
from sekisho.sample import member
from sekisho.sample.story.words import Event, Words, ago, at


class Risks(Words):
    """The risks of every system, assessed each year."""

    def risks(self) -> Iterator[Event]:
        n = 0
        for system in member.SYSTEMS:
            if system in member.OUT_OF_SCOPE:
                continue
            newest = 402 if system == "S-HR" else self.chance.randrange(95, 300)
            for category, title in (("failure", "停止・誤作動"), ("misuse", "不正アクセス・不正使用")):
                n += 1
                grave = system == "S-API" and category == "misuse"
                yield from self._risk(f"R-{n:04d}", system, category, title, newest, grave)

    def _risk(
        self, key: str, system: str, category: str, title: str, newest: int, grave: bool
    ) -> Iterator[Event]:
        name, unit, *_ = member.SYSTEMS[system]
        manager = self.cast.manager_of(unit)
        owner = self.cast.manager_of("U-OPE") if manager.left_on else manager
        inherent = self.chance.randrange(3, 6)
        for years_ago, day in self.yearly(newest):
            residual = 4 if grave and years_ago == 0 else min(inherent - 1, 3)
            yield self.save(
                at(day, 13), owner, m.Risk, key, title=f"{name}の{title}", system=system, category=category, cause="設計・運用の不備、外部からの攻撃、委託先の障害",
                inherent_level=inherent, residual_level=residual, accepted_level=3, assessed_on=day, owner=owner.key,
                decision=None, decision_reason=None, decided_on=None,
            )  # fmt: skip
            decided = day + timedelta(days=self.chance.randrange(10, 60))
            yield self.save(
                at(decided, 13), owner, m.Risk, key, decision="no_change" if residual <= 3 else "change",
                decision_reason="現行の対策で許容水準に収まる" if residual <= 3 else "APIキーの制限を追加する", decided_on=decided,
            )  # fmt: skip
        newest_day = ago(self.today, newest)
        due = ago(self.today, 20) if grave else self.today + timedelta(days=self.chance.randrange(20, 200))
        if inherent >= 5 or grave:
            title = "APIキーの利用元制限と異常検知の導入" if grave else f"{name}の冗長化・監視の強化"
            yield self.save(
                at(newest_day, 15),
                owner,
                m.Treatment,
                f"T-{key[2:]}",
                title=title,
                risk=key,
                kind="reduce",
                owner=owner.key,
                due_on=due,
            )
