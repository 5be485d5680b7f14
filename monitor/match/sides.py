"""Give each hit its stance. Pure.

In: an article's assessments and the claims' texts. Out: the same, each hit with its stance and with the passage that
decided it. Never: a denial left out because other sentences show more of the claim.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice

from monitor.match.denials import find_denial, find_reply
from monitor.match.foreign_cues import find_foreign_denial
from monitor.match.stance import MAX_SENTENCES, follows, is_english, judge_stance
from monitor.match.stance_article import LEAD_SENTENCES
from monitor.match.stance_features import read_claim
from monitor.model.matching import Assessment, MatchInput, Passage
from monitor.text.sentences import split_sentences

_MAY_DENY = re.compile(
    r"den(?:y|ie|ial)|refut|rebut|reject|dismiss|disput|debunk|disprov|disavow|repudiat|false|fake|hoax|bogus|untrue"
    r"|fabricat|baseless|unfounded|groundless|fiction|nonsense|slander|libel|defam|exaggerat|overstat|incorrect"
    r"|inaccura|mislead|contrary|rebuff|quash|rubbish|overblown|doubt"
    r"|\b(?:shoot|shot|bat|knock)\w* (?:down|away)"
    r"|\b(?:few|hardly|scarcely|no|not|none|nobody|never|nothing|far|without|lacks?)\b|n['’]t\b",
    re.IGNORECASE,
)
"""What a denial can't do without: most sentences are passed over by it."""


def with_stances(
    assessments: Iterable[Assessment], article: MatchInput, claims: Mapping[str, str]
) -> tuple[Assessment, ...]:
    """Return the assessments, each hit with its stance; `claims` are the claims' texts by `claim_key`."""
    given = tuple(assessments)
    if not any(one.is_hit for one in given):
        return given
    sentences = _may_deny(article)
    return tuple(
        _with_stance(one, article, claims[one.claim_key], sentences) if one.is_hit and one.claim_key in claims else one
        for one in given
    )


def _with_stance(assessment: Assessment, article: MatchInput, claim: str, sentences: Sequence[Passage]) -> Assessment:
    passages = assessment.passages + tuple(_denials(claim, sentences, assessment.passages))
    call = judge_stance(claim, passages, article.language, article)
    if (reply := _foreign_reply(article, passages)) and not call.denials:
        cues, at = find_foreign_denial(reply.text, article.language), len(passages)
        passages, call = (*passages, reply), replace(call, passage_index=at, cues=cues, denials=(at,))
    # The sentence that disputes the claim is the first that a reader sees, wherever a mail shows but one.
    if call.stance == "disputes" and call.passage_index:
        order = [call.passage_index, *(at for at in range(len(passages)) if at != call.passage_index)]
        passages = tuple(passages[at] for at in order)
        call = replace(call, passage_index=0, denials=tuple(sorted(order.index(at) for at in call.denials)))
    return replace(assessment, stance=call.stance, passages=passages, why=replace(assessment.why, stance=call))


def _denials(claim: str, sentences: Sequence[Passage], shown: Sequence[Passage]) -> Iterator[Passage]:
    """Give the first sentence that denies the claim, else what is shown before it, where none that is shown does."""
    words = read_claim(claim)
    if any(find_denial(words, passage.text) for passage in shown):
        return
    ends = {passage.end for passage in shown if passage.where == "text"}
    denying = (passage for passage in sentences if find_denial(words, passage.text))
    replying = (passage for passage in sentences if follows(passage, ends) and find_reply(passage.text))
    yield from islice(chain(denying, replying), 1)


def _foreign_reply(article: MatchInput, shown: Sequence[Passage]) -> Passage | None:
    """Return the first plain denial right behind what is shown of an article that isn't English."""
    if is_english(article.text or article.title):
        return None
    ends = {passage.end for passage in shown if passage.where == "text"}
    spans = split_sentences(article.text)[:MAX_SENTENCES] if ends else ()
    behind = (one for start, end in spans if follows(one := Passage(article.text[start:end], start, end), ends))
    return next((one for one in behind if find_foreign_denial(one.text, article.language)), None)


def _may_deny(article: MatchInput) -> tuple[Passage, ...]:
    """Return the headline, the lead and the sentences of an English article in which words of denial stand."""
    if not is_english(article.text or article.title):
        return ()
    title, text = article.title.strip(), article.text
    start = article.title.find(title)
    spans = split_sentences(text)[:MAX_SENTENCES]
    passages = [Passage(title, start, start + len(title), "title")] if title else []
    first = len(passages) + LEAD_SENTENCES
    passages += [Passage(text[start:end], start, end) for start, end in spans]
    return tuple(one for at, one in enumerate(passages) if at < first or _MAY_DENY.search(one.text))
