"""Propose additions to a claim's terms, and exclusions, from what people said of its articles."""

from dataclasses import dataclass

from monitor.match.proposals import forms_known, propose
from monitor.model.judging import Proposal
from monitor.model.query import iter_terms
from monitor.operations.opening import Monitor
from monitor.operations.questions import read_claim
from monitor.store.articles import list_articles
from monitor.store.judgements import judged_articles
from monitor.store.replays import read_archived
from monitor.text.terms import tokens_of

OTHERS = 300
"""So many of the newest articles say how common a word is."""

MOST_JUDGED = 1000


@dataclass(frozen=True, slots=True)
class Proposals:
    """What is proposed, and from how many relevant, rejected and other articles."""

    proposals: tuple[Proposal, ...]
    relevant: int
    rejected: int
    others: int


def propose_for(monitor: Monitor, claim: str) -> Proposals:
    """Return words that tell a claim's relevant articles from its rejected ones. Raises UsageError."""
    found, read = read_claim(monitor, claim)
    said = {one.article_id: one.is_relevant for one in judged_articles(monitor.archive, found.claim_id)}
    judged = _texts(monitor, sorted(said, reverse=True)[:MOST_JUDGED])
    newest = [article.id for article in list_articles(monitor.archive, limit=OTHERS + len(said))]
    others = list(_texts(monitor, [article_id for article_id in newest if article_id not in said][:OTHERS]).values())
    relevant = [text for article_id, text in judged.items() if said[article_id]]
    rejected = [text for article_id, text in judged.items() if not said[article_id]]
    tokens = [tokens_of(term) for term in iter_terms(read.expression)]
    # Khmer is in clusters there: a word is known where it stands in a whole term.
    words = [form for some in tokens for form in (*some, "".join(some))]
    known = forms_known(words, [*relevant, *rejected])
    proposals = propose(relevant, rejected, others, known)
    return Proposals(proposals, len(relevant), len(rejected), len(others))


def _texts(monitor: Monitor, ids: list[int]) -> dict[int, str]:
    return {article.id: article.given.text for some in read_archived(monitor.archive, ids) for article in some}
