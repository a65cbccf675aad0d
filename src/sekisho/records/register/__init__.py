"""Reads of a register: its lists, one record, its history, what refers to it. Now, or as known at a past moment.

`then` is the facts of a past moment (`records.facts`), None for now. Nothing here writes, and nothing here decides
who may read: the doors ask `access.rights` first.
"""

from sekisho.records.register.asked import BLANK, Asked, Condition, asked_of, default_order
from sekisho.records.register.history import Change, Difference, change_at, history, times_changed
from sekisho.records.register.listing import PAGE_SIZES, Page, Row, counts, each, found_keys, listed, one
from sekisho.records.register.referring import Referrer, referrers
from sekisho.records.register.titles import key_of, suggestions, title_field, titles

__all__ = [
    "BLANK",
    "PAGE_SIZES",
    "Asked",
    "Change",
    "Condition",
    "Difference",
    "Page",
    "Referrer",
    "Row",
    "asked_of",
    "change_at",
    "counts",
    "default_order",
    "each",
    "found_keys",
    "history",
    "key_of",
    "listed",
    "one",
    "referrers",
    "suggestions",
    "times_changed",
    "title_field",
    "titles",
]
