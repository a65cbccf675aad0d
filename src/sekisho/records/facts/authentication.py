"""How strong the authentication of a transaction is, from 0 to 4, worked out from its methods taken together.

The guideline to 10-5 names the ways (one-time passwords, a separate path, transaction authentication, risk-based) and
their combination; it grades none of them. The grades are the product's:

| strength | asks for |
|---|---|
| 0 | nothing: no factor |
| 1 | one factor: what one knows, has or is |
| 2 | two different factors; or one factor and any of the properties |
| 3 | two different factors, and one property that makes a stolen secret useless |
| 4 | as 3, of which one withstands a relay, and a further property |

How each counts:
- factors (knowledge, possession, inherence) count once each: two passwords are one factor;
- one_time and separate_path make a stolen secret useless;
- transaction_bound and phishing_resistant do so too, and withstand a relay: what a go-between passes on does not serve
  for another transaction or at another site;
- risk_based asks for more when something is unusual: it adds to others (2, 4) and does not stand in for them (3).

Methods of a transaction are asked for together: it has what any of them has.
"""

from __future__ import annotations

import polars as pl

FACTORS = ("knowledge", "possession", "inherence")
RELAY = ("transaction_bound", "phishing_resistant")  # withstand a go-between
THEFT = ("one_time", "separate_path", *RELAY)  # make a stolen secret useless
PROPERTIES = (*THEFT, "risk_based")
STRONGEST = 4


def together(methods: pl.LazyFrame, by: str) -> pl.LazyFrame:
    """For each `by`: what its methods have together, and the strength of that. A method's flag left open is a no."""
    flags = [pl.col(name).fill_null(False).any() for name in (*FACTORS, *PROPERTIES)]
    return methods.group_by(by).agg(*flags).with_columns(strength=strength())


def strength() -> pl.Expr:
    """The strength of what the Boolean columns (FACTORS, PROPERTIES) say."""
    factors = pl.sum_horizontal(FACTORS)
    properties = pl.sum_horizontal(PROPERTIES)
    theft, relay = pl.any_horizontal(THEFT), pl.any_horizontal(RELAY)
    two = factors >= 2
    return (
        pl.when(factors == 0).then(0)
        .when(two & relay & (properties >= 2)).then(STRONGEST)
        .when(two & theft).then(3)
        .when(two | (properties >= 1)).then(2)
        .otherwise(1)
        .cast(pl.Int64)
    )  # fmt: skip
