"""Vectors of texts from the archive where it has them, from the encoder where not. What is made is kept at once."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from monitor.match.nearness import Vectors
from monitor.model.ports import Encoder, TextKind
from monitor.pipeline.stages import Stages
from monitor.store.meaning import MadeOf, load_vectors, store_vectors


@dataclass(frozen=True)
class Encoding:
    """One encoder at work for an archive; `model_id` is its own word, asked once."""

    stages: Stages
    encoder: Encoder
    model_id: str

    async def encoded(
        self, texts: Sequence[str], kind: TextKind, language: str = "", lent: Sequence[str] = ()
    ) -> Vectors:
        """Return the vectors of some texts, one at least; those `lent` stand in the language's background."""
        stages = self.stages
        hashes = [sha256_of(text) for text in texts]
        known = await stages.stored(load_vectors, stages.archive, self.model_id, kind, list(dict.fromkeys(hashes)))
        missing = {key: text for key, text in zip(hashes, texts, strict=True) if key not in known}
        if missing:
            made = await asyncio.to_thread(self.encoder.encode, list(missing.values()), kind)
            new = dict(zip(missing, made, strict=True))
            made_of = MadeOf(self.model_id, kind, language, frozenset(map(sha256_of, lent)))
            await stages.stored(store_vectors, stages.archive, made_of, new, stages.now())
            known |= new
        return np.stack([known[key] for key in hashes])


def sha256_of(text: str) -> str:
    """Return what a text's vector is kept under."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
