"""Build a mail's bytes. In: Letter. Out: RFC 5322 with CRLF. Never: lets a value bring a header of its own.

The header lines are written here and not by `email`: its serialiser decodes an encoded word that stands inside a
value and writes the line breaks found in it as they are, which smuggles in headers (CVE-2024-6923), and it breaks
long identifiers into encoded words. What was written is parsed back and compared before it leaves.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import format_datetime
from urllib.parse import quote

from monitor.digest.plain import plain_text
from monitor.errors import MailNotBuilt
from monitor.model.mailing import Stopping
from monitor.text.addresses import read_mailbox

_MAX_LINE_BYTES = 998
_URI = re.compile(r"(https://[A-Za-z0-9.:/_~-]{1,400})?")
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,120}@[A-Za-z0-9.-]{1,120}>")
# Quoted-printable lines end at 76 columns (RFC 2045 §6.7), whatever longer line SMTP would carry.
_BODY_POLICY = policy.SMTP.clone(max_line_length=76)

_UNESCAPED = bytes(byte for byte in range(127) if byte != ord("="))

Headers = tuple[tuple[str, str | Address], ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail is built from. `list_name` is what a reader's mail program can sort by, alerts from digests, too.

    `stopping` is how a reader ends it.
    """

    sender: str
    recipient: str
    subject: str
    written_at: datetime
    message_id: str
    list_name: str
    text: str
    html: str
    stopping: Stopping | None = None
    is_alert: bool = False


def header_text(raw_text: str, max_chars: int = 200) -> str:
    """Return a text as a header may carry it: one line, nothing invisible, nothing that reads as an encoded word."""
    # Noncharacters and unassigned code points don't survive every mail program's own cleaning.
    kept = "".join(c for c in plain_text(raw_text, len(raw_text)) if unicodedata.category(c) not in ("Cn", "Co"))
    return plain_text(kept.replace("=?", "= ?"), max_chars)


def build_message(letter: Letter) -> bytes:
    """Write a mail, text and HTML alike; the same letter gives the same bytes. Raises MailNotBuilt."""
    sender, recipient = _read_address("sender", letter.sender), _read_address("recipient", letter.recipient)
    headers: Headers = (
        ("From", sender),
        ("To", recipient),
        ("Subject", header_text(letter.subject)),
        ("Date", format_datetime(letter.written_at)),
        ("Message-ID", _check_message_id(letter.message_id)),
        ("List-Id", f"<{_slug(letter.list_name)}.{'alert' if letter.is_alert else 'digest'}.{sender.domain}>"),
        ("Auto-Submitted", "auto-generated"),
        ("Precedence", "bulk"),
        ("Content-Language", "en"),
        *_unsubscribing(letter),
    )
    lines = "".join(f"{name}: {_encode(name, value)}\r\n" for name, value in headers)
    message = lines.encode("ascii") + _write_body(letter).as_bytes()
    _check_parsed_back(message, headers, letter)
    return message


def _read_address(role: str, raw_address: str) -> Address:
    """Read exactly one mailbox; what could be read as two, or as none, is refused."""
    mailbox = read_mailbox(header_text(raw_address, max_chars=400))
    if mailbox is None:
        raise MailNotBuilt(f"The {role} {raw_address!r} is not one mail address: write it as Name <name@example.org>.")
    return Address(header_text(mailbox.name, max_chars=60), addr_spec=mailbox.address)


def _unsubscribing(letter: Letter) -> Headers:
    """Say how a mail program ends the subscription (RFC 2369), with one click where a page is served (RFC 8058)."""
    if letter.stopping is None:
        return ()
    if not _URI.fullmatch(letter.stopping.url):
        raise MailNotBuilt(f"{letter.stopping.url!r} can't stand in a header; see MONITOR_PUBLIC_URL.")
    subject = quote(f"unsubscribe {_slug(letter.list_name)}")
    by_mail = f"<mailto:{quote(letter.stopping.address, safe='@+')}?subject={subject}>"
    if not letter.stopping.url:
        return (("List-Unsubscribe", by_mail),)
    return (
        ("List-Unsubscribe", f"<{letter.stopping.url}>, {by_mail}"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    )


def _check_message_id(raw_id: str) -> str:
    message_id = f"<{raw_id.removeprefix('<').removesuffix('>')}>"
    if not _MESSAGE_ID.fullmatch(message_id):
        raise MailNotBuilt(f"{raw_id!r} can't be a Message-ID.")
    return message_id


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "monitor"


def _encode(name: str, value: str | Address) -> str:
    """Encode a value for its line: RFC 2047 words where it is not ASCII, an address always left readable."""
    if str(value).isascii():
        return str(value)
    if isinstance(value, Address):
        return f"{_encode(name, value.display_name)}\r\n <{value.addr_spec}>"
    return Header(value, "utf-8", maxlinelen=75, header_name=name).encode(linesep="\r\n")


def _write_body(letter: Letter) -> EmailMessage:
    """Write the two forms of one mail, the plainest first, as RFC 2046 wants them."""
    body = EmailMessage(policy=_BODY_POLICY)
    body.set_content(letter.text, cte=_shortest_encoding(letter.text))
    body.add_alternative(letter.html, subtype="html", cte=_shortest_encoding(letter.html))
    # A random boundary would make a mail that is sent again differ from itself. "=_" stands in neither encoding.
    seed = "\0".join((letter.message_id, letter.text, letter.html))
    body.set_boundary(f"=_{hashlib.sha256(seed.encode()).hexdigest()[:40]}")
    return body


def _shortest_encoding(text: str) -> str:
    """Choose between the encodings that pass every mail server: base64 where most of the text is not ASCII."""
    raw = text.encode()
    escaped = len(raw.translate(None, _UNESCAPED))
    return "base64" if len(raw) + 2 * escaped > len(raw) * 4 / 3 else "quoted-printable"


def _check_parsed_back(message: bytes, headers: Headers, letter: Letter) -> None:
    """Read the mail as its receiver will; one header more or less than intended, and it does not leave."""
    parsed = BytesParser(policy=policy.default).parsebytes(message)
    found = [_told(name, value) for name, value in parsed.items() if name not in ("MIME-Version", "Content-Type")]
    if found != [_told(name, value) for name, value in headers]:
        raise MailNotBuilt(f"The mail's headers would not be read as they were meant: {found!r}")
    for kind, meant in (("plain", letter.text), ("html", letter.html)):
        part = parsed.get_body((kind,))
        if part is None or _lines(part.get_content()) != _lines(meant):
            raise MailNotBuilt(f"The mail's {kind} part would not be read as it was meant.")
    if any(len(line) > _MAX_LINE_BYTES for line in message.split(b"\r\n")):
        raise MailNotBuilt("The mail has a line that is too long for SMTP.")


def _told(name: str, value: str | Address) -> tuple[str, str]:
    """Return a header for comparing: `email` reads a long name with spaces where its encoded words meet."""
    return name, str(value).replace(" ", "") if name in ("From", "To") else str(value)


def _lines(text: str) -> list[str]:
    """Split a part's text; a mail ends its lines otherwise than a page does."""
    return text.replace("\r\n", "\n").rstrip("\n").split("\n")
