"""'Was this you?': the link asks, a POST answers once, and 'no' freezes at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from sekisho.kernel import clock
from sekisho.kernel.errors import Invalid, Refused
from sekisho.ledger.models import Version
from sekisho.records.models import Alert
from sekisho.workflows.watch_after.answering import LinkOver, NotFrozen, answer, freeze, thaw
from sekisho.workflows.watch_after.lists import named_lists
from sekisho.workflows.watch_after.models import Frozen, Link, Warned
from sekisho.workflows.watch_after.notice import LINK_LASTS, new_link
from tests.cast import Cast
from tests.workflows.watching import new_place, taken

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(cast: Cast, settings: Any) -> str:
    """The address that a user was sent."""
    settings.SEKISHO_PUBLIC_URL = "https://sekisho.example.jp"
    taken(new_place(network="AS64500"))
    return another()


def another() -> str:
    made = new_link(Warned.objects.get())
    assert made is not None
    return made.url.removeprefix("https://sekisho.example.jp")


def post(link: str, **given: str) -> Any:
    return Client(enforce_csrf_checks=True).post(link, given)


def test_the_page_asks_in_both_languages_without_a_sign_in_and_is_kept_nowhere(cast: Cast, link: str):
    page = cast.anonymous.get(link)
    assert page.status_code == 200
    assert "心当たりはありますか" in page.content.decode()
    assert "AS64500" in page.content.decode()
    assert "Was this you?" in cast.anonymous.get(f"{link}?lang=en").content.decode()
    assert "no-store" in page["Cache-Control"]
    assert (page["Referrer-Policy"], page["X-Robots-Tag"]) == ("no-referrer", "noindex, nofollow")
    assert not page.cookies


def test_a_scanner_that_opens_the_link_changes_nothing(cast: Cast, link: str):
    before = Version.objects.count()
    for _ in range(3):
        cast.anonymous.get(link)
        cast.anonymous.head(link)
        assert cast.anonymous.get(f"{link}?answer=not_mine").status_code == 200
    assert post(link).status_code == post(link, answer="perhaps").status_code == 422
    assert cast.anonymous.put(link).status_code == 405
    assert (Warned.objects.get().answer, Frozen.objects.count(), Version.objects.count()) == ("", 0, before)


def test_yes_is_noted_once_and_freezes_nobody(link: str):
    assert "記録しました" in post(link, answer="mine").content.decode()
    warned = Warned.objects.get()
    assert (warned.answer, warned.answered_at is not None, Frozen.objects.count()) == ("mine", True, 0)
    assert post(link, answer="not_mine").status_code == 404
    assert Warned.objects.get().answer == "mine"


def test_no_freezes_at_once_and_raises_an_alert(link: str):
    assert "凍結しました" in post(link, answer="not_mine").content.decode()
    row = Frozen.objects.get()
    assert (row.user, row.by, row.warned) == ("u1", "user", Warned.objects.get())
    assert named_lists()["frozen_users"].has("u1")
    alert = Alert.objects.get(rule="user_report")
    assert (alert.severity, alert.user_told_at is not None) == ("critical", True)
    assert Version.objects.filter(act_name="freeze_user").exists()


def test_one_answer_is_for_all_links_of_the_same_warning(link: str):
    other = another()
    post(link, answer="mine")
    assert Client().get(other).status_code == 404


def test_a_link_expires(link: str, time_machine: Any):
    time_machine.move_to(Link.objects.get().expires_at - timedelta(seconds=1), tick=False)
    assert Client().get(link).status_code == 200
    time_machine.move_to(Warned.objects.get().detected_at + LINK_LASTS, tick=False)
    assert Client().get(link).status_code == 404
    assert post(link, answer="not_mine").status_code == 404
    assert not Frozen.objects.exists()


@pytest.mark.parametrize("token", ["x", "A" * 43, "' OR 1=1 --"])
def test_a_guess_tells_nothing(link: str, token: str):
    page = Client().get(f"/public/was-this-you/{token}/")
    assert page.status_code == 404
    assert "無効です" in page.content.decode()


def test_who_reports_twice_is_frozen_once(cast: Cast, link: str, settings: Any):
    post(link, answer="not_mine")
    taken(new_place(at=clock.now() + timedelta(hours=2)))
    made = new_link(Warned.objects.exclude(answer="not_mine").get())
    assert made is not None
    assert post(made.url.removeprefix("https://sekisho.example.jp"), answer="not_mine").status_code == 200
    assert Frozen.objects.count() == 1


def test_a_token_is_answered_with_yes_or_no_alone(db: None):
    with pytest.raises(Invalid):
        answer("x", "perhaps")
    with pytest.raises(LinkOver):
        answer("x", "mine")


def test_an_entitled_person_ends_a_freeze_with_a_reason(cast: Cast):
    freeze(cast.ono.actor, "u1", "電話での申告")
    for member, reason, error in (
        (cast.nishi, "本人確認済み", Refused), (cast.ono, "本人確認済み", Refused), (cast.aoki, " ", Invalid),
    ):  # fmt: skip
        with pytest.raises(error):
            thaw(member.actor, "u1", reason)
    row = thaw(cast.aoki.actor, "u1", "本人確認済み")
    assert (row.thawed_by, named_lists()["frozen_users"].has("u1")) == (cast.aoki.by, False)
    with pytest.raises(NotFrozen):
        thaw(cast.aoki.actor, "u1", "もう一度")
    assert list(Version.objects.filter(kind="act").order_by("pk").values_list("act_name", flat=True))[
        -2:
    ] == ["freeze_user", "thaw_user"]
