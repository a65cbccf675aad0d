"""Reads of registers: lists now and as known at a past moment, titles, history, what refers to a record."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from sekisho.kernel import clock
from sekisho.kernel.errors import NotFound
from sekisho.ledger import personal
from sekisho.records import register
from sekisho.records.contents import KINDS
from sekisho.records.facts import Facts, facts_of, snapshot
from sekisho.records.models import (
    Acknowledgement,
    Action,
    Appointment,
    Document,
    Incident,
    Person,
    System,
    Unit,
)
from sekisho.records.register import Asked, asked_of
from sekisho.workflows.act import act

pytestmark = pytest.mark.django_db
BY = "operator:test"
D = date


def asked(model: Any, query: str = "") -> Asked:
    return asked_of(model, dict(QueryDict(query).lists()))


def keys(model: Any, query: str = "", then: Facts | None = None) -> list[str]:
    return [row.key for row in register.listed(model, asked(model, query), then=then).rows]


def present() -> Facts:
    """The facts of this moment, as of which everything is asked a second time."""
    return facts_of(snapshot(known_at=clock.now()))


def given(model: Any, key: str, **values: Any) -> None:
    with act("sample", BY) as doing:
        doing.put(model, key, values)


@pytest.fixture
def member() -> None:
    """Three units, four people, three systems, appointments, incidents, actions."""
    since = {"since_on": D(2020, 4, 1)}
    given(Unit, "U-SYS", name="システム部", function="system", **since)
    given(Unit, "U-OPS", name="業務部", function="user", **since, until_on=D(2026, 3, 31))
    given(Unit, "U-SEC", name="Security", function="csirt", since_on=D(2024, 4, 1), parent="U-SYS")
    officer = {"employment": "officer", "joined_on": D(2020, 4, 1)}
    staff = {"employment": "employee", "joined_on": D(2021, 4, 1)}
    given(Person, "P-1", name="佐倉 美咲", email="sakura@example.jp", unit="U-SYS", **officer)
    given(Person, "P-2", name="青木 健", unit="U-OPS", **staff)
    given(Person, "P-3", name="森 智子", unit="U-SEC", **staff)
    given(Person, "P-4", name="Adam Gray", employment="external", vendor="Acme", joined_on=D(2023, 4, 1))
    system = {"in_scope": True, "operated_by": "own", "in_use_since_on": D(2020, 4, 1)}
    given(System, "S-EXC", name="取引所システム", unit="U-SYS", criticality="high", **system)
    given(System, "S-MAIL", name="メール", criticality="low", internet_facing=False, **system)
    given(System, "S-WEB", name="ウェブサイト", criticality="medium", internet_facing=True, **system)
    appointed = {"since_on": D(2024, 4, 1)}
    given(Appointment, "A-1", person="P-1", role="chief_system_officer", **appointed)
    given(Appointment, "A-2", person="P-2", role="system_manager", unit="U-OPS", **appointed)
    for day, severity, state, systems in (
        (1, "minor", "closed", ["S-EXC"]),
        (2, "serious", "open", ["S-EXC", "S-WEB"]),
        (3, "minor", "draft", None),
    ):
        grade = {"severity": severity, "state": state, "systems": systems}
        detected_at = datetime(2026, 11, day, 15, tzinfo=UTC)
        given(Incident, f"INC-{day}", title=f"障害 {day}", kind="failure", detected_at=detected_at, **grade)
    strengthen = {"what": "監視を強化する", "kind": "corrective", "owner": "P-2", "due_on": D(2026, 12, 1)}
    given(Action, "AC-1", arises_from="incident:INC-2", **strengthen)
    given(Action, "AC-2", what="手順を見直す", kind="improvement", due_on=D(2027, 1, 1))


QUESTIONS: dict[Any, list[tuple[str, list[str]]]] = {
    Unit: [
        ("", ["U-OPS", "U-SEC", "U-SYS"]),
        ("sort=-key", ["U-SYS", "U-SEC", "U-OPS"]),
        ("q=部", ["U-OPS", "U-SEC", "U-SYS"]),
        ("q=SECURITY", ["U-SEC"]),
        ("q=u-s", ["U-SEC", "U-SYS"]),
        ("q=システム部門", ["U-SYS"]),
        ("q=部 業務", ["U-OPS"]),
        ("function=user", ["U-OPS"]),
        ("function=ユーザー部門&function=csirt", ["U-OPS", "U-SEC"]),
        ("parent=U-SYS", ["U-SEC"]),
        ("parent=-", ["U-OPS", "U-SYS"]),
        ("parent=-&parent=U-SYS", ["U-OPS", "U-SEC", "U-SYS"]),
        ("until_on=-", ["U-SEC", "U-SYS"]),
        ("since_on__from=2024-04-01", ["U-SEC"]),
        ("since_on__until=2024/03/31", ["U-OPS", "U-SYS"]),
        ("sort=function", ["U-SYS", "U-OPS", "U-SEC"]),
        ("sort=-function", ["U-SEC", "U-OPS", "U-SYS"]),
        ("sort=parent", ["U-SEC", "U-OPS", "U-SYS"]),
        ("sort=until_on", ["U-OPS", "U-SEC", "U-SYS"]),
        ("sort=-until_on", ["U-OPS", "U-SYS", "U-SEC"]),
    ],
    Person: [
        ("q=佐倉", ["P-1"]),
        ("q=gray", ["P-4"]),
        ("q=業務部", ["P-2"]),
        ("unit=-", ["P-4"]),
        ("sort=name", ["P-4", "P-1", "P-3", "P-2"]),
        ("sort=unit", ["P-3", "P-1", "P-2", "P-4"]),
    ],
    System: [
        ("sort=criticality", ["S-EXC", "S-WEB", "S-MAIL"]),
        ("internet_facing=no", ["S-MAIL"]),
        ("internet_facing=-", ["S-EXC"]),
    ],
    Appointment: [("q=青木", ["A-2"]), ("role=chief_system_officer", ["A-1"]), ("q=chief", ["A-1"])],
    Incident: [
        ("", ["INC-3", "INC-2", "INC-1"]),
        ("systems=S-EXC&sort=key", ["INC-1", "INC-2"]),
        ("systems=-", ["INC-3"]),
        ("detected_at__from=2026-11-03", ["INC-3", "INC-2"]),  # 2 November 15:00 UTC is the 3rd in Japan
        ("detected_at__until=2026-11-02", ["INC-1"]),
        ("sort=-severity", ["INC-3", "INC-1", "INC-2"]),
    ],
    Action: [("arises_from=incident:INC-2", ["AC-1"]), ("q=青木", ["AC-1"])],
}  # fmt: skip


@pytest.mark.parametrize(
    ("model", "query", "found"), [(m, q, f) for m, asks in QUESTIONS.items() for q, f in asks]
)
def test_a_list_answers_what_is_asked_now_and_as_known_at_a_moment(
    member: None, model: Any, query: str, found: Any
) -> None:
    assert keys(model, query) == found
    assert keys(model, query, present()) == found


@pytest.mark.parametrize(
    "query", ["role=chief_system_officer&q=佐倉&sort=-since_on", "since_on__from=2024-04-01&unit=-"]
)
def test_a_question_is_written_as_it_was_read(query: str) -> None:
    given = asked(Appointment, query)
    again = QueryDict(mutable=True)
    for name, value in given.parameters(Appointment):
        again.appendlist(name, value)
    assert asked_of(Appointment, dict(again.lists())) == given


def test_what_cannot_be_read_is_told_and_left_out() -> None:
    given = asked(Unit, "since_on__from=yesterday&function=nonsense&sort=evidence&colour=red")
    assert sorted(given.problems) == ["function", "since_on__from"]
    assert (given.conditions, given.sort) == ((), "key")


@pytest.mark.parametrize("query", ["q=sakura", "email=sakura@example.jp", "sort=email"])
def test_hidden_personal_values_cannot_be_guessed_by_asking(member: None, query: str) -> None:
    given = asked(Person, query)
    assert (given.conditions, given.sort) == ((), "key")
    if given.search:
        assert keys(Person, query) == keys(Person, query, present()) == []


def test_an_instant_is_asked_for_by_a_range() -> None:
    assert "detected_at" in asked(Incident, "detected_at=2026-11-01").problems
    assert asked(Incident, "closed_at=-").conditions[0].values == (None,)


def test_asking_for_the_same_column_again_turns_it_round() -> None:
    once = asked(Unit).sorted_by("name")
    assert (once.sort, once.descending) == ("name", False)
    assert once.sorted_by("name").descending
    assert not once.sorted_by("function").descending


def test_a_page_knows_its_place(member: None) -> None:
    page = register.listed(Person, asked(Person), number=2, size=3)
    assert ([r.key for r in page.rows], page.total, page.pages) == (["P-4"], 4, 2)
    assert (page.first, page.last) == (4, 4)
    assert register.listed(Person, asked(Person), number=99, size=3).number == 2
    nothing = register.listed(Person, asked(Person, "q=nobody"))
    assert (nothing.pages, nothing.first, nothing.last) == (1, 0, 0)


def test_a_page_takes_three_queries_however_many_records_it_names(member: None) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page = register.listed(Person, asked(Person))
    assert len(queries) == 3
    assert page.titles["unit:U-OPS"].ja == "業務部"


def test_the_past_shows_what_was_known_then(member: None) -> None:
    before = present()
    with act("change", BY) as doing:
        doing.put(Unit, "U-OPS", {**register.one(Unit, "U-OPS").values, "name": "営業部"})
        doing.put(Person, "P-2", {**register.one(Person, "P-2").values, "name": "青木 花"})
        doing.remove(Action, "AC-2")
        doing.put_new(Unit, [("U-NEW", {"name": "新設部", "function": "other", "since_on": D(2026, 11, 1)})])
    assert keys(Unit, then=before) == ["U-OPS", "U-SEC", "U-SYS"]
    assert keys(Action, "sort=key", then=before) == ["AC-1", "AC-2"]
    assert keys(Unit) == ["U-NEW", "U-OPS", "U-SEC", "U-SYS"]
    assert register.one(Unit, "U-OPS", then=before).values["name"] == "業務部"
    assert register.one(Person, "P-2", then=before).values["name"] == "青木 健"
    assert register.one(Action, "AC-2", then=before).values["what"] == "手順を見直す"
    assert register.listed(Person, asked(Person, "q=青木"), then=before).rows[0].values["name"] == "青木 健"
    assert register.titles(["person:P-2"], before)["person:P-2"].ja == "青木 健"
    with pytest.raises(NotFound):
        register.one(Unit, "U-NEW", then=before)
    with pytest.raises(NotFound):
        register.one(Action, "AC-2")


def test_one_record_reads_the_same_from_its_table_and_from_the_ledger(member: None) -> None:
    for model in QUESTIONS:
        for key in keys(model):
            assert register.one(model, key) == register.one(model, key, then=present())


def test_every_row_is_given_for_an_export(member: None) -> None:
    rows = list(register.each(Incident, asked(Incident, "sort=key")))
    assert [r.key for r in rows] == ["INC-1", "INC-2", "INC-3"]
    assert rows[1].values["systems"] == ["S-EXC", "S-WEB"]
    assert "evidence" not in rows[0].values
    assert [r.values for r in register.each(Incident, asked(Incident, "sort=key"), then=present())] == [
        r.values for r in rows
    ]
    assert register.found_keys(Incident, asked(Incident), 2) == ["INC-3", "INC-2"]


def test_counts_of_all_kinds_take_one_query(member: None) -> None:
    with CaptureQueriesContext(connection) as queries:
        found = register.counts()
    assert len(queries) == 1
    assert set(found) == {m.about.name for m in KINDS}
    assert (found["unit"], found["incident"], found["drill"]) == (3, 3, 0)
    assert register.counts(present()) == found


def test_titles_of_many_kinds_take_one_query(member: None) -> None:
    with act("more", BY) as doing:
        doing.put(Document, "D-1", {"kind": "other", "title": "規程", "version": "1"})
        doing.put(Acknowledgement, "AK-1", {"person": "P-1", "document": "D-1", "at": clock.now()})
    wanted = [
        "unit:U-OPS",
        "person:P-1",
        "appointment:A-1",
        "acknowledgement:AK-1",
        "unit:gone",
        "nokind:X",
        "member:member",
    ]
    with CaptureQueriesContext(connection) as queries:
        found = register.titles(wanted)
    assert len(queries) == 1
    assert {k: v.en for k, v in found.items()} == {
        "unit:U-OPS": "業務部",
        "person:P-1": "佐倉 美咲",
        "appointment:A-1": "Chief system officer",
        "acknowledgement:AK-1": "佐倉 美咲",
    }
    assert register.titles(wanted, present()) == found
    assert register.titles([]) == {}


def test_a_picker_finds_records_by_key_and_title(member: None) -> None:
    assert [key for key, _ in register.suggestions("unit", "u-s")] == ["U-SEC", "U-SYS"]
    assert [key for key, _ in register.suggestions("person", "青木")] == ["P-2"]
    assert len(register.suggestions("person", "", limit=2)) == 2


def test_a_reference_may_be_named_by_the_one_record_that_bears_the_title(member: None) -> None:
    assert register.key_of(Unit, "U-OPS") == "U-OPS"
    assert register.key_of(Unit, "業務部") == "U-OPS"
    assert register.key_of(Unit, "無い部") == "無い部"
    with act("twin", BY) as doing:
        doing.put_new(Unit, [("U-OPS2", {"name": "業務部", "function": "user", "since_on": D(2026, 4, 1)})])
    assert register.key_of(Unit, "業務部") == "業務部"


def test_history_tells_who_changed_what_and_where_it_stands_in_the_ledger(member: None) -> None:
    before = present()
    with act("save_unit", "person:P-1", "改称") as doing:
        doing.put(Unit, "U-OPS", {"name": "営業部", "until_on": None})
    with act("remove_action", "person:P-2", "統合") as doing:
        doing.remove(Action, "AC-2")
    newest, first = register.history(Unit, "U-OPS")
    assert (newest.ver, newest.op, newest.by, newest.act_name, newest.reason) == (
        2,
        "update",
        "person:P-1",
        "save_unit",
        "改称",
    )
    assert newest.seq is None or newest.seq > (first.seq or 0)
    assert [(d.name, d.before, d.after) for d in newest.differences] == [
        ("name", "業務部", "営業部"),
        ("until_on", D(2026, 3, 31), None),
    ]
    assert (first.ver, first.op) == (1, "create")
    assert {d.name for d in first.differences} == {"name", "function", "since_on", "until_on"}
    assert [c.ver for c in register.history(Unit, "U-OPS", then=before)] == [1]
    assert [c.ver for c in register.history(Unit, "U-OPS", at_most=1)] == [2]
    assert register.history(Unit, "U-OPS", at_most=1)[0].differences == newest.differences
    assert register.times_changed(Unit, "U-OPS") == 2
    assert register.change_at(Unit, "U-OPS", 1) == first.values
    gone = register.history(Action, "AC-2")[0]
    assert (gone.op, gone.differences) == ("delete", ())
    assert register.change_at(Action, "AC-2", 2) is None
    assert register.change_at(Action, "AC-2", 9) is None


def test_an_erased_name_leaves_its_line_and_no_value(member: None) -> None:
    with act("marriage", BY) as doing:
        doing.put(Person, "P-1", {"name": "桜井 美咲"})
    kept = personal.Personal.objects.get(value="佐倉 美咲")
    personal.erase([kept.commitment])
    newest, first = register.history(Person, "P-1")
    assert [(d.name, d.before, d.after) for d in newest.differences] == [("name", None, "桜井 美咲")]
    assert [d.erased for d in first.differences if d.name == "name"] == [True]
    assert [d.erased for d in first.differences if d.name == "email"] == [False]


@pytest.mark.parametrize("past", [False, True])
def test_everything_that_refers_to_a_record_is_found(member: None, past: bool) -> None:
    then = present() if past else None

    def told(model: Any, key: str) -> list[tuple[str, str, int, list[str]]]:
        found = register.referrers(model, key, then=then, at_most=2)
        return [(r.model.about.name, r.field, r.count, [k for k, _ in r.first]) for r in found]

    assert told(Unit, "U-SYS") == [
        ("unit", "parent", 1, ["U-SEC"]),
        ("person", "unit", 1, ["P-1"]),
        ("system", "unit", 1, ["S-EXC"]),
    ]
    assert told(System, "S-EXC") == [("incident", "systems", 2, ["INC-2", "INC-1"])]
    assert told(Incident, "INC-2") == [("action", "arises_from", 1, ["AC-1"])]
    assert told(Incident, "INC-1") == []


def test_the_past_of_a_moment_before_everything_is_empty(member: None) -> None:
    long_ago = facts_of(snapshot(known_at=clock.now() - timedelta(days=3650)))
    assert keys(Unit, then=long_ago) == []
    assert register.history(Unit, "U-OPS", then=long_ago) == []
    assert set(register.counts(long_ago).values()) == {0}
