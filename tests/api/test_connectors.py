"""Deliveries of tools: what was taken and what was not is always said, and never by a plain OK."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sekisho.connectors.contents import TOOLS
from sekisho.ledger.models import Version
from sekisho.records.models import Incident
from tests.api.calling import Caller, service, token_of

PATH = "connectors/alertmanager"


def alert(name: str, **more: Any) -> dict[str, Any]:
    return {
        "status": "firing",
        "labels": {"alertname": name, "severity": "critical", "service": "S-EXC"},
        "annotations": {"summary": f"{name} が発生"},
        "startsAt": "2026-11-20T01:02:03.000Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus.example/graph",
        "fingerprint": f"fp{name}",
    } | more  # fmt: skip


def webhook(*alerts: Any) -> dict[str, Any]:
    return {
        "version": "4", "groupKey": "g", "truncatedAlerts": 0, "status": "firing", "receiver": "sekisho",
        "groupLabels": {}, "commonLabels": {}, "commonAnnotations": {}, "externalURL": "http://alertmanager.example",
        "alerts": list(alerts),
    }  # fmt: skip


@pytest.fixture
def monitoring(cast: Any) -> Caller:
    return service(writes=["incident"])


def test_a_service_that_may_write_incidents_delivers_and_reads_none(monitoring: Caller):
    answer = monitoring.post(PATH, webhook(alert("Down"), alert("Slow")))
    assert answer.status == 200
    assert len(answer.json["created"]) == 2
    assert answer.json["problems"] == answer.json["losses"] == []
    assert Incident.objects.count() == 2
    assert monitoring.get("records/incident").code == "outside_token"
    line = Version.objects.filter(kind="incident").first()
    assert line is not None
    assert line.by == "service:monitoring"


def test_the_same_delivery_twice_is_one_draft(monitoring: Caller):
    first = monitoring.post(PATH, webhook(alert("Down"))).json
    second = monitoring.post(PATH, webhook(alert("Down")))
    assert second.status == 200
    assert second.json["created"] == []
    assert second.json["known"] == first["created"]
    assert Incident.objects.count() == 1


def test_what_is_left_out_is_listed_and_is_no_plain_ok(monitoring: Caller):
    answer = monitoring.post(PATH, webhook(alert("Down"), alert("Bad", startsAt="never"), "nonsense"))
    assert answer.status == 207
    assert len(answer.json["created"]) == 1
    assert [p["where"] for p in answer.json["problems"]] == ["$.alerts[1].startsAt", "$.alerts[2]"]
    assert all(p["text"]["ja"] and p["text"]["en"] for p in answer.json["problems"])


def test_truncated_alerts_are_a_loss_that_is_told(monitoring: Caller):
    answer = monitoring.post(PATH, webhook(alert("Down")) | {"truncatedAlerts": 3})
    assert answer.status == 207
    assert "3" in answer.json["losses"][0]["en"]


def test_where_nothing_can_be_taken_the_answer_is_a_problem_with_the_lists(monitoring: Caller):
    answer = monitoring.post(PATH, webhook(alert("Bad", startsAt="never")))
    assert answer.status == 422
    assert answer.code == "nothing_taken"
    assert answer.json["delivery"]["problems"][0]["where"] == "$.alerts[0].startsAt"
    assert not Incident.objects.exists()


@pytest.mark.parametrize(
    "body", [b" ", b"{", b"[]", b"null", b'{"version":"3"}', b"\xff\xfe", b'{"version":NaN}']
)
def test_what_is_no_delivery_leaves_nothing_behind(monitoring: Caller, body: bytes):
    before = Version.objects.count()
    answer = monitoring.post(PATH, body)
    assert answer.status == 422
    assert answer.code == "unreadable"
    assert Version.objects.count() == before


def test_too_much_is_refused_before_it_is_read(monitoring: Caller):
    most = TOOLS[0].max_bytes
    answer = monitoring.post(PATH, b" " * (most + 1))
    assert answer.status == 413
    assert answer.code == "too_large"
    padded = json.dumps(webhook(alert("Big"))).encode() + b" " * (
        3 * 1024 * 1024
    )  # above the bound of other bodies
    assert monitoring.post(PATH, padded).status == 200


def test_who_may_not_write_incidents_delivers_nothing(cast: Any):
    body = webhook(alert("Down"))
    assert token_of(cast.nishi).post(PATH, body).code == "refused"
    assert token_of(cast.ono).post(PATH, body).status == 200
    assert token_of(cast.ono, writes=["notice"]).post(PATH, body).code == "outside_token"
    assert service(writes=["notice"]).post(PATH, body).code == "outside_token"
    assert service(reads=["incident"]).post(PATH, body).code == "outside_token"


def test_an_unknown_tool_and_a_wrong_media_type(monitoring: Caller):
    assert monitoring.post("connectors/nonsense", webhook()).code == "not_found"
    assert (
        monitoring.post(PATH, b"a=b", Content_Type="application/x-www-form-urlencoded").code
        == "wrong_media_type"
    )
    assert monitoring.get(PATH).code == "wrong_method"
