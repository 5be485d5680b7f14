"""Pages made to break their readers (threats #36, #39, #42, #44, #45 and #46 of the list kept with the tests)."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from monitor.errors import NotAnArticle
from monitor.extract.article import extract_article
from monitor.extract.document import extract_document
from monitor.model.articles import Article
from monitor.model.fetching import Fetched
from tests.growth import assert_in_proportion

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
URL = "https://courier.example/2026/11/shelter"
TEXT = (
    "Inspectors of the labour ministry spoke with eleven residents of the shelter on Thursday. "
    "The director said that every one of them was free to leave. Two of the residents disputed that."
)


def page(head: str = "", body: str = "", text: str = TEXT) -> bytes:
    return (
        f"<!doctype html><html lang=en><head><title>Shelter opens its doors</title>{head}</head><body><article>"
        f"<h1>Shelter opens its doors</h1>{f'<p>{text}</p>' * 3}{body}</article></body></html>"
    ).encode()


def extract(content: bytes) -> Article:
    return extract_article(content, URL, "text/html", NOW)


def json_ld(document: str) -> str:
    return f'<script type="application/ld+json">{document}</script>'


@pytest.mark.parametrize(
    ("opening", "closing", "depth"),
    [
        ("<div>", "</div>", 250),
        ("<div>", "</div>", 260),
        ("<span>", "</span>", 1_000),
        ("<div>", "</div>", 2_000),
        ("<ul><li>", "</li></ul>", 400),
        ("<blockquote>", "</blockquote>", 500),
        ("<table><tr><td>", "</td></tr></table>", 300),
        ("&lt;div&gt;", "&lt;/div&gt;", 20_000),
    ],
)
def test_a_deeply_nested_page_is_read_whole(opening: str, closing: str, depth: int) -> None:
    """Threat #36."""
    assert TEXT in extract(page(body=f"{opening * depth}<p>More.</p>{closing * depth}<p>{TEXT} The end.</p>")).text


@pytest.mark.parametrize(
    ("opening", "depth"),
    [
        ("<div>", 2_100),
        ("<div>", 20_000),
        pytest.param("<div>", 100_000, marks=pytest.mark.slow),
        ("<table><tr><td>", 10_000),
    ],
)
def test_a_page_nested_beyond_reading_says_so(opening: str, depth: int) -> None:
    """Threat #36."""
    with pytest.raises(NotAnArticle):
        extract(f"<html><body>{opening * depth}<p>{TEXT}</p></body></html>".encode())


def persons(many: int) -> str:
    return json_ld(json.dumps([{"@type": "Person", "name": f"A B{number}"} for number in range(many)]))


HOSTILE: dict[str, tuple[Callable[[int], bytes], int]] = {
    "long attribute": (lambda size: page(body=f'<p title="{"x" * size}">y</p>'), 200_000),
    "line breaks": (lambda size: page(body="<br>" * size), 400_000),
    "spaces": (lambda size: page(body="&nbsp;" * size), 400_000),
    "plaintext": (lambda size: page(body="<plaintext>" + "x" * size), 1_000),
    "open script": (lambda size: page(body="<script>" + "x" * size), 100_000),
    "comments": (lambda size: page(body="<!--" * size), 50_000),
    "links": (lambda size: page(body="<a href=x>" * size), 5_000),
    "authors": (lambda size: page("<meta name=author content='A B'>" * size), 50_000),
    "deep JSON": (lambda size: page(json_ld("[" * size)), 200_000),
    "deep graphs": (lambda size: page(json_ld('{"@graph": ' * size)), 5_000),
    "long JSON": (lambda size: page(persons(size)), 9_000),
    "dates": (lambda size: page(body='<i itemprop="datePublished" content="Mon, 99 Foo 2026">' * size), 20_000),
    "times": (lambda size: page(body="<time datetime='2026-11-20'></time>" * size), 20_000),
    "walls": (lambda size: page(body='<div class="paywall" hidden><b>' * size), 900),
    "html elements": (lambda size: page("<html " * size), 20_000),
    "tables": (lambda size: page(body="<table><tr><td>" * size), 10_000),
}


def give_its_text(content: bytes) -> None:
    article = extract(content)
    assert TEXT in article.text
    assert article.canonical_url == URL


@pytest.mark.parametrize(("make", "size"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_page_still_gives_its_text_in_time(make: Callable[[int], bytes], size: int) -> None:
    """Threat #44: what it costs doesn't outgrow the page, and nothing comes from another site."""
    assert_in_proportion(give_its_text, make, size)


@pytest.mark.parametrize(
    "head",
    ['<meta http-equiv="refresh" content="0; url=https://evil.example/">', '<base href="https://evil.example/">'],
    ids=["refresh", "base"],
)
def test_a_page_that_points_elsewhere_still_gives_its_own_text(head: str) -> None:
    """Threat #44."""
    give_its_text(page(head))


@pytest.mark.parametrize(
    "head",
    [
        '<link rel="canonical" href="https://victim.example/story">',
        '<meta property="og:url" content="https://victim.example/story">',
        '<link rel="canonical" href="//victim.example/story"><meta property="og:url" content="https://evil-courier.example/">',
        '<base href="https://victim.example/"><link rel="canonical" href="https://courier.example@victim.example/story">',
        '<link rel="canonical" href="https://victim.example\\@courier.example/story">',
        json_ld(
            '{"@type": "NewsArticle", "url": "https://victim.example/story", "mainEntityOfPage": "https://victim.example/"}'
        ),
    ],
)
def test_a_page_cant_take_another_sites_address(head: str) -> None:
    """Threat #45: a forged canonical URL would hide or replace somebody else's article."""
    assert extract(page(head)).canonical_url == URL


@pytest.mark.parametrize(
    "content",
    [
        b"<html><body></body></html>",
        b"<html><body><p>Too short.</p></body></html>",
        b"<!doctype html><html><body><script>document.write('words')</script></body></html>",
        page(text="").replace(b"<h1>Shelter opens its doors</h1>", b"<img src=x alt='A picture of the shelter'>"),
        b"<html><body>" + b"<p>&#8203;</p>" * 500 + b"</body></html>",
    ],
    ids=["no text", "too short", "a script's page", "pictures", "zero-width spaces"],
)
def test_a_page_without_text_is_no_article(content: bytes) -> None:
    """Threat #46: counted as `empty`, and kept as a lead by who asked for it."""
    with pytest.raises(NotAnArticle, match="no article text") as raised:
        extract(content)
    assert raised.value.reason == "empty"


@pytest.mark.parametrize(
    ("text", "unwanted"),
    [
        (f"\x00{TEXT}\x00\x07\x1b[31m", "\x00\x07\x1b"),
        (f"{TEXT}&#0;&#7;&#27;", "\x00\x07\x1b"),
        (f"{TEXT}&#xD800;&#xDFFF;", "\ud800\udfff"),
        (f"\u202e{TEXT}\u202c\u2066x\u2069", "\u202e\u202c\u2066\u2069"),
        (f"&#x202E;{TEXT}&rlm;", "\u202e"),
        (f"{TEXT}\x85\x9b", "\x85\x9b"),
        (f"{TEXT}\ufeff\ufffe", "\ufeff\ufffe"),
    ],
)
def test_characters_that_deceive_or_break_are_gone(text: str, unwanted: str) -> None:
    """Threat #42."""
    article = extract(
        page(f'<meta property="og:title" content="{text}"><meta name="author" content="{text}">', text=text)
    )
    for shown in (article.text, article.title, article.byline):
        assert not set(shown) & set(unwanted)
    assert TEXT in article.text


@pytest.mark.parametrize(
    "flood",
    ["x" * 1_000_000, "\u200d" * 100_000, "e" + "\u0301" * 10_000, "\U00010600" * 1_000, "<b>" * 10_000, "&" * 100_000],
    ids=["letters", "joiners", "marks", "stand-ins", "tags", "ampersands"],
)
def test_a_flood_in_a_title_or_a_byline_is_cut(flood: str) -> None:
    """Threat #42."""
    article = extract(
        page(f'<meta property="og:title" content="Shelter {flood}"><meta name="author" content="A {flood}">')
    )
    assert len(article.title) <= 500
    assert len(article.byline) <= 300
    assert TEXT in article.text


def fetched(content: bytes, content_type: str) -> Fetched:
    return Fetched(URL, URL, 200, (("Content-Type", content_type),), content, content, "", NOW)


@pytest.mark.parametrize(
    ("content", "content_type", "words"),
    [
        (b"", "text/html", "empty body"),
        (b" " * 10_000_000, "text/html", "white space"),
        (b"\xef\xbb\xbf", "text/html", "white space|unknown"),
        (b"x", "text/html", "without sentences"),
        (b"\x89PNG\r\n\x1a\n", "text/html", "PNG"),
        (b"\xff\xd8\xff\xe0", "application/pdf", "JPEG"),
        (b"PK\x03\x04", "application/zip", "ZIP"),
        (b'{"headline": "x"}', "text/html", "JSON"),
        (b'[{"headline": "x"}]', "text/plain", "JSON"),
        (b'<?xml version="1.0"?><rss version="2.0"><channel></channel></rss>', "text/html", "feed"),
        (b'<?xml version="1.0"?><urlset></urlset>', "text/xml", "XML"),
        (b"\x00\x01\x02\x03" * 100, "text/html", "unknown"),
        (b"1,2,3\n4,5,6\n" * 20, "text/plain", "without sentences"),
        (b"function main() { return 1; }\n" * 9, "application/javascript", "plain text"),
        (b"%PDF-1.7", "text/html", "PDF document is broken"),
        (b"From: a@b.example\r\nSubject: x\r\n\r\n", "text/html", "the mail holds no text"),
    ],
)
def test_what_is_no_article_is_named(content: bytes, content_type: str, words: str) -> None:
    """Threat #39, the article's side."""
    with pytest.raises(NotAnArticle, match=words):
        extract_document(fetched(content, content_type))
