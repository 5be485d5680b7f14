"""What runs inside the encoder's child process: one model, loaded at the first text."""

import os
import resource
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.model.ports import Encoder, TextKind

Make = Callable[[], Encoder]
_NICENESS = 5
_WATCH_SECONDS = 2.0
_TOLERANCE = 1e-2


@dataclass(frozen=True, slots=True)
class About:
    """What an encoder says of itself."""

    model_id: str
    dimensions: int


class _Loaded:
    """The encoder of this process."""

    make: Make | None = None
    encoder: Encoder | None = None

    @classmethod
    def get(cls) -> Encoder:
        if cls.encoder is None:
            if cls.make is None:
                raise ValueError("this process was not prepared to encode")
            cls.encoder = cls.make()
        return cls.encoder


def prepare(parent_pid: int, memory_bytes: int, make: Make) -> None:
    """Set the bounds of this process; the model itself is loaded by the first task, which has a deadline."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    os.nice(_NICENESS)  # polling and reading go before it
    threading.Thread(target=_die_with, args=(parent_pid,), daemon=True).start()
    _Loaded.make = make


def probe(texts: Sequence[str]) -> About:
    """Encode some texts and see that vectors of length 1 come back. Raises ValueError."""
    encoder = _Loaded.get()
    vectors = encoder.encode(list(texts), "passage")
    lengths = np.linalg.norm(vectors, axis=1)
    if vectors.shape != (len(texts), encoder.dimensions) or not np.allclose(lengths, 1, atol=_TOLERANCE):
        raise ValueError(f"{encoder.model_id} does not give one vector of length 1 for each text")
    return About(encoder.model_id, encoder.dimensions)


def encode(texts: Sequence[str], kind: TextKind) -> NDArray[np.float32]:
    """Encode some texts. Raises ValueError, whatever the encoder raises: only what every process knows can be told."""
    try:
        return _Loaded.get().encode(texts, kind)
    except Exception as error:
        raise ValueError(f"the encoder failed ({type(error).__name__}: {error})") from error


def explain_exit(exit_code: int) -> str:
    """Say in words how the child ended."""
    if exit_code == -signal.SIGILL:
        return "this processor lacks an instruction that the encoder needs (AVX2)"
    if exit_code == -signal.SIGKILL:
        return "the encoder was killed from outside; the machine may be out of memory"
    if exit_code < 0:
        return f"the encoder crashed ({signal.Signals(-exit_code).name})"
    return f"the encoder ended by itself (exit code {exit_code})"


def _die_with(parent_pid: int) -> None:
    """End when the parent is gone: nothing else would tell a child that waits for work."""
    while os.getppid() == parent_pid:
        time.sleep(_WATCH_SECONDS)
    os._exit(1)
