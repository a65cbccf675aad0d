"""Personal values are erased by two people, for ever, and every proof stays valid."""

from datetime import UTC, date, datetime

import pytest

from sekisho.kernel import clock
from sekisho.kernel.errors import Conflict, Invalid, NotFound, Refused
from sekisho.ledger.models import Personal, Version
from sekisho.records.models import Approval, Person
from sekisho.workflows import approve
from sekisho.workflows.act import act
from sekisho.workflows.approve import AboutOneself, OwnChange
from sekisho.workflows.erase import NothingToErase, commitments_of
from sekisho.workflows.verify import verify_all

NOON = datetime(2026, 10, 1, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def noon(db, settings, tmp_path):
    settings.SEKISHO_HOME = str(tmp_path)
    with clock.standing_at(NOON):
        yield


def erased(cast):
    approval = approve.ask_erasure(cast.mori.actor, cast.kyuda.key, "保存期間の満了")
    return approve.approve(cast.sakura.actor, approval.key, "確認済み")


def test_the_values_of_every_version_are_gone_and_the_register_shows_blanks(cast):
    with act("rename", "operator:test") as doing:
        doing.put(Person, cast.kyuda.key, {"name": "旧姓 勝"})
    assert Personal.objects.filter(value__in=["旧田 勝", "旧姓 勝", "kyuda@example.jp"]).count() == 3
    approval = erased(cast)
    assert not Personal.objects.filter(value__in=["旧田 勝", "旧姓 勝", "kyuda@example.jp"]).exists()
    person = Person.objects.get(pk=cast.kyuda.key)
    assert (person.name, person.email, person.left_on) == ("", "", date(2026, 3, 31))
    assert approval.subject_ver == person.ver == 3
    assert str(person) == cast.kyuda.key


def test_the_ledger_still_verifies_and_says_what_was_erased(cast):
    commitments = commitments_of(cast.kyuda.key)
    erased(cast)
    assert verify_all().ok
    line = Version.objects.get(kind="erasure")
    assert (line.act_name, line.by, line.op) == ("approve", cast.sakura.by, "note")
    for commitment in commitments:
        assert commitment.encode() in bytes(line.body)
    kept = [
        bytes(b)
        for b in Version.objects.filter(kind="person", rec=cast.kyuda.key).values_list("body", flat=True)
    ]
    assert commitments[0].encode() in kept[0]
    assert "旧田".encode() not in b"".join(bytes(b) for b in Version.objects.values_list("body", flat=True))


def test_nobody_elses_values_are_touched(cast):
    before = set(Personal.objects.values_list("value", flat=True))
    erased(cast)
    assert before - set(Personal.objects.values_list("value", flat=True)) == {"旧田 勝", "kyuda@example.jp"}


@pytest.mark.parametrize("left_on", [None, date(2026, 10, 1), date(2026, 12, 31)])
def test_who_still_works_here_is_not_erased(cast, left_on):
    with act("stay", "operator:test") as doing:
        doing.put(Person, cast.kyuda.key, {"left_on": left_on})
    with pytest.raises(Invalid) as refusal:
        approve.ask_erasure(cast.mori.actor, cast.kyuda.key, "保存期間の満了")
    assert set(refusal.value.problems) == {"left_on"}


def test_who_came_back_before_the_approval_is_not_erased(cast):
    approval = approve.ask_erasure(cast.mori.actor, cast.kyuda.key, "保存期間の満了")
    with act("back", "operator:test") as doing:
        doing.put(Person, cast.kyuda.key, {"left_on": None})
    with pytest.raises(Conflict):
        approve.approve(cast.sakura.actor, approval.key)
    assert Person.objects.get(pk=cast.kyuda.key).name == "旧田 勝"


def test_it_takes_two_people_and_the_right_office(cast):
    approval = approve.ask_erasure(cast.sakura.actor, cast.kyuda.key, "保存期間の満了")
    with pytest.raises(OwnChange):
        approve.approve(cast.sakura.actor, approval.key)
    with pytest.raises(Refused):
        approve.approve(cast.mori.actor, approval.key)
    assert approve.approve(cast.kamiya.actor, approval.key).role == "representative_director"


def test_who_may_not_write_people_does_not_ask(cast):
    with pytest.raises(Refused):
        approve.ask_erasure(cast.aoki.actor, cast.kyuda.key, "保存期間の満了")


def test_it_takes_a_reason_and_somebody_to_erase(cast):
    with pytest.raises(Invalid):
        approve.ask_erasure(cast.mori.actor, cast.kyuda.key, "")
    with pytest.raises(NotFound):
        approve.ask_erasure(cast.mori.actor, "P-9999", "保存期間の満了")
    assert not Approval.objects.exists()


def test_what_is_erased_is_not_erased_again(cast):
    erased(cast)
    with pytest.raises(NothingToErase):
        approve.ask_erasure(cast.mori.actor, cast.kyuda.key, "もう一度")


def test_nobody_decides_on_the_own_erasure(cast):
    """Somebody who left and holds an office again is the one person whom no rule on roles would stop."""
    approval = approve.ask_erasure(cast.mori.actor, cast.kyuda.key, "保存期間の満了")
    change = approve.change_of(approval)
    office = approve.replace(cast.sakura.actor, person=cast.kyuda.key)
    assert isinstance(approve.refusal_of(office, change, frozenset()), AboutOneself)
