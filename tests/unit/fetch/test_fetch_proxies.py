"""Which proxies may be named, and that no message shows a password."""

import pytest

from monitor.errors import BadUrl, ConfigurationError
from monitor.fetch.proxies import read_proxy, read_sources_proxy


@pytest.mark.parametrize(
    ("proxy_url", "shown"),
    [
        ("http://proxy.example:3128", "http://proxy.example:3128"),
        ("http://proxy.example", "http://proxy.example:80"),
        ("https://user:hunter2@proxy.example", "https://proxy.example:443"),
        ("socks5://127.0.0.1", "socks5://127.0.0.1:1080"),
        ("socks5h://[::1]:9050/", "socks5h://[::1]:9050"),
    ],
)
def test_a_proxy_is_shown_without_its_password(proxy_url: str, shown: str) -> None:
    proxy = read_proxy(proxy_url)
    assert proxy.shown == shown
    for text in (proxy.identity, str(proxy.failure("x")), str(proxy.refusal("407\x1b[31m"))):
        assert "hunter2" not in text
        assert text.isprintable()
        assert "MONITOR_PROXY_URL" in text


def test_user_name_and_password_are_decoded() -> None:
    proxy = read_proxy("http://us%40er:p%3Aw@proxy.example:3128")
    assert (proxy.username, proxy.password) == ("us@er", "p:w")


@pytest.mark.parametrize(
    "proxy_url",
    [
        "",
        "proxy.example:3128",
        "ftp://a",
        "http://",
        "http://a:b",
        "http://a:99999",
        "http://é",
        "socks5://a\n",
        "socks4://a",
    ],
)
def test_what_is_no_proxy_is_refused_for_the_settings_and_for_a_source(proxy_url: str) -> None:
    with pytest.raises(ConfigurationError, match="MONITOR_PROXY_URL"):
        read_proxy(proxy_url)
    with pytest.raises(BadUrl, match="--proxy"):
        read_sources_proxy(proxy_url)


def test_a_user_name_too_long_for_socks_is_refused() -> None:
    with pytest.raises(ConfigurationError):
        read_proxy(f"socks5://{'u' * 256}:p@proxy.example")


@pytest.mark.parametrize("proxy_url", ["http://user:hunter2@proxy.example:3128", "socks5://:hunter2@proxy.example"])
def test_a_sources_own_proxy_carries_no_password(proxy_url: str) -> None:
    with pytest.raises(BadUrl, match=r"MONITOR_PROXY_URL") as refused:
        read_sources_proxy(proxy_url)
    assert "hunter2" not in str(refused.value)
    assert "proxy.example" in str(refused.value)
