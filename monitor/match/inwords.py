"""Why an article was judged so, in words that a reader reads. In: score, Why. Out: sentences. Pure."""

from monitor.model.matching import BY_HAND, DIGEST_FROM, Feature, Why

_NAMES = {
    "terms": "share of the claim's query that stands there",
    "holds": "the claim's query holds",
    "title": "share of the query in the title",
    "lead": "share of the query in the lead",
    "passage": "share of the query in one passage",
    "density": "how often its terms stand there",
    "place": "how far it is about the claim's country",
    "out": "an exclusion of the claim holds, or it is about another country",
    "names": "the names of the claim in the text",
    "names_missing": "share of the claim's names that it lacks",
    "numbers": "share of the claim's numbers that it has",
    "numbers_missing": "share of the claim's numbers that it lacks",
    "bodies": "ministries and the like of the claim's country that it names",
    "words": "the claim's own words in the text",
    "match": "the claim's own words in the text, as a share",
    "window": "the claim's own words within three sentences",
    "like_lead": "the claim's own words, or words like them, in the lead",
    "words_lead": "the claim's own words in the lead",
    "words_title": "the claim's own words in the title",
    "meaning": "nearness in meaning of the best passage",
    "meaning_top": "nearness in meaning of the three best passages",
    "meaning_all": "nearness in meaning of its passages together",
    "meaning_lead": "nearness in meaning of its first sentences as one",
}
_ALL = 100.0
_LEAST = 0.05
"""What moves the logit by less isn't worth a reader's time."""


def in_words(score: float, why: Why) -> tuple[str, ...]:
    """Return sentences: how sure, how near in meaning, what speaks for it and what against."""
    if why.matcher == BY_HAND:
        return ("An operator set it under this claim by hand.",)
    if not why.features:
        return (f"Score {score:.2f}, by an earlier version of Monitor.",)
    lines = f"digest from {why.tuning.digest_from:.2f}, alert from {why.tuning.alert_from:.2f}"
    sure = f"Probability {score:.2f} that it bears on the claim: {_told(score, why)} ({lines})."
    return sure, _meaning(why), *_sides(why)


def _told(score: float, why: Why) -> str:
    if score >= why.tuning.digest_from:
        return "told in a digest"
    # What the query finds is told all the same, but where somebody set a line for the claim.
    is_by_query = any(feature.name == "holds" for feature in why.features)
    if is_by_query and why.tuning.digest_from == DIGEST_FROM:
        return "told in a digest, for the claim's query holds"
    return "below what a digest tells"


def _meaning(why: Why) -> str:
    if why.meaning == "pending":
        return "Matched on terms, meaning pending: its passages wait to be compared with the claim."
    if why.percentile is None:
        return "Judged on terms alone: no encoder has compared its meaning with the claim."
    share = "all" if why.percentile == _ALL else f"{why.percentile:.1f} % of"
    return (
        f"Its best passage is nearer to the claim in meaning than {share} the ordinary sentences that it was held "
        f"against (encoder {why.model_id})."
    )


def _sides(why: Why) -> list[str]:
    moved = [(feature, feature.value * feature.weight) for feature in why.features]
    speaking = [_said(feature, by) for feature, by in moved if by >= _LEAST]
    against = [_said(feature, by) for feature, by in moved if by <= -_LEAST]
    learnt = why.tuning.intercept
    start = f"It starts at {why.base:+.2f}" + (f", and what was judged before adds {learnt:+.2f}" if learnt else "")
    total = why.base + learnt + sum(by for _, by in moved)
    return [
        f"{start}. For it: {'; '.join(speaking) or 'nothing'}.",
        *([f"Against it: {'; '.join(against)}."] if against else ()),
        f"Together {total:+.2f}, where 0 is an even chance.",
    ]


def _said(feature: Feature, by: float) -> str:
    value = "" if feature.name in ("holds", "out") else f" {feature.value:.2f}"
    return f"{_NAMES.get(feature.name, feature.name)}{value} ({by:+.2f})"
