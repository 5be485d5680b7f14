"""What feeds, pages and operators wrote, made safe to show: as plain text, as a language tag, as a link."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from monitor.text.khmer import holds_khmer
from monitor.text.plain import drop_controls, letter_start

_SPACE = re.compile(r"\s+")
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_MAX_URL_CHARS = 2000
MAX_NAME_CHARS = 120


@dataclass(frozen=True, slots=True)
class Link:
    """An http(s) address and the host that it truly leads to."""

    url: str
    host: str


def one_line(raw_text: str) -> str:
    """Return the text on one line, without characters that no reader sees; spaces at its ends stay."""
    return drop_controls(_SPACE.sub(" ", raw_text))


def plain_text(raw_text: str, max_chars: int) -> str:
    """Return the text on one line and at most that long."""
    return shorten(one_line(raw_text).strip(), max_chars)


def shorten(text: str, max_chars: int) -> str:
    """Cut a text that is too long at the end of a word, or where there are no spaces, of a written cluster."""
    if len(text) <= max_chars:
        return text
    end = letter_start(text, max_chars - 1)
    last_space = text.rfind(" ", end - 40 if end > 40 else 0, end)
    return text[: last_space if last_space > 0 else end].rstrip() + "…"


def language_tag(text: str, language: str) -> str:
    """Return what an HTML `lang` may say of a text: its language, or Khmer by its letters, or "" where unknown."""
    if holds_khmer(text):
        return "km"
    return language if _LANGUAGE_TAG.fullmatch(language) else ""


def safe_link(raw_url: str) -> Link | None:
    """Return the address if a reader may be led there: http(s), a real host, no user name before it to mislead."""
    if len(raw_url) > _MAX_URL_CHARS or "\\" in raw_url or any(c.isspace() or not c.isprintable() for c in raw_url):
        return None
    try:
        parts = urlsplit(raw_url)
        # A host in its ASCII form can't pass for another that only looks alike.
        host = (parts.hostname or "").encode("idna").decode("ascii")
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        return None
    return Link(raw_url, host)
