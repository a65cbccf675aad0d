"""A list of controls as CSV: number, title, parent's number and text, a row a control, headed in English or Japanese."""
