"""What a term of a query is in tokens, the same for the matcher and for the search index. Pure."""

from monitor.model.query import Fact, Site, Term, Word
from monitor.text.facts import language_fact, site_fact
from monitor.text.stems import is_stemmed
from monitor.text.tokens import forms_of


def tokens_of(term: Term) -> tuple[str, ...]:
    """Return a term's tokens."""
    return forms_of(term.text if isinstance(term, Word) else " ".join(term.words))


def is_prefix(term: Term) -> bool:
    """Tell whether a term's last token may go on."""
    return isinstance(term, Word) and term.is_prefix


def is_inflected(term: Term) -> bool:
    """Tell whether a term stands for all inflections of its words."""
    return not term.is_exact and not is_prefix(term) and any(map(is_stemmed, tokens_of(term)))


def fact_of(leaf: Fact) -> str:
    """Return the string that holds of an article where a fact does (`monitor.text.facts`)."""
    return site_fact(leaf.host) if isinstance(leaf, Site) else language_fact(leaf.code)
