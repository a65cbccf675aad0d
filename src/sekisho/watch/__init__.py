"""The fast lane: logins, withdrawals and what belongs to them are judged one event at a time, as they happen."""
