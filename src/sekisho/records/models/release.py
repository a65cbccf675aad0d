"""What goes into use: releases, their tests, judgement, deployment and what was seen afterwards."""

from __future__ import annotations

from django.db.models import Q

from sekisho.kernel import clock
from sekisho.kernel.texts import Text
from sekisho.records.fields import (
    Choice,
    Day,
    Flag,
    Instant,
    Line,
    Number,
    Reference,
    References,
    Several,
    Words,
)
from sekisho.records.introduction import JUDGES, NOT_JUDGED_FIT, is_judged_fit, judge_trouble
from sekisho.records.models.development import Project
from sekisho.records.models.organisation import Appointment, Person, System, Unit
from sekisho.records.record import Kind, Problems, Record, Values, backwards, merged
from sekisho.records.roles import DEVELOPMENT, EVERYBODY_IN_CHARGE, MANAGERS, OPERATION

APPROVE_PLANS = frozenset({"chief_system_officer", "system_manager"})
TEST_KINDS = {
    "unit": ("単体", "Unit"),
    "integration": ("結合", "Integration"),
    "system": ("総合", "System"),
    "performance": ("性能", "Performance"),
    "security": ("セキュリティ", "Security"),
    "user_department": ("ユーザー部門の受入", "User department"),
    "field": ("実用", "Field"),
    "fall_back": ("切戻し", "Fall-back"),
}


class Release(Record):
    """A version of a system that is to go, or went, into use."""

    about = Kind(
        "release", "リリース", "Release", "RL", "quality", ("17", "18", "19-1", "19-2", "20-1", "22"), "title", DEVELOPMENT,
        columns=("title", "system", "version", "emergency", "planned_on", "static_findings"),
        help=Text("システムの導入・更新の単位。テスト・判定・検査を経て導入します。", "What goes into use: through tests, judgement and inspection."),
    )  # fmt: skip
    title = Line("名称", "Title", required=True)
    system = Reference(System, "システム", "System", required=True)
    version = Line("版", "Version", required=True)
    project = Reference(Project, "案件", "Project")
    changes = Words("変更内容", "Changes")
    digests = Several("成果物のハッシュ", "Digests")
    authors = References(
        "person", "開発者", "Authors", help_ja="判定者にはなれません", help_en="They may not judge it"
    )
    emergency = Flag("緊急", "Emergency")
    planned_on = Day("導入予定日", "Planned for")
    static_done_on = Day("静的解析の実施日", "Static analysis done on")
    static_findings = Number("静的解析の指摘（基準超）", "Static-analysis findings over the bound")
    shortfall_measure = Words(
        "水準未達時の措置", "Measure where the level is not met",
        help_ja="延期・条件付き導入などの措置と理由（第19条第2項）", help_en="Postponement, conditions and why (19-2)",
    )  # fmt: skip
    shortfall_permitted_by = Reference(Person, "措置を認めた人", "Measure permitted by")
    shortfall_permitted_on = Day("措置を認めた日", "Measure permitted on")


class TestPlan(Record):
    """What is to be tested, by which criteria; of a project or of a release. It takes approval."""

    __test__ = False  # no class of tests

    about = Kind(
        "test_plan", "テスト計画", "Test plan", "TP", "quality", ("11-5", "19-1", "23-2"), "title", DEVELOPMENT,
        approvers=lambda _: APPROVE_PLANS, columns=("title", "project", "release", "systems", "criteria"),
        help=Text("案件・リリースのテスト計画と合否の基準。承認が必要です。", "Test plans of projects and releases, with criteria. They take approval."),
    )  # fmt: skip
    title = Line("名称", "Title", required=True)
    project = Reference(Project, "案件", "Project")
    release = Reference(Release, "リリース", "Release")
    scope = Words("範囲", "Scope")
    criteria = Words("合否の基準", "Criteria")
    systems = References("system", "対象システム", "Systems")
    interfaces = References("interface", "対象の接続", "Interfaces")

    @classmethod
    def problems(cls, values: Values) -> Problems:
        if values.get("project") or values.get("release"):
            return {}
        return {"project": [Text("案件かリリースを指定してください。", "Name a project or a release.")]}


class TestResult(Record):
    """The result of one kind of test under a plan."""

    __test__ = False

    about = Kind(
        "test_result", "テスト結果", "Test result", "TRS", "quality", ("11-5", "19-1", "20-1", "23-5"), "kind", DEVELOPMENT | OPERATION | EVERYBODY_IN_CHARGE,
        columns=("plan", "kind", "done_on", "passed", "failed", "criteria_met", "by_unit"),
        help=Text("計画に基づくテストの結果と基準の達否。", "Results of tests under a plan, and whether the criteria were met."),
    )  # fmt: skip
    plan = Reference(TestPlan, "テスト計画", "Test plan", required=True)
    kind = Choice("種類", "Kind", TEST_KINDS, required=True)
    done_on = Day("実施日", "Done on", required=True)
    by_unit = Reference(Unit, "実施部署", "By unit")
    passed = Number("合格", "Passed")
    failed = Number("不合格", "Failed")
    criteria_met = Flag("基準を満たす", "Criteria met")
    evaluation = Words("評価", "Evaluation")


class Judgement(Record):
    """Whether a release is fit for use, by an entitled person."""

    about = Kind(
        "judgement", "適否判定", "Judgement", "JU", "quality", ("17", "20-1", "20-2"), "verdict", MANAGERS,
        columns=("release", "verdict", "judged_by", "at", "conditions"),
        help=Text("リリースの導入の適否の判定。開発者自身は判定できません。", "Whether a release is fit for use. Its authors may not judge."),
    )  # fmt: skip
    release = Reference(Release, "リリース", "Release", required=True)
    verdict = Choice(
        "判定", "Verdict",
        {"fit": ("適", "Fit"), "conditional": ("条件付き適", "Fit with conditions"), "unfit": ("不適", "Unfit")}, required=True,
    )  # fmt: skip
    judged_by = Reference(Person, "判定者", "By", required=True)
    at = Instant("判定日時", "At", required=True)
    conditions = Words("条件", "Conditions")
    reason = Words("理由", "Reason")

    @classmethod
    def problems(cls, values: Values) -> Problems:
        if values.get("verdict") == "conditional" and not values.get("conditions"):
            return {"conditions": [Text("条件を入力してください。", "Say what the conditions are.")]}
        return {}

    @classmethod
    def problems_among(cls, key: str, values: Values) -> Problems:
        found = super().problems_among(key, values)
        release = Release.objects.filter(pk=values["release"]).select_related("system").first()
        if release is None:
            return found
        day, judge = clock.day_of(values["at"]), values["judged_by"]
        still_here = Q(person__left_on__isnull=True) | Q(person__left_on__gte=day)
        offices = Appointment.objects.filter(still_here, person_id=judge, role__in=JUDGES)
        trouble = judge_trouble(
            judge, day, release.authors or (), release.system.unit_id, [o.values() for o in offices]
        )
        return merged(found, {"judged_by": [trouble[1]]}) if trouble else found


class Deployment(Record):
    """A release brought into use, and how the system was found afterwards."""

    about = Kind(
        "deployment", "導入", "Deployment", "DP", "quality", ("17", "20-1", "22"), "release", OPERATION | DEVELOPMENT,
        columns=("release", "at", "deployed_by", "checked_at", "check_result", "rolled_back_at"),
        help=Text("リリースの導入と導入後の確認。「適」の判定のないリリースは、経緯を書かない限り登録できません。", "Releases brought into use, and the check afterwards. One not judged fit is refused, unless it is told how that came about."),
    )  # fmt: skip
    release = Reference(Release, "リリース", "Release", required=True)
    at = Instant("導入日時", "At", required=True)
    deployed_by = Reference(Person, "導入者", "By", required=True)
    checked_at = Instant("導入後の確認日時", "Checked afterwards at")
    check_result = Choice(
        "確認の結果", "Result of the check", {"good": ("良好", "Good"), "bad": ("不良", "Bad")}
    )
    rolled_back_at = Instant("切戻し日時", "Rolled back at")
    bypass_reason = Words(
        "判定を経ない導入の経緯", "Why it went round the judgement",
        help_ja="「適」の判定を受けずに導入した場合に限り入力（第17条・第20条・第22条の不足として示されます）",
        help_en="Only where it went into use without being judged fit (17, 20 and 22 then fall short)",
    )  # fmt: skip
    reviewed_on = Day("緊急変更の事後レビュー日", "Emergency reviewed on")
    reviewed_by = Reference(Person, "事後レビューした人", "Reviewed by")

    @classmethod
    def problems(cls, values: Values) -> Problems:
        found = backwards(values, ("at", "checked_at"), ("at", "rolled_back_at"))
        if values.get("checked_at") and not values.get("check_result"):
            text = Text("確認の結果を選択してください。", "Say what the check found.")
            found.setdefault("check_result", []).append(text)
        return found

    @classmethod
    def problems_among(cls, key: str, values: Values) -> Problems:
        found = super().problems_among(key, values)
        release = Release.objects.filter(pk=values["release"]).first()
        if release is None or release.emergency or values.get("bypass_reason"):
            return found
        judged = Judgement.objects.filter(release_id=release.key).values_list("at", "key", "verdict")
        if is_judged_fit(judged, values["at"]):
            return found
        return merged(found, {"release": [NOT_JUDGED_FIT.format(release=release.key)]})


class DesignReview(Record):
    """A review of a design, with its part on security."""

    about = Kind(
        "design_review", "設計レビュー", "Design review", "DV", "quality", ("18", "G18"), "result", DEVELOPMENT | MANAGERS,
        columns=("project", "release", "security", "reviewed_by", "done_on", "result"),
        help=Text("設計のレビュー。セキュリティの観点を含むかを記録します。", "Reviews of designs, and whether security was part of them."),
    )  # fmt: skip
    project = Reference(Project, "案件", "Project")
    release = Reference(Release, "リリース", "Release")
    security = Flag("セキュリティの観点", "Security was part of it", required=True)
    reviewed_by = Reference(Person, "レビューした人", "By", required=True)
    done_on = Day("実施日", "Done on", required=True)
    result = Line("結果", "Result", required=True)

    @classmethod
    def problems(cls, values: Values) -> Problems:
        if values.get("project") or values.get("release"):
            return {}
        return {"project": [Text("案件かリリースを指定してください。", "Name a project or a release.")]}


class Instability(Record):
    """A time in which a system did not run as it should, and whether it was stopped."""

    about = Kind(
        "instability", "不安定な稼働", "Instability", "US", "quality", ("20-2",), "what", OPERATION,
        columns=("system", "what", "from_at", "stopped_at", "until_at"),
        help=Text("システムが不安定だった期間と、停止の有無。", "When a system was unstable, and whether it was stopped."),
    )  # fmt: skip
    system = Reference(System, "システム", "System", required=True)
    what = Line("内容", "What", required=True)
    from_at = Instant("開始日時", "From", required=True)
    stopped_at = Instant("停止日時", "Stopped at")
    until_at = Instant("解消日時", "Until")

    @classmethod
    def problems(cls, values: Values) -> Problems:
        return backwards(values, ("from_at", "stopped_at"), ("from_at", "until_at"))
