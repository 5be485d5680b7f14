"""Words that tell a claim's confirmed articles from its rejected ones. In: texts. Out: Proposals. Pure.

Weighed by log-odds with a prior from how many other articles hold a word (Monroe et al. 2008), over articles and not
occurrences. Never: a personal name. Only words that are written small wherever they don't begin a sentence are
proposed, so names of bodies and places are left out too. Khmer has no capitals: proposed are words that other articles
have as well and that never come soon after a title. In other scripts without capitals nothing tells a name, and nothing
is proposed.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from monitor.model.judging import Proposal, ProposalKind
from monitor.text.khmer import KHMER_LETTERS
from monitor.text.khmerwords import RUN, cut_words, may_be_names
from monitor.text.normalise import fold
from monitor.text.sentences import split_sentences
from monitor.text.stems import is_stemmed, stem_of

LEAST_ARTICLES = 2
"""In so many of the articles of its side must a word stand: one article's words are its own."""

_LEAST_Z = 1.5
_PRIOR_ARTICLES = 10.0
_LEAST_PRIOR = 0.5
_MOST_SHARE = 0.2
"""What stands in more of all articles than this tells none apart."""

_MOST = 10
_LEAST_OTHERS = 2
"""In so many other articles must a Khmer word stand: the people of one story are named in that story's articles."""

_WORD = re.compile(f"[{KHMER_LETTERS}]+|(?:(?![{KHMER_LETTERS}])[^\\W\\d_])+")


def propose(
    relevant: Sequence[str], rejected: Sequence[str], others: Sequence[str], known: frozenset[str] = frozenset()
) -> tuple[Proposal, ...]:
    """Return additions and exclusions, the most telling first; `known` are words that the claim asks for already."""
    texts = [*relevant, *rejected]
    allowed = (_written_small([*texts, *others]) | _khmer_allowed(texts, others)) - known
    sides = (relevant, rejected, others)
    counts = [Counter(word for text in side for word in set(_phrases(text, allowed))) for side in sides]
    weigh = partial(_weigh, counts=counts, sizes=(len(relevant), len(rejected), len(others)))
    weighed = sorted(((weigh(word), word) for word in counts[0] | counts[1]), key=lambda one: (-abs(one[0]), one[1]))
    found: list[Proposal] = []
    for z, word in weighed:
        side = 0 if z > 0 else 1
        is_common = any(counts[2][part] > _MOST_SHARE * max(1, len(others)) for part in word.split())
        if abs(z) < _LEAST_Z or counts[side][word] < LEAST_ARTICLES or is_common:
            continue
        if any(set(word.split()) & set(one.term.split()) for one in found):
            continue
        example = next(_examples(word, (relevant, rejected)[side]), "")
        kind: ProposalKind = "addition" if side == 0 else "exclusion"
        found.append(Proposal(word, kind, counts[0][word], counts[1][word], counts[2][word], round(z, 2), example))
    return tuple(found[:_MOST])


def _weigh(word: str, *, counts: Sequence[Mapping[str, int]], sizes: tuple[int, int, int]) -> float:
    """Return how far a word leans to the confirmed (above 0) or the rejected, in standard deviations."""
    prior = max(_LEAST_PRIOR, _PRIOR_ARTICLES * counts[2].get(word, 0) / max(1, sizes[2]))
    odds, spread = [], 0.0
    for side in (0, 1):
        held = counts[side].get(word, 0)
        odds.append(math.log((held + prior) / max(_LEAST_PRIOR, sizes[side] - held + _PRIOR_ARTICLES - prior)))
        spread += 1 / (held + prior)
    # Where one side is empty, the other is held against the prior: what all articles say.
    return (odds[0] - odds[1]) / math.sqrt(max(spread, 1 / _PRIOR_ARTICLES)) if sizes[0] or sizes[1] else 0.0


def _sentences(text: str) -> Iterator[str]:
    return (text[start:end] for start, end in split_sentences(text))


def _words(text: str) -> list[str]:
    """Return the words of a text as they are written; those of Khmer as ICU cuts them."""
    runs = _WORD.findall(text)
    return [word for run in runs for word in (cut_words(run) if RUN.match(run) else (run,))]


def _khmer_allowed(texts: Sequence[str], others: Sequence[str]) -> frozenset[str]:
    """Return the Khmer words that other articles have too, without what may be a name in any."""
    held: Counter[str] = Counter()
    barred: set[str] = set()
    for place, text in enumerate((*texts, *others)):
        if RUN.search(text):
            known: set[str] = set()
            for sentence in _sentences(text):
                words = _words(sentence)
                known.update(words)
                barred |= may_be_names(words)
            held.update(word for word in known if place >= len(texts) and RUN.fullmatch(word))
    return frozenset(word for word, count in held.items() if count >= _LEAST_OTHERS) - barred


def _written_small(texts: Sequence[str]) -> frozenset[str]:
    """Return the words that are written small wherever they don't begin a sentence, and are somewhere."""
    small: set[str] = set()
    large: set[str] = set()
    for text in texts:
        for sentence in _sentences(text):
            for word in _words(sentence)[1:]:
                # Neither: a script without capitals, in which nothing tells a name.
                (small if word[0].islower() else large).add(fold(word))
    return frozenset(small - large)


def _phrases(text: str, allowed: frozenset[str]) -> Iterator[str]:
    for sentence in _sentences(text):
        words = [fold(word) for word in _words(sentence)]
        for at, word in enumerate(words):
            if word in allowed and len(word) > 2:
                yield word
                if at + 1 < len(words) and words[at + 1] in allowed and len(words[at + 1]) > 2:
                    yield f"{word} {words[at + 1]}"


def _examples(phrase: str, texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        for sentence in _sentences(text):
            if f" {phrase} " in f" {' '.join(fold(word) for word in _words(sentence))} ":
                yield " ".join(sentence.split())


def forms_known(words: Sequence[str], texts: Sequence[str]) -> frozenset[str]:
    """Return the words of some texts that a claim's words stand for, in all their inflections."""
    exact = {fold(word) for word in words}
    stems = {stem_of(word) for word in exact if is_stemmed(word)}
    every = {fold(word) for text in texts for word in _words(text)}
    in_khmer = [word for word in exact if RUN.fullmatch(word)]
    return frozenset(
        word
        for word in every
        if word in exact
        or (is_stemmed(word) and stem_of(word) in stems)
        or (RUN.fullmatch(word) and any(word in one for one in in_khmer))
    )
