"""The fast reader gives what feedparser gives, or nothing."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from feedparser.api import StrictFeedParser
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import MonitorError
from monitor.extract.entries import item, vocabulary
from monitor.extract.entries.fast import read_if_plain
from monitor.extract.entries.feed import parse_feed, prepare_document, read_with_feedparser
from monitor.extract.entries.raw import make_feed
from monitor.model.entries import Listing

FEEDS = Path(__file__).parents[2] / "data" / "feeds"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
URL = "https://example.org/feed.xml"
SPACES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        "dc": "http://purl.org/dc/elements/1.1/",
        "dcterms": "http://purl.org/dc/terms/",
        "content": "http://purl.org/rss/1.0/modules/content/",
        "media": "http://search.yahoo.com/mrss/",
        "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
        "atom": "http://www.w3.org/2005/Atom",
        "sy": "http://purl.org/rss/1.0/modules/syndication/",
        "slash": "http://purl.org/rss/1.0/modules/slash/",
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "own": "http://paper.example/ns",
    }.items()
)


def rss(items: str, head: str = "<title>T</title>", root: str = "") -> bytes:
    return f'<rss version="2.0" {SPACES} {root}><channel>{head}{items}</channel></rss>'.encode()


def atom(entries: str, root: str = "") -> bytes:
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {root}><title>T</title>{entries}</feed>'.encode()


def both_ways(content: bytes) -> tuple[Listing | None, Listing]:
    document = prepare_document(content, None)
    fast = read_if_plain(document, NOW)
    return make_feed(fast, URL, NOW) if fast else None, make_feed(read_with_feedparser(document), URL, NOW)


ITEMS = {
    "plain": "<title>A</title><link>/a</link><guid>g</guid><pubDate>Fri, 20 Nov 2026 10:00:00 +0700</pubDate>",
    "cdata": "<title><![CDATA[A &amp; <b>B</b>]]></title><link><![CDATA[https://a.example/?a=1&b=2]]></link>",
    "escaped": "<title>A &amp;amp; &lt;i&gt;B&lt;/i&gt; &#233;</title><link>/a?x=1&amp;y=2&amp;amp;z=3</link>",
    "khmer": "<title>កម្មករ\u200bកាត់ដេរ</title><link>/ក</link><description>រោងចក្រ</description>",
    "mojibake": "<title>KhmÃ©r</title><link>/a</link>",
    "windows": "<title>A&#147;B&#148;&#133;</title><link>/a</link>",
    "guid is the link": "<title>A</title><guid>https://a.example/1</guid>",
    "guid is no link": '<title>A</title><guid isPermaLink="false">https://a.example/1</guid><link>/b</link>',
    "guid before link": "<guid>https://a.example/1</guid><link>https://a.example/2</link>",
    "two guids": "<guid>one</guid><guid>two</guid><link>/a</link>",
    "many links": '<link>/a</link><atom:link href="/b"/><atom:link rel="enclosure" href="/c"/><link>/d</link>',
    "odd link types": '<guid>/z</guid><atom:link type="application/pdf" href="/z"/><atom:link href="/y"/>',
    "empty link": "<link/><guid>https://a.example/1</guid>",
    "two titles": "<title>A</title><title>B</title><media:title>C</media:title><link>/a</link>",
    "empty title first": "<title/><title>B</title><link>/a</link>",
    "media title first": "<media:title>C</media:title><title>A</title><link>/a</link>",
    "media title alone": '<media:content url="x"><media:title>C</media:title></media:content><link>/a</link>',
    "dublin core": "<dc:title>A</dc:title><link>/a</link><dc:creator>Desk</dc:creator><dc:date>2026-11-20</dc:date>",
    "two authors": "<author>a@b.example (A)</author><dc:creator>C</dc:creator><link>/a</link>",
    "two dates": "<link>/a</link><pubDate>nonsense 2026</pubDate><dc:date>2026-11-19T00:00:00Z</dc:date>",
    "bad date": "<link>/a</link><pubDate>2026-02-30</pubDate><dc:date>2026-11-19T00:00:00Z</dc:date>",
    "no zone": "<link>/a</link><pubDate>20 Nov 2026 10:00:00 -0000</pubDate>",
    "description twice": "<link>/a</link><description>one</description><description>two</description>",
    "content first": "<link>/a</link><content:encoded>long</content:encoded><description>short</description>",
    "content last": "<link>/a</link><description>short</description><content:encoded>long</content:encoded>",
    "content alone": f"<link>/a</link><content:encoded>{'long text ' * 80}</content:encoded>",
    "picture's words": '<link>/a</link><description>d</description><media:group><media:content url="x">'
    "<media:description>caption</media:description></media:content></media:group>",
    "podcast": "<link>/a</link><itunes:author>A</itunes:author><itunes:summary>S</itunes:summary><title>A</title>",
    "source": '<link>/a</link><source url="https://b.example/feed">The Gazette</source><title>A</title>',
    "title after source": '<title>A</title><source url="https://b.example/">G</source><title>B</title><link>/a</link>',
    "strangers": "<link>/a</link><own:title>x</own:title><slash:comments>3</slash:comments><own:x><own:y/></own:x>",
    "enclosure": '<link>/a</link><enclosure url="/b.mp3" length="1" type="audio/mpeg"/><category>c</category>',
    "unknown": "<link>/a</link><date>2026-11-20</date><thumb>x</thumb>",
    "nested": "<link>/a</link><description>a <b>b</b> c</description>",
    "picture": "<link>/a</link><image><title>I</title><url>/i</url></image>",
    "no link": "<title>A</title>",
}
ENTRIES = {
    "plain": '<title>A</title><link href="/a"/><id>tag:a</id><updated>2026-11-20T00:00:00Z</updated>',
    "alternates": '<link rel="self" href="/s"/><link rel="alternate" type="text/plain" href="/t"/><link href="/h"/>',
    "person": "<link href='/a'/><author><name>A</name><email>a@b.example</email><uri>/u</uri></author>",
    "persons": "<link href='/a'/><author><name>A</name></author><author><email>b@b.example</email></author>",
    "nobody": "<link href='/a'/><author><name>A</name></author><author></author>",
    "content": f'<link href="/a"/><summary>s</summary><content type="html">{"&lt;p&gt;a&lt;/p&gt; " * 200}</content>',
    "xhtml": '<link href="/a"/><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>x</p></div></content>',
    "base64": '<link href="/a"/><content type="application/octet-stream">aGVsbG8=</content>',
    "elsewhere": '<link href="/a"/><content type="text/html" src="https://a.example/b"/>',
    "based": '<link href="b"/><id>c</id><content xml:base="https://base.example/d/" type="text">x</content>',
    "source": '<source><title>The Gazette</title><id>x</id><link href="/s"/><author><name>S</name></author></source>'
    '<link href="/a"/><title>A</title>',
    "published and updated": '<link href="/a"/><updated>2026-11-20</updated><published>2026-11-18</published>',
}


@pytest.mark.parametrize("body", ITEMS.values(), ids=ITEMS)
def test_an_item_reads_as_feedparser_reads_it(body: str) -> None:
    fast, slow = both_ways(rss(f"<item>{body}</item>"))
    assert fast is None or fast == slow


@pytest.mark.parametrize("body", ENTRIES.values(), ids=ENTRIES)
def test_an_entry_reads_as_feedparser_reads_it(body: str) -> None:
    fast, slow = both_ways(atom(f"<entry>{body}</entry>"))
    assert fast is None or fast == slow


UNUSUAL = ("unknown", "nested", "picture", "no link", "two dates")


@pytest.mark.parametrize("name", ITEMS)
def test_only_unusual_items_are_left_to_feedparser(name: str) -> None:
    fast, _ = both_ways(rss(f"<item>{ITEMS[name]}</item>"))
    assert (fast is None) == (name in UNUSUAL)


@pytest.mark.parametrize("path", sorted(FEEDS.glob("*.xml")), ids=lambda path: path.stem)
def test_a_kept_feed_reads_as_feedparser_reads_it(path: Path) -> None:
    fast, slow = both_ways(path.read_bytes())
    assert fast is None or fast == slow


HEADS = [
    "<title>T</title><language>km</language><ttl>30</ttl>",
    "<title>T</title><sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>",
    "<title xml:lang='fr_FR'>T</title>",
    "<title>T</title><image><title>I</title><url>/i</url><link>/</link></image>",
    "<title>T</title><title>U</title>",
    "<title>T</title><dc:language>en</dc:language><itunes:owner><itunes:name>N</itunes:name></itunes:owner>",
    "<title>T</title><atom:link rel='self' href='/feed'/><own:x><title>X</title></own:x>",
    "<title>T</title><cloud domain='a.example'/><textInput><title>X</title><name>q</name></textInput>",
    "",
]


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("root", ["", "xml:lang='de_AT'", "xml:lang=''", "lang='it'"])
def test_a_head_reads_as_feedparser_reads_it(head: str, root: str) -> None:
    fast, slow = both_ways(rss("<item><link>/a</link></item>", head, root))
    assert fast is None or fast == slow


RDF = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="{uri}"><channel><title>T</title></channel>'
    '<image><title>I</title></image><item rdf:about="/a"><title>A</title><link>/a</link></item></rdf:RDF>'
)


@pytest.mark.parametrize("uri", ["http://purl.org/rss/1.0/", "http://my.netscape.com/rdf/simple/0.9/"])
def test_rdf_is_read_fast_and_whole(uri: str) -> None:
    fast, slow = both_ways(RDF.format(uri=uri).encode())
    assert fast == slow
    assert len(slow.entries) == 1


@pytest.mark.parametrize(
    "document",
    [
        b"<rss version='2.0'><channel><item><link>/a</link></item>",
        b"<rss version='2.0'><channel><item><title>A & B</title><link>/a</link></item></channel></rss>",
        b"<rss version='2.0'><channel><item><title>&nbsp;</title><link>/a</link></item></channel></rss>",
        b"<!DOCTYPE rss><rss version='2.0'><channel><item><link>/a</link></item></channel></rss>",
        b"<!DOCTYPE rss [<!ENTITY a 'b'>]><rss version='2.0'><channel><item><link>&a;</link></item></channel></rss>",
        b"<rss version='2.0'><channel><item><x:link>/a</x:link></item></channel></rss>",
        b"<rss><channel/><channel/></rss>",
        b"<html><body/></html>",
        b"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>",
        rss("<item><link>/a</link></item>")
        .replace(b"dc/elements/1.1", b"dc/elements/9.9")
        .replace(b"own=", b"media2="),
        b"<rss xmlns:dc='http://search.yahoo.com/mrss/'><channel><item><link>/a</link></item></channel></rss>",
        b"<a>" * 1000,
        b"",
    ],
)
def test_a_document_that_is_not_plain_is_left_to_feedparser_or_read_alike(document: bytes) -> None:
    fast = read_if_plain(document, NOW)
    assert fast is None or make_feed(fast, URL, NOW) == make_feed(read_with_feedparser(document), URL, NOW)


def test_feedparser_has_no_handler_that_the_fast_reader_does_not_know() -> None:
    handled = {
        (name if name.count("_") == 0 else name.replace("_", ":", 1)).lower()
        for name in (method.removeprefix("_start_") for method in dir(StrictFeedParser) if method.startswith("_start_"))
    }
    harmless = (
        "cc:",
        "creativecommons:",
        "georss:",
        "gml:",
        "psc:",
        "admin:",
        "feedburner:",
        "media:",
        "dc:",
        "itunes:",
    )
    unknown = handled - vocabulary.MEANINGFUL - vocabulary.INERT - set(item.Item.STEPS)
    assert {name for name in unknown if not name.startswith(harmless)} <= {"dcterms:valid", "georssgeom"}


TEXTS = st.sampled_from(
    [
        "",
        " ",
        "A",
        "A &amp; B",
        "<![CDATA[<p>x</p>]]>",
        "ក",
        "KhmÃ©r",
        "https://a.example/1?x=1&amp;y=2",
        "/rel",
        "é",
        "a]b",
        "Fri, 20 Nov 2026 10:00:00 GMT",
        "2026-11-20T10:00:00+07:00",
        "a&lt;b",
        "tag:a.example,2026:1",
        "&#150;",
        "a<b/>c",
    ]
)
TAGS = [
    "title",
    "link",
    "guid",
    "description",
    "pubDate",
    "author",
    "category",
    "comments",
    "dc:title",
    "dc:creator",
    "dc:date",
    "dc:description",
    "id",
    "updated",
    "content:encoded",
    "media:title",
    "media:description",
    "media:content",
    "media:group",
    "itunes:author",
    "itunes:summary",
    "source",
    "summary",
    "published",
    "dcterms:modified",
    "own:title",
    "slash:comments",
    "enclosure",
    "atom:link",
    "content",
    "name",
    "image",
    "date",
    "thumb",
]
ATTRIBUTES = st.sampled_from(
    [
        "",
        "",
        "",
        " isPermaLink='false'",
        " type='html'",
        " type='xhtml'",
        " href='/h'",
        " rel='self' href='/s'",
        " url='/u'",
        " xml:lang='km'",
        " xml:base='https://b.example/'",
        " mode='base64'",
        " own:href='/o'",
        " rel='alternate'",
    ]
)


@st.composite
def elements(draw: st.DrawFn, depth: int = 0) -> str:
    tag, attributes = draw(st.sampled_from(TAGS)), draw(ATTRIBUTES)
    inner = draw(TEXTS)
    if depth < 2 and (tag.startswith("media:") or draw(st.integers(0, 9)) == 0):
        inner += "".join(draw(st.lists(elements(depth + 1), max_size=3)))
    return f"<{tag}{attributes}>{inner}</{tag}>"


@settings(max_examples=250)
@given(
    st.lists(st.lists(elements(), max_size=7), min_size=1, max_size=3),
    st.sampled_from(HEADS),
    st.sampled_from(["rss", "atom"]),
)
def test_whatever_is_read_fast_is_what_feedparser_reads(items: list[list[str]], head: str, dialect: str) -> None:
    if dialect == "rss":
        content = rss("".join(f"<item>{''.join(parts)}</item>" for parts in items), head)
    else:
        content = atom("".join(f"<entry>{''.join(parts)}</entry>" for parts in items), SPACES)
    try:
        fast, slow = both_ways(content)
    except MonitorError:
        return
    assert fast is None or fast == slow


LONG = "<p>The ministry said on Thursday that the shelter will stay closed.</p>\n<p>Eleven residents spoke.</p>" * 8


def entry_of(body: str) -> "tuple[str, str]":
    (entry,) = parse_feed(rss(f"<item><link>/a</link>{body}</item>"), URL, None, NOW).entries
    return entry.text, entry.summary


def test_a_feed_that_carries_the_article_gives_its_text_in_paragraphs() -> None:
    text, summary = entry_of(f"<description>Short.</description><content:encoded><![CDATA[{LONG}]]></content:encoded>")
    assert text.split("\n")[:2] == [
        "The ministry said on Thursday that the shelter will stay closed.",
        "Eleven residents spoke.",
    ]
    assert summary == "Short."


def test_the_only_body_is_the_text_however_long_its_summary() -> None:
    assert len(entry_of(f"<content:encoded><![CDATA[{LONG}]]></content:encoded>")[0]) > 500


@pytest.mark.parametrize(
    "body",
    [
        f"<description><![CDATA[{LONG}]]></description>",
        "<description>Short.</description><content:encoded>Short too.</content:encoded>",
        f"<description><![CDATA[{LONG}]]></description><content:encoded><![CDATA[{LONG} More.]]></content:encoded>",
        f"<content:encoded><![CDATA[<img alt='{'x' * 900}'>Short.]]></content:encoded>",
    ],
    ids=["a description", "a short content", "no more than the summary", "markup alone"],
)
def test_a_teaser_is_no_text(body: str) -> None:
    assert entry_of(body)[0] == ""


def test_a_text_is_cut_at_its_cap() -> None:
    text, _ = entry_of(f"<content:encoded><![CDATA[{'<p>word word</p>' * 40_000}]]></content:encoded>")
    assert len(text) == 300_000
    assert text.endswith("…")


def test_another_outlet_is_named_and_the_feeds_own_is_not() -> None:
    source = '<item><link>/a</link><source url="https://b.example/feed">{}</source></item>'
    (other,) = parse_feed(rss(source.format("The Gazette")), URL, None, NOW).entries
    (own,) = parse_feed(rss(source.format(" t ")), URL, None, NOW).entries
    assert (other.outlet, own.outlet) == ("The Gazette", "")


@pytest.mark.parametrize(
    ("head", "seconds"),
    [
        ("<ttl>30</ttl>", 1_800),
        ("<ttl>99999</ttl>", 86_400),
        ("<ttl>-5</ttl>", 0),
        ("<ttl>soon</ttl>", 0),
        ("<ttl>٣</ttl>", 0),
        ("<ttl>0</ttl><sy:updatePeriod>hourly</sy:updatePeriod>", 3_600),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>", 21_600),
        ("<sy:updatePeriod>weekly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", 86_400),
        ("<sy:updatePeriod>whenever</sy:updatePeriod>", 0),
        ("", 0),
    ],
)
def test_a_feed_says_how_long_it_is_to_be_left_alone(head: str, seconds: int) -> None:
    assert parse_feed(rss("", f"<title>T</title>{head}"), URL, None, NOW).ttl_seconds == seconds
