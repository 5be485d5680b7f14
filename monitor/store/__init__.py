"""The archive: what was found, on what evidence, and who was told of it."""
