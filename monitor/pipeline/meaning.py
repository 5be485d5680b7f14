"""Compare what waits with the claims in meaning: its passages are encoded, and its score is told anew.

In: articles that the archive has pending. Out: assessments with meaning in them, and hits that the terms missed. Never:
in the way of reading: a pass has its time, what is left waits for the next round, and a kill loses nothing.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field

from monitor.encode.process import PROBE
from monitor.errors import EncoderUnavailable, InternalFault
from monitor.match.beginning import first_passages, may_be_hit
from monitor.match.compared import Compared, language_of, lead_of
from monitor.match.nearness import Nearness, Vectors
from monitor.match.scorer import bare_claims
from monitor.model.archiving import PendingMeaning
from monitor.model.matching import Assessment, MatchInput, Passage
from monitor.model.ports import Encoder
from monitor.pipeline.articles import lends_passages, with_pages_from
from monitor.pipeline.background import NoBackgroundYet, gather_background, nearness_of, ordinary_passages
from monitor.pipeline.stages import Stages
from monitor.pipeline.vectors import Encoding
from monitor.store.meaning import (
    count_pending_meanings,
    pending_meanings,
    put_off_meaning,
    record_meaning,
    settle_on_terms,
)

_AT_ONCE = 32
_HANGS_SECONDS = 20.0
"""A failure that took so long is not looked into: to ask again may take as long, and polling waits."""

_UNFIT = (ArithmeticError, LookupError, RecursionError, TypeError, ValueError)
"""What one article may bring about in the matching: it must not stop all that wait behind it, round after round."""


@dataclass(slots=True)
class MeaningCounts:
    """What a pass did: `left` candidates wait for the next one; `failure` says why it ended early.

    `is_down` says that the encoder could not be had, or hung, so that the next round need not try at once.
    """

    compared: int = 0
    left: int = 0
    failure: str = ""
    is_down: bool = False
    new_hit_ids: list[int] = field(default_factory=list)


async def compare_pending(stages: Stages, seconds: float) -> MeaningCounts:
    """Compare what waits until it is done or the time is over; without an encoder, what terms found stands."""
    counts = MeaningCounts()
    ends_at = asyncio.get_running_loop().time() + seconds
    if stages.encoder is not None:
        await _Pass(stages, stages.encoder, counts, ends_at).run()
    else:
        while await stages.stored(settle_on_terms, stages.archive):
            pass
    counts.left = await stages.stored(count_pending_meanings, stages.archive)
    return counts


class _Pass:
    """One pass: the claims' vectors, and the backgrounds of the languages met in it."""

    def __init__(self, stages: Stages, encoder: Encoder, counts: MeaningCounts, ends_at: float) -> None:
        self._stages = stages
        self._encoding = Encoding(stages, encoder, "")
        self._counts = counts
        self._ends_at = ends_at
        self._nearness: dict[str, Nearness] = {}

    async def run(self) -> None:
        """Go on until nothing waits, the time is over or the encoder fails."""
        stages, loop = self._stages, asyncio.get_running_loop()
        while loop.time() < self._ends_at:
            waiting = await stages.stored(pending_meanings, stages.archive, _AT_ONCE)
            if not waiting or not (self._encoding.model_id or await self._is_awake()):
                return
            for pending in waiting:
                began_at = loop.time()
                if began_at >= self._ends_at:
                    return
                try:
                    await self._compare(pending)
                except NoBackgroundYet as error:
                    self._counts.failure = str(error)
                    return
                except (EncoderUnavailable, *_UNFIT) as error:
                    await self._put_off(pending, error, loop.time() - began_at)
                    return

    async def _is_awake(self) -> bool:
        """Have the encoder encode something, before anything that it fails at is held against an article."""
        try:
            # The first asking starts the encoder: in a thread, for the loop has others to serve.
            model_id = await asyncio.to_thread(_asked, self._encoding.encoder)
        except EncoderUnavailable as error:
            self._counts.failure, self._counts.is_down = str(error), True
            return False
        self._encoding = Encoding(self._stages, self._encoding.encoder, model_id)
        return True

    async def _put_off(self, pending: PendingMeaning, error: Exception, seconds: float) -> None:
        """Hold it against an article only where the encoder does encode others: while it is down, everything waits."""
        stages, self._counts.failure = self._stages, str(InternalFault.of(error))
        is_blamed = self._counts.is_down = seconds >= _HANGS_SECONDS
        # One that hangs was awake when the pass began: the others go first when it is asked again.
        if is_blamed or await self._is_awake():
            await stages.stored(put_off_meaning, stages.archive, pending.revision_id)

    async def _compare(self, pending: PendingMeaning) -> None:
        stages = self._stages
        article = MatchInput(pending.title, pending.text, pending.language, pending.url)
        language = language_of(article)
        lent = [passage.text for passage in ordinary_passages(article)] if lends_passages(article) else []
        assessments: tuple[Assessment, ...] = ()
        if not pending.is_candidate:
            if lent:
                await self._encoding.encoded(lent, "passage", language, lent)
        elif passages := await asyncio.to_thread(stages.watching.scorer.choose_passages, article):
            nearness = await self._ready(language)
            if lent or nearness is None or await self._may_be_hit(article, passages, language, nearness):
                has_bare = bool(bare_claims(stages.watching.scorer.claims, language))
                lead = [lead_of(article)] if has_bare else []
                vectors = await self._vectors(passages, language, lent, lead)
                assessments = await asyncio.to_thread(self._judged, article, passages, vectors, nearness)
            if (judge := stages.judge) is not None:
                assessments = await asyncio.to_thread(stages.watching.settle, assessments, judge)
        paged = with_pages_from(assessments, pending.page_starts)
        self._counts.new_hit_ids += await stages.stored(
            record_meaning, stages.archive, pending, paged, stages.watching.claims, stages.now()
        )
        self._counts.compared += pending.is_candidate
        done = self._counts.compared
        stages.progress("meanings", done, done)

    async def _may_be_hit(
        self, article: MatchInput, passages: Sequence[Passage], language: str, nearness: Nearness
    ) -> bool:
        """Encode the most telling passages, and say whether the others are worth it."""
        scorer = self._stages.watching.scorer
        first = await asyncio.to_thread(first_passages, scorer, article, passages)
        if len(first) == len(passages):
            return True
        compared = self._compared(first, await self._vectors(first, language), nearness)
        return await asyncio.to_thread(may_be_hit, scorer, article, compared)

    def _vectors(
        self, passages: Sequence[Passage], language: str, lent: Sequence[str] = (), lead: Sequence[str] = ()
    ) -> Coroutine[None, None, Vectors]:
        return self._encoding.encoded([*(passage.text for passage in passages), *lead], "passage", language, lent)

    def _compared(self, passages: Sequence[Passage], vectors: Vectors, nearness: Nearness) -> Compared:
        return Compared.by(nearness, passages, vectors, self._encoding.model_id)

    def _judged(
        self, article: MatchInput, passages: Sequence[Passage], vectors: Vectors, nearness: Nearness | None
    ) -> tuple[Assessment, ...]:
        watching = self._stages.watching
        if nearness is None:
            return watching.assess(article)  # nothing is watched for
        return watching.compare(article, self._compared(passages, vectors, nearness))

    async def _ready(self, language: str) -> Nearness | None:
        """Return the claims held against a language's background; None without claims. Raises NoBackgroundYet."""
        if language in self._nearness:
            return self._nearness[language]
        stages, model_id = self._stages, self._encoding.model_id
        keyed = stages.watching.scorer.claims
        claims, bare = [claim.text for _, claim in keyed], bare_claims(keyed, language)
        if not claims:
            return None
        vectors = await self._encoding.encoded(claims, "query")
        found = await stages.stored(nearness_of, stages.archive, model_id, language, vectors, bare)
        if found is None:
            await gather_background(self._encoding, language, self._ends_at)
            found = await stages.stored(nearness_of, stages.archive, model_id, language, vectors, bare)
            if found is None:
                raise NoBackgroundYet("no background for this encoder yet")
        self._nearness[language] = found
        return found


def _asked(encoder: Encoder) -> str:
    encoder.encode(list(PROBE), "passage")
    return encoder.model_id
