"""A text in two languages, Japanese first."""

from dataclasses import dataclass
from typing import Literal

Language = Literal["ja", "en"]
LANGUAGES: tuple[Language, ...] = ("ja", "en")


@dataclass(frozen=True, slots=True)
class Text:
    """One text in Japanese and English. `{name}` fields are filled by :meth:`format`."""

    ja: str
    en: str

    def __str__(self) -> str:
        return self.ja

    def in_(self, language: str) -> str:
        """The text in `language` ('ja' or 'en'); any other language reads English."""
        return self.ja if language == "ja" else self.en

    def format(self, **data: object) -> "Text":
        """Fill the fields. A value that is itself a Text is filled in each language."""

        def filled(language: Language) -> str:
            values = {k: v.in_(language) if isinstance(v, Text) else v for k, v in data.items()}
            return self.in_(language).format_map(_Lenient(values))

        return Text(filled("ja"), filled("en"))

    def as_dict(self) -> dict[str, str]:
        return {"ja": self.ja, "en": self.en}


class _Lenient(dict[str, object]):
    """An unknown field stays visible as `{name}`: a gap in a sentence is better than no sentence."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"
