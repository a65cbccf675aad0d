"""What a run of the tests stands on: a database, a home folder, a browser."""
