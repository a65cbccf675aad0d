"""Rights, worked out from the appointments that stand on the day. Nothing is stored: a lapsed one gives none."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

from django.db.models import Q

from sekisho.access.models import Account
from sekisho.kernel import clock
from sekisho.kernel.errors import Refused
from sekisho.kernel.texts import Text
from sekisho.records.models import Appointment, Person
from sekisho.records.record import STAFF, Record
from sekisho.records.roles import ROLES

OPERATOR = "operator"
ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Held:
    """A role that a person holds on the day, for a unit or a system or the whole member."""

    role: str
    unit: str | None = None
    system: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `by` is what the ledger writes; `person` is the key, None for services and the operator.

    `administers`: may keep accounts and tokens of others. `service`: a program of its own, with the kinds of its token
    and nothing else. `reads` and `writes` bound what a token may touch (None: no bound beside the person's own rights).
    """

    by: str
    person: str | None = None
    held: frozenset[Held] = frozenset()
    works_here: bool = False
    operator: bool = False
    administers: bool = False
    service: bool = False
    reads: frozenset[str] | None = None
    writes: frozenset[str] | None = None
    day: date = field(default_factory=clock.today)

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(h.role for h in self.held)

    def holds(self, roles: frozenset[str]) -> bool:
        return bool(self.roles & roles)


def nobody() -> Actor:
    """Who has not signed in."""
    return Actor("")


def actor_for_person(person: str, day: date | None = None) -> Actor:
    """The actor that a person is on a day. Who does not work here on that day holds nothing."""
    on = day or clock.today()
    working = Q(person__joined_on__lte=on) & (Q(person__left_on__isnull=True) | Q(person__left_on__gte=on))
    standing = Q(since_on__lte=on) & (Q(until_on__isnull=True) | Q(until_on__gte=on))
    appointments = Appointment.objects.filter(working, standing, person_id=person)
    held = frozenset(Held(*row) for row in appointments.values_list("role", "unit_id", "system_id"))
    return Actor(
        f"person:{person}",
        person,
        held,
        works_here=bool(held) or _works_here(person, on),
        administers=any(h.role == ADMINISTRATOR for h in held),
        day=on,
    )


def _works_here(person: str, on: date) -> bool:
    stayed = Q(left_on__isnull=True) | Q(left_on__gte=on)
    return Person.objects.filter(stayed, pk=person, joined_on__lte=on).exists()


def actor_for_account(account: Account, day: date | None = None) -> Actor:
    """The actor that signs in with an account: its person, and whether it keeps accounts.

    An account without a person is an administrator's from the installation's first day: it keeps accounts, no records.
    """
    if not account.person:
        return Actor(f"{OPERATOR}:{account.login}", administers=account.administers, day=day or clock.today())
    actor = actor_for_person(account.person, day)
    keeps = actor.administers or (account.administers and actor.works_here)
    return replace(actor, administers=keeps)


def operator_actor(login: str) -> Actor:
    """Whoever runs commands on the installation's own machine: may keep every register, approves nothing."""
    return Actor(f"{OPERATOR}:{login}", operator=True, administers=True)


def may_read(actor: Actor, model: type[Record]) -> bool:
    """Whether the actor may read records of the kind."""
    if actor.reads is not None and model.about.name not in actor.reads:
        return False
    readers = model.about.readers
    return (
        actor.operator
        or actor.service
        or (STAFF in readers and actor.works_here)
        or actor.holds(readers | model.about.writers)
    )


def may_write(actor: Actor, model: type[Record]) -> bool:
    """Whether the actor may write records of the kind, or ask for a change where it takes approval."""
    if actor.writes is not None and model.about.name not in actor.writes:
        return False
    return actor.operator or actor.service or actor.holds(model.about.writers)


def require_read(actor: Actor, model: type[Record]) -> None:
    if not may_read(actor, model):
        raise Refused(roles=role_names(model.about.readers | model.about.writers))


def require_write(actor: Actor, model: type[Record]) -> None:
    if not may_write(actor, model):
        raise Refused(roles=role_names(model.about.writers))


def role_names(roles: frozenset[str]) -> Text:
    """The roles' names, in the order in which the rule's offices stand."""
    known = [ROLES[r] for r in ROLES if r in roles]
    staff = [("在籍中の役職員", "whoever works at the member")] if STAFF in roles else []
    pairs = staff + known
    return Text("、".join(ja for ja, _ in pairs), ", ".join(en for _, en in pairs))
