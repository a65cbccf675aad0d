"""`sekisho framework load`: a framework and its controls from a file."""

import json
from pathlib import Path

FIXTURES = Path(__file__).parents[1] / "connectors" / "fixtures"
CATALOG = FIXTURES / "oscal" / "catalog.json"
LIST = FIXTURES / "controls_csv" / "controls.csv"


def test_a_catalog_is_taken_once(db, here):
    first = here("framework", "load", CATALOG, language="en")
    assert first.code == 0, first.err
    assert "4 new, 0 changed" in first.out
    assert "withdrawn" in first.err
    again = here("framework", "load", CATALOG, language="en")
    assert "0 new, 0 changed, 4 as they were" in again.out
    assert first.out.splitlines()[-1] == again.out.splitlines()[-1] == "framework:FW-0001"
    assert len(json.loads(here("list", "framework_control", "--format", "json").out)) == 4


def test_a_list_needs_a_name(db, here):
    assert here("framework", "load", LIST).complaint
    named = here("framework", "load", LIST, "--name", "社内基準", "--version", "2026")
    assert named.code == 0, named.err
    assert "社内基準 2026" in named.out
    assert "追加 3 件" in named.out


def test_a_preview_takes_nothing(db, here):
    shown = here("framework", "load", CATALOG, "--preview", language="en")
    assert "gate-1.1 Two keepers" in shown.out
    assert json.loads(here("list", "framework", "--format", "json").out) == []


def test_what_cannot_be_taken(db, here, tmp_path):
    newer = tmp_path / "newer.json"
    newer.write_text(CATALOG.read_text(encoding="utf-8").replace('"1.1.3"', '"9.0.0"'), encoding="utf-8")
    assert "9.0.0" in here("framework", "load", newer).complaint
    assert ".json" in here("framework", "load", tmp_path / "nist.yaml").complaint
    assert "none.json" in here("framework", "load", tmp_path / "none.json").complaint


def test_the_formats_are_listed(here):
    told = here("framework", "formats").out
    assert "oscal" in told
    assert "controls_csv" in told
