"""The documentation says what is so: made pages are as made now, links lead somewhere, commands and tests exist."""

from __future__ import annotations

import importlib.util
import re
from functools import lru_cache
from pathlib import Path
from types import ModuleType

import pytest

from docs import make
from docs.pages import cli, licences, settings
from sekisho.records.contents import KINDS
from tests.docs.reading import (
    PAGES,
    PAIRS,
    ROOT,
    anchors,
    blocks,
    commands,
    headings,
    inline,
    links,
    name_of,
    text_of,
)

each_page = pytest.mark.parametrize("document", PAGES, ids=name_of)
each_pair = pytest.mark.parametrize(("japanese", "english"), PAIRS, ids=name_of)


@lru_cache(maxsize=1)
def script() -> ModuleType:
    """do.py, which stands outside every package."""
    spec = importlib.util.spec_from_file_location("do", ROOT / "do.py")
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


@lru_cache(maxsize=1)
def helps() -> dict[str, str]:
    """The help of every sekisho command by its words."""
    return cli.asked("en")


# --- pages that are made ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", make.PAGES)
def test_a_page_that_is_made_is_as_it_would_be_made_now(name):
    assert text_of(make.FOLDER / f"{name}.md") == make.made(name), "run `make docs`"


def test_an_unknown_page_is_refused(capsys):
    assert make.main(["nothing"]) == 2
    assert "nothing" in capsys.readouterr().err


@pytest.mark.parametrize("licence", ["GPL-3.0-only", "MIT AND AGPL-3.0-only", "unknown", ""])
def test_a_licence_that_is_not_on_the_list_stops_the_page(licence):
    with pytest.raises(licences.Refused, match="somelib"):
        licences.refuse_unknown([licences.Work("other", "1", "MIT"), licences.Work("somelib", "2", licence)])


def test_every_variable_that_the_product_reads_is_told():
    sources = "\n".join(text_of(p) for p in (ROOT / "src" / "sekisho").rglob("*.py"))
    read = set(re.findall(r"(?:environ\.get\(|environ\[|getenv\(|_number\()\"(SEKISHO_\w+)\"", sources))
    assert {"SEKISHO_HOME", "SEKISHO_IDLE_MINUTES"} <= read
    assert read <= set(settings.JAPANESE)


# --- every page -------------------------------------------------------------------------------------------------


@each_page
def test_every_link_leads_somewhere(document):
    for target, anchor in links(document):
        assert target.exists(), f"{name_of(document)} links to {target.name}, which is not there"
        if anchor:
            assert anchor in anchors(target), f"{name_of(document)} links to #{anchor} of {target.name}"


@each_page
def test_every_make_target_and_script_command_exists(document):
    known = {*script().COMMANDS, "help"}
    named = [words[0] for program in ("make", "python3 do.py") for words in commands(document, program)]
    assert set(named) <= known


@each_page
def test_every_command_and_option_exists(document):
    for words in commands(document, "sekisho"):
        path = "sekisho"
        for word in words:
            if f"{path} {word}" not in helps():
                break
            path += f" {word}"
        first = words[0]
        assert path != "sekisho" or first.startswith("-"), f"there is no sekisho {first}"
        for option in (word.partition("=")[0] for word in words if word.startswith("--")):
            assert option in helps()[path] or option == "--language", f"{path} has no {option}"


@each_page
def test_every_file_that_is_named_exists(document):
    homes = (ROOT, ROOT / "src" / "sekisho", document.parent)
    for code in inline(document):
        for path in re.findall(r"^\w[\w./-]*/[\w.-]+\.(?:py|toml|md|html|txt|json|png)$", code):
            assert any((home / path).exists() for home in homes), f"{name_of(document)} names {path}"


@each_page
def test_every_test_that_is_named_exists(document):
    for path, name in re.findall(r"(tests/[\w/]+\.py)(?:::(\w+))?", text_of(document)):
        file = ROOT / path
        assert file.exists(), f"{name_of(document)} names {path}"
        assert not name or re.search(rf"^\s*def {name}\(", text_of(file), re.MULTILINE), (
            f"{path} has no {name}"
        )


@each_page
def test_nothing_of_one_machine_and_no_registry_is_named(document):
    found = re.findall(r"/root/|/home/|/work/|/tmp/|pypi\.org|npmjs|registry\.\w+", text_of(document))
    assert found == []


# --- two languages ----------------------------------------------------------------------------------------------


@each_pair
def test_both_languages_show_the_same_code_under_the_same_headings(japanese, english):
    assert headings(japanese) == headings(english)
    assert [b for b in blocks(japanese) if b[0] != "text"] == [b for b in blocks(english) if b[0] != "text"]


@each_pair
def test_both_languages_lead_to_one_another(japanese, english):
    assert (english, "") in links(japanese)
    assert (japanese, "") in links(english)


@pytest.mark.parametrize("name", ["README.md", "README.en.md"])
def test_the_readme_opens_with_the_two_commands_and_a_picture(name):
    opening = text_of(ROOT / name)[:700]
    assert opening.index("make run") < opening.index("make test") < opening.index("docs/images/rule.png")
    assert str(len(KINDS)) in re.findall(r"\[(\d+)", text_of(ROOT / name))


def test_every_decision_is_listed_and_says_what_was_measured():
    folder = ROOT / "docs" / "decisions"
    listed = [target.name for target, _ in links(folder / "README.md")]
    decisions = sorted(p for p in folder.glob("0*.md"))
    assert listed == [p.name for p in decisions]
    for decision in decisions:
        for part in ("**Context.**", "**Decision.**", "**Consequences.**", "**Measured.**"):
            assert part in text_of(decision)


def test_every_threat_names_a_test():
    rows = [
        line for line in text_of(Path(ROOT / "docs/threat-model.md")).splitlines() if line.startswith("| **")
    ]
    assert len(rows) >= 40
    for row in rows:
        assert "tests/" in row, f"no test: {row[:80]}"
