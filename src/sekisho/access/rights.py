"""Rights, worked out from the appointments that stand on the day. Nothing is stored: a lapsed appointment gives none."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q

from sekisho.kernel import clock
from sekisho.kernel.errors import Refused
from sekisho.kernel.texts import Text
from sekisho.records.models import Appointment, Person
from sekisho.records.record import STAFF, Record
from sekisho.records.roles import ROLES

OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Held:
    """A role that a person holds on the day, for a unit or a system or the whole member."""

    role: str
    unit: str | None = None
    system: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `by` is what the ledger writes; `person` is the key, None for services and the operator.

    `reads` and `writes` bound what a token may touch (None: no bound beside the person's own rights).
    """

    by: str
    person: str | None = None
    held: frozenset[Held] = frozenset()
    works_here: bool = False
    operator: bool = False
    reads: frozenset[str] | None = None
    writes: frozenset[str] | None = None
    day: date = field(default_factory=clock.today)

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(h.role for h in self.held)

    def holds(self, roles: frozenset[str]) -> bool:
        return bool(self.roles & roles)


def actor_for_person(person: str, day: date | None = None) -> Actor:
    """The actor that a person is on a day. Who does not work here on that day holds nothing."""
    on = day or clock.today()
    working = Person.objects.filter(
        Q(left_on__isnull=True) | Q(left_on__gte=on), pk=person, joined_on__lte=on
    ).exists()
    if not working:
        return Actor(f"person:{person}", person, day=on)
    standing = Appointment.objects.filter(
        Q(until_on__isnull=True) | Q(until_on__gte=on), person_id=person, since_on__lte=on
    )
    held = frozenset(Held(*row) for row in standing.values_list("role", "unit_id", "system_id"))
    return Actor(f"person:{person}", person, held, works_here=True, day=on)


def operator_actor(login: str) -> Actor:
    """Whoever runs commands on the installation's own machine: may keep every register, approves nothing."""
    return Actor(f"{OPERATOR}:{login}", operator=True)


def may_read(actor: Actor, model: type[Record]) -> bool:
    """Whether the actor may read records of the kind."""
    if actor.reads is not None and model.about.name not in actor.reads:
        return False
    readers = model.about.readers
    return (
        actor.operator
        or (STAFF in readers and actor.works_here)
        or actor.holds(readers | model.about.writers)
    )


def may_write(actor: Actor, model: type[Record]) -> bool:
    """Whether the actor may write records of the kind, or ask for a change where it takes approval."""
    if actor.writes is not None and model.about.name not in actor.writes:
        return False
    return actor.operator or actor.holds(model.about.writers)


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
