"""The REST door under /api/: parse, call, render. Rights, rules and writes are those of the layers below."""
