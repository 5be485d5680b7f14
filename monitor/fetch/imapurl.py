"""Read the address of a mail folder, or of one message in it (RFC 5092).

In: `imaps://user@host[:port]/FOLDER`, a message's with `;UIDVALIDITY=n/;UID=m` after it. Out: ImapUrl, or BadUrl.
Never: accepts a password in an address, or repeats one.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import quote, unquote

from monitor.errors import BadUrl
from monitor.fetch.guard import MAX_URL_CHARS, check_url

_ADDRESS = re.compile(r"(imaps?)://([^/@:;]+)@([^/@;?#]+)/([^;?#]*?)/?((?:/?;.*)?)", re.IGNORECASE | re.DOTALL)
_MESSAGE = re.compile(r"(?:;UIDVALIDITY=([1-9][0-9]{0,9}))?/?;UID=([1-9][0-9]{0,9})", re.IGNORECASE)
_HAS_PASSWORD = re.compile(r"imaps?://[^/@]*:[^/]*@", re.IGNORECASE)
_PORTS = {"imap": 143, "imaps": 993}
_EXAMPLE = "imaps://desk%40example.org@mail.example.org/Newsletters"


@dataclass(frozen=True, slots=True)
class ImapUrl:
    """An address that passed the grammar; `text` is its one spelling. `uid` is 0 for a folder.

    `is_tls`: TLS from the first byte (imaps), not by STARTTLS. `uid_validity` is 0 where the address names none.
    """

    text: str
    is_tls: bool
    user: str
    host: str
    port: int
    folder: str
    uid_validity: int = 0
    uid: int = 0

    @property
    def is_literal(self) -> bool:
        """Say whether the host is an IP address."""
        return _address(self.host) is not None

    @property
    def is_loopback(self) -> bool:
        """Say whether the host is an address of this very machine. No name counts, "localhost" neither."""
        address = _address(self.host)
        return address is not None and address.is_loopback


def read_imap_url(raw_url: str) -> ImapUrl:
    """Return the address, read; raise BadUrl saying what is wrong with it."""
    if _HAS_PASSWORD.match(raw_url):
        raise BadUrl("An address of a mailbox holds no password: leave it out, and set MONITOR_IMAP_PASSWORD")
    match = _ADDRESS.fullmatch(raw_url) if len(raw_url) <= MAX_URL_CHARS else None
    if match is None:
        raise BadUrl(f"{_shown(raw_url)} is no address of a mail folder, which reads like {_EXAMPLE}")
    message = _MESSAGE.fullmatch(match[5]) if match[5] else None
    if match[5] and message is None:
        raise BadUrl(f"{_shown(raw_url)} has something after its folder that Monitor can't read")
    user, folder = (_unquote(part, raw_url) for part in (match[2], match[4]))
    if not folder:
        raise BadUrl(f"{_shown(raw_url)} names no folder; it reads like {_EXAMPLE}")
    scheme, uid_validity, uid = match[1].lower(), 0, 0
    host, port = _place(scheme, match[3], raw_url)
    where = f"[{host}]" if ":" in host else host
    suffix = "" if port == _PORTS[scheme] else f":{port}"
    text = f"{scheme}://{quote(user, safe='')}@{where}{suffix}/{quote(folder, safe='/')}"
    if message:
        uid_validity, uid = int(message[1] or 0), int(message[2])
        text += (f";UIDVALIDITY={uid_validity}" if uid_validity else "") + f"/;UID={uid}"
    return ImapUrl(text, scheme == "imaps", user, host, port, folder, uid_validity, uid)


def _place(scheme: str, authority: str, raw_url: str) -> tuple[str, int]:
    try:
        # The grammar of hosts is the web's: no second one to get wrong.
        checked = check_url(f"https://{authority}/")
    except BadUrl as error:
        raise BadUrl(f"{_shown(raw_url)} has no valid host and port") from error
    has_port = re.search(r":[0-9]+$", authority) is not None
    return checked.host, checked.port if has_port else _PORTS[scheme]


def _unquote(part: str, raw_url: str) -> str:
    try:
        text = unquote(part, errors="strict")
    except UnicodeDecodeError as error:
        raise BadUrl(f"{_shown(raw_url)} is not UTF-8 where it has percent signs") from error
    # A line end in a name would be a command of its own to the server.
    if not text.isprintable():
        raise BadUrl(f"{_shown(raw_url)} holds a character that no name of a user or folder may")
    return text


def _shown(raw_url: str) -> str:
    return repr(raw_url if len(raw_url) <= 120 else f"{raw_url[:117]}...")


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
