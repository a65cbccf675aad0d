"""What a judgement and a deployment ask of other records when one is saved, a file's rows are asked as well."""

from __future__ import annotations

import pytest

from sekisho.access.rights import operator_actor
from sekisho.workflows.import_file import plan_import, take
from sekisho.workflows.import_read import read_bytes
from tests.cast import Cast
from tests.workflows.books import book

pytestmark = pytest.mark.django_db
OPERATOR = operator_actor("test")
RELEASE = ["key", "title", "system", "version", "authors", "emergency"]
JUDGEMENT = ["key", "release", "verdict", "judged_by", "at"]
DEPLOYMENT = ["key", "release", "at", "deployed_by", "bypass_reason"]
RELEASES = {
    "release": [
        RELEASE,
        ["RL-1", "一", "S-EXC", "1", "P-0006", None],
        ["RL-2", "二", "S-EXC", "2", None, "はい"],
    ]
}
FIT = ["JU-1", "RL-1", "fit", "P-0002", "2026-05-01 10:00"]


def problems(sheets: dict[str, list[list[str | None]]]) -> list[tuple[str, str]]:
    """(cell, code) of everything that is wrong."""
    return [(p.cell, p.code) for p in plan_import(OPERATOR, read_bytes("f.xlsx", book(sheets))).all_problems]


def load(sheets: dict[str, list[list[str | None]]]) -> None:
    take(plan_import(OPERATOR, read_bytes("f.xlsx", book(sheets))), OPERATOR)


def deployed(release: str, at: str, why: str | None = None) -> dict[str, list[list[str | None]]]:
    return {"deployment": [DEPLOYMENT, ["DP-1", release, at, "P-0007", why]]}


def judged(*row: str) -> dict[str, list[list[str | None]]]:
    return {"judgement": [JUDGEMENT, list(row)]}


def test_a_release_its_judgement_and_its_deployment_come_in_one_file(cast: Cast) -> None:
    assert problems(RELEASES | judged(*FIT) | deployed("RL-1", "2026-05-01 10:00")) == []


@pytest.mark.parametrize("stands", [True, False])
def test_a_deployment_before_its_fit_judgement_is_refused(cast: Cast, stands: bool) -> None:
    """Whether the judgement stands already or comes in the same file."""
    before = RELEASES | judged(*FIT)
    if stands:
        load(before)
        before = {}
    assert problems(before | deployed("RL-1", "2026-05-01 09:59")) == [("deployment!B2", "not_judged_fit")]
    assert problems(before | deployed("RL-1", "2026-05-01 10:00")) == []


def test_a_deployment_of_a_release_whose_newest_judgement_is_unfit_is_refused(cast: Cast) -> None:
    load(RELEASES | judged(*FIT))
    unfit = judged("JU-2", "RL-1", "unfit", "P-0002", "2026-05-02 10:00")
    assert problems(unfit | deployed("RL-1", "2026-05-03 10:00")) == [("deployment!B2", "not_judged_fit")]


def test_the_story_of_a_deployment_without_a_judgement_or_an_emergency_is_taken(cast: Cast) -> None:
    assert problems(RELEASES | deployed("RL-1", "2026-05-01 10:00", "自動配備が先に動いた")) == []
    assert problems(RELEASES | deployed("RL-2", "2026-05-01 10:00")) == []


@pytest.mark.parametrize(
    ("judge", "code"),
    [("P-0002", None), ("P-0003", "not_entitled"), ("P-0008", "not_entitled"), ("P-0006", "own_judgement")],
)
def test_who_judges_is_entitled_and_no_author(cast: Cast, judge: str, code: str | None) -> None:
    """P-0003 manages another unit than the system's; P-0006 wrote the release."""
    found = problems(RELEASES | judged("JU-1", "RL-1", "fit", judge, "2026-05-01 10:00"))
    assert found == ([("judgement!D2", code)] if code else [])


def test_the_office_may_come_in_the_same_file_and_counts_from_its_first_day(cast: Cast) -> None:
    office = {
        "appointment": [
            ["key", "person", "role", "unit", "since_on"],
            ["A-90", "P-0008", "system_manager", "U-SYS", "2026-05-02"],
        ]
    }
    for day, found in (("2026-05-01", [("judgement!D2", "not_entitled")]), ("2026-05-02", [])):
        assert problems(RELEASES | office | judged("JU-1", "RL-1", "fit", "P-0008", f"{day} 10:00")) == found


def test_somebody_who_had_left_judges_nothing(cast: Cast) -> None:
    """P-0010, made manager of the system's unit, left on 31 March 2026."""
    office = {
        "appointment": [
            ["key", "person", "role", "unit", "since_on"],
            ["A-91", "P-0010", "system_manager", "U-SYS", "2024-04-01"],
        ]
    }
    for day, found in (("2026-03-31", []), ("2026-04-01", [("judgement!D2", "not_entitled")])):
        assert problems(RELEASES | office | judged("JU-1", "RL-1", "fit", "P-0010", f"{day} 10:00")) == found
