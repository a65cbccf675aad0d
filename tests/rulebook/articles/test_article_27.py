"""Article 27, read as the rule: where clouds stand, the nine points, and what is measured of them."""

from datetime import timedelta

import pytest
from hypothesis import given as over
from hypothesis import strategies as st

from sekisho.findings.verdicts import Verdict
from tests.rulebook.asking import ask, at, day, falling_short, given, lapses, reasons, record, verdict
from tests.rulebook.granting import CHIEF, LONG_AGO, approved, exception, office, otherwise

ON = day(2026, 11, 23)
ONE_DAY = timedelta(days=1)
APRIL = day(2026, 4, 1)


def cloud(key="CS-1", since=LONG_AGO, **values):
    told = {
        "name": key,
        "vendor": "V-1",
        "locations": ["L-1"],
        "location_confirmed_on": APRIL,
        "key_custody": "member",
    }
    return record("cloud_service", key, since_on=since, **(told | {"in_charge": "P-1"} | values))


def clause_by_exception(clause, subject, facts):
    """The verdict before an exception is approved, on its last day, and the day after."""
    facts = [*facts, exception(clause, subject)]
    granted = [*facts, CHIEF, approved("exception:EX-1")]
    last = day(2026, 12, 31)
    return [
        verdict(clause, ON, given(*facts)),
        verdict(clause, last, given(*granted)),
        verdict(clause, last + ONE_DAY, given(*granted)),
    ]


EXCEPTED = [Verdict.FALLS_SHORT, Verdict.MET_BY_EXCEPTION, Verdict.FALLS_SHORT]


# --- 27: every cloud in use is on record ----------------------------------------------------------------------------


def service(key="OS-1", is_cloud=True, since=APRIL, vendor="V-1", **values):
    told = {"name": key, "vendor": vendor, "is_cloud": is_cloud, "in_charge": "P-2"}
    return record("outsourced_service", key, since_on=since, **(told | values))


def handed_on(to, by="V-1", **values):
    return record("subcontract", f"SUB-{to}", service="OS-1", from_vendor=by, to_vendor=to, **values)


def holding(key="DH-1", of="CS-1", since=APRIL, **values):
    return record("data_holding", key, what="本人確認書類", cloud_service=of, since_on=since, **values)


def own(on, *records):
    """What clause 27's own check finds, its items left out."""
    return {(s, r) for s, r in reasons("27", on, given(*records)) if s.startswith(("OS", "DH"))}


def test_27_finds_nothing_where_outsourced_work_on_a_cloud_has_its_vendor_s_cloud_on_record():
    assert own(ON, service(), cloud()) == set()
    assert ask("27", ON, given(service(), cloud()))["OS-1"].outcome == "met"


def test_27_falls_short_where_the_vendor_has_no_cloud_on_record():
    outcome = ask("27", ON, given(service(), cloud(vendor="V-9")))["OS-1"]
    assert (outcome.outcome, outcome.reason, outcome.since) == ("falls_short", "not_on_record", APRIL)
    assert (outcome.who, outcome.data) == ("person:P-2", {"outsourced_service": "OS-1"})
    assert ask("27", ON, given(service(in_charge=None)))["OS-1"].who == "role:vendor_owner"


def test_27_falls_short_the_day_after_the_cloud_on_record_ends_and_before_it_begins():
    ending = cloud(until_on=day(2026, 9, 30))
    assert own(day(2026, 9, 30), service(), ending) == set()
    assert own(day(2026, 10, 1), service(), ending) == {("OS-1", "not_on_record")}
    coming = cloud(since=day(2026, 9, 30))
    assert own(day(2026, 9, 29), service(), coming) == {("OS-1", "not_on_record")}
    assert own(day(2026, 9, 30), service(), coming) == set()


def test_27_counts_the_cloud_of_a_subcontractor_at_any_step_of_the_chain():
    chain = [service(), cloud(vendor="V-3"), handed_on("V-2"), handed_on("V-3", by="V-2", until_on=ON)]
    assert own(ON, *chain) == set()
    assert own(ON + ONE_DAY, *chain) == {("OS-1", "not_on_record")}


def test_27_is_no_evidence_where_nobody_says_whether_outsourced_work_runs_on_a_cloud():
    assert own(ON, service(is_cloud=None), cloud()) == {("OS-1", "not_said")}
    assert ask("27", ON, given(service(is_cloud=None)))["OS-1"].outcome == "no_evidence"


def test_27_asks_not_of_work_on_no_cloud_nor_of_work_that_has_ended_or_is_to_come():
    none = service(is_cloud=False)
    assert ask("27", ON, given(none))["OS-1"].outcome == "met"
    ended, coming = service("OS-2", until_on=day(2026, 11, 22)), service("OS-3", since=day(2026, 11, 24))
    assert own(ON, none, ended, coming) == set()
    assert own(day(2026, 11, 22), none, ended) == {("OS-2", "not_on_record")}


def test_27_falls_short_the_day_after_a_cloud_ends_that_still_holds_users_data():
    ending = cloud(until_on=day(2026, 9, 30))
    assert own(day(2026, 9, 30), holding(), ending) == set()
    outcome = ask("27", day(2026, 10, 1), given(holding(), ending))["DH-1"]
    assert (outcome.reason, outcome.since) == ("data_in_no_cloud_in_use", day(2026, 10, 1))
    assert outcome.data == {"data_holding": "DH-1", "cloud_service": "CS-1"}
    assert own(ON, holding(until_on=day(2026, 9, 30)), ending) == set()


def test_27_falls_short_where_users_data_lie_in_a_cloud_that_is_not_there_or_not_begun():
    assert own(ON, holding(of="CS-9"), cloud()) == {("DH-1", "data_in_no_cloud_in_use")}
    outcome = ask("27", ON, given(holding(since=None), cloud(since=ON + ONE_DAY)))["DH-1"]
    assert (outcome.reason, outcome.since, outcome.who) == (
        "data_in_no_cloud_in_use",
        None,
        "role:vendor_owner",
    )
    with_a_vendor = record("data_holding", "DH-2", what="写し", vendor="V-1", since_on=APRIL)
    assert own(ON, with_a_vendor, cloud()) == set()


def test_27_is_no_evidence_in_silence():
    assert verdict("27", ON, given()) == Verdict.NO_EVIDENCE
    assert ("member", "nothing_recorded") in reasons("27", ON, given())


def test_27_is_met_with_all_its_items_and_falls_short_with_one_of_them():
    facts = [*whole(), service()]
    assert verdict("27", ON, given(*facts)) == Verdict.MET
    assert verdict("27", ON, given(*whole(point_4=None), service())) == Verdict.FALLS_SHORT
    assert verdict("27", ON, given(*whole())) == Verdict.NO_EVIDENCE
    assert (
        clause_by_exception("27", "outsourced_service:OS-2", [*facts, service("OS-2", vendor="V-9")])
        == EXCEPTED
    )


# --- 27-1: where they stand ------------------------------------------------------------------------------------------


def location(key="L-1", allowed=True, **values):
    told = {"name": key, "country": "JP", "risk_note": "地震。個人情報保護法。", "risk_noted_on": APRIL}
    return record("location", key, allowed=allowed, **(told | values))


TOKYO = (location(), CHIEF, approved("location:L-1"))


def test_27_1_lapses_a_year_after_the_locations_were_confirmed():
    facts = [*TOKYO, cloud()]
    assert verdict("27-1", day(2027, 4, 1), given(*facts)) == Verdict.MET
    outcome = ask("27-1", day(2027, 4, 2), given(*facts))["CS-1"]
    assert (outcome.reason, outcome.since, outcome.who) == ("location_old", day(2027, 4, 2), "person:P-1")
    assert outcome.data == {"cloud_service": "CS-1", "last": "2026-04-01"}


def test_27_1_falls_short_without_a_location():
    for lacking in ({"locations": []}, {"locations": None}):
        outcome = ask("27-1", ON, given(*TOKYO, cloud(**lacking)))["CS-1"]
        assert (outcome.outcome, outcome.reason, outcome.since) == ("falls_short", "no_location", LONG_AGO)


def test_27_1_falls_short_where_the_locations_were_never_confirmed_or_are_to_be_later():
    for lacking in (None, ON + ONE_DAY):
        facts = given(*TOKYO, cloud(location_confirmed_on=lacking))
        assert reasons("27-1", ON, facts) == {("CS-1", "not_confirmed")}
    assert verdict("27-1", ON + ONE_DAY, facts) == Verdict.MET


def test_27_1_falls_short_at_a_location_that_is_not_allowed_and_names_it():
    facts = [
        *TOKYO,
        cloud(locations=["L-1", "L-3", "L-2"]),
        location("L-2", allowed=False),
        location("L-3", allowed=None),
    ]
    outcome = ask("27-1", ON, given(*facts))["CS-1"]
    assert (outcome.outcome, outcome.reason, outcome.since) == ("falls_short", "not_allowed", LONG_AGO)
    assert outcome.data == {"location": "L-2", "count": "2", "cloud_service": "CS-1"}
    assert reasons("27-1", ON, given(*TOKYO, cloud(locations=["L-9"]))) == {("CS-1", "not_allowed")}


def test_27_1_counts_a_location_from_the_day_on_which_it_is_approved_by_who_may():
    approval = approved("location:L-1", on=day(2026, 6, 1))
    facts = given(location(), cloud(), CHIEF, approval)
    assert reasons("27-1", day(2026, 5, 31), facts) == {("CS-1", "not_allowed")}
    assert verdict("27-1", day(2026, 6, 1), facts) == Verdict.MET
    president = office("representative_director", "P-CSO")
    assert verdict("27-1", ON, given(location(), cloud(), president, approval)) == Verdict.MET
    for other in (
        office("vendor_owner", "P-CSO"),
        office("chief_system_officer", "P-CSO", until=day(2026, 5, 31)),
    ):
        assert verdict("27-1", ON, given(location(), cloud(), other, approval)) == Verdict.FALLS_SHORT
    withdrawn = given(location(allowed=False), cloud(), CHIEF, approval)
    assert verdict("27-1", ON, withdrawn) == Verdict.FALLS_SHORT


def test_27_1_asks_not_of_a_cloud_after_its_last_day():
    ended = cloud("CS-2", locations=[], until_on=day(2026, 11, 22))
    assert set(ask("27-1", ON, given(*TOKYO, cloud(), ended))) == {"CS-1"}
    assert ask("27-1", day(2026, 11, 22), given(*TOKYO, cloud(), ended))["CS-2"].reason == "no_location"


def test_27_1_is_no_evidence_without_a_cloud_in_use():
    assert verdict("27-1", ON, given()) == Verdict.NO_EVIDENCE
    assert reasons("27-1", ON, given(*TOKYO)) == {("member", "nothing_recorded")}


def test_27_1_is_met_by_an_exception_while_it_is_approved_and_not_expired():
    facts = [*TOKYO, cloud(locations=["L-9"])]
    assert clause_by_exception("27-1", "cloud_service:CS-1", facts) == EXCEPTED


def test_g27_1_lapses_a_year_after_the_risk_of_the_place_was_noted():
    facts = given(location(), cloud())
    assert verdict("G27-1", APRIL, facts) == verdict("G27-1", day(2027, 4, 1), facts) == Verdict.MET
    outcome = ask("G27-1", day(2027, 4, 2), facts)["L-1"]
    assert (outcome.outcome, outcome.reason, outcome.since) == (
        "falls_short",
        "risk_note_old",
        day(2027, 4, 2),
    )
    assert outcome.data == {"location": "L-1", "last": "2026-04-01"}


def test_g27_1_falls_short_without_a_note():
    for note in (None, " \n"):
        outcome = ask("G27-1", ON, given(location(risk_note=note), cloud()))["L-1"]
        assert (outcome.outcome, outcome.reason, outcome.since) == ("falls_short", "no_risk_note", LONG_AGO)
        assert (outcome.who, outcome.data) == ("role:vendor_owner", {"location": "L-1"})
    later = given(location(), cloud())
    assert reasons("G27-1", day(2026, 3, 31), later) == {("L-1", "no_risk_note")}


def test_g27_1_is_no_evidence_where_the_note_has_no_day():
    facts = given(location(risk_noted_on=None), cloud())
    assert reasons("G27-1", ON, facts) == {("L-1", "not_dated")}
    assert verdict("G27-1", ON, facts) == Verdict.NO_EVIDENCE


def test_g27_1_asks_of_locations_that_a_cloud_in_use_or_users_data_use_and_of_no_other():
    bare = [location(key, risk_note=None) for key in ("L-1", "L-2", "L-3", "L-4")]
    ended = cloud("CS-2", locations=["L-3"], until_on=day(2026, 11, 22))
    held = holding(location="L-2", since=None, until_on=ON)
    facts = given(*bare, cloud(), cloud("CS-3"), ended, held)
    assert set(ask("G27-1", ON, facts)) == {"L-1", "L-2"}
    assert ask("G27-1", ON, facts)["L-2"].since is None
    assert set(ask("G27-1", ON + ONE_DAY, facts)) == {"L-1"}
    assert set(ask("G27-1", day(2026, 11, 22), facts)) == {"L-1", "L-2", "L-3"}


def test_g27_1_is_no_evidence_in_silence():
    assert verdict("G27-1", ON, given()) == Verdict.NO_EVIDENCE
    assert reasons("G27-1", ON, given(location())) == {("member", "nothing_recorded")}


def test_g27_1_is_met_by_an_exception_or_by_what_is_done_otherwise():
    facts = [location(risk_note=None), cloud()]
    assert clause_by_exception("G27-1", "location:L-1", facts) == EXCEPTED
    facts += [otherwise("G27-1", "location:L-1"), CHIEF, approved("exception:EX-1")]
    assert verdict("G27-1", ON, given(*facts)) == Verdict.MET_BY_EXCEPTION


# --- 27-2 to 27-6, 27-9: the points that are assessed ------------------------------------------------------------------

POINTS = {"27-2": "2", "27-3": "3", "27-4": "4", "27-5": "5", "27-6": "6", "27-9": "9"}
every_point = pytest.mark.parametrize(("clause", "point"), POINTS.items())
DUE = day(2026, 12, 31)


def assessed(point, on=APRIL, result="good", key="CP-1", of="CS-1", **values):
    told = {"cloud_service": of, "point": point, "assessed_on": on, "result": result}
    return record("cloud_point", key, **(told | values))


def action(key="AC-1", of="cloud_point:CP-1", due=DUE, **values):
    told = {"what": key, "arises_from": of, "kind": "corrective", "owner": "P-3", "due_on": due}
    return record("action", key, **(told | values))


@every_point
def test_27_each_point_lapses_a_year_after_its_assessment(clause, point):
    lapses(clause, "CS-1", [cloud()], lambda on: assessed(point, on), APRIL, day(2027, 4, 1),
           never="not_assessed", old="assessment_old", since_never=LONG_AGO)  # fmt: skip


@every_point
def test_27_each_point_is_met_by_a_good_assessment(clause, point):
    assert verdict(clause, ON, given(cloud(), assessed(point))) == Verdict.MET


@every_point
def test_27_each_point_counts_no_assessment_of_another_point_or_cloud(clause, point):
    other = "9" if point != "9" else "1"
    facts = given(cloud(), assessed(other), assessed(point, key="CP-2", of="CS-9"))
    outcome = ask(clause, ON, facts)["CS-1"]
    assert (outcome.outcome, outcome.reason) == ("falls_short", "not_assessed")
    assert (outcome.who, outcome.data) == ("person:P-1", {"cloud_service": "CS-1"})


@every_point
def test_27_each_point_is_no_evidence_in_silence(clause, point):
    assert verdict(clause, ON, given()) == Verdict.NO_EVIDENCE
    assert verdict(clause, ON, given(cloud(until_on=day(2026, 11, 22)))) == Verdict.NO_EVIDENCE


@every_point
def test_27_each_point_falls_short_where_nothing_follows_from_a_result_that_is_not_good(clause, point):
    for result in ("improve", "bad"):
        outcome = ask(clause, ON, given(cloud(), assessed(point, result=result)))["CS-1"]
        assert (outcome.outcome, outcome.reason, outcome.since) == ("falls_short", "no_action", APRIL)
        assert outcome.data == {"cloud_service": "CS-1", "cloud_point": "CP-1", "day": "2026-04-01"}


@every_point
def test_27_each_point_is_met_by_an_exception_while_it_is_approved_and_not_expired(clause, point):
    assert clause_by_exception(clause, "cloud_service:CS-1", [cloud()]) == EXCEPTED


def test_27_4_is_met_while_an_action_runs_or_is_done_and_falls_short_the_day_after_it_was_due():
    facts = [cloud(), assessed("4", result="improve")]
    assert verdict("27-4", day(2026, 12, 31), given(*facts, action())) == Verdict.MET
    outcome = ask("27-4", day(2027, 1, 1), given(*facts, action()))["CS-1"]
    assert (outcome.reason, outcome.since, outcome.due) == (
        "action_overdue",
        day(2027, 1, 1),
        day(2026, 12, 31),
    )
    assert (outcome.who, outcome.data["action"]) == ("person:P-3", "AC-1")
    done = given(*facts, action(done_on=day(2027, 1, 10)))
    assert verdict("27-4", day(2027, 1, 9), done) == Verdict.FALLS_SHORT
    assert verdict("27-4", day(2027, 1, 10), done) == Verdict.MET


def test_27_4_tells_of_the_action_that_was_due_first_and_turns_to_the_cloud_s_own_where_it_has_no_owner():
    late = [action("AC-2", due=day(2026, 10, 1), owner=None), action(due=day(2026, 11, 1)), action("AC-3")]
    outcome = ask("27-4", ON, given(cloud(), assessed("4", result="bad"), *late))["CS-1"]
    assert (outcome.data["action"], outcome.since, outcome.who) == ("AC-2", day(2026, 10, 2), "person:P-1")
    outcome = ask("27-4", ON, given(cloud(in_charge=None), assessed("4", result="bad"), *late))["CS-1"]
    assert outcome.who == "role:vendor_owner"


def test_27_4_counts_no_action_that_arises_from_something_else():
    facts = [cloud(), assessed("4", result="improve")]
    for other in ("cloud_point:CP-9", "review:CP-1", None):
        assert reasons("27-4", ON, given(*facts, action(of=other))) == {("CS-1", "no_action")}


def test_27_4_goes_by_the_newest_assessment_alone():
    bad, good = assessed("4", result="bad"), assessed("4", day(2026, 11, 1), key="CP-2")
    assert verdict("27-4", day(2026, 10, 31), given(cloud(), bad, good)) == Verdict.FALLS_SHORT
    assert verdict("27-4", day(2026, 11, 1), given(cloud(), bad, good)) == Verdict.MET
    worse = assessed("4", day(2026, 11, 2), key="CP-0", result="improve")
    assert reasons("27-4", ON, given(cloud(), bad, good, worse)) == {("CS-1", "no_action")}


# --- 27-5: keys ------------------------------------------------------------------------------------------------------


def test_27_5_falls_short_where_the_provider_alone_can_use_the_keys():
    outcome = ask("27-5", ON, given(cloud(key_custody="provider"), assessed("5")))["CS-1"]
    assert (outcome.outcome, outcome.reason, outcome.since) == ("falls_short", "provider_alone", LONG_AGO)
    for custody in ("none", "member", "shared"):
        assert verdict("27-5", ON, given(cloud(key_custody=custody), assessed("5"))) == Verdict.MET


def test_27_5_is_no_evidence_where_nobody_says_who_holds_the_keys():
    facts = given(cloud(key_custody=None), assessed("5"))
    assert reasons("27-5", ON, facts) == {("CS-1", "custody_not_said")}
    assert verdict("27-5", ON, facts) == Verdict.NO_EVIDENCE


def test_27_5_asks_of_the_keys_to_the_cloud_s_last_day():
    facts = given(
        cloud(),
        assessed("5"),
        cloud("CS-2", key_custody="provider", until_on=ON),
        assessed("5", key="CP-2", of="CS-2"),
    )
    assert verdict("27-5", ON, facts) == Verdict.FALLS_SHORT
    assert verdict("27-5", ON + ONE_DAY, facts) == Verdict.MET


# --- G27-3: the assessment of the security of data is whole ------------------------------------------------------------

WHOLE = {
    "access": "運用担当3名。操作履歴を1年保存。",
    "leaks": "共有設定の誤り",
    "migration": "標準形式で移行、消去証明",
}


def test_g27_3_is_met_by_an_assessment_that_tells_of_all_three():
    assert verdict("G27-3", ON, given(cloud(), assessed("3", **WHOLE))) == Verdict.MET


def test_g27_3_falls_short_naming_which_of_the_three_is_left_out():
    for part in WHOLE:
        for silent in (None, "  "):
            facts = given(cloud(), assessed("3", **(WHOLE | {part: silent})))
            assert reasons("G27-3", ON, facts) == {("CS-1", f"no_{part}")}
    outcome = ask("G27-3", ON, facts)["CS-1"]
    assert (outcome.outcome, outcome.since, outcome.who) == ("falls_short", APRIL, "person:P-1")
    assert outcome.data == {"cloud_service": "CS-1", "cloud_point": "CP-1", "day": "2026-04-01"}
    assert len(reasons("G27-3", ON, given(cloud(), assessed("3")))) == 3


def test_g27_3_goes_by_the_newest_assessment_of_that_point_from_its_day_on():
    bare, full = assessed("3"), assessed("3", day(2026, 11, 1), key="CP-2", **WHOLE)
    other = assessed("4", day(2026, 11, 10), key="CP-3")
    facts = given(cloud(), bare, full, other)
    assert verdict("G27-3", day(2026, 10, 31), facts) == Verdict.FALLS_SHORT
    assert verdict("G27-3", day(2026, 11, 1), facts) == verdict("G27-3", ON, facts) == Verdict.MET


def test_g27_3_is_no_evidence_without_an_assessment_and_in_silence():
    facts = given(cloud(), assessed("3", day(2026, 11, 24), **WHOLE))
    assert reasons("G27-3", ON, facts) == {("CS-1", "no_assessment")}
    assert verdict("G27-3", ON, facts) == Verdict.NO_EVIDENCE
    assert verdict("G27-3", ON, given()) == Verdict.NO_EVIDENCE


def test_g27_3_is_met_by_an_exception_or_by_what_is_done_otherwise():
    facts = [cloud(), assessed("3", **(WHOLE | {"leaks": None}))]
    assert clause_by_exception("G27-3", "cloud_service:CS-1", [cloud(), assessed("3", on=ON)]) == EXCEPTED
    facts += [otherwise("G27-3", "cloud_service:CS-1"), CHIEF, approved("exception:EX-1")]
    assert verdict("G27-3", ON, given(*facts)) == Verdict.MET_BY_EXCEPTION


# --- 27-7, 27-8: what is measured ------------------------------------------------------------------------------------


def monitor(key, what, of="CS-1", since=LONG_AGO, **values):
    level = {"availability": (99.9, "at_least"), "peak_load": (70, "at_most")}[what]
    told = {"title": key, "cloud_service": of, "what": what, "bound": level[0], "direction": level[1]}
    return record("monitor", key, since_on=since, **(told | values))


def measured(value, on=ON, of="MO-1", key="ME-1", **values):
    return record("measurement", key, monitor=of, at=at(on.year, on.month, on.day, 12), value=value, **values)


def whole(point_4=APRIL):
    """A cloud that meets every item."""
    points = [assessed(p, key=f"CP-{p}") for p in POINTS.values() if p != "4"]
    points += [assessed("4", point_4, key="CP-4")] if point_4 else []
    watched = [monitor("MO-1", "availability"), monitor("MO-2", "peak_load")]
    values = [measured(99.95), measured(50, of="MO-2", key="ME-2")]
    return [*TOKYO, cloud(), *points, *watched, *values]


DECIDED = {"decision": "accept", "decision_reason": "事業者の再発防止を確認", "decided_on": day(2026, 11, 24)}
# clause, what, the last good value, the first bad one
MEASURED = (("27-7", "availability", 99.9, 99.89), ("27-8", "peak_load", 70, 70.01))
each_measured = pytest.mark.parametrize(("clause", "what", "good", "bad"), MEASURED)


@each_measured
def test_27_7_and_8_are_met_at_the_bound_and_fall_short_beyond_it(clause, what, good, bad):
    facts = [cloud(), monitor("MO-1", what)]
    assert verdict(clause, ON, given(*facts, measured(good))) == Verdict.MET
    outcome = ask(clause, ON, given(*facts, measured(bad)))["CS-1"]
    assert (outcome.outcome, outcome.reason, outcome.since) == ("falls_short", "undecided", ON)
    told = {"day": "2026-11-23", "value": str(bad), "bound": str(float(good)), "count": "1"}
    assert outcome.data == told | {"cloud_service": "CS-1", "monitor": "MO-1", "measurement": "ME-1"}
    assert outcome.who == "person:P-1"


@each_measured
def test_27_7_and_8_are_met_from_the_day_on_which_it_is_decided_with_a_reason(clause, what, good, bad):
    facts = [cloud(), monitor("MO-1", what)]
    decided = given(*facts, measured(bad, **DECIDED))
    assert verdict(clause, ON, decided) == Verdict.FALLS_SHORT
    assert verdict(clause, day(2026, 11, 24), decided) == Verdict.MET
    for lacking in ("decision", "decision_reason", "decided_on"):
        facts_lacking = given(*facts, measured(bad, **(DECIDED | {lacking: None})))
        assert verdict(clause, day(2026, 11, 24), facts_lacking) == Verdict.FALLS_SHORT


@each_measured
def test_27_7_and_8_count_a_year_back_and_tell_of_the_oldest(clause, what, good, bad):
    fresh = measured(good, day(2027, 11, 20), key="ME-9")
    facts = given(
        cloud(), monitor("MO-1", what), measured(bad), measured(bad, day(2027, 1, 5), key="ME-2"), fresh
    )
    outcome = ask(clause, day(2027, 11, 23), facts)["CS-1"]
    assert (outcome.since, outcome.data["measurement"], outcome.data["count"]) == (ON, "ME-1", "2")
    outcome = ask(clause, day(2027, 11, 24), facts)["CS-1"]
    assert (outcome.since, outcome.data["measurement"], outcome.data["count"]) == (
        day(2027, 1, 5),
        "ME-2",
        "1",
    )


@each_measured
def test_27_7_and_8_leave_out_planned_stops_and_other_monitors_and_clouds(clause, what, good, bad):
    others = [monitor("MO-2", "availability", of="CS-2"), monitor("MO-3", "peak_load", of="CS-2")]
    other = [measured(bad, of=of, key=f"ME-{of}") for of in ("MO-2", "MO-3", "MO-9")]
    planned = measured(bad, planned=True, key="ME-3")
    on_a_system = [monitor("MO-4", what, of=None, system="S-1"), measured(bad, of="MO-4", key="ME-4")]
    facts = given(cloud(), monitor("MO-1", what), measured(good), planned, *others, *other, *on_a_system)
    assert verdict(clause, ON, facts) == Verdict.MET


@each_measured
def test_27_7_and_8_count_values_of_a_monitor_that_has_ended_by_its_own_bound(clause, what, good, bad):
    old = [
        monitor("MO-0", what, until_on=day(2026, 10, 31)),
        measured(bad, day(2026, 10, 5), of="MO-0", key="ME-0"),
    ]
    facts = [cloud(), monitor("MO-1", what, since=day(2026, 11, 1)), measured(good)]
    assert ask(clause, ON, given(*facts, *old))["CS-1"].data["monitor"] == "MO-0"


@each_measured
def test_27_7_and_8_are_no_evidence_the_day_after_three_months_without_a_value(clause, what, good, bad):
    facts = given(cloud(), monitor("MO-1", what), measured(good))
    assert verdict(clause, day(2027, 2, 23), facts) == Verdict.MET
    assert reasons(clause, day(2027, 2, 24), facts) == {("CS-1", "not_measured")}
    assert verdict(clause, day(2027, 2, 24), facts) == Verdict.NO_EVIDENCE


@each_measured
def test_27_7_and_8_are_no_evidence_where_one_of_several_monitors_has_no_value_yet(clause, what, good, bad):
    facts = [cloud(), monitor("MO-1", what), measured(good), monitor("MO-2", what)]
    for silent in (
        (),
        (measured(good, ON + ONE_DAY, of="MO-2", key="ME-2"),),
        (measured(None, of="MO-2", key="ME-2"),),
    ):
        outcome = ask(clause, ON, given(*facts, *silent))["CS-1"]
        assert (outcome.outcome, outcome.reason, outcome.data["monitor"]) == (
            "no_evidence",
            "not_measured",
            "MO-2",
        )


@each_measured
def test_27_7_and_8_are_no_evidence_without_a_monitor_that_runs(clause, what, good, bad):
    other = {"availability": "peak_load", "peak_load": "availability"}[what]
    for lacking in (
        (),
        (monitor("MO-1", other),),
        (monitor("MO-1", what, until_on=day(2026, 11, 22)), measured(good, day(2026, 11, 20))),
        (monitor("MO-1", what, since=ON + ONE_DAY),),
    ):
        facts = given(cloud(), *lacking)
        assert reasons(clause, ON, facts) == {("CS-1", "no_monitor")}
        assert verdict(clause, ON, facts) == Verdict.NO_EVIDENCE


@each_measured
def test_27_7_and_8_are_no_evidence_without_an_agreed_level(clause, what, good, bad):
    bare = monitor("MO-1", what, bound=None, direction=None)
    facts = [cloud(), bare, measured(bad)]
    assert reasons(clause, ON, given(*facts)) == {("CS-1", "no_level")}
    beside = [monitor("MO-2", what), measured(good, of="MO-2", key="ME-2")]
    assert verdict(clause, ON, given(*facts, *beside)) == Verdict.MET


@each_measured
def test_27_7_and_8_are_no_evidence_in_silence(clause, what, good, bad):
    assert verdict(clause, ON, given()) == Verdict.NO_EVIDENCE
    assert reasons(clause, ON, given(monitor("MO-1", what), measured(bad))) == {
        ("member", "nothing_recorded")
    }


@each_measured
def test_27_7_and_8_are_met_by_an_exception_while_it_is_approved_and_not_expired(clause, what, good, bad):
    facts = [cloud(), monitor("MO-1", what), measured(bad)]
    assert clause_by_exception(clause, "cloud_service:CS-1", facts) == EXCEPTED


DAYS = st.integers(-3, 3).map(lambda n: ON + timedelta(days=n))
VALUES = st.none() | st.sampled_from([99.8, 99.9, 100.0])
TAKEN = st.tuples(st.sampled_from(["MO-1", "MO-2"]), DAYS, VALUES, st.booleans(), st.none() | DAYS)


@over(st.lists(TAKEN), DAYS)
def test_27_7_agrees_with_a_reader_who_goes_through_the_values_one_by_one(drawn, second_until):
    rows = [cloud(), cloud("CS-2"), monitor("MO-1", "availability")]
    rows.append(monitor("MO-2", "availability", of="CS-2", until_on=second_until))
    short = set()
    for n, (of, on, value, planned, decided_on) in enumerate(drawn):
        word = {"decision": "act", "decision_reason": "交渉", "decided_on": decided_on} if decided_on else {}
        rows.append(measured(value, on, of, f"ME-{n}", planned=planned, **word))
        undecided = decided_on is None or decided_on > ON
        if value is not None and value < 99.9 and on <= ON and not planned and undecided:
            short.add({"MO-1": "CS-1", "MO-2": "CS-2"}[of])
    assert falling_short("27-7", ON, given(*rows)) == short
