"""OSCAL catalogs: what stands in them, what they are not, and what hostile ones may do."""

import copy
import json
import time
from pathlib import Path

import pytest

from sekisho.connectors.language import ControlDraft, Unreadable
from sekisho.connectors.tools.oscal.parse import LONGEST_TEXT, MAX_BYTES, parse
from sekisho.connectors.tools.oscal.read import from_file
from tests.connectors.test_contents import BAD

FIXTURE = Path(__file__).parents[1] / "fixtures" / "oscal" / "catalog.json"
INPUTS = Path(__file__).parents[4] / "shared" / "inputs"
CATALOG = json.loads(FIXTURE.read_bytes())["catalog"]


def read(catalog, name="catalog"):
    return parse(json.dumps({name: catalog}).encode())


def changed(change):
    catalog = copy.deepcopy(CATALOG)
    change(catalog)
    return catalog


def with_controls(*controls):
    return changed(lambda c: c.update(groups=[], controls=list(controls)))


# --- what stands in it ------------------------------------------------------------------------------------------------


def test_a_catalog_gives_its_name_its_version_and_its_controls_in_their_order():
    found = parse(from_file(FIXTURE))
    assert (found.name, found.version) == ("Sample controls of a made-up exchange", "2.0")
    assert [(c.number, c.parent) for c in found.controls] == [
        ("alone", ""), ("gate-1", "gate"), ("gate-1.1", "gate-1"), ("wall-1", "wall"),
    ]  # fmt: skip


def test_the_text_is_the_statement_with_its_parameters_told():
    found = {c.number: c.text for c in parse(from_file(FIXTURE)).controls}
    assert found["gate-1"] == (
        "Keep a gate:\na. told by [who];\nb. closed [by hand / within [90] days], [unknown], [again [loop]]."
    )
    assert found["wall-1"] == "Build it."  # no statement: what is no guidance
    assert found["alone"] == ""


def test_withdrawn_controls_are_left_out_and_told_of():
    (loss,) = parse(from_file(FIXTURE)).losses
    assert (loss.ja, loss.en) == (
        "廃止された管理策 1 件は取り込みませんでした。",
        "1 withdrawn controls were left out.",
    )


@pytest.mark.parametrize("version", ["1.0.0", "1.0.4", "1.1.2", "1.2.2"])
def test_known_versions_are_read(version):
    assert read(changed(lambda c: c["metadata"].update({"oscal-version": version}))).controls


@pytest.mark.parametrize("version", ["9.0.0", "1.9.0", "2.0.0", "1.0.0-rc1", "1.1", "", None, 1.1, "１.1.2"])
def test_another_version_is_refused_with_a_clear_word(version):
    with pytest.raises(Unreadable):
        read(changed(lambda c: c["metadata"].update({"oscal-version": version})))
    with pytest.raises(Unreadable, match=r"OSCAL version 9\.0\.0 is not known"):
        read(changed(lambda c: c["metadata"].update({"oscal-version": "9.0.0"})))


def test_a_control_that_stands_twice_is_refused_wherever_it_stands():
    with pytest.raises(Unreadable, match="gate-1 stands twice"):
        read(changed(lambda c: c["controls"].append({"id": "gate-1", "title": "x"})))
    with pytest.raises(Unreadable, match="gate-2 stands twice"):  # also one that is withdrawn
        read(
            changed(lambda c: c["groups"][0]["groups"][0]["controls"].append({"id": "gate-2", "title": "x"}))
        )


# --- what it is not ---------------------------------------------------------------------------------------------------


def test_a_profile_is_refused_and_what_it_points_at_is_named_and_not_followed(monkeypatch):
    def never(*_, **__):
        raise AssertionError("something was opened")

    monkeypatch.setattr("builtins.open", never)
    monkeypatch.setattr("socket.socket", never)
    imports = [{"href": "file:///etc/passwd"}, {"href": "http://198.51.100.1/x"}]
    with pytest.raises(Unreadable) as refusal:
        read({"metadata": CATALOG["metadata"], "imports": imports}, "profile")
    assert "file:///etc/passwd, http://198.51.100.1/x" in refusal.value.text.en
    assert "参照先 2 件" in refusal.value.text.ja


@pytest.mark.parametrize("model", ["component-definition", "assessment-results", "system-security-plan"])
def test_another_model_of_oscal_is_named_and_refused(model):
    with pytest.raises(Unreadable, match=f"an OSCAL {model}, no catalog"):
        read({}, model)


@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
def test_bad_bytes_are_refused_in_both_languages(data):
    with pytest.raises(Unreadable) as refusal:
        parse(data)
    assert refusal.value.text.ja != refusal.value.text.en


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda c: c.pop("metadata"), r"\$\.catalog\.metadata is missing"),
        (lambda c: c.update(metadata=[]), r"\$\.catalog\.metadata must be of the type object"),
        (lambda c: c["metadata"].pop("title"), r"metadata\.title is missing"),
        (lambda c: c.update(groups={}), r"\$\.catalog\.groups must be of the type array"),
        (lambda c: c["groups"][0]["controls"].append("x"), r"controls\[2\] must be of the type object"),
        (lambda c: c["controls"][0].pop("id"), r"controls\[0\]\.id is missing"),
        (lambda c: c["controls"][0].update(title=7), r"title must be of the type string"),
        (lambda c: c["controls"][0].update(parts=[{"name": "statement", "prose": 1}]), "prose must be"),
        (lambda c: c.update(groups=[], controls=[]), "not one control"),
        (lambda c: c.update(groups=None, controls=None), "not one control"),
    ],
)
def test_what_is_not_as_oscal_has_it_is_refused_with_its_place(change, where):
    with pytest.raises(Unreadable, match=where):
        read(changed(change))


def test_a_cut_file_is_refused():
    data = FIXTURE.read_bytes().rstrip()
    for end in range(0, len(data), 97):
        with pytest.raises(Unreadable):
            parse(data[:end])


# --- hostile ones -----------------------------------------------------------------------------------------------------


def test_more_bytes_than_the_bound_are_refused_unread(tmp_path):
    with pytest.raises(Unreadable, match="too big"):
        parse(b" " * (MAX_BYTES + 1))
    big = tmp_path / "big.json"
    with big.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(Unreadable, match="too big"):
        from_file(big)


def test_groups_nested_too_deep_are_refused():
    group = {"id": "g", "title": "g", "controls": [{"id": "c", "title": "c"}]}
    for _ in range(60):
        group = {"id": "g", "title": "g", "groups": [group]}
    with pytest.raises(Unreadable, match="nested too deep"):
        read(changed(lambda c: c.update(groups=[group])))


def test_parameters_that_insert_one_another_many_times_cost_little():
    every = " ".join(f"{{{{ insert: param, p{n} }}}}" for n in range(300))
    params = [{"id": f"p{n}", "label": every} for n in range(300)]
    control = {
        "id": "c",
        "title": "c",
        "params": params,
        "parts": [{"name": "statement", "prose": every * 30}],
    }
    began = time.perf_counter()
    (found,) = read(with_controls(control)).controls
    assert time.perf_counter() - began < 5
    assert len(found.text) <= LONGEST_TEXT


def test_texts_too_long_are_cut_and_told_of_and_what_hides_is_made_visible():
    long = {"id": "c", "title": "t" * 300, "parts": [{"name": "statement", "prose": "x" * 30_000}]}
    hidden = {"id": "d\u202e", "title": "\x1b[31mred", "parts": [{"name": "statement", "prose": "a\x07b"}]}
    found = read(with_controls(long, hidden))
    assert (len(found.controls[0].title), len(found.controls[0].text)) == (200, LONGEST_TEXT)
    assert found.losses[0].en == "Texts that are too long were cut: 2 (the first is of c)"
    assert found.controls[1] == ControlDraft("d<U+202E>", "␛[31mred", "", "a␇b")


# --- real ones --------------------------------------------------------------------------------------------------------


def _facts():
    """(file, facts) of every OSCAL catalog among the real inputs."""
    manifest = INPUTS / "manifest.json"
    if not manifest.exists():
        return []
    rows = [
        r for r in json.loads(manifest.read_bytes()) if r["kind"] == "frameworks" and r["what"] == "OSCAL"
    ]
    return [(INPUTS / "frameworks" / r["split"] / r["file"], r["facts"]) for r in rows]


def test_the_real_inputs_are_there():
    if not _facts():
        pytest.skip(f"no real inputs at {INPUTS}")
    assert any("controls" in facts for _, facts in _facts())


@pytest.mark.parametrize(("path", "facts"), _facts(), ids=lambda value: getattr(value, "name", ""))
def test_a_real_document_gives_what_its_facts_say_or_is_refused(path, facts):
    if "controls" not in facts:
        with pytest.raises(Unreadable):
            parse(from_file(path))
        return
    found = parse(from_file(path))
    assert (found.name, found.version) == (facts["title"], facts["version"])
    numbers = [c.number for c in found.controls]
    assert len(numbers) == facts["controls"] - facts["withdrawn"]
    assert numbers[: len(facts["first"])] == facts["first"]
    assert numbers[-1:] == facts["last"]
    assert (
        sum(c.parent not in numbers for c in found.controls) == facts["top_controls"]
        or not facts["top_controls"]
    )


@pytest.mark.parametrize(
    ("name", "told"),
    [("gen_oscal_version_9.json", "version 9.0.0"), ("gen_oscal_import_file.json", "file:///etc/passwd")],
)
def test_a_real_bad_document_is_refused(name, told):
    path = INPUTS / "frameworks" / "bad" / name
    if not path.exists():
        pytest.skip(f"no real inputs at {INPUTS}")
    with pytest.raises(Unreadable, match=told):
        parse(from_file(path))
