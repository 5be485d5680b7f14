"""What can be wrong with a source, in words. In: a reason. Out: the slug of its illness, and its words.

Never: a slug without words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

DEFAULT_FAILING = "refused"


@dataclass(frozen=True, slots=True)
class HealthWords:
    """An illness in words: `what` for a table or a digest, `meaning` in a sentence, and what to do (`remedy`)."""

    what: str
    meaning: str
    remedy: str


HEALTH: Mapping[str, HealthWords] = MappingProxyType(
    {
        "silent": HealthWords(
            "Brings nothing",
            "It can be read, but for much longer than usual it has listed nothing new.",
            "Open the site. If it has news, its feed has died: look there for another, or follow it as a page.",
        ),
        "few": HealthWords(
            "Brings far fewer than before",
            "For a week it has brought half or less of what it used to.",
            "Compare it with the site: a section may have moved to a feed of its own.",
        ),
        "many": HealthWords(
            "Brings far more than before",
            "For a week it has brought at least double of what it used to.",
            "See what came in: the feed may now hold another site's news, or advertisements.",
        ),
        "challenged": HealthWords(
            "Behind a bot check",
            "A bot check stands before its content, and Monitor does not go round it.",
            "Ask the site to let our User-Agent pass, or follow it by a search or newsletter.",
        ),
        "login": HealthWords(
            "Asks for a login",
            "A login page comes in place of the content, and Monitor never logs in.",
            "Follow the site by another feed, a search or a newsletter.",
        ),
        "paywall": HealthWords(
            "Shows beginnings only",
            "Most of its articles show the beginning only; the rest is for subscribers.",
            "What is matched is the beginning. Read the rest with a subscription; Monitor does not go round it.",
        ),
        "blocked_on_network": HealthWords(
            "Blocked on this network",
            "Something on the way answers in its place, or it may not be shown in this country.",
            "Open it from another network; give the source a proxy (`--proxy`) where that is lawful.",
        ),
        "not_a_feed": HealthWords(
            "Can't be read",
            "It answers, but not with what a source of its kind should send.",
            "`monitor sources check` shows what comes; look for its new address, or change its kind or links.",
        ),
        "moved": HealthWords(
            "Has moved to another site",
            "It redirects for good to an address of another site.",
            "Look whether the new address is the outlet's own; if so: `monitor sources edit NUMBER --url NEW`.",
        ),
        "gone": HealthWords(
            "Is gone",
            "There is nothing at its address any more.",
            "Look for its new address; if there is none, disable it.",
        ),
        "unreachable": HealthWords(
            "Can't be reached",
            "Its server has not answered, or not safely, for hours.",
            "Open the address in a browser. If it fails there too, wait, or look whether the site has moved.",
        ),
        "refused": HealthWords(
            "Refuses us",
            "Its server answers with a refusal or an error in place of the content.",
            "Open the address in a browser. If it works there, the site shuts programs out: ask it, or use a search.",
        ),
        "robots": HealthWords(
            "Asks robots to stay away",
            "Its robots.txt asks us not to read it, and Monitor heeds that.",
            "Ask the site, or follow it by a search or newsletter.",
        ),
        "mailbox": HealthWords(
            "The mail server refuses us",
            "The mailbox that newsletters come to can't be opened.",
            "Check the address, the folder and `MONITOR_IMAP_PASSWORD`.",
        ),
        "address": HealthWords(
            "Its address can't be asked for",
            "The address isn't one that Monitor fetches, or not one that it may.",
            "The message says why: `monitor sources edit NUMBER --url NEW`, or allow its network or port.",
        ),
        "fault": HealthWords(
            "A fault on our side",
            "Monitor could not do its part; the source may be well.",
            "`monitor doctor` shows what is missing; if it finds nothing, report it with the message.",
        ),
    }
)

_ILLNESSES: Mapping[str, frozenset[str]] = {
    "challenged": frozenset({"challenged"}),
    "login": frozenset({"login", "http_401"}),
    "paywall": frozenset({"http_402", "paywall"}),
    "blocked_on_network": frozenset({"blocked_on_network", "http_451", "http_511"}),
    "not_a_feed": frozenset(
        {
            "not_a_feed",
            "bad_feed",
            "bad_selector",
            "search_refused",
            "empty",
            "body_too_large",
            "bad_encoding",
            "bad_response",
            "parser_timeout",
            "parser_killed",
        }
    ),
    "gone": frozenset({"http_410"}),
    "unreachable": frozenset(
        {
            "timeout",
            "connection_lost",
            "dns_failed",
            "network_down",
            "host_struggling",
            "robots_unavailable",
            "server_busy",
            "tls_error",
            "too_many_redirects",
            "http_407",
        }
    ),
    "fault": frozenset(
        {
            "internal_error",
            "parsers_unavailable",
            "store_busy",
            "browser_failed",
        }
    ),
    "robots": frozenset({"robots_disallowed"}),
    "mailbox": frozenset({"mailbox_refused"}),
    "address": frozenset({"bad_url", "blocked_address", "blocked_port"}),
}


def illness_of(reason: str) -> str:
    """Return the illness that a reason of failing stands for; a status that none is named for is a refusal."""
    for illness, reasons in _ILLNESSES.items():
        if reason in reasons:
            return illness
    return "unreachable" if reason.startswith("http_5") else DEFAULT_FAILING
