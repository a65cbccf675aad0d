"""Acts: the only writers. One function, one transaction, its lines in the ledger."""
