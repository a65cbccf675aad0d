"""Whatever is changed behind the ledger's back is found, and named."""

import pytest

from sekisho.ledger import anchor
from sekisho.ledger.models import Checkpoint, Leaf, Node, Personal, Version
from sekisho.ledger.verify import verify
from sekisho.workflows.act import act
from sekisho.workflows.verify import verify_all
from tests.ledger.member import BY, person, run, write_some

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _ledger(tmp_path, settings):
    settings.SEKISHO_HOME = tmp_path
    anchor.forget()
    write_some()


def codes() -> set[str]:
    return {fault.code for fault in verify_all().faults}


def the_fault(code: str) -> dict[str, object]:
    found = [fault for fault in verify_all().faults if fault.code == code]
    assert found, f"{code} was not found"
    return found[0].data


def test_an_honest_ledger_has_no_fault():
    report = verify_all()
    assert report.ok
    assert (report.entries, report.checkpoints, report.records) == (7, 7, 5)


def test_every_byte_of_every_body_counts():
    for version in Version.objects.order_by("pk"):
        body = bytes(version.body)
        changed = bytes([body[0] ^ 1]) + body[1:]
        run("UPDATE ledger_version SET body = %s WHERE id = %s", changed, version.pk)
        fault = next(f for f in verify().faults if f.code == "version_changed")
        assert (fault.data["kind"], fault.data["rec"], fault.data["ver"]) == (
            version.kind,
            version.rec,
            version.ver,
        )
        run("UPDATE ledger_version SET body = %s WHERE id = %s", body, version.pk)
    assert verify_all().ok


@pytest.mark.parametrize("column", ["kind", "rec", "act", "act_name", "by", "reason", "op"])
def test_every_column_of_a_version_counts(column):
    run(f'UPDATE ledger_version SET "{column}" = %s WHERE rec = %s', "x", "P-1")
    assert the_fault("version_changed")["seq"] == 2


def test_the_times_count():
    run("UPDATE ledger_version SET made_at = '2020-01-01 00:00:00' WHERE rec = 'P-1'")
    assert the_fault("version_changed")["seq"] == 2
    run("UPDATE ledger_leaf SET at = '2020-01-01 00:00:00' WHERE seq = 3")
    assert the_fault("time_back")["seq"] == 3


def test_a_removed_version_is_named():
    run("DELETE FROM ledger_leaf WHERE seq = 2")
    run("DELETE FROM ledger_version WHERE rec = 'P-1'")
    assert the_fault("line_missing") == {"first": 2, "last": 2}
    assert the_fault("record_unknown")["rec"] == "P-1"


def test_a_removed_line_leaves_its_version_unplaced():
    run("DELETE FROM ledger_leaf WHERE seq = 2")
    assert the_fault("version_unplaced")["rec"] == "P-1"


def test_two_swapped_bodies_are_both_named():
    one, other = (bytes(Version.objects.get(rec=rec).body) for rec in ("P-0", "P-1"))
    run("UPDATE ledger_version SET body = %s WHERE rec = 'P-0'", other)
    run("UPDATE ledger_version SET body = %s WHERE rec = 'P-1'", one)
    assert {f.data["rec"] for f in verify().faults if f.code == "version_changed"} == {"P-0", "P-1"}


def test_two_swapped_lines_are_found():
    run("UPDATE ledger_leaf SET seq = -1 WHERE seq = 1")
    run("UPDATE ledger_leaf SET seq = 1 WHERE seq = 2")
    run("UPDATE ledger_leaf SET seq = 2 WHERE seq = -1")
    assert the_fault("time_back") == {"seq": 2}
    assert the_fault("root_differs") == {"size": 2, "after": 1}


def cut_tail() -> None:
    last = Leaf.objects.order_by("-seq").first()
    run("DELETE FROM ledger_leaf WHERE seq = %s", last.seq)
    run("DELETE FROM ledger_version WHERE id = %s", last.version_id)


def test_a_truncated_tail_is_named_by_the_checkpoint_in_the_database():
    cut_tail()
    assert the_fault("tail_missing") == {"source": "checkpoint", "size": 7, "entries": 6}


def test_a_tail_cut_with_its_checkpoint_is_named_by_the_one_kept_outside(django_capture_on_commit_callbacks):
    note = Checkpoint.objects.get(size=7).note
    anchor.keep(note)
    cut_tail()
    run("DELETE FROM ledger_checkpoint WHERE size = 7")
    assert the_fault("tail_missing")["source"] == str(anchor.path())


def test_a_checkpoint_of_another_history_is_refused():
    note = Checkpoint.objects.get(size=7).note
    run("UPDATE ledger_checkpoint SET note = %s WHERE size = 7", note.replace("\n7\n", "\n8\n"))
    assert "signature_bad" in codes()
    assert the_fault("unsealed") == {"entries": 7, "covered": 6}


def test_the_working_head_is_compared():
    run("UPDATE ledger_head SET size = 3")
    assert the_fault("head_changed") == {"size": 3, "entries": 7}


def test_stored_nodes_are_rebuilt_and_compared():
    with act("many", BY) as doing:
        from sekisho.records.models import Person

        doing.put_new(Person, [(f"X-{n}", person(n)) for n in range(600)])
    assert verify_all().ok
    assert Node.objects.count() == 2
    run('UPDATE ledger_node SET hash = %s WHERE level = 8 AND "index" = 1', b"\0" * 32)
    assert the_fault("node_changed") == {"level": 8, "index": 1}
    run('DELETE FROM ledger_node WHERE level = 8 AND "index" = 1')
    assert the_fault("node_changed") == {"level": 8, "index": 1}


def test_a_register_that_drifted_is_named_with_its_fields():
    run("UPDATE records_unit SET name = 'x'")
    assert the_fault("record_differs") == {"kind": "unit", "rec": "U-1", "ver": 2, "fields": "name"}
    run("UPDATE records_person SET name = 'x' WHERE key = 'P-0'")
    assert {"kind": "person", "rec": "P-0", "ver": 1, "fields": "name"} in [
        f.data for f in verify_all().faults
    ]


def test_a_record_that_vanished_is_named():
    run("DELETE FROM records_person WHERE key = 'P-0'")
    assert the_fault("record_missing") == {"kind": "person", "rec": "P-0", "ver": 1}


def test_a_personal_value_must_open_its_commitment():
    Personal.objects.filter(value="人 1").update(value="別人")
    assert "personal_changed" in codes()
    assert the_fault("record_differs")["rec"] == "P-1"


def test_every_fault_has_words_in_both_languages():
    run("UPDATE records_unit SET name = 'x'")
    text = verify_all().faults[0].text
    assert "U-1" in text.ja
    assert "U-1" in text.en
    assert "{" not in text.ja + text.en
