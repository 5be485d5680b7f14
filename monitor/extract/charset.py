"""Which characters the bytes of a document stand for, where its header, its prolog and the bytes disagree; pure.

In: bytes and a Content-Type. Out: a codec's name or text. Never: an exception for wrong bytes.
"""

import codecs
import re

_META = re.compile(rb"""<meta\s[^>]{0,300}?charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE)
_HEADER = re.compile(r"""charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE)
_META_WITHIN_BYTES = 4096
_REFERENCE = re.compile(rb"&#(?:[xX]0*([0-9a-fA-F]+)|0*([0-9]+));?")
_SURROGATE_PAIR = re.compile(
    rb"&#(?:[xX][dD][89abAB][0-9a-fA-F]{2}|5[56]\d{3});&#(?:[xX][dD][c-fC-F][0-9a-fA-F]{2}|5[67]\d{3});"
)
_CONTROLS = bytes(code for code in range(0x20) if code not in b"\t\n\r")

# As in the WHATWG Encoding Standard: what pages so labelled are really written in.
_REALLY = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
# Codecs that are no character sets of documents, or hide markup from a reader of the bytes (UTF-7).
_REFUSED = frozenset({"utf-7", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_WIDE_STARTS = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))


def charset_of_header(content_type: str | None) -> str:
    """Return the codec that a Content-Type names, or "" where it names none that is usable."""
    match = _HEADER.search(content_type or "")
    return _codec(match[1]) if match else ""


def is_plainly_utf8(content: bytes) -> bool:
    """Say whether the bytes are UTF-8 beyond doubt, whatever a header says: no other charset looks so by accident."""
    if content.isascii() or b"\0" in content:
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def decode_page(content: bytes, content_type: str | None) -> str | None:
    """Return an HTML page's text, or None where only statistics could tell its charset.

    Order: byte order mark, UTF-16 as its zero bytes show it, plain UTF-8, Content-Type, `<meta charset>`. A charset
    that doesn't fit the bytes is believed only if nothing else is given, and bad bytes become U+FFFD.
    """
    for mark, codec in (*_BOMS, *_WIDE_STARTS):
        if content.startswith(mark):
            return content.decode(codec, errors="replace")
    if is_plainly_utf8(content):
        return content.decode("utf-8")
    meta = _META.search(content[:_META_WITHIN_BYTES])
    declared = [charset_of_header(content_type), _codec(meta[1].decode("ascii")) if meta else ""]
    # To the UTF-16 and UTF-32 codecs any even number of bytes is text, mostly Chinese; the real ones have zero bytes.
    names = [name for name in declared if name and (b"\0" in content or not name.startswith(("utf-16", "utf-32")))]
    for name in names:
        try:
            return content.decode(name)
        except UnicodeDecodeError:
            continue
    if names or content.isascii():
        return content.decode(names[0] if names else "ascii", errors="replace")
    return None


def repair_xml(document: bytes) -> bytes:
    """Return a UTF-8 document without what XML forbids in it: control characters, and references to no character.

    feedparser fails for a whole feed at one `&#xD83D;`, half of an emoji as some publishing systems write it.
    """
    whole = _SURROGATE_PAIR.sub(lambda pair: _join_pair(pair[0]), document.translate(None, _CONTROLS))
    return _REFERENCE.sub(_mend_reference, whole)


def _mend_reference(match: re.Match[bytes]) -> bytes:
    code = _code(match)
    if _is_xml_char(code):
        return match[0]
    return b"" if 0 <= code < 0x20 else "\ufffd".encode()


def _join_pair(pair: bytes) -> bytes:
    high, low = (_code(match) for match in _REFERENCE.finditer(pair))
    if not (0xD800 <= high <= 0xDBFF and 0xDC00 <= low <= 0xDFFF):
        return pair
    return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)).encode()


def _code(match: re.Match[bytes]) -> int:
    digits, base = (match[1], 16) if match[1] is not None else (match[2], 10)
    return int(digits, base) if len(digits) <= 8 else -1


def _is_xml_char(code: int) -> bool:
    return code in {0x9, 0xA, 0xD} or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF


def _codec(label: str) -> str:
    try:
        "".encode(label)  # a LookupError too for base64 and the like, which Python also calls codecs
        name = codecs.lookup(label).name
    except LookupError:
        return ""
    return "" if name in _REFUSED else _REALLY.get(name, name)
