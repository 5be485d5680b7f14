import pytest

from monitor.text.facts import facts_of, language_fact, site_fact


def test_an_article_is_of_its_host_and_of_the_hosts_around_it() -> None:
    facts = facts_of("https://www.news.example.org/a", "en-GB")
    assert facts == {"site:news.example.org", "site:example.org", "site:org", "lang:en"}
    assert {site_fact("www.Example.org"), site_fact("news.example.org"), language_fact("EN")} <= facts
    assert site_fact("ple.org") not in facts


@pytest.mark.parametrize("url", ["", "imap://someone@mail.example/INBOX", "http://[::1", "http://", "nonsense"])
def test_an_address_that_is_none_has_no_site(url: str) -> None:
    assert facts_of(url, "") == frozenset()
