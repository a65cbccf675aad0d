"""Configuration: what systems are made of, what tools find, licences, reconciliations, reviews of operation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sekisho.kernel.clock import add_months
from sekisho.records import models as m
from sekisho.records.record import Record, Values
from sekisho.sample import member
from sekisho.sample.cast import Somebody
from sekisho.sample.story.words import YEARS, Event, Words, ago, at

IN_SCOPE = [key for key in member.SYSTEMS if key not in member.OUT_OF_SCOPE]
OWN_SERVERS = [
    "S-EXC",
    "S-HOT",
    "S-COLD",
    "S-SIGN",
    "S-AML",
    "S-LED",
    "S-BNK",
    "S-IDP",
    "S-MON",
    "S-LOG",
    "S-CI",
    "S-HR",
    "S-MKT",
]
PLATFORMS = (
    ("PostgreSQL", "16.4", "pkg:generic/postgresql@16.4"),
    ("nginx", "1.26.2", "pkg:generic/nginx@1.26.2"),
    ("Eclipse Temurin JRE", "21.0.5", "pkg:generic/temurin-jre@21.0.5"),
    ("Redis", "7.2.6", "pkg:generic/redis@7.2.6"),
    ("RabbitMQ", "3.13.7", "pkg:generic/rabbitmq@3.13.7"),
)
# What several systems share: name, kind, system.
SHARED = {
    "C-DC-1": ("東雲データセンター 東京区画", "hosting", None),
    "C-DC-2": ("東雲データセンター 大阪区画", "hosting", None),
    "C-NET-1": ("基幹スイッチ 東京", "network", "S-MON"),
    "C-NET-2": ("インターネット回線 正系", "network", "S-WAF"),
    "C-NET-3": ("銀行接続用の専用線", "connection", "S-BNK"),
}
# The systems on each cloud; the component of one that serves several belongs to none of them. Of the mail nobody knows
# on what it runs: see the exception.
CLOUDS = {
    "CS-0001": ("オリオン計算基盤", ["S-WEB", "S-APP", "S-API"]),
    "CS-0002": ("北斗 顧客対応・文書クラウド", ["S-CRM", "S-FILE"]),
    "CS-0003": ("北斗 開発クラウド", ["S-SRC"]),
    "CS-0004": ("みなと本人確認クラウド", ["S-KYC"]),
    "CS-0005": ("東風 監視クラウド", ["S-SIEM", "S-WAF"]),
    "CS-0006": ("ライオンゲート分析基盤", ["S-BI"]),
    "CS-0007": ("東雲バックアップ", ["S-LED"]),
}
LATER = {"CS-0006": 20, "OS-0005": 8}  # how many months ago it came into use
FORGOTTEN = 21  # days after which the item of the night watch was registered
SERVICES = {
    "OS-0001": "S-KYC", "OS-0002": "S-AML", "OS-0003": "S-SIEM", "OS-0004": "S-APP", "OS-0005": "S-MON", "OS-0006": "S-HR",
    "OS-0007": "S-CRM",
}  # fmt: skip
CONNECTIONS = (
    "WEB-EXC", "APP-API", "API-EXC", "EXC-MKT", "EXC-LED", "EXC-HOT", "HOT-SIGN", "SIGN-COLD", "WEB-IDP", "APP-IDP", "API-IDP",
    "WEB-KYC", "APP-KYC", "KYC-AML", "EXC-AML", "BNK-LED", "BNK-EXC", "CRM-WEB", "LOG-SIEM", "WAF-WEB", "WAF-APP", "WAF-API",
    "MON-LOG", "CI-SRC", "CI-WEB", "BI-LED", "MAIL-IDP", "FILE-IDP", "HR-FILE", "WAF-SIEM",
)  # fmt: skip
# title, component, days from today to its end, the one that follows
LICENCES = {
    "LI-0001": ("約定データベース 保守契約", "C-EXC-3", -200, "LI-0002"),
    "LI-0002": ("約定データベース 保守契約（更新）", "C-EXC-3", 165, None),
    "LI-0003": ("WAF 機能ライセンス", "C-WAF-1", 18, None),
    "LI-0004": ("SIEM 取込量ライセンス", "C-SIEM-1", 74, None),
    "LI-0005": ("署名サーバー 鍵管理ソフトウェア", "C-SIGN-2", -400, "LI-0006"),
    "LI-0006": ("署名サーバー 鍵管理ソフトウェア（更新）", "C-SIGN-2", None, None),
}
RENEWED = {"LI-0002": 230, "LI-0006": 391}  # how many days ago; the second one nine days after the end
COUNTED = {6: (61, 9, 4), 3: (70, 3, 2)}  # reconciliations, by how many quarters ago: matched, missing, extra
SILENT = "C-LED-1"  # an old server that the tools no longer see


class Configuration(Words):
    """Configuration: what systems are made of, what tools find, licences, reconciliations, reviews of operation."""

    @property
    def operation(self) -> Somebody:
        return self.cast.manager_of("U-OPE")

    def configuration(self) -> Iterator[Event]:
        yield from self._configuration_policy()
        yield from self._register()
        yield from self._confirmations()
        yield from self._discovery()
        yield from self._licences()
        yield from self._looked_at()
        yield from self.approved(
            at(ago(self.today, 210)), self.risk, self.chief, m.GrantedException, "EX-1201", "事業者の一括提供による", clause="12-4-1",
            kind="otherwise", subject="system:S-MAIL", reason="電子メールは事業者が一括して提供し、稼働する機器と場所は開示されないため。",
            equivalent="事業者の保証報告書で基盤の管理を年に一度確認し、稼働率を月次で受領する。", from_on=ago(self.today, 210), until_on=self.today + timedelta(days=155),
        )  # fmt: skip

    def _configuration_policy(self) -> Iterator[Event]:
        """The first named its systems, and one came to be forgotten; the second applies to all."""
        first, second = ago(self.start, -12), ago(self.today, 430)
        told: Values = {"kind": "configuration_policy", "title": "構成管理方針"}
        named = [key for key in IN_SCOPE if key != "S-BI"]
        outline = "構成要素の登録・確認・検出との照合と、変更時の更新の責任を定める。"
        yield from self.approved(
            at(ago(first, 5)), self.operation, self.chief, m.Document, "D-CONF-1", "構成管理の開始", **told, version="1", in_force_on=first,
            systems=named, outline=outline,
        )  # fmt: skip
        yield from self.approved(
            at(ago(second, 8)), self.operation, self.chief, m.Document, "D-CONF-2", "適用範囲を全システムに改める", **told, version="2", in_force_on=second,
            all_systems=True, review_by_on=self.today + timedelta(days=300), outline=outline,
        )  # fmt: skip
        yield from self.approved(
            at(ago(second, 7)), self.operation, self.chief, m.Document, "D-CONF-1", "新版の施行に伴う失効", until_on=ago(second, 1),
        )  # fmt: skip

    # --- the register -------------------------------------------------------------------------------------------------

    def _register(self) -> Iterator[Event]:
        """Taken over at the beginning; what came later was registered with its first day, and once weeks after."""
        rows = [*self._shared(), *self._parts()]
        rows += [self._item(k) for k in (*CLOUDS, *SERVICES) if k not in LATER]
        yield self.taken(at(self.start, 18), "load", m.Component, rows)
        yield self.taken(at(self.start, 18, 10), "load", m.Relation, list(self._relations()))
        for key, months in LATER.items():
            since = add_months(self.today, -months)
            when = since + timedelta(days=FORGOTTEN if key == "OS-0005" else 0)
            item, values = self._item(key)
            yield self.save(
                at(when, 12), self.operation, m.Component, item, **values | {"registered_on": when}
            )
        first_of_late = add_months(self.today, -LATER["CS-0006"])
        yield self.save(
            at(first_of_late, 13), self.operation, m.Relation, "RE-CS-0006-BI", from_component="C-BI-1", kind="runs_on", to_component="C-CS-0006",
        )  # fmt: skip
        left = add_months(self.today, -14)
        yield self.save(at(left, 18, 30), self.operation, m.Component, "C-CS-0007", until_on=left)

    def _known(self, values: Values) -> Values:
        """As it was taken over: before there was a tool for discovery."""
        before = ago(self.start, 30)
        return values | {"registered_on": before, "confirmed_on": before, "discoverable": False}

    def _shared(self) -> Iterator[tuple[str, Values]]:
        for key, (name, kind, system) in SHARED.items():
            yield key, self._known({"name": name, "kind": kind, "system": system})

    def _parts(self) -> Iterator[tuple[str, Values]]:
        """Each system's own: a server where it has one, the application, a platform below it, its documents."""
        for n, key in enumerate(IN_SCOPE):
            name, short = member.SYSTEMS[key][0], key[2:]
            platform, version, purl = PLATFORMS[n % len(PLATFORMS)]
            parts: list[Values] = (
                [{"name": f"{name} サーバー", "kind": "hardware", "identifier": f"SN-{4100 + 7 * n}"}]
                if key in OWN_SERVERS
                else []
            )
            parts += [
                {"name": f"{name} アプリケーション", "kind": "software", "version": f"{2 + n % 4}.{n % 7}"},
                {"name": platform, "kind": "software", "version": version, "identifier": purl},
                {"name": f"{name} 構成図・運用手順書", "kind": "document"},
            ]
            for place, values in enumerate(parts, 1):
                yield f"C-{short}-{place}", self._known(values | {"system": key})

    def _item(self, key: str) -> tuple[str, Values]:
        """The item of a cloud or of outsourced work."""
        if key in CLOUDS:
            name, systems = CLOUDS[key]
            return f"C-{key}", self._known(
                {
                    "name": name,
                    "kind": "cloud",
                    "system": systems[0] if len(systems) == 1 else None,
                    "cloud_service": key,
                }
            )
        system = SERVICES[key]
        told: Values = {
            "name": f"{member.SYSTEMS[system][0]}の委託業務",
            "kind": "outsourced",
            "system": system,
            "service": key,
        }
        return f"C-{key}", self._known(told)

    def _relations(self) -> Iterator[tuple[str, Values]]:
        for pair in CONNECTIONS:
            one, other = pair.split("-")
            yield (
                f"RE-{pair}",
                {
                    "from_component": _application(one),
                    "kind": "connects_to",
                    "to_component": _application(other),
                },
            )
        for n, key in enumerate(OWN_SERVERS):
            yield (
                f"RE-DC-{key[2:]}",
                {"from_component": f"C-{key[2:]}-1", "kind": "runs_on", "to_component": f"C-DC-{1 + n % 2}"},
            )
        for cloud, (_, systems) in CLOUDS.items():
            for key in systems if cloud not in LATER and cloud != "CS-0007" else ():
                yield (
                    f"RE-{cloud}-{key[2:]}",
                    {
                        "from_component": _application(key[2:]),
                        "kind": "runs_on",
                        "to_component": f"C-{cloud}",
                    },
                )

    def _confirmations(self) -> Iterator[Event]:
        """Each half-year the systems' configurations are gone through; once that of the analysis was left out."""
        for half in reversed(range(2 * YEARS)):
            day = add_months(ago(self.today, 62), -6 * half)
            if day > self.start:
                systems = [key for key in IN_SCOPE if (key, half) != ("S-BI", 2)]
                rows: list[tuple[str, Values]] = [
                    (_application(key[2:]), {"confirmed_on": day}) for key in systems
                ]
                yield self.taken(at(day, 15), "import", m.Component, rows)

    # --- what tools find ------------------------------------------------------------------------------------------------

    def _discovery(self) -> Iterator[Event]:
        """A tool came into use 50 days ago; since then it sees nearly all, one it sees no more, and two nobody knows."""
        found = [
            key
            for key, values in (*self._parts(), *self._shared())
            if values["kind"] in ("hardware", "software", "network")
        ]
        found += [f"C-{key}" for key in CLOUDS if key != "CS-0007"]
        for days in (50, 25, 2):
            seen = at(ago(self.today, days), 3)
            first: Values = (
                {"first_seen_at": seen, "seen_by": "資産検出", "discoverable": True} if days == 50 else {}
            )
            rows: list[tuple[str, Values]] = [
                (key, first | {"last_seen_at": seen}) for key in found if days == 50 or key != SILENT
            ]
            yield self.taken(seen, "discovery", m.Component, rows)
            yield from self._unknown(days, seen)
        yield self.save(
            at(ago(self.today, 45)), self.operation, m.Component, "C-9003", registered_on=ago(self.today, 45)
        )

    def _unknown(self, days: int, seen: datetime) -> Iterator[Event]:
        """What is found first on that day and stands in no register."""
        unknown: dict[int, tuple[str, Values]] = {
            50: ("C-9003", {"name": "バックアップ用スイッチ", "kind": "network", "system": "S-MON", "identifier": "SN-7719"}),
            25: ("C-9001", {"name": "vm-ci-runner-07", "kind": "hardware", "system": "S-CI", "identifier": "i-0a7c41d9e2"}),
            2: ("C-9002", {"name": "Apache Log4j Core", "kind": "software", "system": "S-APP", "version": "2.24.1", "identifier": "pkg:maven/org.apache.logging.log4j/log4j-core@2.24.1"}),
        }  # fmt: skip
        for since, (key, values) in unknown.items():
            told: Values = {"last_seen_at": seen, "seen_by": "資産検出"}
            if since == days:
                told |= values | {"first_seen_at": seen}
            if since >= days:
                yield self.taken(seen + timedelta(minutes=5), "discovery", m.Component, [(key, told)])

    def _licences(self) -> Iterator[Event]:
        rows: dict[str, tuple[str, Values]] = {}
        for key, (title, component, days, _) in LICENCES.items():
            ends = None if days is None else self.today + timedelta(days=days)
            rows[key] = (key, {"title": title, "component": component, "count": 2, "ends_on": ends})
        yield self.taken(
            at(self.start, 18, 20),
            "load",
            m.Licence,
            [row for key, row in rows.items() if key not in RENEWED],
        )
        for key, days in RENEWED.items():
            day = ago(self.today, days)
            before = next(k for k, (*_, following) in LICENCES.items() if following == key)
            yield self.save(at(day, 11), self.operation, m.Licence, key, **rows[key][1])
            yield self.save(at(day, 11, 10), self.operation, m.Licence, before, renewed_by=key)

    def _looked_at(self) -> Iterator[Event]:
        """Each quarter register and discovery are compared, and operation is reviewed; one review was left out."""
        tables: list[tuple[type[Record], str, Values]]
        for n, quarter in enumerate(reversed(range(4 * YEARS)), 1):
            day = add_months(ago(self.today, 30), -3 * quarter)
            matched, missing, extra = COUNTED.get(quarter, (84 + n % 3, 2, 1))
            source = "資産検出" if quarter == 0 else "現物の棚卸し"
            tables = [
                (m.Reconciliation, f"RC-{n:04d}", {"done_on": day, "source": source, "matched": matched, "missing": missing, "extra": extra}),
            ]  # fmt: skip
            if quarter != 5:
                told: Values = {
                    "title": f"運用の四半期レビュー（第{n}回）",
                    "kind": "operations",
                    "held_on": day,
                    "period_from_on": add_months(day, -3),
                    "period_until_on": ago(day, 1),
                }
                told["findings"] = (
                    "稼働は安定。夜間の呼出しの手順と監視項目を見直し、当番の引継ぎ様式を改める。"
                )
                tables.append((m.Review, f"RV-O{n:03d}", told))
            for minute, (model, key, values) in enumerate(tables):
                if day > self.start:
                    yield self.save(at(day, 16, minute), self.operation, model, key, **values)


def _application(short: str) -> str:
    """The key of a system's application."""
    return f"C-{short}-{2 if f'S-{short}' in OWN_SERVERS else 1}"
