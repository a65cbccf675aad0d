"""Some weeks of the watch: its rules approved, attacks blocked, users told, withdrawals held, a false alarm marked."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sekisho.access.rights import actor_for_person
from sekisho.kernel import clock
from sekisho.records import models as m
from sekisho.sample.story.words import Event, Words, ago, at
from sekisho.sample.watched.attacks import FROZEN, HELD, TRAVELS_FAR, plant
from sekisho.sample.watched.customers import CUSTOMERS, DAYS, Written, customers, ordinary
from sekisho.sample.watched.judged import Judged
from sekisho.watch.contents import shipped_text
from sekisho.workflows import incident
from sekisho.workflows.record import save_record
from sekisho.workflows.watch_after.acting import position, take_frames
from sekisho.workflows.watch_after.answering import REPORTED, answer
from sekisho.workflows.watch_after.blocks import block, fetched
from sekisho.workflows.watch_after.false_alarms import mark
from sekisho.workflows.watch_after.feed import feed_watch
from sekisho.workflows.watch_after.hold import ask_release, refuse, release
from sekisho.workflows.watch_after.models import Link, Warned
from sekisho.workflows.watch_after.notice import LINK_LASTS, digest_of
from sekisho.workflows.watch_after.told import write_told

SENDERS = {"login": "WS-0002", "withdrawals": "WS-0003"}  # the sources that send events to the watch
CHANNEL = "CH-0001"
BEGAN = 35  # days ago
WEEK = 1_000_000  # the first number of the week's events, and their chance's seed
DEVICE = "service:edge-gateway"
ATTACKER = "198.51.100.23"
OWN_TESTS = "203.0.113.40"
_NO_HARM = "遮断により影響なし。利用者の回答も確認した。"
_REASONS = {REPORTED: "本人に電話し、パスワードを再設定した。出金はなかった。"}
REGION: dict[str, Any] = {"country": "BR", "network": "AS64500"}


class Watch(Words):
    """Some weeks of the watch: its rules approved, attacks blocked, users told, withdrawals held, a false alarm marked."""

    def watch(self) -> Iterator[Event]:
        yield from self._watch_begins()
        yield from self._watch_attacks()
        yield from self._watch_users()
        yield from self._watch_withdrawals()
        yield from self._watch_fed()
        yield from self._watch_week()

    def _watch_begins(self) -> Iterator[Event]:
        day = ago(self.today, BEGAN)
        rules = shipped_text()
        yield from self.approved(
            at(ago(day, 2)), self.risk, self.csirt, m.WatchRules, "WR-0001", "検知サービスの開始",
            title="不正ログイン・出金の検知ルール", in_force_at=at(day, 9), rules=rules, reason="検知サービスの開始にあたり、製品の標準ルールを採用",
        )  # fmt: skip
        for n, (network, reason) in enumerate(
            (("203.0.113.0/27", "本社・データセンター"), ("2001:db8:40::/48", "監視装置")), 1
        ):
            yield from self.approved(
                at(ago(day, 2), 10, n), self.risk, self.csirt, m.AllowedAddress, f"AA-{n:04d}", "遮断の対象から除く",
                network=network, reason=reason, since_on=day,
            )  # fmt: skip
        for name, key in SENDERS.items():
            yield self.save(at(day, 8), self.csirt, m.WatchSource, key, fed_by=name)
        yield self.save(at(day, 8, 5), self.chief, m.Channel, CHANNEL, watched_as="web")

    def _watch_attacks(self) -> Iterator[Event]:
        """Two real ones, dismissed as harmless because they were blocked; and our own load test, a false alarm."""
        for days, address, count in ((24, ATTACKER, 420), (9, "2001:db8:bad:1::5", 130), (16, OWN_TESTS, 60)):
            seen = at(ago(self.today, days), 3, 12)
            hits = [("login", "block", ("credential_stuffing",), {"ip": address, "ok": False})] * count
            yield self._watch_judges(seen, hits)
            yield Event(seen + timedelta(minutes=1), partial(fetched, DEVICE))
            yield Event(seen + timedelta(minutes=2), feed_watch)
            false = "自社の負荷試験による。試験用の送信元を登録する。" if address == OWN_TESTS else ""
            yield Event(
                seen + timedelta(minutes=30), partial(self._watch_decided, "credential_stuffing", false)
            )
        until = at(self.today, 9) + timedelta(days=30)
        yield Event(at(ago(self.today, 8), 11), partial(self._watch_block, "198.51.100.16/28", until))

    def _watch_block(self, network: str, until: datetime) -> None:
        block(actor_for_person(self.csirt.key), network, until, "業界情報共有センターの注意喚起による")

    def _watch_decided(self, rule: str, false: str = "") -> None:
        """The CSIRT decides on what the rule raised (`false`: why it was a false alarm), and on its incident drafts."""
        actor = actor_for_person(self.csirt.key)
        for alert in m.Alert.objects.filter(rule=rule, decision=None).order_by("key"):
            if false:
                mark(actor, alert.key, false)
                continue
            told = {"decision": "watch", "decided_at": clock.now(), "decided_by": self.csirt.key}
            save_record(actor, m.Alert, alert.key, told | {"reason": _REASONS.get(rule, _NO_HARM)})
        for draft in m.Incident.objects.filter(source="watch", state="draft").order_by("key"):
            incident.dismiss(actor, draft.key, "自動で遮断され、侵入・被害のないことを確認した。")

    def _watch_users(self) -> Iterator[Event]:
        for n, days in enumerate((30, 21, 12), 1):
            seen = at(ago(self.today, days), 22, 4 * n)
            hit = (
                "login",
                "step_up",
                ("impossible_travel",),
                {"user": f"u{40000 + n}", "ip": "192.0.2.77", "ok": True, **REGION},
            )
            yield self._watch_judges(seen, [hit])
            yield Event(seen + timedelta(minutes=25), partial(self._watch_decided, "impossible_travel"))
        yield Event(at(ago(self.today, 12), 22, 40), self._watch_answered)

    def _watch_answered(self) -> None:
        """A user says that it was they."""
        Warned.objects.filter(answer="").update(answer=Warned.MINE, answered_at=clock.now())

    def _watch_withdrawals(self) -> Iterator[Event]:
        """One was released by two people, one refused."""
        steps: dict[int, tuple[Callable[[str], object], ...]] = {
            18: (self._watch_ask, self._watch_first, self._watch_second), 11: (self._watch_refuse,),
        }  # fmt: skip
        for days, done in steps.items():
            seen = at(ago(self.today, days), 20, 15)
            event = {
                "user": f"u{50000 + days}",
                "amount": 180000.0 + days,
                "asset": "BTC",
                "address": "bc1qsample",
            }
            yield self._watch_judges(seen, [("withdraw", "hold", ("new_device_withdrawal",), event)])
            key = partial(self._watch_held, seen)
            for n, step in enumerate(done, 1):
                yield Event(seen + timedelta(minutes=12 * n), partial(_with, step, key))
            yield Event(seen + timedelta(minutes=55), partial(self._watch_decided, "new_device_withdrawal"))

    def _watch_held(self, seen: datetime) -> str:
        return m.HeldWithdrawal.objects.get(held_at=seen).key

    def _watch_ask(self, key: str) -> None:
        ask_release(
            actor_for_person(self.cast.manager_of("U-OPE").key), key, "電話で本人の出金であることを確認した。"
        )

    def _watch_first(self, key: str) -> None:
        release(actor_for_person(self.csirt.key), key, "申請の記録と過去の取引を確認")

    def _watch_second(self, key: str) -> None:
        release(actor_for_person(self.risk.key), key, "2名で確認し許可")

    def _watch_refuse(self, key: str) -> None:
        refuse(actor_for_person(self.csirt.key), key, "送付先が詐欺に使われたアドレスと関連")

    def _watch_fed(self) -> Iterator[Event]:
        """Heard each evening of a week's end; the list is fetched, and the rule is fed."""
        for days in range(BEGAN - 1, DAYS, -7):
            evening = at(ago(self.today, days), 23, 30)
            logins = [
                ("login", "allow", (), {"user": f"u{n}", "ok": True, "channel": "web"}) for n in range(5)
            ]
            yield self._watch_judges(
                evening, [*logins, ("withdraw", "allow", (), {"user": "u1", "channel": "web"})]
            )
            yield Event(evening + timedelta(minutes=5), partial(fetched, DEVICE))
            yield Event(evening + timedelta(minutes=6), feed_watch)

    def _watch_week(self) -> Iterator[Event]:
        """The last days, event by event: their log is kept, and the pages show them."""
        written = Written(self.today, WEEK)
        people = customers(written, [TRAVELS_FAR, HELD, *(f"u{41000 + n}" for n in range(CUSTOMERS))])
        ordinary(written, people, FROZEN)
        ended = plant(written, people)
        judged = Judged(written.events(WEEK))
        for days in range(DAYS, 0, -1):
            for when in (at(ago(self.today, days), 12), at(ago(self.today, days), 23, 30)):
                yield Event(when, partial(judged.until, when))
        for attack in fields(ended):
            when = getattr(ended, attack.name) + timedelta(minutes=1)
            yield Event(when, partial(judged.until, when))
            yield from self._watch_acts(attack.name, when)
        yield Event(at(ago(self.today, 1), 23, 35), partial(fetched, DEVICE))
        yield Event(at(ago(self.today, 1), 23, 36), feed_watch)
        now = min(clock.now(), clock.end_of(self.today))
        yield Event(now, partial(judged.end, now))

    def _watch_acts(self, attack: str, when: datetime) -> Iterator[Event]:
        """What people do about an attack, soon after it."""
        soon = [when + timedelta(minutes=n) for n in (1, 2, 12, 25, 40)]
        yield Event(soon[0], partial(fetched, DEVICE))
        yield Event(soon[1], feed_watch)
        if attack == "takeover":
            yield Event(soon[2], partial(self._watch_newest, self._watch_refuse))
        if attack == "journey":
            for n, step in enumerate((self._watch_ask, self._watch_first, self._watch_second), 2):
                yield Event(soon[n], partial(self._watch_newest, step))
        if attack == "held":
            yield Event(soon[2], partial(self._watch_newest, self._watch_ask))
        if attack == "stuffing":
            yield Event(soon[2], self._watch_not_me)
        if attack != "structuring":  # last night's waits for the morning
            false = "本人の旅行先からの出金であった。電話で確認した。" if attack == "journey" else ""
            yield Event(when + timedelta(minutes=45), partial(self._watch_all_decided, false))

    def _watch_newest(self, step: Callable[[str], object]) -> None:
        step(m.HeldWithdrawal.objects.order_by("-held_at")[0].key)

    def _watch_not_me(self) -> None:
        """The user whose password was on the list says so."""
        told = Warned.objects.filter(answer="").order_by("-detected_at")[0]
        token, until = secrets.token_urlsafe(32), clock.now() + LINK_LASTS
        Link.objects.create(digest=digest_of(token), warned=told, expires_at=until)
        answer(token, Warned.NOT_MINE)

    def _watch_all_decided(self, false: str) -> None:
        open_ = m.Alert.objects.filter(decision=None).exclude(rule=None)
        for rule in sorted(set(open_.values_list("rule", flat=True))):
            self._watch_decided(rule, false)

    def _watch_judges(
        self, seen: datetime, hits: Sequence[tuple[str, str, tuple[str, ...], dict[str, Any]]]
    ) -> Event:
        """The watch judged these events, and users were told within a minute."""

        def done() -> None:
            start = position() or 0
            ms = int(seen.timestamp() * 1000)
            frames = [
                {
                    "at": ms, "source": "withdrawals" if typ == "withdraw" else "login", "action": action, "score": 0,
                    "event": {"seq": start + n, "ts": ms, "typ": typ, "channel": "web"} | event, "rules": list(rules),
                }
                for n, (typ, action, rules, event) in enumerate(hits, 1)
            ]  # fmt: skip
            take_frames(position(), [(start + n, frame) for n, frame in enumerate(frames, 1)])
            Warned.objects.filter(told_at=None).update(
                told_at=seen + timedelta(seconds=40), told_by="webhook"
            )
            write_told(sorted(set(Warned.objects.values_list("alert", flat=True))))

        return Event(seen, done)


def _with(step: Callable[[str], object], key: Callable[[], str]) -> None:
    step(key())
