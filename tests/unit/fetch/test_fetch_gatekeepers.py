"""What stands before a site is told from the site: bot checks, logins, networks."""

import pytest

from monitor.errors import Challenged, ElsewhereLed
from monitor.fetch.gatekeepers import (
    is_html,
    is_login,
    refuse_challenge,
    refuse_elsewhere,
    refuse_login,
    refuse_network,
)
from monitor.fetch.guard import check_url
from monitor.model.fetching import Headers, Purpose
from tests.growth import assert_in_proportion

HTML: Headers = (("Content-Type", "text/html"),)
ARTICLE = "<p>" + "The workers of the garment factory came back to the gate at six in the morning. " * 40 + "</p>"


def page(head: str = "", body: str = "") -> bytes:
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>".encode()


CHECKS: dict[str, tuple[int, Headers, bytes]] = {
    "cloudflare by its header": (403, (("cf-mitigated", "challenge"),), b""),
    "cloudflare's interstitial": (
        503,
        (("Server", "cloudflare"),),
        page("<title>Just a moment...</title>", "<script>window._cf_chl_opt={}</script>"),
    ),
    "cloudflare with 429": (429, (("Server", "cloudflare"),), page("<title>Just a moment...</title>")),
    "cloudflare's refusal": (
        403,
        (("Server", "cloudflare"),),
        page("<title>Attention Required! | Cloudflare</title>", "<h1>Sorry, you have been blocked</h1>"),
    ),
    "cloudflare with 200": (200, HTML, page("<title>Just a moment...</title>")),
    "sucuri": (403, HTML, page("<title>Sucuri WebSite Firewall - Access Denied</title>", "<p>Block details</p>")),
    "sucuri's script": (200, HTML, page("", "<script>sucuri_cloudproxy_js='';</script>")),
    "ddos-guard": (403, (("Server", "ddos-guard"),), page("<title>DDoS-Guard</title>", "Checking your browser")),
    "imperva": (200, HTML, page("", "Request unsuccessful. Incapsula incident ID: 877000-1")),
    "akamai": (
        403,
        (("Server", "AkamaiGHost"),),
        page("<title>Access Denied</title>", "Reference #18. https://errors.edgesuite.net/18"),
    ),
    "akamai's script": (200, HTML, page('<meta http-equiv="refresh" content="5; URL=/?bm-verify=AAQ">')),
    "aws waf by its header": (202, (("x-amzn-waf-action", "challenge"),), b""),
    "aws waf's captcha": (405, (("x-amzn-waf-action", "captcha"),), b""),
    "aws waf's script": (202, HTML, page("<script>window.gokuProps = {}</script>")),
    "datadome": (403, HTML, page("", "<script>var dd={'host':'geo.captcha-delivery.com/c'}</script>")),
    "perimeterx": (403, HTML, page("<title>Access denied</title>", '<div id="px-captcha"></div>')),
    "hcaptcha": (200, HTML, page("", '<p>Are you a human?</p><div class="h-captcha"></div>')),
    "recaptcha": (403, HTML, page("", '<p>Our systems have detected unusual traffic</p><div class="g-recaptcha">')),
    "turnstile": (200, HTML, page("", '<p>Security check</p><div class="cf-turnstile"></div>')),
}


@pytest.mark.parametrize("purpose", ["feed", "page", "article"])
@pytest.mark.parametrize("name", CHECKS, ids=lambda name: f"#31 {name}")
def test_a_bot_check_is_known_by_its_marks(name: str, purpose: Purpose) -> None:
    status, headers, body = CHECKS[name]
    failure = refuse_challenge(status, headers, body, purpose=purpose, host="a.example")
    assert isinstance(failure, Challenged)
    assert "a.example" in str(failure)


SITES_OWN: dict[str, tuple[int, Headers, bytes]] = {
    "an article with a captcha below": (200, HTML, page("", ARTICLE + '<div class="g-recaptcha">Not a robot?</div>')),
    "an article about a firewall": (200, HTML, page("", ARTICLE + "sucuri website firewall, incapsula incident id")),
    "an article with a vendor's script": (
        200,
        HTML,
        page("<script src=/cdn-cgi/challenge-platform/scripts/jsd/main.js></script>", "<p>A short notice.</p>"),
    ),
    "a short page with imperva's script": (
        200,
        HTML,
        page("<script src=/_Incapsula_Resource?SWJIYLWA=1></script>", "<p>A notice.</p>"),
    ),
    "a contact form with a captcha": (
        200,
        HTML,
        page("", '<form><p>Write to the desk.</p><input><div class="g-recaptcha"></div></form>'),
    ),
    "an empty page of scripts": (200, HTML, page("<script src=https://www.google.com/recaptcha/api.js></script>")),
    "a refusal in the site's own words": (403, (("Server", "nginx"),), page("<title>403</title>", "Access denied")),
    "a busy server behind cloudflare": (503, (("Server", "cloudflare"),), page("<title>Down for repairs</title>")),
    "no body": (403, (("Server", "cloudflare"),), b""),
    "an empty 429": (429, (), b""),
}


@pytest.mark.parametrize("name", SITES_OWN)
def test_what_is_the_sites_own_is_no_bot_check(name: str) -> None:
    status, headers, body = SITES_OWN[name]
    assert refuse_challenge(status, headers, body, purpose="article", host="a.example") is None


@pytest.mark.parametrize("piece", [b"<script", b"<", b"<style>", b"> <", b"a "])
def test_a_page_of_nothing_but_marks_is_looked_at_in_proportion(piece: bytes) -> None:
    def look(body: bytes) -> None:
        refuse_challenge(200, HTML, body, purpose="feed", host="a.example")

    assert_in_proportion(look, lambda size: (b"sucuri_cloudproxy_js" + piece * size)[:size], 65_536)


@pytest.mark.parametrize(
    ("asked", "final", "is_one"),
    [
        ("https://a.example/feed", "https://a.example/login", True),
        ("https://a.example/feed", "https://a.example/wp-login.php?redirect_to=x", True),
        ("https://a.example/feed", "https://a.example/users/sign_in", True),
        ("https://a.example/feed", "https://a.example/account/SignIn.aspx", True),
        ("https://a.example/feed", "https://accounts.b.example/v3/choose", True),
        ("https://a.example/feed", "https://login.a.example/", True),
        ("https://a.example/feed", "https://a.example/feed.xml", False),
        ("https://a.example/feed", "https://a.example/news/login-of-the-week", False),
        ("https://a.example/feed", "https://a.example/login/help", False),
        ("https://a.example/feed", "https://auth.example/feed", False),
        ("https://login.a.example/feed", "https://login.a.example/feed.xml", False),
        ("https://a.example/login", "https://a.example/login/", False),
    ],
)
def test_a_redirect_to_a_login_page_is_known_by_path_or_host(asked: str, final: str, is_one: bool) -> None:
    assert is_login(check_url(asked), check_url(final)) == is_one


def test_a_login_names_both_hosts() -> None:
    text = str(refuse_login(check_url("https://a.example/x"), check_url("https://login.b.example/")))
    assert "a.example" in text
    assert "login.b.example" in text


@pytest.mark.parametrize(
    ("purpose", "final", "content", "is_elsewhere"),
    [
        ("feed", "https://portal.example/welcome", page(), True),
        ("sitemap", "https://portal.example/welcome", page(), True),
        ("search", "https://portal.example/welcome", page(), True),
        ("page", "https://portal.example/welcome", page(), False),
        ("article", "https://portal.example/blockpage?url=a", page("", ARTICLE * 10), True),
        ("feed", "https://www.a.example/", page(), False),
        ("feed", "https://feeds.a.example/", page(), False),
        ("feed", "https://b.example/", page("", ARTICLE * 10), False),
        ("feed", "https://b.example/feed", b"<rss version='2.0'/>", False),
    ],
)
def test_a_short_page_of_another_site_in_the_place_of_a_list_is_from_elsewhere(
    purpose: Purpose, final: str, content: bytes, is_elsewhere: bool
) -> None:
    failure = refuse_elsewhere(check_url("https://a.example/feed"), check_url(final), purpose, (), content)
    assert isinstance(failure, ElsewhereLed) == is_elsewhere
    assert failure is None or check_url(final).host in str(failure)


def test_511_is_the_networks_word_and_no_other_status_is() -> None:
    assert isinstance(refuse_network(511, host="a.example"), ElsewhereLed)
    assert refuse_network(451, host="a.example") is None


@pytest.mark.parametrize(
    ("headers", "content", "is_one"),
    [
        (HTML, b"", True),
        ((("Content-Type", "application/xhtml+xml"),), b"<?xml", False),
        ((), b"\xef\xbb\xbf \n<!DOCTYPE HTML>", True),
        ((("Content-Type", "text/xml"),), b"<html>", True),
        ((("Content-Type", "text/xml"),), b"<rss>", False),
        ((), b"", False),
    ],
)
def test_a_page_is_known_by_its_type_or_how_it_begins(headers: Headers, content: bytes, is_one: bool) -> None:
    assert is_html(headers, content) == is_one
