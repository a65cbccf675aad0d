"""`sekisho assess`: the form and the exit codes that other programs rely on."""

import csv
import io
import json

from sekisho.rulebook.contents import clauses
from tests.cli.running import complaint, sekisho

VERDICTS = {"met", "met_by_exception", "falls_short", "no_evidence", "not_applicable", "definition"}


def assessed(home, *words, code=0):
    done = sekisho(home, "assess", "--format", "json", *words)
    assert done.returncode == code, done.stderr
    return {clause["clause"]: clause for clause in json.loads(done.stdout)}


def test_one_object_a_clause_in_the_rules_order(filled):
    found = assessed(filled, code=1)
    assert list(found) == [c.citation for c in clauses()]
    for clause in found.values():
        assert {"clause", "duty", "verdict", "findings"} <= set(clause)
        assert clause["duty"] in ("scope", "must", "should", "may")
        assert clause["verdict"] in VERDICTS
        for finding in clause["findings"]:
            assert {"kind", "subject", "reason", "data", "since", "due", "who", "text"} <= set(finding)
            assert set(finding["text"]) == {"ja", "en"}
            assert isinstance(finding["data"], dict)


def test_exit_code_1_where_an_obligation_falls_short(filled):
    """U-1 has no system manager."""
    clause = assessed(filled, "--clause", "7-1", code=1)["7-1"]
    assert clause["verdict"] == "falls_short"
    assert [f["subject"] for f in clause["findings"]] == ["U-1"]
    assert clause["findings"][0]["since"] == "2024-04-01"


def test_exit_code_0_where_none_does(bare):
    """Nothing is recorded: nothing falls short, and nothing is met either."""
    assert {c["verdict"] for c in assessed(bare).values()} == {"no_evidence", "definition"}


def test_a_clause_alone_decides_alone(filled):
    assessed(filled, "--clause", "8-3", code=0)


def test_another_day(filled):
    """Before U-1 there was U-2, without a manager too; before both, no unit at all."""
    assert [
        f["subject"]
        for f in assessed(filled, "--clause", "7-1", "--on", "2024-03-31", code=1)["7-1"]["findings"]
    ] == ["U-2"]
    assessed(filled, "--clause", "7-1", "--on", "2030-01-01", code=1)


def test_a_moment_before_anything_was_recorded(filled):
    known = assessed(filled, "--known-at", "2020-01-01T00:00+09:00", "--on", "2026-01-01")
    assert {c["verdict"] for c in known.values()} == {"no_evidence", "definition"}


def test_the_same_question_has_the_same_answer(filled):
    words = ("assess", "--on", "2026-01-01", "--format", "json")
    assert sekisho(filled, *words).stdout == sekisho(filled, *words).stdout


def test_csv_has_a_row_a_finding(filled):
    done = sekisho(filled, "assess", "--clause", "7-1", "--format", "csv")
    assert done.returncode == 1
    (row,) = csv.DictReader(io.StringIO(done.stdout))
    assert (row["clause"], row["verdict"], row["kind"], row["subject"]) == (
        "7-1",
        "falls_short",
        "unit",
        "U-1",
    )
    assert row["text_ja"]
    assert row["text_en"]


def test_a_table_for_people_in_their_language(filled):
    ja, en = (sekisho(filled, "assess", "--language", language).stdout for language in ("ja", "en"))
    assert "不足" in ja
    assert "Falls short" in en
    assert not any(0x3040 < ord(c) < 0x9FFF for c in en.replace("業務部", "").replace("山田", ""))


def test_moments_that_cannot_be(filled):
    complaint(sekisho(filled, "assess", "--known-at", "2999-01-01T00:00"))
    complaint(sekisho(filled, "assess", "--known-at", "0001-01-01"))
