"""People who know the systems: skills, what systems ask, who masters what, the plan to pass it on and its rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from sekisho.records import models as m
from sekisho.records.record import Values
from sekisho.sample.story.words import Event, Words, ago, at

SKILLS = {
    "SK-1401": ("約定処理", "system"),
    "SK-1402": ("ウェブ・APIの開発", "development"),
    "SK-1403": ("スマートフォンアプリの開発", "development"),
    "SK-1404": ("ウォレットと鍵の管理", "system"),
    "SK-1405": ("本人確認の仕組み", "system"),
    "SK-1406": ("取引モニタリングの検知条件", "system"),
    "SK-1407": ("銀行接続", "system"),
    "SK-1408": ("認証基盤の保守", "system"),
    "SK-1409": ("監視・ログ基盤の運用", "operation"),
    "SK-1410": ("相場配信の保守", "system"),
    "SK-1411": ("データベースの運用", "operation"),
    "SK-1412": ("クラウド基盤の設計", "operation"),
}
# system: (skill, level) that it asks; two people each unless said below. Those of SK-09.. stand with cybersecurity.
NEEDS = {
    "S-EXC": [("SK-1401", 3), ("SK-1411", 3)], "S-WEB": [("SK-1402", 3), ("SK-1412", 2)], "S-APP": [("SK-1403", 3)],
    "S-API": [("SK-1402", 3)], "S-HOT": [("SK-1404", 3)], "S-COLD": [("SK-1404", 3)], "S-SIGN": [("SK-1404", 3)],
    "S-KYC": [("SK-1405", 3)], "S-AML": [("SK-1406", 3)], "S-BNK": [("SK-1407", 3), ("SK-1411", 2)], "S-IDP": [("SK-1408", 3)],
    "S-MON": [("SK-1409", 3)], "S-LOG": [("SK-1409", 2)], "S-SIEM": [("SK-0901", 3)], "S-WAF": [("SK-0901", 2)],
    "S-MKT": [("SK-1410", 3)],
}  # fmt: skip
MORE_PEOPLE = {("S-COLD", "SK-1404"): 3}
# (unit, place): level of each skill. Of the identity check and of monitoring trades only people of vendors know enough.
LEVELS = {
    ("U-DEV", 2): {"SK-1401": 4, "SK-1411": 3}, ("U-DEV", 3): {"SK-1401": 3, "SK-1402": 3, "SK-1410": 3},
    ("U-DEV", 4): {"SK-1402": 4, "SK-1403": 2, "SK-1412": 2}, ("U-DEV", 5): {"SK-1404": 3, "SK-1403": 3},
    ("U-DEV", 6): {"SK-1402": 2, "SK-1407": 3, "SK-1406": 1}, ("U-DEV", 7): {"SK-1403": 3, "SK-1410": 2, "SK-1408": 3},
    ("U-OPE", 1): {"SK-1411": 4, "SK-1409": 3}, ("U-OPE", 4): {"SK-1409": 4, "SK-1412": 3}, ("U-OPE", 5): {"SK-1408": 3, "SK-1411": 2},
    ("U-OPE", 6): {"SK-1407": 3, "SK-1409": 2}, ("U-OPE", 7): {"SK-1412": 1, "SK-1408": 2}, ("U-CUS", 0): {"SK-1404": 4},
    ("U-CUS", 1): {"SK-1404": 3}, ("U-CUS", 2): {"SK-1404": 2}, ("U-COMP", 0): {"SK-1405": 2, "SK-1406": 2}, ("U-TRD", 0): {"SK-1410": 2},
}  # fmt: skip
STALE = ("U-OPE", 7), ("U-CUS", 2)  # who was not assessed this year
OUTSIDE = {
    # key: (name, firm, unit, skills)
    "P-9001": ("雪村 亘", "株式会社みなと認証", "U-COMP", {"SK-1405": 4}),
    "P-9002": ("風間 梢", "株式会社みなと認証", "U-COMP", {"SK-1405": 3}),
    "P-9003": ("月岡 巧", "セイラン分析株式会社", "U-COMP", {"SK-1406": 4}),
    "P-9004": ("星川 湊", "セイラン分析株式会社", "U-COMP", {"SK-1406": 3}),
}
# topic, kind, skill, from, to, due and done in days ago (None: not yet; below 0: to come), plan
TRAININGS: tuple[tuple[str, str, str, tuple[str, int] | None, tuple[str, int], int, int | None, int], ...] = (
    ("約定処理の設計思想の継承", "hand_over", "SK-1401", ("U-DEV", 2), ("U-DEV", 3), 860, 866, 1),
    ("ウォレット運用の継承", "hand_over", "SK-1404", ("U-CUS", 0), ("U-CUS", 1), 700, 705, 1),
    ("クラウド設計の研修", "training", "SK-1412", None, ("U-OPE", 4), 560, 548, 1),
    ("銀行接続の手順の継承", "hand_over", "SK-1407", ("U-DEV", 6), ("U-OPE", 6), 320, 330, 2),
    ("監視項目の設計の研修", "training", "SK-1409", None, ("U-OPE", 6), 180, 186, 2),
    ("認証基盤の切替の継承", "hand_over", "SK-1408", ("U-OPE", 5), ("U-DEV", 7), 110, 118, 2),
    ("本人確認の仕組みの継承", "hand_over", "SK-1405", None, ("U-COMP", 0), 26, None, 2),
    ("相場配信の保守の継承", "hand_over", "SK-1410", ("U-DEV", 3), ("U-DEV", 7), -35, None, 2),
    ("検知条件の作成の研修", "training", "SK-1406", None, ("U-COMP", 0), -75, None, 2),
)


class People(Words):
    """People who know the systems: skills, what systems ask, who masters what, the plan to pass it on and its rows."""

    def people(self) -> Iterator[Event]:
        yield from self._outside()
        yield from self._skill_map()
        yield from self._assessed()
        yield from self._succession()
        yield from self.approved(
            at(ago(self.today, 130)), self.risk, self.chief, m.GrantedException, "EX-1401", "委託先の体制で補う",
            clause="G14-1", kind="otherwise", subject="system:S-AML", reason="検知条件の作成は委託先の専門家が担い、自社の要員は育成の途中であるため。",
            equivalent="委託先の要員2名の常駐と交代要員を契約で定め、条件の変更は自社が承認し記録する。", from_on=ago(self.today, 130), until_on=self.today + timedelta(days=200),
        )  # fmt: skip

    def _outside(self) -> Iterator[Event]:
        came = at(self.start, 19, 30)
        for minute, (key, (name, firm, unit, _)) in enumerate(OUTSIDE.items()):
            values: Values = {
                "name": name,
                "unit": unit,
                "employment": "external",
                "vendor": firm,
                "joined_on": self.start,
            }
            yield self.save(came + timedelta(minutes=minute), self.risk, m.Person, key, **values)

    def _skill_map(self) -> Iterator[Event]:
        begun = at(self.start + timedelta(days=61), 9)  # after the skills of cybersecurity
        skills: list[tuple[str, Values]] = [
            (key, {"name": name, "field": of}) for key, (name, of) in SKILLS.items()
        ]
        yield self.taken(begun, "load", m.Skill, skills)
        needs: list[tuple[str, Values]] = []
        for system, asked in NEEDS.items():
            for skill, level in asked:
                values: Values = {
                    "system": system,
                    "skill": skill,
                    "level": level,
                    "people": MORE_PEOPLE.get((system, skill)),
                }
                needs.append((f"SN-{system[2:]}-{skill[3:]}", values))
        yield self.taken(begun + timedelta(minutes=10), "load", m.SkillNeed, needs)

    def _assessed(self) -> Iterator[Event]:
        """Each year everybody is assessed by the manager of the unit, a level lower the years before."""
        for years_ago, day in self.yearly(48):
            day = max(day, self.start + timedelta(days=62))
            rows: list[tuple[str, Values]] = []
            for (unit, place), levels in LEVELS.items():
                if years_ago == 0 and (unit, place) in STALE:
                    continue
                of, by = self.cast.at(unit, place), self.cast.manager_of(unit)
                rows += self._levels(of.key, levels, day, (self.chief if of == by else by).key, years_ago)
            for key, (_, _, unit, levels) in OUTSIDE.items():
                rows += self._levels(key, levels, day, self.cast.manager_of(unit).key, 0)
            yield self.taken(at(day, 17, 30), "assess_skills", m.SkillLevel, rows)

    def _levels(
        self, person: str, levels: dict[str, int], day: date, by: str, years_ago: int
    ) -> Iterator[tuple[str, Values]]:
        for skill, level in levels.items():
            lower = 1 if years_ago and level < 3 else 0
            values: Values = {
                "person": person,
                "skill": skill,
                "level": level - lower,
                "assessed_on": day,
                "assessed_by": by,
            }
            yield f"SL-{person[2:]}-{skill[3:]}-{day.year}", values

    def _succession(self) -> Iterator[Event]:
        """The plan, renewed once; its hand-overs and trainings, one of them overdue."""
        first, second = ago(self.start, -30), ago(self.today, 420)
        told: Values = {"kind": "succession_plan", "title": "技術継承・人材育成計画"}
        yield from self.approved(
            at(ago(first, 3)), self.risk, self.chief, m.Document, "D-SUC-1", "計画の策定", **told, version="1", in_force_on=first,
            until_on=ago(second, 1),
        )  # fmt: skip
        yield from self.approved(
            at(ago(second, 3)), self.risk, self.chief, m.Document, "D-SUC-2", "年次の見直し", **told, version="2", in_force_on=second,
            review_by_on=self.today + timedelta(days=280),
        )  # fmt: skip
        for n, (topic, kind, skill, giver, taker, due, done, version) in enumerate(TRAININGS, 1):
            planned = at((first if version == 1 else second) + timedelta(days=40), 9, n)
            values: Values = {
                "topic": topic, "kind": kind, "plan": f"D-SUC-{version}", "skill": skill, "people": [self.cast.at(*taker).key],
                "from_person": self.cast.at(*giver).key if giver else None, "due_on": ago(self.today, due),
            }  # fmt: skip
            if skill == "SK-1405":
                values["from_person"] = "P-9001"
            yield self.save(planned, self.risk, m.Training, f"TR-14{n:02d}", **values)
            if done is not None:
                day = ago(self.today, done)
                yield self.save(
                    at(day, 17), self.risk, m.Training, f"TR-14{n:02d}", done_on=day, result="実機で一巡し、手順書を更新した。",
                )  # fmt: skip
