"""Whether a page shows only the beginning of its article and asks for payment or a login for the rest; pure.

In: a parsed page, what its head states, the text found. Out: yes or no. Never: yes for a text that is there whole. A
wrong "yes" would tell a reporter that a report can't be read though it can, so every doubt is a "no": sites that meter
put their paywall's markup on every page, the short news that anybody may read among them.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from monitor.extract.metadata import Head

if TYPE_CHECKING:
    from lxml.html import HtmlElement

SHORT_CHARS = 1_500
"""A text as long as this is an article, whatever stands below it."""

STATED_SHORT_CHARS = 3_000
"""The same where the page itself states that the article isn't free: what it shows of it may be longer."""

_DENSE = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af]")
_DENSITY = 4
"""One Chinese character says as much as some four letters."""

_END_CHARS = 500
_MAX_CONTAINERS = 50
_MAX_CONTAINER_CHARS = 3_000
_LOCKED_PART_CHARS = 500
_ZERO_WIDTH = re.compile(r"[\u200b-\u200d]")
_SIMPLE_SELECTOR = re.compile(r"\s*[a-z]{0,20}([.#])([A-Za-z0-9_-]{1,80})\s*", re.IGNORECASE)
_CONTAINER = re.compile(
    r"(?:^|[\s_-])(?:paywall|pay-wall|regwall|subscriber-only|subscribers-only|subscription-required|premium-wall"
    r"|tp-modal|tp-container|piano|meter-wall|article-gate|content-gate|subscribe-wall|login-wall)(?![a-z])",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\b(?:subscri|sign[ -]?(?:in|up)\b|log[ -]?in\b|register|become a member|s['’]abonner|abonné)|ជាវ|ចុះឈ្មោះ|គណនី",
    re.IGNORECASE,
)
_PHRASES = re.compile(
    r"\b(?:subscribe|sign[ -]?(?:in|up)|log[ -]?in|register|subscription|an? account|become a member)\b.{0,60}?"
    r"\bto (?:continue|keep|finish|read (?:on|more|the (?:full|rest|whole|entire)))"
    r"|\bto (?:continue|keep|finish) reading\b.{0,60}?\b(?:subscri|sign[ -]?(?:in|up)|log[ -]?in|register|account|join)"
    r"|\bto read the (?:full|whole|entire|rest of th[ei]s?) (?:story|article|report)\b.{0,60}?"
    r"\b(?:subscri|sign[ -]?(?:in|up)|log[ -]?in|register)"
    r"|\bth(?:is|e rest of this) (?:article|story|report|content) is (?:\w+ ){0,3}(?:for|to) (?:\w+ ){0,3}"
    r"(?:subscribers|members)\b"
    r"|\b(?:subscribers|members)[ -]only (?:article|story|content)\b"
    r"|\byou(?:['’]ve| have) (?:reached|used|read) (?:\w+ ){0,6}(?:free )?(?:articles|stories|limit)\b"
    r"|\bréservée? (?:à nos|aux) abonnés"
    r"|(?:ជាវ|ចុះឈ្មោះ|ចូលគណនី).{0,60}?អាន(?:បន្ត|អត្ថបទពេញ)|ដើម្បីអានបន្ត.{0,60}?(?:ជាវ|ចុះឈ្មោះ|ចូលគណនី)",
    re.IGNORECASE | re.DOTALL,
)
_UNSEEN_TAGS = frozenset({"script", "style", "template", "noscript"})


def is_teaser(head: Head, tree: "HtmlElement", text: str) -> bool:
    """Say whether `text` is only the beginning of the page's article.

    What the page states (schema.org isAccessibleForFree, `article:content_tier`) is believed if the text is short and
    the locked part (hasPart's cssSelector) isn't in the page after all. Otherwise a short text must end with, or stand
    beside, words that ask for a subscription or login.
    """
    density = _DENSITY if len(_DENSE.findall(text[:SHORT_CHARS])) > 0.3 * len(text[:SHORT_CHARS]) else 1
    tiers = {tier.strip().lower() for tier in head.said("article:content_tier")}
    if len(text) >= STATED_SHORT_CHARS / density:
        return False
    if head.linked.is_locked() or "locked" in tiers:
        return not _shows_locked_part(head, tree)
    if len(text) >= SHORT_CHARS / density:
        return False
    if _asks(text[-_END_CHARS:]):
        return True
    containers = list(_containers(tree))
    return any(_asks(words) or _ASKS.search(words) for words in containers) or ("metered" in tiers and bool(containers))


def _asks(words: str) -> bool:
    return _PHRASES.search(_ZERO_WIDTH.sub("", words)) is not None


def _containers(tree: "HtmlElement") -> Iterator[str]:
    """Yield the words of the page's paywalls, as far as they aren't hidden where they stand."""
    named = (one for one in tree.xpath("//body//*[@class or @id]") if _CONTAINER.search(_class_and_id(one)))
    for element in islice(named, _MAX_CONTAINERS):
        if not _is_hidden(element):
            words = " ".join(" ".join(element.itertext()).split())
            # Longer ones hold the article, whose own words would be taken for the wall's.
            if len(words) <= _MAX_CONTAINER_CHARS:
                yield words


def _class_and_id(element: "HtmlElement") -> str:
    return f"{element.get('class') or ''} {element.get('id') or ''}"


def _is_hidden(element: "HtmlElement") -> bool:
    for one in (element, *element.iterancestors()):
        style = (one.get("style") or "").replace(" ", "").lower()
        if one.tag in _UNSEEN_TAGS or "hidden" in one.attrib or "display:none" in style:
            return True
    return False


def _shows_locked_part(head: Head, tree: "HtmlElement") -> bool:
    """Say whether the part that is stated to be locked stands in the page with its words."""
    for selector in head.linked.locked_selectors():
        simple = _SIMPLE_SELECTOR.fullmatch(selector)
        if simple is None:
            continue
        path = (
            "//*[contains(concat(' ', normalize-space(@class), ' '), $name)]" if simple[1] == "." else "//*[@id=$name]"
        )
        name = f" {simple[2]} " if simple[1] == "." else simple[2]
        parts = tree.xpath(path, name=name)[:_MAX_CONTAINERS]
        if sum(len(" ".join(part.itertext()).strip()) for part in parts) >= _LOCKED_PART_CHARS:
            return True
    return False
