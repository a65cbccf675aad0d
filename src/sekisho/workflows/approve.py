"""Approvals: a governed change is asked for by one person, decided by another, and written where it is approved.

| step | act | next step | who |
|---|---|---|---|
| - | ask_approval | draft, submitted | may write the kind |
| draft, sent_back | edit_draft | draft | may write the kind |
| draft | submit_approval | submitted | may write the kind |
| submitted | approve | approved | holds a role that approves it today; did not ask or edit; is not appointed by it |
| submitted | send_back | sent_back | as approve |
| draft, submitted, sent_back | withdraw_approval | withdrawn | who asked |

Each step is one act. `expected_ver` is the approval's version that the person saw. What was decided stays decided: a
second decision, or a replayed one, is a Conflict. `reason` on the record is that of its newest step; the earlier ones
stand in its history.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import cast

from django.db.models import Q

from sekisho.access.rights import Actor, actor_for_person, require_write, role_names
from sekisho.kernel import clock
from sekisho.kernel.errors import Conflict, NotFound, Refused
from sekisho.kernel.texts import Text
from sekisho.ledger.models import Version
from sekisho.records.models import Appointment, Approval, Person
from sekisho.records.record import Record, Values
from sekisho.records.roles import ROLES
from sekisho.workflows.act import Act, act, next_keys, require_reason
from sekisho.workflows.change import Change, change_of, erasing, removing, writing
from sekisho.workflows.record import checked_key

NEXT = {
    ("draft", "edit_draft"): "draft",
    ("sent_back", "edit_draft"): "draft",
    ("draft", "submit_approval"): "submitted",
    ("submitted", "approve"): "approved",
    ("submitted", "send_back"): "sent_back",
    ("draft", "withdraw_approval"): "withdrawn",
    ("submitted", "withdraw_approval"): "withdrawn",
    ("sent_back", "withdraw_approval"): "withdrawn",
}
AUTHORING = ("ask_approval", "edit_draft", "submit_approval")
OPEN = ("draft", "submitted", "sent_back")


class WrongStep(Conflict):
    """The approval is at a step that does not allow the act: decided already, or not submitted yet."""

    code = "wrong_step"
    text = Text(
        "{key} は「{step}」のため、この操作はできません。画面を読み直してください。",
        "{key} is '{step}', which does not allow this. Read the page again.",
    )


class AlreadyAsked(Conflict):
    """The same person has the same change open already."""

    code = "already_asked"
    text = Text("同じ内容の申請 {key} が既にあります。", "The same change is asked for already: {key}.")


class OwnChange(Refused):
    """Whoever asked for a change, or edited it, does not decide it, whatever roles are held."""

    code = "own_change"
    text = Text(
        "自分が申請または編集した変更は、自分では承認も差戻しもできません。承認できる人: {others}",
        "You asked for or edited this change, so you may not decide it. Who may: {others}",
    )


class AboutOneself(Refused):
    """The change is the decider's own appointment, or erasure."""

    code = "about_oneself"
    text = Text(
        "自分自身の任命などに関する変更は、自分では決定できません。承認できる人: {others}",
        "The change is about yourself, so you may not decide it. Who may: {others}",
    )


# --- asking -----------------------------------------------------------------------------------------------------


def ask(
    actor: Actor,
    model: type[Record],
    key: str | None,
    values: Values,
    reason: str = "",
    *,
    draft: bool = False,
    expected_ver: int | None = None,
) -> Approval:
    """Ask for a new record (`key` None: the next free key) or a change of one. `values` as in `save_record`.

    `expected_ver` is the subject's version that the person saw. Raises Refused, Invalid, Conflict, NoApprovalNeeded.
    """
    asking = _present(actor)
    require_write(asking, model)
    with act("ask_approval", actor.by, reason) as doing:
        number = next_keys(Approval)[0]  # first, so that those who ask at the same time wait here
        chosen = checked_key(key) if key else _free_key(model)
        return _asked(doing, asking, number, writing(model, chosen, values, expected_ver), draft)


def ask_removal(
    actor: Actor, model: type[Record], key: str, reason: str, *, expected_ver: int | None = None
) -> Approval:
    """Ask that a record be taken out of its register. The reason is needed."""
    asking = _present(actor)
    require_write(asking, model)
    require_reason(reason)
    with act("ask_approval", actor.by, reason) as doing:
        number = next_keys(Approval)[0]
        return _asked(doing, asking, number, removing(model, key, expected_ver), draft=False)


def ask_erasure(actor: Actor, person: str, reason: str, *, expected_ver: int | None = None) -> Approval:
    """Ask that a person's personal values be erased for ever. The reason is needed."""
    asking = _present(actor)
    require_write(asking, Person)
    require_reason(reason)
    with act("ask_approval", actor.by, reason) as doing:
        number = next_keys(Approval)[0]
        return _asked(doing, asking, number, erasing(person, expected_ver), draft=False)


def edit_draft(
    actor: Actor, key: str, values: Values, reason: str = "", *, expected_ver: int | None = None
) -> Approval:
    """Change what a draft, or a change that was sent back, asks for: made anew against the record as it stands now."""
    editing = _present(actor)
    with act("edit_draft", actor.by, reason) as doing:
        approval, step = _locked(key, "edit_draft", expected_ver)
        old = change_of(approval)
        require_write(editing, old.model)
        if old.op != "write":
            raise WrongStep(key=key, step=Text("編集できない変更", "not a change of values"))
        change = writing(old.model, old.key, values)
        undecided = dict.fromkeys(("role", "decided_by", "decision", "at"))
        return _put(doing, approval, step=step, change=change.text, reason=reason or None, **undecided)


def submit(actor: Actor, key: str, expected_ver: int | None = None, reason: str = "") -> Approval:
    """Hand a draft to those who may approve it."""
    submitting = _present(actor)
    with act("submit_approval", actor.by, reason) as doing:
        approval, step = _locked(key, "submit_approval", expected_ver)
        change = change_of(approval)
        require_write(submitting, change.model)
        change.refuse_wrong()
        change.refuse_backdated()
        return _put(doing, approval, step=step, asked_at=clock.now(), reason=reason or approval.reason)


def withdraw(actor: Actor, key: str, reason: str = "", expected_ver: int | None = None) -> Approval:
    """Take back what one asked for oneself."""
    with act("withdraw_approval", actor.by, reason) as doing:
        approval, step = _locked(key, "withdraw_approval", expected_ver)
        if actor.person is None or actor.person != approval.asked_by_id:
            raise Refused(_ONLY_WHO_ASKED, asked_by=named([approval.asked_by_id]))
        return _put(doing, approval, step=step, reason=reason or None)


# --- deciding ---------------------------------------------------------------------------------------------------


def approve(actor: Actor, key: str, reason: str = "", expected_ver: int | None = None) -> Approval:
    """Agree to a change: it is written to its register in this same transaction, or nothing is.

    Raises Conflict (SubjectChanged, WrongStep), Refused (OwnChange, AboutOneself), Invalid.
    """
    with act("approve", actor.by, reason) as doing:
        approval, step = _locked(key, "approve", expected_ver)
        change = change_of(approval)
        change.refuse_stale()
        role = _deciding_role(actor, approval, change)
        change.refuse_backdated()
        ver = change.apply(doing)
        return _decided(doing, actor, approval, role, step, reason, subject_ver=ver)


def send_back(actor: Actor, key: str, reason: str, expected_ver: int | None = None) -> Approval:
    """Refuse a change for now, with the reason that its author needs."""
    require_reason(reason)
    with act("send_back", actor.by, reason) as doing:
        approval, step = _locked(key, "send_back", expected_ver)
        role = _deciding_role(actor, approval, change_of(approval))
        return _decided(doing, actor, approval, role, step, reason)


def _decided(
    doing: Act, actor: Actor, approval: Approval, role: str, step: str, reason: str, **values: int
) -> Approval:
    decision = {"decision": step, "role": role, "decided_by": actor.person, "at": clock.now()}
    return _put(doing, approval, step=step, reason=reason or None, **decision, **values)


def _deciding_role(actor: Actor, approval: Approval, change: Change) -> str:
    """The role in which the person decides, held today and kept from ending until the decision is written."""
    if actor.person is not None:
        _hold_still(actor.person, change)
    deciding = _present(actor)
    if refusal := refusal_of(deciding, change, authors_of(approval)):
        raise refusal
    return next(role for role in ROLES if role in deciding.roles & change.roles)


def _hold_still(person: str, change: Change) -> None:
    """Lock the person and the offices held, so that neither ends under the decision (PostgreSQL).

    An appointment that is decided on is locked with them, in the order of keys: two who decide on each other's
    appointments wait, and do not lock each other out.
    """
    offices = Q(person_id=person) | (Q(pk=change.key) if change.model is Appointment else Q())
    list(Person.objects.select_for_update(no_key=True).filter(pk=person))
    list(Appointment.objects.select_for_update(no_key=True).filter(offices).order_by("pk"))


# --- who may ----------------------------------------------------------------------------------------------------


def may_decide(actor: Actor, change: Change, written_by: frozenset[str]) -> bool:
    """Whether the actor may decide a change that these people wrote."""
    barred = written_by | change.concerned
    return _holds_office(actor, change) and actor.person not in barred


def refusal_of(actor: Actor, change: Change, written_by: frozenset[str]) -> Refused | None:
    """Why the actor may not decide a change that these people wrote; None where the actor may."""
    if may_decide(actor, change, written_by):
        return None
    if not _holds_office(actor, change):
        return Refused(roles=role_names(change.roles))
    others = _others(change, written_by, actor.day)
    return OwnChange(others=others) if actor.person in written_by else AboutOneself(others=others)


def _holds_office(actor: Actor, change: Change) -> bool:
    outside_token = actor.writes is not None and "approval" not in actor.writes
    return actor.person is not None and not outside_token and actor.holds(change.roles)


def authors(asked_by: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """For approvals (key to who asked) the people who asked for, edited or submitted each, as the ledger has it."""
    found = {key: {person} for key, person in asked_by.items()}
    lines = Version.objects.filter(kind="approval", rec__in=list(found), act_name__in=AUTHORING)
    for key, by in lines.values_list("rec", "by"):
        found[key].add(by.removeprefix("person:"))
    return {key: frozenset(people) for key, people in found.items()}


def authors_of(approval: Approval) -> frozenset[str]:
    """The people who asked for, edited or submitted one approval."""
    return authors({approval.key: approval.asked_by_id})[approval.key]


def entitled(change: Change, written_by: frozenset[str], day: date) -> list[str]:
    """The people who may decide the change on a day, by key."""
    standing = Q(since_on__lte=day) & (Q(until_on__isnull=True) | Q(until_on__gte=day))
    working = Q(person__joined_on__lte=day) & (Q(person__left_on__isnull=True) | Q(person__left_on__gte=day))
    holders = Appointment.objects.filter(standing & working, role__in=sorted(change.roles))
    people = set(holders.values_list("person_id", flat=True))
    return sorted(people - written_by - change.concerned)


def named(people: Iterable[str]) -> str:
    """People as one reads them: name and key."""
    wanted = list(people)
    names = dict(Person.objects.filter(pk__in=wanted).values_list("pk", "name"))
    return "、".join(f"{names[key]} ({key})" if names.get(key) else key for key in wanted)


def in_force_on(approval: Approval) -> date | None:
    """The day from which an approved change counts: the one that it names, else that of the decision."""
    if approval.step != "approved":
        return None
    decided_on = clock.day_of(approval.at) if approval.at else None
    return (change_of(approval).in_force_on if approval.change else None) or decided_on


# --- parts ------------------------------------------------------------------------------------------------------

_ONLY_WHO_ASKED = Text(
    "取り下げられるのは申請した人（{asked_by}）だけです。",
    "Only who asked for it ({asked_by}) may withdraw it.",
)
_PEOPLE_ONLY = Text(
    "申請と承認は、在籍中の人が自分のアカウントで行う必要があります。",
    "Asking and approving take a person who works here, with an account of that person's own.",
)
_NOBODY_ELSE = Text(
    "現在ほかに該当者がいません（必要な役割: {roles}）。ほかの人をこの役割に任命してください。",
    "nobody at present (it takes the role: {roles}). Appoint somebody else to it.",
)


def _present(actor: Actor) -> Actor:
    """The person as of this moment, whatever the caller's actor was made from; a token's bounds stay."""
    if actor.person is None:
        raise Refused(_PEOPLE_ONLY)
    return replace(actor_for_person(actor.person), by=actor.by, reads=actor.reads, writes=actor.writes)


def _others(change: Change, written_by: frozenset[str], day: date) -> Text:
    people = named(entitled(change, written_by, day))
    return Text(people, people) if people else _NOBODY_ELSE.format(roles=role_names(change.roles))


def _asked(doing: Act, actor: Actor, number: str, change: Change, draft: bool) -> Approval:
    if not draft:
        change.refuse_backdated()
    _refuse_twin(actor, change)
    values = {
        "subject": change.subject,
        "step": "draft" if draft else "submitted",
        "change": change.text,
        "asked_by": actor.person,
        "asked_at": clock.now(),
        "reason": doing.reason or None,
    }
    return cast(Approval, doing.put(Approval, number, values, expected_ver=0))


def _refuse_twin(actor: Actor, change: Change) -> None:
    """The same request, sent again, is not asked for twice (a new record's key differs each time)."""
    same = Approval.objects.filter(asked_by_id=actor.person, change=change.text, step__in=OPEN)
    same = same.filter(subject__startswith=f"{change.model.about.name}:")
    twin = (same if not change.seen else same.filter(subject=change.subject)).first()
    if twin:
        raise AlreadyAsked(key=twin.key)


def _free_key(model: type[Record]) -> str:
    """The next key that no record has, had, or is asked for."""
    free = next_keys(model)[0]
    start = f"{model.about.name}:{model.about.prefix}-"
    asked = Approval.objects.filter(subject__startswith=start).values_list("subject", flat=True)
    tails = [subject.removeprefix(start) for subject in asked]
    numbers = [int(free.rpartition("-")[2]) - 1, *(int(t) for t in tails if t.isascii() and t.isdigit())]
    return f"{model.about.prefix}-{max(numbers) + 1:04d}"


def _locked(key: str, doing: str, expected_ver: int | None) -> tuple[Approval, str]:
    """The approval, kept from other acts until this one ends, and the step that the act leads to."""
    approval = Approval.objects.select_for_update().filter(pk=key).first()
    if approval is None:
        raise NotFound(what=f"approval:{key}")
    if (approval.step, doing) not in NEXT:
        raise WrongStep(key=key, step=_step_name(approval))
    if expected_ver is not None and expected_ver != approval.ver:
        raise Conflict
    return approval, NEXT[approval.step, doing]


def _step_name(approval: Approval) -> Text:
    return Approval.kind_fields()["step"].label_of(approval.step)


def _put(doing: Act, approval: Approval, **values: object) -> Approval:
    return cast(Approval, doing.put(Approval, approval.key, values, expected_ver=approval.ver))
