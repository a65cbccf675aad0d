"""What every unit does every month and every half-year, and the board every quarter."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sekisho.kernel import clock
from sekisho.kernel.clock import add_months
from sekisho.records import models as m
from sekisho.sample import member
from sekisho.sample.story.words import YEARS, Event, Words, ago, at


class Months(Words):
    """What every unit does every month and every half-year, and the board every quarter."""

    def months(self) -> Iterator[Event]:
        n = 0
        for month in range(1, 12 * YEARS + 1):
            first = add_months(self.start, month)
            for unit in member.UNITS:
                submitted = at(first + timedelta(days=self.chance.randrange(1, 6)), 16)
                if clock.day_of(submitted) > self.today or (
                    unit == "U-SUP" and submitted > at(ago(self.today, 12))
                ):
                    continue
                n += 1
                yield from self._status_report(f"SR-{n:04d}", unit, add_months(first, -1), submitted)
        yield from self._lists()
        yield from self._board()

    def _status_report(self, key: str, unit: str, period: date, submitted: datetime) -> Iterator[Event]:
        manager = self.cast.manager_of(unit)
        state = self.chance.choice(
            ["異常なし", "異常なし", "異常なし", "軽微な不具合1件、対応済み", "権限の棚卸しを実施"]
        )
        yield self.save(
            submitted, manager, m.StatusReport, key,
            system_manager=manager.key, unit=unit, period=f"{period:%Y-%m}", state=state, submitted_at=submitted,
        )  # fmt: skip
        reviewed = submitted + timedelta(days=self.chance.randrange(2, 12), hours=1)
        if clock.day_of(reviewed) < self.today:
            yield self.save(
                reviewed, self.chief, m.StatusReport, key, reviewed_at=reviewed, reviewed_by=self.chief.key
            )

    def _lists(self) -> Iterator[Event]:
        """Equipment and information flows of every unit, confirmed each half-year; one unit is late."""
        kinds = ("ノートPC", "業務端末", "ネットワーク機器", "複合機", "作業用端末")
        for unit, (_, _, _, people) in member.UNITS.items():
            newest = 214 if unit == "U-CUS" else self.chance.randrange(30, 120)
            for half in range(2 * YEARS):
                day = add_months(ago(self.today, newest), -6 * half)
                if day <= self.start:
                    continue
                equipment = [
                    (
                        f"EQ-{unit[2:]}-{n:02d}",
                        {
                            "unit": unit,
                            "what": f"{kinds[n % 5]} {n + 1}号",
                            "location": "本社",
                            "confirmed_on": day,
                        },
                    )
                    for n in range(people // 2 + 2)
                ]
                flows = [
                    (f"IF-{unit[2:]}-{n}", {"unit": unit, "source": s, "destination": d, "data_class": c, "way": w, "confirmed_on": day})
                    for n, (s, d, c, w) in enumerate((("基幹システム", member.UNITS[unit][0], "users", "専用画面"), (member.UNITS[unit][0], "経営", "internal", "ファイル共有"), (member.UNITS[unit][0], "当局・協会", "secret", "専用回線")))
                ]  # fmt: skip
                yield self.taken(at(day, 11), "import", m.Equipment, equipment)
                yield self.taken(at(day, 11, 20), "import", m.InformationFlow, flows)

    def _board(self) -> Iterator[Event]:
        """The board each quarter, with the report on system management."""
        for n, (key, day) in enumerate(self.boards(), 1):
            yield self.save(
                at(day, 15), self.risk, m.Meeting, key, body="board", held_on=day, agenda="システム管理状況の報告ほか",
                decisions="報告を了承した", attached_report=f"システム管理状況報告書（{day:%Y年%m月}）",
            )  # fmt: skip
            yield self.save(
                at(day, 16), self.risk, m.Resolution, f"RS-{n:04d}", meeting=key, text="システム管理状況の報告を了承する", decided_on=day,
            )  # fmt: skip
