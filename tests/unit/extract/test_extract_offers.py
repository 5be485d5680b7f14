"""What a home page offers to follow."""

import pytest

from monitor.errors import NotAnArticle
from monitor.extract.offers import MAX_OFFERS, find_offers
from monitor.model.entries import Offer
from tests.unit.extract.answers import answer

HOME = "https://gazette.example/"
PAGE = Offer("page", HOME, "The Gazette")


def offers(head: str, url: str = HOME) -> list[Offer]:
    page = f"<!doctype html><html><head><title>The\n Gazette</title>{head}</head><body>Hello</body></html>"
    return list(find_offers(answer(page, url)))


def test_a_page_offers_feeds_then_sitemaps_then_itself() -> None:
    head = """<link rel="sitemap" type="application/xml" href="/sitemap.xml">
    <link rel="alternate" type="application/rss+xml; charset=utf-8" title="News &amp; views" href="/rss">
    <link rel="ALTERNATE home" type="application/atom+xml" href="https://feeds.example/gazette">
    <link rel="alternate" type="application/feed+json" href="feed.json">
    <link rel="alternate" type="application/rss+xml" title="Again" href="/rss">"""
    assert offers(head) == [
        Offer("feed", "https://gazette.example/rss", "News & views"),
        Offer("feed", "https://feeds.example/gazette"),
        Offer("feed", "https://gazette.example/feed.json"),
        Offer("sitemap", "https://gazette.example/sitemap.xml"),
        PAGE,
    ]


@pytest.mark.parametrize(
    "link",
    [
        '<link rel="alternate" type="application/rss+xml" href="/comments/feed/">',
        '<link rel="alternate" type="application/rss+xml" href="/?feed=comments-rss2">',
        '<link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/2">',
        '<link rel="alternate" type="application/json+oembed" href="/oembed">',
        '<link rel="alternate" hreflang="km" href="/km/">',
        '<link rel="stylesheet" type="application/rss+xml" href="/rss">',
        '<link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">',
        '<link rel="alternate" type="application/rss+xml" href="file:///etc/passwd">',
        '<link rel="alternate" type="application/rss+xml">',
    ],
)
def test_what_is_no_feed_of_articles_is_not_offered(link: str) -> None:
    assert offers(link) == [PAGE]


def test_wordpress_is_known_to_have_a_feed_and_a_sitemap_and_these_guesses_come_last() -> None:
    assert offers('<meta name="generator" content="WordPress 7.0">') == [
        PAGE,
        Offer("feed", "https://gazette.example/feed/", "The Gazette"),
        Offer("sitemap", "https://gazette.example/wp-sitemap.xml", "The Gazette"),
    ]


def test_a_channels_page_offers_the_channel_first() -> None:
    assert offers("", "https://t.me/gazette")[0] == Offer("channel", "https://t.me/s/gazette", "The Gazette")


def test_a_base_on_another_site_moves_no_feed() -> None:
    head = '<base href="https://evil.example/"><link rel="alternate" type="application/rss+xml" href="rss">'
    assert offers(head)[0].url == "https://gazette.example/rss"


def test_a_page_of_thousands_of_feeds_offers_the_first_and_itself() -> None:
    found = offers("".join(f'<link rel="alternate" type="text/xml" href="/{n}">' for n in range(5_000)))
    assert (len(found), found[-1]) == (MAX_OFFERS + 1, PAGE)


@pytest.mark.parametrize(
    ("content", "offer"),
    [
        ('<rss version="2.0"><channel><title>T</title></channel></rss>', Offer("feed", HOME, "T")),
        ('{"version": "https://jsonfeed.org/version/1.1", "title": "J", "items": []}', Offer("feed", HOME, "J")),
        ('<?xml version="1.0"?><urlset><url><loc>/a</loc></url></urlset>', Offer("sitemap", HOME)),
        ("<sitemapindex/>", Offer("sitemap", HOME)),
    ],
)
def test_a_feed_or_sitemap_offers_itself(content: str, offer: Offer) -> None:
    assert find_offers(answer(content, HOME)) == (offer,)


@pytest.mark.parametrize(("content", "words"), [(b"%PDF-1.7", "PDF"), (b"", "empty"), (b"{}", "JSON"), (b"hi", "text")])
def test_what_is_no_page_is_named(content: bytes, words: str) -> None:
    with pytest.raises(NotAnArticle, match=words):
        find_offers(answer(content))
