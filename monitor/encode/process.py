"""An encoder in a process of its own: probed before it is trusted, started anew when it dies, and bounded.

In: texts. Out: vectors. Never: a model loaded in this process, or one that outlives it. A missing processor
instruction, a broken wheel or too little memory ends the child and is told as EncoderUnavailable; the service goes on
without.
"""

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import TimeoutError as OutOfTime
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pebble import ProcessExpired, ProcessPool

from monitor.children import BareContext
from monitor.encode import child
from monitor.errors import EncoderUnavailable
from monitor.model.ports import TextKind

PROBE = ("Police raided a factory on Tuesday.", "នគរបាលចុះបង្ក្រាបរោងចក្រមួយកាលពីថ្ងៃអង្គារ។")
"""One sentence in two languages: what is encoded to see whether an encoder works at all."""

_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class EncoderLimits:
    """What the encoder may cost. `memory_bytes` is its whole address space.

    A batch of sixteen takes a second or two on one core; one that takes half a minute won't end.
    """

    start_seconds: float = 60.0
    batch_seconds: float = 30.0
    memory_bytes: int = 4 << 30


class EncoderProcess:
    """The port `Encoder` on a supervised child; a context manager. `make` makes the encoder, in the child."""

    def __init__(self, make: child.Make, limits: EncoderLimits | None = None) -> None:
        self._make = make
        self._limits = limits or EncoderLimits()
        self._lock = threading.Lock()
        self._pool: ProcessPool | None = None
        self._about: child.About | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def model_id(self) -> str:
        """Names the model and its version. Raises EncoderUnavailable."""
        return self.probe().model_id

    @property
    def dimensions(self) -> int:
        """How many numbers a vector has. Raises EncoderUnavailable."""
        return self.probe().dimensions

    def probe(self) -> child.About:
        """Start the child, encode two sentences in it and return what the encoder says of itself.

        Raises EncoderUnavailable.
        """
        with self._lock:
            return self._probed()

    def encode(self, texts: Sequence[str], kind: TextKind) -> NDArray[np.float32]:
        """Return the vectors of some texts, a few at a time. Raises EncoderUnavailable."""
        with self._lock:
            about = self._probed()
            vectors = np.zeros((len(texts), about.dimensions), np.float32)
            for start in range(0, len(texts), _AT_ONCE):
                some = list(texts[start : start + _AT_ONCE])
                encoded = self._call(child.encode, (some, kind), self._limits.batch_seconds)
                if encoded.shape != (len(some), about.dimensions) or not np.isfinite(encoded).all():
                    raise EncoderUnavailable(f"{about.model_id} gave something else than vectors as long as it said")
                vectors[start : start + len(some)] = encoded
        return vectors

    def close(self) -> None:
        """End the child, busy or not."""
        pool, self._pool, self._about = self._pool, None, None
        if pool is not None:
            pool.stop()  # type: ignore[no-untyped-call]
            pool.join()

    def _probed(self) -> child.About:
        if self._about is None:
            self._about = self._call(child.probe, (PROBE,), self._limits.start_seconds)
        return self._about

    def _call(self, function: Callable[..., Any], arguments: tuple[object, ...], seconds: float) -> Any:  # noqa: ANN401 (what the function gives)
        try:
            return self._started().schedule(function, args=arguments, timeout=seconds).result(seconds + 60)
        except ProcessExpired as error:
            self._about = None  # the next child loads its model first: that has its own deadline
            raise EncoderUnavailable(child.explain_exit(error.exitcode)) from error
        except OutOfTime as error:
            self.close()
            raise EncoderUnavailable(f"the encoder took longer than {seconds:g} seconds and was ended") from error
        except (BrokenProcessPool, RuntimeError, OSError) as error:
            self.close()
            raise EncoderUnavailable(f"the encoder does not start: {error}") from error
        except (ImportError, ValueError, MemoryError) as error:
            raise EncoderUnavailable(str(error) or type(error).__name__) from error

    def _started(self) -> ProcessPool:
        if self._pool is None:
            self._pool = ProcessPool(
                max_workers=1,
                initializer=child.prepare,
                initargs=(os.getpid(), self._limits.memory_bytes, self._make),
                context=BareContext(),
            )
        return self._pool
