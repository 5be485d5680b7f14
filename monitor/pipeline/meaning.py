"""Compare what waits with the claims in meaning: its passages are encoded, and its score is told anew.

In: articles that the archive has pending. Out: assessments with meaning in them, and hits that the terms missed. Never:
in the way of reading: a pass has its time, what is left waits for the next round, and a kill loses nothing.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from monitor.encode.process import PROBE
from monitor.errors import EncoderUnavailable, InternalFault
from monitor.match.nearness import Background, Nearness, Vectors, shipped_background
from monitor.match.scorer import Compared, language_of, passages_of
from monitor.model.archiving import PendingMeaning
from monitor.model.matching import Assessment, MatchInput, Passage
from monitor.model.ports import Encoder, TextKind
from monitor.pipeline.articles import lends_passages, with_pages_from
from monitor.pipeline.stages import Stages
from monitor.store.meaning import (
    MadeOf,
    count_pending_meanings,
    load_background,
    load_vectors,
    pending_meanings,
    put_off_meaning,
    record_meaning,
    store_vectors,
)

BACKGROUND_FROM = 300
"""From so many passages of a language on, the archive is its own background."""

_BACKGROUND_MOST = 600
_AT_ONCE = 32
_LENT = 2
_UNFIT = (ArithmeticError, LookupError, RecursionError, TypeError, ValueError)
"""What one article may bring about in the matching: it must not stop all that wait behind it, round after round."""


@dataclass(slots=True)
class MeaningCounts:
    """What a pass did: `left` candidates wait for the next one; `failure` says why it ended early.

    `is_down` says that the encoder could not be had at all, so that the next round need not try at once.
    """

    compared: int = 0
    left: int = 0
    failure: str = ""
    is_down: bool = False
    new_hit_ids: list[int] = field(default_factory=list)


async def compare_pending(stages: Stages, seconds: float) -> MeaningCounts:
    """Compare what waits until it is done or the time is over."""
    counts = MeaningCounts()
    if stages.encoder is not None:
        await _Pass(stages, stages.encoder, counts).run(asyncio.get_running_loop().time() + seconds)
    counts.left = await stages.stored(count_pending_meanings, stages.archive)
    return counts


class _Pass:
    """One pass: the claims' vectors, and the backgrounds of the languages met in it."""

    def __init__(self, stages: Stages, encoder: Encoder, counts: MeaningCounts) -> None:
        self._stages = stages
        self._encoder = encoder
        self._counts = counts
        self._model_id = ""
        self._nearness: dict[str, Nearness | None] = {}

    async def run(self, ends_at: float) -> None:
        """Go on until nothing waits, the time is over or the encoder fails."""
        stages, loop = self._stages, asyncio.get_running_loop()
        while loop.time() < ends_at:
            waiting = await stages.stored(pending_meanings, stages.archive, _AT_ONCE)
            if not waiting:
                return
            for pending in waiting:
                if loop.time() >= ends_at:
                    return
                try:
                    # The first asking starts the encoder: in a thread, for the loop has others to serve.
                    self._model_id = self._model_id or await asyncio.to_thread(lambda: self._encoder.model_id)
                    await self._compare(pending)
                except (EncoderUnavailable, *_UNFIT) as error:
                    await self._put_off(pending, error)
                    return

    async def _put_off(self, pending: PendingMeaning, error: Exception) -> None:
        """Hold it against an article only where the encoder does encode others: while it is down, everything waits."""
        stages, self._counts.failure = self._stages, str(InternalFault.of(error))
        try:
            await asyncio.to_thread(self._encoder.encode, list(PROBE), "passage")
        except EncoderUnavailable:
            self._counts.is_down = True
        else:
            await stages.stored(put_off_meaning, stages.archive, pending.revision_id)

    async def _compare(self, pending: PendingMeaning) -> None:
        stages = self._stages
        article = MatchInput(pending.title, pending.text, pending.language, pending.url)
        language = language_of(article)
        scorer = stages.watching.scorer
        passages = await asyncio.to_thread(scorer.choose_passages, article)
        lent = _lent(article)
        if not pending.is_candidate:
            if lent:
                await self._encoded([passage.text for passage in lent], "passage", language, lent)
            assessments: tuple[Assessment, ...] = ()
        elif passages:
            vectors = await self._encoded([passage.text for passage in passages], "passage", language, lent)
            assessments = await self._judged(article, language, passages, vectors)
            if (judge := stages.judge) is not None:
                assessments = await asyncio.to_thread(stages.watching.settle, assessments, judge)
        else:
            assessments = ()
        paged = with_pages_from(assessments, pending.page_starts)
        self._counts.new_hit_ids += await stages.stored(
            record_meaning, stages.archive, pending, paged, stages.watching.claims, stages.now()
        )
        self._counts.compared += pending.is_candidate
        done = self._counts.compared
        stages.progress("meanings", done, done)

    async def _judged(
        self, article: MatchInput, language: str, passages: Sequence[Passage], vectors: Vectors
    ) -> tuple[Assessment, ...]:
        if language not in self._nearness:
            self._nearness[language] = await self._ready(language)
        nearness, watching = self._nearness[language], self._stages.watching
        if nearness is None:
            # Another encoder than ours has no background yet: what terms found stands.
            return await asyncio.to_thread(watching.assess, article)
        z = nearness.z(vectors)
        compared = Compared(tuple(passages), z, nearness.percentiles(z.max(axis=1)), self._model_id)
        return await asyncio.to_thread(watching.compare, article, compared)

    async def _ready(self, language: str) -> Nearness | None:
        stages, model_id = self._stages, self._model_id
        claims = [claim.text for _, claim in stages.watching.scorer.claims]
        if not claims:
            return None
        shipped = shipped_background(language, model_id)
        own = await stages.stored(load_background, stages.archive, model_id, language, _BACKGROUND_MOST)
        vectors = await self._encoded(claims, "query")
        if own is not None and len(own) >= BACKGROUND_FROM:
            queries = shipped.queries if shipped else vectors
            return Nearness(Background(own, queries), vectors)
        return Nearness(shipped, vectors) if shipped else None

    async def _encoded(
        self, texts: Sequence[str], kind: TextKind, language: str = "", lent: Sequence[Passage] = ()
    ) -> Vectors:
        """Return the vectors of some texts, one at least, from the archive where it has them."""
        stages, model_id = self._stages, self._model_id
        hashes = [_sha256(text) for text in texts]
        known = await stages.stored(load_vectors, stages.archive, model_id, kind, list(dict.fromkeys(hashes)))
        missing = {key: text for key, text in zip(hashes, texts, strict=True) if key not in known}
        if missing:
            made = await asyncio.to_thread(self._encoder.encode, list(missing.values()), kind)
            new = dict(zip(missing, made, strict=True))
            made_of = MadeOf(model_id, kind, language, frozenset(_sha256(passage.text) for passage in lent))
            await stages.stored(store_vectors, stages.archive, made_of, new, stages.now())
            known |= new
        return np.stack([known[key] for key in hashes])


def _lent(article: MatchInput) -> list[Passage]:
    """Return the passages that an article lends to the background: the first ones, not those that are nearest."""
    return list(passages_of(article)[1 : 1 + _LENT]) if lends_passages(article) else []


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
