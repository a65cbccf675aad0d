"""`sekisho assess`: the form and the exit codes that other programs rely on."""

import csv
import io
import json

import pytest

from sekisho.rulebook.contents import clauses
from tests.cli.running import sekisho

VERDICTS = {"met", "met_by_exception", "falls_short", "no_evidence", "not_applicable", "definition"}


@pytest.fixture
def assessed(here):
    """The clauses of `assess --format json`, by citation, with the exit code that it must have."""

    def ask(*words, code=0):
        done = here("assess", "--format", "json", *words)
        assert done.code == code, done.err
        return {clause["clause"]: clause for clause in json.loads(done.out)}

    return ask


def test_one_object_a_clause_in_the_rules_order(member, assessed):
    found = assessed(code=1)
    assert list(found) == [c.citation for c in clauses()]
    for clause in found.values():
        assert {"clause", "duty", "verdict", "findings"} <= set(clause)
        assert clause["duty"] in ("scope", "must", "should", "may")
        assert clause["verdict"] in VERDICTS
        for finding in clause["findings"]:
            assert {"kind", "subject", "reason", "data", "since", "due", "who", "text"} <= set(finding)
            assert set(finding["text"]) == {"ja", "en"}
            assert isinstance(finding["data"], dict)


def test_exit_code_1_where_an_obligation_falls_short(member, assessed):
    """U-1 has no system manager."""
    clause = assessed("--clause", "7-1", code=1)["7-1"]
    assert clause["verdict"] == "falls_short"
    assert [f["subject"] for f in clause["findings"]] == ["U-1"]
    assert clause["findings"][0]["since"] == "2024-04-01"


def test_exit_code_0_where_none_does(db, assessed):
    """Nothing is recorded: nothing falls short, and nothing is met either."""
    assert {c["verdict"] for c in assessed().values()} == {"no_evidence", "definition"}


def test_a_clause_alone_decides_alone(member, assessed):
    assessed("--clause", "8-3", code=0)


def test_another_day(member, assessed):
    """Before U-1 there was U-2, without a manager too; before both, no unit at all."""
    assert [
        f["subject"] for f in assessed("--clause", "7-1", "--on", "2024-03-31", code=1)["7-1"]["findings"]
    ] == ["U-2"]
    assessed("--clause", "7-1", "--on", "2030-01-01", code=1)


def test_a_moment_before_anything_was_recorded(member, assessed):
    known = assessed("--known-at", "2020-01-01T00:00+09:00", "--on", "2026-01-01")
    assert {c["verdict"] for c in known.values()} == {"no_evidence", "definition"}


def test_the_same_question_has_the_same_answer(filled):
    """In two processes, whatever their hash seeds."""
    words = ("assess", "--on", "2026-01-01", "--format", "json")
    one, other = (sekisho(filled, *words, PYTHONHASHSEED=seed) for seed in ("1", "2"))
    assert (one.returncode, one.stdout) == (1, other.stdout)


def test_csv_has_a_row_a_finding(member, here):
    done = here("assess", "--clause", "7-1", "--format", "csv")
    assert done.code == 1
    (row,) = csv.DictReader(io.StringIO(done.out))
    assert (row["clause"], row["verdict"], row["kind"], row["subject"]) == (
        "7-1",
        "falls_short",
        "unit",
        "U-1",
    )
    assert row["text_ja"]
    assert row["text_en"]


def test_a_table_for_people_in_their_language(member, here):
    assert "不足" in here("assess").out
    english = here("assess", language="en").out
    assert "Falls short" in english
    assert not any(0x3040 < ord(c) < 0x9FFF for c in english.replace("業務部", "").replace("山田", ""))


def test_a_clause_in_a_table_tells_all_its_findings(member, here):
    out = here("assess", "--clause", "7-1").out
    assert "unit:U-1" in out
    assert "2024-04-01" in out


def test_a_clause_that_is_read_with_another_says_so_in_the_table(member, here):
    assert "（7-1 とあわせて判定）" in here("assess", "--clause", "G7").out
    assert "(together with 7-1)" in here("assess", "--clause", "G7", language="en").out
    assert "とあわせて判定" not in here("assess", "--clause", "7-1").out


def test_moments_that_cannot_be(member, here):
    assert "2999" in here("assess", "--known-at", "2999-01-01T00:00").complaint
