"""Keep visits in the archive as they end: those that wait for the same moment go in one transaction."""

import asyncio

from monitor.errors import StoreBroken, StoreBusy
from monitor.model.archiving import Polled
from monitor.pipeline.stages import Stages
from monitor.store.polls import Settle, record_polls

MAX_AT_ONCE = 50
LINGER_SECONDS = 0.1
"""A batch that isn't full waits so long for others: a transaction costs more than a visit's own rows."""


_Visit = tuple[Polled, Settle, asyncio.Future[Polled]]


class Ledger:
    """Writes down visits. While one transaction is being written, those that end meanwhile wait for the next."""

    def __init__(self, stages: Stages) -> None:
        self._stages = stages
        self._waiting: list[_Visit] = []
        self._writer: asyncio.Task[None] | None = None

    async def keep(self, polled: Polled, settle: Settle) -> Polled:
        """Keep one visit; `settle` says what follows once it is known what was new. Raises as the store does."""
        kept: asyncio.Future[Polled] = asyncio.get_running_loop().create_future()
        self._waiting.append((polled, settle, kept))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        return await kept

    async def _write(self) -> None:
        while self._waiting:
            if len(self._waiting) < MAX_AT_ONCE:
                await asyncio.sleep(LINGER_SECONDS)
            batch = self._waiting[:MAX_AT_ONCE]
            del self._waiting[:MAX_AT_ONCE]
            await self._write_together(batch)

    async def _write_together(self, batch: list[_Visit]) -> None:
        visits = [(polled, settle) for polled, settle, _ in batch]
        try:
            results = await self._stages.stored(record_polls, self._stages.archive, visits)
        except Exception as error:  # noqa: BLE001 (it is raised where the visit is awaited)
            if len(batch) == 1 or isinstance(error, StoreBusy | StoreBroken):
                _fail(batch, error)
                return
            for visit in batch:  # one that can't be written must not cost the others theirs
                await self._write_together([visit])
        except BaseException:
            _fail(batch, asyncio.CancelledError())
            raise
        else:
            for (_, _, kept), polled in zip(batch, results, strict=True):
                if not kept.done():
                    kept.set_result(polled)


def _fail(batch: list[_Visit], error: BaseException) -> None:
    for _, _, kept in batch:
        if not kept.done():
            kept.set_exception(error)
