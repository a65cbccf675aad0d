"""The official text of the rule: read from a member's own file, split at its citations, compared between editions.

The text belongs to the association and is not part of the product; a member imports it.
"""

from sekisho.rulebook.official.compare import Change, Segment, compare
from sekisho.rulebook.official.edition import Edition, Part
from sekisho.rulebook.official.errors import OfficialTextError
from sekisho.rulebook.official.read import read_text
from sekisho.rulebook.official.split import split

__all__ = ["Change", "Edition", "OfficialTextError", "Part", "Segment", "compare", "read_text", "split"]
