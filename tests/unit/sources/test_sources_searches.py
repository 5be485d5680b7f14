"""The addresses of searches."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.sources.searches import Search, gdelt_url, google_news_url, pause_for, query_of, search_of

QUERY = 'Cambodia garment (trafficking OR "sex work")'


def test_a_google_news_search_is_asked_as_rss_in_an_edition() -> None:
    assert google_news_url("site:gazette.example") == (
        "https://news.google.com/rss/search?q=site:gazette.example&hl=en-US&gl=US&ceid=US:en"
    )
    assert google_news_url("x", "fr", "CA").endswith("?q=x&hl=fr-CA&gl=CA&ceid=CA:fr")


def test_a_gdelt_search_is_asked_as_json_the_newest_first() -> None:
    url = gdelt_url("Cambodia raid")
    assert url.startswith("https://api.gdeltproject.org/api/v2/doc/doc?query=Cambodia+raid&mode=artlist&maxrecords=250")
    assert "&format=json&sort=datedesc&timespan=" in url


def test_a_search_is_given_the_pause_that_its_host_asks_for() -> None:
    assert pause_for(gdelt_url(QUERY)) >= 5
    assert pause_for("https://API.GDELTPROJECT.ORG/x") >= 5
    assert pause_for(google_news_url(QUERY)) == 0
    assert pause_for("http://[broken") == 0


@pytest.mark.parametrize(
    "url", ["https://gazette.example/?q=raid", "http://[broken", "", "https://news.google.com/rss"]
)
def test_what_is_no_search_has_no_query(url: str) -> None:
    assert query_of(url) == ""
    assert search_of(url) is None


def test_an_address_that_says_more_than_a_search_can_is_kept_as_it_is() -> None:
    url = google_news_url(QUERY) + "&when=7d"
    assert query_of(url) == QUERY
    assert search_of(url) is None


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(str.strip))
def test_every_query_is_found_again_in_its_address(query: str) -> None:
    assert query_of(google_news_url(query)) == query_of(gdelt_url(query)) == query
    assert search_of(gdelt_url(query)) == Search("gdelt", query)
    assert search_of(google_news_url(query, "en", "GB")) == Search("google-news", query, "en-GB")
