"""Whoever follows the log gets each event once, in order, wherever it is kept meanwhile."""

import pytest

from sekisho.watch import history
from sekisho.watch.engine import Engine
from sekisho.watch.follow import follow
from sekisho.watch.segments import FORMAT, segments
from tests.watch.events_of import NOW, PROGRAM, event
from tests.watch.kept_home import judged


def test_nothing_to_follow(tmp_path):
    assert list(follow(tmp_path)) == []


@pytest.mark.parametrize("sealed", [False, True])
def test_from_any_position_on_what_is_behind_it(tmp_path, sealed):
    judged(tmp_path)
    whole = list(follow(tmp_path))
    assert [frame["event"]["seq"] for _, frame in whole] == list(range(13))
    if sealed:
        history.seal(tmp_path)
    for place, (position, _) in enumerate(whole):
        assert list(follow(tmp_path, position)) == whole[place + 1 :]


def test_one_frame_at_a_time_across_a_sealing(tmp_path):
    judged(tmp_path)
    following = follow(tmp_path)
    position, _ = next(following)
    history.seal(tmp_path)
    assert [frame["event"]["seq"] for _, frame in following] == list(range(1, 13))
    assert next(follow(tmp_path, position))[1]["event"]["seq"] == 1


def test_what_a_live_watch_writes_is_followed(tmp_path):
    engine = Engine(tmp_path, PROGRAM, clock=lambda: NOW)
    engine.decide("web", event(0))
    ((position, _),) = follow(tmp_path)
    engine.decide("web", event(1))
    assert [frame["event"]["seq"] for _, frame in follow(tmp_path, position)] == [1]
    engine.log.close()


def test_a_frame_that_is_not_whole_yet_is_left_for_the_next_time(tmp_path):
    judged(tmp_path, segment=1 << 20)
    path = segments(history.log_folder(tmp_path))[-1].path
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    found = list(follow(tmp_path))
    assert len(found) == 12
    path.write_bytes(whole)
    ((position, frame),) = follow(tmp_path, found[-1][0])
    assert frame["event"]["seq"] == 12
    assert position == len(whole) - len(FORMAT)


def test_what_is_past_its_retention_is_passed_over(tmp_path):
    judged(tmp_path)
    history.seal(tmp_path)
    first, *_ = history.kept(tmp_path)
    after = int(history.kept(tmp_path)[1].stem)
    first.unlink()
    assert next(follow(tmp_path))[0] > after
