"""Numbers of the rule or of good practice: dated, with their source; and the member's approved departures."""

from sekisho.rulebook.limits.limit import Limit, Limits, all_limits, default_limits

__all__ = ["Limit", "Limits", "all_limits", "default_limits"]
