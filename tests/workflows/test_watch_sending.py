"""Users and services are told at once, again until it is taken, and the times are kept."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from sekisho.kernel import clock
from sekisho.records.models import Alert, HeldWithdrawal
from sekisho.workflows.watch_after import webhook
from sekisho.workflows.watch_after.answering import digest_of
from sekisho.workflows.watch_after.hold import refuse
from sekisho.workflows.watch_after.models import Link, Outgoing, Warned
from sekisho.workflows.watch_after.sending import FAILURES, LONGEST_AGAIN, TRIES, deliver
from tests.cast import Cast
from tests.workflows.watching import held, new_place, taken

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


class Messenger:
    """The member's messenger: takes what is posted while it is well."""

    def __init__(self) -> None:
        self.well = True
        self.got: list[tuple[str, dict[str, Any]]] = []

    def post(self, body: bytes, *, delivery: str) -> None:
        if not self.well:
            raise webhook.NotTaken(why="HTTP 503")
        self.got.append((delivery, json.loads(body)))


@pytest.fixture
def messenger(cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch, time_machine: Any) -> Messenger:
    time_machine.move_to(clock.now(), tick=False)
    settings.SEKISHO_WATCH_WEBHOOK = "https://messenger.example.jp/hook"
    settings.SEKISHO_PUBLIC_URL = "https://sekisho.example.jp"
    found = Messenger()
    monkeypatch.setattr(webhook, "post", found.post)
    return found


def test_a_user_is_told_at_once_in_both_languages_with_a_link_of_which_only_the_digest_is_kept(
    messenger: Messenger,
):
    taken(new_place(network="AS64500"))
    assert deliver() == 1
    delivery, told = messenger.got[0]
    assert delivery == Outgoing.objects.get().pk
    assert (told["user"], told["rules"], told["action"]) == ("u1", ["impossible_travel"], "step_up")
    for language, words in (("ja", "心当たりはありますか"), ("en", "Was this you?")):
        assert words in told["text"][language]
        assert "AS64500" in told["text"][language]
        assert told["link"] in told["text"][language]
    token = told["link"].removeprefix("https://sekisho.example.jp/public/was-this-you/").rstrip("/")
    assert Link.objects.get().digest == digest_of(token)
    assert token not in str(list(Outgoing.objects.values())) + str(list(Warned.objects.values()))
    warned = Warned.objects.get()
    assert (warned.told_at, warned.told_by) == (clock.now(), "webhook")


def test_the_alert_tells_when_its_user_was_told(messenger: Messenger, time_machine: Any):
    detected = clock.now()
    taken(new_place())
    alert = Alert.objects.get()
    assert (alert.concerns_user, alert.user_since_at is not None, alert.user_told_at) == (True, True, None)
    time_machine.move_to(detected + MINUTE, tick=False)
    deliver()
    assert Alert.objects.get().user_told_at == detected + MINUTE


def test_of_several_users_the_alert_tells_of_the_one_who_waits_the_longest(
    messenger: Messenger, time_machine: Any
):
    start = clock.now().replace(microsecond=0)
    time_machine.move_to(start, tick=False)
    taken(new_place("u1"))
    deliver()
    messenger.well = False
    time_machine.move_to(start + MINUTE, tick=False)
    taken(new_place("u2"))
    deliver()
    taken(new_place("u3"))
    messenger.well = True
    time_machine.move_to(start + 3 * MINUTE, tick=False)
    deliver()
    alert = Alert.objects.get()
    assert (alert.user_since_at, alert.user_told_at) == (start + MINUTE, start + 3 * MINUTE)


def test_what_was_not_taken_is_sent_again_later_with_another_link(messenger: Messenger, time_machine: Any):
    start = clock.now()
    messenger.well = False
    taken(new_place())
    assert (deliver(), deliver()) == (0, 0)
    row = Outgoing.objects.get()
    assert (row.tries, row.error != "", row.next_at) == (1, True, start + timedelta(seconds=5))
    messenger.well = True
    time_machine.move_to(start + timedelta(seconds=5), tick=False)
    assert (deliver(), deliver()) == (1, 0)
    assert Outgoing.objects.get().next_at is None
    assert Link.objects.count() == 2


def test_it_is_given_up_in_the_end_and_stays_untold(messenger: Messenger, time_machine: Any):
    messenger.well = False
    taken(new_place())
    for _ in range(TRIES):
        deliver()
        time_machine.move_to(clock.now() + LONGEST_AGAIN, tick=False)
    row = Outgoing.objects.get()
    assert (row.tries, row.next_at, row.sent_at) == (TRIES, None, None)
    assert Warned.objects.get().told_at is None


def test_a_process_that_died_while_sending_leaves_it_to_the_next_after_a_while(
    messenger: Messenger, time_machine: Any
):
    def dies(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    taken(new_place())
    post, webhook.post = webhook.post, dies  # type: ignore[assignment]
    with pytest.raises(KeyboardInterrupt):
        deliver()
    webhook.post = post
    assert deliver() == 0
    time_machine.move_to(clock.now() + timedelta(minutes=2), tick=False)
    assert deliver() == 1


def test_mail_goes_where_an_address_can_be_made_of_the_id(cast: Cast, settings: Any):
    settings.SEKISHO_WATCH_MAIL_TO = "{user}@users.example.jp"
    taken(new_place("user.1"), new_place("a\nBcc: x@example.jp"), new_place("ユーザー"), new_place("a@b"))
    assert deliver() == 1
    letter = mail.outbox[0]
    assert letter.to == ["user.1@users.example.jp"]
    assert "ログイン" in letter.subject
    assert "A login" in letter.subject
    assert "心当たり" not in letter.body, "without a public address there is no link"
    assert Warned.objects.exclude(told_at=None).get().told_by == "mail"


def test_the_withdrawal_service_is_told_what_was_decided(messenger: Messenger, cast: Cast):
    taken(held(seq=17))
    deliver()
    key = HeldWithdrawal.objects.get().key
    refuse(cast.aoki.actor, key, "送付先が不審")
    deliver()
    told = messenger.got[-1][1]
    assert (told["what"], told["source"], told["seq"], told["decision"]) == ("withdrawal_decided", "withdrawals", "17", "refused")  # fmt: skip
    assert "送付先" not in str(told)
    assert HeldWithdrawal.objects.get().answered_at == clock.now()


def test_a_messenger_that_does_not_listen_is_not_asked_for_each_user_at_once(messenger: Messenger):
    messenger.well = False
    taken(*(new_place(f"u{n}") for n in range(8)))
    assert deliver() == 0
    assert sum(Outgoing.objects.values_list("tries", flat=True)) == FAILURES
