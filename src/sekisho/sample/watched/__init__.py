"""The sample member's customers: a month that the watch has seen, and a week of it with some attacks in it."""
