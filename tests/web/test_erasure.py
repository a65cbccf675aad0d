"""The erasure of a person's values is asked for here, and approved by somebody else."""

from datetime import UTC, datetime

import pytest

from sekisho.kernel import clock
from sekisho.ledger.append import sequence
from sekisho.records.models import Approval, Person

NOON = datetime(2026, 10, 1, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def noon(db):
    with clock.standing_at(NOON):
        yield


def ask(member, person, reason="保存期間の満了", ver=1):
    sent = {"act_reason": reason, "expected_ver": ver}
    return member.client.post(f"/erasure/{person.key}/", sent)


def test_it_says_what_would_be_erased_and_that_nothing_brings_it_back(cast):
    page = cast.mori.client.get(f"/erasure/{cast.kyuda.key}/").content.decode()
    assert "元には戻せません" in page
    assert "メールアドレス" in page


def test_it_is_asked_for_here_and_done_when_somebody_else_approves(cast):
    answer = ask(cast.mori, cast.kyuda)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/approvals/AP-0001/")
    assert Person.objects.get(pk=cast.kyuda.key).name == "旧田 勝"
    sequence()
    cast.sakura.client.post("/approvals/AP-0001/", {"act": "approve", "expected_ver": 1})
    assert Person.objects.get(pk=cast.kyuda.key).name == ""
    sequence()
    page = cast.sakura.client.get("/approvals/AP-0001/").content.decode()
    assert "旧田" not in page


@pytest.mark.parametrize(
    ("who", "reason", "ver", "status"),
    [("kyuda", " ", 1, 422), ("aoki", "誤り", 1, 422), ("kyuda", "理由", 9, 409)],
)
def test_without_reason_of_who_works_here_or_from_a_stale_page_nothing_is_asked_for(
    cast, who, reason, ver, status
):
    assert ask(cast.mori, getattr(cast, who), reason, ver).status_code == status
    assert not Approval.objects.exists()


@pytest.mark.parametrize("who", ["aoki", "nishi", "kamiya"])
def test_who_does_not_keep_the_register_of_people_does_not_ask(cast, who):
    assert getattr(cast, who).client.get(f"/erasure/{cast.kyuda.key}/").status_code == 403
    assert ask(getattr(cast, who), cast.kyuda).status_code == 403
    assert not Approval.objects.exists()


def test_the_page_of_somebody_who_left_leads_here(cast):
    sequence()
    link = f'href="/erasure/{cast.kyuda.key}/"'
    assert link in cast.mori.client.get(f"/records/person/{cast.kyuda.key}/").content.decode()
    assert "/erasure/" not in cast.mori.client.get(f"/records/person/{cast.aoki.key}/").content.decode()
    assert "/erasure/" not in cast.nishi.client.get(f"/records/person/{cast.kyuda.key}/").content.decode()
