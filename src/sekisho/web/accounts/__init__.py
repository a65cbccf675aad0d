"""Sign-in, second factors, one's own account, and who has access."""
