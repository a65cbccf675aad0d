"""Taking a framework from a file: one act, all or nothing, and the same file again changes nothing."""

import json
from pathlib import Path

import pytest

from sekisho.access.rights import operator_actor
from sekisho.connectors.language import Unreadable
from sekisho.kernel.errors import Invalid, NotFound, Refused
from sekisho.ledger.models import Version
from sekisho.records.models import Framework, FrameworkControl
from sekisho.workflows.load_framework import load_framework, plan_framework
from tests.cast import Cast

pytestmark = pytest.mark.django_db
FIXTURES = Path(__file__).parents[1] / "connectors" / "fixtures"
CATALOG = (FIXTURES / "oscal" / "catalog.json").read_bytes()
LIST = (FIXTURES / "controls_csv" / "controls.csv").read_bytes()
NAME = "Sample controls of a made-up exchange"
OPERATOR = operator_actor("test")


def take(data=CATALOG, file="catalog.json", **values):
    return load_framework(OPERATOR, file, data, **values)


def numbers():
    return sorted(FrameworkControl.objects.values_list("number", flat=True))


def test_a_catalog_becomes_a_framework_and_its_controls_by_one_act():
    key, done = take(reason="自己評価のため")
    framework = Framework.objects.get(pk=key)
    assert (framework.name, framework.version, framework.source) == (NAME, "2.0", "catalog.json")
    assert [e["name"] for e in framework.evidence] == ["catalog.json"]
    assert numbers() == ["alone", "gate-1", "gate-1.1", "wall-1"]
    assert FrameworkControl.objects.get(number="gate-1.1").parent == "gate-1"
    assert done.counts == {"new": 4, "changed": 0, "unchanged": 0, "missing": 0}
    lines = Version.objects.filter(kind__startswith="framework")
    assert {(v.act_name, v.reason) for v in lines} == {("load_framework", "自己評価のため")}
    assert len({v.act for v in lines}) == 1


def test_the_same_file_again_brings_nothing_new_and_leaves_no_line():
    key, _ = take()
    lines = Version.objects.count()
    again, done = take(file="copy.json")
    assert again == key
    assert done.counts == {"new": 0, "changed": 0, "unchanged": 4, "missing": 0}
    assert Version.objects.count() == lines


def test_a_changed_file_changes_what_differs_and_leaves_what_it_no_longer_has():
    take()
    catalog = json.loads(CATALOG)
    catalog["catalog"]["controls"] = [{"id": "fresh", "title": "New"}]
    catalog["catalog"]["groups"][0]["groups"][0]["controls"][0]["title"] = "A high wall"
    _, done = take(json.dumps(catalog).encode())
    assert done.counts == {"new": 1, "changed": 1, "unchanged": 2, "missing": 1}
    assert done.missing == ("alone",)
    assert numbers() == ["alone", "fresh", "gate-1", "gate-1.1", "wall-1"]
    wall = FrameworkControl.objects.get(number="wall-1")
    assert (wall.title, wall.ver) == ("A high wall", 2)


def test_another_version_is_another_framework_with_its_own_controls():
    first, _ = take()
    second, done = take(version="3.0")
    assert first != second
    assert done.counts["new"] == 4
    assert FrameworkControl.objects.count() == 8


def test_a_list_takes_its_name_from_whoever_loads_it():
    with pytest.raises(Invalid):
        take(LIST, "controls.csv")
    key, done = take(LIST, "controls.csv", name="社内基準", version="2026")
    assert (Framework.objects.get(pk=key).name, done.counts["new"]) == ("社内基準", 3)
    assert FrameworkControl.objects.get(number="CA-1").text == "通信を検査する。\n疑わしいものを遮断する。"


def test_a_plan_tells_the_same_and_writes_nothing():
    planned = plan_framework(OPERATOR, "catalog.json", CATALOG)
    assert (planned.framework, planned.counts["new"], len(planned.losses)) == ("", 4, 1)
    assert not Version.objects.exists()
    key, _ = take()
    assert plan_framework(OPERATOR, "catalog.json", CATALOG).framework == key


@pytest.mark.parametrize(
    ("data", "file", "values", "error"),
    [
        (b"{", "catalog.json", {}, Unreadable),
        (CATALOG.replace(b'"1.1.3"', b'"9.0.0"'), "catalog.json", {}, Unreadable),
        (CATALOG, "catalog.yaml", {}, NotFound),
        (CATALOG, "catalog.json", {"name": "x" * 201}, Invalid),
        ("number\nか\u3099\nが\n".encode(), "list.csv", {"name": "x"}, Invalid),
    ],
)
def test_where_anything_is_wrong_nothing_is_taken(data, file, values, error):
    with pytest.raises(error):
        take(data, file, **values)
    assert not Version.objects.exists()


def test_who_may_not_write_frameworks_may_not_load_one(cast: Cast):
    for member in (cast.nishi, cast.ogawa, cast.kyuda):
        with pytest.raises(Refused):
            load_framework(member.actor, "catalog.json", CATALOG)
    assert not Framework.objects.exists()
    key, _ = load_framework(cast.chiba.actor, "catalog.json", CATALOG)
    assert Framework.objects.get(pk=key).name == NAME
