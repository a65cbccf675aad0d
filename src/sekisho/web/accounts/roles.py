"""Roles in words, and whether they let somebody approve."""

from __future__ import annotations

from sekisho.access.rights import Actor, Held
from sekisho.kernel.texts import Text
from sekisho.records.models import System, Unit
from sekisho.records.roles import MANAGEMENT, ROLES, SECRETARIAT

APPROVERS = MANAGEMENT | SECRETARIAT


def approves(actor: Actor) -> bool:
    """Whether one of the person's roles of today approves changes somewhere in the rule."""
    return actor.holds(APPROVERS)


def held_in_words(actor: Actor) -> list[Text]:
    """The roles that the actor holds, in the order of the rule's offices, each with its unit or system."""
    order = list(ROLES)
    held = sorted(actor.held, key=lambda h: (order.index(h.role), h.unit or "", h.system or ""))
    units = dict(Unit.objects.filter(pk__in=[h.unit for h in held if h.unit]).values_list("pk", "name"))
    systems = dict(
        System.objects.filter(pk__in=[h.system for h in held if h.system]).values_list("pk", "name")
    )
    return [_in_words(h, units.get(h.unit or "") or systems.get(h.system or "")) for h in held]


def _in_words(held: Held, where: str | None) -> Text:
    ja, en = ROLES[held.role]
    return Text(f"{ja}（{where}）", f"{en} ({where})") if where else Text(ja, en)
