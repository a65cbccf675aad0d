"""Personal values beside the name: for those who keep the register, and for the person concerned."""

from __future__ import annotations

from sekisho.access.rights import Actor, may_write
from sekisho.records.record import Record

SHOWN_TO_STAFF = ("name",)  # personal, but staff must know whom a record means


def may_see_personal(actor: Actor, model: type[Record], key: str = "") -> bool:
    """Whether the actor sees the personal values of a record; without a key, those of all."""
    oneself = model.about.name == "person" and bool(key) and actor.person == key
    return oneself or may_write(actor, model)


def hidden_fields(actor: Actor, model: type[Record], key: str = "") -> frozenset[str]:
    """The fields of a record (without a key: of the register) whose values the actor does not see."""
    if may_see_personal(actor, model, key):
        return frozenset()
    fields = model.kind_fields().items()
    return frozenset(n for n, f in fields if f.personal and n not in SHOWN_TO_STAFF)
