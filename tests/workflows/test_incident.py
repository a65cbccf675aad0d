"""What a tool drafted becomes an incident, or is dismissed, by a person who says why."""

from datetime import UTC, datetime

import pytest

from sekisho.kernel.errors import Conflict, Invalid, NotFound, Refused
from sekisho.ledger.models import Version
from sekisho.records.models import Incident
from sekisho.workflows.act import act
from sekisho.workflows.incident import NoDraft, confirm, dismiss
from tests.workflows.racing import crowd, faults, lost, race, won

__all__ = ["crowd"]
DRAFT = {
    "title": "ディスク容量", "kind": "failure", "severity": "serious", "state": "draft",
    "detected_at": datetime(2026, 10, 1, tzinfo=UTC),
}  # fmt: skip


@pytest.fixture
def drafted(db):
    return put_draft()


def put_draft():
    with act("draft", "service:alertmanager") as doing:
        return doing.put(Incident, "INC-T1", DRAFT)


def test_a_confirmed_draft_is_open(cast, drafted):
    incident = confirm(cast.ono.actor, "INC-T1", "利用者に影響あり", expected_ver=1)
    assert incident.state == "open"
    line = Version.objects.get(kind="incident", ver=2)
    assert (line.act_name, line.by, line.reason) == ("confirm_incident", cast.ono.by, "利用者に影響あり")


def test_what_the_tool_got_wrong_is_mended_on_the_way(cast, drafted):
    incident = confirm(
        cast.aoki.actor, "INC-T1", "攻撃と判断", values={"kind": "attack", "systems": ["S-EXC"]}
    )
    assert (incident.kind, incident.systems, incident.state) == ("attack", ["S-EXC"], "open")
    assert incident.title == "ディスク容量"


def test_a_state_of_the_callers_own_choice_does_not_slip_in(cast, drafted):
    assert confirm(cast.ono.actor, "INC-T1", "影響あり", values={"state": "closed"}).state == "open"


def test_wrong_values_are_refused(cast, drafted):
    with pytest.raises(Invalid):
        confirm(cast.ono.actor, "INC-T1", "影響あり", values={"systems": ["S-NONE"]})


def test_a_dismissed_draft_stays_on_record(cast, drafted):
    assert dismiss(cast.mori.actor, "INC-T1", "試験環境の通知").state == "dismissed"
    assert Incident.objects.get().ver == 2


@pytest.mark.parametrize("act_on", [confirm, dismiss])
def test_it_takes_a_reason(cast, drafted, act_on):
    with pytest.raises(Invalid):
        act_on(cast.ono.actor, "INC-T1", " \n")


@pytest.mark.parametrize("act_on", [confirm, dismiss])
@pytest.mark.parametrize("who", ["nishi", "chiba", "ogawa", "kitagawa", "kyuda"])
def test_who_does_not_respond_to_incidents_does_not_decide(cast, drafted, act_on, who):
    with pytest.raises(Refused):
        act_on(getattr(cast, who).actor, "INC-T1", "理由")


@pytest.mark.parametrize("act_on", [confirm, dismiss])
def test_only_a_draft_is_decided_and_once(cast, drafted, act_on):
    act_on(cast.ono.actor, "INC-T1", "理由")
    for again in (confirm, dismiss):
        with pytest.raises(NoDraft):
            again(cast.aoki.actor, "INC-T1", "理由")


def test_a_stale_page_decides_nothing(cast, drafted):
    with act("note", "service:alertmanager") as doing:
        doing.put(Incident, "INC-T1", {"notes": "解消"})
    with pytest.raises(Conflict):
        confirm(cast.ono.actor, "INC-T1", "理由", expected_ver=1)


def test_an_unknown_incident_is_not_found(cast):
    with pytest.raises(NotFound):
        dismiss(cast.ono.actor, "INC-9", "理由")


def test_confirmed_and_dismissed_at_the_same_instant_it_is_one_of_them(crowd):
    put_draft()
    results = race(
        lambda: confirm(crowd.ono.actor, "INC-T1", "影響あり"),
        lambda: dismiss(crowd.mori.actor, "INC-T1", "試験"),
    )
    (winner,) = won(results)
    assert [type(error) for error in lost(results)] == [NoDraft]
    assert Incident.objects.get().state == winner.state
    assert not faults()
