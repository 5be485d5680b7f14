"""Ask about articles that are no hits: the nearest to the line to learn from, some drawn at random to measure by."""

import random

from monitor.errors import UsageError
from monitor.match.learning import LEAST_ANSWERS, logit_of, missed_share
from monitor.match.scorer import Scorer
from monitor.model.archiving import LiveClaim
from monitor.model.judging import Judgement, Missed, Offered, Question
from monitor.model.query import Or, iter_terms
from monitor.model.watching import Claim
from monitor.operations.claims import find_claim, refit
from monitor.operations.hits import MAX_ID, read_article
from monitor.operations.indexing import complete_index
from monitor.operations.judging import MAX_NAME, MAX_NOTE, VERDICTS
from monitor.operations.opening import Monitor
from monitor.operations.watchlists import live, one_line_of, who
from monitor.store.judgements import judged_articles, live_tunings, record_judgement
from monitor.store.questions import below_the_line, list_questions, record_questions
from monitor.store.replays import read_archived
from monitor.store.search.reading import Period, claim_candidates
from monitor.text.counting import counted

NEAREST, DRAWN = 3, 5
"""So many of each kind stand open for a claim."""

MAX_LOOKED_AT = 400
"""Among so many of the newest articles in which a term of the claim stands, the nearest are looked for."""

ACROSS_NEAREST, ACROSS_DRAWN = 5, 3
"""So many of each kind are asked in all, where no claim is named."""

_Claims = list[tuple[LiveClaim, Claim]]

_ACROSS_A_CLAIM = 2
_ACROSS_LOOKED_AT = 100


def ask(monitor: Monitor, claim: str, chance: random.Random) -> list[Question]:
    """Return a claim's open questions; those that were answered are followed by others. Raises UsageError."""
    found, read = read_claim(monitor, claim)
    still_open = list_questions(monitor.archive, found.claim_id)
    kinds = [question.offered for question in still_open]
    below = below_the_line(monitor.archive, found.claim_id)
    # Drawn first, from everything: what the nearest take away afterwards is known one by one.
    drawn = chance.sample(below, min(len(below), max(0, DRAWN - kinds.count("random"))))
    probability = len(drawn) / len(below) if below else None
    questions = _scored(monitor, found, read, drawn)
    asked = [_question(found, article_id, *questions[article_id], probability) for article_id in drawn]
    wanted = NEAREST - kinds.count("nearest")
    if wanted > 0:
        near = _nearest(monitor, found, read, set(below) - set(drawn))[:wanted]
        asked += [_question(found, article_id, score, logit, None) for article_id, score, logit in near]
    record_questions(monitor.archive, found, asked, monitor.now())
    return list_questions(monitor.archive, found.claim_id)


def ask_across(monitor: Monitor, chance: random.Random, watchlist: str = "") -> list[Question]:
    """Return the questions that teach most, over all claims or those of one watchlist. Raises UsageError.

    The nearest to the line of all claims, two of a claim at most; and one drawn at random for each of the claims of
    which least is known so.
    """
    claims = _live_claims(monitor, watchlist)
    kinds = [question.offered for question in _still_open(monitor, claims)]
    # Looked for before anything is drawn, and kept after it: what is both was drawn.
    nearest = _nearest_across(monitor, claims, ACROSS_NEAREST - kinds.count("nearest"))
    for claim, read in _least_drawn(monitor, claims, ACROSS_DRAWN - kinds.count("random")):
        _draw_one(monitor, claim, read, chance)
    for claim, question in nearest:
        record_questions(monitor.archive, claim, [question], monitor.now())
    return _still_open(monitor, claims)


def _live_claims(monitor: Monitor, watchlist: str) -> _Claims:
    """Return the claims of one watchlist, or of all (""), as they are kept and as they are read."""
    claims = [
        (claim, read)
        for stored, found in live(monitor)
        if watchlist in ("", stored.name)
        for claim in stored.claims
        for read in found.claims
        if read.key == claim.identifier.partition("/")[2]
    ]
    if not claims:
        raise UsageError(f"no watchlist {watchlist!r} is live; `monitor watchlists list` shows them")
    return claims


def _still_open(monitor: Monitor, claims: _Claims) -> list[Question]:
    return [question for claim, _ in claims for question in list_questions(monitor.archive, claim.claim_id)]


def _nearest_across(monitor: Monitor, claims: _Claims, wanted: int) -> list[tuple[LiveClaim, Question]]:
    """Return the articles that are nearest to the line of any claim, the nearest first, a few of a claim at most."""
    near: list[tuple[LiveClaim, Question]] = []
    for claim, read in claims if wanted > 0 else ():
        below = set(below_the_line(monitor.archive, claim.claim_id))
        of_claim = _nearest(monitor, claim, read, below, _ACROSS_LOOKED_AT)[:_ACROSS_A_CLAIM]
        near += [(claim, _question(claim, *one, None)) for one in of_claim]
    return sorted(near, key=lambda one: -(one[1].score or 0.0))[: max(0, wanted)]


def _least_drawn(monitor: Monitor, claims: _Claims, wanted: int) -> _Claims:
    """Return the claims for which the fewest articles were drawn so far."""

    def drawn(one: tuple[LiveClaim, Claim]) -> int:
        every = list_questions(monitor.archive, one[0].claim_id, only_open=False)
        return sum(question.offered == "random" for question in every)

    return sorted(claims, key=drawn)[: max(0, wanted)]


def _draw_one(monitor: Monitor, claim: LiveClaim, read: Claim, chance: random.Random) -> None:
    if below := below_the_line(monitor.archive, claim.claim_id):
        article_id = chance.choice(below)
        score, logit = _scored(monitor, claim, read, [article_id])[article_id]
        drawn = _question(claim, article_id, score, logit, 1 / len(below))
        record_questions(monitor.archive, claim, [drawn], monitor.now())


def answer(
    monitor: Monitor, claim: str, article_id: int, verdict: str, *, by: str = "", note: str = ""
) -> tuple[Judgement, bool]:
    """Keep what somebody says of an article and a claim, hit or not; say whether it is new. Raises UsageError."""
    found = find_claim(monitor, claim)
    if verdict not in VERDICTS:
        raise UsageError(f"{verdict!r} is no judgement; write one of: {', '.join(VERDICTS)}")
    if abs(article_id) > MAX_ID or read_article(monitor, article_id) is None:
        raise UsageError(f"no article {article_id}; `monitor articles list` shows their numbers")
    every = list_questions(monitor.archive, found.claim_id, only_open=False)
    question = next((one for one in every if one.article_id == article_id), None)
    judgement = Judgement(
        claim=found.identifier,
        article_id=article_id,
        verdict=VERDICTS[verdict],
        by=one_line_of(by)[:MAX_NAME] or who(),
        at=monitor.now(),
        note=one_line_of(note)[:MAX_NOTE],
        score=question.score if question else None,
        logit=question.logit if question else None,
    )
    return judgement, record_judgement(monitor.archive, found.claim_id, judgement, refit)


def missed(monitor: Monitor, claim: str) -> Missed:
    """Estimate what a claim misses, from the answers on articles that were drawn at random. Raises UsageError."""
    found = find_claim(monitor, claim)
    drawn = [
        (one.is_relevant, one.probability)
        for one in judged_articles(monitor.archive, found.claim_id)
        if one.offered == "random" and one.probability
    ]
    below = len(below_the_line(monitor.archive, found.claim_id))
    return missed_share(drawn, below)


def missed_in_words(known: Missed) -> str:
    """Say what a claim misses, or that too few answers are there to say it."""
    if known.share is None:
        return (
            f"What it misses: not enough answers yet ({known.answers} of {LEAST_ANSWERS} on articles drawn at random)."
        )
    share, low, high = known.share.value, known.share.low, known.share.high
    return (
        f"What it misses: {share:.1%} ({low:.1%} to {high:.1%}) of {counted(known.below, 'article')} without a hit, "
        f"so {low * known.below:,.0f} to {high * known.below:,.0f} articles; from {counted(known.answers, 'answer')}."
    )


def read_claim(monitor: Monitor, claim: str) -> tuple[LiveClaim, Claim]:
    """Return a live claim as it is kept and as it is read. Raises UsageError."""
    found = find_claim(monitor, claim)
    name, _, key = found.identifier.partition("/")
    read = next(
        one for stored, watchlist in live(monitor) if stored.name == name for one in watchlist.claims if one.key == key
    )
    return found, read


def _scored(
    monitor: Monitor, found: LiveClaim, claim: Claim, ids: list[int]
) -> dict[int, tuple[float | None, float | None]]:
    scorer = Scorer([(found.identifier, claim)]).with_tunings(live_tunings(monitor.archive))
    scores: dict[int, tuple[float | None, float | None]] = dict.fromkeys(ids, (None, None))
    for some in read_archived(monitor.archive, ids):
        for article in some:
            for one in scorer.match(article.given):
                scores[article.id] = (one.score, logit_of(one.score, one.why))
    return scores


def _nearest(
    monitor: Monitor, found: LiveClaim, claim: Claim, below: set[int], most: int = MAX_LOOKED_AT
) -> list[tuple[int, float, float | None]]:
    """Return the articles in which some term of the claim stands, those that score best first."""
    complete_index(monitor.archive)
    some_term = Or(tuple(iter_terms(claim.expression)))
    ids = claim_candidates(monitor.archive, some_term, Period(), before=None, limit=most)
    scored = _scored(monitor, found, claim, [article_id for article_id in ids if article_id in below])
    known = [(article_id, score, logit) for article_id, (score, logit) in scored.items() if score is not None]
    return sorted(known, key=lambda one: (-one[1], -one[0]))


def _question(
    claim: LiveClaim, article_id: int, score: float | None, logit: float | None, probability: float | None
) -> Question:
    offered: Offered = "nearest" if probability is None else "random"
    return Question(claim.identifier, article_id, "", "", offered, probability, score, logit)
