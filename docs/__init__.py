"""The documentation: what people write stands as Markdown, what the source knows is made by `make docs`."""
