"""What `site:` and `lang:` ask of an article. In: its address and language. Out: facts, each one string."""

from urllib.parse import urlsplit

_MAX_LABELS = 10


def site_fact(host: str) -> str:
    """Return what holds of the articles of a host and of the hosts within it. `www.` doesn't count."""
    return f"site:{host.lower().removeprefix('www.').strip('.')}"


def language_fact(code: str) -> str:
    """Return what holds of the articles in a language."""
    return f"lang:{code.lower().partition('-')[0]}"


def facts_of(url: str, language: str) -> frozenset[str]:
    """Return all that holds of an article at an address, in a language; either may be unknown, and then empty."""
    facts = {language_fact(language)} if language else set()
    try:
        host = urlsplit(url).hostname if url.startswith("http") else None
    except ValueError:
        host = None
    if host:
        labels = host.split(".")[-_MAX_LABELS:]
        facts |= {site_fact(".".join(labels[at:])) for at in range(len(labels))}
    return frozenset(facts)
