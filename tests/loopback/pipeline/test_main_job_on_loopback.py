"""The main job over real sockets: a feed becomes articles, hits and a digest, and faults stay where they belong."""

import asyncio
import email
import email.policy
from datetime import timedelta
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from monitor.errors import StoreBroken
from monitor.match import Matcher
from monitor.model.archiving import SourceSpec
from monitor.model.matching import Assessment, MatchInput
from monitor.operations.digests import next_digests, write_by_hand
from monitor.operations.rounds import SUBSCRIPTION, make_due_digests
from monitor.sources.catalogue import sample_source
from monitor.store.articles import find_article, list_articles
from monitor.store.catalogue import add_sources, list_sources
from monitor.store.hits import list_hits
from tests.loopback.newsroom import LOCKED, START, Clock, feed, file_of, monitor_for, newspaper, run_round
from tests.loopback.servers import respond

pytestmark = pytest.mark.enable_socket


async def test_a_feed_becomes_an_article_a_hit_with_its_sentence_and_a_digest(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.publish("/1", "A night in the shed", LOCKED)
        paper.publish("/2", "The price of fish")
        monitor = monitor_for(tmp_path, paper)
        done = await run_round(monitor)
    assert [(polled.outcome, polled.new) for polled in done.polled] == [("new", 2)]
    assert (done.read.read, done.read.leads.total(), len(done.hits)) == (2, 0, 1)
    hit = done.hits[0]
    assert (hit.claim_key, hit.said_by) == ("locked-in", "The Sample Gazette")
    assert hit.line.passages[0].text == LOCKED
    article = find_article(monitor.archive, hit.article_id)
    assert article
    passage = hit.line.passages[0]
    assert article.text[passage.start : passage.end] == LOCKED
    delivered = await make_due_digests(monitor)
    mail = email.message_from_bytes(file_of(delivered[0]).read_bytes(), policy=email.policy.default)
    body = mail.get_body(("plain",))
    assert body
    assert "A night in the shed" in body.get_content()
    assert "The Sample Gazette" in body.get_content()


async def test_the_evidence_is_the_response_as_received(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.publish("/1", "A night in the shed", LOCKED)
        monitor = monitor_for(tmp_path, paper)
        await run_round(monitor)
        body = paper.articles["/1"][1]
    article = find_article(monitor.archive, list_articles(monitor.archive)[0].id)
    assert article
    assert article.snapshot
    with (monitor.snapshots.folder / article.snapshot.blob_key).open("rb") as file:
        assert next(iter(ArchiveIterator(file))).content_stream().read() == body


async def test_a_second_round_adds_nothing_and_reads_no_article_again(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.publish("/1", "A night in the shed", LOCKED)
        monitor = monitor_for(tmp_path, paper)
        await run_round(monitor)
        again = await run_round(monitor)
        assert paper.visits("/1") == 1
    assert (again.polled[0].outcome, again.read.total, again.hits) == ("unchanged", 0, ())


async def test_validators_are_sent_back_and_a_304_counts_as_a_good_visit(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.publish("/1", "A night in the shed", LOCKED)
        paper.serve({"ETag": '"v1"', "Last-Modified": "Sat, 21 Nov 2026 10:00:00 GMT"})
        monitor = monitor_for(tmp_path, paper)
        await run_round(monitor)
        paper.server.routes["/feed.xml"] = respond(304, {"ETag": '"v1"'})
        again = await run_round(monitor)
        asked = [request for request in paper.server.requests if request.path == "/feed.xml"][-1]
    assert asked.header("if-none-match") == '"v1"'
    assert asked.header("user-agent") == "Monitor/0.1.0 (news watch; desk@newsroom.example)"
    assert again.polled[0].outcome == "unchanged"
    assert list_sources(monitor.archive)[0].etag == '"v1"'


async def test_one_broken_source_costs_the_others_nothing(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.publish("/1", "A night in the shed", LOCKED)
        paper.server.routes["/broken"] = respond(200, {"Content-Type": "text/html"}, b"<html>Log in here</html>")
        paper.server.routes["/busy"] = respond(503, {"Retry-After": "7200"})
        monitor = monitor_for(tmp_path, paper)
        specs = [SourceSpec(paper.server.url(path), path) for path in ("/broken", "/busy", "/missing")]
        specs.append(SourceSpec("http://169.254.169.254/feed.xml", "metadata"))
        add_sources(monitor.archive, specs, monitor.now())
        done = await run_round(monitor)
    outcomes = {polled.source.spec.title: polled.reason for polled in done.polled}
    assert outcomes == {
        "The Gazette": "",
        "/broken": "not_a_feed",
        "/busy": "server_busy",
        "/missing": "http_404",
        "metadata": "blocked_address",
    }
    busy = next(source for source in list_sources(monitor.archive) if source.spec.title == "/busy")
    assert busy.next_poll_at >= monitor.now() + timedelta(hours=2)
    assert len(done.hits) == 1


async def test_a_link_that_is_endless_once_encoded_costs_only_its_own_entry(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.publish("/1", "A night in the shed", LOCKED)
        links = [("Endless", paper.server.url(f"/{'ក' * 900}")), ("A night in the shed", paper.server.url("/1"))]
        paper.server.routes["/feed.xml"] = respond(200, {"Content-Type": "application/rss+xml"}, feed(links))
        done = await run_round(monitor_for(tmp_path, paper))
    assert [(polled.reason, polled.new, polled.rejected) for polled in done.polled] == [("", 1, 1)]
    assert len(done.hits) == 1


@pytest.mark.slow
async def test_nothing_stands_still_after_a_clock_that_was_years_ahead_is_set_right(tmp_path: Path) -> None:
    clock = Clock(START + timedelta(days=365 * 20))
    async with newspaper() as paper:
        paper.publish("/1", "A night in the shed", LOCKED)
        paper.server.routes["/1"] = respond(503)
        monitor = monitor_for(tmp_path, paper, clock)
        await run_round(monitor, all_enabled=False)
        assert len(await make_due_digests(monitor)) == 1
        clock.at = START
        paper.publish("/2", "A second night in the shed", LOCKED)
        done = await run_round(monitor, all_enabled=False)
        digests = await make_due_digests(monitor)
        again = await run_round(monitor, all_enabled=False)
    assert (len(done.polled), done.read.read, len(done.hits)) == (1, 2, 2)
    assert [digest.name for digest in digests] == ["local-2026-11-22"]
    assert (len(again.polled), await make_due_digests(monitor)) == (0, [])


async def test_an_article_without_text_is_kept_as_a_lead_with_its_reason(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.publish("/1", "Workers of the pier locked in", LOCKED)
        paper.server.routes["/1"] = respond(200, {"Content-Type": "text/html"}, b"<html><body></body></html>")
        monitor = monitor_for(tmp_path, paper)
        done = await run_round(monitor)
    assert (done.read.read, done.read.leads) == (0, {"empty": 1})
    assert list_articles(monitor.archive)[0].extraction == "empty"
    assert done.hits[0].line.is_lead


async def test_an_article_that_fails_for_now_is_tried_again_later_and_lost_never(tmp_path: Path) -> None:
    clock = Clock()
    async with newspaper() as paper:
        paper.publish("/1", "Workers of the pier locked in", LOCKED)
        good = paper.server.routes["/1"]
        paper.server.routes["/1"] = respond(503)
        monitor = monitor_for(tmp_path, paper, clock)
        first = await run_round(monitor)
        assert (first.read.failed, first.read.leads) == ({"server_busy": 1}, {})
        assert (await run_round(monitor)).read.total == 0
        paper.server.routes["/1"] = good
        clock.advance(minutes=6)
        third = await run_round(monitor)
    assert (third.read.read, len(third.hits)) == (1, 1)


@pytest.mark.slow
async def test_after_the_last_try_what_the_feed_said_is_kept_as_a_lead(tmp_path: Path) -> None:
    clock = Clock()
    async with newspaper() as paper:
        paper.publish("/1", "Workers of the pier locked in", LOCKED)
        paper.server.routes["/1"] = respond(503)
        monitor = monitor_for(tmp_path, paper, clock)
        for _ in range(5):
            done = await run_round(monitor)
            clock.advance(hours=25)
        assert paper.visits("/1") == 5
    assert (done.read.leads.total(), len(done.hits)) == (1, 1)


@pytest.mark.slow
async def test_a_page_that_is_missing_for_a_moment_is_read_an_hour_later(tmp_path: Path) -> None:
    clock = Clock()
    async with newspaper() as paper:
        paper.publish("/1", "Workers of the pier locked in", LOCKED)
        good = paper.server.routes["/1"]
        paper.server.routes["/1"] = respond(404)
        monitor = monitor_for(tmp_path, paper, clock)
        assert (await run_round(monitor)).read.failed == {"http_404": 1}
        paper.server.routes["/1"] = good
        clock.advance(minutes=61)
        assert (await run_round(monitor)).read.read == 1


async def test_a_page_that_stays_missing_is_kept_as_a_lead(tmp_path: Path) -> None:
    clock = Clock()
    async with newspaper() as paper:
        paper.publish("/1", "Workers of the pier locked in", LOCKED)
        paper.server.routes["/1"] = respond(404)
        monitor = monitor_for(tmp_path, paper, clock)
        await run_round(monitor)
        clock.advance(minutes=61)
        assert (await run_round(monitor)).read.leads.total() == 1
    assert list_articles(monitor.archive)[0].extraction == "http_404"


async def test_a_host_that_stops_answering_keeps_the_rest_of_its_articles_waiting_and_nobody_else(
    tmp_path: Path,
) -> None:
    clock = Clock()

    async def silent(_head: object, _writer: object) -> None:
        await asyncio.sleep(30)

    async with newspaper() as paper, newspaper() as other:
        for number in range(12):
            paper.publish(f"/{number}", f"Article {number}")
        paper.server.routes |= {f"/{number}": silent for number in range(12)}
        other.publish("/1", "Workers of the pier locked in", LOCKED)
        ports = f"{paper.server.port},{other.server.port}"
        monitor = monitor_for(tmp_path, paper, clock, MONITOR_FETCH_DEADLINE_SECONDS="0.5", MONITOR_ALLOWED_PORTS=ports)
        add_sources(monitor.archive, [SourceSpec(other.server.url("/feed.xml"), "Other")], monitor.now())
        done = await run_round(monitor)
        asked = sum(paper.visits(f"/{number}") for number in range(12))
    assert (done.read.read, len(done.hits)) == (1, 1)
    assert asked < 12
    assert done.read.failed["host_struggling"] == 12 - asked
    with monitor.archive.reading() as connection:
        waiting = connection.exec_driver_sql(
            "SELECT count(*), max(attempts) FROM entries WHERE state = 'pending'"
        ).one()
    assert tuple(waiting) == (12, 1)


async def test_a_night_without_a_network_counts_against_no_source(tmp_path: Path) -> None:
    async with newspaper() as paper:
        monitor = monitor_for(tmp_path, paper)
        other = SourceSpec(paper.server.url("/other.xml"), "Other")
        add_sources(monitor.archive, [other], monitor.now())
    done = await run_round(monitor)
    assert {polled.reason for polled in done.polled} == {"connection_lost"}
    for source in list_sources(monitor.archive):
        assert (source.failures, source.next_poll_at) == (0, monitor.now() + timedelta(minutes=5))


@pytest.mark.slow
async def test_an_article_that_our_matching_fails_on_costs_the_others_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Matcher.match_hits

    def fail_on_one(self: Matcher, article: MatchInput) -> tuple[Assessment, ...]:
        if "cursed" in article.title:
            raise ZeroDivisionError
        return real(self, article)

    monkeypatch.setattr(Matcher, "match_hits", fail_on_one)
    clock = Clock()
    async with newspaper() as paper:
        paper.publish("/1", "A cursed article", LOCKED)
        paper.publish("/2", "Workers of the pier locked in", LOCKED)
        monitor = monitor_for(tmp_path, paper, clock)
        first = await run_round(monitor)
        assert (first.read.read, first.read.failed) == (1, {"internal_error": 1})
        for _ in range(4):
            clock.advance(hours=25)
            last = await run_round(monitor)
    assert last.read.leads.total() == 1
    assert {article.extraction for article in list_articles(monitor.archive)} == {"text", "internal_error"}


async def test_an_invented_article_that_a_real_feed_links_to_is_marked_as_sample(tmp_path: Path) -> None:
    link = "https://newsroom.example/2026/11/after-the-raid-a-sewing-machine.html"
    async with newspaper() as paper:
        monitor = monitor_for(tmp_path, paper)
        paper.server.routes["/feed.xml"] = respond(200, {"Content-Type": "text/xml"}, feed([("Not so", link)]))
        without = await run_round(monitor)
        assert without.read.read == 0
        add_sources(monitor.archive, [sample_source()], monitor.now())
        await run_round(monitor)
    assert all(article.is_sample for article in list_articles(monitor.archive))


async def test_a_changed_zone_and_hour_move_the_next_digest(tmp_path: Path) -> None:
    async with newspaper() as paper:
        monitor_for(tmp_path, paper)
        monitor = monitor_for(tmp_path, paper, MONITOR_TIMEZONE="Asia/Phnom_Penh", MONITOR_DIGEST_AT="05:30")
    assert await make_due_digests(monitor)
    assert next_digests(monitor)[0].at.isoformat() == "2026-11-23T05:30:00+07:00"


async def test_an_only_query_keeps_the_rest_of_the_world_out_unfetched(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.publish("/1", "Workers of the pier locked in", LOCKED)
        paper.publish("/2", "Weather in the mountains")
        monitor = monitor_for(tmp_path, paper)
        spec = SourceSpec(paper.server.url("/world.xml"), "World", only="mountains")
        paper.server.routes["/world.xml"] = paper.server.routes["/feed.xml"]
        with monitor.archive.writing() as connection:
            connection.exec_driver_sql("DELETE FROM sources")
        add_sources(monitor.archive, [spec], monitor.now())
        done = await run_round(monitor)
        assert (paper.visits("/1"), paper.visits("/2")) == (0, 1)
    assert (done.read.read, done.read.filtered) == (1, 1)


async def test_a_page_that_redirects_is_one_article_under_the_address_it_ends_at(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper.publish("/1", "Workers of the pier locked in", LOCKED)
        paper.publish("/old", "Workers of the pier locked in", LOCKED)
        paper.server.routes["/old"] = respond(301, {"Location": "/1"})
        monitor = monitor_for(tmp_path, paper)
        done = await run_round(monitor)
    assert len(list_articles(monitor.archive)) == len(done.hits) == 1


async def test_a_disk_that_fills_ends_the_round_plainly_and_the_next_one_reads_what_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with newspaper() as paper:
        paper.publish("/1", "Workers of the pier locked in", LOCKED)
        monitor = monitor_for(tmp_path, paper)

        def refuse(_descriptor: int) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as full:
            full.setattr("monitor.files.os.fsync", refuse)
            with pytest.raises(StoreBroken, match="No space left on device"):
                await run_round(monitor)
        done = await run_round(monitor)
    assert (done.read.read, len(done.hits)) == (1, 1)


@pytest.mark.slow
async def test_a_digest_by_hand_leaves_the_days_digest_untouched(tmp_path: Path) -> None:
    clock = Clock()
    async with newspaper() as paper:
        paper.publish("/1", "Workers of the pier locked in", LOCKED)
        monitor = monitor_for(tmp_path, paper, clock)
        await run_round(monitor)
    by_hand, paths = write_by_hand(monitor, SUBSCRIPTION)
    write_by_hand(monitor, SUBSCRIPTION)
    assert len(by_hand.hit_ids) == 1
    assert file_of(paths).name == "local-2026-11-22-by-hand.eml"
    daily = await make_due_digests(monitor)
    assert [digest.name for digest in daily] == ["local-2026-11-22"]
    assert await make_due_digests(monitor) == []
    clock.advance(days=1, hours=5)
    assert [digest.name for digest in await make_due_digests(monitor)] == ["local-2026-11-23"]
    assert len(list_hits(monitor.archive)) == 1
