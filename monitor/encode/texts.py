"""Texts as every encoder is given them. Pure."""

from collections.abc import Sequence

from monitor.model.ports import TextKind

MAX_CHARACTERS = 1_500
"""Of a longer text only the beginning is encoded: models stop at some 512 tokens, and a page may call a megabyte a
title."""


def prepared(texts: Sequence[str], kind: TextKind = "passage", *, is_e5: bool = False) -> list[str]:
    """Return the beginnings of texts without what ends a C string or is no Unicode; E5 is told the kind of each."""
    start = f"{kind}: " if is_e5 else ""
    return [start + _clean(text[:MAX_CHARACTERS]) for text in texts]


def _clean(text: str) -> str:
    return text.replace("\0", " ").encode("utf-8", "replace").decode()
