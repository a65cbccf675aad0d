"""What stops if one of those stops that the member depends on, as programs read it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sekisho.kernel import clock
from sekisho.records.facts.concentration import CAUSES, READS
from sekisho.records.models import OutsourcedService
from sekisho.workflows.act import act
from tests.api.calling import Caller, service, token_of
from tests.web.outsourced import WORLD, write


@pytest.fixture
def nishi(cast: Any) -> Caller:
    write(WORLD)
    return token_of(cast.nishi)


def test_what_stops_is_told_with_effects_ways_and_names(nishi: Caller):
    told = nishi.get("what-stops?kind=vendor&key=V-0003").json
    assert (told["kind"], told["key"], told["on"]) == ("vendor", "V-0003", clock.today().isoformat())
    assert [(i["reference"], i["effect"], i["through"]) for i in told["items"]] == [
        ("outsourced_service:OS-0001", "stops", ["vendor:V-0003"]),
        ("system:S-EXC", "stops", ["outsourced_service:OS-0001"]),
        ("unit:U-SYS", "stops", ["system:S-EXC"]),
    ]
    assert [(i["in_scope"], i["critical"]) for i in told["items"]] == [
        (None, None),
        (True, True),
        (None, None),
    ]
    assert told["names"]["vendor:V-0003"]["ja"] == "Pacific Software Pte. Ltd."


def test_a_country_is_asked_by_its_data_centres_or_its_vendors(nishi: Caller):
    def effects(kind: str) -> dict[str, str]:
        items = nishi.get(f"what-stops?kind={kind}&key=SG").json["items"]
        return {i["reference"]: i["effect"] for i in items}

    assert effects("country_locations")["cloud_service:CS-0001"] == "degraded"
    assert "outsourced_service:OS-0001" not in effects("country_locations")
    assert effects("country_vendors")["outsourced_service:OS-0001"] == "stops"


def test_on_whom_nothing_depends_stops_nothing(nishi: Caller):
    assert nishi.get("what-stops?kind=system&key=nothing").json["items"] == []


def test_the_past_stays_as_it_was_known_and_a_day_may_be_chosen(nishi: Caller):
    before = clock.iso(clock.now())
    old = nishi.get(f"what-stops?kind=vendor&key=V-0003&known_at={before}").json
    with act("end", "operator:test") as doing:
        doing.put(OutsourcedService, "OS-0001", {"until_on": clock.today()})
    assert nishi.get(f"what-stops?kind=vendor&key=V-0003&known_at={before}").json == old
    tomorrow = clock.today() + timedelta(days=1)
    assert nishi.get(f"what-stops?kind=vendor&key=V-0003&on={tomorrow}").json["items"] == []


@pytest.mark.parametrize("query", ["", "kind=vendor", "key=V-1", "kind=planet&key=Mars", "kind=vendor&key="])
def test_what_is_no_question_is_malformed(nishi: Caller, query: str):
    assert nishi.get(f"what-stops?{query}").status == 422


def test_a_token_must_read_all_kinds_that_are_asked(cast: Any):
    kinds = [model.about.name for model in READS]
    assert service(reads=kinds).get("what-stops?kind=vendor&key=V-1").status == 200
    for missing in kinds:
        some = service(reads=[k for k in kinds if k != missing])
        assert some.get("what-stops?kind=vendor&key=V-1").code == "outside_token", missing


def test_every_cause_may_be_asked(nishi: Caller):
    assert [nishi.get(f"what-stops?kind={kind}&key=X").status for kind in CAUSES] == [200] * len(CAUSES)
