"""Hypothesis strategies for values of the fields that are not plain types: decimals, and several texts."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from sekisho.records.fields import Quantity, Several, plain


@st.composite
def quantities(draw: st.DrawFn, field: Quantity) -> Decimal:
    """Any value that the field takes, in its plain form: up to 12 digits, 6 decimals, and 15 in all."""
    places = draw(st.integers(0, Quantity.decimals))
    end = 10 ** min(Quantity.whole_digits + places, Quantity.digits) - 1
    least = (
        -end
        if field.least is None
        else max(-end, int((field.least.scaleb(places)).to_integral("ROUND_CEILING")))
    )
    most = (
        end if field.most is None else min(end, int((field.most.scaleb(places)).to_integral("ROUND_FLOOR")))
    )
    return Decimal(plain(Decimal(draw(st.integers(least, most))).scaleb(-places)))


def several(field: Several) -> st.SearchStrategy[list[str]]:
    """Any list of texts that the field keeps."""
    read = st.text(max_size=20).map(lambda text: field.from_text(text) or [])
    one = read.filter(lambda texts: len(texts) == 1).map(lambda texts: texts[0])
    return st.lists(one, min_size=1, max_size=5, unique=True)
