"""What the lists held is known of every event that was judged, so that judging again gives the same answers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.watch import listings
from sekisho.watch.backtest import backtest
from sekisho.watch.engine import Engine
from sekisho.watch.judge import make_kernel
from sekisho.watch.language import compile_rules
from sekisho.watch.lists import Listed
from sekisho.watch.program import Action
from sekisho.watch.segments import LogDamaged
from tests.watch.events_of import NOW, event

RULES = """
title: A frozen user
name: frozen
profile: {type: in_list, rules: [act], field: user, list: frozen_users}
watch: {action: block, weight: 60, mode: live, owner: csirt_lead, clause: 10-6-3, reason: {ja: 凍結中です。, en: Frozen.}}
---
title: Anything
name: act
detection: {selection: {typ: [login, withdraw]}, condition: selection}
"""
FED = """
---
title: Often while frozen
name: often
correlation: {type: event_count, rules: [frozen], group-by: [user], timespan: 1h, condition: {gte: 2}}
watch: {action: hold, weight: 10, mode: live, owner: csirt_lead, clause: 10-6-3, reason: {ja: 続いています。, en: Again.}}
"""
PROGRAM, REMEMBERS = compile_rules(RULES, "test"), compile_rules(RULES + FED, "fed")
NAMES = ("frozen_users", "blocked_addresses")


def lists(*users, blocked=()):
    return {"frozen_users": Listed(users), "blocked_addresses": Listed(blocked)}


def started(home, program=REMEMBERS, **options):
    return Engine(home, program, lists(), clock=lambda: NOW, **options)


def judged_in_turns(home, program=REMEMBERS):
    """An engine with six logins of u1, frozen during two of them."""
    engine = started(home, program, segment=300)
    for seq in range(6):
        engine.relist(lists("u1") if seq in (2, 3) else lists())
        engine.decide("web", event(seq, ts=NOW))
    return engine


def test_what_was_decided_follows_the_lists_and_so_does_judging_it_again(tmp_path):
    engine = judged_in_turns(tmp_path)
    engine.log.close()
    span = (tmp_path, PROGRAM, NOW - 1, NOW + 1)
    again, instead = backtest(*span, otherwise=lists("u1")), backtest(*span, lists("u1"))
    found = [
        (one.old, one.new, one.gained, one.lost) for one in (again.rules["frozen"], instead.rules["frozen"])
    ]
    assert found == [(2, 2, 0, 0), (2, 6, 4, 0)]


def test_where_the_watch_kept_no_lists_those_of_today_stand(tmp_path):
    engine = Engine(tmp_path, PROGRAM, clock=lambda: NOW)
    engine.decide("web", event(1, ts=NOW))
    engine.close()
    assert backtest(tmp_path, PROGRAM, NOW - 1, NOW + 1, otherwise=lists("u1")).rules["frozen"].new == 1


@pytest.mark.parametrize("snapshot_after", [None, 0, 3])
def test_recovery_gives_the_same_state_where_rules_remember_what_a_list_held(tmp_path, snapshot_after):
    engine = started(tmp_path)
    for seq in range(6):
        engine.relist(lists("u1") if seq in (2, 3) else lists())
        engine.decide("web", event(seq, ts=NOW))
        if seq == snapshot_after:
            engine.snapshot()
    engine.log.close()
    again = started(tmp_path)
    oracle = make_kernel(REMEMBERS, lists(), again.kernel.secret if again.kernel.compiled else None)
    for seq in range(6):
        oracle.lists.update(lists("u1") if seq in (2, 3) else lists())
        oracle.decide(event(seq, ts=NOW))
    assert again.kernel.fingerprint() == oracle.fingerprint()
    assert not again.kernel.lists["frozen_users"].has("u1")
    again.relist(lists("u1"))
    assert again.decide("web", event(6, ts=NOW)).decision.rules == ("frozen", "often")
    again.log.close()


def test_other_rules_that_remember_lists_are_built_with_those_of_the_time(tmp_path):
    engine = judged_in_turns(tmp_path, PROGRAM)
    engine.snapshot()
    judge = engine.prepare(REMEMBERS, lists())
    engine.adopt(judge)
    engine.relist(lists("u1"))
    assert engine.decide("web", event(6, ts=NOW)).decision.rules == ("frozen", "often")
    engine.log.close()


def test_only_changes_are_written(tmp_path):
    engine = started(tmp_path)
    for users in (("u1",), ("u1",), ("u1", "u2"), ("u2",)):
        engine.relist(lists(*users, blocked=("192.0.2.0/24", "2001:db8::/64")))
    engine.close()
    told = [(line.add, line.remove) for line in listings.read(tmp_path)]
    assert told == [
        (
            {"frozen_users": [], "blocked_addresses": []},
            {},
        ),  # from here on it is known that nothing is listed
        ({"frozen_users": ["u1"], "blocked_addresses": ["192.0.2.0/24", "2001:db8::/64"]}, {}),
        ({"frozen_users": ["u2"]}, {}),
        ({}, {"frozen_users": ["u1"]}),
    ]
    engine = Engine(
        tmp_path, PROGRAM, lists("u2", blocked=("192.0.2.0/24", "2001:db8::/64")), clock=lambda: NOW
    )
    assert len(listings.read(tmp_path)) == 4
    engine.close()


def test_of_what_was_before_the_first_line_it_is_taken_to_have_held_already(tmp_path):
    kept = listings.Listings(tmp_path, 500)
    kept.keep(kept.change(lists("u1")), 500, NOW)
    assert listings.Replayed(tmp_path).at(10)["frozen_users"].texts == {"u1"}


def test_where_nobody_names_lists_nothing_is_written(tmp_path):
    engine = Engine(tmp_path, PROGRAM, clock=lambda: NOW)
    assert engine.decide("web", event(1, ts=NOW)).decision.action is Action.ALLOW
    engine.close()
    assert not listings.listings_path(tmp_path).exists()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["u1", "u2", "u3"]), st.booleans()), max_size=12))
def test_at_every_position_the_lists_are_those_that_were_in_force(tmp_path_factory, turns):
    home = tmp_path_factory.mktemp("home")
    kept, were, held = listings.Listings(home, 0), [], set()
    for place, (user, frozen) in enumerate(turns):
        held = held | {user} if frozen else held - {user}
        change = kept.change(lists(*held))
        if change is not None:
            kept.keep(change, 10 * place, NOW + place)
        were.append(held)
    replayed, now = listings.Replayed(home), set()
    for place, expected in enumerate(were):
        others = replayed.at(10 * place + 5)
        now = others["frozen_users"].texts if others else now
        assert now == expected
    assert listings.Listings(home, 10**6).entries.get("frozen_users", frozenset()) == held


def kept_lines(home):
    """Three changes: u1 comes, u2 comes, u1 goes."""
    kept = listings.Listings(home, 0)
    for place, users in enumerate((["u1"], ["u1", "u2"], ["u2"]), 1):
        kept.keep(kept.change(lists(*users)), 100 * place, NOW + place)
    return kept


def test_a_line_that_a_crash_cut_short_was_never_in_force(tmp_path):
    kept_lines(tmp_path)
    path = listings.listings_path(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"position": 400, "at": 1, "add": {"froz')
    assert listings.Listings(tmp_path, 400).entries["frozen_users"] == {"u2"}
    assert path.read_bytes() == whole


@pytest.mark.parametrize("damage", [(b'"u2"', b'"u9"'), (b'"position"', b'"position')])
def test_damage_is_told(tmp_path, damage):
    kept_lines(tmp_path)
    path = listings.listings_path(tmp_path)
    path.write_bytes(path.read_bytes().replace(*damage, 1))
    with pytest.raises(LogDamaged):
        listings.Listings(tmp_path, 400)


def test_what_the_log_lost_in_a_crash_was_not_judged_by_the_lists_before_it(tmp_path):
    """The change at 300 stands on disk, the frames before it do not: what comes in their place has the new lists."""
    kept_lines(tmp_path)
    kept = listings.Listings(tmp_path, 250)
    assert kept.change(lists("u2")) is None
    replayed = listings.Replayed(tmp_path)
    assert replayed.at(250)["frozen_users"].texts == {"u1", "u2"}
    assert replayed.at(260)["frozen_users"].texts == {"u2"}


def test_old_changes_are_forgotten_and_what_holds_stays(tmp_path):
    kept = kept_lines(tmp_path)
    assert kept.forget(NOW + 2) == 0
    assert kept.forget(NOW + 4) == 2
    assert b"u1" not in kept.path.read_bytes()
    assert listings.Listings(tmp_path, 400).entries["frozen_users"] == {"u2"}
    kept.keep(kept.change(lists("u3")), 400, NOW + 9)
    assert listings.Listings(tmp_path, 400).entries["frozen_users"] == {"u3"}


def test_a_change_that_another_overtook_is_refused(tmp_path):
    kept = kept_lines(tmp_path)
    change, other = kept.change(lists("u5")), kept.change(lists("u6"))
    kept.keep(other, 400, NOW)
    with pytest.raises(ValueError, match="changed since"):
        kept.keep(change, 400, NOW)


def test_a_change_that_cannot_be_written_is_not_in_force(tmp_path, monkeypatch):
    engine = started(tmp_path)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sekisho.watch.listings.os.fdatasync", full)
    with pytest.raises(OSError, match="No space"):
        engine.relist(lists("u1"))
    assert not engine.kernel.lists["frozen_users"].has("u1")
    engine.log.close()
