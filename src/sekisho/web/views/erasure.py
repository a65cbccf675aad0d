"""Ask that the personal values of somebody who left be erased: it takes a second person's approval."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from sekisho.kernel.errors import Conflict, Invalid
from sekisho.kernel.texts import Text
from sekisho.records.models import Person
from sekisho.records.record import Record
from sekisho.records.register import one
from sekisho.web.entry import reader, writable
from sekisho.web.forms import reason_of, version_of
from sekisho.web.templatetags.sekisho import say
from sekisho.workflows.approve import ask_erasure

_ASKED = Text("{key} として申請しました。承認後に消去されます。", "Submitted as {key}; erased when approved.")


def erasure(request: HttpRequest, key: str) -> HttpResponse:
    writable(request, "person")
    row = one(Person, key)
    problems: list[Text] = []
    status = 200
    if request.method == "POST":
        try:
            asked = ask_erasure(
                reader(request), key, reason_of(request.POST), expected_ver=version_of(request.POST)
            )
            messages.success(request, say(_ASKED.format(key=asked.key)))
            return redirect("approval", asked.key)
        except Invalid as wrong:
            problems, status = [text for texts in wrong.problems.values() for text in texts], wrong.status
        except Conflict as refusal:
            problems, status = [refusal.text], refusal.status
    context = {"row": row, "problems": problems, "personal": personal_labels(Person)}
    return render(request, "erasure.html", context, status=status)


def personal_labels(model: type[Record]) -> list[Text]:
    """The names of the fields that would be erased."""
    return [field.label for field in model.kind_fields().values() if field.personal]
