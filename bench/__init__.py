"""Measures of the product. `make bench` runs them all, prints a table and keeps it in bench/README.md.

These are measurements, not tests: nothing fails because a machine is slow. Ratios come from one run, interleaved.
"""
