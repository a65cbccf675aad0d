"""Every register by domain, with what it is for and how much it holds."""

from __future__ import annotations

from datetime import date

import pytest

from sekisho.kernel import clock
from sekisho.records.contents import DOMAINS, KINDS
from sekisho.records.models import Unit
from sekisho.workflows.act import act
from tests.cast import Cast
from tests.web.reading import at_most_queries, in_english, look_at, main, read, rows

pytestmark = pytest.mark.django_db


def line_of(html: str, label: str) -> list[str]:
    return next(row for row in rows(html) if row[0] == label)


def test_every_kind_stands_under_its_domain_with_its_count(cast: Cast) -> None:
    html = read(cast.nishi.client, "/records/")
    assert [html.index(words.ja) for words in DOMAINS.values()]
    assert len(rows(html)) == len(KINDS)
    _, purpose, clauses, count, new = line_of(html, "部署・業務単位")
    assert (clauses, count, new) == ("7-1", "5", "")
    assert "システム管理責任者は部署ごとに置きます" in purpose


def test_only_who_may_write_is_offered_a_new_record(cast: Cast) -> None:
    html = read(cast.aoki.client, "/records/")
    assert "/records/risk/new/" in html
    assert "/records/unit/new/" not in html
    assert "/records/approval/new/" not in read(cast.sakura.client, "/records/")


def test_it_reads_in_english(cast: Cast) -> None:
    assert "Departments and business units" in main(read(in_english(cast.nishi.client), "/records/"))


def test_clauses_lead_to_their_pages(cast: Cast) -> None:
    assert 'href="/rule/7-1/"' in read(cast.nishi.client, "/records/")


def test_a_past_moment_has_its_own_counts_and_no_new_records(cast: Cast) -> None:
    before = clock.now()
    with act("more", "operator:test") as doing:
        doing.put(Unit, "U-NEW", {"name": "新設部", "function": "other", "since_on": date(2026, 11, 1)})
    client = cast.kitagawa.client
    assert line_of(read(client, "/records/"), "部署・業務単位")[3] == "6"
    look_at(client, date(2026, 11, 1), before)
    html = read(client, "/records/")
    assert line_of(html, "部署・業務単位")[3] == "5"
    assert "/new/" not in html


def test_who_left_the_firm_or_has_not_signed_in_sees_nothing(cast: Cast) -> None:
    assert cast.anonymous.get("/records/").status_code == 302
    assert cast.kyuda.client.get("/records/").status_code == 302


def test_it_takes_few_queries(cast: Cast) -> None:
    client = cast.nishi.client
    read(client, "/records/")
    with at_most_queries(10):
        read(client, "/records/")
