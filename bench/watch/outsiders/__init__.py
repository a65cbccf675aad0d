"""What runs in the environments of others: no part of Sekisho is imported here."""
