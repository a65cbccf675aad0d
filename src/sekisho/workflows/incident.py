"""What a tool drafted is an incident once a person says so; what is none is dismissed, with the reason."""

from __future__ import annotations

from typing import cast

from sekisho.access.rights import Actor, require_write
from sekisho.kernel.errors import Conflict, Invalid, NotFound
from sekisho.kernel.texts import Text
from sekisho.records.models import Incident
from sekisho.records.record import Values
from sekisho.workflows.act import act, require_reason
from sekisho.workflows.record import problems_of, whole_values


class NoDraft(Conflict):
    """Somebody confirmed or dismissed it before."""

    code = "no_draft"
    text = Text(
        "{key} は「{state}」です。未確定のインシデントだけを確定・対象外にできます。",
        "{key} is '{state}'. Only a draft can be confirmed or dismissed.",
    )


def confirm(
    actor: Actor, key: str, reason: str, *, expected_ver: int | None = None, values: Values | None = None
) -> Incident:
    """The draft is an incident: open from now on. `values` mend what the tool got wrong (kind, severity, systems)."""
    return _decide(actor, "confirm_incident", key, (values or {}) | {"state": "open"}, reason, expected_ver)


def dismiss(actor: Actor, key: str, reason: str, *, expected_ver: int | None = None) -> Incident:
    """The draft is no incident. It stays on record, with the reason in its history."""
    return _decide(actor, "dismiss_incident", key, {"state": "dismissed"}, reason, expected_ver)


def _decide(
    actor: Actor, name: str, key: str, values: Values, reason: str, expected_ver: int | None
) -> Incident:
    require_write(actor, Incident)
    require_reason(reason)
    with act(name, actor.by, reason) as doing:
        standing = Incident.objects.select_for_update().filter(pk=key).first()
        if standing is None:
            raise NotFound(what=f"incident:{key}")
        if standing.state != "draft":
            state = Incident.kind_fields()["state"].label_of(standing.state)
            raise NoDraft(key=key, state=state)
        if expected_ver is not None and expected_ver != standing.ver:
            raise Conflict
        whole = whole_values(Incident, key, values)
        if found := problems_of(Incident, key, whole):
            raise Invalid(found)
        return cast(Incident, doing.put(Incident, key, whole, expected_ver=standing.ver))
