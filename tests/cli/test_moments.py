"""Days and instants on the command line."""

from datetime import UTC, date, datetime

import pytest

from sekisho.cli.moments import NoDay, NoInstant, day, instant
from sekisho.kernel import clock

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def test_days():
    assert day("--on", "") is None
    assert day("--on", "2026-11-23") == date(2026, 11, 23)


@pytest.mark.parametrize(
    "said", ["2026-13-01", "2026-02-30", "20261123", "today", "2026-11-23T00:00", "２０２６-11-23"]
)
def test_no_days(said):
    with pytest.raises(NoDay):
        day("--on", said)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2026-11-20T14:30+09:00", datetime(2026, 11, 20, 5, 30, tzinfo=UTC)),
        ("2026-11-20T14:30", datetime(2026, 11, 20, 5, 30, tzinfo=UTC)),
        ("2026-11-20 05:30:00Z", datetime(2026, 11, 20, 5, 30, tzinfo=UTC)),
        ("2026-11-20", datetime(2026, 11, 20, 14, 59, 59, 999999, tzinfo=UTC)),
        ("2026-11-23", NOW),
    ],
)
def test_instants(said, meant):
    with clock.standing_at(NOW):
        assert instant("--known-at", said) == meant


@pytest.mark.parametrize("said", ["soon", "2026-11-31", "14:30", "9999-12-31"])
def test_no_instants(said):
    with pytest.raises(NoInstant):
        instant("--known-at", said)
