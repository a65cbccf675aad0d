"""Who may do what: rights derive from appointments on the day, and deny by default."""
