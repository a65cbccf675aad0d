"""A list of controls as CSV: number, title, parent's number and text, headed in English or Japanese."""
