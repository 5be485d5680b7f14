"""Tell an answer of the site itself from one of whatever stands before it: a bot check, a login, a network.

In: status, headers, the beginning of the body, and where the redirects led. Out: Challenged, LoginAsked or ElsewhereLed
to raise, or nothing. Never: goes round any of them, or counts a page that merely holds a captcha among its comments:
a check's page has its marks and next to no words.
"""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from monitor.errors import Challenged, ElsewhereLed, LoginAsked, MonitorError
from monitor.fetch.guard import CheckedUrl
from monitor.model.fetching import Headers, Purpose
from monitor.text.urls import is_same_site

LOOKED_AT_BYTES = 65_536
SUSPECT_STATUSES = frozenset({202, 403, 405, 429, 503})
"""The statuses under which bot checks are served, besides 200; AWS WAF's are 202 and 405."""

_MAX_SHORT_PAGE_BYTES = 20_480
_NETWORK_AUTHENTICATION = 511
_LISTS: frozenset[Purpose] = frozenset({"feed", "sitemap", "search"})

# What only the page of a check holds, by the vendors' own documents and pages. In lower case.
_MARKS: Mapping[str, tuple[str, ...]] = {
    "Cloudflare": ("_cf_chl_opt", "cf-browser-verification", "<title>just a moment...", 'id="challenge-form"'),
    "Sucuri": ("sucuri_cloudproxy_js", "sucuri website firewall"),
    "DDoS-Guard": ("<title>ddos-guard", "/.well-known/ddos-guard/js-challenge"),
    "Imperva": ("incapsula incident id", "_incapsula_resource?cwudnsai"),
    "Akamai": ("/_sec/cp_challenge/", "bm-verify=", "sec-if-cpt-container", "errors.edgesuite.net"),
    "AWS WAF": ("gokuprops",),
    "DataDome": ("captcha-delivery.com/",),
    "PerimeterX": ("px-captcha", "captcha.px-cdn.net"),
}
# What their scripts also put into ordinary pages: a mark only where no page is due, or the status speaks for it.
_LOOSE_MARKS: Mapping[str, tuple[str, ...]] = {
    "Cloudflare": ("/cdn-cgi/challenge-platform/",),
    "DDoS-Guard": ("check.ddos-guard.net/",),
    "Imperva": ("_incapsula_resource",),
    "AWS WAF": ("awswafintegration", ".awswaf.com/"),
    "PerimeterX": ("_pxappid",),
}
_CAPTCHAS = ("g-recaptcha", "h-captcha", "cf-turnstile")
_CHECK_WORDS = ("robot", "human", "captcha</title", "unusual traffic", "security check", "not a bot")
_MAX_WORDS, _MAX_CAPTCHA_WORDS = 160, 80
_SERVERS = {"cloudflare": "Cloudflare", "sucuri": "Sucuri", "ddos-guard": "DDoS-Guard", "akamaighost": "Akamai"}
_REFUSALS = ("attention required! | cloudflare", "access denied", "just a moment", "ddos-guard")
_LOGIN_PAGE = re.compile(
    r"(?:log-?in|log_in|logon|sign-?in|sign_in|wp-login|authorize)(?:\.(?:php|aspx?|html?|jsp|do))?", re.IGNORECASE
)
_LOGIN_HOST = re.compile(r"(?:accounts?|login|signin|sso|auth)\.[^.]+\..+")
_NETWORK_MARK = re.compile(
    r"captive|hotspot|block-?page|blocked|internet-?positif|trustpositif|landing-?page-?block|access-?denied"
    r"|web-?filter|fortiguard|wifi-?(?:login|portal)|guest-?portal",
    re.IGNORECASE,
)


def refuse_challenge(
    status: int, headers: Headers, beginning: bytes, *, purpose: Purpose, host: str
) -> MonitorError | None:
    """Return Challenged where the answer is a bot check; `beginning` is at most 64 KB of the decoded body."""
    vendor = _challenger(headers) or _challenge_page(
        status, headers, beginning, is_page_due=purpose not in _LISTS and status not in SUSPECT_STATUSES
    )
    if vendor is None:
        return None
    who = "a bot check" if vendor == "captcha" else f"a bot check of {vendor}"
    return Challenged(
        f"{host} answers with {who} ({status}), which Monitor does not go round; ask the site to let our User-Agent "
        f"pass, or follow it by a search or newsletter"
    )


def refuse_network(status: int, *, host: str) -> MonitorError | None:
    """Return ElsewhereLed for 511: whoever runs the network wants a sign-in first (RFC 6585 §6)."""
    if status != _NETWORK_AUTHENTICATION:
        return None
    return ElsewhereLed(
        f"The network asks for a sign-in (511) in the place of {host}: sign in on this machine's network, or give the "
        f"source another way out with --proxy"
    )


def is_login(asked: CheckedUrl, final: CheckedUrl) -> bool:
    """Say whether a redirect ended at a login page, where a page was asked for that is none."""
    if _names_login(final):
        return not _names_login(asked)
    return bool(_LOGIN_HOST.fullmatch(final.host)) and not _LOGIN_HOST.fullmatch(asked.host)


def refuse_login(asked: CheckedUrl, final: CheckedUrl) -> LoginAsked:
    """Return the failure for a redirect that ended at a login page."""
    return LoginAsked(
        f"{asked.host} leads to a login page at {final.host}, and Monitor never logs in; follow the site by a feed, "
        f"search or newsletter"
    )


def refuse_elsewhere(
    asked: CheckedUrl, final: CheckedUrl, purpose: Purpose, headers: Headers, content: bytes
) -> MonitorError | None:
    """Return ElsewhereLed where a redirect ended at another site's short HTML page in the place of a list, or at a page
    that calls itself a block."""
    if is_same_site(asked.text, final.text) or not is_html(headers, content):
        return None
    is_marked = _NETWORK_MARK.search(f"{final.host}{urlsplit(final.text).path}"[:1_000]) is not None
    if not is_marked and not (purpose in _LISTS and len(content) <= _MAX_SHORT_PAGE_BYTES):
        return None
    return ElsewhereLed(
        f"{asked.host} leads to a page of {final.host}, not to what was asked for; if this network blocks the site, "
        f"give the source a proxy (--proxy) where that is lawful, and if the site has moved, give its new address"
    )


def is_html(headers: Headers, content: bytes) -> bool:
    """Say whether a body is an HTML page, by its type or by how it begins."""
    content_type = _value(headers, "content-type")
    if "html" in content_type and "xml" not in content_type:
        return True
    begin = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return begin.startswith((b"<!doctype html", b"<html"))


def _challenger(headers: Headers) -> str | None:
    """Name who says in a header that this is a check, where one does."""
    if _value(headers, "cf-mitigated") == "challenge":
        return "Cloudflare"
    if _value(headers, "x-amzn-waf-action") in {"challenge", "captcha"}:
        return "AWS WAF"
    return None


def _challenge_page(status: int, headers: Headers, beginning: bytes, *, is_page_due: bool) -> str | None:
    """Name whose check the page is; a captcha of no firm we know is a "captcha"."""
    if not beginning:
        return None
    page = beginning[:LOOKED_AT_BYTES].decode("utf-8", "replace").lower()
    vendor = _marked(page, _MARKS) or (None if is_page_due else _marked(page, _LOOSE_MARKS))
    if vendor is None and status in SUSPECT_STATUSES and any(words in page for words in _REFUSALS):
        vendor = _SERVERS.get(_value(headers, "server").partition("/")[0])
    if vendor is not None:
        return vendor if _count_words(page) <= _MAX_WORDS else None
    has_captcha = any(mark in page for mark in _CAPTCHAS) and any(words in page for words in _CHECK_WORDS)
    return "captcha" if has_captcha and _count_words(page) <= _MAX_CAPTCHA_WORDS else None


def _marked(page: str, marks: Mapping[str, tuple[str, ...]]) -> str | None:
    return next((vendor for vendor, of_vendor in marks.items() if any(mark in page for mark in of_vendor)), None)


def _count_words(page: str) -> int:
    """Count the words that a reader would see, roughly. Splitting costs the same whatever the page holds."""
    first, *scripts = page.replace("<style", "<script").replace("</style", "</script").split("<script")
    shown = [first, *(piece.partition("</script")[2] for piece in scripts)]
    return sum(len(part.rpartition(">")[2].split()) for piece in shown for part in piece.split("<"))


def _names_login(url: CheckedUrl) -> bool:
    return _LOGIN_PAGE.fullmatch(urlsplit(url.text).path.rstrip("/").rpartition("/")[2]) is not None


def _value(headers: Headers, name: str) -> str:
    return next((value.strip().lower() for key, value in headers if key.lower() == name), "")
