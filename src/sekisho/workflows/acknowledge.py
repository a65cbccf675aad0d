"""A person says that he or she knows a document that is in force: for oneself only, once for each version."""

from __future__ import annotations

from typing import cast

from sekisho.access.rights import Actor, actor_for_person
from sekisho.kernel import clock
from sekisho.kernel.errors import Conflict, NotFound, Refused
from sekisho.kernel.texts import Text
from sekisho.records.models import Acknowledgement, Document
from sekisho.workflows.act import act, next_keys

_ONESELF = Text(
    "周知確認は、在籍中の本人が自分のアカウントで行う必要があります。",
    "To acknowledge a document takes a person who works here, with an account of that person's own.",
)


class NotInForce(Conflict):
    """Only the version in force is acknowledged."""

    code = "not_in_force"
    text = Text(
        "{document} は今日（{day}）有効な版ではありません。有効な版を確認してください。",
        "{document} is not in force today ({day}). Acknowledge the version that is.",
    )


def acknowledge(actor: Actor, document: str) -> Acknowledgement:
    """The person's acknowledgement of a document (by key) in force. Given again, it is the first one that counts."""
    person = _person_of(actor)
    _require_in_force(document)
    if given := _given(person, document):
        return given
    with act("acknowledge", actor.by) as doing:
        key = next_keys(Acknowledgement)[0]  # whoever acknowledges at the same time waits here
        if given := _given(person, document):
            return given
        values = {"person": person, "document": document, "at": clock.now()}
        return cast(Acknowledgement, doing.put(Acknowledgement, key, values, expected_ver=0))


def _person_of(actor: Actor) -> str:
    """The person, who must work here now. A token that may not write acknowledgements gives none."""
    outside_token = actor.writes is not None and "acknowledgement" not in actor.writes
    if actor.person is None or outside_token or not actor_for_person(actor.person).works_here:
        raise Refused(_ONESELF)
    return actor.person


def _require_in_force(key: str) -> None:
    document, today = Document.objects.filter(pk=key).first(), clock.today()
    if document is None:
        raise NotFound(what=f"document:{key}")
    since, until = document.in_force_on, document.until_on
    if since is None or since > today or (until is not None and until < today):
        raise NotInForce(document=f"{document.title} {document.version}", day=today)


def _given(person: str, document: str) -> Acknowledgement | None:
    return Acknowledgement.objects.filter(person_id=person, document_id=document).order_by("key").first()
