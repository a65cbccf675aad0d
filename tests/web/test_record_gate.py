"""The gate on a release's page: open or refused with its reasons, on no other kind's page, and of no other day."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sekisho.kernel import clock
from sekisho.records.models import Judgement, Release, TestPlan, TestResult
from sekisho.workflows.act import act
from tests.cast import Cast
from tests.web.reading import in_english, look_at, main, read

pytestmark = pytest.mark.django_db
PANEL = 'id="record-gate"'


@pytest.fixture
def released(cast: Cast) -> Cast:
    with act("given", "operator:test") as doing:
        doing.put(
            Release,
            "RL-1",
            {"title": "取引画面の改善", "system": "S-EXC", "version": "1", "authors": ["P-0006"]},
        )
    return cast


def mend() -> None:
    today = clock.today()
    with act("mended", "operator:test") as doing:
        doing.put(Release, "RL-1", {"static_done_on": today, "static_findings": 0})
        doing.put(TestPlan, "TP-1", {"title": "計画", "release": "RL-1", "criteria": "不具合0件"})
        doing.put(
            TestResult, "TRS-1", {"plan": "TP-1", "kind": "field", "done_on": today, "criteria_met": True}
        )
        judged = {"release": "RL-1", "verdict": "fit", "judged_by": "P-0002", "at": clock.now()}
        doing.put(Judgement, "JU-1", judged)


def panel(html: str) -> str:
    start = html.index(PANEL)
    return main("<main" + html[start : html.index("</section>", start)] + "</main>")


def test_a_refused_release_shows_each_reason_with_its_clause(released: Cast) -> None:
    html = read(released.nishi.client, "/records/release/RL-1/")
    told = panel(html)
    assert "ゲート 導入不可" in told
    assert "「取引画面の改善」（RL-1）のテスト計画がありません" in told
    assert 'href="/rule/20-1/"' in html
    english = panel(read(in_english(released.nishi.client), "/records/release/RL-1/"))
    assert "Gate Refused Introduced now, it would fall short:" in english
    assert "was not judged fit" in english


def test_a_release_that_has_all_is_shown_as_open(released: Cast) -> None:
    mend()
    told = panel(read(released.nishi.client, "/records/release/RL-1/"))
    assert "導入可" in told
    assert "20-1" not in told


def test_an_emergency_says_what_it_still_takes(released: Cast) -> None:
    mend()
    with act("hurried", "operator:test") as doing:
        doing.put(Release, "RL-1", {"emergency": True})
    assert "事後レビューが必要です" in panel(read(released.nishi.client, "/records/release/RL-1/"))


def test_no_other_kind_has_the_panel_and_no_other_day(released: Cast) -> None:
    assert PANEL not in read(released.nishi.client, "/records/system/S-EXC/")
    look_at(released.nishi.client, clock.today() + timedelta(days=1))
    assert PANEL not in read(released.nishi.client, "/records/release/RL-1/")
