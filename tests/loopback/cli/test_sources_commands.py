"""`monitor sources` as operators type it: what is found at an address, changed, listed, taken in and given out."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from monitor.sources.catalogue import read_catalogue
from tests.loopback.newsroom import Terminal, feed, terminal_in
from tests.loopback.servers import respond

RSS = {"Content-Type": "application/rss+xml"}
HTML = {"Content-Type": "text/html; charset=utf-8"}


@pytest.fixture
async def terminal(tmp_path: Path) -> AsyncIterator[Terminal]:
    async with terminal_in(tmp_path) as terminal:
        yield terminal


def home(terminal: Terminal, *feeds: str, body: str = "Welcome.") -> str:
    """Serve a home page that names these feeds, and return its address."""
    links = "".join(f"<link rel='alternate' type='application/rss+xml' href='{path}' title='{path}'>" for path in feeds)
    page = f"<html><head><title>The Gazette</title>{links}</head><body><p>{body}</p></body></html>"
    terminal.paper.server.routes["/"] = respond(200, HTML, page.encode())
    return terminal.paper.server.url("/")


@pytest.mark.slow
async def test_a_home_page_with_one_feed_is_added_by_it_and_shows_what_would_be_read(terminal: Terminal) -> None:
    added = await terminal.starts("sources", "add", home(terminal, "/feed.xml"), "--tags", "press, harbour")
    assert added.code == 0, added.err
    assert "A night in the shed" in added.out
    assert f"({terminal.paper.server.url('/feed.xml')}), a feed." in added.out
    again = await terminal.types("sources", "add", terminal.paper.server.url("/feed.xml"))
    assert again.code == 2
    assert "is a source already" in again.err
    (record,) = (await terminal.types("sources", "list", "--tag", "harbour", "--json")).records
    assert record["tags"] == ["press", "harbour"]
    none = await terminal.types("sources", "list", "--tag", "ngo")
    assert "No sources with the tag 'ngo' yet" in none.out


async def test_a_home_page_with_several_feeds_lists_them_and_adds_none(terminal: Terminal) -> None:
    terminal.paper.server.routes["/sport.xml"] = respond(200, RSS, feed([("A match", terminal.paper.server.url("/9"))]))
    url = home(terminal, "/feed.xml", "/sport.xml")
    found = await terminal.types("sources", "add", url)
    assert found.code == 1
    assert "A night in the shed" in found.out
    assert f"monitor sources add {terminal.paper.server.url('/sport.xml')}" in found.out
    assert "nothing was added: choose one" in found.err
    as_json = await terminal.types("sources", "add", url, "--json")
    assert as_json.code == 1
    assert {record["added"] for record in as_json.records} == {False}
    assert (await terminal.types("sources", "list", "--json")).records == []


async def test_an_address_with_nothing_to_follow_says_so_and_adds_nothing(terminal: Terminal) -> None:
    missing = await terminal.types("sources", "add", terminal.paper.server.url("/nowhere"))
    assert missing.code == 1
    assert "404" in missing.err
    bare = await terminal.types("sources", "add", home(terminal))
    assert bare.code != 0
    assert (await terminal.types("sources", "list", "--json")).records == []


@pytest.mark.slow
async def test_a_page_is_added_with_its_links_and_changed_disabled_and_enabled(terminal: Terminal) -> None:
    home(terminal, body="<h2><a href='/1'>Workers of the pier locked in over night</a></h2>")
    options = ("--links", "h2 a", "--interval", "6h", "--proxy", "direct", "--title", "Front", "--language", "en")
    added = await terminal.types("sources", "add", terminal.paper.server.url("/"), *options)
    assert added.code == 0, added.err
    assert "a page." in added.out
    (record,) = (await terminal.types("sources", "list", "--json")).records
    assert (record["kind"], record["links"], record["interval_seconds"]) == ("page", "h2 a", 21_600)
    assert (record["proxy"], record["title"], record["language"]) == ("direct", "Front", "en")
    edited = await terminal.types("sources", "edit", "Front", "--interval", "", "--tags", "a,b", "--links", "//h2/a")
    assert edited.code == 0, edited.err
    (record,) = (await terminal.types("sources", "list", "--json")).records
    assert (record["interval_seconds"], record["tags"], record["links"]) == (None, ["a", "b"], "//h2/a")
    assert "Disabled Front" in (await terminal.types("sources", "disable", "1")).out
    assert "disabled" in (await terminal.types("sources", "list")).out
    assert "No source is due" in (await terminal.starts("poll")).out
    assert "it is due at once" in (await terminal.types("sources", "enable", "1")).out
    polled = await terminal.starts("poll")
    assert polled.code == 0, polled.err
    assert "1 article read" in polled.out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--kind", "blog"), "--kind 'blog' is none; they are feed, page, watch"),
        (("--interval", "soon"), "--interval write it as"),
        (("--interval", "1s"), "--interval write it as"),
        (("--proxy", "socks5://user:word@127.0.0.1:9050"), "proxy"),
        (("--only", "(pier"), "`only` is no query"),
        (("--language", "klingonish"), "is no language"),
    ],
)
async def test_a_source_that_can_not_be_used_is_refused_with_the_reason(
    terminal: Terminal, options: tuple[str, ...], words: str
) -> None:
    refused = await terminal.types("sources", "add", terminal.paper.server.url("/feed.xml"), *options)
    assert refused.code == 2
    assert words in refused.err
    assert "word@" not in refused.err
    assert terminal.paper.server.requests == []


async def test_an_edit_that_would_break_a_source_is_refused_and_leaves_it_alone(terminal: Terminal) -> None:
    for path in ("/feed.xml", "/other.xml"):
        assert (await terminal.types("sources", "add", terminal.paper.server.url(path), "--no-check")).code == 0
    before = (await terminal.types("sources", "list", "--json")).records
    taken = await terminal.types("sources", "edit", "1", "--url", terminal.paper.server.url("/other.xml"))
    assert taken.code == 2
    assert "another source's address already" in taken.err
    nothing = await terminal.types("sources", "edit", "1")
    assert "say what to change" in nothing.err
    nobody = await terminal.types("sources", "edit", "7", "--title", "x")
    assert "no source '7'" in nobody.err
    assert (await terminal.types("sources", "list", "--json")).records == before


@pytest.mark.parametrize("url", ["", "no address", "file:///etc/passwd", "http://user:word@gazette.example/"])
async def test_an_edit_to_an_address_that_monitor_can_not_fetch_is_refused(terminal: Terminal, url: str) -> None:
    await terminal.types("sources", "add", terminal.paper.server.url("/feed.xml"), "--no-check")
    refused = await terminal.types("sources", "edit", "1", "--url", url)
    assert refused.code == 2
    (record,) = (await terminal.types("sources", "list", "--json")).records
    assert record["url"] == terminal.paper.server.url("/feed.xml")


SOURCES = """
sources:
  - title: The Gazette
    url: https://gazette.example/feed.xml
    language: en
    tags: [press]
    interval: 2h
  - title: Harbour office
    kind: watch
    url: https://harbour.example/notice
    proxy: direct
  - title: A search
    kind: search
    search: google-news
    query: pier
  - title: Front page
    kind: page
    url: https://front.example/
    links: "h2 a"
    enabled: false
    only: pier OR harbour
"""


async def test_a_list_that_goes_out_as_yaml_comes_in_as_it_was(terminal: Terminal) -> None:
    (terminal.folder / "in.yaml").write_text(SOURCES, encoding="utf-8")
    imported = await terminal.types("sources", "import", "in.yaml", "--tags", "imported")
    assert imported.code == 0, imported.err
    assert "4 sources added, 0 refused" in imported.out
    again = await terminal.types("sources", "import", "in.yaml")
    assert "0 sources added, 4 known already, 0 refused" in again.out
    assert "4 sources written" in (await terminal.types("sources", "export", "out.yaml")).out
    written = read_catalogue((terminal.folder / "out.yaml").read_text(encoding="utf-8"), "out.yaml")
    given = read_catalogue(SOURCES, "in.yaml")
    assert [spec.url for spec in written] == [spec.url for spec in given]
    assert [(spec.only, spec.links, spec.is_enabled, spec.interval_seconds) for spec in written] == [
        (spec.only, spec.links, spec.is_enabled, spec.interval_seconds) for spec in given
    ]
    assert all(spec.tags[-1] == "imported" for spec in written)
    assert "1 source written" in (await terminal.types("sources", "export", "press.yaml", "--tag", "press")).out


async def test_a_list_that_goes_out_as_opml_comes_into_another_archive(terminal: Terminal) -> None:
    (terminal.folder / "in.yaml").write_text(SOURCES, encoding="utf-8")
    await terminal.types("sources", "import", "in.yaml")
    assert (await terminal.types("sources", "export", "out.opml")).code == 0
    elsewhere = {"MONITOR_DATA_DIR": str(terminal.folder / "elsewhere")}
    imported = await terminal.types("sources", "import", "out.opml", "--json", **elsewhere)
    assert imported.records[0]["new"] >= 1, imported.err
    records = (await terminal.types("sources", "list", "--json", **elsewhere)).records
    assert "https://gazette.example/feed.xml" in {record["url"] for record in records}


async def test_rows_that_can_not_be_used_are_named_and_the_others_come_in(terminal: Terminal) -> None:
    outlines = "".join(
        f'<outline type="rss" text="{title}" xmlUrl="{url}"/>'
        for title, url in (
            ("Good", "https://gazette.example/feed.xml"),
            ("Odd", "javascript:alert(1)"),
            ("Empty", ""),
        )
    )
    body = f'<opml version="2.0"><head><title>Feeds</title></head><body>{outlines}</body></opml>'
    (terminal.folder / "feeds.opml").write_text(body, encoding="utf-8")
    imported = await terminal.types("sources", "import", "feeds.opml")
    assert imported.code == 1
    assert "1 source added" in imported.out
    assert "Odd" in imported.err
    assert [record["title"] for record in (await terminal.types("sources", "list", "--json")).records] == ["Good"]


async def test_a_yaml_list_with_a_fault_names_line_and_column_and_adds_nothing(terminal: Terminal) -> None:
    (terminal.folder / "in.yaml").write_text(f"{SOURCES}  - title: Broken\n    kind: blog\n", encoding="utf-8")
    refused = await terminal.types("sources", "import", "in.yaml")
    assert refused.code == 3
    assert "in.yaml:" in refused.err
    assert "Broken" in refused.err
    missing = await terminal.types("sources", "import", "nowhere.yaml")
    assert missing.code == 2
    assert "nowhere.yaml can't be read" in missing.err
    assert (await terminal.types("sources", "list", "--json")).records == []


@pytest.mark.slow
async def test_the_health_of_sources_shows_what_is_wrong_and_what_to_do(terminal: Terminal) -> None:
    gone = terminal.paper.server.url("/gone.xml")
    terminal.paper.server.routes["/gone.xml"] = respond(410)
    terminal.paper.server.routes["/busy.xml"] = respond(503)
    for url, title in ((gone, "Gone Post"), (terminal.paper.server.url("/busy.xml"), "Busy Post")):
        await terminal.types("sources", "add", url, "--title", title, "--no-check")
    await terminal.types("sources", "add", terminal.paper.server.url("/feed.xml"))
    await terminal.starts("poll")
    shown = await terminal.types("sources", "health")
    assert shown.code == 0, shown.err
    assert "Gone Post (1): is gone" in shown.out
    assert "What to do: Look for its new address; if there is none, disable it." in shown.out
    assert "too lately to be called ill" in shown.out
    assert "Busy Post: asked to come back later" in shown.out
    assert "3 sources: 1 with trouble, 1 that failed lately, 0 never visited yet" in shown.err
    records = (await terminal.types("sources", "health", "--json")).records
    assert (records[0]["title"], records[0]["health"]) == ("Gone Post", "gone")
    assert records[0]["remedy"]
    named = await terminal.types("sources", "health", "The Gazette")
    assert "nothing is known to be wrong" in named.out
