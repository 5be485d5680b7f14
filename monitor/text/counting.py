"""Counts in messages, with their nouns."""


def counted(count: int, noun: str) -> str:
    """Return a count with its noun: "1 hit", "2 hits", "1,200 entries"."""
    is_changed = noun.endswith("y") and noun[-2:-1] not in "aeiou"
    plural = f"{noun[:-1]}ies" if is_changed else f"{noun}s"
    return f"{count:,} {noun if count == 1 else plural}"
