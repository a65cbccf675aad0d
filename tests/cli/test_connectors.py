"""`sekisho connectors take`: one tool's file becomes incident drafts."""

import json
from pathlib import Path


def payload(tmp_path: Path) -> Path:
    file = tmp_path / "alert.json"
    alert = {
        "status": "firing",
        "labels": {"alertname": "DiskFull", "severity": "critical"},
        "annotations": {},
        "startsAt": "2026-11-20T01:00:00Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "",
        "fingerprint": "a1b2c3d4e5f60718",
    }
    told = {
        "version": "4",
        "groupKey": "{}",
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "sekisho",
        "groupLabels": {},
        "commonLabels": {},
        "commonAnnotations": {},
        "externalURL": "",
        "alerts": [alert],
    }
    file.write_text(json.dumps(told), encoding="utf-8")
    return file


def test_the_same_file_twice_is_one_draft(db, here, tmp_path):
    words = ("connectors", "take", "alertmanager", payload(tmp_path))
    first = here(*words, language="en")
    assert first.code == 0, first.err
    assert "1 new" in first.out
    assert "0 new drafts, 1 known" in here(*words, language="en").out
    (incident,) = json.loads(here("list", "incident", "--format", "json").out)
    assert incident["state"] == "draft"


def test_what_cannot_be_taken(db, here, tmp_path):
    broken = tmp_path / "broken.json"
    broken.write_text("{", encoding="utf-8")
    assert here("connectors", "take", "alertmanager", broken).complaint
    assert here("connectors", "take", "nagios", broken).complaint
    assert "none.json" in here("connectors", "take", "alertmanager", tmp_path / "none.json").complaint
    big = tmp_path / "big.json"
    with big.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    assert "MB" in here("connectors", "take", "alertmanager", big).complaint


def test_the_tools_are_listed(here):
    assert "alertmanager" in here("connectors", "list").out
