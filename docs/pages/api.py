"""docs/api.md: the operations of the REST API, from its own OpenAPI description."""
