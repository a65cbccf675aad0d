"""Article 10, paragraph 6, read as the rule: measures against fraud in what users do online."""

from datetime import timedelta

import pytest

from sekisho.findings.verdicts import Verdict
from tests.rulebook.asking import at, day, every_outcome, given, lapses, record, verdict
from tests.rulebook.granting import CHIEF, approved, exception, otherwise

ON = day(2026, 11, 23)
YESTERDAY, TOMORROW = ON - timedelta(days=1), ON + timedelta(days=1)
APRIL = day(2024, 4, 1)
ASIDE = ("last_login", "anomaly", "limits", "dormant_ids")
RAISED = UPDATED = at(2026, 11, 20)
ITEMS = ("10-6-1", "10-6-2", "10-6-3")


def channel(key="CH-1", kind="web", **values):
    told = {"name": key, "system": "S-1", "since_on": APRIL}
    return record("channel", key, kind=kind, **(told | values))


def measure(kind, channel="CH-1", key=None, **values):
    told = {"title": kind, "used": True, "since_on": APRIL}
    return record(
        "fraud_measure", key or f"FM-{kind}-{channel}", channel=channel, measure=kind, **(told | values)
    )


def block(updated=UPDATED, **values):
    return measure("block_addresses", list_updated_at=updated, **({"enforced": True} | values))


def notice(on, topic="security_software"):
    return record("user_notice", "UN-1", title="案内", topic=topic, sent_on=on)


def source(key="WS-1", **values):
    told = {"title": key, "system": "S-1", "kind": "authentication", "since_on": APRIL}
    return record("watch_source", key, **(told | values))


SYSTEM = record("system", "S-1", name="S-1", in_scope=True, unit="U-1", in_use_since_on=APRIL)
DETECTION = measure("detection")
WHOLE = [SYSTEM, channel(), block(), notice(ON), DETECTION, source(), *(measure(kind) for kind in ASIDE)]


def without(*kinds):
    """All but the records of a kind, or the fraud measures of a kind."""
    return [r for r in WHOLE if r.kind not in kinds and r.values.get("measure") not in kinds]


def told(citation, on, *records):
    """What is not met: (subject, reason) to the day since when."""
    found = every_outcome(citation, on, given(*records))
    return {(subject, o.reason): o.since for subject, o in found if o.reason}


def test_10_6_is_met_where_channels_have_all_measures():
    for citation in ("10-6", *ITEMS, "G10-6"):
        assert verdict(citation, ON, given(*WHOLE)) == Verdict.MET


@pytest.mark.parametrize("citation", ["10-6", *ITEMS, "G10-6"])
def test_silence_is_no_evidence(citation):
    assert verdict(citation, ON, given()) == Verdict.NO_EVIDENCE


# --- a measure at all -------------------------------------------------------------------------------------------------


def without_measures(*more):
    return [*without("fraud_measure"), *more]


def own(on, *records):
    return {k: v for k, v in told("10-6", on, *records).items() if k[1] == "no_measure"}


def test_10_6_falls_short_where_a_channel_has_no_measure_at_work():
    unused = measure("other", used=False, reason="不要")
    for rows in (without_measures(), without_measures(unused), without_measures(measure("other", "CH-2"))):
        assert own(ON, *rows) == {("CH-1", "no_measure"): APRIL}
    found = dict(every_outcome("10-6", ON, given(*without_measures(), channel("CH-9"))))
    assert found["CH-9"].who == "role:system_manager@U-1"


def test_10_6_counts_a_measure_from_its_first_to_its_last_day():
    assert own(ON, *without_measures(measure("other", since_on=ON, until_on=ON))) == {}
    over = without_measures(measure("other", until_on=ON))
    assert own(TOMORROW, *over) == {("CH-1", "no_measure"): TOMORROW}
    coming = without_measures(measure("other", since_on=TOMORROW))
    assert own(ON, *coming) == {("CH-1", "no_measure"): APRIL}
    assert own(TOMORROW, *coming) == {}


def test_10_6_asks_of_channels_from_their_first_to_their_last_day():
    for values in ({"until_on": YESTERDAY}, {"since_on": TOMORROW}):
        assert told("10-6", ON, *WHOLE, channel("CH-2", **values)) == {}
    assert own(ON, *WHOLE, channel("CH-2", until_on=ON)) == {("CH-2", "no_measure"): APRIL}


# --- 10-6-1: addresses ------------------------------------------------------------------------------------------------


def test_10_6_1_is_met_to_the_last_day_of_the_list_and_falls_short_the_day_after():
    last_good = day(2026, 11, 27)
    assert told("10-6-1", last_good, *WHOLE) == {}
    after = last_good + timedelta(days=1)
    assert told("10-6-1", after, *WHOLE) == {("CH-1", "old_list"): after}


@pytest.mark.parametrize(
    ("rows", "reason", "since"),
    [
        ([], "no_block", APRIL),
        ([block(used=False, reason="不要")], "no_block", APRIL),
        ([block(until_on=YESTERDAY)], "no_block", ON),
        ([block(since_on=TOMORROW)], "no_block", APRIL),
        ([block(enforced=False)], "not_enforced", APRIL),
        ([block(enforced=None, since_on=YESTERDAY)], "not_enforced", YESTERDAY),
        ([block(updated=None)], "never_updated", APRIL),
        ([block(updated=at(2026, 11, 24, 0))], "updated_later", None),
    ],
)
def test_10_6_1_falls_short_where_addresses_are_not_blocked(rows, reason, since):
    assert told("10-6-1", ON, *without("block_addresses"), *rows) == {("CH-1", reason): since}


def test_10_6_1_has_no_evidence_of_a_day_before_the_update_that_is_on_record():
    rows = [*without("block_addresses"), block(updated=at(2026, 11, 24, 0))]
    assert verdict("10-6-1", ON, given(*rows)) == Verdict.NO_EVIDENCE
    assert verdict("10-6-1", TOMORROW, given(*rows)) == Verdict.MET


def test_10_6_1_of_several_lists_the_best_is_told_of():
    worse = [block(key="FM-A", enforced=False), block(key="FM-B", updated=None)]
    assert told("10-6-1", ON, *WHOLE, *worse) == {}
    old = block(at(2026, 11, 1), key="FM-C")
    assert told("10-6-1", ON, *without("block_addresses"), *worse, old) == {
        ("CH-1", "old_list"): day(2026, 11, 9)
    }


def test_10_6_1_asks_no_addresses_of_the_telephone():
    assert told("10-6-1", ON, *WHOLE, channel("CH-2", "phone")) == {}
    assert told("10-6-1", ON, *WHOLE, channel("CH-2", "other")) == {("CH-2", "no_block"): APRIL}


# --- 10-6-2: users' own devices ---------------------------------------------------------------------------------------


def test_10_6_2_users_are_urged_within_twelve_months():
    lapses(
        "10-6-2", "member", without("user_notice"), notice, day(2026, 11, 23), day(2027, 11, 23),
        never="no_notice", old="old_notice", since_never=APRIL,
    )  # fmt: skip


def test_10_6_2_a_notice_of_another_topic_does_not_count():
    rows = [*without("user_notice"), notice(ON, "phishing")]
    assert told("10-6-2", ON, *rows) == {("member", "no_notice"): APRIL}


# --- 10-6-3: detection ------------------------------------------------------------------------------------------------


def test_10_6_3_falls_short_where_a_channel_has_no_detector():
    assert told("10-6-3", ON, *without("detection")) == {("CH-1", "no_detector"): APRIL}
    over = measure("detection", until_on=ON)
    assert told("10-6-3", ON, *without("detection"), over) == {}
    assert told("10-6-3", TOMORROW, *without("detection"), over) == {("CH-1", "no_detector"): TOMORROW}
    for values in ({"used": False}, {"since_on": TOMORROW}):
        rows = [*without("detection"), measure("detection", **values)]
        assert told("10-6-3", ON, *rows) == {("CH-1", "no_detector"): APRIL}


def test_10_6_3_falls_short_where_the_channel_feeds_no_watch():
    assert told("10-6-3", ON, *without("watch_source")) == {("CH-1", "no_source"): APRIL}
    elsewhere = source(system="S-2")
    assert told("10-6-3", ON, *without("watch_source"), elsewhere) == {("CH-1", "no_source"): APRIL}
    over = [*without("watch_source"), source(until_on=ON)]
    assert told("10-6-3", ON, *over) == {}
    assert told("10-6-3", TOMORROW, *over) == {("CH-1", "no_source"): TOMORROW}
    unnamed = [*without("channel"), channel(system=None)]
    assert told("10-6-3", ON, *unnamed) == {("CH-1", "no_system"): APRIL}


def alert(minutes=None, raised=RAISED, **values):
    """`minutes`: from the detection until the user was told; None: not yet."""
    when = None if minutes is None else raised + timedelta(minutes=minutes)
    told_so = {"title": "不正ログイン", "source": "WS-1", "severity": "high", "concerns_user": True}
    return record("alert", "AL-1", at=raised, user_told_at=when, **(told_so | values))


def test_10_6_3_is_met_to_the_last_minute_and_falls_short_the_minute_after():
    assert told("10-6-3", ON, *WHOLE, alert(60)) == {}
    found = dict(every_outcome("10-6-3", ON, given(*WHOLE, alert(61))))["AL-1"]
    assert (found.reason, found.since, found.due) == ("told_late", day(2026, 11, 20), day(2026, 11, 20))
    assert found.data == {"alert": "AL-1", "due_at": "2026-11-20 10:00", "user_told": "2026-11-20 10:01"}
    assert found.who == "role:csirt_lead"


def test_10_6_3_falls_short_until_the_user_is_told():
    assert told("10-6-3", ON, *WHOLE, alert()) == {("AL-1", "not_told"): day(2026, 11, 20)}
    assert told("10-6-3", day(2027, 11, 23), *WHOLE, alert()) == {("AL-1", "not_told"): day(2026, 11, 20)}
    later = alert(60 * 24 * 4)  # told on the 24th: on the 23rd that has not happened yet
    assert told("10-6-3", ON, *WHOLE, later) == {("AL-1", "not_told"): day(2026, 11, 20)}
    assert told("10-6-3", TOMORROW, *WHOLE, later) == {("AL-1", "told_late"): day(2026, 11, 20)}


def test_10_6_3_a_user_told_late_counts_for_three_months():
    assert told("10-6-3", day(2027, 2, 20), *WHOLE, alert(61)) != {}
    assert told("10-6-3", day(2027, 2, 21), *WHOLE, alert(61)) == {}


def test_10_6_3_a_deadline_after_midnight_is_of_the_next_day():
    night = alert(raised=at(2026, 11, 23, 23, 30))
    assert told("10-6-3", ON, *WHOLE, night) == {}
    assert told("10-6-3", TOMORROW, *WHOLE, night) == {("AL-1", "not_told"): TOMORROW}


@pytest.mark.parametrize(
    ("values", "asked"),
    [
        ({"concerns_user": False}, False),
        ({"concerns_user": None}, False),
        ({"decision": "false_alarm", "decided_at": at(2026, 11, 20, 10)}, False),
        ({"decision": "false_alarm", "decided_at": at(2026, 11, 24, 10)}, True),
        ({"decision": "incident", "decided_at": at(2026, 11, 20, 10)}, True),
        ({"raised": at(2026, 11, 24)}, False),
    ],
)
def test_10_6_3_asks_of_alerts_of_which_a_user_must_be_told(values, asked):
    assert bool(told("10-6-3", ON, *WHOLE, alert(**values))) is asked


# --- done otherwise ---------------------------------------------------------------------------------------------------

LACKS = {
    "10-6-1": ("block_addresses", "channel:CH-1"),
    "10-6-2": ("user_notice", None),
    "10-6-3": ("detection", "channel:CH-1"),
}


@pytest.mark.parametrize("item", ITEMS)
def test_10_6_holds_by_an_approved_equivalent_of_an_item(item):
    lacking, subject = LACKS[item]
    rows, done = (
        [*without(lacking), CHIEF],
        [otherwise(item, subject), approved("exception:EX-1")],
    )
    assert verdict("10-6", ON, given(*rows)) == Verdict.FALLS_SHORT
    for citation in (item, "10-6"):
        assert verdict(citation, ON, given(*rows, *done)) == Verdict.MET_BY_EXCEPTION
    assert verdict("10-6", ON, given(*rows, done[0])) == Verdict.FALLS_SHORT  # nobody approved it
    nothing = [otherwise(item, subject, equivalent=None), done[1]]
    assert verdict("10-6", ON, given(*rows, *nothing)) == Verdict.FALLS_SHORT  # and nothing is done instead
    assert verdict(item, day(2027, 1, 1), given(*rows, *done)) == Verdict.FALLS_SHORT  # its last day is past


def test_10_6_an_equivalent_is_of_its_own_channel():
    rows = [*without("block_addresses"), channel("CH-2"), measure("detection", "CH-2"), CHIEF]
    done = [otherwise("10-6-1", "channel:CH-1"), approved("exception:EX-1")]
    assert verdict("10-6-1", ON, given(*rows, *done)) == Verdict.FALLS_SHORT  # CH-2 blocks nothing either


def test_10_6_an_equivalent_of_an_item_is_no_measure():
    """The paragraph itself asks for at least one measure; that is an obligation, and no example."""
    rows = [*without_measures(), CHIEF, otherwise("10-6", "channel:CH-1"), approved("exception:EX-1")]
    assert verdict("10-6", ON, given(*rows)) == Verdict.FALLS_SHORT
    granted = [*WHOLE, channel("CH-2", "phone"), measure("detection", "CH-1"), CHIEF]
    assert own(ON, *granted) == {("CH-2", "no_measure"): APRIL}
    spared = [*without_measures(), CHIEF, exception("10-6", "channel:CH-1"), approved("exception:EX-1")]
    assert verdict("10-6", ON, given(*spared)) == Verdict.MET_BY_EXCEPTION


# --- G10-6 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ASIDE)
def test_g10_6_falls_short_where_a_channel_has_neither_the_measure_nor_a_reason(kind):
    rows = without(kind)
    missing = {("CH-1", f"no_{kind}"): APRIL}
    assert told("G10-6", ON, *rows) == missing
    for values in (
        {"used": False},
        {"used": False, "reason": " "},
        {"since_on": TOMORROW},
        {"channel": "CH-2"},
    ):
        assert told("G10-6", ON, *rows, measure(kind, **values)) == missing
    assert told("G10-6", ON, *rows, measure(kind, used=False, reason="API は署名鍵で認証するため")) == {}


@pytest.mark.parametrize("kind", ASIDE)
def test_g10_6_falls_short_the_day_after_the_measure_ends(kind):
    rows = [*without(kind), measure(kind, until_on=ON)]
    assert told("G10-6", ON, *rows) == {}
    assert told("G10-6", TOMORROW, *rows) == {("CH-1", f"no_{kind}"): TOMORROW}


def test_g10_6_a_channel_without_any_of_them_is_told_of_each():
    assert told("G10-6", ON, *without(*ASIDE)) == {("CH-1", f"no_{kind}"): APRIL for kind in ASIDE}


# --- what the watch carries -------------------------------------------------------------------------------------------

CARRIED = {"detection": "10-6-3", **dict.fromkeys(("anomaly", "limits", "dormant_ids"), "G10-6")}


def carried(sort, heard=RAISED, **values):
    """All as it should be, but that the watch carries one measure."""
    told = {"by_watch": True, "heard_at": heard} | values
    return [*without(sort), measure(sort, **told)]


@pytest.mark.parametrize(("sort", "citation"), CARRIED.items())
def test_a_measure_that_the_watch_carries_stands_to_the_day_after_the_last_event(sort, citation):
    rows, last_good = carried(sort), day(2026, 11, 21)
    assert told(citation, last_good, *rows) == {}
    after = last_good + timedelta(days=1)
    assert told(citation, after, *rows) == {("CH-1", "silent"): after}


@pytest.mark.parametrize(("sort", "citation"), CARRIED.items())
def test_one_that_was_never_heard_counts_from_its_first_day(sort, citation):
    rows = carried(sort, heard=None, since_on=YESTERDAY)
    assert told(citation, ON, *rows) == {}
    assert told(citation, TOMORROW, *rows) == {("CH-1", "silent"): TOMORROW}


@pytest.mark.parametrize(("sort", "citation"), CARRIED.items())
def test_of_a_day_before_the_last_event_nothing_is_on_record(sort, citation):
    rows = carried(sort, heard=at(2026, 11, 24, 0))
    assert told(citation, ON, *rows) == {("CH-1", "heard_later"): None}


def test_a_measure_that_others_carry_is_not_asked_to_be_heard():
    for sort, citation in CARRIED.items():
        assert told(citation, ON, *carried(sort, heard=at(2026, 1, 1), by_watch=False)) == {}


def test_10_6_3_counts_from_when_that_user_was_detected():
    late = {
        "title": "多数",
        "source": "WS-1",
        "severity": "high",
        "concerns_user": True,
        "at": at(2026, 11, 20, 9),
    }
    told_at = at(2026, 11, 20, 12)
    just = record("alert", "AL-1", user_since_at=at(2026, 11, 20, 11), user_told_at=told_at, **late)
    assert told("10-6-3", ON, *WHOLE, just) == {}
    over = record("alert", "AL-1", user_since_at=at(2026, 11, 20, 10, 59), user_told_at=told_at, **late)
    assert told("10-6-3", ON, *WHOLE, over) == {("AL-1", "told_late"): day(2026, 11, 20)}
    waits = record("alert", "AL-1", user_since_at=at(2026, 11, 20, 11), **late)
    assert told("10-6-3", ON, *WHOLE, waits) == {("AL-1", "not_told"): day(2026, 11, 20)}
