"""In which language the command line speaks: --language, else SEKISHO_LANGUAGE, else the locale, else Japanese."""

from __future__ import annotations

import os
from collections.abc import Mapping

from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Language, Text

OPTION = "--language"


class UnknownLanguage(SekishoError):
    code = "unknown_language"
    text = Text(
        "言語「{language}」は使えません。ja か en を指定してください。",
        "The language '{language}' is not spoken here. Use ja or en.",
    )


class _Chosen:
    language: Language = "ja"


def choose(arguments: list[str], environment: Mapping[str, str] | None = None) -> list[str]:
    """Settle the language; returns the arguments without the option, which may stand anywhere before `--`."""
    _Chosen.language = _of_environment(os.environ if environment is None else environment)
    left: list[str] = []
    waiting = iter(arguments)
    for word in waiting:
        if word == "--":
            return [*left, word, *waiting]
        if word == OPTION:
            _Chosen.language = _known(next(waiting, ""))
        elif word.startswith(OPTION + "="):
            _Chosen.language = _known(word.partition("=")[2])
        else:
            left.append(word)
    return left


def language() -> Language:
    """The reader's language."""
    return _Chosen.language


def say(ja: str, en: str) -> str:
    """One of two fixed texts, in the reader's language."""
    return ja if _Chosen.language == "ja" else en


def _known(wanted: str) -> Language:
    if wanted == "ja":
        return "ja"
    if wanted == "en":
        return "en"
    raise UnknownLanguage(language=wanted)


def _of_environment(environment: Mapping[str, str]) -> Language:
    """SEKISHO_LANGUAGE, else the locale's language; the C locale names none. Who reads neither, reads English."""
    names = ("SEKISHO_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    named = next((environment[n] for n in names if environment.get(n)), "")
    spoken = named.partition(".")[0].partition("_")[0].lower()
    return "ja" if spoken in ("", "c", "posix", "ja") else "en"
