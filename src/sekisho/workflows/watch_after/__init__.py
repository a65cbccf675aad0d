"""What follows a decision of the watch: users told, addresses blocked, withdrawals held, alerts, and the rule fed."""
