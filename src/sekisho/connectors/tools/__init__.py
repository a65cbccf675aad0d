"""One folder for each tool or format. The tools know nothing of one another."""
