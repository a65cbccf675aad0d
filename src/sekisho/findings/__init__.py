"""Outcomes of checks, verdicts of clauses, and their words. Pure: it knows no database."""
