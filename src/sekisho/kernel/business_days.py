"""Business days in Japan: Monday to Friday, but for national holidays and 31 December to 3 January.

The days are those of the library `holidays`: the act on national holidays, and the days off of banks (article 15 of the
banking act and its order), by which payments and offices go.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

FIRST = 2018  # no term is older than the rule


@lru_cache(maxsize=8)
def closed_until(year: int) -> list[date]:
    """The holidays from 2018 to the end of a year."""
    import holidays  # noqa: PLC0415 - a sixth of a second, for those who ask alone

    years = range(FIRST, max(year, FIRST) + 1)
    return sorted(holidays.country_holidays("JP", years=years, categories=("public", "bank")))
