"""`sekisho kinds` describes every kind and field; other programs rely on it."""

import json

from sekisho.records.contents import KINDS


def test_every_kind_and_field_is_described(here):
    told = {kind["name"]: kind for kind in json.loads(here("kinds", "--format", "json").out)}
    assert list(told) == [m.about.name for m in KINDS]
    for model in KINDS:
        kind = told[model.about.name]
        assert {
            "label",
            "help",
            "prefix",
            "domain",
            "clauses",
            "key",
            "fields",
            "governed",
            "writers",
            "readers",
        } <= set(kind)
        assert [f["name"] for f in kind["fields"]] == list(model.kind_fields())
        assert all({"type", "required", "label", "help"} <= set(f) for f in kind["fields"])
    assert told["appointment"]["governed"]
    assert not told["unit"]["governed"]
    role = next(f for f in told["appointment"]["fields"] if f["name"] == "role")
    assert role["choices"]["system_manager"] == {"ja": "システム管理責任者", "en": "System manager"}


def test_one_kinds_fields_for_people(here):
    out = here("kinds", "appointment", language="en").out
    assert "reference → person" in out
    assert "chief_system_officer" in out
