"""Identifiers that are made once and never change."""

import secrets
import time

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O, U


def new_id() -> str:
    """A 26-character ULID: 48 bits of Unix milliseconds, then 80 random bits; sorts by time of making."""
    value = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    return "".join(_ALPHABET[(value >> shift) & 31] for shift in range(125, -5, -5))
