"""The rule's table of contents: every article with its clauses, in the rule's order."""

from dataclasses import dataclass
from importlib import import_module

from sekisho.kernel.errors import NotFound
from sekisho.kernel.texts import Text
from sekisho.rulebook.language import CHECKS, CLAUSES, Check, Clause

TITLE = Text(
    "暗号資産交換業に係るシステムリスク管理に関する規則",
    "Rules on system risk management for crypto-asset exchange",
)
SOURCE = Text("一般社団法人日本暗号資産等取引業協会（JVCEA）自主規制規則", "JVCEA self-regulatory rule")


@dataclass(frozen=True)
class Article:
    number: str
    module: str
    title: Text
    chapter: Text


_GENERAL = Text("第1章 総則", "Chapter 1: General")
_STRUCTURE = Text("第2章 体制の整備", "Chapter 2: Structure")
_CYBERSECURITY = Text("第3章 サイバーセキュリティ管理", "Chapter 3: Cybersecurity")
_SYSTEMS = Text("第4章 システム管理", "Chapter 4: System management")
_OUTSOURCING = Text("第5章 外部委託管理", "Chapter 5: Outsourcing")

ARTICLES: tuple[Article, ...] = (
    Article("1", "article_01_purpose", Text("目的", "Purpose"), _GENERAL),
    Article("2", "article_02_system_risk", Text("定義", "Definitions"), _GENERAL),
    Article(
        "3", "article_03_managing_system_risk", Text("システムリスク管理", "Managing system risk"), _GENERAL
    ),
    Article("4", "article_04_management", Text("経営姿勢", "Management's stance"), _GENERAL),
    Article("5", "article_05_organisation", Text("組織体制", "Organisation"), _STRUCTURE),
    Article(
        "6",
        "article_06_chief_system_officer",
        Text("システム統括管理責任者", "Chief system officer"),
        _STRUCTURE,
    ),
    Article(
        "7", "article_07_system_managers", Text("システム管理責任者の設置", "System managers"), _STRUCTURE
    ),
    Article(
        "8",
        "article_08_risk_management_structure",
        Text("システムリスク管理体制", "Structure of system risk management"),
        _STRUCTURE,
    ),
    Article(
        "9",
        "article_09_cybersecurity",
        Text("サイバーセキュリティ管理", "Cybersecurity management"),
        _CYBERSECURITY,
    ),
    Article(
        "10",
        "article_10_cyber_attacks",
        Text("サイバー攻撃対策", "Measures against cyber attacks"),
        _CYBERSECURITY,
    ),
    Article(
        "11",
        "article_11_planning_and_development",
        Text("システム企画・開発", "Planning and development"),
        _SYSTEMS,
    ),
    Article("12", "article_12_operation", Text("運用管理", "Operation"), _SYSTEMS),
    Article("13", "article_13_maintenance", Text("メンテナンス", "Maintenance"), _SYSTEMS),
    Article("14", "article_14_people", Text("人材の確保・育成", "People"), _SYSTEMS),
    Article("15", "article_15_quality", Text("品質の管理", "Quality"), _SYSTEMS),
    Article("16", "article_16_quality_plan", Text("品質管理計画", "Quality plan"), _SYSTEMS),
    Article("17", "article_17_development_quality", Text("開発時の品質", "Quality in development"), _SYSTEMS),
    Article("18", "article_18_development_standards", Text("開発基準", "Development standards"), _SYSTEMS),
    Article("19", "article_19_quality_tests", Text("品質テスト・評価", "Quality tests"), _SYSTEMS),
    Article("20", "article_20_introduction", Text("導入時検査", "Introduction"), _SYSTEMS),
    Article(
        "21", "article_21_watching_operation", Text("稼働状況の監視", "Watching the operation"), _SYSTEMS
    ),
    Article("22", "article_22_changes", Text("変更時の品質管理", "Changes"), _SYSTEMS),
    Article("23", "article_23_integration", Text("システム統合リスク", "Integration"), _SYSTEMS),
    Article("24", "article_24_system_audit", Text("システム監査", "System audit"), _SYSTEMS),
    Article("25", "article_25_outsourcing", Text("外部委託管理", "Outsourcing"), _OUTSOURCING),
    Article(
        "26",
        "article_26_monitoring_vendors",
        Text("外部委託先のモニタリング", "Monitoring of vendors"),
        _OUTSOURCING,
    ),
    Article(
        "27",
        "article_27_cloud",
        Text("クラウドサービス利用に関する留意事項", "Cloud services"),
        _OUTSOURCING,
    ),
)

for _article in ARTICLES:
    import_module(f"sekisho.rulebook.articles.{_article.module}")


def clauses() -> list[Clause]:
    """Every clause, by article; within one, the rule's paragraphs and items as declared, then its guidelines."""
    order = {a.number: n for n, a in enumerate(ARTICLES)}
    places = {citation: n for n, citation in enumerate(CLAUSES)}
    return sorted(CLAUSES.values(), key=lambda c: (order[c.article], c.is_guideline, places[c.citation]))


def clause_named(citation: str) -> Clause:
    """The clause. Raises NotFound for an unknown citation."""
    try:
        return CLAUSES[citation]
    except KeyError:
        raise NotFound(
            what=Text(
                f"条項「{citation}」（例 7-1、10-2-4、G5-1）",
                f"The clause '{citation}' (write it like 7-1, 10-2-4, G5-1)",
            )
        ) from None


def article_of(clause: Clause) -> Article:
    return next(a for a in ARTICLES if a.number == clause.article)


def checks_of(citation: str) -> list[Check]:
    return CHECKS.get(citation, [])


def all_checks() -> list[Check]:
    """Every check, in the order of the clauses."""
    return [check for clause in clauses() for check in checks_of(clause.citation)]
