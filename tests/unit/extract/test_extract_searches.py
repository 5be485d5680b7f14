"""What searches answer."""

import json
from datetime import UTC, datetime

import pytest

from monitor.errors import BadFeed, SearchRefused
from monitor.extract.entries.search import read_search
from monitor.model.entries import Listing
from tests.unit.extract.answers import answer

GOOGLE = "https://news.google.com/rss/search?q=x&hl=en-US"
GDELT = "https://api.gdeltproject.org/api/v2/doc/doc?query=x&format=json"
LINKS = (
    "&lt;ol&gt;&lt;li&gt;&lt;a href=&quot;https://news.google.com/rss/articles/CB&quot;&gt;Same&lt;/a&gt;&lt;/ol&gt;"
)


def read(content: bytes | str, url: str = GDELT) -> Listing:
    return read_search(answer(content, url))


def google(title: str, source: str = "", url: str = GOOGLE) -> Listing:
    item = (
        f"<item><title>{title}</title><link>https://news.google.com/rss/articles/CBMi?oc=5</link>"
        f'<guid isPermaLink="false">CBMi</guid><pubDate>Sat, 21 Nov 2026 10:00:00 GMT</pubDate>'
        f"<description>{LINKS}</description>{source}</item>"
    )
    return read(f'<rss version="2.0"><channel><title>"x" - Google News</title>{item}</channel></rss>', url)


def articles(*found: object) -> str:
    return json.dumps({"articles": list(found)})


SOURCE = '<source url="https://gazette.example">The Gazette</source>'


@pytest.mark.parametrize("source", [SOURCE, ""])
def test_google_news_entries_are_leads_with_outlet_and_bare_headline(source: str) -> None:
    (entry,) = google("Court hears case - at last - The Gazette", source).entries
    assert (entry.title, entry.outlet, entry.summary) == ("Court hears case - at last", "The Gazette", "")
    assert (entry.is_lead, entry.published_at) == (True, datetime(2026, 11, 21, 10, 0, tzinfo=UTC))


def test_a_link_through_googles_redirect_is_a_lead_wherever_the_feed_stands() -> None:
    assert google("Court hears case - The Gazette", url="https://mirror.example/rss").entries[0].is_lead


def test_a_google_headline_without_outlet_stays_whole() -> None:
    (entry,) = google("Court hears case").entries
    assert (entry.title, entry.outlet) == ("Court hears case", "")


def test_another_searchs_feed_is_a_normal_feed() -> None:
    (entry,) = read(
        "<rss version='2.0'><channel><item><title>A - B</title><link>https://gazette.example/a</link>"
        "<description>What it says</description></item></channel></rss>",
        "https://www.bing.com/news/search?q=x&format=rss",
    ).entries
    assert (entry.title, entry.summary, entry.is_lead) == ("A - B", "What it says", False)


def test_gdelts_articles_are_read_with_outlet_language_and_date() -> None:
    listing = read(
        articles(
            {
                "url": "https://gazette.example/1",
                "url_mobile": "",
                "title": 'Cambodia \'s court ( again ) hears case , says " no " : judge',
                "seendate": "20261121T101500Z",
                "socialimage": None,
                "domain": "gazette.example",
                "language": "English",
                "sourcecountry": "Cambodia",
            }
        )
    )
    (entry,) = listing.entries
    assert entry.title == 'Cambodia\'s court (again) hears case, says " no ": judge'
    assert (entry.outlet, entry.language, entry.is_lead) == ("gazette.example", "en", False)
    assert entry.published_at == datetime(2026, 11, 21, 10, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Khmer", "km"),
        ("French", "fr"),
        ("Chinese", "zh"),
        ("German", "de"),
        ("Thai", "th"),
        ("Klingon", ""),
        (None, ""),
    ],
)
def test_gdelts_language_names_become_codes(name: str | None, code: str) -> None:
    (entry,) = read(articles({"url": "https://gazette.example/1", "language": name})).entries
    assert entry.language == code


def test_french_keeps_its_space_before_a_colon() -> None:
    title = "Cambodge : le procès , demain"
    (entry,) = read(articles({"url": "https://gazette.example/1", "title": title, "language": "French"})).entries
    assert entry.title == "Cambodge : le procès, demain"


@pytest.mark.parametrize("content", ["{}", '{"articles": []}', "\ufeff{ }"])
def test_an_empty_answer_found_nothing(content: str) -> None:
    assert read(content) == Listing("", "")


def test_bad_items_are_counted_and_the_others_read() -> None:
    listing = read(articles(None, {"title": "no url"}, {"url": "javascript:x"}, {"url": "https://gazette.example/1"}))
    assert (len(listing.entries), listing.rejected) == (1, 3)


def test_control_characters_and_stray_backslashes_do_not_break_gdelts_json() -> None:
    content = '{"articles": [{"url": "https://gazette.example/1", "title": "A\x01 \\"b\\" c\\d \\u0065"}]}'
    assert read(content).entries[0].title == 'A "b" c\\d e'


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("The specified phrase is too short.\x1b[31m\n", "“The specified phrase is too short.\\[31m”"),
        ("Please limit requests to one every 5 seconds", "Please limit requests"),
        (
            "<html><head><title>Before you continue</title></head><script>x()</script><p>We use <b>cookies</b></p>",
            "HTML page.*“Before you continue We use cookies”",
        ),
        ('{"error": "quota\\u0007 exceeded"}', "quota"),
        ('{"articles": "none"}', "articles"),
        ("[1]", "JSON"),
        ("", "empty body"),
        ("%PDF-1.7", "PDF"),
    ],
)
def test_a_remark_in_the_place_of_results_is_quoted(content: str, words: str) -> None:
    with pytest.raises(SearchRefused, match=words):
        read(content)


def test_a_remarks_quotation_has_200_characters_at_most() -> None:
    with pytest.raises(SearchRefused) as caught:
        read("word " * 10_000)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("content", ["{" * 50_000, '{"articles": [', '{"a": ' * 100_000])
def test_broken_json_is_a_bad_feed(content: str) -> None:
    with pytest.raises(BadFeed, match="JSON"):
        read(content)
