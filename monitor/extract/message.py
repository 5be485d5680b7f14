"""Read a newsletter: a mail message as an article.

In: a message's bytes (RFC 5322), the address it is kept under, the present. Out: Article, text only. Never: an
attachment, a picture, a link followed (so no tracking pixel is ever asked for), or a header with more than one line.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import Message
from email.utils import parseaddr

from lxml.html import HtmlElement

from monitor.errors import NotAnArticle
from monitor.extract.article import MIN_TEXT_CHARS, main_text, parse_page, plain, within_limit
from monitor.extract.charset import decode_page
from monitor.extract.entries.dates import clamp_published
from monitor.extract.lines import join_lines
from monitor.extract.metadata import NAME_CHARS
from monitor.model.articles import Article
from monitor.text.language import detect_language
from monitor.text.plain import TITLE_CHARS, drop_controls, one_line

_MAX_PARTS = 200
_MAX_HEADER_CHARS = 4_000
_MAX_BODY_BYTES = 5_000_000
_UNTITLED = "a mail without a subject"
_MOST_OF_IT = 0.5
_FOOT_LINES = 15
_HEAD_LINES = 6
_MAX_FOOT_CHARS = 300
_FOOT = re.compile(
    r"\bunsubscribe\b|\bmanage (?:your )?(?:e-?mail )?(?:preferences|subscriptions?)\b|\bopt[ -]out\b"
    r"|\byou(?:['’]re| are)? (?:receiving|received) this (?:e-?mail|message|newsletter)\b|\bse désabonner\b|ឈប់ជាវ",
    re.IGNORECASE,
)
_HEAD = re.compile(r"\b(?:view|read|open) (?:\w+ ){0,4}in (?:\w+ )?browser\b|\bview online\b", re.IGNORECASE)
_UNSEEN = "//script|//style|//head|//title|//template|//*[contains(translate(@style, ' ', ''), 'display:none')]"
_BLOCKS = frozenset(
    {
        "address",
        "article",
        "blockquote",
        "br",
        "center",
        "div",
        "dd",
        "dt",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
    }
    | {"header", "hr", "li", "ol", "p", "pre", "section", "table", "td", "th", "tr", "ul"}
)
_SPACES = re.compile(r"[^\S\n]+")


def extract_message(content: bytes, url: str, now: datetime) -> Article:
    """Read a mail message kept under `url`. Raises NotAnArticle, whose message says why there is no text.

    `published_at` is its Date where that can be one of news; the outlet is the List-Id's description (RFC 2919), else
    the sender's name.
    """
    try:
        message = message_from_bytes(content)  # compat32: it bears with anything; headers are decoded below
        text, language = _body(message, url)
    except (RecursionError, MessageError) as error:
        raise NotAnArticle("the mail is nested too deep to be read") from error
    text = "\n".join(_without_edges(text.split("\n")))
    if len(text) < MIN_TEXT_CHARS:
        raise NotAnArticle("the mail holds no text that could be found: it may be encrypted, or only pictures")
    sender, address = parseaddr(_raw(message, "From"))
    name = _decoded(sender, NAME_CHARS)
    list_name = _decoded(_raw(message, "List-Id").partition("<")[0].strip().strip('"'), NAME_CHARS)
    return Article(
        canonical_url=url,
        title=_decoded(_raw(message, "Subject"), TITLE_CHARS) or _UNTITLED,
        text=within_limit(text),
        byline=name,
        outlet=list_name or name or one_line(address.rpartition("@")[2], NAME_CHARS),
        language=detect_language(text, language or one_line(_raw(message, "Content-Language"), NAME_CHARS)),
        published_at=clamp_published(one_line(_raw(message, "Date"), NAME_CHARS), now),
    )


def _raw(message: Message, name: str) -> str:
    """Return a header's first value as it stands, its bytes beyond ASCII taken for UTF-8."""
    value = next((str(value) for key, value in message.raw_items() if key.lower() == name.lower()), "")
    return value[:_MAX_HEADER_CHARS].encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _decoded(written: str, limit: int) -> str:
    """Decode encoded-words (RFC 2047) into one line: what they hide may be line ends (CVE-2024-6923)."""
    unfolded = "".join(written.splitlines())
    try:
        decoded = str(policy.default.header_factory("Subject", unfolded))
    except (MessageError, ValueError, LookupError, TypeError, AttributeError):  # what email's parser is known to raise
        decoded = unfolded
    return one_line(decoded, limit)


def _body(message: Message, url: str) -> tuple[str, str]:
    """Return the text of the best part, and the language tag that it gives itself."""
    plain_part: Message | None = None
    for part in _text_parts(message):
        if part.get_content_type() == "text/html":
            tree = parse_page(_payload(part), _content_type(part))
            text = _html_text(tree, url) if tree is not None else ""
            if tree is not None and len(text) >= MIN_TEXT_CHARS:
                return text, tree.get("lang") or ""
        elif plain_part is None:
            plain_part = part
    return (_plain_text(plain_part), "") if plain_part is not None else ("", "")


def _text_parts(message: Message) -> Iterator[Message]:
    """Yield the parts that hold text, in their order; attachments and forwarded messages aren't the newsletter."""
    waiting, seen = [message], 0
    while waiting and seen < _MAX_PARTS:
        part, seen = waiting.pop(), seen + 1
        payload = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(payload, list):
            waiting += [child for child in reversed(payload) if isinstance(child, Message)]
        elif part.get_content_type() in {"text/html", "text/plain"} and part.get_content_disposition() != "attachment":
            yield part


def _payload(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload[:_MAX_BODY_BYTES] if isinstance(payload, bytes) else b""


def _content_type(part: Message) -> str:
    return one_line(str(part.get("Content-Type", "")), NAME_CHARS)


def _html_text(tree: HtmlElement, url: str) -> str:
    """Return the article in a mail, or all its words where the extraction finds less than most: tables lay mail out."""
    main, whole = main_text(tree, url), _whole_text(tree)
    return main if len(main) >= _MOST_OF_IT * len(whole) else whole


def _whole_text(tree: HtmlElement) -> str:
    for element in tree.xpath(_UNSEEN):
        if element.getparent() is not None:
            element.drop_tree()
    for element in tree.iter(*_BLOCKS):
        element.text = f"\n{element.text or ''}"
        element.tail = f"\n{element.tail or ''}"
    lines = (_SPACES.sub(" ", line).strip() for line in plain(tree.text_content()).split("\n"))
    return "\n".join(line for line in lines if line)


def _plain_text(part: Message) -> str:
    """Return a plain part's text; flowed lines (RFC 3676) go on where they end with a space."""
    content = _payload(part)
    text = decode_page(content, _content_type(part))
    lines = drop_controls(content.decode("cp1252", "replace") if text is None else text).split("\n")
    body = _before_signature(lines)
    if str(part.get_param("format", "")).lower() != "flowed":
        return "\n".join(join_lines(body))
    deletes_space = str(part.get_param("delsp", "")).lower() == "yes"
    joined = (line[:-1] if deletes_space and line.endswith(" ") else line for line in body)
    ends = ("" if line.endswith(" ") else "\n" for line in body)
    paragraphs = "".join(line + end for line, end in zip(joined, ends, strict=True)).split("\n")
    return "\n".join(line for paragraph in paragraphs if (line := _SPACES.sub(" ", paragraph).strip()))


def _before_signature(lines: list[str]) -> list[str]:
    at = max((number for number, line in enumerate(lines) if line == "-- "), default=len(lines))
    return lines[:at] if at >= len(lines) - _FOOT_LINES else lines


def _without_edges(lines: list[str]) -> list[str]:
    """Drop what every newsletter ends with, from the first line that says how to unsubscribe; and "view in browser"."""
    foot = max(len(lines) // 2, len(lines) - _FOOT_LINES)
    ends = (at for at in range(foot, len(lines)) if len(lines[at]) <= _MAX_FOOT_CHARS and _FOOT.search(lines[at]))
    kept = lines[: next(ends, len(lines))]
    head = [line for line in kept[:_HEAD_LINES] if len(line) > _MAX_FOOT_CHARS or not _HEAD.search(line)]
    return head + kept[_HEAD_LINES:]
