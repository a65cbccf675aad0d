"""An act is kept whole or not at all, and every version of a record is one thread."""

import json
from datetime import date

import pytest

from sekisho.kernel.errors import Conflict, Invalid, NotFound
from sekisho.ledger.models import Leaf, Personal, Version
from sekisho.records.models import Person, Unit
from sekisho.workflows.act import act, next_keys
from sekisho.workflows.verify import verify_all
from tests.ledger.member import BY, person, write_some

pytestmark = pytest.mark.django_db
UNIT = {"name": "業務部", "function": "user", "since_on": date(2024, 4, 1)}


def bodies(rec: str) -> list[dict[str, object]]:
    return [
        json.loads(bytes(b))
        for b in Version.objects.filter(rec=rec).order_by("ver").values_list("body", flat=True)
    ]


def test_a_record_and_its_line_are_written_together():
    with act("set_up", BY, reason="新設") as doing:
        doing.put(Unit, "U-1", UNIT)
    version = Version.objects.get()
    assert (version.kind, version.rec, version.ver, version.op) == ("unit", "U-1", 1, "create")
    assert (version.act_name, version.by, version.reason) == ("set_up", BY, "新設")
    assert json.loads(bytes(version.body)) == {"function": "user", "name": "業務部", "since_on": "2024-04-01"}
    assert Leaf.objects.get().seq == 0


def test_an_act_that_fails_leaves_nothing():
    def breaks_off() -> None:
        with act("set_up", BY) as doing:
            doing.put(Unit, "U-1", UNIT)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        breaks_off()
    assert not Unit.objects.exists()
    assert not Version.objects.exists()


def test_an_act_without_a_record_leaves_its_line():
    with act("look", BY, reason="確認"):
        pass
    assert Version.objects.get().kind == "act"


def test_a_writer_that_saw_an_older_version_is_refused():
    write_some()
    with pytest.raises(Conflict), act("change", BY) as doing:
        doing.put(Unit, "U-1", {"name": "x"}, expected_ver=1)
    with pytest.raises(Conflict), act("change", BY) as doing:
        doing.put(Unit, "U-1", {"name": "x"}, expected_ver=0)


def test_an_unknown_field_is_refused():
    with pytest.raises(NotFound), act("set_up", BY) as doing:
        doing.put(Unit, "U-1", UNIT | {"colour": "red"})


def test_a_personal_value_stands_in_the_ledger_as_a_commitment_that_lasts_while_it_does():
    write_some()
    with act("move", BY) as doing:
        doing.put(Person, "P-0", {"employment": "officer"})
    first, second = bodies("P-0")
    assert set(first["name"]) == {"$c"}
    assert first["name"] == second["name"]
    with act("rename", BY) as doing:
        doing.put(Person, "P-0", {"name": "新姓"})
    assert bodies("P-0")[-1]["name"] != first["name"]
    assert Personal.objects.filter(value="新姓").count() == 1


def test_a_removed_record_may_come_back_under_its_key_as_a_later_version():
    write_some()
    with act("back", BY) as doing:
        doing.put(Person, "P-3", person(3))
    assert list(Version.objects.filter(rec="P-3").order_by("ver").values_list("op", flat=True)) == [
        "create", "delete", "create",
    ]  # fmt: skip
    assert verify_all().ok


def test_keys_are_never_given_twice():
    write_some()
    with act("hire", BY) as doing:
        doing.put(Person, "P-0007", person(7))
        doing.remove(Person, "P-0007")
    assert next_keys(Person, 2) == ["P-0008", "P-0009"]


def test_many_records_new_and_standing_are_written_at_once():
    write_some()
    with act("take", BY) as doing:
        doing.put_many(Person, [("P-0", {"employment": "officer"}), ("P-3", person(3)), ("P-9", person(9))])
    assert Person.objects.get(pk="P-0").employment == "officer"
    assert [(v.rec, v.ver, v.op) for v in Version.objects.filter(act_name="take").order_by("pk")] == [
        ("P-0", 2, "update"), ("P-3", 3, "create"), ("P-9", 1, "create"),
    ]  # fmt: skip
    first, second = bodies("P-0")
    assert first["name"] == second["name"]
    assert verify_all().ok


def test_a_reason_is_bounded():
    with pytest.raises(Invalid), act("talk", BY, reason="x" * 2001):
        pass
