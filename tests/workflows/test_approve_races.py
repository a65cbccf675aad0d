"""Approvals at the same instant, and at random: one decision each, never by its author, never without the role."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from sekisho.kernel import clock
from sekisho.kernel.errors import Conflict, Refused
from sekisho.ledger.models import Version
from sekisho.records.models import Appointment, Approval, Document, Person
from sekisho.workflows import approve
from sekisho.workflows.act import act
from sekisho.workflows.change import SubjectChanged
from tests.cast import APPOINTED, Cast, write_cast
from tests.workflows.racing import crowd, faults, lost, race, won

__all__ = ["crowd"]
NOON = datetime(2026, 10, 1, 3, tzinfo=UTC)
TODAY = date(2026, 10, 1)
ROUNDS = 8


@pytest.fixture(autouse=True)
def noon():
    with clock.standing_at(NOON):
        yield


def document(title: str) -> dict[str, Any]:
    return {"kind": "other", "title": title, "version": "1.0", "in_force_on": date(2026, 11, 1)}


def asked(cast: Cast, title: str) -> Approval:
    return approve.ask(cast.mori.actor, Document, None, document(title))


def end(model, key: str, **values: Any) -> None:
    with act("end", "operator:test") as doing:
        doing.put(model, key, values)


def steps(key: str) -> list[str]:
    return list(
        Version.objects.filter(kind="approval", rec=key).order_by("ver").values_list("act_name", flat=True)
    )


# --- at the same instant


def test_of_two_approvals_at_the_same_instant_exactly_one_wins(crowd):
    for turn in range(ROUNDS):
        approval = asked(crowd, f"手順{turn}")
        results = race(
            partial(approve.approve, crowd.kamiya.actor, approval.key, "", 1),
            partial(approve.approve, crowd.sakura.actor, approval.key, "", 1),
        )
        assert [type(r).__mro__[1] for r in lost(results)] == [Conflict]
        winner = won(results)[0]
        kept = Approval.objects.get(pk=approval.key)
        assert (kept.decided_by_id, kept.ver) == (winner.decided_by_id, 2)
        assert steps(approval.key) == ["ask_approval", "approve"]
    assert Document.objects.count() == ROUNDS
    assert set(Document.objects.values_list("ver", flat=True)) == {1}
    assert not faults()


def test_an_approval_and_its_withdrawal_at_the_same_instant_leave_one_of_them(crowd):
    for turn in range(ROUNDS):
        approval = asked(crowd, f"手順{turn}")
        results = race(
            partial(approve.approve, crowd.sakura.actor, approval.key),
            partial(approve.withdraw, crowd.mori.actor, approval.key),
        )
        (refusal,) = lost(results)
        assert isinstance(refusal, Conflict)
        step = Approval.objects.get(pk=approval.key).step
        assert Document.objects.filter(title=f"手順{turn}").exists() == (step == "approved")
    assert not faults()


def test_an_approval_and_its_sending_back_at_the_same_instant_leave_one_of_them(crowd):
    for turn in range(ROUNDS):
        approval = asked(crowd, f"手順{turn}")
        results = race(
            partial(approve.approve, crowd.sakura.actor, approval.key),
            partial(approve.send_back, crowd.kamiya.actor, approval.key, "不足"),
        )
        assert len(won(results)) == 1
        step = Approval.objects.get(pk=approval.key).step
        assert Document.objects.filter(title=f"手順{turn}").exists() == (step == "approved")
    assert not faults()


def test_one_request_that_arrives_twenty_times_at_once_decides_once(crowd):
    approval = asked(crowd, "手順")
    results = race(*[lambda: approve.approve(crowd.sakura.actor, approval.key, "妥当", 1)] * 20)
    assert len(won(results)) == 1
    assert all(isinstance(error, Conflict) for error in lost(results))
    assert Version.objects.filter(act_name="approve").count() == 2
    assert not faults()


def test_one_request_that_is_asked_twenty_times_at_once_is_asked_for_once(crowd):
    results = race(*[lambda: asked(crowd, "手順")] * 20)
    assert len(won(results)) == 1
    assert all(isinstance(error, Conflict) for error in lost(results))
    assert Approval.objects.count() == 1


def test_changes_that_are_asked_for_at_the_same_instant_have_keys_of_their_own(crowd):
    results = race(*[partial(asked, crowd, f"手順{n}") for n in range(6)])
    assert len({a.key for a in won(results)}) == len({a.subject for a in won(results)}) == 6
    assert not faults()


def test_of_two_changes_of_one_record_approved_at_the_same_instant_one_is_written(crowd):
    approve.approve(crowd.sakura.actor, asked(crowd, "手順").key)
    for turn in range(ROUNDS):
        two = [
            approve.ask(who.actor, Document, "D-0001", {"version": f"{turn}.{who.login}"})
            for who in (crowd.mori, crowd.aoki)
        ]
        results = race(
            partial(approve.approve, crowd.sakura.actor, two[0].key),
            partial(approve.approve, crowd.kamiya.actor, two[1].key),
        )
        (refusal,) = lost(results)
        assert isinstance(refusal, Conflict)
        assert Document.objects.get().ver == turn + 2
        stale = next(a for a in two if Approval.objects.get(pk=a.key).step == "submitted")
        with pytest.raises(SubjectChanged):
            approve.approve(crowd.kamiya.actor, stale.key)
    assert not faults()


def test_two_who_decide_on_each_others_appointments_do_not_lock_each_other_out(crowd):
    with act("give", "operator:test") as doing:
        for n, who in enumerate((crowd.chiba, crowd.nishi)):
            office = {"person": who.key, "role": "board_member", "since_on": APPOINTED}
            doing.put(Appointment, f"A-900{n}", office)
    for turn in range(ROUNDS):
        last = {"until_on": date(2027, 1, 1) + timedelta(days=turn)}
        of_chiba = approve.ask(crowd.sakura.actor, Appointment, "A-9000", last)
        of_nishi = approve.ask(crowd.sakura.actor, Appointment, "A-9001", last)
        results = race(
            partial(approve.approve, crowd.chiba.actor, of_nishi.key),
            partial(approve.approve, crowd.nishi.actor, of_chiba.key),
        )
        assert not lost(results)
    assert not faults()


@pytest.mark.parametrize(
    ("model", "which", "values"),
    [
        (Appointment, "appointment", {"until_on": TODAY - timedelta(days=1)}),
        (Person, "key", {"left_on": TODAY - timedelta(days=1)}),
    ],
)
def test_no_decision_stands_after_the_line_that_ends_its_role(crowd, model, which, values):
    """The appointment, or the employment, is ended while the approval is under way: one of them was first."""
    key = getattr(crowd.sakura, which)
    for turn in range(ROUNDS):
        end(model, key, **dict.fromkeys(values))
        approval = asked(crowd, f"手順{turn}")
        actor = crowd.sakura.actor
        decided, ended = race(
            partial(approve.approve, actor, approval.key),
            partial(end, model, key, **values),
        )
        assert ended is None
        if isinstance(decided, Refused):
            assert Approval.objects.get(pk=approval.key).step == "submitted"
            continue
        assert decided.step == "approved"
        lines = Version.objects.order_by("pk").values_list("act_name", flat=True)
        assert list(lines)[-3:] == ["approve", "approve", "end"]
    assert not faults()


# --- at random, beside a naive model

PEOPLE = ("kamiya", "sakura", "mori", "aoki", "chiba")
ROLES = ("representative_director", "chief_system_officer", "risk_manager", "system_manager", "board_member")
KINDS = {
    "basic_policy": {"representative_director", "board_member"},
    "other": {"representative_director", "chief_system_officer"},
}
WRITERS = {"chief_system_officer", "risk_manager", "system_manager"}
people = st.sampled_from(PEOPLE)
kinds = st.sampled_from(sorted(KINDS))
which = st.integers(0, 3)
something_asked = precondition(lambda self: bool(self.model.asked))


@dataclass
class Office:
    key: str
    person: str
    role: str
    since: date
    until: date | None


@dataclass
class Asked:
    key: str
    subject: str
    seen: int
    kind: str
    version: str
    asked_by: str
    authors: set[str]
    step: str
    decided_by: str | None = None
    role: str | None = None


@dataclass
class Model:
    """What ought to be so, in a few lists."""

    day: date = TODAY
    offices: list[Office] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    register: dict[str, tuple[int, str, str]] = field(default_factory=dict)  # key: ver, kind, version

    def roles(self, person: str) -> set[str]:
        return {
            o.role
            for o in self.offices
            if o.person == person and o.since <= self.day and (o.until is None or self.day <= o.until)
        }


class Approvals(RuleBasedStateMachine):
    """People with changing roles ask, edit, submit, decide and withdraw, as days go by."""

    @initialize()
    def begin(self) -> None:
        self.open = ExitStack()
        self.open.enter_context(transaction.atomic())
        self.cast = write_cast()
        self.model = Model()
        self.count = 0
        for login in PEOPLE:
            member = getattr(self.cast, login)
            role = Appointment.objects.get(pk=member.appointment).role
            self.model.offices.append(Office(member.appointment, login, role, APPOINTED, None))

    def teardown(self) -> None:
        if hasattr(self, "open"):
            transaction.set_rollback(True)
            self.open.close()

    def now(self) -> Any:
        return clock.standing_at(
            datetime(self.model.day.year, self.model.day.month, self.model.day.day, 3, tzinfo=UTC)
        )

    def actor(self, login: str) -> Any:
        return getattr(self.cast, login).actor

    def one(self, place: int) -> Asked:
        """One of the newest that were asked for."""
        return self.model.asked[-1 - place % len(self.model.asked)]

    # --- the world changes

    @rule(days=st.integers(1, 40))
    def days_go_by(self, days: int) -> None:
        self.model.day += timedelta(days=days)

    @rule(who=people, role=st.sampled_from(ROLES), ahead=st.integers(-5, 20))
    def appoint(self, who: str, role: str, ahead: int) -> None:
        key, since = f"A-1{len(self.model.offices):03d}", self.model.day + timedelta(days=ahead)
        where = {"unit": "U-OPS"} if role == "system_manager" else {}
        with self.now(), act("appoint", "operator:test") as doing:
            person = getattr(self.cast, who).key
            doing.put(Appointment, key, {"person": person, "role": role, "since_on": since, **where})
        self.model.offices.append(Office(key, who, role, since, None))

    @rule(place=st.integers(0, 8), ahead=st.integers(-3, 10))
    def end_an_office(self, place: int, ahead: int) -> None:
        office = self.model.offices[place % len(self.model.offices)]
        office.until = max(office.since, self.model.day + timedelta(days=ahead))
        with self.now(), act("end", "operator:test") as doing:
            doing.put(Appointment, office.key, {"until_on": office.until})

    # --- people act

    @rule(who=people, kind=kinds, draft=st.sampled_from([False, False, True]), new=st.booleans())
    def ask(self, who: str, kind: str, draft: bool, new: bool) -> None:
        """A change of the newest document keeps its kind; a new one has the kind drawn."""
        self.count += 1
        changed = None if new or not self.model.register else max(self.model.register)
        seen, kind, _ = self.model.register[changed] if changed else (0, kind, "")
        values = {"version": f"v{self.count}"} | ({} if changed else {"kind": kind, "title": "文書"})
        may = bool(self.model.roles(who) & WRITERS)
        with self.now():
            if not may:
                with pytest.raises(Refused):
                    approve.ask(self.actor(who), Document, changed, values, draft=draft)
                return
            made = approve.ask(self.actor(who), Document, changed, values, draft=draft)
        subject = made.subject.removeprefix("document:")
        step = "draft" if draft else "submitted"
        self.model.asked.append(Asked(made.key, subject, seen, kind, values["version"], who, {who}, step))

    @something_asked
    @rule(who=people, place=which)
    def edit(self, who: str, place: int) -> None:
        self.count += 1
        asked = self.one(place)
        version = f"v{self.count}"
        values = {"version": version, "kind": asked.kind, "title": "文書"}
        now_at = self.model.register.get(asked.subject, (0, "", ""))[0]
        with self.now():
            if asked.step not in ("draft", "sent_back"):
                with pytest.raises(Conflict):
                    approve.edit_draft(self.actor(who), asked.key, values)
            elif not self.model.roles(who) & WRITERS:
                with pytest.raises(Refused):
                    approve.edit_draft(self.actor(who), asked.key, values)
            else:
                approve.edit_draft(self.actor(who), asked.key, values)
                asked.authors.add(who)
                asked.step, asked.version, asked.seen = "draft", version, now_at
                asked.decided_by = asked.role = None

    @something_asked
    @rule(who=people, place=which)
    def submit(self, who: str, place: int) -> None:
        asked = self.one(place)
        fresh = self.model.register.get(asked.subject, (0, "", ""))[0] == asked.seen
        with self.now():
            if asked.step != "draft" or (self.model.roles(who) & WRITERS and not fresh):
                with pytest.raises(Conflict):
                    approve.submit(self.actor(who), asked.key)
            elif not self.model.roles(who) & WRITERS:
                with pytest.raises(Refused):
                    approve.submit(self.actor(who), asked.key)
            else:
                approve.submit(self.actor(who), asked.key)
                asked.authors.add(who)
                asked.step = "submitted"

    @something_asked
    @rule(who=people, place=which)
    def approve_it(self, who: str, place: int) -> None:
        self.decide(who, self.one(place), agree=True)

    @something_asked
    @rule(who=people, place=which)
    def send_it_back(self, who: str, place: int) -> None:
        self.decide(who, self.one(place), agree=False)

    @something_asked
    @rule(author=which, place=which, agree=st.booleans())
    def decide_what_one_wrote(self, author: int, place: int, agree: bool) -> None:
        asked = self.one(place)
        who = sorted(asked.authors)[author % len(asked.authors)]
        self.decide(who, asked, agree)

    def decide(self, who: str, asked: Asked, agree: bool) -> None:
        fresh = self.model.register.get(asked.subject, (0, "", ""))[0] == asked.seen
        entitled = self.model.roles(who) & KINDS[asked.kind] and who not in asked.authors
        with self.now():
            if asked.step != "submitted" or (agree and not fresh):
                with pytest.raises(Conflict):
                    self._decide(who, asked.key, agree)
            elif not entitled:
                with pytest.raises(Refused):
                    self._decide(who, asked.key, agree)
            else:
                made = self._decide(who, asked.key, agree)
                asked.step, asked.decided_by, asked.role = made.step, who, made.role
                assert made.role in self.model.roles(who) & KINDS[asked.kind]
                if agree:
                    ver = self.model.register.get(asked.subject, (0, "", ""))[0] + 1
                    self.model.register[asked.subject] = (ver, asked.kind, asked.version)

    def _decide(self, who: str, key: str, agree: bool) -> Approval:
        doing = approve.approve if agree else approve.send_back
        return doing(self.actor(who), key, "理由")

    @something_asked
    @rule(who=people, place=which)
    def withdraw(self, who: str, place: int) -> None:
        asked = self.one(place)
        with self.now():
            if asked.step in ("approved", "withdrawn"):
                with pytest.raises(Conflict):
                    approve.withdraw(self.actor(who), asked.key)
            elif asked.asked_by != who:
                with pytest.raises(Refused):
                    approve.withdraw(self.actor(who), asked.key)
            else:
                approve.withdraw(self.actor(who), asked.key)
                asked.step = "withdrawn"

    @something_asked
    @rule(who=people, place=which)
    def replay_an_old_page(self, who: str, place: int) -> None:
        """Whatever is sent with a version that is past changes nothing."""
        asked = self.one(place)
        past = Approval.objects.get(pk=asked.key).ver - 1
        with self.now(), pytest.raises(Conflict):
            approve.approve(self.actor(who), asked.key, "", past)

    # --- what always holds

    @invariant()
    def the_register_is_what_was_approved(self) -> None:
        if hasattr(self, "model"):
            rows = Document.objects.values_list("key", "ver", "kind", "version")
            assert {k: (ver, kind, version) for k, ver, kind, version in rows} == self.model.register

    @invariant()
    def every_step_is_as_modelled(self) -> None:
        if hasattr(self, "model"):
            rows = Approval.objects.values_list("key", "step", "decided_by_id", "role")
            keys = {login: getattr(self.cast, login).key for login in PEOPLE}
            assert {row[0]: row[1:] for row in rows} == {
                a.key: (a.step, keys.get(a.decided_by or ""), a.role) for a in self.model.asked
            }

    @invariant()
    def no_author_decided(self) -> None:
        if hasattr(self, "model"):
            for lines in Approval.objects.exclude(decided_by=None).values_list("key", "decided_by_id"):
                wrote = Version.objects.filter(kind="approval", rec=lines[0], act_name__in=approve.AUTHORING)
                assert f"person:{lines[1]}" not in wrote.values_list("by", flat=True)


@pytest.mark.django_db
@pytest.mark.slow
@pytest.mark.postgresql
def test_whatever_people_do_only_approved_changes_reach_the_register():
    run_state_machine_as_test(
        Approvals,
        settings=settings(max_examples=80, stateful_step_count=40, suppress_health_check=list(HealthCheck)),
    )
