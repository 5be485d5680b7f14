"""Sitemaps, news sitemaps and indexes of them."""

import gzip
import tracemalloc
from datetime import UTC, datetime

import pytest

from monitor.errors import BadFeed, NotAFeed
from monitor.extract.entries import sitemap
from monitor.extract.entries.raw import MAX_ENTRIES
from monitor.extract.entries.sitemap import read_sitemap
from monitor.model.entries import Listing
from tests.growth import assert_in_proportion
from tests.unit.extract.answers import answer

URL = "https://gazette.example/sitemap.xml"
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
NEWS = f"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="{SITEMAP}" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><image:image><image:loc>https://gazette.example/a.jpg</image:loc><image:title>A photo</image:title></image:image>
 <loc>https://gazette.example/km/1?a=1&amp;b=2</loc><lastmod>2026-11-22T01:00:00Z</lastmod><news:news><news:publication>
 <news:name>The Gazette</news:name><news:language>km</news:language></news:publication>
 <news:publication_date>2026-11-21T08:00:00+07:00</news:publication_date>
 <news:title><![CDATA[តុលាការ & ដីធ្លី]]></news:title></news:news></url>
<url><loc>https://gazette.example/en/a-plain-story</loc><lastmod>2026-11-20</lastmod><priority>0.5</priority></url>
<url><loc>https://gazette.example/en/old</loc><lastmod>2026-11-08T11:59:59Z</lastmod></url>
<url><loc>https://gazette.example/en/just-in-time</loc><lastmod>2026-11-08T12:00:00Z</lastmod></url>
<url><loc>https://gazette.example/en/undated</loc></url>
<url><loc>file:///etc/passwd</loc></url>
</urlset>"""


def read(content: bytes | str, url: str = URL) -> Listing:
    return read_sitemap(answer(content, url, "application/xml"))


def urlset(inner: str, prolog: str = "") -> str:
    return f'{prolog}<urlset xmlns="{SITEMAP}">{inner}</urlset>'


def test_a_news_sitemap_gives_titles_dates_and_languages() -> None:
    listing = read(NEWS)
    first, plain, just, undated = listing.entries
    assert (first.url, first.title, first.language, first.published_at) == (
        "https://gazette.example/km/1?a=1&b=2",
        "តុលាការ & ដីធ្លី",
        "km",
        datetime(2026, 11, 21, 1, 0, tzinfo=UTC),
    )
    assert (plain.title, plain.published_at) == ("a plain story", datetime(2026, 11, 20, tzinfo=UTC))
    assert (just.title, undated.title, undated.published_at) == ("just in time", "undated", None)
    assert (listing.title, listing.language, listing.rejected, listing.older) == ("The Gazette", "km", 1, 1)


def test_an_index_gives_its_parts_of_the_same_site_the_newest_first() -> None:
    parts = (
        "<sitemap><loc>https://gazette.example/1.xml</loc><lastmod>2026-10-01</lastmod></sitemap>"
        "<sitemap><loc>/2.xml.gz</loc></sitemap>"
        "<sitemap><loc>https://www.gazette.example/3.xml</loc><lastmod>2026-11-21</lastmod></sitemap>"
        "<sitemap><loc>https://evil.example/4.xml</loc><lastmod>2026-11-22</lastmod></sitemap>"
        "<sitemap><loc>file:///etc/passwd</loc></sitemap>"
    )
    listing = read(f'<sitemapindex xmlns="{SITEMAP}">{parts}</sitemapindex>')
    assert listing.parts == (
        "https://www.gazette.example/3.xml",
        "https://gazette.example/1.xml",
        "https://gazette.example/2.xml.gz",
    )
    assert (listing.entries, listing.rejected) == ((), 2)


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(NEWS.encode(), mtime=0),
        gzip.compress(NEWS[:300].encode(), mtime=0) + gzip.compress(NEWS[300:].encode(), mtime=0),
        NEWS.replace("UTF-8", "UTF-16").encode("utf-16"),
        b"\xef\xbb\xbf" + NEWS.encode(),
        NEWS.replace(f'xmlns="{SITEMAP}"', "").encode(),
        NEWS.replace("<url>", "\x08<url>\x00").encode(),
        NEWS.replace("<urlset", "<!-- <html> made on 22 November --><!DOCTYPE urlset><urlset").encode(),
    ],
    ids=["gzip", "gzip of two members", "UTF-16", "BOM", "no namespace", "controls", "prolog"],
)
def test_a_sitemap_reads_the_same_however_it_is_written(content: bytes) -> None:
    assert read(content) == read(NEWS)


def test_a_plain_text_sitemap_is_one_address_a_line() -> None:
    listing = read("https://gazette.example/a-story\r\n\r\n# remark\nhttps://gazette.example/b\n")
    assert [entry.title for entry in listing.entries] == ["a story", "b"]


def test_a_feed_given_as_sitemap_is_read_as_feed() -> None:
    listing = read('<rss version="2.0"><channel><title>T</title><item><link>/a</link></item></channel></rss>')
    assert [entry.url for entry in listing.entries] == ["https://gazette.example/a"]


def test_an_empty_sitemap_lists_nothing() -> None:
    assert read(urlset("")) == Listing("", "")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty body"),
        (b"<!doctype html><html><body>404, see the &lt;urlset&gt;</body></html>", "HTML page.*robots.txt"),
        (b"nothing to see", "plain text"),
        (b"%PDF-1.7", "PDF"),
        (b"<?xml version='1.0'?><note/>", "XML"),
        (gzip.compress(gzip.compress(b"<urlset/>", mtime=0), mtime=0), "gzip"),
    ],
)
def test_what_is_no_sitemap_is_named(content: bytes, words: str) -> None:
    with pytest.raises(NotAFeed, match=words):
        read(content)


def test_ampersands_that_stand_alone_are_mended() -> None:
    inner = (
        "<url><loc>https://gazette.example/?a=1&b=2</loc></url>"
        "<url><loc><![CDATA[https://gazette.example/?c=1&d=2]]></loc></url>"
    )
    assert [entry.url for entry in read(urlset(inner)).entries] == [
        "https://gazette.example/?a=1&b=2",
        "https://gazette.example/?c=1&d=2",
    ]


def test_a_sitemap_that_breaks_off_keeps_what_stood_before_and_counts_it() -> None:
    listing = read(NEWS[: NEWS.index("<url><loc>https://gazette.example/en/old")])
    assert (len(listing.entries), listing.rejected) == (2, 1)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE u [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>',
        f'<!DOCTYPE u [<!ENTITY c "{"x" * 5_000}">]>',
        "<!DOCTYPE u [<!ENTITY % a \"<!ENTITY c 'x'>\">%a;]>",
        '<!DOCTYPE u [<!ENTITY c SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE u [<!ENTITY % a SYSTEM "http://127.0.0.1:9/dtd">%a;]>',
    ],
    ids=["billion laughs", "quadratic", "parameter entity", "file", "external parameter entity"],
)
def test_a_sitemap_that_declares_entities_is_refused(doctype: str, encoding: str) -> None:
    content = urlset("<url><loc>https://gazette.example/" + "&c;" * 1_000 + "</loc></url>", doctype)
    with pytest.raises(BadFeed, match="entities"):
        read(content.encode(encoding))


def test_entities_do_not_hide_behind_a_declared_charset() -> None:
    hidden = '<!DOCTYPE u [<!ENTITY c "x">]>'.encode("utf-7").replace(b"<", b"+ADw-")
    content = b'<?xml version="1.0" encoding="utf-7"?>' + hidden + urlset("<url><loc>/&c;</loc></url>").encode()
    with pytest.raises(BadFeed):
        read(content)


def test_a_dtd_elsewhere_is_not_loaded() -> None:
    doctype = '<!DOCTYPE urlset SYSTEM "file:///etc/passwd">'
    assert len(read(urlset("<url><loc>https://gazette.example/a</loc></url>", doctype)).entries) == 1


def test_20000_levels_of_nesting_are_refused() -> None:
    with pytest.raises(BadFeed, match="depth"):
        read("<urlset>" + "<url>" * 20_000)


def test_a_gzip_bomb_is_refused_within_its_limit_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemap, "MAX_UNPACKED_BYTES", 2**20)
    bomb = gzip.compress(b"<urlset>" + b" " * 100 * 2**20)
    tracemalloc.start()
    try:
        with pytest.raises(BadFeed, match="larger than 1 MB once unpacked"):
            read(bomb)
        assert tracemalloc.get_traced_memory()[1] < 8 * 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "spoil", [lambda data: data[:-20], lambda data: data[:15] + b"\xff" * 30, lambda _: b"\x1f\x8b"]
)
def test_gzip_data_that_is_broken_is_a_bad_feed(spoil: "type[bytes]") -> None:
    with pytest.raises(BadFeed, match="gzip"):
        read(spoil(gzip.compress(NEWS.encode(), mtime=0)))


@pytest.mark.parametrize("lastmod", ["", "<lastmod>2026-11-20</lastmod>"])
def test_of_60000_addresses_50000_are_read_and_2000_kept_in_proportion(lastmod: str) -> None:
    def listed(many: int) -> str:
        return urlset("".join(f"<url><loc>https://gazette.example/story-{n}</loc>{lastmod}</url>" for n in range(many)))

    def read_all(sitemap: str) -> None:
        listing = read(sitemap)
        assert len(listing.entries) == MAX_ENTRIES
        assert listing.entries[0].url == "https://gazette.example/story-0"

    assert_in_proportion(read_all, listed, 60_000)


def test_the_newest_are_kept_though_some_have_no_date() -> None:
    inner = "".join(f"<url><loc>/undated-{n}</loc></url>" for n in range(MAX_ENTRIES))
    listing = read(urlset(inner + "<url><loc>/new</loc><lastmod>2026-11-22</lastmod></url>"))
    assert listing.entries[0].url == "https://gazette.example/new"


@pytest.mark.parametrize("lastmod", ["2026-11", "yesterday", "9999-99-99", "2085-01-01", "\u202e2026"])
def test_a_date_that_is_none_leaves_the_entry_undated(lastmod: str) -> None:
    (entry,) = read(urlset(f"<url><loc>/a</loc><lastmod>{lastmod}</lastmod></url>")).entries
    assert entry.published_at is None


def test_invalid_utf8_costs_only_its_letters() -> None:
    listing = read(urlset("<url><loc>/a</loc></url>").encode().replace(b"/a", b"/a\xff"))
    assert [entry.url for entry in listing.entries] == ["https://gazette.example/a%EF%BF%BD"]
