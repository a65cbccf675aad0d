"""Article 10, paragraph 5: authentication."""
