"""`sekisho connectors take`: one tool's file becomes incident drafts."""

import json
from pathlib import Path

from tests.cli.running import complaint, sekisho

FIXTURES = Path(__file__).parents[1] / "connectors" / "fixtures"


def payload(tmp_path: Path) -> Path:
    file = tmp_path / "alert.json"
    alert = {
        "status": "firing", "labels": {"alertname": "DiskFull", "severity": "critical"}, "annotations": {},
        "startsAt": "2026-11-20T01:00:00Z", "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "", "fingerprint": "a1b2c3d4e5f60718",
    }  # fmt: skip
    told = {
        "version": "4", "groupKey": "{}", "truncatedAlerts": 0, "status": "firing", "receiver": "sekisho", "groupLabels": {},
        "commonLabels": {}, "commonAnnotations": {}, "externalURL": "", "alerts": [alert],
    }  # fmt: skip
    file.write_text(json.dumps(told), encoding="utf-8")
    return file


def test_the_same_file_twice_is_one_draft(tmp_path):
    home, file = tmp_path / "home", payload(tmp_path)
    first = sekisho(home, "connectors", "take", "alertmanager", file, SEKISHO_LANGUAGE="en")
    assert first.returncode == 0, first.stderr
    assert "1 new" in first.stdout
    assert (
        "0 new drafts, 1 known"
        in sekisho(home, "connectors", "take", "alertmanager", file, SEKISHO_LANGUAGE="en").stdout
    )
    (incident,) = json.loads(sekisho(home, "list", "incident", "--format", "json").stdout)
    assert incident["state"] == "draft"


def test_what_cannot_be_taken(tmp_path):
    home = tmp_path / "home"
    broken = tmp_path / "broken.json"
    broken.write_text("{", encoding="utf-8")
    complaint(sekisho(home, "connectors", "take", "alertmanager", broken))
    complaint(sekisho(home, "connectors", "take", "nagios", broken))
    complaint(sekisho(home, "connectors", "take", "alertmanager", tmp_path / "none.json"))
    big = tmp_path / "big.json"
    with big.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    assert "MB" in complaint(sekisho(home, "connectors", "take", "alertmanager", big))


def test_the_tools_are_listed(tmp_path):
    assert "alertmanager" in sekisho(tmp_path, "connectors", "list").stdout
