"""Say in the ledger that records left the product: who took which registers, how many records, in which form."""

from sekisho.access.rights import Actor
from sekisho.workflows.act import act


def note_export(actor: Actor, form: str, counts: dict[str, int], reason: str = "") -> str:
    """Leave the line before the file is written, so that no export is without one; returns the act's identifier."""
    with act("export", actor.by, reason) as doing:
        doing.note("act", doing.id, {"name": "export", "form": form, "records": counts})
    return doing.id
