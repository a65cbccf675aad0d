"""The words of our templates: both languages, days, badges, addresses; nothing that a reader wrote becomes markup."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils.translation import override

from sekisho.findings.verdicts import DUTY_WORDS, VERDICT_WORDS
from sekisho.kernel.texts import Text
from sekisho.web.templatetags.sekisho import DUTY_SIGNS, VERDICT_SIGNS


def shown(source: str, language: str = "ja", **context: Any) -> str:
    with override(language):
        return Template("{% load sekisho %}" + source).render(Context(context))


@pytest.mark.parametrize(("language", "words"), [("ja", "3 件"), ("en", "3 findings")])
def test_fixed_words_come_in_the_readers_language(language: str, words: str) -> None:
    assert shown('{% say "{n} 件" "{n} findings" one="1 finding" n=n %}', language, n=3) == words


def test_english_has_its_singular() -> None:
    assert shown('{% say "{n} 件" "{n} findings" one="{n} finding" n=1 %}', "en") == "1 finding"


def test_a_text_and_anything_else_go_through_say() -> None:
    assert shown("{{ text|say }}", "en", text=Text("甲", "A")) == "A"
    assert shown("{{ text|say }}", text="乙") == "乙"
    assert shown("{{ text|say }}", text=None) == ""


def test_what_a_reader_wrote_never_becomes_markup() -> None:
    evil = "<b>"
    assert shown("{{ text|say }}", text=Text(evil, evil)) == "&lt;b&gt;"
    assert shown('{% say "{n} 件" "{n}" n=n %}', n=evil) == "&lt;b&gt; 件"
    assert shown("{{ text|lines }}", text=f"{evil}\n甲") == "&lt;b&gt;<br>甲"


def test_days_and_moments() -> None:
    assert (
        shown("{{ d|day }}", d=date(2026, 11, 23))
        == '<time datetime="2026-11-23">令和8年11月23日（月）</time>'
    )
    assert shown('{{ d|day:"short" }}', "en", d=date(2026, 11, 23)).endswith(">23 Nov 2026</time>")
    assert shown('{{ d|day:"month" }}', d=date(2026, 11, 23)).endswith(">令和8年11月</time>")
    assert shown("{{ d|day }}", d=None) == ""
    instant = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
    assert "令和8年11月23日 00:00" in shown("{{ i|moment }}", i=instant)
    assert 'datetime="2026-11-22T15:00:00.000000Z"' in shown("{{ i|moment }}", i=instant)


def test_every_verdict_and_duty_has_colour_sign_and_word() -> None:
    for verdict, words in VERDICT_WORDS.items():
        html = shown("{% verdict_badge v %}", v=verdict)
        assert all(part in html for part in (verdict.value, words.ja, f"#{VERDICT_SIGNS[verdict]}"))
    for duty, words in DUTY_WORDS.items():
        html = shown("{% duty_badge d %}", d=duty)
        assert all(part in html for part in (duty.value, words.ja, f"#{DUTY_SIGNS[duty]}"))
    assert len(set(VERDICT_SIGNS.values())) == len(VERDICT_SIGNS)


def test_an_icon_is_decoration_unless_it_has_a_title() -> None:
    assert 'aria-hidden="true"' in shown('{% icon "home" %}')
    assert 'role="img" aria-label="家"' in shown('{% icon "home" "家" %}')


def test_a_record_has_an_address_and_the_member_as_a_whole_has_none() -> None:
    assert shown("{{ r|record_url }}", r="unit:U-OPS") == "/records/unit/U-OPS/"
    for none in ("member:member", "unit", "", None, "nothing:1"):
        assert shown("{{ r|record_url }}", r=none) == ""


def test_a_page_that_is_not_served_has_no_address() -> None:
    assert shown('{% door "no_such_page" %}') == ""


def test_a_query_string_is_this_pages_with_changes() -> None:
    request = RequestFactory().get("/rule/", {"verdict": "met", "duty": "must"})
    assert shown("{% query verdict=None %}", request=request) == "?duty=must"
    assert shown("{% query page=2 %}", request=request) == "?verdict=met&amp;duty=must&amp;page=2"
