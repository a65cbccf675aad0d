"""A link of a chain beside the others, held against a reader who looks at every day by itself."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st

from sekisho.kernel.texts import Text
from sekisho.records.chains import Chain, Link, link_of, vendor_words

START = date(2026, 1, 1)
LAST = 6  # days after START that the strategies use
VENDORS = ["V-1", "V-2", "V-3", "V-4", "V-5"]


def day(n: int) -> date:
    return START + timedelta(days=n)


def link(key: str, giver: str, to: str | None, since: int | None = None, until: int | None = None) -> Link:
    days = {
        "since_on": None if since is None else day(since),
        "until_on": None if until is None else day(until),
    }
    return link_of(key, {"from_vendor": giver, "to_vendor": to} | days)


def codes(written: Link, *others: Link, step: int | None = None, top: str | None = "V-1") -> list[str]:
    return [code for code, _, _ in Chain(top, others).troubles(written, step, lambda key: Text(key, key))]


# --- circles ----------------------------------------------------------------------------------------------------------


def test_a_circle_of_two_of_three_and_of_many_is_found_and_shown():
    below = [link(f"SUB-{n}", f"V-{n}", f"V-{n + 1}") for n in range(1, 50)]
    for n in (2, 3, 50):
        closing = link("SUB-99", f"V-{n}", "V-1")
        shown = Chain("V-1", below).circle(closing)
        assert shown == [f"V-{n}", *(f"V-{m}" for m in range(1, n + 1))]


def test_the_circle_is_told_with_names_in_both_languages():
    told = {"V-1": vendor_words("V-1", "甲"), "V-2": vendor_words("V-2", None)}
    found = list(
        Chain("V-1", [link("SUB-1", "V-1", "V-2")]).troubles(link("SUB-2", "V-2", "V-1"), 3, told.__getitem__)
    )
    assert [(code, field) for code, field, _ in found] == [("circle", "to_vendor")]
    assert found[0][2].ja.startswith("委託が循環します（V-2 → 甲（V-1） → V-2）。")
    assert "in a circle: V-2 -> 甲 (V-1) -> V-2." in found[0][2].en


def test_two_ways_to_one_firm_are_no_circle():
    others = [link("SUB-1", "V-1", "V-2"), link("SUB-2", "V-1", "V-3"), link("SUB-3", "V-2", "V-4")]
    assert codes(link("SUB-4", "V-3", "V-4"), *others) == []


def test_a_link_that_is_changed_is_not_beside_itself():
    assert codes(link("SUB-1", "V-1", "V-2"), link("SUB-1", "V-2", "V-1")) == []
    assert codes(link("SUB-1", "V-1", "V-2"), link("SUB-1", "V-1", "V-2")) == []


def test_an_unknown_end_closes_no_circle():
    assert codes(link("SUB-2", "V-2", None), link("SUB-1", "V-1", "V-2")) == []


def test_what_has_ended_before_the_other_began_is_no_circle():
    ended = link("SUB-1", "V-1", "V-2", None, 3)
    assert codes(link("SUB-2", "V-2", "V-1", 4), ended) == []
    assert codes(link("SUB-2", "V-2", "V-1", 3), ended) == ["circle"]


def test_all_links_of_a_circle_must_have_a_day_in_common():
    first, second = link("SUB-1", "V-1", "V-2", 0, 2), link("SUB-2", "V-2", "V-3", 3, 5)
    assert codes(link("SUB-3", "V-3", "V-1"), first, second) == []
    longer = link("SUB-1", "V-1", "V-2", 0, 3)
    assert codes(link("SUB-3", "V-3", "V-1"), longer, second) == ["circle"]


SPANS = st.tuples(st.none() | st.integers(0, LAST), st.none() | st.integers(0, LAST)).filter(
    lambda span: None in span or span[0] <= span[1]
)
LINKS = st.tuples(st.sampled_from(VENDORS), st.sampled_from([*VENDORS, None]), SPANS).filter(
    lambda told: told[0] != told[1]
)


def on(links: list[Link], n: int) -> list[Link]:
    return [x for x in links if x.since <= day(n) <= x.until]


def leads(links: list[Link], giver: str, to: str) -> bool:
    """Whether work comes from one to the other along the links: a reader who follows every one of them."""
    reached, more = {giver}, True
    while more:
        further = {x.to for x in links if x.giver in reached and x.to is not None} - reached
        reached |= further
        more = bool(further)
    return to in reached


@settings(max_examples=300)
@given(st.lists(LINKS, max_size=9), LINKS)
@example([("V-2", "V-3", (0, 2)), ("V-3", "V-1", (2, 3))], ("V-1", "V-2", (1, 2)))
def test_a_circle_is_refused_exactly_where_one_stands_on_some_day(drawn, written):
    others = [link(f"SUB-{n}", giver, to, *span) for n, (giver, to, span) in enumerate(drawn)]
    giver, to, span = written
    new = link("SUB-NEW", giver, to, *span)
    stands = to is not None and any(
        on([new], n) and leads(on(others, n), to, giver) for n in range(-1, LAST + 2)
    )
    shown = Chain("V-1", others).circle(new)
    assert (shown is not None) == stands
    if shown is not None:
        assert (shown[0], shown[1], shown[-1]) == (giver, to, giver)
        assert all(any((x.giver, x.to) == pair for x in [*others, new]) for pair in pairwise(shown))


# --- the same link twice ----------------------------------------------------------------------------------------------


def test_the_same_link_twice_in_one_time_is_refused_and_after_another_is_not():
    first = link("SUB-1", "V-1", "V-2", 0, 3)
    assert codes(link("SUB-2", "V-1", "V-2", 3), first) == ["double"]
    assert codes(link("SUB-2", "V-1", "V-2", 4), first) == []
    assert codes(link("SUB-2", "V-1", "V-3", 3), first) == []
    assert codes(link("SUB-2", "V-2", None), link("SUB-1", "V-2", None), first) == ["double"]


# --- steps --------------------------------------------------------------------------------------------------------------


def test_a_step_must_be_one_more_than_where_the_work_reaches_the_giver():
    others = [link("SUB-1", "V-1", "V-2"), link("SUB-2", "V-2", "V-3")]
    for giver, to, right in (("V-1", "V-9", 2), ("V-2", "V-9", 3), ("V-3", "V-9", 4), ("V-3", None, 4)):
        written = link("SUB-3", giver, to)
        assert [n for n in range(2, 100) if codes(written, *others, step=n) == []] == [right]
        assert codes(written, *others, step=None) == []


def test_a_step_is_told_what_it_should_be():
    chain = Chain("V-1", [link("SUB-1", "V-1", "V-2")])
    ((code, field, text),) = chain.troubles(link("SUB-2", "V-2", "V-3"), 2, lambda key: Text(key, key))
    assert (code, field) == ("wrong_step", "step")
    assert "段数は 3 です" in text.ja
    assert "so this link is step 3" in text.en


def test_of_two_ways_or_two_times_either_step_is_right():
    others = [
        link("SUB-1", "V-1", "V-2"),
        link("SUB-2", "V-2", "V-3", 0, 3),
        link("SUB-3", "V-1", "V-3", 4, 6),
    ]
    written = link("SUB-4", "V-3", "V-4")
    assert [n for n in range(2, 9) if codes(written, *others, step=n) == []] == [3, 4]
    later = link("SUB-4", "V-3", "V-4", 4)
    assert [n for n in range(2, 9) if codes(later, *others, step=n) == []] == [3]


def test_where_nothing_leads_to_the_giver_any_step_is_taken():
    assert codes(link("SUB-2", "V-2", "V-3"), step=7) == []
    assert codes(link("SUB-2", "V-1", "V-3"), step=7, top=None) == []


@given(st.lists(LINKS, max_size=8), LINKS)
def test_the_steps_are_those_of_all_ways_from_the_top(drawn, written):
    """A reader who walks every way, day by day; where no circle stands."""
    others = [link(f"SUB-{n}", giver, to, *span) for n, (giver, to, span) in enumerate(drawn)]
    new = link("SUB-NEW", *written[:2], *written[2])
    found: set[int] = set()
    for n in range(-1, LAST + 2):
        today = on(others, n)
        if not on([new], n):
            continue
        if any(x.to is not None and leads(today, x.to, x.giver) for x in today):
            return
        ways = [("V-1", 1)]
        while ways:
            at, step = ways.pop()
            found |= {step} if at == new.giver else set()
            ways += [(x.to, step + 1) for x in today if x.giver == at and x.to is not None]
    assert Chain("V-1", others).steps(new) == found
