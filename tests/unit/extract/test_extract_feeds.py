import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.errors import BadFeed, NotAFeed
from monitor.extract.entries.feed import parse_feed
from monitor.extract.entries.raw import MAX_ENTRIES
from monitor.model.entries import Listing
from tests.growth import assert_in_proportion

FEEDS = Path(__file__).parents[2] / "data" / "feeds"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
URL = "https://example.org/feed.xml"


def parse(content: bytes, content_type: str | None = None) -> Listing:
    return parse_feed(content, URL, content_type, NOW)


def rss(items: str, prolog: str = "") -> bytes:
    return f'{prolog}<rss version="2.0"><channel><title>T</title>{items}</channel></rss>'.encode()


@pytest.mark.parametrize("expected", sorted(FEEDS.glob("*.toml")), ids=lambda path: path.stem)
def test_a_feed_reads_as_its_expectation_says(expected: Path) -> None:
    wanted = tomllib.loads(expected.read_text(encoding="utf-8"))
    (source,) = (path for path in FEEDS.glob(f"{expected.stem}.*") if path != expected)
    feed = parse_feed(source.read_bytes(), wanted["url"], None, NOW)
    assert (feed.title, feed.language, feed.rejected) == (
        wanted["title"],
        wanted.get("language", ""),
        wanted.get("rejected", 0),
    )
    assert [entry.url for entry in feed.entries] == [entry["url"] for entry in wanted["entries"]]
    for entry, wanted_entry in zip(feed.entries, wanted["entries"], strict=True):
        for name, value in wanted_entry.items():
            assert getattr(entry, name) == (None if value == "none" else value), f"{entry.url}: {name}"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty body"),
        (b" \n\t" * 1000, "white space"),
        (b"\xef\xbb\xbf", "unknown"),
        (b"x", "plain text"),
        (b"/etc/passwd", "plain text"),
        (b"http://127.0.0.1:9/feed", "plain text"),
        (b"<!doctype html><html><body><p>Just a moment...</p></body></html>", "HTML"),
        (b"<html><head><title>rss feed</title></head></html>", "HTML"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"PK\x03\x04....", "ZIP"),
        (b'<?xml version="1.0"?><note><to>you</to></note>', "XML"),
        (b'{"error": "not found"}', "JSON"),
        (b'{"version": null}', "JSON"),
        (b"[1, 2]", "JSON"),
        (b'[{"version": "https://jsonfeed.org/version/1"}]', "JSON"),
    ],
)
def test_what_is_no_feed_is_named(content: bytes, words: str) -> None:
    with pytest.raises(NotAFeed, match=words):
        parse(content)


@pytest.mark.parametrize(
    "content",
    [
        b'{"version": "https://jsonfeed.org/version/1.1", "items": "none"}',
        b'{"version": "https://jsonfeed.org/version/1.1", "items": {}}',
        b'{"version": "https://jsonfeed.org/version/1.1", "title": []}',
        b'{"version": "https://jsonfeed.org/version/1.1", "items": [',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"n": ' + b"9" * 10_000 + b"}",
    ],
)
def test_a_broken_json_feed_is_a_bad_feed(content: bytes) -> None:
    with pytest.raises(BadFeed):
        parse(content)


def test_a_feed_without_entries_is_still_a_feed() -> None:
    assert parse(rss("")) == Listing("T", "")
    assert parse(b'{"version": "https://jsonfeed.org/version/1", "title": null, "items": null}') == Listing("", "")
    assert parse(b'<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title></feed>').entries == ()


ENTITY = '<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "content",
    [
        rss("<item><title>&b;</title><link>/a</link></item>", ENTITY),
        rss("<item><link>/a</link></item>", f'<?xml version="1.0"?>\n<!-- x --><?y ?>\n{ENTITY}'),
        rss("<item><link>/a</link></item>", "<!DOCTYPE rss [<?x <!-- ?><!ENTITY a 'ha'><?y --> ?>]>"),
        rss("<item><link>/a</link></item>", '<!DOCTYPE rss [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]>'),
        rss("<item><title>&x;</title></item>", '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
        f'<?xml version="1.0" encoding="utf-16"?>{rss("", ENTITY).decode()}'.encode("utf-16"),
        b'<?xml version="1.0" encoding="utf-7"?>' + rss("", ENTITY).decode().encode("utf-7"),
        b"<!--x-->" * 20_000 + rss("", ENTITY),
    ],
)
def test_a_feed_that_declares_entities_is_refused(content: bytes) -> None:
    with pytest.raises(BadFeed, match="entities"):
        parse(content)


def test_comments_before_a_document_type_cost_in_proportion() -> None:
    def refuse(content: bytes) -> None:
        with pytest.raises(BadFeed, match="entities"):
            parse(content)

    assert_in_proportion(refuse, lambda many: b"<!--x-->" * many + rss("", ENTITY), 20_000)


def test_a_harmless_doctype_and_a_report_about_entities_pass() -> None:
    netscape = '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.example/rss-0.91.dtd">'
    assert len(parse(rss("<item><link>/a</link></item>", netscape)).entries) == 1
    (entry,) = parse(rss("<item><link>/a</link><title><![CDATA[What <!ENTITY does]]></title></item>")).entries
    assert entry.title.startswith("What")


HEADLINE = "Näherinnen – “Löhne” steigen"
ITEM = f"<item><title>{HEADLINE}</title><link>/a</link></item>"


@pytest.mark.parametrize(
    ("encoding", "prolog", "content_type"),
    [
        ("utf-8", "", None),
        ("utf-8", '<?xml version="1.0" encoding="ISO-8859-1"?>', "text/xml; charset=ISO-8859-1"),
        ("utf-8", "", "text/xml"),
        ("utf-8", "", "text/html; charset=no-such-charset"),
        ("utf-8-sig", '<?xml version="1.0"?>', "application/rss+xml"),
        ("cp1252", '<?xml version="1.0" encoding="windows-1252"?>', "text/xml"),
        ("cp1252", "", "application/rss+xml; charset=windows-1252"),
        ("cp1252", "", 'application/rss+xml; charset="ISO-8859-1"'),
        ("utf-16", '<?xml version="1.0" encoding="utf-16"?>', "application/xml"),
        ("utf-16-le", '<?xml version="1.0" encoding="utf-16"?>', None),
        ("gb18030", '<?xml version="1.0" encoding="gb2312"?>', None),
    ],
)
def test_a_headline_survives_what_servers_say_of_its_charset(
    encoding: str, prolog: str, content_type: str | None
) -> None:
    (entry,) = parse(rss(ITEM, prolog).decode().encode(encoding), content_type).entries
    assert entry.title == HEADLINE


@pytest.mark.parametrize(
    ("prolog", "content_type"),
    [
        ('<?xml version="1.0" encoding="iso-2022-jp"?>', None),
        ("", "application/xml; charset=iso-2022-jp"),
        ('<?xml version="1.0" encoding="utf-8"?>', "application/xml; charset=iso-2022-jp"),
        ('<?xml-stylesheet encoding="utf-8"?>', "application/xml; charset=iso-2022-jp"),
    ],
)
def test_bytes_that_are_all_ascii_may_still_stand_for_other_characters(prolog: str, content_type: str | None) -> None:
    item = "<item><title>労働者</title><link>/a</link></item>"
    content = rss(item, prolog).decode().encode("iso-2022-jp")
    assert content.isascii()
    assert parse(content, content_type).entries[0].title == "労働者"


def test_wrong_bytes_never_break_a_feed() -> None:
    (entry,) = parse(b'<?xml version="1.0"?>' + rss("<item><title>a\xff\x81b</title><link>/a</link></item>")).entries
    assert entry.title.startswith("a")


def test_references_to_no_character_never_break_a_feed() -> None:
    title = "a\x01\x0b&#0;&#xD800;&#xFFFE;&#x110000;&#99999999999;b &#xD83D;&#xDE00; &#55357;&#56832; &#x1F600;&#233;"
    (entry,) = parse(rss(f"<item><title>{title}</title><link>/a</link></item>")).entries
    assert entry.title == "a\ufffd\ufffd\ufffd\ufffdb 😀 😀 😀é"


def test_an_unclosed_feed_gives_what_it_holds() -> None:
    assert len(parse(rss("<item><title>A & B</title><link>/a</link></item><item><link>/b</li")).entries) >= 1


def test_of_more_entries_than_a_feed_may_have_the_newest_are_kept() -> None:
    items = "".join(
        f"<item><link>/{n}</link><pubDate>2026-{1 + n % 10:02}-{1 + n % 28:02}T00:00:00Z</pubDate></item>"
        for n in range(MAX_ENTRIES + 500)
    )
    feed = parse(rss(items))
    assert (len(feed.entries), feed.rejected) == (MAX_ENTRIES, 0)
    dates = [entry.published_at for entry in feed.entries if entry.published_at is not None]
    assert dates == sorted(dates, reverse=True)
    undated = parse(rss("<item><link>/new</link></item>" + items))
    assert undated.entries[0].url == "https://example.org/new"


def test_a_monstrous_guid_still_tells_entries_apart() -> None:
    items = "".join(
        f"<item><link>/{n}</link><guid isPermaLink='false'>{'g' * 100_000}{n}</guid></item>" for n in (1, 2)
    )
    first, second = parse(rss(items)).entries
    assert first.guid != second.guid
    assert len(first.guid) < 100


@pytest.mark.slow
@pytest.mark.parametrize(
    ("describe", "size"),
    [
        (lambda size: "&lt;!--" * size, 50_000),
        (lambda size: "<![CDATA[" + "<!--" * size + "]]>", 75_000),
        (lambda size: "&amp;" * size, 60_000),
        (lambda size: "&lt;a " * size, 50_000),
        (lambda size: "&lt;style&gt;" * size, 25_000),
        (lambda size: "<a>" * size + "</a>" * size, 20_000),
        (lambda size: "&lt;div&gt;" * size, 20_000),
    ],
    ids=["comments", "cdata comments", "ampersands", "links", "styles", "nested XML", "nested markup"],
)
def test_three_hundred_kilobytes_of_one_trick_cost_in_proportion(describe: Callable[[int], str], size: int) -> None:
    def make(size: int) -> bytes:
        trick = describe(size)
        return rss(f"<item><title>{trick}</title><link>/a</link><description>{trick}</description></item>")

    def read(content: bytes) -> None:
        assert len(parse(content).entries) == 1

    assert_in_proportion(read, make, size)
