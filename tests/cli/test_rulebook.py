"""`sekisho rulebook`: the official text is the member's own copy; a new edition says which checks to look at."""

import json
from pathlib import Path

import pytest

from sekisho.rulebook.contents import clauses
from sekisho.rulebook.limits import all_limits
from tests.cli.running import complaint, sekisho

RULE = """気球の係留に関する規則
(2019年4月1日 制定)
第7条
組合員は、柱ごとに係留長を置く。
2 係留長は、綱を点検する。
3 係留長は、問題を直ちに報告する。
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """A home with a first edition."""
    home = tmp_path_factory.mktemp("home")
    complaint(sekisho(home, "rulebook", "text", "7-1"))
    file = tmp_path_factory.mktemp("rule") / "rule.txt"
    file.write_text(RULE, encoding="utf-8")
    done = sekisho(home, "rulebook", "import-text", file)
    assert done.returncode == 0, done.stderr
    return home


def test_an_edition_is_shown_by_clause(home):
    assert "綱を点検する" in sekisho(home, "rulebook", "text", "7-2").stdout
    assert "係留長を置く" in sekisho(home, "rulebook", "text").stdout
    assert "8-1" in complaint(sekisho(home, "rulebook", "text", "8-1"))
    assert "seven" in complaint(sekisho(home, "rulebook", "text", "seven"))


def test_a_new_edition_is_compared_and_the_checks_are_named(home, tmp_path):
    new = tmp_path / "new.txt"
    new.write_text(RULE.replace("直ちに", "翌日までに"), encoding="utf-8")
    out = sekisho(home, "rulebook", "compare", new, SEKISHO_LANGUAGE="en").stdout
    assert "7-3  changed  problems_reach_the_chief_system_officer_at_once" in out
    assert "- 直ちに" in out
    assert "+ 翌日までに" in out
    same = tmp_path / "same.txt"
    same.write_text(RULE, encoding="utf-8")
    assert "no difference" in sekisho(home, "rulebook", "compare", same, SEKISHO_LANGUAGE="en").stdout


def test_what_is_no_rule_is_refused(home, tmp_path):
    file = tmp_path / "shopping.txt"
    file.write_text("milk", encoding="utf-8")
    complaint(sekisho(home, "rulebook", "import-text", file))
    complaint(sekisho(home, "rulebook", "compare", tmp_path / "none.pdf"))


def test_clauses_and_limits_are_listed(tmp_path):
    told = json.loads(sekisho(tmp_path, "rulebook", "clauses", "--format", "json").stdout)
    assert [c["clause"] for c in told] == [c.citation for c in clauses()]
    limits = json.loads(sekisho(tmp_path, "rulebook", "limits", "--format", "json").stdout)
    assert [limit["limit"] for limit in limits] == list(all_limits())
    assert "7-1" in sekisho(tmp_path, "rulebook", "clauses").stdout
    assert limits[0]["limit"] in sekisho(tmp_path, "rulebook", "limits").stdout
