"""An embeddings endpoint that speaks as OpenAI's does (`POST …/embeddings`): the operator's own server, or a service.

In: texts. Out: vectors. Never: connects by itself; `post` is the door's.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from monitor.encode.texts import prepared
from monitor.errors import EncoderUnavailable
from monitor.model.ports import TextKind
from monitor.text.counting import counted

Post = Callable[[Mapping[str, object]], object]
"""Sends a JSON object to the endpoint and returns the JSON value that it answers. Raises MonitorError."""

_AT_ONCE = 32


class EndpointEncoder:
    """The port `Encoder` on an endpoint. `place` (host and model) names it; what it gives is checked."""

    def __init__(self, post: Post, model: str, place: str) -> None:
        self._post = post
        self._model = model
        self._id = f"{model}@{place}"
        self._dimensions = 0
        self._is_e5 = "e5" in model.lower()

    @property
    def model_id(self) -> str:
        """Names the model and where it is asked."""
        return self._id

    @property
    def dimensions(self) -> int:
        """How many numbers a vector has; asks the endpoint once. Raises EncoderUnavailable."""
        if not self._dimensions:
            self._dimensions = self.encode(["probe"], "passage").shape[1]
        return self._dimensions

    def encode(self, texts: Sequence[str], kind: TextKind) -> NDArray[np.float32]:
        """Return the vectors of some texts, rows of length 1. Raises EncoderUnavailable."""
        if not texts:
            return np.zeros((0, self.dimensions), np.float32)
        parts = [self._ask(texts[start : start + _AT_ONCE], kind) for start in range(0, len(texts), _AT_ONCE)]
        return np.concatenate(parts)

    def _ask(self, texts: Sequence[str], kind: TextKind) -> NDArray[np.float32]:
        given = prepared(texts, kind, is_e5=self._is_e5)
        answer = self._post({"model": self._model, "input": given, "encoding_format": "float"})
        try:
            rows = sorted(answer["data"], key=lambda row: row["index"])  # type: ignore[index]
            vectors = np.array([row["embedding"] for row in rows], np.float32)
        except (TypeError, KeyError, ValueError, OverflowError) as error:
            raise EncoderUnavailable(f"{self._id} does not answer as an embeddings endpoint does") from error
        # The square of a float32 may be more than a float32 holds.
        lengths = np.linalg.norm(vectors.astype(float), axis=-1, keepdims=True)
        if vectors.ndim != 2 or len(vectors) != len(texts):
            given_for = f"{counted(len(vectors), 'vector')} for {counted(len(texts), 'text')}"
            raise EncoderUnavailable(f"{self._id} gave {given_for}")
        if not np.isfinite(vectors).all() or not lengths.all():
            raise EncoderUnavailable(f"{self._id} gave vectors that can't be compared (all zeros, or no numbers)")
        if self._dimensions and vectors.shape[1] != self._dimensions:
            raise EncoderUnavailable(f"{self._id} gives vectors of another length than before")
        self._dimensions = vectors.shape[1]
        unit: NDArray[np.float32] = (vectors / lengths).astype(np.float32)
        return unit
