"""Entries: what a poll's document says is there to read."""
