"""Read what a poll of a mail folder listed: one entry a message.

In: the listing that `fetch/mailbox` made, its URL, the present. Out: Listing. Never: a message's body, or an exception
for what a stranger wrote into a header: anybody can send a mail. To be called in a supervised child.
"""

import email.policy
import json
import re
from base64 import b64decode
from datetime import datetime
from email.headerregistry import Address, AddressHeader, BaseHeader
from email.parser import BytesHeaderParser
from hashlib import sha256

from monitor.errors import BadFeed
from monitor.extract.entries.dates import clamp_published
from monitor.model.entries import Entry, Listing
from monitor.model.fetching import Fetched
from monitor.text.plain import TITLE_CHARS, drop_controls, one_line

_PARSER = BytesHeaderParser(policy=email.policy.default)
_HEADER_CHARS = {"from": 500, "subject": 4_000}
_OTHER_CHARS = 1_000
"""So much of one header is read: the library takes a quarter of a second for 16 KB of quoted names, and each message
of a poll may hold as many. 500 letters of Khmer are 2,700 characters of encoded words."""

_NAME_CHARS = 300
_GUID_CHARS = 900
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,900})>")
_LIST_ID = re.compile(r"^(.*?)<([^<>]*)>\s*$", re.DOTALL)
_UNTITLED = "(no subject)"


def read_mailbox(fetched: Fetched) -> Listing:
    """Read the messages that a poll listed; each one's URL is its own (RFC 5092). Raises BadFeed."""
    try:
        listing = json.loads(fetched.content)
        folder, uid_validity = str(listing["folder"]), int(listing["uid_validity"])
        messages = [(int(message["uid"]), b64decode(message["headers"])) for message in listing["messages"]]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise BadFeed("what came is not the listing of a mail folder") from error
    place = f"{fetched.url};UIDVALIDITY={uid_validity}" if uid_validity else fetched.url
    entries = tuple(_read_entry(raw, f"{place}/;UID={uid}", fetched.fetched_at) for uid, raw in reversed(messages))
    return Listing(one_line(folder, TITLE_CHARS), "", entries)


def _read_entry(raw: bytes, url: str, now: datetime) -> Entry:
    headers = _raw_headers(raw)
    author = _sender(headers.get("from", ""))
    listed = _LIST_ID.match(_decoded("list-id", headers.get("list-id", "")))
    return Entry(
        guid=_guid(headers.get("message-id", ""), raw),
        url=url,
        title=one_line(_decoded("subject", headers.get("subject", "")), TITLE_CHARS) or _UNTITLED,
        author=author,
        published_at=clamp_published(headers.get("date", ""), now),
        outlet=(one_line(listed[1].strip().strip('"'), _NAME_CHARS) if listed else "") or author,
    )


def _raw_headers(raw: bytes) -> dict[str, str]:
    """Return the first of each header as one line, cut and undecoded; bytes that should not be there count as UTF-8."""
    headers: dict[str, str] = {}
    for name, value in _PARSER.parsebytes(raw).raw_items():
        text = str(value).encode("ascii", "surrogateescape").decode("utf-8", "replace")
        limit = _HEADER_CHARS.get(name.lower(), _OTHER_CHARS)
        headers.setdefault(name.lower(), _cut(" ".join(text.split()), limit))
    return headers


def _cut(line: str, limit: int) -> str:
    """Cut where a word ends: half an encoded word would be shown as it stands."""
    return line if len(line) <= limit else line[:limit].rpartition(" ")[0] or line[:limit]


def _decoded(name: str, value: str) -> str:
    """Return a header's text with its encoded words (RFC 2047) decoded."""
    header = _registered(name, value)
    return value if header is None else str(header)


def _sender(value: str) -> str:
    """Return the first sender's name, without the address."""
    header = _registered("from", value)
    addresses: tuple[Address, ...] = header.addresses if isinstance(header, AddressHeader) else ()
    return next((name for address in addresses if (name := one_line(address.display_name, _NAME_CHARS))), "")


def _registered(name: str, value: str) -> BaseHeader | None:
    """Return a header as the library parses it, or None where that fails: it can in many ways, none documented."""
    try:
        header: BaseHeader = email.policy.default.header_factory(name, value)
    except Exception:  # noqa: BLE001
        return None
    return header


def _guid(message_id: str, raw: bytes) -> str:
    match = _MESSAGE_ID.search(message_id)
    guid = drop_controls(match[1] if match else message_id).strip()
    return guid if 0 < len(guid) <= _GUID_CHARS else f"sha256:{sha256(raw).hexdigest()}"
