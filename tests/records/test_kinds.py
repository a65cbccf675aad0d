"""One battery over every kind: its declaration is whole, its values survive every form, its pages open and save."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.access.rights import Actor, may_write
from sekisho.kernel.errors import Refused
from sekisho.ledger.canonical import canonical
from sekisho.records import fields as f
from sekisho.records.contents import DOMAINS, KINDS, is_kind
from sekisho.records.models import Approval
from sekisho.records.record import STAFF, Record
from sekisho.records.register import one
from sekisho.records.roles import ROLES
from sekisho.rulebook.contents import ARTICLES, clauses
from sekisho.web.forms import form_text
from sekisho.workflows.approve import ask
from sekisho.workflows.record import problems_of, save_record
from tests.cast import Cast
from tests.records.any_value import quantities, several
from tests.records.examples import example, write_example, write_standing

every_kind = pytest.mark.parametrize("model", KINDS, ids=lambda model: model.about.name)
Model = type[Record]
# Tables and pages of all kinds are made by the same code: on PostgreSQL, and in the fast tests, one in six stands for all.
ONE_IN_SIX = KINDS[::6]


def kept(models: tuple[type[Record], ...]) -> pytest.MarkDecorator:
    """Every kind, for the tests that keep its records."""
    marks = {m: () if m in ONE_IN_SIX else (pytest.mark.slow,) for m in models}
    return pytest.mark.parametrize(
        "model", [pytest.param(m, marks=marks[m], id=m.about.name) for m in models]
    )


every_kept_kind = kept(KINDS)


# --- declarations ---------------------------------------------------------------------------------------------------


def test_names_prefixes_and_tables_are_each_used_once() -> None:
    for told in (
        [m.about.name for m in KINDS],
        [m.about.prefix for m in KINDS],
        [m._meta.db_table for m in KINDS],
    ):
        assert len(told) == len(set(told)) == len(KINDS)


@every_kind
def test_a_kind_is_declared_in_both_languages(model: Model) -> None:
    about = model.about
    assert about.ja
    assert about.en
    assert about.help.ja
    assert about.help.en
    assert about.domain in DOMAINS
    for name, field in model.kind_fields().items():
        assert field.label.ja, name
        assert field.label.en, name
        assert bool(field.help.ja) == bool(field.help.en), name
        if isinstance(field, f.Choice):
            assert field.options, name
            assert all(words.ja and words.en for words in field.options.values()), name


@every_kind
def test_what_a_kind_names_is_there(model: Model) -> None:
    about, names = model.about, model.kind_fields()
    assert about.title in names
    assert set(about.columns) <= set(names)
    assert about.columns
    assert not {"act_reason", "expected_ver", "key", "ver", "by"} & set(names)
    assert about.writers <= set(ROLES)
    assert about.readers <= {*ROLES, STAFF}
    here = {c.citation for c in clauses()}
    later = {a.number for a in ARTICLES}
    for citation in about.clauses:
        assert citation in here or citation.removeprefix("G").split("-")[0] not in later, citation


@every_kind
def test_references_lead_to_kinds_that_are_read_before(model: Model) -> None:
    before = {m.about.name for m in KINDS[: KINDS.index(model) + 1]}
    for field in model.kind_fields().values():
        if isinstance(field, f.Reference | f.References):
            assert is_kind(field.target)
            assert field.target in before


@every_kind
def test_a_kind_describes_itself_to_other_programs(model: Model) -> None:
    told = [field.describe() for field in model.kind_fields().values()]
    assert json.loads(json.dumps(told)) == told


# --- every field's forms --------------------------------------------------------------------------------------------

text = st.text(max_size=60)
day = st.dates(date(1873, 1, 1), date(9999, 12, 31))
instant = st.datetimes(datetime(1900, 1, 1), datetime(9998, 12, 31)).map(lambda t: t.replace(tzinfo=UTC))
key = st.from_regex(r"[A-Z]{1,3}-[0-9]{1,4}", fullmatch=True)


def values_of(field: f.KindField) -> st.SearchStrategy[Any]:
    """Values that the field may hold, as its own reading of texts gives them."""
    if isinstance(field, f.Choice):
        return st.sampled_from(list(field.options))
    if isinstance(field, f.Flag):
        return st.booleans()
    if isinstance(field, f.Day):
        return day
    if isinstance(field, f.Instant):
        return instant
    if isinstance(field, f.Number):
        return st.integers(field.least, field.most)
    if isinstance(field, f.Reference):
        return key
    if isinstance(field, f.References):
        return st.lists(key, min_size=1, unique=True)
    if isinstance(field, f.Several):
        return several(field)
    if isinstance(field, f.Quantity):
        return quantities(field)
    if isinstance(field, f.AnyReference):
        return st.tuples(st.sampled_from(KINDS), key).map(lambda pair: f"{pair[0].about.name}:{pair[1]}")
    longest = min(60, getattr(field, "max_length", None) or 60)
    return st.text(max_size=longest).map(field.from_text).filter(lambda v: v is not None)


@every_kind
@settings(max_examples=10)
@given(data=st.data())
def test_values_survive_text_and_body(model: Model, data: st.DataObject) -> None:
    for name, field in model.kind_fields().items():
        if isinstance(field, f.EvidenceFiles):
            continue
        value = data.draw(values_of(field), name)
        assert field.from_text(field.to_text(value)) == value
        body = json.loads(canonical({name: field.to_body(value)}))[name]
        assert field.from_body(body) == value
        assert field.from_text("") is None
        assert field.to_text(None) == ""
        if not isinstance(field, f.Instant) or value.microsecond == 0:
            assert field.from_text(form_text(field, value)) == value


@every_kind
@settings(max_examples=10)
@given(given_text=text)
def test_any_text_is_read_the_same_twice_or_refused(model: Model, given_text: str) -> None:
    for field in model.kind_fields().values():
        if isinstance(field, f.EvidenceFiles):
            continue
        with contextlib.suppress(f.WrongValue):
            value = field.from_text(given_text)
            assert field.from_text(field.to_text(value)) == value


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        (f.Line(), "x" * 201),
        (f.Words(), "x" * 20_001),
        (f.Choice(options={"a": ("あ", "A")}), "b"),
        (f.Day(), "2026-13-01"),
        (f.Day(), "26-1-1"),
        (f.Instant(), "yesterday"),
        (f.Number(), "1.5"),
        (f.Number(least=1, most=5), "6"),
        (f.Quantity(), "1e3"),
        (f.Quantity(least="0.5", most=100), "100.01"),
        (f.Several(), "x" * 201),
        (f.Flag(), "maybe"),
        (f.AnyReference(), "INC-0001"),
    ],
)
def test_a_wrong_text_is_refused_in_both_languages(field: f.KindField, wrong: str) -> None:
    with pytest.raises(f.WrongValue) as refused:
        field.from_text(wrong)
    assert refused.value.text.ja != refused.value.text.en
    assert "{" not in refused.value.text.ja + refused.value.text.en


# --- who may, and the pages -------------------------------------------------------------------------------------------


def entitled(cast: Cast, model: Model) -> Any:
    """The first of the cast who may write the kind."""
    return next(member for member in cast.everyone if may_write(member.actor, model))


def governed(model: Model) -> bool:
    return bool(model.about.approvers(example(model)))


@pytest.mark.django_db
@every_kept_kind
def test_an_entitled_person_keeps_a_record_and_others_are_refused(cast: Cast, model: Model) -> None:
    write_standing(model)
    values = example(model)
    assert problems_of(model, "X-1", dict.fromkeys(model.kind_fields()) | values) == {}
    for stranger in (cast.nishi.actor, cast.kyuda.actor, Actor("service:none")):
        with pytest.raises(Refused):
            save_record(stranger, model, None, values)
    assert not model.objects.exclude(pk__in=[*_standing(model)]).exists()
    actor = entitled(cast, model).actor
    if model is Approval:
        with pytest.raises(Refused):
            save_record(actor, model, None, values)
    elif governed(model):
        assert ask(actor, model, None, values).step == "submitted"
    else:
        kept = save_record(actor, model, None, values)
        assert kept.key == f"{model.about.prefix}-{kept.key[len(model.about.prefix) + 1 :]}"
        assert {n: kept.values()[n] for n in values} == values


def _standing(model: Model) -> list[str]:
    from tests.cast import PEOPLE, SYSTEMS, UNITS
    from tests.records.examples import STANDING

    people = [row[0] for row in PEOPLE.values()]
    appointments = [f"A-{n:04d}" for n in range(1, len(PEOPLE) + 1)]
    return [*UNITS, *SYSTEMS, *people, *appointments, *(key for _, key, _ in STANDING)]


@pytest.mark.django_db
@every_kept_kind
def test_its_pages_open_for_readers_and_writers(cast: Cast, model: Model) -> None:
    write_standing(model)
    key, kind = write_example(model), model.about.name
    writer, reader = entitled(cast, model).client, cast.nishi.client
    assert key in reader.get(f"/records/{kind}/").content.decode()
    for client in (writer, reader):
        page = client.get(f"/records/{kind}/{key}/")
        assert page.status_code == 200
        assert model.about.ja in page.content.decode()
    for path in ("new/", f"{key}/edit/", f"{key}/remove/"):
        assert reader.get(f"/records/{kind}/{path}").status_code == 403
        assert writer.get(f"/records/{kind}/{path}").status_code == (403 if model is Approval else 200)
    assert cast.anonymous.get(f"/records/{kind}/{key}/").status_code == 302


@pytest.mark.django_db
@kept(tuple(m for m in KINDS if m is not Approval))
def test_its_form_saves_what_is_typed(cast: Cast, model: Model) -> None:
    write_standing(model)
    fields = model.kind_fields()
    typed = {name: form_text(fields[name], value) for name, value in example(model).items()}
    how = "submit" if governed(model) else "save"
    refused = cast.nishi.client.post(f"/records/{model.about.name}/new/", {**typed, "key": "X-2", "how": how})
    assert refused.status_code == 403
    answer = entitled(cast, model).client.post(
        f"/records/{model.about.name}/new/", {**typed, "key": "X-2", "how": how}
    )
    assert answer.status_code == 302, answer.content.decode()
    if governed(model):
        assert Approval.objects.get(subject=f"{model.about.name}:X-2").step == "submitted"
        assert not model.objects.filter(pk="X-2").exists()
    else:
        assert {n: v for n, v in one(model, "X-2").values.items() if v is not None} == example(model)
