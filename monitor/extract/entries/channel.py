"""Read the public preview of a Telegram channel, https://t.me/s/NAME.

In: a response. Out: Listing, an entry a post with its whole text. Never: a post's id or address that isn't of
Telegram's own form, or what a post quotes in the place of what it says. To be called in a supervised child.

Telegram promises nothing of this markup: a page without it is refused and never taken for a channel without posts.
"""

import re
from dataclasses import dataclass, replace
from html import escape

from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement

from monitor.errors import NotAFeed
from monitor.extract import kinds
from monitor.extract.entries.raw import RawEntry, RawFeed, make_feed
from monitor.extract.entries.tree import has_class, parse_page, text_of
from monitor.model.entries import Entry, Listing
from monitor.model.fetching import Fetched
from monitor.text.language import detect_language
from monitor.text.plain import TITLE_CHARS, drop_controls, one_line

MAX_POST_CHARS = 20_000
"""Telegram's own limit is 4,096."""

MAX_POSTS = 200
"""Of one page; Telegram shows 20."""

_TITLE_WORDS = 12
_TITLE_CHARS = 120
_POST = re.compile(r"([A-Za-z0-9_]{3,64})/([0-9]{1,12})")
_MESSAGES = CSSSelector(".tgme_widget_message_wrap .tgme_widget_message[data-post]", translator="html")
_TEXTS = CSSSelector(".tgme_widget_message_text", translator="html")
_TIMES = CSSSelector("time[datetime]", translator="html")
_CHANNEL = CSSSelector(".tgme_channel_info_header_title", translator="html")
_QUOTED = frozenset({"tgme_widget_message_reply"})
_OF_SERVICE = frozenset({"service_message"})
_MEDIA = (
    ("tgme_widget_message_poll", "poll"),
    ("tgme_widget_message_photo_wrap", "photo"),
    ("tgme_widget_message_video_player", "video"),
    ("tgme_widget_message_video_wrap", "video"),
    ("tgme_widget_message_roundvideo_player", "video"),
    ("tgme_widget_message_voice_player", "voice message"),
    ("tgme_widget_message_voice", "voice message"),
    ("tgme_widget_message_document_wrap", "document"),
    ("tgme_widget_message_document", "document"),
    ("tgme_widget_message_sticker_wrap", "sticker"),
    ("tgme_widget_message_sticker", "sticker"),
    ("tgme_widget_message_location_wrap", "place"),
)
_NAMES = ("tgme_widget_message_poll_question", "tgme_widget_message_document_title")


@dataclass(frozen=True, slots=True)
class _Post:
    """One post: `key` is "NAME/123"; `title` is its first words, or what it is where it has no text."""

    key: str
    title: str
    text: str
    published: str


def read_channel(fetched: Fetched) -> Listing:
    """Read a channel's posts. Raises NotAFeed where the page shows no channel, saying what to check."""
    tree = parse_page(fetched)
    if tree is None:
        raise NotAFeed(f"what came is {kinds.name_kind(fetched.content)}, not the preview of a Telegram channel")
    messages = [message for message in _MESSAGES(tree)[:MAX_POSTS] if not has_class(message, _OF_SERVICE)]
    header = next(iter(_CHANNEL(tree)), None)
    if header is None and not messages:
        raise NotAFeed(
            "the page shows no Telegram channel: check in a browser that the address is https://t.me/s/ and the "
            "channel's name, and that it shows posts there; a private, missing or restricted channel has no preview"
        )
    read = [_read_post(message) for message in messages]
    posts = {post.key: post for post in read if post is not None}
    outlet = "" if header is None else text_of(header)
    raw_feed = RawFeed(
        escape(outlet, quote=False), "", tuple(map(_raw_entry, posts.values())), unreadable=read.count(None)
    )
    listing = make_feed(raw_feed, fetched.url, fetched.fetched_at)
    entries = tuple(_complete(entry, posts[entry.guid], listing.title) for entry in listing.entries)
    return replace(listing, entries=entries)


def _raw_entry(post: _Post) -> RawEntry:
    title, summary = (escape(text, quote=False) for text in (post.title, post.text))
    return RawEntry(post.key, (f"https://t.me/{post.key}",), title, summary, dates=(post.published,))


def _complete(entry: Entry, post: _Post, outlet: str) -> Entry:
    return replace(entry, text=post.text, outlet=outlet, language=detect_language(post.text))


def _read_post(message: HtmlElement) -> _Post | None:
    key = message.get("data-post") or ""
    if not _POST.fullmatch(key):
        return None
    own = next((text for text in _TEXTS(message) if not _is_quoted(text)), None)
    text = "" if own is None else _paragraphs(own)
    times = (time.get("datetime") or "" for time in _TIMES(message))
    return _Post(key, _first_words(text) or _name_media(message), text, next(times, ""))


def _is_quoted(text: HtmlElement) -> bool:
    return any(has_class(around, _QUOTED) for around in text.iterancestors("a", "div"))


def _paragraphs(element: HtmlElement) -> str:
    """Return a post's text; its `<br>`s part paragraphs."""
    for line_break in element.iter("br"):
        line_break.tail = "\n" + (line_break.tail or "")
    text = drop_controls(str(element.text_content()))[:MAX_POST_CHARS]
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _first_words(text: str) -> str:
    first_line = text.partition("\n")[0]
    words = first_line.split()
    headline = " ".join(words[:_TITLE_WORDS]) + ("…" if len(words) > _TITLE_WORDS else "")
    return one_line(headline, _TITLE_CHARS)


def _name_media(message: HtmlElement) -> str:
    """Say what a post without text is: "[photo]", "[document] budget.pdf"."""
    elements = reversed(list(message.iter()))
    inside = {name: element for element in elements for name in (element.get("class") or "").split()}
    kind = next((words for name, words in _MEDIA if name in inside), "post")
    named = next((inside[name] for name in _NAMES if name in inside), None)
    return one_line(f"[{kind}] {'' if named is None else text_of(named)}".strip(), TITLE_CHARS)
