"""A tool's webhook becomes drafts once, keeps its original as evidence, and closes nothing."""

import copy
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sekisho.access.rights import Actor
from sekisho.connectors.language import Unreadable
from sekisho.kernel.errors import NotFound, Refused
from sekisho.ledger import evidence
from sekisho.ledger.models import Version
from sekisho.records.models import Incident, System
from sekisho.workflows.act import act, next_keys
from sekisho.workflows.incident import confirm, dismiss
from sekisho.workflows.record import problems_of, remove_record
from sekisho.workflows.take_alerts import EARLIEST, LATEST, take
from sekisho.workflows.verify import verify_all
from tests.workflows.racing import crowd, faults, lost, race, won

__all__ = ["crowd"]
FIXTURES = Path(__file__).parents[1] / "connectors/fixtures/alertmanager"
SHARED = Path(__file__).parents[3] / "shared/inputs/monitoring"
TOOL = Actor("service:alertmanager", service=True, writes=frozenset({"incident"}))
ALERT = {
    "status": "firing",
    "labels": {"alertname": "DiskFull", "severity": "warning", "service": "取引所システム"},
    "annotations": {"summary": "95% used", "runbook": "https://runbook.example.jp/disk"},
    "startsAt": "2026-04-01T00:00:00.123456789Z",
    "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": "https://prometheus.example.jp/graph",
    "fingerprint": "b0f9f0a3e0e8a4c1",
}


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.SEKISHO_HOME = str(tmp_path)


def webhook(*alerts, **more):
    return json.dumps({"version": "4", "alerts": list(alerts), **more}).encode()


def alert(**changes):
    return copy.deepcopy(ALERT) | changes


RESOLVED = alert(status="resolved", endsAt="2026-04-01T01:00:00Z")


def delivery() -> dict:
    """What the ledger's newest line says of a delivery."""
    return json.loads(bytes(Version.objects.filter(kind="evidence").latest("pk").body))


# --- drafts


def test_an_alert_becomes_a_draft_with_its_original_as_evidence(cast):
    data = webhook(ALERT)
    taken = take(TOOL, "alertmanager", data)
    incident = Incident.objects.get()
    assert taken.created == (incident.key,)
    assert (taken.known, taken.resolved_notes, taken.problems, taken.losses) == ((), (), (), ())
    assert (incident.title, incident.kind, incident.severity, incident.state) == (
        "DiskFull: 95% used", "failure", "minor", "draft",
    )  # fmt: skip
    assert incident.detected_at == datetime(2026, 4, 1, 0, 0, 0, 123456, tzinfo=UTC)
    assert (incident.source, incident.source_key) == (
        "alertmanager", "b0f9f0a3e0e8a4c1@2026-04-01T00:00:00.123456789Z",
    )  # fmt: skip
    (file,) = incident.evidence
    assert file == {
        "sha256": taken.sha256, "name": "alertmanager.json", "type": "application/json", "size": len(data),
    }  # fmt: skip
    assert evidence.read(taken.sha256) == data
    assert "startsAt: 2026-04-01T00:00:00.123456789Z" in incident.notes
    assert verify_all().ok


def test_every_draft_is_a_record_that_a_person_could_have_written(cast):
    taken = take(TOOL, "alertmanager", (FIXTURES / "firing.json").read_bytes())
    assert len(taken.created) == 2
    for incident in Incident.objects.all():
        assert problems_of(Incident, incident.key, incident.values()) == {}


def test_the_ledger_has_a_line_for_each_delivery(cast):
    taken = take(TOOL, "alertmanager", webhook(ALERT, truncatedAlerts=7))
    line = Version.objects.get(kind="evidence")
    assert (line.op, line.act_name, line.by) == ("note", "take_alerts", "service:alertmanager")
    told = delivery()
    assert (told["sha256"], told["tool"], told["created"]) == (
        taken.sha256,
        "alertmanager",
        list(taken.created),
    )
    assert "7" in told["losses"][0]["ja"]
    assert "7 alerts" in taken.losses[0].en


def test_problems_are_returned_and_kept(cast):
    taken = take(TOOL, "alertmanager", webhook(alert(fingerprint="../x"), alert(startsAt="")))
    assert [p.where for p in taken.problems] == ["$.alerts[0].fingerprint", "$.alerts[1].startsAt"]
    assert [p["where"] for p in delivery()["problems"]] == ["$.alerts[0].fingerprint", "$.alerts[1].startsAt"]
    assert delivery()["problem_count"] == 2


@pytest.mark.parametrize(
    ("hint", "systems", "unit"),
    [
        ("取引所システム", ["S-EXC"], "U-SYS"),
        ("S-EXC", ["S-EXC"], "U-SYS"),
        ("取引所", None, None),
        ("s-exc", None, None),
    ],
)
def test_a_system_is_recognised_by_its_exact_key_or_name(cast, hint, systems, unit):
    take(TOOL, "alertmanager", webhook(alert(labels={"alertname": "A", "service": hint})))
    incident = Incident.objects.get()
    assert (incident.systems, incident.unit_id) == (systems, unit)


def test_a_name_that_two_systems_bear_names_none(cast):
    with act("twin", "operator:test") as doing:
        values = {"in_scope": True, "operated_by": "own", "in_use_since_on": datetime(2024, 1, 1).date()}
        doing.put(System, "S-2", {"name": "取引所システム", **values})
    take(TOOL, "alertmanager", webhook(ALERT))
    assert Incident.objects.get().systems is None


@pytest.mark.parametrize(
    ("start", "kept"), [("1970-01-01T00:00:00Z", EARLIEST), ("9999-12-31T09:59:59.999999999Z", LATEST)]
)
def test_an_extreme_year_is_bounded_and_the_original_noted(cast, start, kept):
    take(TOOL, "alertmanager", webhook(alert(startsAt=start)))
    incident = Incident.objects.get()
    assert incident.detected_at == kept
    assert f"startsAt: {start}" in incident.notes
    assert "2000 to 2099" in incident.notes


def test_long_texts_are_cut_and_the_original_tells_the_rest(cast):
    data = webhook(alert(annotations={"summary": "長" * 30_000}))
    taken = take(TOOL, "alertmanager", data)
    incident = Incident.objects.get()
    assert len(incident.notes) == 20_000
    assert len(incident.title) <= 200
    assert evidence.read(taken.sha256) == data


def test_drafts_do_not_disturb_the_numbers_of_incidents(cast):
    take(TOOL, "alertmanager", webhook(*[alert(startsAt=f"2026-04-01T00:00:{n:02d}Z") for n in range(60)]))
    assert Incident.objects.count() == 60
    assert next_keys(Incident) == ["INC-0001"]


# --- the same again


def test_the_same_payload_twice_is_one_draft(cast):
    first = take(TOOL, "alertmanager", webhook(ALERT))
    again = take(TOOL, "alertmanager", webhook(ALERT))
    assert (again.created, again.known) == ((), first.created)
    assert Incident.objects.get().ver == 1
    assert delivery()["known"] == list(first.created)


def test_of_a_group_only_what_is_new_is_drafted(cast):
    first = take(TOOL, "alertmanager", webhook(ALERT))
    more = take(TOOL, "alertmanager", webhook(ALERT, alert(fingerprint="c1")))
    assert (more.known, len(more.created)) == (first.created, 1)


def test_an_event_that_is_on_record_under_another_key_is_known(cast):
    with act("load", "operator:test") as doing:
        doing.put(
            Incident, "INC-0007",
            {
                "title": "以前の取込", "kind": "failure", "severity": "minor", "state": "open",
                "detected_at": datetime(2026, 4, 1, tzinfo=UTC), "source": "alertmanager",
                "source_key": "b0f9f0a3e0e8a4c1@2026-04-01T00:00:00.123456789Z",
            },
        )  # fmt: skip
    assert take(TOOL, "alertmanager", webhook(ALERT)).known == ("INC-0007",)
    assert take(TOOL, "alertmanager", webhook(RESOLVED)).resolved_notes == ("INC-0007",)
    assert Incident.objects.count() == 1


def test_a_draft_that_was_removed_does_not_come_back(cast):
    (key,) = take(TOOL, "alertmanager", webhook(ALERT)).created
    remove_record(cast.aoki.actor, Incident, key)
    assert take(TOOL, "alertmanager", webhook(RESOLVED)).known == (key,)
    assert not Incident.objects.exists()


# --- resolved


def test_a_resolved_alert_closes_nothing_and_adds_a_note_and_its_original(cast):
    (key,) = take(TOOL, "alertmanager", webhook(ALERT)).created
    taken = take(TOOL, "alertmanager", webhook(RESOLVED))
    assert (taken.created, taken.known, taken.resolved_notes) == ((), (key,), (key,))
    incident = Incident.objects.get()
    assert incident.state == "draft"
    assert [incident.closed_at, incident.recovered_at] == [None, None]
    assert incident.notes.startswith("alertmanager は解消したと報告しています（2026-04-01T01:00:00.000000Z）")
    assert [e["sha256"] for e in incident.evidence][1] == taken.sha256
    assert verify_all().ok


def test_resolved_is_noted_once_however_often_it_arrives(cast):
    take(TOOL, "alertmanager", webhook(ALERT))
    take(TOOL, "alertmanager", webhook(RESOLVED))
    for groups in ({}, {"groupKey": "{}:{}"}):
        assert take(TOOL, "alertmanager", webhook(RESOLVED, **groups)).resolved_notes == ()
    assert Incident.objects.get().ver == 2


def test_a_resolved_alert_that_nobody_heard_of_is_a_draft_too(cast):
    taken = take(TOOL, "alertmanager", webhook(RESOLVED))
    incident = Incident.objects.get()
    assert (taken.created, taken.resolved_notes, incident.state) == ((incident.key,), (), "draft")
    assert "担当者が判断してください" in incident.notes
    assert "2026-04-01T01:00:00.000000Z" in incident.notes


def test_what_is_confirmed_is_noted_and_what_is_over_is_left_alone(cast):
    (key,) = take(TOOL, "alertmanager", webhook(ALERT)).created
    confirm(cast.ono.actor, key, "影響あり")
    assert take(TOOL, "alertmanager", webhook(RESOLVED)).resolved_notes == (key,)
    assert Incident.objects.get().state == "open"
    other = alert(fingerprint="c1")
    (key,) = take(TOOL, "alertmanager", webhook(other)).created
    dismiss(cast.ono.actor, key, "試験")
    resolved = other | {"status": "resolved", "endsAt": "2026-04-01T01:00:00Z"}
    assert take(TOOL, "alertmanager", webhook(resolved)).resolved_notes == ()
    assert Incident.objects.get(pk=key).ver == 2


# --- who, and what is refused


def test_a_person_who_responds_to_incidents_may_hand_in_a_saved_webhook(cast):
    assert take(cast.ono.actor, "alertmanager", webhook(ALERT)).created


@pytest.mark.parametrize(
    "actor",
    [
        Actor("service:alertmanager", service=True, writes=frozenset({"system"})),
        Actor("service:alertmanager", service=True, writes=frozenset()),
        Actor("person:P-0008", "P-0008", works_here=True),
    ],
)
def test_who_may_not_write_incidents_hands_in_nothing(db, actor, tmp_path):
    with pytest.raises(Refused):
        take(actor, "alertmanager", webhook(ALERT))
    assert not Version.objects.exists()
    assert not (tmp_path / "evidence").exists()


@pytest.mark.parametrize("data", [b"", b"{}", b'{"version": "5", "alerts": []}', b"\xff"])
def test_what_cannot_be_read_leaves_nothing_behind(db, data, tmp_path):
    with pytest.raises(Unreadable):
        take(TOOL, "alertmanager", data)
    assert not Version.objects.exists()
    assert not (tmp_path / "evidence").exists()


def test_an_unknown_tool_is_not_found(db):
    with pytest.raises(NotFound):
        take(TOOL, "nagios", webhook(ALERT))


def test_a_hostile_webhook_becomes_harmless_drafts(cast):
    taken = take(TOOL, "alertmanager", (FIXTURES / "hostile.json").read_bytes())
    assert len(taken.created) == 2
    assert len(taken.problems) == 11
    for incident in Incident.objects.all():
        assert not any(c < " " and c not in "\n\t" for c in incident.title + incident.notes)
        assert problems_of(Incident, incident.key, incident.values()) == {}


# --- at the same instant


def test_two_deliveries_of_one_event_at_the_same_instant_are_one_draft(crowd):
    for turn in range(6):
        one = alert(fingerprint=f"f{turn}")
        results = race(
            *[
                lambda one=one, n=n: take(TOOL, "alertmanager", webhook(one, receiver=f"r{n}"))
                for n in range(4)
            ]
        )
        assert not lost(results)
        assert sorted(len(t.created) for t in won(results)) == [0, 0, 0, 1]
        assert Incident.objects.filter(ver=1).count() == turn + 1
    assert not faults()


def test_two_reports_of_its_end_at_the_same_instant_are_one_note(crowd):
    take(TOOL, "alertmanager", webhook(ALERT))
    results = race(
        *[lambda n=n: take(TOOL, "alertmanager", webhook(RESOLVED, receiver=f"r{n}")) for n in range(4)]
    )
    assert sorted(len(t.resolved_notes) for t in won(results)) == [0, 0, 0, 1]
    assert Incident.objects.get().ver == 2
    assert not faults()


# --- the real files, where they are


@pytest.mark.parametrize(
    ("name", "drafts"), [("open/zulip_alertmanager_alert.json", 2), ("bad/gen_alertmanager_times.json", 2)]
)
def test_the_real_files_end_as_expected(cast, name, drafts):
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"the real inputs are not at {SHARED}")
    taken = take(TOOL, "alertmanager", path.read_bytes())
    again = take(TOOL, "alertmanager", path.read_bytes())
    assert len(taken.created) == drafts == len(again.known)
    assert set(Incident.objects.values_list("state", flat=True)) == {"draft"}
    assert verify_all().ok
