"""A folder that takes its name only once it is whole."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from monitor.errors import UsageError

_LOCK = ".lock"


@contextmanager
def becoming(destination: Path) -> Iterator[Path]:
    """Give a folder of the caller's own, for its owner alone, that takes the destination's name when the block is done.

    What a killed one has left under the same name goes first; what a living one works on is left to it. Raises
    UsageError where something of that name is there, at the beginning or by the end.
    """
    try:
        if destination.exists():
            raise _is_taken(destination)
        destination.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _remove_dead(destination)
        part = Path(mkdtemp(prefix=_prefix(destination), dir=destination.parent))
    except OSError as error:
        raise UsageError(f"{destination} can't be made: {error.strerror}; name a folder of yours") from error
    try:
        with (part / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield part
            (part / _LOCK).unlink()
            _name(part, destination)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def _prefix(destination: Path) -> str:
    return f"{destination.name}.part-"


def _name(part: Path, destination: Path) -> None:
    try:
        part.rename(destination)
    except OSError as error:
        raise _is_taken(destination) from error
    handle = os.open(destination.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _is_taken(destination: Path) -> UsageError:
    return UsageError(f"{destination} is there already, and no backup is overwritten; give it another name")


def _remove_dead(destination: Path) -> None:
    """Remove what is left of those that were killed: nobody holds its lock."""
    for lock_file in destination.parent.glob(f"{_prefix(destination)}*/{_LOCK}"):
        with lock_file.open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            shutil.rmtree(lock_file.parent, ignore_errors=True)
