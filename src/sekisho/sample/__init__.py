"""The sample member: fictitious, realistic, written through the same acts as a user's."""

from sekisho.sample.fill import fill

__all__ = ["fill"]
