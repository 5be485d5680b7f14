"""Meaning from what is kept: claims and articles whose vectors an encoder made before are compared without one.

In: claims, and articles of the archive. Out: what `Scorer.compare` takes, or None where the archive lacks a vector.
Never: encodes an article, or calls one compared of which less is kept than a comparison takes.
"""

from collections.abc import Sequence

import numpy as np

from monitor.match.compared import MAX_ENCODED, Compared, language_of, lead_of, passages_of
from monitor.match.nearness import Nearness, Vectors
from monitor.match.scorer import bare_claims
from monitor.model.matching import MatchInput
from monitor.model.ports import Encoder
from monitor.model.watching import Claim
from monitor.pipeline.background import nearness_of
from monitor.pipeline.vectors import sha256_of
from monitor.store.background import latest_model
from monitor.store.engine import Archive
from monitor.store.meaning import load_vectors

Keyed = tuple[str, Claim]


class KeptMeaning:
    """Those of some claims of which the archive keeps the vector, and what it keeps of articles."""

    def __init__(self, archive: Archive, claims: Sequence[Keyed], encoder: Encoder | None = None) -> None:
        """Take claims, and what encodes those that the archive doesn't know, else they are left out.

        Raises EncoderUnavailable.
        """
        self._archive = archive
        self._model_id = latest_model(archive) or ""
        hashes = [sha256_of(claim.text) for _, claim in claims]
        known = load_vectors(archive, self._model_id, "query", list(dict.fromkeys(hashes))) if self._model_id else {}
        if encoder is not None and self._model_id and encoder.model_id == self._model_id:
            new = {key: claim.text for (_, claim), key in zip(claims, hashes, strict=True) if key not in known}
            known |= dict(zip(new, encoder.encode([*new.values()], "query"), strict=True)) if new else {}
        kept = [(keyed, known[key]) for keyed, key in zip(claims, hashes, strict=True) if key in known]
        self.claims: tuple[Keyed, ...] = tuple(keyed for keyed, _ in kept)
        self._vectors = np.stack([vector for _, vector in kept]) if kept else None
        self._nearness: dict[str, Nearness | None] = {}

    def compared(self, articles: Sequence[MatchInput]) -> list[Compared | None]:
        """Return how near each article is to `claims`; None of one that no encoder compared, or long ago."""
        if self._vectors is None:
            return [None] * len(articles)
        # A title is always encoded: where it is not kept, nothing else need be looked for.
        titles = [sha256_of(title) if (title := article.title.strip()) else "" for article in articles]
        titled = load_vectors(self._archive, self._model_id, "passage", list(dict.fromkeys(titles)))
        passages = [
            passages_of(article) if not title or title in titled else ()
            for article, title in zip(articles, titles, strict=True)
        ]
        hashes = [[sha256_of(passage.text) for passage in some] for some in passages]
        leads = [sha256_of(lead_of(article)) if some else "" for article, some in zip(articles, passages, strict=True)]
        asked = list(dict.fromkeys(key for some in (*hashes, leads) for key in some))
        known = load_vectors(self._archive, self._model_id, "passage", asked)
        found: list[Compared | None] = []
        for article, some, keys, lead in zip(articles, passages, hashes, leads, strict=True):
            here = [(passage, known[key]) for passage, key in zip(some, keys, strict=True) if key in known]
            is_enough = len(here) >= min(MAX_ENCODED, len(some)) > 0
            nearness = self._near(language_of(article), self._vectors) if is_enough else None
            if nearness is None:
                found.append(None)
                continue
            vectors = np.stack([*(vector for _, vector in here), *([known[lead]] if lead in known else [])])
            found.append(Compared.by(nearness, [passage for passage, _ in here], vectors, self._model_id))
        return found

    def _near(self, language: str, claims: Vectors) -> Nearness | None:
        if language not in self._nearness:
            bare = bare_claims(self.claims, language)
            self._nearness[language] = nearness_of(self._archive, self._model_id, language, claims, bare)
        return self._nearness[language]
