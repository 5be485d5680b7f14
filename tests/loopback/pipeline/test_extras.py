"""What needs an extra goes the whole way too: a newsletter, and a page that scripts fill in."""

import email.utils
import shutil
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from monitor.model.archiving import SourceSpec
from tests.loopback.imap import PASSWORD, ImapServer, letter
from tests.loopback.newsroom import FILLER, LOCKED, START, desk_with, newspaper, page
from tests.loopback.servers import respond

HTML = {"Content-Type": "text/html; charset=utf-8"}


def newsletter(number: int, text: str) -> bytes:
    return (
        letter(number, Date=email.utils.format_datetime(START)).split(b"\r\n\r\n")[0] + f"\r\n\r\n{text}\r\n".encode()
    )


@pytest.mark.slow
async def test_a_newsletter_becomes_an_article_with_its_hit_and_the_mail_as_evidence(tmp_path: Path) -> None:
    async with newspaper() as paper, ImapServer() as post:
        await post.deliver(newsletter(1, f"{FILLER}\r\n\r\n{FILLER}"))
        source = SourceSpec(post.url(), "The Harbour Letter", kind="newsletter")
        async with desk_with(tmp_path, paper.server, source, MONITOR_IMAP_PASSWORD=PASSWORD) as desk:
            await desk.round()
            desk.clock.advance(hours=2)
            await post.deliver(newsletter(2, f"{LOCKED}\r\n\r\n{FILLER}"))
            done = await desk.round()
            assert [(polled.new, polled.reason) for polled in done.polled] == [(1, "")]
            (hit,) = done.hits
            assert (hit.line.arrival, hit.line.is_lead) == ("news", False)
            article = desk.articles()[0]
            assert LOCKED in article.text
            assert article.snapshot
            assert article.canonical_url.startswith("imap://")
            with (desk.monitor.snapshots.folder / article.snapshot.blob_key).open("rb") as file:
                (evidence,) = (found.content_stream().read() for found in ArchiveIterator(file))
            assert evidence == newsletter(2, f"{LOCKED}\r\n\r\n{FILLER}")
            again = await desk.round()
            assert (again.polled[0].new, again.read.total) == (0, 0)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("chromium") is None, reason="NO CHROMIUM: pages by scripts are NOT tested whole here")
async def test_a_page_that_scripts_fill_in_is_followed_and_read_anew_when_they_fill_in_more(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.server.routes["/1"] = respond(200, HTML, page("Workers of the pier were locked in", LOCKED))
        paper.server.routes["/2"] = respond(200, HTML, page("Workers of the pier were chained at night", LOCKED))
        shell = b"<html><body><div id=news></div><script src=/news.js></script></body></html>"
        paper.server.routes["/"] = respond(200, HTML | {"ETag": '"shell"'}, shell)

        def fill_in(*links: str) -> None:
            markup = "".join(f"<h2><a href={link}>A headline of the harbour {link[1:]}</a></h2>" for link in links)
            script = f"document.getElementById('news').innerHTML = {markup!r}".encode()
            paper.server.routes["/news.js"] = respond(200, {"Content-Type": "text/javascript"}, script)

        fill_in("/1")
        source = SourceSpec(paper.server.url("/"), "The Gazette", kind="page", links="h2 a", needs_browser=True)
        async with desk_with(tmp_path, paper.server, source) as desk:
            assert [polled.new for polled in (await desk.round()).polled] == [1]
            desk.clock.advance(hours=2)
            fill_in("/2", "/1")
            done = await desk.round()
            assert [(polled.new, polled.reason) for polled in done.polled] == [(1, "")]
            assert len(desk.articles()) == 2
