"""What is the same stays one, and what is not stays apart, whatever feeds say of it (#47 to #55)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.model.archiving import SourceSpec
from monitor.operations.rounds import make_due_digests
from tests.loopback.hostile import HTML, RSS, HostileWeb, count, hostile_web
from tests.loopback.hostile_identity import DATES, OTHER_PAGE, SAME_PAGE, dated, guided, spelled
from tests.loopback.newsroom import LOCKED, START, Desk, feed, item, page, rss
from tests.loopback.servers import RequestHead, respond

pytestmark = pytest.mark.enable_socket

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)


@dataclass
class Feed:
    """One feed of a host whose every other path is an article that makes a hit."""

    web: HostileWeb
    desk: Desk
    listing: bytes = b""

    async def poll(self, *items: str) -> tuple[int, int]:
        """Serve these items, poll, and return how many articles there are and how many hits are new."""
        self.listing = respond(200, RSS, rss(*items))
        done = await self.desk.round()
        assert [polled.reason for polled in done.polled] == [""]
        return count(self.desk, "articles")["articles"], len(done.hits)


@asynccontextmanager
async def one_feed(folder: Path, **more: str) -> AsyncIterator[Feed]:
    async with hostile_web(folder) as web:
        spec = SourceSpec(f"http://paper.test:{web.port}/feed.xml", "The Gazette")
        async with web.desk(folder, [spec], MONITOR_PARSER_WORKERS="1", **more) as desk:
            paper = Feed(web, desk)

            def answer(head: RequestHead, _: object) -> bytes:
                if head.path == "/feed.xml":
                    return paper.listing
                return respond(200, HTML, page(f"A night in the shed, told by {head.target}", LOCKED))

            web.hosts["paper.test"] = answer
            yield paper


def articles(desk: Desk) -> set[str]:
    return {str(url) for (url,) in desk.rows("SELECT canonical_url FROM articles")}


@pytest.mark.slow
async def test_threat_47_guids_that_change_at_each_poll_bring_nothing_twice(tmp_path: Path) -> None:
    async with one_feed(tmp_path) as paper:
        seen = []
        for poll in range(50):
            seen.append(await paper.poll(*(guided(f"Article {n}", f"/{n}", f"{poll}-{n}") for n in range(20))))
            paper.desk.clock.advance(minutes=30)
        asked = [head.target for head in paper.web.internet.requests if head.target not in {"/feed.xml", "/robots.txt"}]
    assert seen == [(20, 20)] + [(20, 0)] * 49
    assert len(asked) == 20


@pytest.mark.slow
async def test_threat_48_entries_that_share_one_guid_are_told_apart(tmp_path: Path) -> None:
    async with one_feed(tmp_path) as paper:
        items = [guided(f"Article {n}", f"/{n}", "one-for-all") for n in range(20)]
        assert await paper.poll(*items) == (20, 20)
        assert await paper.poll(*items, guided("Article 20", "/20", "one-for-all")) == (21, 1)
        assert count(paper.desk, "entries") == {"entries": 21}


@pytest.mark.slow
async def test_threat_49_guids_that_are_swapped_differ_in_case_or_are_monstrous_stay_told_apart(tmp_path: Path) -> None:
    monster = "g" * 1_000_000
    async with one_feed(tmp_path) as paper:
        firsts = [
            guided("One", "/1", "a"),
            guided("Two", "/2", "b"),
            guided("Three", "/3", "x"),
            guided("Four", "/4", "X"),
        ]
        firsts += [guided("Five", "/5", f"{monster}1"), guided("Six", "/6", f"{monster}2")]
        assert await paper.poll(*firsts) == (6, 6)
        assert await paper.poll(guided("One", "/1", "b"), guided("Two", "/2", "a"), *firsts[2:]) == (6, 0)
        assert await paper.poll(*firsts) == (6, 0)
        longest = paper.desk.rows("SELECT max(length(guid)) FROM entries")[0][0]
        assert int(str(longest)) <= 2_000


@pytest.mark.slow
async def test_threat_50_an_entry_tweaked_at_a_hundred_polls_is_one_article_with_one_hit(tmp_path: Path) -> None:
    async with one_feed(tmp_path) as paper:
        seen = []
        for poll in range(100):
            text = f"<p>{LOCKED}</p><p>It is {poll} minutes past the hour. {'All is quiet. ' * 40}</p>"
            seen.append(await paper.poll(guided(f"Locked in ({poll} comments)", "/1", "same", text)))
            paper.desk.clock.advance(minutes=10)
        counts = count(paper.desk, "entries", "revisions")
    assert seen == [(1, 1)] + [(1, 0)] * 99
    assert counts["entries"] == 1
    assert counts["revisions"] <= 24


async def test_threat_51_spellings_of_one_address_are_one_article_and_lookalikes_are_two(tmp_path: Path) -> None:
    async with one_feed(tmp_path) as paper:
        for number in range(len(SAME_PAGE)):
            for host in (f"p{number}.test", f"en.p{number}.test", f"km.p{number}.test"):
                paper.web.hosts[host] = lambda head, _: respond(200, HTML, page(f"Told by {head.target}", LOCKED))
        same, other = spelled(SAME_PAGE, paper.web.port), spelled(OTHER_PAGE, paper.web.port)
        items = [f"<item><title>A</title><link>{url}</link></item>" for pair in same for url in pair]
        assert (len(same), await paper.poll(*items)) == (20, (20, 20))
        # On the same hosts as the twenty, but under addresses that none of them has.
        more = [url.replace(f"{paper.web.port}/p", f"{paper.web.port}/q") for pair in other for url in pair]
        items = [f"<item><title>B</title><link>{url}</link></item>" for url in more]
        assert (len(other), await paper.poll(*items)) == (10, (40, 20))


async def test_threat_52_a_story_in_thirty_feeds_is_one_article_with_thirty_sightings_and_one_line(
    tmp_path: Path,
) -> None:
    async with hostile_web(tmp_path) as web:
        story = f"http://story.test:{web.port}/1"
        web.hosts["story.test"] = respond(200, HTML, page("The only story", LOCKED))
        listing = respond(200, RSS, feed([("The only story", story)]))
        web.hosts |= {f"feed{number}.test": listing for number in range(30)}
        specs = [SourceSpec(f"http://feed{number}.test:{web.port}/", f"Feed {number}") for number in range(30)]
        async with web.desk(tmp_path, specs) as desk:
            done = await desk.round()
            again = await desk.round()
            counts = count(desk, "articles", "entries", "hits")
            sightings = desk.rows("SELECT count(*) FROM entries WHERE article_id IS NOT NULL")
            _, text = await desk.digest()
        asked = [head for head in web.internet.requests if head.target == "/1"]
    assert (len(done.hits), len(again.hits), len(asked)) == (1, 0, 1)
    assert counts == {"articles": 1, "entries": 30, "hits": 1}
    assert sightings == [(30,)]
    assert text.count(story) == 1


async def test_threat_53_a_feed_that_empties_and_then_lists_all_again_brings_nothing_new(tmp_path: Path) -> None:
    async with one_feed(tmp_path) as paper:
        items = [guided(f"Article {n}", f"/{n}", str(n)) for n in range(20)]
        assert await paper.poll(*items) == (20, 20)
        for _ in range(3):
            paper.desk.clock.advance(days=1)
            assert await paper.poll() == (20, 0)
        assert await paper.poll(*reversed(items)) == (20, 0)


async def test_threat_54_no_date_lies_outside_what_news_can_have(tmp_path: Path) -> None:
    assert len(DATES) == 30
    async with one_feed(tmp_path) as paper:
        assert await paper.poll(*(dated(number, date) for number, date in enumerate(DATES))) == (30, 30)
        kept = paper.desk.rows("SELECT published_at FROM entries ORDER BY id")
        kept += paper.desk.rows("SELECT published_at FROM articles")
        hits = paper.desk.rows("SELECT first_seen_at FROM hits ORDER BY id")
    dates = [datetime.fromisoformat(str(at)).replace(tzinfo=UTC) for (at,) in kept if at is not None]
    assert all(EARLIEST <= date <= START + timedelta(hours=24) for date in dates)
    assert max(dates) == datetime(2026, 11, 23, 2, 59, tzinfo=UTC)
    assert len(dates) >= 14
    assert hits == sorted(hits, key=str)


@pytest.mark.slow
async def test_threat_55_an_entry_of_the_future_is_in_exactly_one_digest(tmp_path: Path) -> None:
    async with one_feed(tmp_path) as paper:
        paper.desk.clock.advance(hours=5)
        await paper.poll()
        soon, far = START + timedelta(hours=40), START + timedelta(days=400)
        items = [item(f"Of {name}", f"/{name}", published=at) for name, at in (("soon", soon), ("far", far))]
        for _ in range(5):
            paper.desk.clock.advance(hours=24)
            await paper.poll(*items)
            await make_due_digests(paper.desk.monitor)
        mails = [path.read_text(encoding="utf-8") for path in (tmp_path / "var" / "outbox").rglob("*.html")]
    assert len(mails) >= 4
    assert [sum(f"/{name}" in mail for mail in mails) for name in ("soon", "far")] == [1, 1]
