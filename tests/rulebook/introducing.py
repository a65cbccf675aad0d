"""What goes into use, in the tests of articles 17 to 22: one system, one release, its plan, judgement and deployment.

facts = given(*INTRODUCED)                                # a release that was introduced as the rule asks
facts = given(*INTRODUCED.but(judgement(at=at(2026, 10, 6))))    # the same with another judgement in its place
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from tests.rulebook.asking import Given, at, day, record
from tests.rulebook.granting import CHIEF

DEPLOYED = day(2026, 10, 5)  # a Monday
DEPLOYED_AT = at(2026, 10, 5, 20)
ON = day(2026, 11, 23)
TESTED = day(2026, 9, 30)
LAST_LOOKED_BACK = day(2027, 10, 5)  # 12 months on: the last day on which the deployment is asked of
AUTHOR, OTHER_AUTHOR, MANAGER = "P-DEV", "P-DEV2", "P-MGR"


class Records(tuple[Given, ...]):
    """Records of which one may stand in another's place."""

    __slots__ = ()

    def but(self, *records: Given) -> "Records":
        """These, with others in the places of those of the same kind and key, or beside them."""
        places = {(r.kind, r.key): r for r in self} | {(r.kind, r.key): r for r in records}
        return Records(places.values())

    def without(self, *kinds: str) -> "Records":
        return Records(r for r in self if r.kind not in kinds)


def system(key: str = "S-1", **values: Any) -> Given:
    told = {"unit": "U-1", "in_scope": True, "in_use_since_on": day(2020, 4, 1)}
    return record("system", key, **(told | values))


def release(key: str = "RL-1", **values: Any) -> Given:
    told = {
        "title": "1.2", "system": "S-1", "version": "1.2", "authors": [AUTHOR, OTHER_AUTHOR],
        "static_done_on": day(2026, 9, 20), "static_findings": 0,
    }  # fmt: skip
    return record("release", key, **(told | values))


def plan(key: str = "TP-1", **values: Any) -> Given:
    return record("test_plan", key, **({"release": "RL-1", "criteria": "重大な不具合0件"} | values))


def result(
    key: str = "TRS-1",
    on: date = TESTED,
    met: bool | None = True,
    **values: Any,
) -> Given:
    told = {"plan": "TP-1", "kind": "system", "done_on": on, "criteria_met": met}
    return record("test_result", key, **(told | values))


def judgement(key: str = "JU-1", by: str = "P-CSO", **values: Any) -> Given:
    told = {"release": "RL-1", "verdict": "fit", "judged_by": by, "at": at(2026, 10, 2)}
    return record("judgement", key, **(told | values))


def deployment(key: str = "DP-1", **values: Any) -> Given:
    told = {"release": "RL-1", "at": DEPLOYED_AT, "deployed_by": "P-OPE"}
    return record("deployment", key, **(told | values))


def emergency(**values: Any) -> Given:
    return release(emergency=True, **values)


def every(*groups: Iterable[Given]) -> Records:
    return Records(r for group in groups for r in group)


INTRODUCED = Records((system(), release(), plan(), result(), judgement(), deployment(), CHIEF))
