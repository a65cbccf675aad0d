"""Snapshots are there whole or not at all, and the newest good one is used."""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.watch import snapshots
from sekisho.watch.snapshots import Snapshot, newest, oldest_position, tidy, write, write_apart


def snapshot(position):
    return Snapshot(b"mark", position, {"kernel": b"state", "repeats": {"web": [position, b"bits"]}})


def test_the_newest_is_read_and_the_one_before_it_is_kept(tmp_path):
    for position in (5, 100, 20):
        write(tmp_path, snapshot(position))
    assert newest(tmp_path) == snapshot(100)
    assert oldest_position(tmp_path) == 20
    assert len(list(tmp_path.iterdir())) == snapshots.KEPT


def test_an_old_one_is_forgotten_only_beside_a_newer_good_one(tmp_path):
    older, newest_one = (write(tmp_path, snapshot(position)) for position in (1, 2))
    for path in (older, newest_one):
        os.utime(path, (1000, 1000))
    assert snapshots.forget(tmp_path, 1_000_000) == []
    whole = newest_one.read_bytes()
    newest_one.write_bytes(whole[:-1])
    assert snapshots.forget(tmp_path, 2_000_000_000_000) == []
    newest_one.write_bytes(whole)
    assert snapshots.forget(tmp_path, 1_000_001) == [older]
    assert newest(tmp_path) == snapshot(2)


def test_there_may_be_none(tmp_path):
    assert newest(tmp_path) is None
    assert oldest_position(tmp_path) is None


@settings(max_examples=30)
@given(data=st.data())
def test_a_damaged_one_is_passed_over(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("snapshots")
    write(folder, snapshot(1))
    path = write(folder, snapshot(2))
    whole = bytearray(path.read_bytes())
    if data.draw(st.booleans()):
        whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    else:
        del whole[data.draw(st.integers(0, len(whole) - 1)) :]
    path.write_bytes(whole)
    assert newest(folder) == snapshot(1)


def test_what_was_left_half_written_is_no_snapshot_and_is_removed(tmp_path):
    (tmp_path / "123.tmp").write_bytes(b"half")
    assert newest(tmp_path) is None
    tidy(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("fails", [False, True])
def test_a_child_writes_what_the_memory_held_when_it_began(tmp_path, fails):
    def take():
        if fails:
            raise OSError("no")
        return snapshot(7)

    child = write_apart(tmp_path, take)
    _, status = os.waitpid(child, 0)
    assert (status == 0) is not fails
    assert newest(tmp_path) == (None if fails else snapshot(7))
