"""What a document is, told from its first bytes, so that a refusal can say what came instead; pure."""

import re

HTML = "an HTML page"
XML = "XML that is no feed"
FEED = "a feed"
JSON = "JSON"
EMPTY = "nothing (an empty body)"
BLANK = "nothing but white space"
UNKNOWN = "data of an unknown kind"
TEXT = "plain text"
PDF = "a PDF document"
MAIL = "a mail message"
EMPTY_KINDS = frozenset({EMPTY, BLANK})
MARKUP = frozenset({HTML, XML, FEED})

_MAGIC = (
    (b"%PDF-", PDF),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "gzip data"),
    (b"RIFF", "a media file"),
    (b"\x00\x00\x00\x18ftyp", "a video"),
    (b"\x00\x00\x00\x20ftyp", "a video"),
    (b"{", JSON),
)
_JSON_LIST = re.compile(rb"\[\s*(?:[\[{\"\]\d-]|true|false|null)")
_MAIL_FIELD = re.compile(rb"[\x21-\x39\x3b-\x7e]{1,76}:")
_MAIL_NAMES = frozenset({b"from", b"date", b"subject", b"message-id", b"mime-version", b"received", b"return-path"})
_PDF_WITHIN = 1024
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
    if (words := _name_magic(content, head)) or head.startswith(b"<"):
        return words or _name_markup(head.lower())
    return MAIL if _is_mail(head) else _name_markup(head.lower())


def _name_magic(content: bytes, head: bytes) -> str:
    """Name what begins with a sign of its own, or ""."""
    for magic, words in _MAGIC:
        if content.startswith(magic) or head.startswith(magic):
            return words
    if _JSON_LIST.match(head):
        return JSON
    # Readers bear with what a careless server sends before a PDF document's first line.
    before, sign, _ = head[:_PDF_WITHIN].partition(b"%PDF-")
    return PDF if sign and b"<" not in before else ""


def _is_mail(head: bytes) -> bool:
    """Say whether a document begins with header fields as a mail has them (RFC 5322); its body may be HTML."""
    lines = re.split(rb"\r?\n", head.removeprefix(b">"))
    if lines[0].startswith(b"From ") and b"@" in lines[0]:
        del lines[0]  # an mbox's separator
    fields = lines[: lines.index(b"")] if b"" in lines else lines[:-1]
    named = [line for line in fields if line[:1] not in (b" ", b"\t")]
    names = {line.partition(b":")[0].lower() for line in named}
    return bool(named) and all(_MAIL_FIELD.match(line) for line in named) and len(names & _MAIL_NAMES) >= 2


def _name_markup(head: bytes) -> str:
    if any(tag in head for tag in _FEED_TAGS):
        return FEED
    if any(tag in head for tag in _HTML_TAGS):
        return HTML
    if head.startswith(b"<"):
        return XML if head.startswith(b"<?xml") else HTML
    printable = sum(byte >= 0x20 or byte in b"\t\r\n\f" for byte in head)
    return TEXT if printable > 0.95 * len(head) else UNKNOWN
