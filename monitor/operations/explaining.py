"""Explain a hit, and judge it once more to see whether the same comes out."""

from collections.abc import Iterator, Sequence

from monitor.errors import WatchlistError
from monitor.match.opinions import TAKEN
from monitor.match.recompute import judge_again
from monitor.model.explaining import AssessedHit, Explanation, Recomputed
from monitor.model.matching import Opinion, Passage, Stance, TermMatch
from monitor.operations.hits import explained, find_hit, judgements_in_words, stance_in_words
from monitor.operations.opening import Monitor
from monitor.store.explaining import find_assessed
from monitor.text.counting import counted
from monitor.watchlist.document import read_watchlist

_DISCARDED = {
    "no_answer": "it does not answer as a chat endpoint does",
    "answer_too_long": "it is too long",
    "answer_no_json": "it is not the JSON object that was asked for",
    "answer_has_other_fields": "it has other fields than were asked for",
    "answer_out_of_range": "it has values that were not offered",
    "quote_not_in_a_passage": "its quote does not stand word for word in a sentence shown",
    "quote_not_of_the_claim": "its quote has none of the claim's words",
}
"""Why nothing of a judge's answer counts, by `outcome`."""


def explain_hit(monitor: Monitor, hit_id: int) -> Explanation:
    """Say why a hit is one, from what is stored, and judge the stored texts again. Raises UsageError."""
    hit = find_hit(monitor, hit_id)
    assessed = find_assessed(monitor.archive, hit_id)
    why = hit.why
    sentences = [
        *explained(hit),
        *map(_term, _once_a_place(why.terms)),
        *(f"Against it stands {_term(term)}" for term in why.excluded_by),
        *map(_passage, hit.line.passages),
        *filter(None, [stance_in_words(hit), _opinion(why.opinion, hit.line.stance)]),
        *judgements_in_words(hit),
        *_revisions(assessed),
    ]
    return Explanation(hit, assessed, tuple(sentences), _again(assessed))


def _again(assessed: AssessedHit) -> Recomputed:
    key = assessed.assessment.claim_key.partition("/")[2]
    try:
        document = read_watchlist(assessed.document, f"version {assessed.version}")
    except WatchlistError:
        return Recomputed(None, ("the watchlist's version of then can't be read by this version of Monitor",))
    claim = next((one for one in document.claims if one.key == key), None)
    if claim is None:
        return Recomputed(None, (f"version {assessed.version} of the watchlist has no claim {key}",))
    found = judge_again(claim, assessed.given, assessed.assessment)
    if claim.fingerprint != assessed.fingerprint:
        found = Recomputed(found.assessment, ("the claim is read otherwise than then", *found.differences))
    return found


def _once_a_place(terms: Sequence[TermMatch]) -> list[TermMatch]:
    """Return of the spellings that mean the same places the first: a reader would count one word as three."""
    first: dict[object, TermMatch] = {}
    for term in terms:
        first.setdefault((term.where, term.spans), term)
    return list(first.values())


def _term(term: TermMatch) -> str:
    gloss = f" ({term.gloss})" if term.gloss else ""
    places = ", ".join(f"{start} to {end}" for start, end in term.spans[:5])
    more = f" and {counted(len(term.spans) - 5, 'place')} more" if len(term.spans) > 5 else ""
    quoted = term.term if term.term.startswith('"') else f"“{term.term}”"
    return f"{quoted}{gloss} stands in the {term.where} at {places}{more}."


def _passage(passage: Passage) -> str:
    page = f", page {passage.page}" if passage.page else ""
    text = " ".join(passage.text.split())
    return f"Shown: “{text}” ({passage.where}, {passage.start} to {passage.end}{page})."


def _opinion(opinion: Opinion | None, stance: Stance) -> str:
    """Say what an outside judge said of it, and why that wasn't taken; "" where none was asked."""
    if opinion is None:
        return ""
    if opinion.outcome != TAKEN:
        # Where it could not be asked, what went wrong stands in the place of an answer.
        why = _DISCARDED.get(opinion.outcome) or opinion.answered or opinion.outcome
        return f"The judge {opinion.judge} was asked, and nothing of its answer is taken: {why}."
    bears = "bears" if opinion.relevant else "does not bear"
    side = f", its stance {opinion.stance}" if opinion.stance != stance else ""
    said = f"it says that the article {bears} on the claim{side} (“{opinion.quote}”)"
    return f"The judge {opinion.judge} was asked: {said}."


def _revisions(assessed: AssessedHit) -> Iterator[str]:
    yield (
        f"Judged on {assessed.at:%Y-%m-%d %H:%M} UTC by {assessed.assessment.why.matcher}: revision "
        f"{assessed.article_revision} of the article, revision {assessed.claim_revision} of the claim "
        f"(watchlist version {assessed.version}, {assessed.fingerprint[:12]})."
    )
    if assessed.latest_revision != assessed.article_revision:
        yield f"The article has changed since: revision {assessed.latest_revision} is its newest."
    if assessed.live_fingerprint != assessed.fingerprint:
        yield "The claim has changed since."
