"""The peer's side of bench.polling: `reader` polls the same feeds. Run by the Python that has it; stands alone.

Usage: python reader_side.py DATABASE WARM_UP_URLS URLS, where both are files of one URL a line.
"""

import json
import resource
import sys
import time
from pathlib import Path

from reader import Reader, make_reader  # type: ignore[import-not-found,unused-ignore]


def main() -> None:
    database, warm_up, urls = sys.argv[1:]
    with make_reader(database) as reader:
        for url in Path(warm_up).read_text().split():
            reader.add_feed(url)
        _update(reader)
        for url in Path(warm_up).read_text().split():
            reader.delete_feed(url)
        for url in Path(urls).read_text().split():
            reader.add_feed(url)
        passes = [_update(reader) for _ in range(2)]
        entries = reader.get_entry_counts().total
    rss_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"passes": passes, "entries": entries, "rss_mib": rss_mib}))


def _update(reader: Reader) -> dict[str, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    # Not only what its own schedule says is due, and in one thread: more of them cost it more CPU.
    reader.update_feeds(scheduled=False, workers=1)
    return {"cpu_seconds": time.process_time() - cpu, "wall_seconds": time.perf_counter() - wall}


if __name__ == "__main__":
    main()
