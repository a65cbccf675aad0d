"""The sample member is whole, shows every verdict, and is the same each time."""

import random
from contextlib import suppress
from datetime import date, timedelta

import pytest
from django.db import connection, transaction

from sekisho.access.models import Account
from sekisho.findings.verdicts import Verdict
from sekisho.kernel import clock
from sekisho.kernel.clock import add_months, end_of
from sekisho.ledger.models import Version
from sekisho.records.contents import KINDS
from sekisho.records.facts import snapshot
from sekisho.records.facts.snapshot import forget
from sekisho.records.models import Person, System, Unit
from sekisho.rulebook.assess import assess
from sekisho.rulebook.contents import ARTICLES, article_of, checks_of, clauses
from sekisho.sample import fill
from sekisho.sample.accounts import file, kept_password
from sekisho.sample.cast import Cast
from sekisho.sample.fill import SEED, Filled, NotEmpty
from sekisho.sample.story import story
from sekisho.workflows.verify import verify_all

TODAY = date(2026, 11, 23)
pytestmark = [pytest.mark.django_db, pytest.mark.slow]


class Undone(Exception):
    pass


def told() -> list[tuple[object, ...]]:
    """All that the ledger tells but the salted personal values."""
    salted = [k.about.name for k in KINDS if any(f.personal for f in k.kind_fields().values())]
    lines = Version.objects.exclude(kind__in=[*salted, "act"]).order_by("pk")
    return [(v.kind, v.rec, v.ver, v.by, v.made_at, bytes(v.body)) for v in lines]


def test_the_sample_member_is_whole_and_the_same_each_time():
    first: list[tuple[object, ...]] = []
    with suppress(Undone), transaction.atomic():
        fill(2, today=TODAY)
        first = told()
        is_more_of_the_same()
        raise Undone
    filled = fill(today=TODAY)
    assert len(first) > len(told()) > 2000
    assert told() == first[: len(told())]
    shows_every_verdict()
    has_shown_a_finding_of_every_clause_that_is_asked()
    has_a_whole_ledger(filled)
    has_a_way_in_for_everybody(filled)
    with pytest.raises(NotEmpty):
        fill(today=TODAY)


def test_in_the_first_weeks_nothing_is_referred_to_before_it_is_there():
    """What one transaction would hide: a database refuses such an act when it is committed."""
    cast = Cast(TODAY, random.Random(SEED))
    events = sorted(story(cast, random.Random(SEED + 1)), key=lambda e: e.at)
    first = [event for event in events if event.at < events[0].at + timedelta(days=14)]
    assert len(first) > 50
    for event in first:
        with clock.standing_at(event.at):
            event.act()
        connection.check_constraints()


def shows_every_verdict() -> None:
    forget()
    assert (Unit.objects.count(), System.objects.count(), Person.objects.count()) == (12, 25, 124)
    assert [model.about.name for model in KINDS if not model.objects.exists()] == []
    found = {citation: state.verdict for citation, state in assess(snapshot(TODAY)).states.items()}
    shown = {
        article.chapter.en: {found[c.citation] for c in clauses() if article_of(c).chapter == article.chapter}
        for article in ARTICLES
    }
    for chapter, verdicts in shown.items():
        assert verdicts - {Verdict.DEFINITION} == set(Verdict) - {Verdict.DEFINITION}, chapter
    assert found["7-1"] == found["4-2"] == Verdict.FALLS_SHORT
    assert found["24-2"] == found["24-3"] == found["G24-1"] == Verdict.FALLS_SHORT
    assert found["3-2"] == found["24-1"] == Verdict.MET_BY_EXCEPTION
    assert found["23-4"] == Verdict.NO_EVIDENCE
    assert found["G5-1"] == Verdict.NOT_APPLICABLE


def has_shown_a_finding_of_every_clause_that_is_asked() -> None:
    """Now, in the first week, or as it was known on this day of some month of the three years."""
    first = clock.day_of(Version.objects.order_by("id")[0].made_at)
    asked = {c.citation for c in clauses() if checks_of(c.citation)}
    for day in (TODAY, first + timedelta(days=3), *(add_months(TODAY, -month) for month in range(1, 36))):
        if asked:
            states = assess(snapshot(day, end_of(day) if day < TODAY else None)).states
            asked -= {citation for citation in asked if not states[citation].findings.is_empty()}
    assert asked == set()


def has_a_whole_ledger(filled: Filled) -> None:
    report = verify_all()
    assert report.ok, [f.text.en for f in report.faults]
    assert report.entries == filled.versions


def has_a_way_in_for_everybody(filled: Filled) -> None:
    assert Account.objects.count() == len(filled.sign_ins)
    assert Account.objects.get(login="chief").check_password(filled.password)
    assert kept_password() == filled.password
    assert file().stat().st_mode & 0o077 == 0


def is_more_of_the_same() -> None:
    """What the benchmarks are run on: a larger member begins as the plain one."""
    assert Unit.objects.count() == 24
    assert verify_all().ok
