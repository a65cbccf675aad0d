"""Both implementations that are measured say the same."""

from __future__ import annotations

import re

from bench.watch.risk import measure


def test_every_row_has_the_same_scores_with_the_same_sum():
    rows = measure(60, 3)
    found = {re.search(r"\((.+)\)$", row.measured)[1] for row in rows}
    assert len(found) == 1
    assert not found.pop().startswith("0 ")
