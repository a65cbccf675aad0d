"""In which language the command line speaks."""

import pytest

from sekisho.cli import language
from sekisho.cli.language import UnknownLanguage, choose


@pytest.fixture(autouse=True)
def speaks_as_before(monkeypatch):
    monkeypatch.setattr(language._Chosen, "language", "ja")


@pytest.mark.parametrize(
    ("environment", "spoken"),
    [
        ({}, "ja"),
        ({"LANG": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "C.UTF-8"}, "ja"),
        ({"LANG": "POSIX"}, "ja"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "de_DE"}, "en"),
        ({"LANG": "en_US", "LC_ALL": "ja_JP"}, "ja"),
        ({"LANG": "ja_JP", "SEKISHO_LANGUAGE": "en"}, "en"),
    ],
)
def test_the_environment(environment, spoken):
    choose([], environment)
    assert language.language() == spoken


def test_the_option_may_stand_anywhere_and_wins():
    assert choose(["assess", "--language", "en", "--on", "x"], {"SEKISHO_LANGUAGE": "ja"}) == [
        "assess",
        "--on",
        "x",
    ]
    assert language.language() == "en"
    assert choose(["--language=ja", "kinds"], {"LANG": "en_US"}) == ["kinds"]
    assert language.language() == "ja"


def test_past_two_dashes_nothing_is_an_option():
    assert choose(["load", "--", "--language", "en"], {}) == ["load", "--", "--language", "en"]
    assert language.language() == "ja"


@pytest.mark.parametrize("words", [["--language", "fr"], ["--language"], ["--language="]])
def test_other_languages_are_not_spoken(words):
    with pytest.raises(UnknownLanguage):
        choose(words, {})
