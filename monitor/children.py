"""Child processes that know nothing of the program that started them.

In: what `multiprocessing` is asked to start. Out: a bare child. Never: the parent's main module run a second time, or a
Ctrl-C that reaches a child.
"""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.context import SpawnContext, SpawnProcess
from multiprocessing.popen_spawn_posix import Popen
from multiprocessing.process import BaseProcess
from types import ModuleType


class _BarePopen(Popen):
    """Starts a child that knows nothing of the parent's `__main__`, and that Ctrl-C doesn't reach.

    multiprocessing has every child import the parent's main module: here the whole command line, or whatever script
    uses this package. The signal mask is inherited, so that no child is hit while it is still starting.
    """

    def _launch(self, process_obj: BaseProcess) -> None:
        with _launching, _main_hidden(), _interrupt_blocked():
            super()._launch(process_obj)  # type: ignore[misc]


class _BareProcess(SpawnProcess):
    @staticmethod
    def _Popen(process_obj: BaseProcess) -> Popen:  # noqa: N802 - multiprocessing's name
        return _BarePopen(process_obj)


class BareContext(SpawnContext):
    """The context that starts such children."""

    Process = _BareProcess


_launching = threading.Lock()


@contextmanager
def _main_hidden() -> Iterator[None]:
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


@contextmanager
def _interrupt_blocked() -> Iterator[None]:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
