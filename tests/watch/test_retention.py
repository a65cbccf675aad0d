"""Persons are gone when their days are over; the counts stay."""

import os

from sekisho.watch import history, snapshots
from sekisho.watch.engine import Engine
from sekisho.watch.follow import follow
from sekisho.watch.retention import DAY, Policy, apply, counts, is_ripe, oldest_at
from tests.watch.events_of import NOW, PROGRAM, event, failed
from tests.watch.kept_home import judged

AT = NOW + 3_600_000
PERSONAL = ("u1", "192.0.2.1", "d1", "addr", "A/1")


def sealed(home):
    judged(home)
    history.seal(home)
    return history.read(home)


def test_on_the_last_day_everything_is_there(tmp_path):
    before = sealed(tmp_path)
    assert apply(tmp_path, Policy(30), AT + 30 * DAY).redacted == ()
    assert history.read(tmp_path).equals(before)


def test_the_day_after_no_person_is_left_and_the_rest_is_as_it_was(tmp_path):
    before = sealed(tmp_path)
    parts = history.kept(tmp_path)
    done = apply(tmp_path, Policy(30), AT + 30 * DAY + 1)
    assert done.redacted == tuple(path.stem for path in parts)
    after = history.read(tmp_path)
    in_log = len(before) - sum(told["events"] for told in counts(tmp_path))
    redacted = after.head(len(after) - in_log)
    assert not any(value in row for row in redacted.rows() for value in PERSONAL)
    assert redacted["lat"].null_count() == len(redacted)
    same = [
        name
        for name in before.columns
        if name not in ("user", "ip", "device", "address", "lat", "lon", "agent")
    ]
    assert after.select(same).equals(before.select(same))
    assert len(list(follow(tmp_path))) == len(before)


def test_within_a_part_one_person_is_still_one(tmp_path):
    sealed(tmp_path)
    apply(tmp_path, Policy(0), AT + 1)
    users = {
        part: history.pl.read_parquet(part)["user"].unique().to_list() for part in history.kept(tmp_path)
    }
    assert all(len(found) == 1 for found in users.values())
    assert len({found[0] for found in users.values()}) == len(users)


def test_it_is_done_once(tmp_path):
    sealed(tmp_path)
    apply(tmp_path, Policy(0), AT + 1)
    before = history.read(tmp_path)
    assert apply(tmp_path, Policy(0), AT + 2).redacted == ()
    assert history.read(tmp_path).equals(before)


def test_dropped_parts_leave_their_counts(tmp_path):
    before = sealed(tmp_path)
    parts = history.kept(tmp_path)
    apply(tmp_path, Policy(1, 60), AT + 2 * DAY)
    done = apply(tmp_path, Policy(1, 60), AT + 61 * DAY)
    assert done.dropped == tuple(path.stem for path in parts)
    assert history.kept(tmp_path) == []
    told = counts(tmp_path)
    assert len(told) == len(parts)
    assert sum(each["events"] for each in told) == len(before) - len(history.read(tmp_path))
    assert sum(each["rules"].get("three", 0) for each in told) > 0
    assert {each["users"] for each in told} == {1}


def test_the_segment_that_is_written_is_ended_when_its_oldest_event_is_a_day_old(tmp_path):
    assert oldest_at(tmp_path) is None
    assert not is_ripe(tmp_path, Policy(), AT)
    judged(tmp_path, 3, segment=1 << 20)
    assert oldest_at(tmp_path) == AT
    assert [is_ripe(tmp_path, Policy(), AT + age) for age in (0, DAY, DAY + 1)] == [False, False, True]
    assert [is_ripe(tmp_path, Policy(0), AT + age) for age in (0, 1)] == [False, True]


def test_nothing_of_a_person_is_left_anywhere_when_nobody_came_since(tmp_path):
    """Neither in the log that was written last, nor in what the older of two snapshots still needed of it."""
    engine = Engine(tmp_path, PROGRAM, clock=lambda: AT, segment=1)
    for seq in range(6):
        engine.decide("web", failed(seq, ip="192.0.2.1", device="d1"))
        engine.snapshot()
    engine.decide("web", event(6, "trade", user=None))
    engine.snapshot()
    for path in history.snapshot_folder(tmp_path).iterdir():
        os.utime(path, (AT / 1000, AT / 1000))
    assert len(list(history.snapshot_folder(tmp_path).iterdir())) == snapshots.KEPT
    done = apply(tmp_path, Policy(30), AT + 30 * DAY + 1)
    assert len(done.snapshots) == 1
    assert done.redacted
    for path in [*history.log_folder(tmp_path).glob("*.log"), *history.kept(tmp_path)]:
        assert b"192.0.2.1" not in path.read_bytes()
    assert history.read(tmp_path)["user"].str.starts_with("x").sum() == 6
    before = engine.kernel.fingerprint()
    engine.close()
    again = Engine(tmp_path, PROGRAM, clock=lambda: AT)
    assert again.kernel.fingerprint() == before
    again.log.close()


def test_the_watch_goes_on_over_redacted_parts(tmp_path):
    sealed(tmp_path)
    apply(tmp_path, Policy(0), AT + 1)
    engine = judged(tmp_path, 0)
    assert engine.kernel.judged >= 13
