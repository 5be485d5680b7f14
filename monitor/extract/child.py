"""What runs inside a parser's child process.

In: a response, pickled. Out: the parsed value, or a refusal by name. Never: a socket, another program, a core file, or
an exception that escapes: the parent must be able to read whatever comes back.
"""

import ctypes
import logging
import os
import pickle
import resource
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from monitor.errors import MonitorError, ParserKilled
from monitor.model.archiving import SourceKind
from monitor.model.articles import Article
from monitor.model.entries import Listing, Offer
from monitor.model.fetching import Fetched

_PR_SET_PDEATHSIG = 1
_EXIT_OUT_OF_MEMORY = 71
_CPU_GRACE_SECONDS = 5
_FORBIDDEN_EVENTS = frozenset(
    {"socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.sendmsg"}
    | {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "ctypes.dlopen"}
)
_WARM_URL = "http://warm.invalid/"
_WARM_FEED = b'<rss version="2.0"><channel><title>Warm-up</title></channel></rss>'
_WARM_PAGE = b"""<!doctype html><html lang="en"><head><title>Warm-up</title></head><body><article><h1>Warm-up</h1>
<p>The first extraction loads word lists and date rules. Doing it once beforehand keeps that out of a task's time.</p>
<time datetime="2020-02-02">2 February 2020</time></article></body></html>"""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A failure on its way to the parent: an error by the name of its class, since not every exception pickles."""

    error: str
    message: str


Parsed = Listing | Article | tuple[Offer, ...]
Outcome = Parsed | Refusal
Reader = Callable[[Fetched], Parsed]


def prepare(parent_pid: int, memory_bytes: int) -> None:
    """Make this process a safe place to parse in, and load the parsers."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:
        os._exit(1)  # the parent died before the line above
    # A parser deep in C never comes round to a Python handler.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    logging.disable(logging.CRITICAL)  # the parsers' remarks on strangers' pages are not the operator's
    _silence()
    _warm_up()
    sys.addaudithook(_forbid)


def run(reader: Reader, fetched: Fetched, cpu_seconds: float, max_result_bytes: int) -> bytes:
    """Read one document; whatever goes wrong comes back as a Refusal, or ends this process. `unpack` opens it."""
    _limit_cpu(cpu_seconds + _CPU_GRACE_SECONDS)
    try:
        packed = pickle.dumps(reader(fetched))
        if len(packed) <= max_result_bytes:
            return packed
        refusal = Refusal(ParserKilled.__name__, f"what it says is larger than {max_result_bytes} bytes")
    except MonitorError as error:
        refusal = Refusal(type(error).__name__, str(error))
    except MemoryError:
        # A heap that has once been full is not one to go on with.
        os._exit(_EXIT_OUT_OF_MEMORY)
    except BaseException as error:  # noqa: BLE001 - whatever a parser raises must fail this document alone
        message = f"the parser failed: {type(error).__name__}: {str(error)[:300]}"
        refusal = Refusal(ParserKilled.__name__, message)
    finally:
        _limit_cpu(None)
    return pickle.dumps(refusal)


def run_many(jobs: list[tuple[Reader, Fetched]], cpu_seconds: float, max_result_bytes: int) -> list[bytes]:
    """Read several documents, each under its own bounds."""
    return [run(reader, fetched, cpu_seconds, max_result_bytes) for reader, fetched in jobs]


def unpack(packed: bytes) -> Outcome:
    """Open what `run` gave."""
    outcome: Outcome = pickle.loads(packed)  # noqa: S301 - our own child's
    return outcome


def read_listing(fetched: Fetched, kind: SourceKind, links: str) -> Listing:
    """Read what a source of that kind lists."""
    # Imported here: the parent imports this module too, and is to start without 0.5 s of parsers.
    from monitor.extract.listing import read_listing as read  # noqa: PLC0415

    return read(fetched, kind, links)


def read_article(fetched: Fetched) -> Article:
    """Read an article page or document."""
    from monitor.extract.document import extract_document  # noqa: PLC0415

    return extract_document(fetched)


def read_offers(fetched: Fetched) -> tuple[Offer, ...]:
    """Find what a site's page offers to follow."""
    from monitor.extract.offers import find_offers  # noqa: PLC0415

    return find_offers(fetched)


def explain_exit(code: int) -> str:
    """Say in words how a child ended."""
    if code == _EXIT_OUT_OF_MEMORY:
        return "the parser outgrew its memory"
    if code < 0:
        return f"the parser was ended by {signal.Signals(-code).name}"
    return f"the parser ended by itself (exit code {code})"


def _warm_up() -> None:
    def warm(body: bytes) -> Fetched:
        return Fetched(_WARM_URL, _WARM_URL, 200, (), body, body, "", datetime(2020, 2, 3, tzinfo=UTC))

    read_listing(warm(_WARM_FEED), "feed", "")
    read_article(warm(_WARM_PAGE))


def _limit_cpu(seconds: float | None) -> None:
    """Bound this process's CPU time, from now: the kernel's own net below the parent's deadline."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    soft = hard if seconds is None else int(used.ru_utime + used.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def _forbid(event: str, _args: tuple[object, ...]) -> None:
    if event in _FORBIDDEN_EVENTS:
        raise PermissionError(f"a parser has no business with {event}")


def _silence() -> None:
    """Keep what C libraries write when they abort off the operator's screen."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)
