"""Claims without the names in them: what is left is how most watched claims look, which name nobody."""

import re
from collections import Counter
from collections.abc import Iterable

MIN_WORDS = 3
"""A claim of which fewer words are left says nothing that could be looked for."""

_TOKEN = re.compile(r"[\w'’.$%-]+")


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


_FUNCTION_WORDS = _words(
    "a an and are as at be been but by can could did do does for from had has have he her him his how if in into is it"
    " its may more most no not of on or our out over she so than that the their them then there they this to up was we"
    " were what when where which who will with would you your after before about because during"
)


class Names:
    """Tells names from words that only begin a sentence, by how a collection of claims and headlines writes them."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._capital: Counter[str] = Counter()
        self._small: Counter[str] = Counter()
        for text in texts:
            for token in _TOKEN.findall(text)[1:]:
                (self._small if token.islower() else self._capital)[token.lower()] += 1

    def stripped(self, claim: str) -> str:
        """Return a claim less its names and numbers; "" where too little is left."""
        kept = [token for place, token in enumerate(_TOKEN.findall(claim)) if self._is_word(token, is_first=place == 0)]
        content = [token for token in kept if token.lower() not in _FUNCTION_WORDS]
        return " ".join(kept) if len(content) >= MIN_WORDS else ""

    def _is_word(self, token: str, *, is_first: bool) -> bool:
        if any(character.isdigit() for character in token):
            return False
        if token.islower():
            return True
        lowered = token.lower()
        return is_first and (lowered in _FUNCTION_WORDS or self._small[lowered] > self._capital[lowered])
