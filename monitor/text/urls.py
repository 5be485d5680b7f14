"""Names for web pages: which links are usable, which URL to fetch, and when two URLs name the same page.

In: text from a feed or page. Out: an absolute http(s) URL, or the key that identifies it. Never: opens anything.

Two forms, because one can't do both jobs. `canonicalise_url` gives a URL that still fetches the same page: it keeps
scheme, `www.` and trailing slash, which some servers insist on. `url_key` merges those too and is only for comparing.

Tracking parameters are dropped by name from a short list. Broader lists (courlan's among them) also drop `cid`, `eid`,
`keyword` or a bare `?12345`, and take the inner address out of `?u=https://…`: small newsrooms name their articles
that way, and two articles merged into one is a hit lost, whereas one article kept twice is only a repeat.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote, urljoin, urlsplit

from monitor.errors import BadUrl

MAX_URL_CHARS = 4096
DEFAULT_PORTS = {"http": 80, "https": 443}

_TRACKER = re.compile(
    r"(?:utm|mtm|hsa|vero|oly|pk|__hs)_\w+|_hs(?:enc|mi)|at_(?:medium|campaign|custom\d?|link_\w+)"
    r"|(?:fb|g|d|y|ys|tw|tt|msclk)clid|msclkid|gclsrc|g?wbraid|gbraid|igshid|igsh|mc_[ce]id|mkt_tok|ml_subscriber\w*"
    r"|_ga|_gl|xtor|cmpid|ocid|smid|smtyp|ftag|wt[._]mc|wt\.mc_id|guccounter|guce_referrer(?:_sig)?|ns_(?:campaign|mchannel|source|linkname|fee)",
    re.IGNORECASE,
)
_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_](?:[a-z0-9_-]{0,62}))*|\[[0-9a-f:.]+\]")
_MESSAGE = re.compile(r"imaps?://[^\x00-\x20\x7f-\x9f\ud800-\udfff]{1,4000}")
_MAX_HOST_CHARS = 253
# As most URLs are written: nothing in them needs decoding, encoding or a second look.
_PLAIN = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9_][a-z0-9_-]{0,62}(?:\.[a-z0-9_][a-z0-9_-]{0,62})*)"
    r"(?P<path>/[A-Za-z0-9._~/%:@!$&'()*+,;=-]*)?(?:\?(?P<query>[A-Za-z0-9._~/%:@!$&'()*+,;=?-]*))?"
)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_PERCENT = re.compile(r"%([0-9a-fA-F]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_QUOTED = re.compile(r"[A-Za-z0-9._~/%:@!$&'()*+,;=-]*")
_SAFE_IN_PATH = "/%:@!$&'()*+,;=~"
_SAFE_IN_QUERY = _SAFE_IN_PATH + "?"


class _Url(NamedTuple):
    scheme: str
    host: str
    port: int
    path: str
    query: str

    @property
    def authority(self) -> str:
        return self.host if self.port == DEFAULT_PORTS[self.scheme] else f"{self.host}:{self.port}"


def resolve_url(base: str, href: str) -> str | None:
    """Return the link as an absolute http(s) URL, or None where it is none that Monitor follows.

    Refused: other schemes, user names and passwords, control characters, backslashes before the path (which programs
    read differently), and hosts that can't be written in ASCII.
    """
    link = href.strip(" \t\r\n\f")
    if _is_plain(link):
        return link
    if not link or len(link) > MAX_URL_CHARS or _CONTROL.search(link):
        return None
    has_scheme = _SCHEME.match(link) is not None
    if has_scheme and "://" not in link[:10]:
        return None  # "http:evil" is an absolute URL to a browser and a relative one to urljoin
    try:
        parsed = _parse(link if has_scheme else urljoin(base, link))
    except ValueError:
        return None
    return _unparse(parsed)


def canonicalise_url(url: str) -> str:
    """Return the URL in its tidy form, which fetches the same page. Raises BadUrl.

    Host in lower case and ASCII, default port, fragment, `/a/../` and tracking parameters gone, percent-encoding in
    one manner, parameters in the order of their names. A newsletter's message (imap, RFC 5092) keeps its address.
    """
    if is_message_url(url):
        return url
    return _unparse(_canonical(url))


def _canonical(url: str) -> _Url:
    try:
        parsed = _parse(url.strip(" \t\r\n\f"))
    except ValueError as error:
        # What stands before an "@" may be a password, and messages are logged.
        shown = url.rpartition("@")[2][:200]
        raise BadUrl(f"{shown!r} is not a web address that Monitor reads: {error}") from error
    scheme, host, port, path, query = parsed
    if "%" in path or "/." in path:
        path = _without_dots(_one_encoding(path))
    return _Url(scheme, host, port, path, _tidy_query(query) if query else "")


def url_key(url: str) -> str:
    """Return what identifies a page: equal keys, same page. Not fetchable. Raises BadUrl.

    Beyond `canonicalise_url`, it merges http with https, `www.` with none, and a trailing slash with none.
    """
    if is_message_url(url):
        return url
    parsed = _canonical(url)
    key = _bare_host(parsed.authority) + parsed.path.rstrip("/")
    return f"{key}?{parsed.query}" if parsed.query else key


def is_message_url(url: str) -> bool:
    """Say whether a URL names a mailbox or a message in one (RFC 5092) rather than a web page."""
    return url.startswith("imap") and _MESSAGE.fullmatch(url) is not None


def is_same_site(first: str, second: str) -> bool:
    """Say whether one may speak for the other: equal hosts or one within the other; `www.` doesn't count."""
    try:
        one, other = _parse(first), _parse(second)
    except ValueError:
        return False
    if {one.port, other.port} - {80, 443} and one.port != other.port:
        return False
    inner, outer = sorted((_bare_host(one.host), _bare_host(other.host)), key=len, reverse=True)
    return inner == outer or ("." in outer and not outer[-1].isdigit() and inner.endswith(f".{outer}"))


def words_of_path(url: str) -> str:
    """Return the last part of the URL's path as words: a headline for a page that gives none."""
    parts = urlsplit(url)
    last = next((part for part in reversed(parts.path.split("/")) if part), "")
    words = re.sub(r"\.(?:html?|php|aspx?)$", "", unquote(last, errors="replace")).replace("-", " ").replace("_", " ")
    return " ".join(_CONTROL.sub("", words).split()) or parts.hostname or ""


def _is_plain(url: str) -> bool:
    """Say whether it would come out of `_parse` and `_unparse` as it went in."""
    plain = _PLAIN.fullmatch(url)
    if plain is None or len(url) >= MAX_URL_CHARS or len(plain["host"]) > _MAX_HOST_CHARS:
        return False
    return plain["path"] is not None and not url.endswith("?")


def _parse(url: str) -> _Url:
    """Read an absolute http(s) URL. Raises ValueError."""
    plain = _PLAIN.fullmatch(url)
    if plain and len(url) < MAX_URL_CHARS and len(plain["host"]) <= _MAX_HOST_CHARS:
        scheme = plain["scheme"]
        return _Url(scheme, plain["host"], DEFAULT_PORTS[scheme], plain["path"] or "/", plain["query"] or "")
    if len(url) > MAX_URL_CHARS or _CONTROL.search(url):
        raise ValueError("too long, or holds control characters")
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    if scheme not in DEFAULT_PORTS:
        raise ValueError("only http and https")
    if "\\" in parts.netloc or "@" in parts.netloc:
        raise ValueError("it carries a user name or a backslash before its path")
    path = _quote(parts.path, _SAFE_IN_PATH) or "/"
    port = DEFAULT_PORTS[scheme] if parts.port is None else parts.port
    if port == 0:
        raise ValueError("port 0")
    parsed = _Url(scheme, _ascii_host(parts.hostname or ""), port, path, _quote(parts.query, _SAFE_IN_QUERY))
    # Encoding makes nine characters of a Khmer one: what is passed on here must pass here again.
    if len(_unparse(parsed)) > MAX_URL_CHARS:
        raise ValueError("too long once it is percent-encoded")
    return parsed


def _quote(text: str, safe: str) -> str:
    # Most need none, and finding that out is ten times as fast.
    return text if _QUOTED.fullmatch(text) else quote(text, safe=safe)


@lru_cache(maxsize=4096)
def _ascii_host(raw_host: str) -> str:
    # Format characters (zero-width, bidi) vanish in IDNA, so that a name would become another one.
    if "%" in raw_host or any(unicodedata.category(char) in {"Cf", "Zs"} for char in raw_host):
        raise ValueError("the host holds characters that can't stand there")
    host = f"[{raw_host}]" if ":" in raw_host else raw_host.encode("idna").decode("ascii").lower().rstrip(".")
    if not _HOST.fullmatch(host):
        raise ValueError("no usable host")
    return host


def _unparse(url: _Url) -> str:
    query = f"?{url.query}" if url.query else ""
    return f"{url.scheme}://{url.authority}{url.path}{query}"


def _bare_host(host: str) -> str:
    bare = host.removeprefix("www.")
    return bare if "." in bare else host


def _one_encoding(text: str) -> str:
    """Write percent-encoding in one manner (RFC 3986 §6.2.2): unreserved characters plain, the rest in upper case."""

    def rewrite(match: re.Match[str]) -> str:
        char = chr(int(match[1], 16))
        return char if char in _UNRESERVED else f"%{match[1].upper()}"

    return _PERCENT.sub(rewrite, text) if "%" in text else text


def _without_dots(path: str) -> str:
    """Take `.` and `..` out of a path (RFC 3986 §5.2.4)."""
    if "/." not in path:
        return path
    segments: list[str] = []
    *folders, last = path.split("/")[1:]
    for segment in (*folders, *([last, ""] if last in {".", ".."} else [last])):
        if segment == "..":
            del segments[-1:]
        elif segment != ".":
            segments.append(segment)
    return "/" + "/".join(segments)


def _tidy_query(query: str) -> str:
    if not query:
        return ""
    kept = [field for field in _one_encoding(query).split("&") if field and not _is_tracker(_name_of(field))]
    # By name alone: the order of repeated names can carry meaning.
    return "&".join(sorted(kept, key=_name_of)) if len(kept) > 1 else "".join(kept)


def _name_of(field: str) -> str:
    return field.partition("=")[0]


@lru_cache(maxsize=1024)
def _is_tracker(name: str) -> bool:
    return _TRACKER.fullmatch(name) is not None
