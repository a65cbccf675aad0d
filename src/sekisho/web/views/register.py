"""One register as a dense table: sorted, filtered, paged; each row leads to its record."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from sekisho.access.personal import hidden_fields
from sekisho.kernel.texts import Text
from sekisho.records.fields import Choice, Day, EvidenceFiles, Reference, Several, Words
from sekisho.records.record import Record
from sekisho.records.register import PAGE_SIZES, Asked, Page, Row, asked_of, listed
from sekisho.web.cells import Look, cell_html, is_number, record_url
from sekisho.web.entry import may_edit, past, readable, reader
from sekisho.web.filters import chips, filter_fields
from sekisho.web.templatetags.sekisho import language, say

_KEY = Text("キー", "Key")
_SELECT = Text("{key} を選択", "Select {key}")


@dataclass(frozen=True)
class Head:
    """A column's head. `url` sorts by it (empty: it cannot be sorted by); `order`: ascending, descending or none."""

    label: str
    url: str
    order: str
    css: str


def register(request: HttpRequest, kind: str) -> HttpResponse:
    model = readable(request, kind)
    asked = asked_of(model, dict(request.GET.lists()))
    columns = shown_columns(request, model)
    page = listed(
        model, asked, number=_number(request), size=_size(request), names=columns, then=past(request)
    )
    editable = may_edit(request, model)
    context = {
        "model": model,
        "about": model.about,
        "asked": asked,
        "page": page,
        "heads": heads(model, columns, asked, page.size),
        "body": body_html(model, columns, page, picks=editable),
        "filters": filter_fields(model, asked),
        "chips": chips(model, asked, page.titles, past(request)),
        "may_edit": editable,
        "sizes": PAGE_SIZES,
        "pager": pager(model, asked, page),
        "query": urlencode(asked.parameters(model)),
    }
    return render(request, "register.html", context)


def shown_columns(request: HttpRequest, model: type[Record]) -> tuple[str, ...]:
    """The kind's columns that the reader may see."""
    hidden = hidden_fields(reader(request), model)
    return tuple(name for name in model.about.columns if name not in hidden)


def heads(model: type[Record], columns: tuple[str, ...], asked: Asked, size: int) -> list[Head]:
    """The key's head, then the columns'."""
    fields = model.kind_fields()
    found = [Head(str(say(_KEY)), _url(model, asked.sorted_by("key"), 1, size), _order(asked, "key"), "")]
    for name in columns:
        sortable = not isinstance(fields[name], Several | EvidenceFiles)
        url = _url(model, asked.sorted_by(name), 1, size) if sortable else ""
        found.append(Head(str(say(fields[name].label)), url, _order(asked, name), css_of(fields[name])))
    return found


def body_html(model: type[Record], columns: tuple[str, ...], page: Page, *, picks: bool) -> SafeString:
    """The table's rows; the title leads to the record as its key does. `picks`: each with a box to choose it."""
    fields = model.kind_fields()
    starts = [(name, fields[name], _start(fields[name])) for name in columns]
    look = Look(page.titles, language(), short=True)
    return SafeString("".join(_row_html(model, row, starts, look, picks) for row in page.rows))


def _start(field: Any) -> str:
    css = css_of(field)
    return f'<td class="{css}">' if css else "<td>"


def _row_html(
    model: type[Record], row: Row, starts: list[tuple[str, Any, str]], look: Look, picks: bool
) -> str:
    url, key = record_url(model.about.name, row.key), escape(row.key)
    cells = [f'<th scope="row" class="nowrap"><a href="{url}" data-row>{key}</a></th>']
    if picks:
        box = '<input type="checkbox" class="form-check-input" name="key"'
        told = escape(_SELECT.format(key=row.key).in_(look.language))
        cells.insert(0, f'<td class="pick">{box} value="{key}" aria-label="{told}"></td>')
    for name, field, start in starts:
        html: str = cell_html(field, row.values[name], look)
        if name == model.about.title and row.values[name] and not isinstance(field, Reference):
            html = f'<a href="{url}">{html}</a>'
        cells.append(f"{start}{html}</td>")
    return f"<tr>{''.join(cells)}</tr>\n"


def css_of(field: Any) -> str:
    """How wide a column of the field's type wants to be."""
    if is_number(field):
        return "num"
    if isinstance(field, Choice | Day) or field.type_name in ("flag", "instant", "reference"):
        return "nowrap"
    return "wide" if isinstance(field, Words) or field.max_length == 200 else ""


def pager(model: type[Record], asked: Asked, page: Page) -> dict[str, str]:
    """The addresses of the pages round this one; empty where there is none."""

    def of(number: int, there: bool) -> str:
        return _url(model, asked, number, page.size) if there else ""

    return {
        "first": of(1, page.number > 1),
        "previous": of(page.number - 1, page.number > 1),
        "next": of(page.number + 1, page.number < page.pages),
        "last": of(page.pages, page.number < page.pages),
    }


def _url(model: type[Record], asked: Asked, number: int, size: int) -> str:
    pairs = asked.parameters(model)
    pairs += [("page", str(number))] if number > 1 else []
    pairs += [("size", str(size))] if size != PAGE_SIZES[0] else []
    return f"?{urlencode(pairs)}"


def _order(asked: Asked, name: str) -> str:
    return ("descending" if asked.descending else "ascending") if asked.sort == name else "none"


def _number(request: HttpRequest) -> int:
    given = request.GET.get("page", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 8 else 1


def _size(request: HttpRequest) -> int:
    given = request.GET.get("size", "")
    return int(given) if given in {str(s) for s in PAGE_SIZES} else PAGE_SIZES[0]
