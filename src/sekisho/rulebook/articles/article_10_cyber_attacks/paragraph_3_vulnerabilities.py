"""Article 10, paragraph 3: vulnerabilities."""
