"""OSCAL, NIST's Open Security Controls Assessment Language: its catalogs, as JSON.

The format: https://pages.nist.gov/OSCAL-Reference/models/latest/catalog/json-reference/
"""
