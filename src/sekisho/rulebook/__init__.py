"""The rule: its clauses, the checks that ask them of records, and the limits they use."""
