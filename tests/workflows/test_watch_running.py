"""The process that follows the watch: it acts on a real log, goes on after a stop, and forgets persons in time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from threading import Event, current_thread
from typing import Any

import pytest

from sekisho.kernel import clock
from sekisho.kernel.errors import SekishoError
from sekisho.records.models import Alert, Tolerance, WatchSource
from sekisho.watch.contents import shipped
from sekisho.watch.engine import Engine
from sekisho.watch.events import Event as Judged
from sekisho.watch.retention import Policy
from sekisho.workflows.act import act
from sekisho.workflows.approve import approve, ask
from sekisho.workflows.watch_after import running
from sekisho.workflows.watch_after.acting import position
from sekisho.workflows.watch_after.forgetting import forget
from sekisho.workflows.watch_after.models import Block, Episode, Frozen, Heard, Link, Warned
from sekisho.workflows.watch_after.notice import new_link
from sekisho.workflows.watch_after.policy import policy
from tests.cast import Cast
from tests.workflows.watching import IP, brute_force, new_place, taken

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def judged(home: Path, count: int, first: int = 0) -> None:
    """The watch judges logins that fail, one user after another, from one address."""
    engine = Engine(home, shipped())
    now = int(clock.now().timestamp() * 1000)
    for n in range(first, first + count):
        engine.decide("auth", Judged(seq=n, ts=now + n, typ="login", user=f"u{n}", ip=IP, ok=False))
    engine.close()


def test_the_watchs_own_log_is_acted_on_once_and_on_from_there(cast: Cast, tmp_path: Path):
    judged(tmp_path, 40)
    first = running.catch_up(tmp_path)
    assert first.frames == Heard.objects.get().events == 40
    assert [b.address for b in Block.objects.filter(rule="credential_stuffing")] == [IP]
    events = sum(Alert.objects.values_list("events", flat=True))
    assert running.catch_up(tmp_path).frames == 0
    judged(tmp_path, 5, first=40)
    assert running.catch_up(tmp_path).frames == 5
    assert Heard.objects.get().events == 45
    assert sum(Alert.objects.values_list("events", flat=True)) == events, "within a minute the record stands"
    assert position() > 0


def test_where_the_log_is_another_or_older_it_goes_on_from_its_end(cast: Cast, tmp_path: Path):
    """As after a restore, or where the log was lost: nothing of it is acted on twice, and what comes is acted on."""
    judged(tmp_path / "first", 9)
    assert running.catch_up(tmp_path / "first").frames == 9
    judged(tmp_path / "other", 3, first=100)
    assert running.catch_up(tmp_path / "other").frames == 0
    judged(tmp_path / "other", 2, first=200)
    assert running.catch_up(tmp_path / "other").frames == 2
    assert running.catch_up(tmp_path / "none").frames == 0
    assert position() == 0


class Twice(Event):
    """Lets the process run twice."""

    left = 2

    def wait(self, timeout: float | None = None) -> bool:
        self.left -= 1
        return self.left < 0


def test_what_fails_is_said_and_tried_again(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    tried: list[int] = []

    def fails_once() -> None:
        tried.append(1)
        if len(tried) == 1:
            raise SekishoError

    monkeypatch.setattr(running.connection, "close", lambda: None)
    running.repeat(Twice(), fails_once)
    assert len(tried) == 2


def test_it_sends_beside_and_feeds_the_rule_from_the_start_and_every_hour(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, time_machine: Any
):
    time_machine.move_to(clock.now(), tick=False)
    sent: list[str] = []
    beside = Event()

    def sends() -> None:
        sent.append(current_thread().name)
        beside.set()

    monkeypatch.setattr(running.connection, "close", lambda: None)
    monkeypatch.setattr(running, "deliver", sends)
    monkeypatch.setattr(running, "PERIOD_SECONDS", 0.001)
    judged(tmp_path, 1)
    stopped = Event()
    fed: list[Any] = []
    feed = running.feed_watch

    def told() -> Any:
        fed.append(feed())
        assert beside.wait(10)
        time_machine.shift(running.FEED_EVERY)
        if len(fed) == 2:
            stopped.set()

    monkeypatch.setattr(running, "feed_watch", told)
    running.run(stopped, tmp_path)
    assert len(fed) == 2
    assert WatchSource.objects.get().fed_by == "auth"
    assert set(sent) == {"watch-sender"}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_what_nobody_foresaw_while_sending_ends_it_all(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    def fails() -> None:
        raise ValueError("unforeseen")

    monkeypatch.setattr(running.connection, "close", lambda: None)
    monkeypatch.setattr(running, "deliver", fails)
    monkeypatch.setattr(running, "PERIOD_SECONDS", 0.001)
    monkeypatch.setattr(running, "catch_up", lambda _: None)
    monkeypatch.setattr(running, "feed_watch", lambda: None)
    stopped = Event()
    with pytest.raises(RuntimeError, match="sender"):
        running.run(stopped, tmp_path)
    assert stopped.is_set()


def test_persons_are_forgotten_in_time_and_the_count_is_kept(cast: Cast, settings: Any, time_machine: Any):
    settings.SEKISHO_PUBLIC_URL = "https://sekisho.example.jp"
    start = clock.now().replace(microsecond=0)
    time_machine.move_to(start, tick=False)
    taken(new_place("u1"), brute_force())
    new_link(Warned.objects.get())
    Frozen.objects.create(user="u1", from_at=start, by="user")
    Frozen.objects.create(user="u2", from_at=start, by="user", thawed_at=start)
    Episode.objects.update(closed=True)
    events = sum(Episode.objects.values_list("events", flat=True))
    time_machine.move_to(start + 400 * DAY, tick=False)
    assert forget() == 0
    time_machine.move_to(start + 401 * DAY, tick=False)
    assert forget() == 1
    assert set(Episode.objects.values_list("group", flat=True)) == {""}
    assert sum(Episode.objects.values_list("events", flat=True)) == events
    warned = Warned.objects.get()
    assert (warned.user, warned.facts, warned.rules) == ("", {}, ["impossible_travel"])
    assert sorted(Frozen.objects.values_list("user", flat=True)) == ["", "u1"]
    assert not Link.objects.exists()
    assert not Block.objects.exists()
    assert forget() == 0


def test_how_long_is_a_limit_that_the_member_shortens_freely_and_lengthens_by_approval(cast: Cast):
    assert policy() == Policy(400, 3653, 30)
    today = clock.today()
    for key, limit, value in (("TO-1", "watch_personal_days", 90), ("TO-2", "watch_refused_days", 60)):
        told = {"limit": limit, "value": value, "reason": "社内規程による", "from_on": today}
        approval = ask(cast.mori.actor, Tolerance, key, told, "保存期間の見直し")
        approve(cast.sakura.actor, approval.key)
    with act("load", "operator:me") as doing:
        longer = {"limit": "watch_history_days", "value": 9_999, "reason": "x", "from_on": today}
        doing.put(Tolerance, "TO-3", longer)
    assert policy() == Policy(90, 3653, 60)
