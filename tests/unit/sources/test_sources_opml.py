"""Sources exchanged with other programs."""

from datetime import UTC, datetime

import pytest
from lxml import etree

from monitor.errors import ConfigurationError
from monitor.model.archiving import SourceSpec
from monitor.sources.opml import MAX_BYTES, read_opml, write_opml

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def opml(body: str, before: str = "") -> bytes:
    return f'<?xml version="1.0"?>{before}<opml version="2.0"><head/><body>{body}</body></opml>'.encode()


def feed(url: str = "https://gazette.example/feed", more: str = "") -> str:
    return f'<outline type="rss" text="The Gazette" xmlUrl="{url}" {more}/>'


def read(body: str) -> tuple[tuple[SourceSpec, ...], tuple[str, ...]]:
    return read_opml(opml(body), "feeds.opml")


def refusal(content: bytes) -> str:
    with pytest.raises(ConfigurationError, match=r"^feeds\.opml: ") as caught:
        read_opml(content, "feeds.opml")
    return str(caught.value)


def test_folders_and_categories_become_tags() -> None:
    body = (
        f'<outline text="Asia"><outline text="Cambodia">{feed(more="category=&quot;/news/km,daily&quot;")}</outline>'
        "</outline>"
    ).replace("&quot;", '"')
    specs, refused = read(body)
    assert specs == (
        SourceSpec("https://gazette.example/feed", "The Gazette", tags=("Asia", "Cambodia", "news", "km", "daily")),
    )
    assert refused == ()


def test_sources_stand_in_the_order_of_the_document() -> None:
    specs, _ = read("".join(feed(f"https://g{number}.example/") for number in range(5)))
    assert [spec.url for spec in specs] == [f"https://g{number}.example/" for number in range(5)]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (feed("javascript:alert(1)"), "javascript:alert(1) is not a web address"),
        (feed("file:///etc/passwd"), "file:///etc/passwd is not a web address"),
        (feed("https://me:secret@gazette.example/"), "is not a web address"),
        (feed("/feed"), "/feed is not a web address"),
        ('<outline text="The Gazette"/>', "it has no xmlUrl"),
        (feed() + feed("http://www.gazette.example/feed/"), "its address is that of 'The Gazette'"),
        ("<outline text='f'>" * 20 + feed() + "</outline>" * 20, "more than 20 folders deep"),
    ],
)
def test_a_row_that_gives_no_source_is_listed_with_the_reason(row: str, why: str) -> None:
    _, refused = read(row)
    assert len(refused) == 1
    assert refused[0].startswith('"The Gazette": ')
    assert why in refused[0]


def test_a_row_is_read_whatever_the_case_of_its_attributes_and_an_unknown_kind_is_a_feed() -> None:
    specs, _ = read('<outline TITLE="G" XMLURL="https://g.example/" monitorKind="telepathy" monitorInterval="soon"/>')
    assert specs == (SourceSpec("https://g.example/", "G"),)


def test_a_strangers_file_sets_no_proxy_no_browser_and_no_mailbox() -> None:
    specs, _ = read(feed(more='monitorProxy="http://evil.example" monitorBrowser="true" monitorKind="newsletter"'))
    assert specs == (SourceSpec("https://gazette.example/feed", "The Gazette"),)


def test_an_external_entity_is_neither_read_nor_fetched() -> None:
    doctype = '<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    assert "it has a DOCTYPE" in refusal(opml('<outline text="a">&x;</outline>', doctype))


def test_a_bomb_of_entities_is_refused() -> None:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    bomb = opml('<outline text="&l11;"/>', f'<!DOCTYPE opml [<!ENTITY l0 "ha">{entities}]>')
    assert "DOCTYPE" in refusal(bomb) or "not XML" in refusal(bomb)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "this is not XML"),
        (b"<opml", "this is not XML"),
        (b"\x00\x01", "this is not XML"),
        (b"<opml/>", "this is not OPML"),
        (b"<rss><channel/></rss>", "this is not OPML"),
        (b" " * (MAX_BYTES + 1), "more than 10 MB"),
        (opml("<outline text='f'>" * 5000 + "</outline>" * 5000), "this is not XML"),
        (opml("<outline text='f'/>" * 20_001), "more than 20,000 rows"),
    ],
)
def test_a_document_that_cant_be_used_is_refused_with_its_name(content: bytes, told: str) -> None:
    assert told in refusal(content)


def test_many_refused_rows_are_told_in_part() -> None:
    _, refused = read("<outline text='f'/>" * 1005)
    assert len(refused) == 1001
    assert refused[-1] == "and 5 more"


def test_khmer_in_utf_16_is_read() -> None:
    text = '<?xml version="1.0" encoding="UTF-16"?><opml><body><outline text="ដំណឹង" xmlUrl="https://g.example/"/></body></opml>\n'
    specs, _ = read_opml(text.encode("utf-16"), "f")
    assert [spec.title for spec in specs] == ["ដំណឹង"]


SPECS = (
    SourceSpec("https://gazette.example/feed?a=1&b=2", 'The "Gazette" & <co>', tags=("world", "km"), language="en"),
    SourceSpec("https://herald.example/", "ដំណឹង", "page", note="n", links="//a[@class='x']", interval_seconds=5400),
    SourceSpec("https://post.example/s.xml", "Post", "sitemap", only='Cambodia* OR "Phnom Penh"', is_enabled=False),
)


def test_what_is_written_reads_back_the_same() -> None:
    content = write_opml(SPECS, "Mine", NOW)
    assert read_opml(content, "f") == (SPECS, ())
    head = etree.fromstring(content)
    assert head.findtext("head/title") == "Mine"
    assert head.findtext("head/dateCreated") == "Sun, 22 Nov 2026 06:00:00 +0000"


def test_the_sample_and_mailboxes_are_not_exported() -> None:
    specs = (
        SourceSpec("https://newsroom.example/feed.xml", "Sample", is_sample=True),
        SourceSpec("imaps://me@mail.example/News", "Letter", "newsletter"),
    )
    assert read_opml(write_opml(specs, "Mine", NOW), "f") == ((), ())


def test_control_characters_in_a_title_break_no_document() -> None:
    content = write_opml([SourceSpec("https://g.example/", "a\x00\x07\ud800\u202eb")], "t\x00", NOW)
    assert [spec.title for spec in read_opml(content, "f")[0]] == ["ab"]
