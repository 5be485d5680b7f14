"""Hand several small documents to one parser at a time: handing one over costs as much as reading it.

In: documents as they come, and ways to read many or one. Out: each document's own outcome. Never: one document's fate
for another's: where their parser died or ran out of time, each of them is read once more, alone.

Handing over a 16 KB feed cost 1.6 ms of CPU on both sides together, reading it 1.2 ms; of sixteen at
once, 0.35 ms each.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from monitor.extract import child
from monitor.model.fetching import Fetched

Job = tuple[child.Reader, Fetched]
ReadMany = Callable[[list[Job]], Awaitable[list[child.Outcome] | None]]
ReadOne = Callable[[child.Reader, Fetched], Awaitable[child.Parsed]]

_MOST_DOCUMENTS = 32
_MOST_BYTES = 1 << 20
_LARGE_BYTES = 1 << 18
_GATHER_SECONDS = 0.05


@dataclass
class _Batch:
    """Documents that go together. `outcomes` is set once, None where each must be read alone."""

    outcomes: "asyncio.Future[list[child.Outcome] | None]"
    jobs: list[Job] = field(default_factory=list)
    size_bytes: int = 0

    def has_room(self, document: Fetched) -> bool:
        return len(self.jobs) < _MOST_DOCUMENTS and self.size_bytes + len(document.content) <= _MOST_BYTES

    def add(self, job: Job) -> int:
        self.jobs.append(job)
        self.size_bytes += len(job[1].content)
        return len(self.jobs) - 1


class Together:
    """Gathers documents for `read_many`, which returns None where its parser failed; `read_one` reads one alone.

    `slots` bounds how many parsers work at once. The first document of a batch sees to it; the others wait for it.
    """

    def __init__(self, slots: asyncio.Semaphore, read_many: ReadMany, read_one: ReadOne) -> None:
        self._slots = slots
        self._read_many = read_many
        self._read_one = read_one
        self._open: _Batch | None = None

    async def read(self, reader: child.Reader, document: Fetched) -> child.Outcome:
        """Read a document, in company where others come within 50 milliseconds or while every parser is busy."""
        if len(document.content) > _LARGE_BYTES:
            return await self._read_one(reader, document)
        batch = self._open
        if batch is None or not batch.has_room(document):
            batch = self._open = _Batch(asyncio.get_running_loop().create_future())
        place = batch.add((reader, document))
        # Shielded: one that is given up must not take the others' outcomes with it.
        outcomes = await (self._see_to(batch) if place == 0 else asyncio.shield(batch.outcomes))
        return await self._read_one(reader, document) if outcomes is None else outcomes[place]

    async def _see_to(self, batch: _Batch) -> list[child.Outcome] | None:
        outcomes: list[child.Outcome] | None = None
        try:
            await asyncio.sleep(_GATHER_SECONDS)
            async with self._slots:
                self._close(batch)
                if len(batch.jobs) > 1:
                    outcomes = await self._read_many(batch.jobs)
        finally:
            self._close(batch)
            batch.outcomes.set_result(outcomes)
        return outcomes

    def _close(self, batch: _Batch) -> None:
        if self._open is batch:
            self._open = None
