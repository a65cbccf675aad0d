"""Withdrawals that the watch held: released by two people, refused by one.

| step | who | what it asks |
|---|---|---|
| ask_release | who may write the kind | nobody asked before; has not released it first |
| release | holds a role of RELEASERS today; did not ask | the first is noted, a second and different person releases |
| refuse | holds a role of RELEASERS today | a reason |

What is decided stays decided. The withdrawal service is told by the webhook (`sending`).
"""

from __future__ import annotations

from typing import Any, cast

from sekisho.access.rights import Actor, actor_for_person, require_write, role_names
from sekisho.kernel import clock
from sekisho.kernel.errors import Conflict, NotFound, Refused
from sekisho.kernel.texts import Text
from sekisho.records.models import HeldWithdrawal
from sekisho.records.roles import RELEASERS
from sekisho.workflows.act import Act, act, require_reason
from sekisho.workflows.watch_after.sending import tell_decision


class DecidedAlready(Conflict):
    code = "decided_already"
    text = Text(
        "{key} は「{state}」です。既に決定されています。", "{key} is '{state}': it is decided already."
    )


class AskedAlready(Conflict):
    code = "asked_already"
    text = Text("{key} の許可は既に申請されています。", "The release of {key} is asked for already.")


class OwnRequest(Refused):
    """Whoever asked for the release is none of the two who release."""

    code = "own_request"
    text = Text(
        "自分が申請した出金は、自分では許可できません。ほかの権限者2名の許可が必要です。",
        "You asked for this release, so you are none of the two who may give it.",
    )


class SecondPersonNeeded(Refused):
    """One person releases nothing alone."""

    code = "second_person_needed"
    text = Text(
        "1人目として既に許可しています。ほかの権限者の許可が必要です。",
        "You released it already as the first. It takes a second, different person.",
    )


def ask_release(actor: Actor, key: str, reason: str, *, expected_ver: int | None = None) -> HeldWithdrawal:
    """Ask that a held withdrawal be released. Raises Refused, Invalid, AskedAlready, DecidedAlready."""
    asking = _present(actor)
    require_write(asking, HeldWithdrawal)
    with act("ask_release", actor.by, _given(reason)) as doing:
        held = _locked(key, expected_ver)
        if held.asked_by_id:
            raise AskedAlready(key=key)
        if held.first_by_id == asking.person:
            raise OwnRequest
        return _put(doing, held, asked_by=asking.person, asked_at=clock.now())


def release(actor: Actor, key: str, reason: str = "", *, expected_ver: int | None = None) -> HeldWithdrawal:
    """Agree to the release: the first of two, or the second, who releases it.

    Raises Refused, OwnRequest, SecondPersonNeeded, DecidedAlready, Conflict.
    """
    releasing = _entitled(actor)
    with act("release_withdrawal", actor.by, reason) as doing:
        held = _locked(key, expected_ver)
        if held.asked_by_id == releasing.person:
            raise OwnRequest
        if held.first_by_id is None:
            return _put(doing, held, first_by=releasing.person, first_at=clock.now())
        if held.first_by_id == releasing.person:
            raise SecondPersonNeeded
        return _decided(doing, held, releasing, "released", reason or held.reason)


def refuse(actor: Actor, key: str, reason: str, *, expected_ver: int | None = None) -> HeldWithdrawal:
    """Refuse the withdrawal for good, with the reason. Raises Refused, Invalid, DecidedAlready, Conflict."""
    refusing = _entitled(actor)
    with act("refuse_withdrawal", actor.by, _given(reason)) as doing:
        return _decided(doing, _locked(key, expected_ver), refusing, "refused", reason)


def _decided(doing: Act, held: HeldWithdrawal, by: Actor, state: str, reason: str | None) -> HeldWithdrawal:
    told: dict[str, Any] = {"state": state, "decided_by": by.person, "decided_at": clock.now()}
    record = _put(doing, held, **told, reason=reason)
    tell_decision(record.key)
    return record


def _put(doing: Act, held: HeldWithdrawal, **values: Any) -> HeldWithdrawal:
    return cast(HeldWithdrawal, doing.put(HeldWithdrawal, held.key, values, expected_ver=held.ver))


def _locked(key: str, expected_ver: int | None) -> HeldWithdrawal:
    held = HeldWithdrawal.objects.select_for_update().filter(pk=key).first()
    if held is None:
        raise NotFound(what=f"held_withdrawal:{key}")
    if expected_ver is not None and expected_ver != held.ver:
        raise Conflict
    if held.state != "held":
        raise DecidedAlready(key=key, state=HeldWithdrawal.kind_fields()["state"].label_of(held.state))
    return held


def _present(actor: Actor) -> Actor:
    """The person with the rights of today, within the bounds that the actor came with. Raises Refused."""
    if actor.person is None or (actor.writes is not None and "held_withdrawal" not in actor.writes):
        raise Refused(roles=role_names(RELEASERS))
    return actor_for_person(actor.person)


def _entitled(actor: Actor) -> Actor:
    today = _present(actor)
    if not today.holds(RELEASERS):
        raise Refused(roles=role_names(RELEASERS))
    return today


def _given(reason: str) -> str:
    require_reason(reason)
    return reason
