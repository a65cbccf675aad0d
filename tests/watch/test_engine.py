"""Judged once, remembered across crashes, and the same state again after them."""

import os
import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.watch import frames, history, snapshots
from sekisho.watch.engine import AHEAD, LATE, Ahead, Engine, Late, TooOld
from sekisho.watch.follow import follow
from sekisho.watch.judge import make_kernel
from sekisho.watch.lists import Listed
from sekisho.watch.log import LogUnwritable
from sekisho.watch.program import Action
from sekisho.watch.repeats import SIZE
from sekisho.watch.segments import LogDamaged, read, segments
from tests.watch.events_of import NOW, OTHERS, PROGRAM, event, failed


@pytest.fixture
def start(tmp_path):
    """An engine in the test's home; every one that was started is closed at the end."""
    started = []

    def begin(program=PROGRAM, home=tmp_path, **options):
        engine = Engine(home, program, clock=lambda: NOW + 3_600_000, **options)
        started.append(engine)
        return engine

    yield begin
    for engine in started:
        crash(engine)


def crash(engine):
    """End without a snapshot, as a kill does; what was appended had been written."""
    if not engine.log._closing:
        engine.log.close()


def state(engine):
    return engine.kernel.fingerprint()


def oracle(engine):
    """The state of a fresh kernel that is fed what stands in the log."""
    secret = engine.kernel.secret if engine.kernel.compiled else None
    kernel = make_kernel(engine.program, None, secret)
    for _, payload in read(engine.log.folder):
        kernel.decide(frames.decode(payload).event)
    return kernel.fingerprint()


def test_the_third_failure_is_blocked_with_its_reasons(start):
    engine = start()
    answers = [engine.decide("web", failed(seq)) for seq in range(3)]
    assert [a.decision.action for a in answers] == [Action.ALLOW, Action.ALLOW, Action.BLOCK]
    assert answers[2].decision.reasons[0].ja == "失敗が続いています。"
    assert not any(a.repeated for a in answers)


def test_every_judged_event_is_a_frame_with_its_decision(start, tmp_path):
    engine = start()
    for seq in range(3):
        engine.decide("web", failed(seq))
    engine.decide("app", event(0, "withdraw", amount=2000.0))
    last = [frame for _, frame in follow(tmp_path)][-2:]
    assert last[0]["event"] == {"seq": 2, "ts": NOW + 2000, "typ": "login", "user": "u1", "ok": False}
    assert last[0]["action"] == "block"
    assert last[0]["rules"] == ["three"]
    assert last[1] == {
        "at": NOW + 3_600_000,
        "source": "app",
        "event": {"seq": 0, "ts": NOW, "typ": "withdraw", "user": "u1", "amount": 2000.0},
        "action": "allow",
        "score": 0,
        "rules": [],
        "shadow": ["large"],
    }


def test_what_is_stopped_and_every_withdrawal_waits_for_the_disk(start):
    engine = start()
    assert engine.judge("web", event(0)).position == 0
    for seq in (1, 2, 3):
        blocked = engine.judge("web", failed(seq))
    withdrawal = engine.judge("web", event(4, "withdraw"))
    for answer in (blocked, withdrawal):
        assert answer.position > 0
    engine.decide("web", event(5, "withdraw"))
    assert engine.log.synced == engine.log.position


def test_a_repeat_is_not_judged_again_and_gets_the_decision_that_it_had(start):
    engine = start()
    first = [engine.decide("web", failed(seq)) for seq in range(3)]
    again = [engine.decide("web", failed(seq)) for seq in range(3)]
    assert [a.decision for a in again] == [a.decision for a in first]
    assert all(a.repeated for a in again)
    assert engine.kernel.judged == 3
    assert not engine.decide("app", failed(0)).repeated


def test_late_ahead_and_too_old_are_refused_and_change_nothing(start):
    engine = start()
    engine.decide("web", event(SIZE + 5, ts=NOW))
    before = state(engine), engine.log.position
    with pytest.raises(Late):
        engine.decide("web", event(SIZE + 6, ts=NOW - LATE - 1))
    with pytest.raises(Ahead):
        engine.decide("web", event(SIZE + 7, ts=NOW + 3_600_000 + AHEAD + 1))
    with pytest.raises(TooOld):
        engine.decide("web", event(5, ts=NOW))
    assert (state(engine), engine.log.position) == before
    assert not engine.decide("web", event(SIZE + 6, ts=NOW - LATE)).repeated
    assert not engine.decide("web", event(SIZE + 7, ts=NOW + 3_600_000 + AHEAD)).repeated


def test_after_a_stop_and_after_a_crash_the_state_is_the_same(start):
    engine = start()
    engine.decide("web", failed(0))
    engine.close()
    engine = start()
    engine.decide("web", failed(1))
    before = state(engine)
    crash(engine)
    engine = start()
    assert state(engine) == before == oracle(engine)
    assert engine.decide("web", failed(1)).repeated
    assert engine.decide("web", failed(2)).decision.action is Action.BLOCK


def test_a_repeat_is_known_after_a_restart_with_its_reasons(start):
    engine = start()
    first = [engine.decide("web", failed(seq)) for seq in range(3)]
    engine.close()
    engine = start()
    assert engine.decide("web", failed(2)).decision == first[2].decision
    crash(engine)
    shutil.rmtree(snapshots_of(engine))
    engine = start()
    again = engine.decide("web", failed(2))
    assert (again.repeated, again.decision) == (True, first[2].decision)


def snapshots_of(engine):
    return history.snapshot_folder(engine.home)


KINDS = st.sampled_from(["failed", "withdraw", "snapshot", "stop", "crash", "roll"])


@settings(max_examples=25)
@given(st.lists(st.tuples(KINDS, st.integers(0, 12), st.sampled_from(["u1", "u2"])), max_size=25))
def test_whatever_happens_between_the_state_is_that_of_the_log_and_each_event_counts_once(
    tmp_path_factory, acts
):
    home = tmp_path_factory.mktemp("home")
    engine = Engine(home, PROGRAM, clock=lambda: NOW)
    sent = set()
    for kind, seq, user in acts:
        if kind in ("stop", "crash"):
            engine.close() if kind == "stop" else engine.log.close()
            engine = Engine(home, PROGRAM, clock=lambda: NOW)
        elif kind == "snapshot":
            engine.snapshot()
        elif kind == "roll":
            engine.log.roll()
        else:
            judged = (
                failed(seq, user=user, ts=NOW) if kind == "failed" else event(seq, kind, user=user, ts=NOW)
            )
            assert engine.decide("web", judged).repeated is (seq in sent)
            sent.add(seq)
    found = [frame["event"]["seq"] for _, frame in follow(home)]
    assert sorted(found) == sorted(sent)
    assert state(engine) == oracle(engine)
    engine.log.close()


@given(data=st.data())
@settings(max_examples=20)
def test_cut_anywhere_behind_the_snapshot_it_starts_with_what_is_left(tmp_path_factory, data):
    home = tmp_path_factory.mktemp("home")
    engine = Engine(home, PROGRAM, clock=lambda: NOW)
    for seq in range(4):
        engine.decide("web", failed(seq, ts=NOW))
        if seq == 1:
            engine.snapshot()
            begin = engine.log.position
    engine.log.close()
    path = segments(engine.log.folder)[-1].path
    size = path.stat().st_size
    os.truncate(path, data.draw(st.integers(begin + 8, size)))
    engine = Engine(home, PROGRAM, clock=lambda: NOW)
    assert 2 <= engine.kernel.judged <= 4
    assert state(engine) == oracle(engine)
    judged = engine.kernel.judged
    assert engine.decide("web", failed(judged - 1, ts=NOW)).repeated
    assert not engine.decide("web", failed(judged, ts=NOW)).repeated
    engine.log.close()


def test_a_log_that_ends_before_its_snapshot_is_refused(start):
    engine = start()
    engine.decide("web", failed(0))
    engine.close()
    os.truncate(segments(engine.log.folder)[-1].path, 8)
    with pytest.raises(LogDamaged):
        start()


def test_a_damaged_snapshot_costs_a_longer_replay_and_nothing_else(start):
    engine = start()
    for seq in range(2):
        engine.decide("web", failed(seq))
        engine.snapshot()
    before = state(engine)
    crash(engine)
    newest = max(snapshots_of(engine).iterdir())
    newest.write_bytes(newest.read_bytes()[:-3])
    assert state(start()) == before


def test_other_rules_are_taken_over_without_losing_an_event(start):
    engine = start()
    for seq in range(3):
        engine.decide("web", failed(seq))
    judge = engine.prepare(OTHERS)
    assert engine.decide("web", failed(3)).decision.action is Action.BLOCK  # still by the rules before
    engine.adopt(judge)
    assert engine.kernel.judged == 4
    assert engine.decide("web", failed(4)).decision.action is Action.BLOCK
    assert engine.decide("web", failed(2)).decision.action is Action.BLOCK  # the decision that it had
    assert state(engine) == oracle(engine)


def test_a_start_under_other_rules_builds_their_state_from_what_is_kept(start, tmp_path):
    engine = start(segment=300)
    for seq in range(4):
        engine.decide("web", failed(seq))
        engine.snapshot()
    engine.close()
    assert history.seal(tmp_path)
    engine = start(OTHERS)
    assert engine.kernel.judged == 4
    assert engine.decide("web", failed(3)).repeated
    assert engine.decide("web", failed(4)).decision.rules == ("three",)


def test_new_rules_are_told_only_what_their_longest_window_reaches(start):
    engine = start()
    engine.decide("web", failed(0, ts=NOW - 2 * OTHERS.longest))
    engine.decide("web", failed(1, ts=NOW))
    assert engine.prepare(OTHERS).kernel.judged == 1


def test_lists_change_between_two_events(start):
    engine = start()
    engine.relist({"frozen_users": Listed(["u1"])})
    assert engine.kernel.lists["frozen_users"].has("u1")


def test_a_snapshot_apart_is_that_of_the_moment_it_was_asked_for(start):
    engine = start()
    engine.decide("web", failed(0))
    engine.snapshot(apart=True)
    position = engine.log.position
    engine.decide("web", failed(1))
    while (done := engine.reap()) is None:
        os.waitid(os.P_PID, engine._child, os.WEXITED | os.WNOWAIT)
    assert done
    assert snapshots.newest(snapshots_of(engine)).position == position
    assert engine.since_snapshot == engine.log.position - position
    assert engine.reap() is None


def test_when_the_disk_is_full_nothing_is_judged_any_more(start, monkeypatch):
    engine = start()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sekisho.watch.log.os.fdatasync", full)
    with pytest.raises(LogUnwritable):
        engine.decide("web", event(0, "withdraw"))
    judged = engine.kernel.judged
    with pytest.raises(LogUnwritable):
        engine.decide("web", event(1, "withdraw"))
    assert engine.kernel.judged == judged
