"""Whether two headlines, or two names of outlets, are the same but for how they are written; pure.

In: text from feeds and pages. Out: keys to compare. Never: a key of a headline so short that strangers share it.
"""

import re
import unicodedata
from urllib.parse import urlsplit

_MIN_HEADLINE_CHARS = 20
_COMMON_LABELS = frozenset({"blog", "blogspot", "english", "google", "medium", "news", "online", "wordpress"})
_ARTICLE = re.compile(r"^(?:the|la|le|les|el|los|il|die|der|das|de|het)\s+", re.IGNORECASE)


def squash(text: str) -> str:
    """Return the letters, marks and digits of a text, without case: "Phnom Penh Post" and "phnompenhpost" agree."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if unicodedata.category(char)[0] in "LMN")


def title_key(title: str) -> str:
    """Return what identifies a headline, or "" for one that says too little ("Opinion", "Photo of the day")."""
    key = squash(title)
    return key[:300] if len(key) >= _MIN_HEADLINE_CHARS else ""


def is_same_outlet(first: str, second: str, url: str) -> bool:
    """Say whether a name is that of an outlet known by another name and a URL of its own: one of the two, whole.

    A part won't do: "Daily News" is a part of many.
    """
    name = _bare(first)
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    labels = {squash(label) for label in host.split(".")[:-1] if len(label) >= 4}
    return bool(name) and (name in {_bare(second), squash(host)} or name in labels - _COMMON_LABELS)


def _bare(name: str) -> str:
    """Return an outlet's name without the article before it, which no host has: "The Harbour Post"."""
    return squash(_ARTICLE.sub("", name.strip()))
