"""What articles cost the service itself: `python -m bench.evaluate.service` reads them on stdin, a JSON list a batch.

In: a JSON object, `encoder` (a setting) and `batches` of [title, text, language]. Out: one JSON line a batch. The
articles come as a channel's posts do, with their texts: nothing is fetched and nothing extracted, all else is what a
round does with them, in a new SQLite archive under the shipped watchlist. The first batch warms up: a model and a
background are loaded once. Seconds are of the processor, of the service and of its child processes apart.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from monitor.bundled import bundled_path
from monitor.model.archiving import Polled, SourceSpec
from monitor.model.entries import Entry
from monitor.operations.encoders import open_encoder
from monitor.operations.opening import open_monitor
from monitor.operations.watchlists import apply_file
from monitor.pipeline.meaning import compare_pending
from monitor.pipeline.read import read_pending
from monitor.pipeline.stages import Stages
from monitor.settings import load_settings
from monitor.sources.identity import key_entries
from monitor.store.catalogue import add_sources, list_sources
from monitor.store.polls import record_polls

_WATCHLIST = "cambodia-reintegration.yaml"
_HOUR = 3600.0

Given = tuple[str, str, str]


async def run(encoder: str, batches: Sequence[Sequence[Given]]) -> None:
    """Hold batch after batch against the shipped watchlist; print what each cost."""
    with TemporaryDirectory(prefix="monitor-bench-") as folder:
        settings, *_ = load_settings({"MONITOR_DATA_DIR": f"{folder}/var", "MONITOR_ENCODER": encoder})
        monitor = open_monitor(settings)
        apply_file(monitor, bundled_path("watchlists") / _WATCHLIST)
        with open_encoder(settings) as meanings:
            async with monitor.stages(encoder=meanings.encoder) as stages:
                parsers = _children()
                for number, batch in enumerate(batches):
                    _post(stages, number, batch)
                    print(json.dumps(await _cost(stages, parsers)), flush=True)


async def _cost(stages: Stages, parsers: Sequence[int]) -> dict[str, float]:
    began, began_children = time.process_time(), _children_seconds()
    read = await read_pending(stages)
    reading = time.process_time() - began
    meaning = await compare_pending(stages, _HOUR)
    return {
        "articles": read.read,
        "compared": meaning.compared,
        "reading_seconds": reading,
        "service_seconds": time.process_time() - began,
        "encoder_seconds": _children_seconds() - began_children,
        "service_mib": _peak_kib(os.getpid()) / 1024,
        "parsers_mib": sum(map(_peak_kib, parsers)) / 1024,
        "encoder_mib": sum(_peak_kib(pid) for pid in _children() if pid not in parsers) / 1024,
    }


def _post(stages: Stages, number: int, batch: Sequence[Given]) -> None:
    """Have a channel bring a batch of articles."""
    url, now = f"https://channel{number}.example/", stages.now()
    add_sources(stages.archive, [SourceSpec(url, "A channel", kind="channel")], now)
    source = next(one for one in list_sources(stages.archive) if one.spec.url == url)
    posts = [
        Entry(f"{url}{at}", f"{url}{at}", title, text=text, language=language, published_at=now)
        for at, (title, text, language) in enumerate(batch)
    ]
    visit = Polled(source, now, "new", source, key_entries(posts))
    record_polls(stages.archive, [(visit, lambda polled: polled.source)])


def _children() -> list[int]:
    tasks = Path("/proc/self/task").glob("*/children")
    return [int(pid) for task in tasks for pid in task.read_text(encoding="ascii").split()]


def _children_seconds() -> float:
    ticks = 0
    for pid in _children():
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _peak_kib(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


def main() -> None:
    """Read what is to be done on stdin and do it."""
    given = json.load(sys.stdin)
    asyncio.run(run(given["encoder"], given["batches"]))


if __name__ == "__main__":
    main()
