"""Measurements of the fast lane: what it finds, how fast it is, and what others are."""
