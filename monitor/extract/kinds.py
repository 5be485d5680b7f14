"""What a document is, told from its first bytes, so that a refusal can say what came instead; pure."""

HTML = "an HTML page"
XML = "XML that is no feed"
FEED = "a feed"
JSON = "JSON"
EMPTY = "nothing (an empty body)"
BLANK = "nothing but white space"
UNKNOWN = "data of an unknown kind"
TEXT = "plain text"
MARKUP = frozenset({HTML, XML, FEED})

_MAGIC = (
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "gzip data"),
    (b"RIFF", "a media file"),
    (b"\x00\x00\x00\x18ftyp", "a video"),
    (b"\x00\x00\x00\x20ftyp", "a video"),
    (b"{", JSON),
    (b"[", JSON),
)
_FEED_TAGS = (b"<rss", b"<feed", b"<rdf:rdf")
_HTML_TAGS = (b"<!doctype html", b"<html", b"<head", b"<body", b"<div", b"<p", b"<meta", b"<title")
_HEAD_BYTES = 2048


def name_kind(content: bytes) -> str:
    """Return what the content is, as words that fit after "what came is"."""
    if not content:
        return EMPTY
    head = content[:_HEAD_BYTES].replace(b"\0", b"").removeprefix(b"\xef\xbb\xbf").lstrip(b"\xff\xfe \t\r\n\f")
    if not head:
        return BLANK if not content.strip() else UNKNOWN
    for magic, words in _MAGIC:
        if content.startswith(magic) or head.startswith(magic):
            return words
    return _name_markup(head.lower())


def _name_markup(head: bytes) -> str:
    if any(tag in head for tag in _FEED_TAGS):
        return FEED
    if any(tag in head for tag in _HTML_TAGS):
        return HTML
    if head.startswith(b"<"):
        return XML if head.startswith(b"<?xml") else HTML
    printable = sum(byte >= 0x20 or byte in b"\t\r\n\f" for byte in head)
    return TEXT if printable > 0.95 * len(head) else UNKNOWN
