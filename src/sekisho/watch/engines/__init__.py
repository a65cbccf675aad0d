"""The same program on other engines: SQL for DuckDB and Apache Flink, functions for Valkey. Each is made, not written."""
