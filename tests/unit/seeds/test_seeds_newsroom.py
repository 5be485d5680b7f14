"""The sample newsroom is read as a real one would be, and matches as its table says."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.bundled import bundled_path
from monitor.extract.article import extract_article
from monitor.extract.entries.feed import parse_feed
from monitor.match import Matcher
from monitor.model.articles import Article
from monitor.model.entries import Listing
from monitor.model.matching import MatchInput
from monitor.watchlist.document import read_watchlist

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NEWSROOM = bundled_path("seeds") / "newsroom"
FEED_URL = "https://newsroom.example/feed.xml"
WATCHLIST = bundled_path("watchlists") / "cambodia-reintegration.yaml"
HITS = {
    "after-the-raid-a-sewing-machine": {"raids-to-garment-work", "unpaid-training"},
    "shelter-director-rejects-locked-gate-charge": {"shelter-detention"},
    "fewer-traffickers-convicted-survey-says": {"fewer-convictions"},
    "three-years-after-the-tailoring-course": {"tailoring-income", "raids-to-garment-work"},
    "night-sweep-in-kampong-cham": {"willing-sex-workers-arrested", "coerced-choice"},
    "khmer-yearly-rescue-figures": {"government-rescue-figures", "raids-to-garment-work"},
    "garment-workers-strike-over-december-wage": set(),
    "police-clear-scam-compound": set(),
    "khmer-truck-accident-factory-road": set(),
    "flooded-animal-shelter-moves-200-dogs": set(),
}
PAGES = sorted((NEWSROOM / "2026" / "11").glob("*.html"))


def _read(page: Path) -> Article:
    url = f"https://newsroom.example/2026/11/{page.name}"
    return extract_article(page.read_bytes(), url, "text/html; charset=utf-8", NOW)


@pytest.fixture(scope="module")
def feed() -> Listing:
    return parse_feed((NEWSROOM / "feed.xml").read_bytes(), FEED_URL, "application/rss+xml", NOW)


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    watchlist = read_watchlist(WATCHLIST.read_text(encoding="utf-8"), WATCHLIST.name)
    return Matcher([(claim.key, claim) for claim in watchlist.claims])


def test_there_is_a_page_for_every_row_of_the_table() -> None:
    assert {page.stem for page in PAGES} == set(HITS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_sample_page_hits_exactly_the_claims_it_was_written_for(page: Path, matcher: Matcher) -> None:
    article = _read(page)
    assessments = matcher.match(MatchInput(article.title, article.text, article.language))
    assert {assessment.claim_key for assessment in assessments if assessment.is_hit} == HITS[page.stem]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_sample_page_is_extracted_without_its_surroundings(page: Path) -> None:
    article = _read(page)
    assert article.published_at is not None
    assert article.published_at.month == 11
    assert article.language == ("km" if page.stem.startswith("khmer-") else "en")
    assert article.outlet == "Sample newsroom (invented)"
    assert "Sign up" not in article.text
    assert "More from the Sample newsroom" not in article.text
    assert "Privacy" not in article.text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_sample_page_says_in_its_text_that_it_is_invented(page: Path) -> None:
    assert "Sample article: invented for a first run of Monitor." in _read(page).text


def test_the_feed_names_every_page_once_newest_first(feed: Listing) -> None:
    urls = [entry.url for entry in feed.entries]
    assert sorted(urls) == [f"https://newsroom.example/2026/11/{page.name}" for page in PAGES]
    assert [entry.guid for entry in feed.entries] == urls
    published = [entry.published_at for entry in feed.entries if entry.published_at]
    assert published == sorted(published, reverse=True)
    assert len(published) == len(PAGES)


def test_the_feed_and_its_pages_agree_on_title_and_time(feed: Listing) -> None:
    articles = {article.canonical_url: article for article in map(_read, PAGES)}
    assert {entry.url: (entry.title, entry.published_at) for entry in feed.entries} == {
        url: (article.title, article.published_at) for url, article in articles.items()
    }


def test_the_feed_says_that_it_is_a_sample(feed: Listing) -> None:
    assert feed.title == "Sample newsroom (invented)"
    assert feed.rejected == 0


@pytest.mark.parametrize("path", [NEWSROOM / "feed.xml", *PAGES], ids=lambda path: path.stem)
def test_the_newsroom_links_to_nobody_but_itself(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    links = set(re.findall(r"https?://[^/\s\"'<>]+", text))
    assert links - {"http://www.w3.org", "http://purl.org"} == {"https://newsroom.example"}
    assert not re.search(r"\b(?:src|href)=\"//", text)
