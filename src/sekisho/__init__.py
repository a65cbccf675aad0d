"""Sekisho: system-risk duties of a virtual currency exchange operator, kept, judged and proved."""

__version__ = "0.1.0"
