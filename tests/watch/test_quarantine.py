"""Bad events are counted, and kept without what they said."""

import json

import pytest

from sekisho.watch.engine import Late
from sekisho.watch.events import BadEvent
from sekisho.watch.quarantine import A_MINUTE, SENDERS, Quarantine
from sekisho.watch.reading import read
from tests.watch.events_of import NOW

SECRET = "hunter2-and-more"


def refused(raw):
    with pytest.raises(BadEvent) as told:
        read(raw)
    return told.value


def test_counted_by_sender_and_code(tmp_path):
    quarantine = Quarantine(tmp_path)
    for source in ("web", "web", "app"):
        quarantine.take(source, b"{", refused(b"{"), NOW)
    quarantine.take("app", b"{}", Late(behind_ms=5), NOW)
    assert quarantine.counts == {("web", "not_json"): 2, ("app", "not_json"): 1, ("app", "late"): 1}
    assert quarantine.by_code() == {"not_json": 3, "late": 1}


def test_what_is_kept_names_fields_and_the_error_and_no_value(tmp_path):
    raw = json.dumps({"seq": SECRET, "ts": 5, "typ": "login", "password": SECRET, SECRET.upper(): 1}).encode()
    quarantine = Quarantine(tmp_path)
    quarantine.take("web", raw, refused(raw), NOW)
    quarantine.flush()
    (kept,) = quarantine.kept()
    assert kept["fields"] == ["seq", "ts", "typ", "password", "…"]
    assert kept["values"] == {"ts": 5, "typ": "login"}
    assert (kept["code"], kept["where"], kept["size"], kept["source"]) == (
        "wrong_type",
        "seq",
        len(raw),
        "web",
    )
    assert set(kept["why"]) == {"ja", "en"}
    assert SECRET not in str(kept)
    assert SECRET.upper() not in str(kept)


@pytest.mark.parametrize(
    "raw", [b"\xff\x00", b'"', b'{"typ":"' + b"a" * 100 + b'"}', b'{"seq":"a"}', b'"seq":1']
)
def test_of_what_cannot_be_read_as_much_is_kept(tmp_path, raw):
    quarantine = Quarantine(tmp_path)
    quarantine.take("web", raw, refused(raw), NOW)
    quarantine.flush()
    assert quarantine.kept()[0]["values"] == {}


def test_a_flood_is_counted_whole_and_costs_little_room(tmp_path):
    quarantine = Quarantine(tmp_path, largest=2000)
    error = refused(b"{")
    for minute in range(20):
        for _ in range(200):
            quarantine.take("web", b"{", error, NOW + minute * 60_000)
        quarantine.flush()
    assert quarantine.counts["web", "not_json"] == 4000
    files = list(quarantine.folder.iterdir())
    assert len(files) == 2
    assert all(file.stat().st_size < 2000 + A_MINUTE * 600 for file in files)
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)
    assert quarantine.kept()[-1]["at"] == NOW + 19 * 60_000


def test_senders_beyond_a_bound_are_counted_together(tmp_path):
    quarantine = Quarantine(tmp_path)
    error = refused(b"{")
    for number in range(SENDERS + 50):
        quarantine.take(f"s{number}", b"{", error, NOW)
    assert len(quarantine.counts) == SENDERS + 1
    assert sum(quarantine.counts.values()) == SENDERS + 50


def test_what_was_kept_expires_and_all_that_was_ever_refused_stays_counted(tmp_path):
    quarantine = Quarantine(tmp_path, largest=400)
    error = refused(b"{")
    for minute in range(6):
        quarantine.take("web", b"{", error, NOW + minute * 60_000)
        quarantine.flush()
    before = len(quarantine.kept())
    assert quarantine.expire(NOW) == 0
    assert quarantine.expire(NOW + 4 * 60_000) == before - 2
    assert [told["at"] for told in quarantine.kept()] == [NOW + 4 * 60_000, NOW + 5 * 60_000]
    assert quarantine.expire(NOW + 6 * 60_000) == 2
    assert [path.name for path in quarantine.folder.iterdir()] == ["counts.json"]
    again = Quarantine(tmp_path)
    assert again.counts == {}
    again.take("web", b"{", error, NOW)
    again.keep_counts()
    assert Quarantine(tmp_path).ever() == {("web", "not_json"): 7}
