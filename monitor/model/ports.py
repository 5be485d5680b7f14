"""What a stage may be given from outside."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal, Protocol

from monitor.model.archiving import SourceKind
from monitor.model.articles import Article
from monitor.model.entries import Listing, Offer
from monitor.model.fetching import Fetched, FetchRequest, NotModified
from monitor.model.mailing import OwedMail, Receipt
from monitor.model.matching import Opinion, Passage

if TYPE_CHECKING:  # what only reads the archive needs no vectors, and is without what they take to load
    import numpy as np
    from numpy.typing import NDArray

Clock = Callable[[], datetime]
"""Returns the present instant, aware, in UTC."""

Progress = Callable[[str, int, int], None]
"""Told after each step: what is being done, how many are done, of how many."""


class Http(Protocol):
    """The one door out."""

    async def fetch(self, request: FetchRequest) -> Fetched | NotModified:
        """Get one URL under every limit. Raises Retryable or Rejected."""
        ...


class Parsers(Protocol):
    """Parsing of untrusted documents, away from this process."""

    async def read_listing(self, fetched: Fetched, kind: SourceKind, links: str = "") -> Listing:
        """Read what a source of that kind lists; `links` selects a page's links (CSS, or XPath where it has a "/").

        Raises NotAFeed, BadFeed, BadSelector, NotAnArticle, ParserTimeout, ParserKilled or ParsersUnavailable.
        """
        ...

    async def extract_article(self, fetched: Fetched) -> Article:
        """Read an article page or document. Raises NotAnArticle, ParserTimeout, ParserKilled or ParsersUnavailable."""
        ...

    async def find_offers(self, fetched: Fetched) -> tuple[Offer, ...]:
        """Find what a site's page offers to follow, the best first. Raises as `extract_article` does."""
        ...


class Courier(Protocol):
    """A way by which mail leaves."""

    async def deliver(self, mail: OwedMail, hand_over: Callable[[], Awaitable[None]]) -> Receipt:
        """Deliver one mail; `hand_over` is awaited before anything irrevocable, and may forbid it by raising.

        Raises MailServerDown, MailPutOff, MailRefused, MailUnknown, OutboxNotWritable or BadFileName.
        """
        ...

    async def close(self) -> None:
        """End what is open."""
        ...


class Resolver(Protocol):
    """Name resolution, so that tests and benchmarks can answer for every host."""

    async def __call__(self, host: str, port: int) -> tuple[str, ...]:
        """Return the addresses of a host as text. Raises DnsFailed."""
        ...


class Judge(Protocol):
    """An outside model that may be asked what a hit's passages say of its claim; off unless the operator names one."""

    def ask(self, claim: str, passages: Sequence[Passage]) -> Opinion | None:
        """Return its opinion, taken or discarded; None where it may not be asked any more. Raises nothing."""
        ...

    def begin_round(self) -> None:
        """Allow as many questions as a round may ask."""
        ...


TextKind = Literal["query", "passage"]
"""A claim is a query, an article's sentence a passage: some encoders tell them apart."""


class Encoder(Protocol):
    """Turns texts in any language into vectors that lie near each other where the meanings do."""

    @property
    def model_id(self) -> str:
        """Names the model and its version: vectors of different ids are never compared."""
        ...

    @property
    def dimensions(self) -> int:
        """How many numbers a vector has."""
        ...

    def encode(self, texts: Sequence[str], kind: TextKind) -> "NDArray[np.float32]":
        """Return float32[n, dimensions], rows of length 1. It takes its time: never call it in the event loop.

        Raises EncoderUnavailable.
        """
        ...


class Lock(Protocol):
    """A lock on the whole archive that is held."""

    def keep(self) -> None:
        """Take it again where its connection broke. Raises StoreBusy where another process has it now."""
