"""A person acknowledges the version in force, for oneself, once."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from sekisho.access.rights import operator_actor
from sekisho.kernel import clock
from sekisho.kernel.errors import NotFound, Refused
from sekisho.ledger.models import Version
from sekisho.records.models import Acknowledgement, Document
from sekisho.workflows.acknowledge import NotInForce, acknowledge
from sekisho.workflows.act import act
from tests.workflows.racing import crowd, faults, lost, race, won

__all__ = ["crowd"]
NOON = datetime(2026, 10, 1, 3, tzinfo=UTC)
TODAY = date(2026, 10, 1)


@pytest.fixture(autouse=True)
def noon():
    with clock.standing_at(NOON):
        yield


def policy(**values):
    with act("load", "operator:test") as doing:
        told = {
            "kind": "basic_policy",
            "title": "基本方針",
            "version": "5",
            "in_force_on": date(2026, 9, 1),
        } | values
        doing.put(Document, "D-1", told)


def test_a_person_acknowledges_for_oneself(cast):
    policy()
    given = acknowledge(cast.nishi.actor, "D-1")
    assert (given.person_id, given.document_id, given.at) == (cast.nishi.key, "D-1", NOON)
    line = Version.objects.get(kind="acknowledgement")
    assert (line.act_name, line.by) == ("acknowledge", cast.nishi.by)


def test_given_again_the_first_one_counts_and_nothing_is_written(cast):
    policy()
    first = acknowledge(cast.nishi.actor, "D-1")
    lines = Version.objects.count()
    with clock.standing_at(NOON + timedelta(days=1)):
        assert acknowledge(cast.nishi.actor, "D-1").at == first.at
    assert Acknowledgement.objects.count() == 1
    assert Version.objects.count() == lines


@pytest.mark.parametrize(
    "values",
    [
        {"in_force_on": TODAY + timedelta(days=1)},
        {"in_force_on": None},
        {"until_on": TODAY - timedelta(days=1)},
    ],
)
def test_a_version_that_is_not_in_force_is_not_acknowledged(cast, values):
    policy(**values)
    with pytest.raises(NotInForce, match="基本方針 5"):
        acknowledge(cast.nishi.actor, "D-1")


@pytest.mark.parametrize("values", [{"in_force_on": TODAY}, {"until_on": TODAY}])
def test_on_its_first_and_its_last_day_it_is(cast, values):
    policy(**values)
    assert acknowledge(cast.nishi.actor, "D-1").document_id == "D-1"


def test_who_left_services_and_the_operator_acknowledge_nothing(cast):
    policy()
    service = replace(operator_actor("test"), by="service:hr", operator=False, service=True)
    for actor in (cast.kyuda.actor, operator_actor("test"), service):
        with pytest.raises(Refused):
            acknowledge(actor, "D-1")


def test_a_token_acknowledges_only_where_it_may(cast):
    policy()
    with pytest.raises(Refused):
        acknowledge(replace(cast.nishi.actor, writes=frozenset({"unit"})), "D-1")
    assert acknowledge(replace(cast.nishi.actor, writes=frozenset({"acknowledgement"})), "D-1")


def test_an_unknown_document_is_not_found(cast):
    with pytest.raises(NotFound):
        acknowledge(cast.nishi.actor, "D-9")


def test_the_same_word_ten_times_at_once_is_one(crowd):
    policy()
    results = race(*[lambda: acknowledge(crowd.nishi.actor, "D-1")] * 10)
    assert not lost(results)
    assert {given.key for given in won(results)} == {"AK-0001"}
    assert Acknowledgement.objects.count() == 1
    assert not faults()


def test_two_people_at_once_give_two(crowd):
    policy()
    results = race(
        lambda: acknowledge(crowd.nishi.actor, "D-1"), lambda: acknowledge(crowd.aoki.actor, "D-1")
    )
    assert len({given.key for given in won(results)}) == 2
    assert not faults()
