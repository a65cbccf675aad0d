"""Erase a person's personal values: the ledger keeps the commitments, so every proof stays valid.

It is asked for and approved like a governed change (`approve.ask_erasure`), by two people, since nothing brings the
values back.
"""

from __future__ import annotations

import json

from sekisho.kernel import clock
from sekisho.kernel.errors import Conflict, Invalid, NotFound
from sekisho.kernel.texts import Text
from sekisho.ledger.models import Version
from sekisho.ledger.personal import erase, values_of
from sekisho.records.models import Person
from sekisho.records.record import Record
from sekisho.workflows.act import Act

_WORKING = Text(
    "在籍中の人の個人情報は消去できません。退職日を登録し、その翌日以後に消去してください。",
    "The personal values of somebody who works here cannot be erased. Record the last day; erase after it.",
)


class NothingToErase(Conflict):
    """No personal value of the person is kept any more."""

    code = "nothing_to_erase"
    text = Text(
        "{person} の個人情報は既に消去されています。",
        "Nothing personal is kept of {person} any more.",
    )


def refuse_working(key: str) -> None:
    """Raise where the person still works here, is unknown, or is erased already."""
    person = Person.objects.filter(pk=key).first()
    if person is None:
        raise NotFound(what=f"person:{key}")
    if person.left_on is None or person.left_on >= clock.today():
        raise Invalid({"left_on": [_WORKING]})
    if not values_of(commitments_of(key)):
        raise NothingToErase(person=key)


def erase_person(doing: Act, key: str) -> Record:
    """Erase the values of every version, and blank them in the register by a new version. In the act under way."""
    commitments = commitments_of(key)
    personal = [name for name, field in Person.kind_fields().items() if field.personal]
    blanked = doing.put(Person, key, dict.fromkeys(personal, ""))
    erased = erase(commitments)
    doing.note("erasure", doing.id, {"person": key, "erased": erased, "commitments": commitments})
    return blanked


def commitments_of(key: str) -> list[str]:
    """What all versions of a person commit to, oldest first, each once."""
    found: dict[str, None] = {}
    for body in Version.objects.filter(kind="person", rec=key).order_by("ver").values_list("body", flat=True):
        values = json.loads(bytes(body)).values()
        found.update({v["$c"]: None for v in values if isinstance(v, dict) and "$c" in v})
    return list(found)
