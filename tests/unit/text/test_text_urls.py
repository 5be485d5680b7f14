import pytest

from monitor.errors import BadUrl
from monitor.text.urls import canonicalise_url, is_same_site, resolve_url, url_key, words_of_path

SAME_PAGE = [
    ("https://example.org/a?utm_source=rss&utm_medium=feed", "https://example.org/a"),
    ("https://example.org/a?fbclid=IwAR0", "https://example.org/a"),
    ("https://example.org/a?id=5&UTM_Campaign=x", "https://example.org/a?id=5"),
    ("https://example.org/a?gclid=1&msclkid=2", "https://example.org/a"),
    ("https://example.org/a?mc_cid=1&mc_eid=2", "https://example.org/a"),
    ("https://example.org/a?at_medium=RSS&at_campaign=rss", "https://example.org/a"),
    ("http://example.org/a", "https://example.org/a"),
    ("https://www.example.org/a", "https://example.org/a"),
    ("http://www.example.org:80/a/", "https://example.org/a"),
    ("https://example.org/a/", "https://example.org/a"),
    ("https://example.org", "https://example.org/"),
    ("https://example.org/a#comments", "https://example.org/a"),
    ("https://example.org/a?b=2&a=1", "https://example.org/a?a=1&b=2"),
    ("https://EXAMPLE.org/a", "https://example.org/a"),
    ("https://example.org./a", "https://example.org/a"),
    ("https://example.org:443/a", "https://example.org/a"),
    ("https://example.org/x/../a", "https://example.org/a"),
    ("https://example.org/./a", "https://example.org/a"),
    ("https://example.org/%7eu", "https://example.org/~u"),
    ("https://example.org/%e1%9e%80", "https://example.org/ក"),
    ("https://bücher.example/a", "https://xn--bcher-kva.example/a"),
    ("https://example.org/a?", "https://example.org/a"),
    ("https://example.org/a?&&b=1&", "https://example.org/a?b=1"),
    (" https://example.org/a\n", "https://example.org/a"),
]

ANOTHER_PAGE = [
    ("https://example.org/a?id=1", "https://example.org/a?id=2"),
    ("https://example.org/news?12345", "https://example.org/news?12346"),
    ("https://example.org/n.php?cid=41", "https://example.org/n.php?cid=42"),
    ("https://example.org/n.php?eid=41", "https://example.org/n.php?eid=42"),
    ("https://example.org/s?keyword=shelter", "https://example.org/s?keyword=factory"),
    ("https://example.org/a", "https://example.org/A"),
    ("https://en.example.org/a", "https://km.example.org/a"),
    ("https://example.org/a", "https://example.com/a"),
    ("https://example.org:8080/a", "https://example.org/a"),
    ("https://example.org/a?t=1&t=2", "https://example.org/a?t=2&t=1"),
    ("https://example.org/a%2Fb", "https://example.org/a/b"),
    ("https://example.org/?p=1", "https://example.org/"),
    ("https://example.org/go?u=https://other.example/x", "https://other.example/x"),
    ("https://example.org/a?x=a%26b", "https://example.org/a?x=a&b"),
]


@pytest.mark.parametrize(("one", "other"), SAME_PAGE)
def test_spellings_of_one_page_have_one_key(one: str, other: str) -> None:
    assert url_key(one) == url_key(other)


@pytest.mark.parametrize(("one", "other"), ANOTHER_PAGE)
def test_lookalikes_keep_keys_of_their_own(one: str, other: str) -> None:
    assert url_key(one) != url_key(other)


@pytest.mark.parametrize(("url", "_other"), SAME_PAGE + ANOTHER_PAGE)
def test_the_tidy_form_is_stable_and_keeps_its_key(url: str, _other: str) -> None:
    tidy = canonicalise_url(url)
    assert canonicalise_url(tidy) == tidy
    assert url_key(tidy) == url_key(url)


def test_what_a_server_may_insist_on_stays_in_the_fetchable_url() -> None:
    assert canonicalise_url("http://www.example.org/a/?utm_source=x#top") == "http://www.example.org/a/"


@pytest.mark.parametrize(
    "href",
    [
        "",
        "   ",
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "FILE:/etc/passwd",
        "ftp://example.org/",
        "mailto:desk@example.org",
        "view-source:https://example.org/",
        "http:evil",
        "https:/example.org",
        "https:\\\\evil.example\\",
        "https://example.org\\@evil.example/",
        "https://user:secret@example.org/",
        "https://user@example.org/",
        "https://example.org/a\nb",
        "https://example.org/\x00",
        "https://example.org:99999/",
        "https://example.org:0/",
        "https://exa\u200bmple.org/",
        "https://example.org%00.evil.example/",
        "https://[::1",
        "https:///path",
        f"https://{'a' * 64}.example/",
        f"https://example.org/{'a' * 5000}",
        f"https://example.org/{'ក' * 900}",
    ],
)
def test_a_link_that_is_no_plain_web_link_is_refused(href: str) -> None:
    assert resolve_url("https://example.org/feed/", href) is None


@pytest.mark.parametrize(
    ("href", "resolved"),
    [
        ("/a", "https://example.org/a"),
        ("a", "https://example.org/feed/a"),
        ("../a", "https://example.org/a"),
        ("//cdn.example.org/a", "https://cdn.example.org/a"),
        ("?p=1", "https://example.org/feed/?p=1"),
        (" \n/a\n ", "https://example.org/a"),
        ("/a b", "https://example.org/a%20b"),
        ("/a:b", "https://example.org/a:b"),
        ("HTTP://Example.ORG/A?utm_source=x", "http://example.org/A?utm_source=x"),
        ("http://[::1]:8080/a", "http://[::1]:8080/a"),
    ],
)
def test_a_link_is_resolved_against_where_it_stands(href: str, resolved: str) -> None:
    assert resolve_url("https://example.org/feed/", href) == resolved


def test_a_refused_url_never_shows_its_password() -> None:
    with pytest.raises(BadUrl) as caught:
        canonicalise_url("https://user:secret@example.org/")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("https://example.org/a", "http://www.example.org/b", True),
        ("https://amp.example.org/a", "https://www.example.org/a", True),
        ("https://example.org/a", "https://example.org:443/a", True),
        ("http://127.0.1.7:8080/a", "http://127.0.1.7:8080/b", True),
        ("https://example.org/", "https://evil-example.org/", False),
        ("https://example.org/", "https://example.org.evil.example/", False),
        ("https://a.example.org/", "https://b.example.org/", False),
        ("https://example.org/", "https://org/", False),
        ("https://example.org:8443/", "https://example.org/", False),
        ("http://1.2.3.4/", "http://3.4/", False),
        ("https://example.org/", "javascript:alert(1)", False),
    ],
)
def test_a_site_speaks_for_itself_and_its_subdomains_only(one: str, other: str, is_same: bool) -> None:
    assert is_same_site(one, other) is is_same
    assert is_same_site(other, one) is is_same


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://example.org/2026/rice-prices_rise.html?x=1", "rice prices rise"),
        ("https://example.org/%E1%9E%80%E1%9E%81/", "កខ"),
        ("https://example.org/", "example.org"),
    ],
)
def test_a_path_gives_words_for_a_headline(url: str, words: str) -> None:
    assert words_of_path(url) == words
