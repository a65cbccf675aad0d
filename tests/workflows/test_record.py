"""A record is kept by who may, with values that are right, and is not removed from under others."""

from datetime import UTC, date, datetime

import pytest

from sekisho.kernel.errors import Conflict, Invalid, NotFound, Refused
from sekisho.ledger.models import Version
from sekisho.records.models import Appointment, Equipment, Incident, System, Unit
from sekisho.workflows.record import NeedsApproval, referring, remove_record, save_record

pytestmark = pytest.mark.django_db
LAPTOP = {"unit": "U-OPS", "what": "ノートPC", "confirmed_on": date(2026, 11, 1)}


def problems(cast, who, model, key, **values):
    with pytest.raises(Invalid) as refused:
        save_record(getattr(cast, who).actor, model, key, values)
    return refused.value.problems


def test_a_manager_keeps_the_unit_s_equipment_under_the_next_key(cast):
    kept = save_record(cast.aoki.actor, Equipment, None, LAPTOP, reason="棚卸し")
    assert kept.key == "EQ-0001"
    line = Version.objects.get(kind="equipment")
    assert (line.by, line.reason, line.act_name) == (f"person:{cast.aoki.key}", "棚卸し", "save_equipment")


def test_who_holds_no_role_keeps_nothing(cast):
    with pytest.raises(Refused):
        save_record(cast.nishi.actor, Equipment, None, LAPTOP)
    assert not Equipment.objects.exists()


def test_every_wrong_value_is_named(cast):
    assert set(problems(cast, "aoki", Equipment, None, unit="U-OPS")) == {"what", "confirmed_on"}
    assert set(problems(cast, "aoki", Equipment, None, **LAPTOP | {"unit": "U-NONE"})) == {"unit"}
    assert set(problems(cast, "aoki", Equipment, None, **LAPTOP | {"confirmed_on": "2026-11-01"})) == {
        "confirmed_on"
    }
    assert set(problems(cast, "aoki", Equipment, None, **LAPTOP | {"colour": "red"})) == {"colour"}
    assert set(problems(cast, "aoki", Equipment, "a b", **LAPTOP)) == {"key"}


def test_dates_that_run_backwards_are_refused(cast):
    unit = {"name": "新部", "function": "user", "since_on": date(2026, 4, 1), "until_on": date(2026, 3, 31)}
    assert set(problems(cast, "mori", Unit, "U-NEW", **unit)) == {"until_on"}


def test_what_takes_approval_is_not_simply_written(cast):
    values = {
        "person": cast.nishi.key,
        "role": "system_manager",
        "unit": "U-OPS",
        "since_on": date(2026, 11, 1),
    }
    with pytest.raises(NeedsApproval):
        save_record(cast.mori.actor, Appointment, None, values)
    with pytest.raises(NeedsApproval):
        save_record(
            cast.sakura.actor, System, "S-EXC", {"in_scope": False, "out_of_scope_reason": "使わない"}
        )


def test_a_writer_that_saw_an_older_version_is_refused(cast):
    kept = save_record(cast.aoki.actor, Equipment, None, LAPTOP)
    save_record(cast.aoki.actor, Equipment, kept.key, {"location": "本社"}, expected_ver=1)
    with pytest.raises(Conflict):
        save_record(cast.aoki.actor, Equipment, kept.key, {"location": "支社"}, expected_ver=1)


def test_a_record_that_others_refer_to_is_not_removed(cast):
    with pytest.raises(Invalid):
        remove_record(cast.mori.actor, Unit, "U-OPS")
    assert "person:P-0003" in referring(Unit, "U-OPS")


def test_a_system_named_in_a_list_counts_as_referred_to(cast):
    found = datetime(2026, 11, 1, tzinfo=UTC)
    values = {
        "title": "停止",
        "kind": "failure",
        "severity": "minor",
        "state": "open",
        "detected_at": found,
        "systems": ["S-EXC"],
    }
    kept = save_record(cast.ono.actor, Incident, None, values | {"detected_at": found})
    assert f"incident:{kept.key}" in referring(System, "S-EXC")


def test_a_removed_record_leaves_its_past(cast):
    kept = save_record(cast.aoki.actor, Equipment, None, LAPTOP)
    remove_record(cast.aoki.actor, Equipment, kept.key, reason="廃棄")
    assert list(Version.objects.filter(rec=kept.key).values_list("op", flat=True)) == ["create", "delete"]
    with pytest.raises(NotFound):
        remove_record(cast.aoki.actor, Equipment, kept.key)
