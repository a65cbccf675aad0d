"""`sekisho rulebook`: the official text is the member's own copy; a new edition says which checks to look at."""

import json

import pytest

from sekisho.rulebook.contents import clauses
from sekisho.rulebook.limits import all_limits
from tests.workflows.test_official_text import RULE


@pytest.fixture
def imported(db, here, tmp_path):
    """A first edition."""
    file = tmp_path / "rule.txt"
    file.write_text(RULE, encoding="utf-8")
    done = here("rulebook", "import-text", file)
    assert done.code == 0, done.err
    return file


def test_without_a_text_it_says_how_to_get_one(db, here, tmp_path):
    assert "import-text" in here("rulebook", "text", "7-1").complaint
    assert "import-text" in here("rulebook", "compare", tmp_path / "x").complaint


def test_an_edition_is_shown_by_clause(imported, here):
    assert "綱を点検する" in here("rulebook", "text", "7-2").out
    assert "係留長を置く" in here("rulebook", "text").out
    assert "8-1" in here("rulebook", "text", "8-1").complaint
    assert "seven" in here("rulebook", "text", "seven").complaint


def test_an_import_names_the_clauses_that_it_has_no_words_for(imported, here):
    again = here("rulebook", "import-text", imported)
    assert again.code == 0
    assert "4-1" in again.err


def test_a_new_edition_is_compared_and_the_checks_are_named(imported, here, tmp_path):
    new = tmp_path / "new.txt"
    new.write_text(RULE.replace("直ちに", "翌日までに"), encoding="utf-8")
    for command in ("compare", "import-text"):
        out = here("rulebook", command, new, language="en").out
        assert "7-3  changed  problems_reach_the_chief_system_officer_at_once" in out
        assert "- 直ちに" in out
        assert "+ 翌日までに" in out
    assert "no difference" in here("rulebook", "compare", new, language="en").out


def test_what_is_no_rule_is_refused(imported, here, tmp_path):
    file = tmp_path / "shopping.txt"
    file.write_text("milk", encoding="utf-8")
    assert "第1条" in here("rulebook", "import-text", file).complaint
    assert "none.pdf" in here("rulebook", "compare", tmp_path / "none.pdf").complaint


def test_clauses_and_limits_are_listed(here):
    told = json.loads(here("rulebook", "clauses", "--format", "json").out)
    assert [c["clause"] for c in told] == [c.citation for c in clauses()]
    limits = json.loads(here("rulebook", "limits", "--format", "json").out)
    assert [limit["limit"] for limit in limits] == list(all_limits())
    assert "7-1" in here("rulebook", "clauses").out
    assert limits[0]["limit"] in here("rulebook", "limits").out
