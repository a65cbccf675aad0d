"""Killed at random moments under load: nothing that was answered is lost, nothing counts twice."""

import pytest

from bench.watch.kills import outcome


@pytest.mark.slow
def test_no_acknowledged_event_is_lost_none_counts_twice_and_the_state_is_the_oracles():
    found = outcome(6, 120, seed=7)
    assert found.acknowledged > 6
    assert (found.lost, found.twice, found.other) == ([], [], [])
    assert found.equal
