"""The pages: parse, call, render."""
