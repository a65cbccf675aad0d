"""The calendar feed: an address that is its own key, for its person's calendar and for nothing else."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from icalendar import Calendar

from sekisho.access import pace
from sekisho.access.models import API, CALENDAR, Token
from sekisho.access.pace import Pace
from sekisho.access.tokens import actor_for_secret, find
from sekisho.kernel import clock
from sekisho.kernel.errors import Refused
from sekisho.ledger.models import Version
from sekisho.records import models as m
from sekisho.workflows.account import issue_calendar_address, issue_token, revoke_token, set_active
from sekisho.workflows.act import act
from tests.cast import Cast, Member
from tests.rulebook.narrow import only_checks_of
from tests.web.reading import main, read
from tests.web.signing_in import confirm, type_in

FEED = "/calendar.ics"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    only_checks_of(monkeypatch, "7-1")


def address_of(member: Member, days: int = 30) -> tuple[Token, str]:
    expires_at = clock.now() + timedelta(days=days)
    return issue_calendar_address(member.actor, member.account, label="自分の電話", expires_at=expires_at)


def ask(secret: str, client: Client | None = None, headers: dict[str, str] | None = None, **more: str) -> Any:
    """As a calendar program does: no cookie, no session."""
    return (client or Client()).get(FEED, {"token": secret, **more}, headers=headers)


def events(answer: Any) -> list[Any]:
    assert answer.status_code == 200, answer.content.decode()
    return Calendar.from_ical(answer.content).walk("VEVENT")


def summaries(answer: Any) -> list[str]:
    return [str(e["summary"]) for e in events(answer)]


def put(model: type[Any], key: str, **values: Any) -> None:
    with act("put", "operator:test") as doing:
        doing.put(model, key, values)


def in_days(days: int) -> date:
    return clock.today() + timedelta(days=days)


@pytest.fixture
def year(cast: Cast) -> Cast:
    put(m.Appointment, cast.aoki.appointment, until_on=in_days(40))
    put(m.Action, "AC-1", what="監視の追加", kind="corrective", due_on=in_days(10), owner=cast.ogawa.key)
    return cast


# --- what it tells ------------------------------------------------------------------------------------------------


def test_the_next_twelve_months_as_all_day_events(year: Cast) -> None:
    answer = ask(address_of(year.nishi)[1])
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    found = {str(e["summary"]): e.decoded("dtstart") for e in events(answer)}
    assert found["改善・是正措置の期限：監視の追加"] == in_days(10)
    (lapse,) = [s for s in found if s.startswith("不足の見込み 7-1 業務部")]
    assert found[lapse] == in_days(41)


def test_each_event_leads_to_its_record_on_this_host(year: Cast) -> None:
    answer = ask(address_of(year.nishi)[1])
    addresses = {str(e.get("url", "")) for e in events(answer)}
    assert {"http://testserver/records/action/AC-1/", "http://testserver/records/unit/U-OPS/"} <= addresses


def test_what_is_overdue_is_told_on_its_day(year: Cast) -> None:
    put(m.Action, "AC-1", due_on=in_days(-20))
    assert "【期限超過】改善・是正措置の期限：監視の追加" in summaries(ask(address_of(year.nishi)[1]))


def test_mine_alone_and_in_english(year: Cast) -> None:
    mine = summaries(ask(address_of(year.ogawa)[1], whose="mine", language="en"))
    assert [s for s in mine if "expires" not in s] == ["Action due: 監視の追加"]
    assert ask(address_of(year.ogawa)[1], language="en")["Content-Language"] == "en"
    assert ask(address_of(year.ogawa)[1], language="xx")["Content-Language"] == "ja"


def test_the_end_of_the_address_is_an_event_of_its_own(year: Cast) -> None:
    token, secret = address_of(year.nishi, days=90)
    (event,) = [e for e in events(ask(secret)) if "購読アドレスの期限" in str(e["summary"])]
    assert event.decoded("dtstart") == clock.day_of(token.expires_at)
    assert "url" not in event


def test_the_secret_stands_nowhere_in_what_is_told(year: Cast) -> None:
    _, secret = address_of(year.nishi)
    content = ask(secret).content.replace(b"\r\n ", b"").decode()
    assert secret not in content
    assert "token" not in content


def test_a_change_is_told_at_the_next_asking(year: Cast) -> None:
    _, secret = address_of(year.nishi)
    before = {str(e["uid"]): e.decoded("dtstart") for e in events(ask(secret))}
    put(m.Action, "AC-1", due_on=in_days(12))
    after = {str(e["uid"]): e.decoded("dtstart") for e in events(ask(secret))}
    moved = {uid for uid in before if before[uid] != after[uid]}
    assert set(before) == set(after), "the same events by the same identifiers"
    assert {(before[uid], after[uid]) for uid in moved} == {(in_days(10), in_days(12))}


def test_who_asks_again_and_nothing_changed_gets_no_more(year: Cast) -> None:
    _, secret = address_of(year.nishi)
    first = ask(secret)
    again = ask(secret, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert ask(secret)["ETag"] == first["ETag"]
    put(m.Action, "AC-1", due_on=in_days(12))
    assert ask(secret, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_no_cache_that_others_share_keeps_it(year: Cast) -> None:
    assert ask(address_of(year.nishi)[1])["Cache-Control"] == "private, no-cache"


def test_only_reading(year: Cast) -> None:
    _, secret = address_of(year.nishi)
    assert Client().head(FEED, {"token": secret}).status_code == 200
    for method in ("post", "put", "patch", "delete"):
        assert getattr(Client(), method)(f"{FEED}?token={secret}").status_code == 405
        assert getattr(Client(), method)(f"{FEED}?token=x").status_code == 403


# --- who may ------------------------------------------------------------------------------------------------------


def refused(answer: Any) -> None:
    assert answer.status_code == 403
    assert b"VCALENDAR" not in answer.content
    assert "アドレスが無効です" in main(answer.content.decode())


@pytest.mark.parametrize("secret", ["", "x", "sk_", "sk_01ARZ3NDEKTSV4RRFFQ69G5FAV_" + "a" * 43, "sk_'; --"])
def test_what_is_no_address_is_refused(cast: Cast, secret: str) -> None:
    refused(ask(secret))


def test_without_a_token_a_session_opens_nothing(cast: Cast) -> None:
    refused(cast.nishi.client.get(FEED))


def test_a_secret_that_is_wrong_by_one_letter_is_refused(cast: Cast) -> None:
    _, secret = address_of(cast.nishi)
    refused(ask(secret[:-1] + ("a" if secret[-1] != "a" else "b")))


def test_a_revoked_address_is_refused_at_once(cast: Cast) -> None:
    token, secret = address_of(cast.nishi)
    assert ask(secret).status_code == 200
    revoke_token(cast.nishi.actor, token)
    refused(ask(secret))


def test_an_address_that_has_expired_is_refused(cast: Cast) -> None:
    _, secret = address_of(cast.nishi, days=30)
    with time_machine.travel(clock.now() + timedelta(days=30, seconds=1), tick=False):
        refused(ask(secret))


def test_an_address_stops_with_its_account_and_with_its_person(cast: Cast) -> None:
    _, secret = address_of(cast.nishi)
    _, other = address_of(cast.aoki)
    set_active(cast.kitagawa.actor, cast.nishi.account, False)
    refused(ask(secret))
    put(m.Person, cast.aoki.key, left_on=in_days(-1))
    refused(ask(other))


def test_an_api_token_opens_no_calendar_and_an_address_no_api(cast: Cast) -> None:
    expires_at = clock.now() + timedelta(days=30)
    _, api = issue_token(cast.nishi.actor, label="表計算", expires_at=expires_at, account=cast.nishi.account)
    refused(ask(api))
    _, secret = address_of(cast.nishi)
    for path in ("/api/records/unit", "/api/work", "/api/kinds"):
        answers = [
            Client().get(path, headers={"Authorization": f"Bearer {s}"}).status_code for s in (secret, api)
        ]
        assert answers == [401, 200], path
    assert actor_for_secret(secret) is None
    assert find(secret) is None
    assert find(secret, CALENDAR) is not None


def test_whatever_its_purpose_it_is_bound_to_no_kind(cast: Cast) -> None:
    token, _ = address_of(cast.kitagawa)
    assert (token.purpose, token.reads, token.writes) == (CALENDAR, [], [])


def test_a_service_has_no_calendar(cast: Cast) -> None:
    token, _ = address_of(cast.nishi)
    with pytest.raises(IntegrityError), transaction.atomic():
        Token.objects.filter(pk=token.pk).update(account=None, service="robot")
    assert Token.objects.filter(purpose=API).count() == 0


def test_only_its_own_user_who_works_here_makes_one(cast: Cast) -> None:
    expires_at = clock.now() + timedelta(days=30)
    for actor, account in (
        (cast.kitagawa.actor, cast.nishi.account),
        (cast.aoki.actor, cast.nishi.account),
        (cast.kyuda.actor, cast.kyuda.account),
    ):
        with pytest.raises(Refused):
            issue_calendar_address(actor, account, label="電話", expires_at=expires_at)
    assert not Token.objects.exists()


def test_a_runaway_program_is_slowed_down(cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "_pace", Pace(lambda: 0.0))
    settings.SEKISHO_API_PER_MINUTE = 2
    _, secret = address_of(cast.nishi)
    assert [ask(secret).status_code for _ in range(3)] == [200, 200, 429]
    assert ask(secret)["Retry-After"] == "30"
    assert ask(address_of(cast.aoki)[1]).status_code == 200


def test_its_use_is_noted(cast: Cast) -> None:
    token, secret = address_of(cast.nishi)
    ask(secret)
    token.refresh_from_db()
    assert token.last_used_at is not None


# --- on the account page ------------------------------------------------------------------------------------------


def signed_in(login: str = "nishi") -> Client:
    client = Client()
    type_in(client, login)
    return client


def make(client: Client, **more: str) -> Any:
    form = {"label": "電話", "days": "365", "whose": "mine", "language": "ja", **more}
    return client.post("/account/calendars/new/", form)


def shown(answer: Any) -> str:
    found = re.search(r'id="secret"[^>]*>(http[^<]+)<', answer.content.decode())
    assert found
    return found[1].replace("&amp;", "&")


def test_an_address_is_made_shown_once_and_works(year: Cast) -> None:
    client = signed_in("ogawa")
    assert make(client)["Location"].startswith("/accounts/reauthenticate/"), "asked who one is"
    confirm(client)
    address = urlsplit(shown(make(client, language="en")))
    assert (address.netloc, address.path) == ("testserver", FEED)
    asked = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert (asked["whose"], asked["language"]) == ("mine", "en")
    assert any("Action due" in s for s in summaries(Client().get(f"{FEED}?{address.query}")))
    page = read(client, "/account/")
    assert asked["token"] not in page
    assert "電話" in page[page.index('id="calendars"') :]
    tokens = page[page.index('id="tokens"') : page.index('id="calendars"')]
    assert "電話" not in tokens, "it is no token for the API"


def test_it_is_revoked_by_one_click_and_not_by_others(year: Cast) -> None:
    client = signed_in()
    confirm(client)
    address = urlsplit(shown(make(client)))
    token = Token.objects.get()
    assert year.aoki.client.post(f"/account/tokens/{token.pk}/revoke/").status_code == 404
    client.post(f"/account/tokens/{token.pk}/revoke/")
    refused(Client().get(f"{FEED}?{address.query}"))


def test_wrong_values_are_told_and_make_nothing(cast: Cast) -> None:
    client = signed_in()
    confirm(client)
    answer = make(client, label=" ")
    assert answer.status_code == 422
    assert "用途を100文字以内で入力してください。" in main(answer.content.decode())
    assert not Token.objects.exists()


def test_the_administrator_sees_what_it_is_and_revokes_it(cast: Cast) -> None:
    token, secret = address_of(cast.nishi)
    page = main(read(cast.kitagawa.client, f"/access/{cast.nishi.account.pk}/"))
    assert "自分の電話 カレンダーのみ なし" in page
    revoke_token(cast.kitagawa.actor, token)
    refused(ask(secret))


def test_who_is_no_person_is_offered_none(cast: Cast) -> None:
    account = cast.kitagawa.account
    account.person = ""
    account.save()
    client = Client()
    client.force_login(account)
    assert 'id="calendars"' not in read(client, "/account/")


def test_each_act_leaves_its_line_without_the_secret(cast: Cast) -> None:
    token, secret = address_of(cast.nishi)
    revoke_token(cast.nishi.actor, token)
    lines = list(Version.objects.filter(kind="token").order_by("id"))
    assert [line.act_name for line in lines] == ["issue_calendar_address", "revoke_token"]
    told = b" ".join(bytes(line.body) for line in lines).decode()
    assert '"purpose":"calendar"' in told
    assert secret.split("_", 2)[2] not in told
    assert token.secret_sha256 not in told


def test_the_clock_of_the_feed_is_japans(year: Cast) -> None:
    """Half past midnight in Japan is another day than in UTC."""
    _, secret = address_of(year.nishi)
    midnight = datetime.combine(in_days(11), datetime.min.time(), clock.JAPAN) + timedelta(minutes=30)
    with time_machine.travel(midnight, tick=False):
        assert "【期限超過】改善・是正措置の期限：監視の追加" in summaries(ask(secret))
