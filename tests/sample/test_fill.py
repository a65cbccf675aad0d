"""The sample member is whole, shows every verdict, and is the same each time."""

import random
import sys
from contextlib import suppress
from datetime import date, timedelta

import pytest
from django.db import connection, transaction

from sekisho.access.models import Account
from sekisho.findings.verdicts import Verdict
from sekisho.kernel import clock
from sekisho.kernel.clock import add_months, end_of
from sekisho.ledger.models import Version
from sekisho.records.contents import KINDS, is_kind, kind_named
from sekisho.records.facts import snapshot
from sekisho.records.facts.snapshot import forget
from sekisho.records.models import Person, System, Unit
from sekisho.rulebook.assess import assess
from sekisho.rulebook.contents import ARTICLES, article_of, checks_of, clauses
from sekisho.sample import fill
from sekisho.sample.accounts import file, kept_password
from sekisho.sample.cast import Cast
from sekisho.sample.fill import SEED, Filled, NotEmpty
from sekisho.sample.scale import enlarge
from sekisho.sample.story import Event, story
from sekisho.workflows.verify import verify_all

TODAY = date(2026, 11, 23)
pytestmark = [pytest.mark.django_db, pytest.mark.slow]


TELLING = (8, 17, 19, 20, 27)  # months ago that show what few others do: asked first, that few need be


class Undone(Exception):
    pass


def told() -> list[tuple[object, ...]]:
    """All that the ledger tells but the salted personal values."""
    salted = [k.about.name for k in KINDS if any(f.personal for f in k.kind_fields().values())]
    lines = Version.objects.exclude(kind__in=[*salted, "act"]).order_by("pk")
    return [(v.kind, v.rec, v.ver, v.by, v.made_at, bytes(v.body)) for v in lines]


def the_story() -> list[Event]:
    events = story(Cast(TODAY, random.Random(SEED)), random.Random(SEED + 1))
    return sorted(events, key=lambda event: event.at)


def play(event: Event) -> None:
    """Play an event, and refuse what one transaction would hide: what refers to a record that is not there yet."""
    before = Version.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    with clock.standing_at(event.at):
        event.act()
    kinds = Version.objects.filter(pk__gt=before).values_list("kind", flat=True)
    connection.check_constraints([kind_named(kind)._meta.db_table for kind in set(kinds) if is_kind(kind)])


def test_the_sample_member_is_whole_and_the_same_each_time(monkeypatch):
    """Of the second time only the first third is played, of the rest the instants are compared."""
    first: list[tuple[object, ...]] = []
    events = the_story()
    with suppress(Undone), transaction.atomic():
        for event in events[: len(events) // 3]:
            with clock.standing_at(event.at):
                event.act()
        first = told()
        raise Undone
    before_today = [event.at for event in events if clock.day_of(event.at) < TODAY]
    assert before_today == [event.at for event in the_story()][: len(before_today)]
    monkeypatch.setattr(sys.modules["sekisho.sample.fill"], "_play", play)
    filled = fill(today=TODAY)
    assert len(told()) > 2 * len(first) > 2000
    assert told()[: len(first)] == first
    shows_every_verdict()
    has_shown_a_finding_of_every_clause_that_is_asked()
    has_a_whole_ledger(filled)
    has_a_way_in_for_everybody(filled)
    with pytest.raises(NotEmpty):
        fill(today=TODAY)
    becomes_larger_by_more_of_the_same()


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
    months = sorted(range(1, 36), key=lambda month: month not in TELLING)
    for day in (first + timedelta(days=3), TODAY, *(add_months(TODAY, -month) for month in months)):
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


def becomes_larger_by_more_of_the_same() -> None:
    """What the benchmarks are run on."""
    enlarge(TODAY, 2, random.Random(SEED + 2))
    assert Unit.objects.count() == 24
    assert verify_all().ok
