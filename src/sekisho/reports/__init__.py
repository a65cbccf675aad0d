"""Reports: what the product writes out for people and other programs, a file a report. They read, and keep nothing."""
