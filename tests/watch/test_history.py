"""What was judged can be asked for, whether it is sealed or still in the log."""

import polars as pl
import pytest

from sekisho.watch import history
from sekisho.watch.events import Event
from sekisho.watch.segments import FORMAT, LogDamaged, segments
from tests.watch.events_of import NOW
from tests.watch.kept_home import judged

U1 = history.Wanted("user", "u1")


def test_sealing_changes_nothing_of_what_is_read(tmp_path):
    judged(tmp_path)
    before = history.read(tmp_path)
    assert len(before) == 13
    assert history.seal(tmp_path)
    assert history.read(tmp_path).equals(before)
    assert history.seal(tmp_path) == []


def test_it_has_a_column_for_every_field_and_for_what_was_decided(tmp_path):
    judged(tmp_path)
    found = history.read(tmp_path)
    assert set(Event.__struct_fields__) | {
        "source",
        "at",
        "action",
        "score",
        "rules",
        "shadow",
        "position",
    } == set(found.columns)
    row = found.row(2, named=True)
    assert (row["user"], row["ok"], row["action"], row["score"], row["rules"]) == (
        "u1",
        False,
        "block",
        60,
        ["three"],
    )
    assert found.row(12, named=True)["shadow"] == ["large"]
    assert found.row(12, named=True)["ok"] is None


def test_days_are_asked_by_when_things_happened(tmp_path):
    judged(tmp_path)
    history.seal(tmp_path)
    found = history.read(tmp_path, NOW + 3000, NOW + 6000)
    assert found["seq"].to_list() == [3, 4, 5]


def test_without_a_watch_there_is_nothing(tmp_path):
    assert history.read(tmp_path).is_empty()
    assert list(history.tables(tmp_path, 0, 0, 100)) == []


def test_events_between_two_positions_come_from_both_places(tmp_path):
    judged(tmp_path)
    positions = history.read(tmp_path)["position"].to_list()
    history.seal(tmp_path)
    found = list(history.tables(tmp_path, 0, positions[0], positions[10]))
    events = pl.concat([table for _, table in found])
    assert found[-1][0] == positions[10]
    assert events.columns == list(history.EVENT)
    assert events["seq"].to_list() == list(range(1, 11))
    later = pl.concat([table for _, table in history.tables(tmp_path, NOW + 9000, 0, positions[-1])])
    assert later["seq"].to_list() == [9, 10, 11, 12]


def test_a_segment_that_a_start_may_need_stays(tmp_path):
    engine = judged(tmp_path)
    folder = history.log_folder(tmp_path)
    for path in history.snapshot_folder(tmp_path).iterdir():
        path.unlink()
    number = len(segments(folder))
    assert len(history.seal(tmp_path)) == number - 1
    assert len(segments(folder)) == number
    assert len(history.read(tmp_path)) == engine.kernel.judged


def test_a_part_dropped_between_two_looks_is_found_again(tmp_path, monkeypatch):
    judged(tmp_path)
    before = history.read(tmp_path)
    looked = history.kept

    def seal_meanwhile(home):
        monkeypatch.setattr(history, "kept", looked)
        found = looked(home)
        history.seal(home)
        return found

    monkeypatch.setattr(history, "kept", seal_meanwhile)
    assert history.read(tmp_path).equals(before)


def test_damage_is_not_sealed(tmp_path):
    judged(tmp_path)
    path = segments(history.log_folder(tmp_path))[0].path
    data = bytearray(path.read_bytes())
    data[len(FORMAT) + 30] ^= 1
    path.write_bytes(data)
    with pytest.raises(LogDamaged):
        history.seal(tmp_path)
    assert history.kept(tmp_path) == []


def test_sealed_parts_are_plain_parquet(tmp_path):
    judged(tmp_path)
    (first, *_) = history.seal(tmp_path)
    assert pl.read_parquet(first).columns == list(history.SCHEMA)
    assert first.stat().st_mode & 0o077 == 0


def test_one_users_events_come_newest_part_first_from_both_places(tmp_path):
    judged(tmp_path)
    whole = history.read(tmp_path)
    for _ in ("in the log", "sealed"):
        parts = list(history.backwards(tmp_path, U1))
        assert [part.start for part in parts] == sorted((part.start for part in parts), reverse=True)
        assert sum(part.events for part in parts) == 13
        assert pl.concat([part.rows for part in reversed(parts)]).equals(whole)
        history.seal(tmp_path)


def test_of_others_nothing_comes(tmp_path):
    judged(tmp_path)
    history.seal(tmp_path)
    for field, value in (("user", "u"), ("user", '"u1"'), ("user", "192.0.2.1"), ("ip", "192.0.2.10")):
        assert all(part.rows.is_empty() for part in history.backwards(tmp_path, history.Wanted(field, value)))
    rows = pl.concat([p.rows for p in history.backwards(tmp_path, history.Wanted("ip", "192.0.2.1"))])
    assert len(rows) == 12


@pytest.mark.parametrize(
    ("begins", "within", "number"),
    [("192.0.2.", True, 12), ("192.0.2.", False, 0), ("203.", True, 0), ("", True, 12)],
)
def test_texts_that_begin_alike_are_told_apart_by_a_question(tmp_path, begins, within, number):
    judged(tmp_path)
    for _ in ("in the log", "sealed"):
        parts = history.backwards(
            tmp_path, history.Wanted("ip", begins, lambda text: within and text == "192.0.2.1")
        )
        assert sum(len(part.rows) for part in parts) == number
        history.seal(tmp_path)


def test_what_is_not_sealed_is_decoded_a_little_at_a_time(tmp_path, monkeypatch):
    judged(tmp_path)
    whole = history.read(tmp_path)
    monkeypatch.setattr(history, "_DECODED", 2)
    parts = list(history.backwards(tmp_path, U1))
    assert max(len(part.rows) for part in parts) == 2
    assert sum(part.events for part in parts) == 13
    assert pl.concat([part.rows for part in reversed(parts)]).equals(whole)
    for part in parts:
        rest = [p for each in history.backwards(tmp_path, U1, part.start) for p in each.rows["position"]]
        assert sorted(rest) == [p for p in whole["position"] if p <= part.start]


def test_one_looks_on_from_where_one_stopped(tmp_path):
    judged(tmp_path)
    history.seal(tmp_path)
    whole = history.read(tmp_path)["position"].to_list()
    for upto in (0, whole[0], whole[5], whole[-1]):
        found = [p for part in history.backwards(tmp_path, U1, upto) for p in part.rows["position"]]
        assert sorted(found) == [position for position in whole if position <= upto]


def test_a_part_dropped_while_one_looks_back_comes_once(tmp_path):
    judged(tmp_path)
    before = len(history.read(tmp_path))
    found = 0
    for number, part in enumerate(history.backwards(tmp_path, U1)):
        found += len(part.rows)
        if number == 1:
            assert history.seal(tmp_path)
    assert found == before
