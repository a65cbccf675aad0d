"""A service's chain has no circle, no link twice and no wrong step, whichever way a link is written."""

from __future__ import annotations

import time
from datetime import date
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.access.rights import operator_actor
from sekisho.kernel.errors import Invalid
from sekisho.records.models import OutsourcedService, Subcontract, Vendor
from sekisho.workflows.act import act
from sekisho.workflows.change_many import change_many, tried
from sekisho.workflows.import_file import plan_import, take
from sekisho.workflows.import_plan import ImportPlan
from sekisho.workflows.import_read import read_bytes
from sekisho.workflows.record import problems_of, save_record
from tests.api.calling import token_of
from tests.workflows.books import book
from tests.workflows.racing import crowd, faults, lost, race, won

__all__ = ["crowd"]
pytestmark = pytest.mark.django_db
OPERATOR = operator_actor("test")
APRIL = date(2026, 4, 1)
HEAD = ["key", "service", "from_vendor", "to_vendor", "unknown", "step", "since_on", "until_on"]


def outsource() -> None:
    """Five firms, and a service that the first of them does."""
    with act("outsource", OPERATOR.by) as doing:
        for n in range(1, 6):
            doing.put(Vendor, f"V-{n}", {"name": f"委託{n}社", "since_on": APRIL})
        for n in (1, 2):
            doing.put(OutsourcedService, f"OS-{n}", {"name": f"業務{n}", "vendor": "V-1", "since_on": APRIL})


@pytest.fixture
def chain(cast: Any) -> Any:
    """V-1 hands the service's work to V-2, which hands it to V-3. The cast."""
    outsource()
    for n in (1, 2):
        put(f"SUB-{n}", f"V-{n}", f"V-{n + 1}")
    return cast


def put(key: str, giver: str, to: str | None, **values: Any) -> None:
    told = {"service": "OS-1", "from_vendor": giver, "to_vendor": to, "unknown": to is None}
    save_record(OPERATOR, Subcontract, key, told | values)


def refused(key: str, giver: str, to: str | None, **values: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as raised:
        put(key, giver, to, **values)
    return {field: texts[0].en for field, texts in raised.value.problems.items()}


def plan(*rows: list[Any]) -> ImportPlan:
    return plan_import(OPERATOR, read_bytes("f.xlsx", book({"subcontract": [HEAD, *rows]})))


def row(
    key: str, giver: str, to: str | None, step: int | None = None, since: Any = None, until: Any = None
) -> list[Any]:
    return [key, "OS-1", giver, to, to is None, step, since, until]


def problems(*rows: list[Any]) -> list[tuple[str, str]]:
    found = list(plan(*rows).all_problems)
    assert all(p.text.ja and p.text.en and "{" not in p.text.ja + p.text.en for p in found)
    return [(p.cell, p.code) for p in found]


# --- one record ---------------------------------------------------------------------------------------------------------


def test_a_circle_is_refused_and_shown(chain):
    found = refused("SUB-3", "V-3", "V-1")
    assert set(found) == {"to_vendor"}
    assert "委託3社 (V-3) -> 委託1社 (V-1) -> 委託2社 (V-2) -> 委託3社 (V-3)" in found["to_vendor"]
    assert not Subcontract.objects.filter(pk="SUB-3").exists()


def test_the_same_firms_may_stand_the_other_way_round_in_another_service(chain):
    put("SUB-3", "V-2", "V-1", service="OS-2")
    assert Subcontract.objects.filter(pk="SUB-3").exists()


def test_a_link_that_is_changed_into_a_circle_is_refused(chain):
    put("SUB-3", "V-3", "V-4")
    assert set(refused("SUB-3", "V-3", "V-1")) == {"to_vendor"}
    assert set(refused("SUB-1", "V-3", "V-2")) == {"to_vendor"}


def test_a_circle_may_follow_on_what_has_ended(chain):
    save_record(OPERATOR, Subcontract, "SUB-1", {"until_on": date(2026, 9, 30)})
    assert set(refused("SUB-3", "V-2", "V-1", since_on=date(2026, 9, 30))) == {"to_vendor"}
    put("SUB-3", "V-2", "V-1", since_on=date(2026, 10, 1))
    assert set(refused("SUB-1", "V-1", "V-2", until_on=None)) == {"to_vendor"}


def test_the_same_link_twice_is_refused(chain):
    assert "SUB-1" in refused("SUB-3", "V-1", "V-2")["to_vendor"]
    put("SUB-3", "V-3", None)
    assert "SUB-3" in refused("SUB-4", "V-3", None)["to_vendor"]


def test_a_wrong_step_is_refused_and_an_empty_one_is_taken(chain):
    assert "step 4" in refused("SUB-3", "V-3", "V-4", step=3)["step"]
    put("SUB-3", "V-3", "V-4", step=4)
    put("SUB-4", "V-4", "V-5")
    assert Subcontract.objects.get(pk="SUB-4").step is None


# --- other ways in --------------------------------------------------------------------------------------------------------


def test_many_at_a_time_cannot_make_a_circle_either(chain):
    put("SUB-3", "V-3", "V-4")
    values, seen = {"to_vendor": "V-1"}, {"SUB-2": 1, "SUB-3": 1}
    assert all(trial.problems for trial in tried(chain.sakura.actor, Subcontract, list(seen), values))
    with pytest.raises(Invalid):
        change_many(chain.sakura.actor, Subcontract, values, seen)
    with pytest.raises(Invalid):  # the second would be the same link as the first
        change_many(chain.sakura.actor, Subcontract, {"from_vendor": "V-3", "to_vendor": "V-5"}, seen)
    assert Subcontract.objects.get(pk="SUB-2").to_vendor_id == "V-3"


def test_the_api_refuses_a_circle(chain):
    values = {"service": "OS-1", "from_vendor": "V-3", "to_vendor": "V-1"}
    answer = token_of(chain.sakura).post("records/subcontract", {"values": values})
    assert answer.status == 422
    assert "V-3" in answer.raw.decode()
    assert not Subcontract.objects.filter(from_vendor="V-3").exists()


def test_the_page_refuses_a_circle(chain):
    typed = {"key": "SUB-3", "service": "OS-1", "from_vendor": "V-3", "to_vendor": "V-1", "how": "save"}
    answer = chain.sakura.client.post("/records/subcontract/new/", typed)
    assert answer.status_code in (200, 422)
    assert "委託が循環します" in answer.content.decode()
    assert not Subcontract.objects.filter(pk="SUB-3").exists()


# --- files ------------------------------------------------------------------------------------------------------------------


def test_a_file_cannot_close_a_circle_over_what_stands(chain):
    made = plan(row("SUB-3", "V-3", "V-4"), row("SUB-4", "V-4", "V-1"))
    assert [(p.cell, p.code) for p in made.all_problems] == [
        ("subcontract!D2", "circle"),
        ("subcontract!D3", "circle"),
    ]
    told = next(made.all_problems).text.en
    assert "委託3社 (V-3) -> 委託4社 (V-4) -> 委託1社 (V-1) -> 委託2社 (V-2) -> 委託3社 (V-3)" in told
    take(made, OPERATOR, only_good=True)
    assert Subcontract.objects.count() == 2


def test_a_file_may_turn_a_chain_round_where_it_changes_all_of_it(chain):
    assert problems(row("SUB-1", "V-2", "V-1"), row("SUB-2", "V-3", "V-2")) == []
    assert problems(row("SUB-1", "V-2", "V-1"), row("SUB-9", "V-1", "V-2")) == [
        ("subcontract!D2", "circle"),
        ("subcontract!D3", "circle"),
    ]


def test_a_file_cannot_hold_a_link_twice_nor_one_that_stands(chain):
    assert problems(row("SUB-3", "V-3", "V-4"), row("SUB-4", "V-3", "V-4")) == [
        ("subcontract!D2", "double"),
        ("subcontract!D3", "double"),
    ]
    (found,) = plan(row("SUB-3", "V-1", "V-2")).all_problems
    assert found.code == "double"
    assert "SUB-1" in found.text.en
    later = (
        row("SUB-1", "V-1", "V-2", None, None, date(2026, 6, 30)),
        row("SUB-3", "V-1", "V-2", None, date(2026, 7, 1)),
    )
    assert problems(*later) == []


def test_a_file_s_steps_are_counted_along_what_it_makes_of_the_chain(chain):
    assert problems(row("SUB-4", "V-4", "V-5", 5), row("SUB-3", "V-3", "V-4", 4)) == []
    assert problems(row("SUB-4", "V-4", "V-5", 4), row("SUB-3", "V-3", "V-4", 4)) == [
        ("subcontract!F2", "wrong_step")
    ]


LINKS = st.lists(
    st.tuples(
        st.integers(1, 4), st.none() | st.integers(1, 4), st.none() | st.integers(2, 4),
        st.none() | st.integers(1, 6), st.none() | st.integers(6, 9),
    ).filter(lambda told: told[0] != told[1]),
    max_size=5,
)  # fmt: skip


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LINKS, st.integers(0, 4))
def test_a_file_is_judged_as_its_records_would_be_one_by_one(chain, drawn, last):
    """The last link of the file, beside those that stand: the page and the file say the same."""
    if not drawn:
        return
    with act("again", OPERATOR.by) as doing:
        for key in list(Subcontract.objects.values_list("pk", flat=True)):
            doing.remove(Subcontract, key)
        rows = []
        for n, (giver, to, step, since, until) in enumerate(drawn):
            days = [None if m is None else date(2026, m, 1) for m in (since, until)]
            rows.append(row(f"X-{n}", f"V-{giver}", to and f"V-{to}", step, *days))
        beside, written = rows[:-1], rows[-1]
        doing.put_many(Subcontract, [(r[0], dict(zip(HEAD[1:], r[1:], strict=True))) for r in beside])
    alone = problems_of(Subcontract, written[0], _whole(written))
    in_file = [(p.field, p.text.en) for p in plan(written).all_problems]
    assert in_file == [(field, text.en) for field, texts in alone.items() for text in texts]


def _whole(written: list[Any]) -> dict[str, Any]:
    return dict.fromkeys(Subcontract.kind_fields()) | dict(zip(HEAD[1:], written[1:], strict=True))


def test_a_long_chain_of_many_rows_is_judged_in_seconds(cast):
    with act("firms", OPERATOR.by) as doing:
        doing.put_many(Vendor, [(f"V-{n}", {"name": f"社{n}", "since_on": APRIL}) for n in range(2_001)])
        doing.put(OutsourcedService, "OS-1", {"name": "業務", "vendor": "V-0", "since_on": APRIL})
    began = time.process_time()
    made = plan(*(row(f"SUB-{n}", f"V-{n // 4}", f"V-{n + 1}") for n in range(2_000)))
    assert time.process_time() - began < 5
    assert made.counts["create"] == 2_000


# --- at the same instant ------------------------------------------------------------------------------------------------------


def test_of_two_that_close_a_circle_at_the_same_instant_one_is_refused(crowd):
    outsource()
    for turn in range(4):
        there, back = (f"SUB-{turn}{side}" for side in "ab")
        results = race(
            partial(put, there, "V-2", "V-3"),
            partial(put, back, "V-3", "V-2"),
        )
        assert len(won(results)) == len(lost(results)) == 1
        with act("again", OPERATOR.by) as doing:
            for key in list(Subcontract.objects.values_list("pk", flat=True)):
                doing.remove(Subcontract, key)
    assert faults() == []
