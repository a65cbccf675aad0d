"""Alertmanager's webhook: what is taken, what is said about it, and what is refused."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.connectors.language import Reading, Unreadable
from sekisho.connectors.tools.alertmanager.parse import MAX_ALERTS, MAX_BYTES, parse
from sekisho.connectors.tools.alertmanager.read import from_file

FIXTURES = Path(__file__).parents[1] / "fixtures" / "alertmanager"
SHARED = Path(__file__).parents[4] / "shared" / "inputs"

ALERT: dict[str, Any] = {
    "status": "firing",
    "labels": {"alertname": "DiskFull", "severity": "critical", "service": "ledger"},
    "annotations": {"summary": "The disk is full"},
    "startsAt": "2026-04-01T00:00:00Z",
    "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": "https://prometheus.example.jp/graph",
    "fingerprint": "0123456789abcdef",
}


def alert(**changes: Any) -> dict[str, Any]:
    return ALERT | changes


def reading_of(*alerts: object, **envelope: Any) -> Reading:
    body = {
        "version": "4",
        "groupKey": "g",
        "status": "firing",
        "receiver": "r",
        "alerts": list(alerts),
    } | envelope
    return parse(json.dumps(body).encode())


def where(reading: Reading) -> list[str]:
    return [problem.where for problem in reading.problems]


def notices(reading: Reading) -> str:
    return " ".join(notice.en for draft in reading.drafts for notice in draft.notices)


# --- What is taken


def test_each_alert_is_a_draft():
    reading = parse((FIXTURES / "firing.json").read_bytes())
    first, second = reading.drafts
    assert first.source_key == "0f1e2d3c4b5a6978@2026-04-01T00:12:30.123456789Z"
    assert first.title == "WithdrawalQueueStalled: 出庫キューが10分間進んでいません"
    assert (first.severity, second.severity) == ("serious", "minor")
    assert first.status == "open"
    assert first.detected_at == datetime(2026, 4, 1, 0, 12, 30, 123456, tzinfo=UTC)
    assert first.ended_at is None
    assert first.system_hint == "withdrawals"
    assert first.labels["pool"] == "hot-1"
    assert first.given["startsAt"] == "2026-04-01T09:12:30.123456789+09:00"
    assert first.links == (
        "https://prometheus.example.jp/graph?g0.expr=rate%28withdrawals_done%5B10m%5D%29",
        "https://alertmanager.example.jp",
        "https://runbook.example.jp/withdrawals",
    )
    assert (reading.problems, reading.losses, first.notices) == ((), (), ())


def test_an_alert_that_arrives_again_has_the_same_key():
    again = alert(startsAt="2026-04-01T09:00:00.000+09:00", annotations={"summary": "Still full"})
    assert reading_of(alert()).drafts[0].source_key == reading_of(again).drafts[0].source_key


def test_an_alert_that_fires_anew_has_another_key():
    anew = alert(startsAt="2026-04-01T00:00:00.000000001Z")
    assert len(reading_of(alert(), anew).drafts) == 2


def test_without_a_fingerprint_the_labels_are_the_key():
    bare = {name: value for name, value in ALERT.items() if name != "fingerprint"}
    turned = bare | {"labels": dict(reversed(ALERT["labels"].items()))}
    other = bare | {"labels": ALERT["labels"] | {"service": "other"}}
    reading = reading_of(bare, turned, other)
    assert len(reading.drafts) == 2
    assert all(draft.source_key.startswith("labels:") for draft in reading.drafts)
    assert reading.problems == ()


def test_an_alert_that_stands_twice_is_one_draft():
    reading = reading_of(alert(), alert())
    assert len(reading.drafts) == 1
    assert reading.problems == ()


@pytest.mark.parametrize("turn", [1, -1])
def test_of_two_that_differ_the_open_one_is_taken_and_it_is_said(turn):
    ended = alert(status="resolved", endsAt="2026-04-01T01:00:00Z")
    reading = reading_of(*[alert(), ended][::turn])
    assert [draft.status for draft in reading.drafts] == ["open"]
    assert where(reading) == ["$.alerts[1]"]


# --- A person decides


def test_resolved_closes_nothing_and_is_flagged_for_a_person():
    reading = parse((FIXTURES / "resolved.json").read_bytes())
    (draft,) = reading.drafts
    assert draft.source_key == parse((FIXTURES / "firing.json").read_bytes()).drafts[0].source_key
    assert draft.status == "resolved"
    assert draft.ended_at == datetime(2026, 4, 1, 1, tzinfo=UTC)
    assert "a person decides" in notices(reading)


def test_resolved_without_an_end_is_reported():
    reading = reading_of(alert(status="resolved"))
    assert reading.drafts[0].ended_at is None
    assert where(reading) == ["$.alerts[0].endsAt"]


def test_an_end_on_an_alert_that_fires_is_no_end():
    reading = reading_of(alert(endsAt="2026-04-01T00:05:00Z"))
    assert reading.drafts[0].ended_at is None
    assert "not taken as ended" in notices(reading)


@pytest.mark.parametrize("status", ["haunted", "", None, "RESOLVED", 1])
def test_an_unknown_status_is_never_taken_as_resolved(status):
    reading = reading_of(alert(status=status, endsAt="2026-04-01T00:05:00Z"))
    assert reading.drafts[0].status == "unknown"
    assert reading.drafts[0].ended_at is None
    assert "$.alerts[0].status" in where(reading)


@pytest.mark.parametrize(
    ("word", "severity", "said"),
    [
        ("critical", "serious", False),
        ("Page", "serious", False),
        ("warning", "minor", False),
        ("INFO", "minor", False),
        ("purple", "serious", True),
        ("", "serious", True),
    ],
)
def test_a_severity_that_is_not_known_counts_as_serious_and_is_said(word, severity, said):
    reading = reading_of(alert(labels={"alertname": "A", "severity": word}))
    assert reading.drafts[0].severity == severity
    assert ("counts as serious" in notices(reading)) is said


# --- Times


def test_an_end_before_the_start_is_reported_and_the_times_stand_as_given():
    reading = reading_of(alert(status="resolved", endsAt="2026-03-31T23:59:59Z"))
    (draft,) = reading.drafts
    assert draft.ended_at is not None
    assert draft.ended_at < draft.detected_at
    assert where(reading) == ["$.alerts[0].endsAt"]


def test_a_leap_second_is_recorded_as_the_microsecond_before_it_and_said():
    reading = reading_of(alert(startsAt="2016-12-31T23:59:60Z"))
    assert reading.drafts[0].detected_at == datetime(2016, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
    assert "leap second" in notices(reading)


@pytest.mark.parametrize("start", ["1970-01-01T00:00:00Z", "9999-12-31T09:59:59.999999999Z"])
def test_a_year_that_cannot_be_is_reported_and_the_alert_taken(start):
    reading = reading_of(alert(startsAt=start))
    assert len(reading.drafts) == 1
    assert where(reading) == ["$.alerts[0].startsAt"]


@pytest.mark.parametrize("start", ["0001-01-01T00:00:00Z", "", None, "yesterday", 1544712660])
def test_an_alert_without_a_start_is_not_taken_and_the_others_are(start):
    reading = reading_of(alert(startsAt=start), alert())
    assert len(reading.drafts) == 1
    assert "$.alerts[0].startsAt" in where(reading)


# --- Nothing is lost without a word


def test_truncated_alerts_are_a_loss_in_words():
    (loss,) = reading_of(alert(), truncatedAlerts=7).losses
    assert "7" in loss.ja
    assert "7 alerts" in loss.en
    assert reading_of(alert(), truncatedAlerts=0).losses == ()


@pytest.mark.parametrize("count", ["7", -1, 1.5, True, []])
def test_a_count_of_truncated_alerts_that_is_none_is_a_problem(count):
    assert where(reading_of(alert(), truncatedAlerts=count)) == ["$.truncatedAlerts"]


def test_fields_that_are_not_known_are_named():
    (loss,) = reading_of(alert(silenceURL="x", imageURL="y"), orgId=1).losses
    assert "orgId, alerts[].silenceURL, alerts[].imageURL" in loss.en


def test_a_webhook_without_alerts_is_reported():
    assert where(reading_of()) == ["$.alerts"]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"labels": []}, "$.alerts[0].labels"),
        ({"labels": {"alertname": "A", "severity": "info", "n": 1}}, "$.alerts[0].labels.n"),
        ({"annotations": "text"}, "$.alerts[0].annotations"),
        ({"generatorURL": 5}, "$.alerts[0].generatorURL"),
        ({"fingerprint": {}}, "$.alerts[0].fingerprint"),
        ({"fingerprint": "../x"}, "$.alerts[0].fingerprint"),
        ({"endsAt": "later"}, "$.alerts[0].endsAt"),
    ],
)
def test_a_wrong_field_is_named_by_its_path_and_the_alarm_is_not_lost(changes, place):
    reading = reading_of(alert(**changes))
    assert len(reading.drafts) == 1
    assert where(reading) == [place]


def test_wrong_fields_of_the_group_are_named():
    reading = reading_of(
        alert(), receiver=1, groupKey=[], status={}, groupLabels="x", commonLabels=[], externalURL=0
    )
    assert len(reading.drafts) == 1
    assert set(where(reading)) == {
        "$.receiver", "$.groupKey", "$.status", "$.groupLabels", "$.commonLabels", "$.externalURL",
    }  # fmt: skip


def test_what_is_no_alert_is_named_and_the_others_are_taken():
    reading = reading_of("text", None, alert())
    assert len(reading.drafts) == 1
    assert where(reading) == ["$.alerts[0]", "$.alerts[1]"]


# --- Harmless


def test_a_hostile_webhook_is_taken_as_harmless_text():
    reading = parse((FIXTURES / "hostile.json").read_bytes())
    first, second = reading.drafts
    assert first.title == "␛[2J␛]0;owned␇<U+202E>nimda: line one line two ␀ {braces} <script>"
    assert first.status == "unknown"
    assert first.source_key.startswith("labels:")
    assert second.detected_at.year == 9999
    assert "3 alerts" in reading.losses[0].en
    assert where(reading) == [
        "$.externalURL",
        "$.alerts[0].status",
        "$.alerts[0].endsAt",
        "$.alerts[0].generatorURL",
        "$.alerts[0].fingerprint",
        "$.alerts[1].startsAt",
        "$.alerts[1].labels.severity",
        "$.alerts[1].annotations",
        "$.alerts[1].endsAt",
        "$.alerts[2].startsAt",
        "$.alerts[3]",
    ]


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "https://bank.jp@evil.example/", "/graph"]
)
def test_only_web_addresses_are_links_and_others_stay_text(link):
    (draft,) = (reading := reading_of(alert(generatorURL=link), externalURL=link)).drafts
    assert draft.links == ()
    assert draft.given["generatorURL"] == draft.given["externalURL"] == link
    assert where(reading) == ["$.externalURL", "$.alerts[0].generatorURL"]


# --- What is refused


@pytest.mark.parametrize("version", ["3", "5", "1", "4.0", 4, None, ["4"], "\x1b"])
def test_an_unknown_version_is_refused_and_the_known_one_named(version):
    with pytest.raises(Unreadable, match='"4"') as refusal:
        reading_of(alert(), version=version)
    assert "\x1b" not in refusal.value.text.en


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"event": {"event_type": "incident.triggered"}}, "no 'version' (it has event)"),
        ({"page": {}, "incident": {}}, "no 'version' (it has page, incident)"),
        ({"resourceSpans": []}, "no 'version' (it has resourceSpans)"),
        ({"version": "4", "event": {}}, "no 'alerts' (it has version, event)"),
        ({"version": "4", "alerts": {}}, "it is object"),
        ([{"scenario": "ssh-bf"}], "this is array"),
        ("text", "this is string"),
    ],
)
def test_the_payload_of_another_tool_is_refused_with_what_is_missing(body, said):
    with pytest.raises(Unreadable) as refusal:
        parse(json.dumps(body).encode())
    assert said in refusal.value.text.en


def test_too_many_alerts_are_refused_with_the_remedy():
    with pytest.raises(Unreadable, match="max_alerts"):
        reading_of(*[0] * (MAX_ALERTS + 1))


# --- The file


def test_a_file_is_read_up_to_the_bound(tmp_path):
    path = tmp_path / "saved.json"
    path.write_bytes(b"12345")
    assert from_file(path) == b"12345"
    assert from_file(path, max_bytes=5) == b"12345"
    with pytest.raises(Unreadable, match="too big"):
        from_file(path, max_bytes=4)
    assert MAX_BYTES == 4_194_304


def test_no_file_a_folder_and_a_pipe_are_unreadable(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "absent\x1b", tmp_path, tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(Unreadable) as refusal:
            from_file(path)
        assert "\x1b" not in refusal.value.text.en


# --- The real files, where they are


@pytest.fixture
def shared() -> Path:
    if not (SHARED / "manifest.json").exists():
        pytest.skip(f"the real inputs are not at {SHARED}")
    return SHARED


def test_the_real_webhook_holds_what_the_manifest_counts(shared):
    manifest = json.loads((shared / "manifest.json").read_bytes())
    (facts,) = (one["facts"] for one in manifest if one["file"] == "zulip_alertmanager_alert.json")
    reading = parse((shared / "monitoring/open/zulip_alertmanager_alert.json").read_bytes())
    assert len(reading.drafts) == facts["alerts"]
    assert [draft.given["fingerprint"] for draft in reading.drafts] == facts["fingerprints"]
    assert [draft.given["status"] for draft in reading.drafts] == ["firing"] * facts["alert_status"]["firing"]
    assert {draft.source_key.partition("@")[2] for draft in reading.drafts} == {facts["startsAt_ns"]}
    assert {draft.given["endsAt"] for draft in reading.drafts} == set(facts["endsAt"])
    assert {draft.ended_at for draft in reading.drafts} == {None}
    assert (reading.problems, reading.losses) == ((), ())


def test_the_bad_times_are_taken_as_expected(shared):
    """leap second and year 9999 handled; end before start reported; truncatedAlerts=7 as loss; link never live"""
    reading = parse((shared / "monitoring/bad/gen_alertmanager_times.json").read_bytes())
    leap, far = reading.drafts
    assert leap.given["startsAt"] == "2016-12-31T23:59:60Z"
    assert "leap second" in leap.notices[0].en
    assert (far.detected_at.year, far.status) == (9999, "resolved")
    assert where(reading) == ["$.externalURL", "$.alerts[1].startsAt", "$.alerts[1].endsAt"]
    assert "7 alerts" in reading.losses[0].en
    assert leap.links == far.links == ()


def test_every_other_file_of_monitoring_is_refused(shared):
    others = [
        path
        for path in sorted((shared / "monitoring").rglob("*"))
        if path.is_file() and "alertmanager" not in path.name
    ]
    assert others
    for path in others:
        with pytest.raises(Unreadable):
            parse(path.read_bytes())


# --- Anything at all

unhurried = settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault
words = st.sampled_from(
    ["firing", "resolved", "critical", "2026-04-01T00:00:00Z", "0001-01-01T00:00:00Z", "https://a.jp", ""]
)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
texts = st.dictionaries(
    st.sampled_from(["alertname", "severity", "service", "summary"]) | st.text(), st.text() | words | values
)
alerts = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(ALERT, words | values)
    | {"labels": texts, "annotations": texts, "startsAt": words},
)
bodies = st.fixed_dictionaries(
    {"version": st.just("4"), "alerts": st.lists(alerts | values, max_size=4)},
    optional=dict.fromkeys(
        [
            "groupKey",
            "status",
            "receiver",
            "groupLabels",
            "commonLabels",
            "externalURL",
            "truncatedAlerts",
            "more",
        ],
        values,
    ),
)


def outcome(data: bytes) -> Reading | str:
    try:
        return parse(data)
    except Unreadable as error:
        return error.text.ja


@unhurried
@given(st.binary())
def test_any_bytes_are_read_or_unreadable(data):
    assert outcome(data) == outcome(data)


@unhurried
@given(values)
def test_any_json_is_read_or_unreadable(value):
    assert outcome(json.dumps(value).encode(errors="replace"))


@unhurried
@given(bodies)
def test_any_webhook_is_read_the_same_twice_and_harmless(body):
    data = json.dumps(body).encode()
    reading = outcome(data)
    assert reading == outcome(data)
    if isinstance(reading, str):
        return
    assert len({draft.source_key for draft in reading.drafts}) == len(reading.drafts)
    for draft in reading.drafts:
        assert all(link.lower().startswith(("http://", "https://")) for link in draft.links)
        assert draft.title
        shown = [
            draft.title,
            draft.system_hint,
            *draft.labels.values(),
            *draft.details.values(),
            *draft.given.values(),
        ]
        assert not any(character < " " and character not in "\n\t" for text in shown for character in text)
        assert "".join(shown).encode()
