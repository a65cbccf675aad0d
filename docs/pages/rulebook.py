"""docs/rulebook.md: every clause with its checks, from rulebook/articles."""

from __future__ import annotations

import inspect
from importlib.resources import files

from docs.pages.limits import amount
from docs.pages.markdown import both, clause_link, code, kind_link, limit_link, plain, table
from sekisho.findings.verdicts import DUTY_WORDS, VERDICT_WORDS
from sekisho.rulebook.contents import ARTICLES, SOURCE, TITLE, Article, checks_of, clauses
from sekisho.rulebook.language import BEGINNING, COMMON_REASONS, Check, Clause
from sekisho.rulebook.limits import all_limits

INTRO = f"""# 条項と判定 / Clauses and checks

{both(TITLE)} — {both(SOURCE)}

条項の文は本製品による要約です。公表された規則の本文は製品に含まれません。判定の問いごとに、対象（部署や記録）一つにつき、
充足・不足・証跡なしのいずれかを答えます。記録がないことを充足とは扱いません。

The clauses are told in the product's own words; the rule's published text is no part of it. Each check asks one question
and answers for every subject (a unit, a record): met, falls short, or no evidence. Silence is never compliance.
"""


def page() -> str:
    parts = [INTRO.strip(), _words(), _common()]
    chapter = ""
    for article in ARTICLES:
        if article.chapter.ja != chapter:
            chapter = article.chapter.ja
            parts.append(f"## {both(article.chapter)}")
        parts.append(_article(article))
    return "\n\n".join(parts)


def _words() -> str:
    duties = [(code(duty.value), words.ja, words.en) for duty, words in DUTY_WORDS.items()]
    verdicts = [(code(verdict.value), words.ja, words.en) for verdict, words in VERDICT_WORDS.items()]
    return "\n\n".join(
        (
            table(("義務の種類 / duty", "日本語", "English"), duties),
            table(("判定 / verdict", "日本語", "English"), verdicts),
        )
    )


def _common() -> str:
    rows = [(code(name), plain(text.ja), plain(text.en)) for name, text in COMMON_REASONS.items()]
    return "どの問いにも共通の理由 / Reasons common to all checks:\n\n" + table(
        ("reason", "日本語", "English"), rows
    )


def _article(article: Article) -> str:
    mine = [_clause(clause) for clause in clauses() if clause.article == article.number]
    return "\n\n".join(
        (
            f"### 第{article.number}条 {article.title.ja} / Article {article.number}: {article.title.en}",
            f"[`rulebook/articles/{_place(article)}`](../src/sekisho/rulebook/articles/{_place(article)})",
            *mine,
        )
    )


def _place(article: Article) -> str:
    """The article's file, or its folder where it has a file a paragraph."""
    folder = files("sekisho.rulebook.articles") / article.module
    return f"{article.module}/" if folder.is_dir() else f"{article.module}.py"


def _clause(clause: Clause) -> str:
    parts = [
        f'<a id="c{clause.citation.lower()}"></a>\n\n#### {clause.citation}（{both(DUTY_WORDS[clause.duty])}）',
        both(clause.text, "\n\n"),
    ]
    if clause.definition:
        parts.append("定義のため判定しません。 / A definition: it is never judged.")
    if clause.items:
        more = "、および以下の問い / and of the questions below" if checks_of(clause.citation) else ""
        items = ", ".join(map(clause_link, clause.items))
        parts.append(f"次の条項のうち最も悪い判定 / The worst verdict of: {items}{more}")
    if clause.read_with:
        parts.append(
            f"あわせて判定する条項（同じ判定） / Judged together with (one verdict): {clause_link(clause.read_with)}"
        )
    return "\n\n".join([*parts, *(_check(check) for check in checks_of(clause.citation))])


def _check(check: Check) -> str:
    _, _, more = (inspect.getdoc(check.function) or "").partition("\n")
    facts = [f"- 読む記録 / reads: {', '.join(kind_link(model.about.name) for model in check.reads)}"]
    if check.limits:
        facts.append(f"- 限度 / limits: {', '.join(_limit(name) for name in check.limits)}")
    if check.since != BEGINNING or check.until:
        facts.append(f"- 適用 / in force: {check.since} - {check.until or ''}")
    rows = [(code(name), plain(text.ja), plain(text.en)) for name, text in check.reasons.items()]
    return "\n\n".join(
        part
        for part in (
            f"**{plain(check.question.ja)}** {code(check.name)}",
            plain(check.question.en),
            plain(" ".join(more.split())),
            "\n".join(facts),
            table(("reason", "日本語", "English"), rows),
        )
        if part
    )


def _limit(name: str) -> str:
    limit = all_limits()[name]
    newest = limit.values[-1]
    return f"{limit_link(name)} {amount(limit, newest.value)}（{both(newest.grounds)}）"
