"""What nearness in meaning is held against: the archive's own ordinary sentences, or those that ship.

In: an encoder's model and a language. Out: claims held against a background. Never: a background of fewer than 300
sentences. Where none ships for an encoder, one is drawn from the newest articles as soon as they have enough: what
waits for it goes on waiting, and is compared then.
"""

import asyncio
from collections.abc import Sequence

from monitor.match.compared import language_of, passages_of
from monitor.match.nearness import Background, Nearness, Vectors, shipped_background
from monitor.model.matching import MatchInput, Passage
from monitor.pipeline.vectors import Encoding, sha256_of
from monitor.store.background import load_background, mark_background, newest_texts
from monitor.store.engine import Archive

BACKGROUND_FROM = 300
"""From so many passages of a language on, the archive is its own background."""

LENT = 2
"""So many passages an article lends to the background."""

_MOST = 600
_LOOKED_AT = 600
_AT_ONCE = 32


class NoBackgroundYet(Exception):
    """There are too few ordinary sentences to hold anything against; `str()` says how many."""


def nearness_of(
    archive: Archive, model_id: str, language: str, claims: Vectors, bare: Sequence[int]
) -> Nearness | None:
    """Hold claims against the archive's own background, else against what ships, else against all its languages'.

    Those without terms stand at the places `bare`.
    """
    shipped = shipped_background(language, model_id)
    own = load_background(archive, model_id, language, _MOST)
    if shipped is not None:
        is_enough = own is not None and len(own) >= BACKGROUND_FROM
        return Nearness(Background(own, shipped.queries) if own is not None and is_enough else shipped, claims, bare)
    for of in (language, None):
        passages = load_background(archive, model_id, of, _MOST)
        queries = load_background(archive, model_id, of, _MOST, "query")
        if passages is not None and queries is not None and min(len(passages), len(queries)) >= BACKGROUND_FROM:
            return Nearness(Background(passages, queries), claims, bare)
    return None


async def gather_background(encoding: Encoding, language: str, ends_at: float) -> None:
    """Draw a background from the newest articles, for an encoder that has none. Raises NoBackgroundYet.

    Its sentences are encoded as passages and, for want of other claims, as queries. What is made is kept: a pass that
    ends before it is done is gone on with by the next.
    """
    stages = encoding.stages
    texts = await asyncio.to_thread(_ordinary, await stages.stored(newest_texts, stages.archive, _LOOKED_AT), language)
    if sum(map(len, texts.values())) < BACKGROUND_FROM:
        found = sum(map(len, texts.values()))
        raise NoBackgroundYet(f"no background yet for this encoder: {found} of {BACKGROUND_FROM} ordinary sentences")
    done = 0
    for of, sentences in texts.items():
        for start in range(0, len(sentences), _AT_ONCE):
            if asyncio.get_running_loop().time() >= ends_at:
                raise NoBackgroundYet(f"a background for this encoder is being made: {done} of {BACKGROUND_FROM}")
            some = sentences[start : start + _AT_ONCE]
            await encoding.encoded(some, "passage", of)
            await encoding.encoded(some, "query", of)
            await stages.stored(
                mark_background, stages.archive, encoding.model_id, of, [sha256_of(sentence) for sentence in some]
            )
            done += len(some)


def _ordinary(articles: Sequence[MatchInput], language: str) -> dict[str, list[str]]:
    """Return ordinary sentences by language: those of the one asked for where it has enough, else of all."""
    found: dict[str, list[str]] = {}
    seen: set[str] = set()
    for article in articles:
        new = [one.text for one in ordinary_passages(article) if one.text not in seen]
        found.setdefault(language_of(article), []).extend(new)
        seen.update(new)
    own = found.get(language, [])
    if len(own) >= BACKGROUND_FROM:
        return {language: own[:BACKGROUND_FROM]}
    left, chosen = BACKGROUND_FROM, {}
    for of, sentences in found.items():
        chosen[of] = sentences[:left]
        left -= len(chosen[of])
    return chosen


def ordinary_passages(article: MatchInput) -> list[Passage]:
    """Return the passages that an article lends: the first ones, not those that are nearest to a claim."""
    return list(passages_of(article)[1 : 1 + LENT])
