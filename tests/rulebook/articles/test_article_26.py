"""Article 26, read as the rule: vendors watched down to the last, own staff in charge, users' data traced, assurance."""

from datetime import timedelta

import pytest
from hypothesis import given as over
from hypothesis import strategies as st

from sekisho.findings.verdicts import Verdict
from tests.rulebook.asking import ask, day, falling_short, given, lapses, reasons, record, state, verdict
from tests.rulebook.granting import CHIEF, LONG_AGO, approved, exception

ON = day(2026, 11, 23)
YESTERDAY = day(2026, 11, 22)
TOMORROW = day(2026, 11, 24)
APRIL = day(2026, 4, 1)
VENDOR = record("vendor", "V-1", name="甲", since_on=LONG_AGO)


def service(key="OS-1", vendor="V-1", since=APRIL, **values):
    told = {"name": key, "chain_checked_on": ON, "in_charge": "P-1"}
    return record("outsourced_service", key, vendor=vendor, since_on=since, **(told | values))


def cloud(key="CS-1", vendor="V-1", since=APRIL, **values):
    told = {"name": key, "in_charge": "P-1"}
    return record("cloud_service", key, vendor=vendor, since_on=since, **(told | values))


def link(key, giver, to, of="OS-1", **values):
    return record("subcontract", key, service=of, from_vendor=giver, to_vendor=to, **values)


def unknown(key="SUB-9", giver="V-1", **values):
    return record("subcontract", key, service="OS-1", from_vendor=giver, unknown=True, **values)


# --- 26-1: rounds ---------------------------------------------------------------------------------------------------


def monitored(vendor="V-1", done_on=ON, key=None, **values):
    told = {"by_unit": "U-1", "of": f"vendor:{vendor}", "done_on": done_on, "result": "良好"}
    return record("monitoring_round", key or f"MR-{vendor}", **(told | values))


def test_26_1_is_met_to_the_last_day_of_the_interval_and_falls_short_the_day_after():
    lapses(
        "26-1", "V-1", [service()], lambda on: monitored(done_on=on), ON, day(2027, 11, 23),
        never="never_monitored", old="old_monitoring", not_yet="not_yet_monitored",
    )  # fmt: skip
    outcome = ask("26-1", day(2027, 11, 24), given(service(chain_checked_on=day(2027, 11, 1)), monitored()))
    assert (outcome["V-1"].who, outcome["V-1"].data) == (
        "role:vendor_owner",
        {"vendor": "V-1", "last": "2026-11-23"},
    )


def test_26_1_asks_more_of_an_important_vendor():
    important = record("vendor", "V-1", name="甲", since_on=LONG_AGO, important=True)
    lapses(
        "26-1", "V-1", [service(), important], lambda on: monitored(done_on=on), APRIL, day(2026, 10, 1),
        never="never_monitored", old="old_monitoring", not_yet="not_yet_monitored",
    )  # fmt: skip


def test_26_1_gives_a_new_vendor_one_interval_for_its_first_round():
    facts = given(service(chain_checked_on=day(2027, 4, 1)))
    waiting = ask("26-1", day(2027, 4, 1), facts)["V-1"]
    assert (waiting.outcome, waiting.reason) == ("no_evidence", "not_yet_monitored")
    assert waiting.data == {"vendor": "V-1", "first_due": "2027-04-01"}
    late = ask("26-1", day(2027, 4, 2), facts)["V-1"]
    assert (late.outcome, late.reason, late.since) == ("falls_short", "never_monitored", day(2027, 4, 2))


def test_26_1_asks_of_every_step_down_to_the_last_and_of_clouds_and_vendor_run_systems():
    chain = [link("SUB-1", "V-1", "V-2"), link("SUB-2", "V-2", "V-3"), link("SUB-3", "V-3", "V-4")]
    system = record(
        "system", "S-1", name="系", in_scope=True, operated_by="vendor", vendor="V-6", in_use_since_on=APRIL
    )
    facts = [service(), *chain, cloud(vendor="V-5"), system, *(monitored(f"V-{n}") for n in (1, 2, 3, 5, 6))]
    assert reasons("26-1", ON, given(*facts)) == {("V-4", "not_yet_monitored")}
    assert verdict("26-1", ON, given(*facts, monitored("V-4"))) == Verdict.MET


def test_26_1_counts_no_round_of_another_subject_that_bears_the_same_key():
    for of in ("unit:V-1", "system:V-1", "vendor:V-11", None):
        facts = given(service(), monitored(of=of))
        assert reasons("26-1", ON, facts) == {("V-1", "not_yet_monitored")}


# --- 26-1: chains -----------------------------------------------------------------------------------------------------


def well(*rows):
    """A service whose vendors are monitored, with rows."""
    return given(service(), *(monitored(f"V-{n}") for n in (1, 2, 3)), *rows)


def test_26_1_is_met_by_a_chain_that_is_known_to_its_end():
    assert verdict("26-1", ON, well()) == Verdict.MET
    assert verdict("26-1", ON, well(link("SUB-1", "V-1", "V-2"), link("SUB-2", "V-2", "V-3"))) == Verdict.MET


def test_26_1_falls_short_where_a_chain_ends_at_an_unknown_subcontractor():
    outcome = ask(
        "26-1", ON, well(link("SUB-1", "V-1", "V-2"), unknown(giver="V-2", since_on=day(2026, 9, 1)))
    )["SUB-9"]
    assert (outcome.outcome, outcome.reason, outcome.since) == (
        "falls_short",
        "unknown_end",
        day(2026, 9, 1),
    )
    assert (outcome.who, outcome.data) == (
        "role:vendor_owner",
        {"outsourced_service": "OS-1", "vendor": "V-2"},
    )
    assert ask("26-1", ON, well(unknown()))["SUB-9"].since == APRIL


def test_26_1_asks_not_of_an_unknown_end_before_its_first_or_after_its_last_day():
    ended = well(unknown(until_on=YESTERDAY))
    assert verdict("26-1", ON, ended) == Verdict.MET
    assert ("SUB-9", "unknown_end") in reasons("26-1", YESTERDAY, ended)
    assert verdict("26-1", ON, well(unknown(since_on=TOMORROW))) == Verdict.MET


def test_26_1_falls_short_where_a_link_hangs_in_the_air():
    hanging = link("SUB-2", "V-2", "V-3")
    assert reasons("26-1", ON, well(hanging)) == {("SUB-2", "broken_chain")}
    above = link("SUB-1", "V-1", "V-2", until_on=YESTERDAY)
    outcome = ask("26-1", ON, well(hanging, above))["SUB-2"]
    assert (outcome.reason, outcome.since) == ("broken_chain", ON)
    assert outcome.data == {"outsourced_service": "OS-1", "vendor": "V-2"}
    assert verdict("26-1", YESTERDAY, well(hanging, above)) != Verdict.FALLS_SHORT


def test_26_1_asks_not_of_the_links_of_a_service_that_has_ended():
    past = service(until_on=YESTERDAY)
    assert verdict("26-1", ON, given(past, unknown(), monitored())) == Verdict.NO_EVIDENCE
    assert ("SUB-9", "unknown_end") in reasons("26-1", YESTERDAY, given(past, unknown(), monitored()))


def test_26_1_is_no_evidence_where_the_chain_was_never_confirmed_or_only_later():
    for never in (None, TOMORROW):
        facts = given(service(chain_checked_on=never), monitored())
        assert reasons("26-1", ON, facts) == {("OS-1", "chain_not_checked")}
        assert verdict("26-1", ON, facts) == Verdict.NO_EVIDENCE


def test_26_1_is_met_to_the_last_day_of_a_chain_s_confirmation_and_falls_short_the_day_after():
    facts = given(service(chain_checked_on=APRIL), monitored(done_on=day(2027, 3, 1)))
    assert verdict("26-1", day(2027, 4, 1), facts) == Verdict.MET
    outcome = ask("26-1", day(2027, 4, 2), facts)["OS-1"]
    assert (outcome.reason, outcome.since) == ("old_chain_check", day(2027, 4, 2))
    assert outcome.data == {"outsourced_service": "OS-1", "last": "2026-04-01"}


def test_26_1_is_met_by_clouds_alone_which_have_no_chain():
    assert verdict("26-1", ON, given(cloud(), monitored())) == Verdict.MET


def test_26_1_is_no_evidence_in_silence_and_where_nobody_works_for_the_member():
    assert verdict("26-1", ON, given()) == Verdict.NO_EVIDENCE
    assert verdict("26-1", ON, given(VENDOR, monitored())) == Verdict.NO_EVIDENCE


def test_26_1_is_met_by_an_exception_for_the_link():
    facts = [service(), monitored(), unknown(), CHIEF, exception("26-1", "subcontract:SUB-9")]
    assert verdict("26-1", ON, given(*facts)) == Verdict.FALLS_SHORT
    assert verdict("26-1", ON, given(*facts, approved("exception:EX-1"))) == Verdict.MET_BY_EXCEPTION


def test_26_1_follows_a_tighter_interval_of_the_member():
    tighter = record("tolerance", "TO-1", limit="vendor_monitoring_age", value=3, from_on=LONG_AGO)
    facts = [service(), monitored(done_on=APRIL)]
    assert verdict("26-1", ON, given(*facts)) == Verdict.MET
    assert verdict("26-1", ON, given(*facts, tighter)) == Verdict.FALLS_SHORT


# --- 26-2 -----------------------------------------------------------------------------------------------------------


def person(key="P-1", employment="employee", joined_on=LONG_AGO, **values):
    return record("person", key, employment=employment, joined_on=joined_on, **values)


KINDS = pytest.mark.parametrize(
    ("make", "key"), [(service, "OS-1"), (cloud, "CS-1")], ids=["service", "cloud"]
)


@KINDS
def test_26_2_is_met_by_somebody_of_the_own_staff(make, key):
    for employment in ("employee", "officer"):
        assert verdict("26-2", ON, given(make(), person(employment=employment))) == Verdict.MET


@KINDS
def test_26_2_is_met_on_the_last_day_of_whoever_is_in_charge_and_falls_short_the_day_after(make, key):
    facts = given(make(), person(left_on=ON))
    assert verdict("26-2", ON, facts) == Verdict.MET
    outcome = ask("26-2", TOMORROW, facts)[key]
    assert outcome.reason in ("left_outsourced_service", "left_cloud_service")
    assert (outcome.since, outcome.who) == (TOMORROW, "role:vendor_owner")
    assert (outcome.data["person"], outcome.data["left"]) == ("P-1", "2026-11-23")


def test_26_2_falls_short_from_the_service_s_first_day_where_who_is_in_charge_had_left_before():
    facts = given(service(since=YESTERDAY), person(left_on=APRIL))
    assert ask("26-2", ON, facts)["OS-1"].since == YESTERDAY


@KINDS
def test_26_2_falls_short_where_nobody_is_in_charge_from_the_service_s_first_day(make, key):
    outcome = ask("26-2", ON, given(make(in_charge=None), person()))[key]
    assert outcome.reason in ("nobody_outsourced_service", "nobody_cloud_service")
    assert outcome.since == APRIL


@KINDS
def test_26_2_falls_short_where_whoever_is_in_charge_comes_from_outside(make, key):
    outcome = ask("26-2", ON, given(make(), person(employment="external", vendor="甲")))[key]
    assert outcome.reason in ("external_outsourced_service", "external_cloud_service")
    assert (outcome.since, outcome.data["person"]) == (APRIL, "P-1")


@KINDS
def test_26_2_falls_short_until_whoever_is_in_charge_joins(make, key):
    facts = given(make(), person(joined_on=ON))
    assert ask("26-2", YESTERDAY, facts)[key].reason.startswith("not_joined_")
    assert verdict("26-2", ON, facts) == Verdict.MET


def test_26_2_asks_of_services_that_run_and_is_no_evidence_in_silence():
    ended = service("OS-2", in_charge=None, until_on=YESTERDAY)
    assert set(ask("26-2", ON, given(service(), ended, cloud(), person()))) == {"OS-1", "CS-1"}
    assert verdict("26-2", ON, given()) == Verdict.NO_EVIDENCE
    assert verdict("26-2", ON, given(ended, person())) == Verdict.NO_EVIDENCE


def test_26_2_is_met_by_an_exception_for_the_service():
    facts = [service(in_charge=None), CHIEF, exception("26-2", "outsourced_service:OS-1")]
    assert verdict("26-2", ON, given(*facts)) == Verdict.FALLS_SHORT
    assert verdict("26-2", ON, given(*facts, approved("exception:EX-1"))) == Verdict.MET_BY_EXCEPTION


# --- 26-3 -----------------------------------------------------------------------------------------------------------


def holding(key="DH-1", vendor="V-1", **values):
    told = {
        "what": "本人確認書類", "location": "L-1", "access": "審査担当", "since_on": APRIL, "traced_by": "log_feed",
        "checked_on": ON,
    }  # fmt: skip
    return record("data_holding", key, vendor=vendor, **(told | values))


def test_26_3_is_met_by_a_whole_record_that_is_checked():
    assert verdict("26-3", ON, given(service(holds_users_data=True), holding())) == Verdict.MET
    of_cloud = holding(vendor=None, cloud_service="CS-1")
    assert verdict("26-3", ON, given(cloud(holds_users_data=True), of_cloud)) == Verdict.MET


def test_26_3_falls_short_where_a_vendor_at_any_step_has_no_record():
    facts = [service(holds_users_data=True), link("SUB-1", "V-1", "V-2"), link("SUB-2", "V-2", "V-3")]
    outcome = ask("26-3", ON, given(*facts, holding(), holding("DH-2", "V-2")))["V-3"]
    assert (outcome.outcome, outcome.reason, outcome.since) == ("falls_short", "no_record", APRIL)
    assert (outcome.who, outcome.data) == ("role:vendor_owner", {"vendor": "V-3"})
    every = given(*facts, *(holding(f"DH-{n}", f"V-{n}") for n in (1, 2, 3)))
    assert verdict("26-3", ON, every) == Verdict.MET


def test_26_3_falls_short_where_a_cloud_or_a_vendor_run_system_that_holds_data_has_no_record():
    outcome = ask("26-3", ON, given(cloud(holds_users_data=True), holding()))["CS-1"]
    assert (outcome.reason, outcome.data) == ("no_record_of_cloud", {"cloud_service": "CS-1"})
    system = record(
        "system", "S-1", name="系", in_scope=True, operated_by="vendor", vendor="V-2", in_use_since_on=APRIL,
        holds_users_data=True,
    )  # fmt: skip
    assert reasons("26-3", ON, given(system, holding())) == {("V-2", "no_record")}


def test_26_3_counts_the_record_of_a_vendor_s_cloud_as_the_vendor_s():
    facts = given(
        service(holds_users_data=True),
        cloud(holds_users_data=True),
        holding(vendor=None, cloud_service="CS-1"),
    )
    assert verdict("26-3", ON, facts) == Verdict.MET


def test_26_3_asks_no_record_of_work_without_users_data():
    facts = given(service(), service("OS-2", "V-2", holds_users_data=True), holding("DH-2", "V-2"))
    assert set(ask("26-3", ON, facts)) == {"V-2", "DH-2"}


def test_26_3_counts_a_record_from_its_first_to_its_last_day():
    facts = given(service(holds_users_data=True), holding(since_on=YESTERDAY, until_on=ON))
    assert ("V-1", "no_record") in reasons("26-3", day(2026, 11, 21), facts)
    assert ("V-1", "no_record") not in reasons("26-3", YESTERDAY, facts)
    assert ("V-1", "no_record") not in reasons("26-3", ON, facts)
    assert reasons("26-3", TOMORROW, facts) == {("V-1", "no_record")}


def test_26_3_asks_nothing_more_where_the_only_one_asked_gets_no_data():
    spared = [CHIEF, exception("26-3", "vendor:V-1", "not_applicable"), approved("exception:EX-1")]
    assert verdict("26-3", ON, given(service(holds_users_data=True), *spared)) == Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(
    "lacking", [{"location": None}, {"access": None}, {"access": " "}, {"since_on": None}, {"what": " "}]
)
def test_26_3_falls_short_where_a_record_lacks_what_where_who_or_since_when(lacking):
    facts = given(service(holds_users_data=True), holding(**lacking))
    assert reasons("26-3", ON, facts) == {("DH-1", "incomplete")}


@pytest.mark.parametrize(
    ("way", "good"),
    [
        ({"traced_by": "log_feed"}, True),
        ({"traced_by": "equivalent", "equivalent": "月次の報告"}, True),
        ({"traced_by": "equivalent"}, False),
        ({"traced_by": "equivalent", "equivalent": " "}, False),
        ({"traced_by": "none"}, False),
        ({"traced_by": None}, False),
    ],
)
def test_26_3_and_its_guideline_take_a_log_feed_or_an_equivalent_measure_that_is_told(way, good):
    facts = given(service(holds_users_data=True), holding(**way))
    assert reasons("26-3", ON, facts) == (set() if good else {("DH-1", "not_traced")})
    assert reasons("G26-3", ON, facts) == reasons("26-3", ON, facts)


def test_26_3_is_met_to_the_last_day_of_a_check_and_falls_short_the_day_after_or_where_there_is_none():
    facts = given(service(holds_users_data=True), holding())
    assert verdict("26-3", day(2027, 5, 23), facts) == Verdict.MET
    outcome = ask("26-3", day(2027, 5, 24), facts)["DH-1"]
    assert (outcome.reason, outcome.since) == ("old_check", day(2027, 5, 24))
    assert outcome.data == {"data_holding": "DH-1", "last": "2026-11-23"}
    for never in (None, TOMORROW):
        outcome = ask("26-3", ON, given(holding(checked_on=never)))["DH-1"]
        assert (outcome.reason, outcome.since, outcome.who) == ("never_checked", APRIL, "role:vendor_owner")


def test_26_3_asks_of_every_record_of_one_that_holds_data():
    second = holding("DH-2", traced_by="none")
    assert reasons("26-3", ON, given(service(holds_users_data=True), holding(), second)) == {
        ("DH-2", "not_traced")
    }


def test_26_3_is_no_evidence_in_silence_and_where_nobody_holds_users_data():
    assert verdict("26-3", ON, given()) == Verdict.NO_EVIDENCE
    assert verdict("26-3", ON, given(service(), cloud())) == Verdict.NO_EVIDENCE


def test_26_3_spares_a_subcontractor_that_gets_no_data_where_that_is_approved():
    facts = [service(holds_users_data=True), holding(), link("SUB-1", "V-1", "V-2"), CHIEF]
    spared = exception("26-3", "vendor:V-2", "not_applicable")
    assert verdict("26-3", ON, given(*facts, spared)) == Verdict.FALLS_SHORT
    assert verdict("26-3", ON, given(*facts, spared, approved("exception:EX-1"))) == Verdict.MET
    excepted = [exception("26-3", "vendor:V-2"), approved("exception:EX-1")]
    assert verdict("26-3", ON, given(*facts, *excepted)) == Verdict.MET_BY_EXCEPTION


# --- 26-4 -----------------------------------------------------------------------------------------------------------

IMPORTANT = record("vendor", "V-1", name="甲", since_on=LONG_AGO, important=True)


def audit(until_on, key="AU-1", vendors=("V-1",), **values):
    told = {"title": key, "plan_year": 2026, "vendors": list(vendors), "from_on": APRIL}
    return record("audit", key, until_on=until_on, **(told | values))


def report(until_on=ON, key="AR-1", kind="iso27001", from_on=APRIL, vendor="V-1"):
    told = {"kind": kind, "scope": "全業務"}
    return record("assurance_report", key, vendor=vendor, from_on=from_on, until_on=until_on, **told)


@pytest.mark.parametrize("kind", ["iso27001", "iso27017", "soc2", "soc3"])
def test_26_4_is_met_on_the_first_and_the_last_day_of_a_report_and_falls_short_the_day_after(kind):
    facts = given(IMPORTANT, report(kind=kind))
    assert verdict("26-4", APRIL, facts) == Verdict.MET
    assert verdict("26-4", ON, facts) == Verdict.MET
    outcome = ask("26-4", TOMORROW, facts)["V-1"]
    assert (outcome.outcome, outcome.reason, outcome.since) == ("falls_short", "report_ran_out", TOMORROW)
    assert outcome.who == "role:vendor_owner"
    assert outcome.data == {"vendor": "V-1", "assurance_report": "AR-1", "ended": "2026-11-23"}


def test_26_4_counts_no_other_report_none_that_begins_later_and_none_of_another_vendor():
    for other in (report(kind="other"), report(day(2027, 11, 1), from_on=TOMORROW), report(vendor="V-2")):
        assert reasons("26-4", ON, given(IMPORTANT, other)) == {("V-1", "never")}


def test_26_4_is_met_for_twelve_months_after_an_audit_was_finished():
    facts = given(IMPORTANT, audit(ON, vendors=("V-2", "V-1")))
    assert reasons("26-4", YESTERDAY, facts) == {("V-1", "never")}
    assert verdict("26-4", ON, facts) == Verdict.MET
    assert verdict("26-4", day(2027, 11, 23), facts) == Verdict.MET
    outcome = ask("26-4", day(2027, 11, 24), facts)["V-1"]
    assert (outcome.reason, outcome.since) == ("audit_old", day(2027, 11, 24))
    assert outcome.data == {"vendor": "V-1", "audit": "AU-1", "ended": "2026-11-23"}


def test_26_4_counts_no_audit_that_is_planned_under_way_or_of_others():
    for other in (audit(None), audit(TOMORROW), audit(ON, vendors=("V-2",)), audit(ON, vendors=())):
        assert reasons("26-4", ON, given(IMPORTANT, other)) == {("V-1", "never")}


def test_26_4_names_of_an_audit_and_a_report_what_lasted_longer():
    short, long_ = report(day(2026, 6, 30)), report(day(2028, 6, 30))
    done = audit(day(2026, 5, 31))
    assert ask("26-4", day(2027, 6, 1), given(IMPORTANT, short, done))["V-1"].data["audit"] == "AU-1"
    assert verdict("26-4", day(2027, 6, 1), given(IMPORTANT, long_, done)) == Verdict.MET
    ended = ask("26-4", day(2028, 7, 1), given(IMPORTANT, short, long_, done))["V-1"]
    assert (ended.reason, ended.since) == ("report_ran_out", day(2028, 7, 1))


def test_26_4_asks_of_every_vendor_that_matters_at_any_step_and_of_no_other():
    carrying = record("system", "S-1", name="系", in_scope=True, criticality="high", in_use_since_on=APRIL)
    facts = given(
        carrying, service(systems=["S-1"]), link("SUB-1", "V-1", "V-2"), link("SUB-2", "V-2", "V-3"),
        service("OS-2", "V-4"), cloud(vendor="V-5", holds_users_data=True), record("vendor", "V-6", name="己"),
    )  # fmt: skip
    assert set(ask("26-4", ON, facts)) == {"V-1", "V-2", "V-3", "V-5"}
    assert ask("26-4", ON, facts)["V-3"].since == APRIL
    assert ask("26-4", ON, given(IMPORTANT))["V-1"].since == LONG_AGO


def test_26_4_is_no_evidence_in_silence_and_where_no_vendor_is_important():
    assert verdict("26-4", ON, given()) == Verdict.NO_EVIDENCE
    assert verdict("26-4", ON, given(VENDOR, service(), report())) == Verdict.NO_EVIDENCE


def test_26_4_is_met_by_an_exception_for_the_vendor():
    facts = [IMPORTANT, CHIEF, exception("26-4", "vendor:V-1")]
    assert verdict("26-4", ON, given(*facts)) == Verdict.FALLS_SHORT
    assert verdict("26-4", ON, given(*facts, approved("exception:EX-1"))) == Verdict.MET_BY_EXCEPTION


def test_g26_3_and_g26_4_are_read_with_the_paragraphs_that_they_explain():
    for facts in (given(), given(IMPORTANT, service(holds_users_data=True), holding(), report())):
        assert verdict("G26-3", ON, facts) == verdict("26-3", ON, facts)
        assert verdict("G26-4", ON, facts) == verdict("26-4", ON, facts)
    assert state("G26-3", ON, facts).verdict == Verdict.MET


DAYS = st.integers(-3, 3).map(lambda n: ON + timedelta(days=n))
REPORTS = st.lists(st.tuples(DAYS, DAYS, st.sampled_from(["soc2", "other"])), max_size=3)
AUDITS = st.lists(st.none() | st.integers(-370, 2).map(lambda n: ON + timedelta(days=n)), max_size=3)


@over(st.lists(st.tuples(st.booleans(), REPORTS, AUDITS), max_size=4))
def test_26_4_agrees_with_a_reader_who_goes_through_the_vendors_one_by_one(drawn):
    rows, short = [], set()
    for n, (important, reports, audits) in enumerate(drawn):
        key = f"V-{n}"
        rows.append(record("vendor", key, name=key, since_on=LONG_AGO, important=important))
        rows += [
            report(until_on, f"AR-{n}-{m}", kind, from_on, key)
            for m, (from_on, until_on, kind) in enumerate(reports)
        ]
        rows += [audit(until_on, f"AU-{n}-{m}", [key]) for m, until_on in enumerate(audits)]
        valid = any(kind != "other" and since <= ON <= until for since, until, kind in reports)
        audited = any(until and day(2025, 11, 23) <= until <= ON for until in audits)
        if important and not valid and not audited:
            short.add(key)
    assert falling_short("26-4", ON, given(*rows)) == short
