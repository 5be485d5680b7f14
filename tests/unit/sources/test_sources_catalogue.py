"""The list of sources, read and written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import ConfigurationError
from monitor.model.archiving import SourceKind, SourceSpec
from monitor.sources.catalogue import MAX_BYTES, MAX_ROWS, read_catalogue, read_wanted, write_catalogue
from monitor.sources.rows import read_interval, write_interval
from monitor.sources.searches import gdelt_url, google_news_url

FULL = """
sources:
  - title: The Gazette
    kind: page
    url: https://gazette.example/news
    language: en
    enabled: no
    only: Cambodia* OR Khmer
    note: "Not yet checked: see."
    tags: [newsroom, world]
    interval: 6h
    links: //a[@class='x']
    proxy: socks5://127.0.0.1:9050
    browser: yes
"""


def fault(text: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        read_catalogue(text, "sources.yaml")
    return str(caught.value)


def row(*lines: str, url: str = "https://gazette.example/feed") -> str:
    body = "".join(f"    {line}\n" for line in ([f"url: {url}"] if url else []) + [*lines])
    return f"sources:\n  - title: The Gazette\n{body}"


def test_a_row_holds_all_that_a_source_has() -> None:
    assert read_catalogue(FULL, "f") == (
        SourceSpec(
            url="https://gazette.example/news",
            title="The Gazette",
            kind="page",
            language="en",
            only="Cambodia* OR Khmer",
            note="Not yet checked: see.",
            is_enabled=False,
            tags=("newsroom", "world"),
            interval_seconds=21_600,
            links="//a[@class='x']",
            proxy_url="socks5://127.0.0.1:9050",
            needs_browser=True,
        ),
    )


def test_a_row_needs_a_title_and_an_address_only() -> None:
    assert read_catalogue(row(), "f") == (SourceSpec("https://gazette.example/feed", "The Gazette"),)


def test_norwegian_is_a_language_and_no_refusal() -> None:
    assert read_catalogue(row("language: no"), "f")[0].language == "no"


def test_keys_without_a_value_may_wait_to_be_filled_in() -> None:
    assert read_catalogue(row("note:", "only: ~", "tags:", "interval:", "links: ''"), "f") == read_catalogue(row(), "f")


def test_tags_may_stand_in_one_line() -> None:
    assert read_catalogue(row("tags: newsroom, world"), "f")[0].tags == ("newsroom", "world")


def test_a_search_is_composed_from_its_query() -> None:
    google = row("kind: search", "search: google-news", "query: site:other.example", "edition: en-GB", url="")
    assert read_catalogue(google, "f")[0].url == google_news_url("site:other.example", "en", "GB")
    gdelt = row("kind: search", "search: gdelt", "query: Cambodia raid", url="")
    assert read_catalogue(gdelt, "f")[0].url == gdelt_url("Cambodia raid")


def test_what_is_wanted_is_no_source_yet() -> None:
    text = row() + "wanted:\n  - title: The Herald\n    why: Everybody reads it.\n"
    assert len(read_catalogue(text, "f")) == 1
    assert [(wanted.title, wanted.why) for wanted in read_wanted(text, "f")] == [("The Herald", "Everybody reads it.")]


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("30m", 1800), ("6h", 21_600), ("1d", 86_400), ("600", 600)]
)
def test_an_interval_is_written_as_people_say_it(text: str, seconds: int) -> None:
    assert read_interval(text) == seconds
    assert read_interval(write_interval(seconds)) == seconds


@pytest.mark.parametrize("text", ["", "5", "1w", "-1h", "1.5h", "31d", "٣٠m", "6h6h", "9" * 400])
def test_an_interval_that_is_none_says_how_to_write_it(text: str) -> None:
    with pytest.raises(ValueError, match='"30m", "6h" or "1d"'):
        read_interval(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (row("ulr: x"), 'sources.yaml:4:5: source "The Gazette": unknown key "ulr" (did you mean "url"?)'),
        (row("zzz: x"), 'unknown key "zzz" (known: title, kind, url,'),
        (row("kind: fed"), "sources.yaml:4:11: source \"The Gazette\": \"kind\": input should be 'feed', 'page'"),
        (row("interval: soon"), 'sources.yaml:4:15: source "The Gazette": "interval": write it as "30m"'),
        (row("enabled: perhaps"), '"enabled" is true or false'),
        (row("language: Khmer"), '"language": '),
        (row("tags: {a: b}"), '"tags": '),
        (row("title: Again"), 'sources.yaml:4:5: source "The Gazette": "title" stands twice'),
        (row(url=""), '"url" is missing: a source needs its address'),
        (row(url="javascript:alert(1)"), '"url": '),
        (row(url="ftp://gazette.example/"), "only http and https"),
        (row(url="https://me:secret@gazette.example/"), '"url": '),
        (row("kind: newsletter", url="imaps://me:secret@mail.example/News"), "without the password"),
        (row("proxy: socks5://me:secret@127.0.0.1:9050"), "without a password"),
        (row("query: raid"), '"query" and "edition" belong to a search'),
        (row("kind: search", "search: gdelt", "query: raid"), 'and no "url:"'),
        (row("kind: search", "search: gdelt", "query: raid", "edition: en-US", url=""), "for google-news only"),
        (row("kind: search", "search: bing", "query: raid", url=""), '"search": '),
        ("sources: [{url: 'https://gazette.example/'}]", '"title" is missing'),
        ("sources: [a]", "a row is a list of keys"),
        ("sources: x", 'under "sources:" stand rows'),
        ("sorces: []", 'unknown key "sorces" (did you mean "sources"?)'),
        ("- a", '"sources:" is missing'),
        ("", "the list is empty"),
        ("sources: [", "this is not YAML"),
        ("sources:\n\t- a", "sources.yaml:2:1: this is not YAML"),
        ("sources:\n  - title: a: b", 'put a text that holds ": " in quotes'),
        ("sources: []\n---\nsources: []", "a list is one document"),
        ("sources: &a []\nwanted: *a", "sources.yaml:1:10: & and * refer to other places"),
        ("sources: *a", "this is not YAML"),
        (row("note: a\x00b"), "sources.yaml:4:12: an invisible control character (U+0000)"),
        (row("note: a\u202eb"), "U+202E"),
        (row('note: "a\ud800b"'), "U+D800"),
        ("sources: " + "[" * 500, "nested too deeply"),
        ("sources: " + "[" * 30 + "]" * 30, "nested too deeply"),
        (f"sources: [{'{},' * (MAX_ROWS + 1)}]", "at most 20,000 rows; this one has 20,001"),
        ("#" * (MAX_BYTES + 1), "at most 5 MB"),
    ],
)
def test_a_fault_is_told_with_its_place_its_row_and_what_to_do(text: str, told: str) -> None:
    assert told in fault(text)


def test_several_wrong_rows_are_all_told() -> None:
    wrong = "".join(f"  - title: G{number}\n    url: https://g{number}.example/\n    knd: x\n" for number in range(60))
    lines = fault("sources:\n" + wrong).splitlines()
    assert lines[0].startswith('sources.yaml:4:5: source "G0": unknown key "knd"')
    assert len(lines) == 51
    assert lines[-1] == "sources.yaml: and 10 more"


def test_two_rows_of_one_address_are_named_both() -> None:
    twice = row() + "  - title: Again\n    url: http://www.gazette.example/feed/\n"
    assert fault(twice) == 'sources.yaml:4:5: source "Again": its address stands on line 2 already'


def test_the_sample_is_no_row_of_a_written_list() -> None:
    assert read_catalogue(write_catalogue([SourceSpec("https://g.example/", "G", is_sample=True)]), "f") == ()


def test_a_written_search_shows_its_query() -> None:
    spec = SourceSpec(google_news_url("Cambodia raid"), "News", "search")
    text = write_catalogue([spec])
    assert "query: Cambodia raid" in text
    assert "url:" not in text
    assert read_catalogue(text, "f") == (spec,)


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Cf"], exclude_characters="\ufffe\uffff"))
LINES = WORDS.map(str.strip)


@given(
    title=LINES.filter(bool).map(lambda text: text[:100]),
    only=LINES,
    note=LINES,
    tags=st.lists(LINES.filter(bool).map(lambda text: text[:20].strip()), max_size=3),
    interval=st.none() | st.integers(60, 30 * 86_400),
    kind=st.sampled_from(["feed", "page", "sitemap", "search", "watch"]),
    language=st.sampled_from(["", "en", "no", "zh-Hant"]),
    enabled=st.booleans(),
)
def test_what_is_written_reads_back_the_same(
    title: str,
    only: str,
    note: str,
    tags: list[str],
    interval: int | None,
    kind: SourceKind,
    language: str,
    enabled: bool,
) -> None:
    spec = SourceSpec(
        url="https://gazette.example/feed?a=1",
        title=title.strip(),
        kind=kind,
        language=language,
        only=only,
        note=note,
        is_enabled=enabled,
        tags=tuple(tags),
        interval_seconds=interval,
        links=note,
    )
    assert read_catalogue(write_catalogue([spec]), "f") == (spec,)
