"""Article 10, paragraph 6: measures against fraud."""
