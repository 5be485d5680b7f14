"""Pages of links."""

from datetime import UTC, datetime

import pytest

from monitor.errors import BadSelector, NotAnArticle
from monitor.extract.entries.page import read_page
from monitor.extract.entries.raw import MAX_ENTRIES
from monitor.model.entries import Listing
from tests.growth import assert_in_proportion
from tests.unit.extract.answers import PAGE_URL, answer

KHMER_HOME = """<!doctype html><html lang="km"><head><meta charset="utf-8"><title>សារព័ត៌មាន</title></head><body>
<header><ul><li><a href="/">ទំព័រដើម</a></li><li><a href="/topics/life">ជីវិត</a></li></ul></header>
<div class="posts">
 <div class="item"><a href="/article/1403001"><img src="1.jpg"><div class="title">រដ្ឋមន្ត្រីប្រកាសពីច្បាប់ថ្មីស្តីអំពីកម្មករ</div>
  <div class="meta">១០ នាទីមុន</div></a></div>
 <div class="item"><a href="https://news.gazette.example/article/1403002#comments"><div class="title">តុលាការបើក\
សវនាការលើសំណុំរឿងដីធ្លី</div></a></div>
 <div class="item"><a href="/article/1403001"><span>អាន</span></a></div>
</div><footer><a href="/about">អំពីយើង</a></footer></body></html>"""

FRONT = """<html lang="en-GB"><head><title>The Gazette &amp; Mail</title></head><body>
<nav><a href="/section/one-two-three-four-five">A section with a rather long name</a></nav>
<header><a href="/subscribe-to-our-daily-letter">Subscribe to our daily letter now</a></header>
<main>
 <article><header><h2><a href="/2026/11/21/minister">Minister &lt;resigns&gt; over contract</a></h2></header>
  <p>The minister left on Saturday, after the auditors had published what they found.</p>
  <time datetime="2026-11-21T08:00:00+07:00">Saturday</time> <a href="/author/reporter">By a reporter of ours here</a>
 </article>
 <article><a href="/news/98765"><img src="x.jpg" alt="Workers wait at the gate"></a><a href="/news/98765">More</a>
  <a href="mailto:desk@gazette.example">Send this to a friend of yours</a></article>
 <ul><li><a href="/court-hears-land-case"></a></li>
 <li><a href="https://other.example/2026/11/21/story-on-another-site">A story that stands on another site</a></li>
 <li><a href="javascript:void(0)">Open the gallery of the whole week</a></li>
 <li><a href="/news/">The page that we are on now</a></li>
 <li><a href="/sport">Sport</a></li>
 <li><a href="/img/2026/11/21/large-photo.jpg">A photo of the day in full</a></li></ul>
</main><aside><a href="/most-read-story-of-the-week">The most read story of the week</a></aside></body></html>"""


def page(body: str, links: str = "", head: str = "", url: str = PAGE_URL) -> Listing:
    return read_page(answer(f"<html><head>{head}</head><body>{body}</body></html>", url), links)


def urls(listing: Listing) -> list[str]:
    return [entry.url for entry in listing.entries]


@pytest.mark.parametrize("links", ["//a[contains(@href, '/article/')]", "a[href*='/article/']", "div.title", ""])
def test_a_khmer_front_page_gives_its_headlines(links: str) -> None:
    listing = read_page(answer(KHMER_HOME, "https://news.gazette.example/"), links)
    assert (listing.title, listing.language, listing.rejected) == ("សារព័ត៌មាន", "km", 0)
    assert [(entry.url, entry.title) for entry in listing.entries] == [
        ("https://news.gazette.example/article/1403001", "រដ្ឋមន្ត្រីប្រកាសពីច្បាប់ថ្មីស្តីអំពីកម្មករ"),
        ("https://news.gazette.example/article/1403002", "តុលាការបើកសវនាការលើសំណុំរឿងដីធ្លី"),
    ]


def test_headlines_are_found_outside_menus_with_block_date_and_summary() -> None:
    listing = read_page(answer(FRONT), "")
    assert (listing.title, listing.language) == ("The Gazette & Mail", "en")
    first, second, third = listing.entries
    assert (first.url, first.title) == (
        "https://gazette.example/2026/11/21/minister",
        "Minister <resigns> over contract",
    )
    assert first.summary.startswith("The minister left on Saturday")
    assert first.published_at == datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
    assert (second.url, second.title) == ("https://gazette.example/news/98765", "Workers wait at the gate")
    assert (third.title, third.published_at) == ("court hears land case", None)


def test_a_javascript_link_that_reads_like_a_headline_is_counted_as_rejected() -> None:
    assert read_page(answer(FRONT), "").rejected == 1


@pytest.mark.parametrize("href", ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "http:evil"])
def test_links_that_cannot_be_followed_are_dropped_and_counted(href: str) -> None:
    listing = page(f'<a class="n" href="{href}">One</a><a class="n" href="/two">Two</a>', "a.n")
    assert (urls(listing), listing.rejected) == (["https://gazette.example/two"], 1)


def test_a_date_outside_a_links_own_block_is_not_taken() -> None:
    body = (
        '<time datetime="2026-11-22">today</time><ul><li><a class=n href="/a">A</a></li><li><a class=n href="/b">B</a> \
<time datetime="2026-11-20T00:00Z">x</time></li></ul>'
    )
    first, second = page(body, "a.n").entries
    assert first.published_at is None
    assert second.published_at == datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("markup", "title"),
    [
        ('<a href="/x" title="A title">Text</a>', "Text"),
        ('<a href="/x" title="A title"> </a>', "A title"),
        ('<a href="/x"><img alt="What it shows"></a>', "What it shows"),
        ('<a href="/some-long-story.html"><i></i></a>', "some long story"),
        ('<a href="/x"><h3>Headline</h3><p>And a text below it</p></a>', "Headline"),
        ('<a href="/x"><b>One</b><script>two()</script><p>three</p></a>', "One three"),
        ('<a href="/x">AT&amp;amp;T &amp;lt;b&amp;gt;</a>', "AT&amp;T &lt;b&gt;"),
    ],
)
def test_a_link_is_titled_by_its_text_then_title_image_and_path(markup: str, title: str) -> None:
    assert page(markup, "//a").entries[0].title == title


def test_of_several_links_to_one_address_the_best_text_is_the_title() -> None:
    body = (
        '<div><a href="/x"><img alt="Photo"></a><h3><a href="/x">Court hears land case today</a></h3>'
        '<a href="/x">Read the whole of this story here and now</a></div>'
    )
    (entry,) = page(body, "a").entries
    assert entry.title == "Court hears land case today"


@pytest.mark.parametrize("links", ["h3", "//h3", "//h3/a/@href", "//h3/a/span/text()", "(//h3)[1]", "div.card h3 span"])
def test_a_selector_may_pick_a_headline_block_an_attribute_or_what_is_in_a_link(links: str) -> None:
    body = '<div class="card"><h3>Now: <a href="/x"><span>Court hears case</span></a></h3><a href="/tag">Tag</a></div>'
    listing = page(body, links)
    assert [(entry.url, entry.title) for entry in listing.entries] == [
        ("https://gazette.example/x", "Court hears case")
    ]


@pytest.mark.parametrize(
    ("links", "words"),
    [
        ("a[href", "a\\[href.*EOF at 6"),
        ("div >", "EOF"),
        ("a:unheard-of", "unheard-of"),
        ("a::text", "Pseudo-elements"),
        ("//a[", "XPath.*//a\\[.*after character 4"),
        ("//a[$x]", "Undefined variable"),
        ("//x:a", "XPath"),
        ("count(//a)", "not links"),
        ("//a[\x00]", "can't be used"),
        ("document('file:///etc/passwd')//a", "Unregistered function"),
        ("//a[re:test(., 'x')]", "XPath"),
        ("a.none", "picks nothing on this page, which has 2 links"),
        ("p", "picks 1 element on this page, but none is a link"),
    ],
)
def test_a_selector_that_cannot_be_used_is_quoted_with_why(links: str, words: str) -> None:
    with pytest.raises(BadSelector, match=words):
        page("<p>Text</p><a href=/x>X</a><a href=/y>Y</a>", links)


def test_a_page_without_headlines_says_how_many_links_it_has() -> None:
    with pytest.raises(BadSelector, match="has 1 link, none of which looks like a headline"):
        page('<a href="/sport">Sport</a>')


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("/archive/", "https://gazette.example/archive/x"),
        ("https://www.gazette.example/en/", "https://www.gazette.example/en/x"),
        ("https://evil.example/", "https://gazette.example/news/x"),
        ("javascript:alert(1)", "https://gazette.example/news/x"),
    ],
)
def test_relative_links_start_at_a_base_on_the_same_site_alone(base: str, url: str) -> None:
    assert urls(page('<a href="x">X</a>', "a", f'<base href="{base}">')) == [url]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"%PDF-1.7", "PDF"),
        (b"{}", "JSON"),
        (b'<?xml version="1.0"?><rss version="2.0"><channel/></rss>', "a feed"),
        (b'<?xml version="1.0"?><note/>', "XML"),
    ],
)
def test_what_is_no_page_is_named(content: bytes, words: str) -> None:
    with pytest.raises(NotAnArticle, match=words):
        read_page(answer(content), "")


def test_invalid_utf8_costs_only_its_letters() -> None:
    body = "<html><body><a href='/x'>តុលាការបើកសវនាការ ".encode() + b"\xff\xfe\x80</a></body></html>"
    (entry,) = read_page(answer(body), "a").entries
    assert entry.title.startswith("តុលាការបើកសវនាការ")


def test_a_page_in_its_declared_charset_is_read_in_it() -> None:
    body = "<html><head><meta charset=windows-1252></head><body><a href='/x'>Café</a></body></html>".encode("cp1252")
    assert read_page(answer(body), "a").entries[0].title == "Café"


def test_control_characters_and_direction_marks_are_gone_from_titles() -> None:
    (entry,) = page('<a href="/x">A\u202eb\x00c&#8238;d\x1b[31m</a>', "a").entries
    assert entry.title == "Abcd[31m"


def test_20000_levels_of_nesting_are_survived() -> None:
    body = '<a href="/x">Above all the levels here</a>' + "<div>" * 20_000 + '<a href="/y">y</a>'
    assert urls(page(body)) == ["https://gazette.example/x"]


@pytest.mark.parametrize("links", ["", "a", "//li/a"])
def test_a_page_of_40_000_links_takes_time_in_proportion(links: str) -> None:
    def listed(many: int) -> str:
        rows = (f'<li><a href="/news/story-{n + 10_000}">A story with the number {n}</a></li>' for n in range(many))
        return f"<ul>{''.join(rows)}</ul>"

    def read(body: str) -> None:
        listing = page(body, links)
        assert len(listing.entries) == MAX_ENTRIES
        assert listing.entries[0].url == "https://gazette.example/news/story-10000"

    assert_in_proportion(read, listed, 40_000)


def test_links_in_2000_levels_of_blocks_take_time_in_proportion() -> None:
    def nested(many: int) -> str:
        return "".join(f'<div><a href="/news/story-{n + 10_000}">Story {n}</a>' for n in range(many))

    def read(body: str) -> None:
        assert page(body, "div").entries

    assert_in_proportion(read, nested, 5_000)
