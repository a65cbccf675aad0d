"""The log survives being cut anywhere, and refuses to start from what was damaged."""

import os
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.watch import log as logs
from sekisho.watch.log import Log, LogInUse, LogUnwritable
from sekisho.watch.segments import FORMAT, LogDamaged, framed, read, segments


def filled(folder, payloads, **options):
    """The positions after each payload; every one was on disk before the next came."""
    log = Log(folder, **options)
    positions = []
    for payload in payloads:
        positions.append(log.append(payload))
        log.wait(positions[-1])
    log.close()
    return positions


def test_what_was_waited_for_is_read_back_in_order(tmp_path):
    positions = filled(tmp_path, [b"one", b"", b"three"])
    assert list(read(tmp_path)) == list(zip(positions, [b"one", b"", b"three"], strict=True))
    assert list(read(tmp_path, positions[0])) == [(positions[1], b""), (positions[2], b"three")]


def test_what_was_written_but_not_waited_for_is_there_for_others_at_once(tmp_path):
    log = Log(tmp_path, linger=60)
    log.append(b"soon")
    log.write()
    assert [payload for _, payload in read(tmp_path)] == [b"soon"]
    log.close()


def test_it_goes_on_where_it_ended(tmp_path):
    before = filled(tmp_path, [b"one"])
    after = filled(tmp_path, [b"two"])
    assert after[0] > before[0]
    assert [payload for _, payload in read(tmp_path)] == [b"one", b"two"]


def test_full_segments_are_followed_by_new_ones_and_positions_go_on(tmp_path):
    positions = filled(tmp_path, [b"x" * 100] * 20, segment=500)
    found = segments(tmp_path)
    assert len(found) > 2
    assert [position for position, _ in read(tmp_path)] == positions
    assert Log(tmp_path).position == positions[-1]


def test_a_segment_can_be_ended_before_it_is_full(tmp_path):
    log = Log(tmp_path)
    log.wait(log.append(b"one"))
    log.roll()
    log.wait(log.append(b"two"))
    log.close()
    assert len(segments(tmp_path)) == 2
    assert [payload for _, payload in read(tmp_path)] == [b"one", b"two"]


def test_it_is_ended_also_where_nothing_more_comes(tmp_path):
    log = Log(tmp_path)
    rolled = threading.Event()
    log.wait(log.append(b"one"))
    log.when_synced(rolled.set)
    log.roll()
    assert rolled.wait(20)
    assert [segment.start for segment in segments(tmp_path)] == [0, log.position]
    rolled.clear()
    log.roll()  # there is nothing to end
    assert rolled.wait(20)
    log.close()
    assert len(segments(tmp_path)) == 2
    assert [payload for _, payload in read(tmp_path)] == [b"one"]


@settings(max_examples=30)
@given(payloads=st.lists(st.binary(max_size=40), min_size=1, max_size=6), data=st.data())
def test_cut_at_any_byte_the_whole_frames_before_it_stay(tmp_path_factory, payloads, data):
    folder = tmp_path_factory.mktemp("log")
    filled(folder, payloads)
    path = segments(folder)[0].path
    whole = path.read_bytes()
    cut = data.draw(st.integers(len(FORMAT), len(whole)))
    path.write_bytes(whole[:cut])
    log = Log(folder)
    kept = [payload for _, payload in read(folder)]
    assert kept == payloads[: len(kept)]
    end = log.position + len(FORMAT)
    assert end <= cut
    assert cut - end == log.cut
    assert len(kept) == len(payloads) or cut < end + len(framed(payloads[len(kept)], 0))
    log.wait(log.append(b"after"))
    log.close()
    assert [payload for _, payload in read(folder)] == [*kept, b"after"]


@settings(max_examples=30)
@given(data=st.data())
def test_a_changed_byte_before_a_frame_that_knew_it_to_be_on_disk_is_refused(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("log")
    positions = filled(folder, [b"first", b"second", b"third"])
    path = segments(folder)[0].path
    whole = bytearray(path.read_bytes())
    place = data.draw(st.integers(len(FORMAT), positions[1] - 1 + len(FORMAT)))
    whole[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(whole)
    with pytest.raises(LogDamaged) as told:
        Log(folder)
    assert told.value.data["file"] == path
    assert told.value.data["offset"] in (len(FORMAT), positions[0] + len(FORMAT))


def test_frames_of_one_write_that_the_disk_got_in_part_are_a_torn_tail(tmp_path):
    filled(tmp_path, [b"kept"])
    path = segments(tmp_path)[0].path
    synced = len(path.read_bytes()) - len(FORMAT)
    first, second = framed(b"first", synced), framed(b"second", synced)
    with path.open("ab") as file:
        file.write(bytes(len(first)) + second)  # the later page came, the earlier did not
    log = Log(tmp_path)
    log.close()
    assert [payload for _, payload in read(tmp_path)] == [b"kept"]


def test_a_missing_segment_and_a_short_one_are_refused(tmp_path):
    filled(tmp_path, [b"x" * 100] * 20, segment=500)
    second = segments(tmp_path)[1].path
    whole = second.read_bytes()
    second.write_bytes(whole[:-1])
    with pytest.raises(LogDamaged) as told:
        Log(tmp_path)
    assert told.value.data["file"] == second
    second.unlink()
    with pytest.raises(LogDamaged):
        Log(tmp_path)


def test_damage_in_a_full_segment_is_told_by_whoever_reads_it(tmp_path):
    filled(tmp_path, [b"x" * 100] * 20, segment=500)
    path = segments(tmp_path)[0].path
    whole = bytearray(path.read_bytes())
    whole[60] ^= 1
    path.write_bytes(whole)
    with pytest.raises(LogDamaged) as told:
        list(read(tmp_path))
    assert told.value.data["offset"] == len(FORMAT)


def test_a_file_that_is_no_log_is_refused(tmp_path):
    (tmp_path / "000000000000.log").write_bytes(b"something else")
    with pytest.raises(LogDamaged):
        Log(tmp_path)


def test_one_process_writes(tmp_path):
    log = Log(tmp_path)
    with pytest.raises(LogInUse):
        Log(tmp_path)
    log.close()
    Log(tmp_path).close()


def test_one_fsync_serves_many(tmp_path, monkeypatch):
    log = Log(tmp_path, linger=60)
    calls = []
    monkeypatch.setattr(logs.os, "fdatasync", calls.append)
    positions = [log.append(b"x") for _ in range(100)]
    for position in positions:
        log.wait(position)
    assert len(calls) == 1
    log.close()


def test_a_full_disk_stops_it_for_good_and_nobody_is_told_that_all_is_well(tmp_path, monkeypatch):
    log = Log(tmp_path)

    def full(*_):
        raise OSError(28, "No space left on device")

    told = []
    log.when_synced(lambda: told.append(log.error))
    monkeypatch.setattr(logs.os, "fdatasync", full)
    with pytest.raises(LogUnwritable):
        log.wait(log.append(b"lost"))
    with pytest.raises(LogUnwritable):
        log.append(b"more")
    with pytest.raises(LogUnwritable):
        log.write()
    assert isinstance(told[0], LogUnwritable)
    log.close()


def test_its_files_are_for_the_owner_alone(tmp_path):
    filled(tmp_path / "log", [b"one"])
    modes = [os.stat(path).st_mode & 0o077 for path in (tmp_path / "log", *(tmp_path / "log").iterdir())]
    assert modes == [0] * len(modes)
