"""What was known at a moment, as columns: one frame a kind, the state of all its records."""

from sekisho.records.facts.snapshot import Facts, Snapshot, facts_of, snapshot

__all__ = ["Facts", "Snapshot", "facts_of", "snapshot"]
