"""Run the main job over real pages and feeds, twice, and say what it kept of them.

Usage: make bench DATA=PATH, where PATH holds `feeds/` and `pages/` (pages with their true text);
DATABASE_URL=postgresql://… names an empty database to take in place of SQLite.
"""

import argparse
import asyncio
import json
import resource
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench.newsroom import INDEX_HOST, FixedResolver, RealData, load, served
from bench.quality import four_gram_f1
from monitor.model.archiving import PAYWALL, TEXT, SourceSpec
from monitor.operations.digests import write_by_hand
from monitor.operations.opening import Monitor, open_monitor
from monitor.operations.rounds import SUBSCRIPTION, Round, prepare, working
from monitor.settings import load_settings
from monitor.store.articles import find_article, list_articles
from monitor.store.catalogue import add_sources
from monitor.text.urls import url_key


@dataclass
class Figures:
    """What one round took and gave."""

    done: Round
    wall_seconds: float
    cpu_seconds: float

    @property
    def new_entries(self) -> int:
        return sum(polled.new for polled in self.done.polled)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="folder of real pages and feeds")
    parser.add_argument("--database-url", default="", help="an empty database; default: SQLite")
    arguments = parser.parse_args()
    if not arguments.data:
        parser.error("no data folder given; usage: make bench DATA=PATH")
    data = load(Path(arguments.data))
    with tempfile.TemporaryDirectory(prefix="monitor-bench-") as folder:
        ca_file = Path(folder) / "ca.pem"
        with served(data, ca_file) as known:
            environ = {
                "MONITOR_DATA_DIR": f"{folder}/var",
                "MONITOR_ALLOWED_NETWORKS": "127.77.0.0/16",
                "MONITOR_CA_FILE": str(ca_file),
                "MONITOR_HOST_DELAY_SECONDS": "0",
                "MONITOR_STARTER_SOURCES": "false",
                "MONITOR_SAMPLE_NEWSROOM": "false",
            }
            if arguments.database_url:
                environ["MONITOR_DATABASE_URL"] = arguments.database_url
            monitor = open_monitor(load_settings(environ)[0], resolve=FixedResolver(known))
            passed = _report(monitor, data)
    sys.exit(0 if passed else 1)


def _report(monitor: Monitor, data: RealData) -> bool:
    prepare(monitor)
    specs = [SourceSpec(data.feed_url(name), name) for name in data.feeds]
    specs.append(SourceSpec(f"https://{INDEX_HOST}/feed.xml", "pages"))
    add_sources(monitor.archive, specs, monitor.now())
    first, second = _round(monitor), _round(monitor)
    digest, _paths = write_by_hand(monitor, SUBSCRIPTION)
    wrong = _compare_entries(first.done, data)
    scores, teasers = _scores(monitor, data)
    mean = statistics.fmean(scores.values()) if scores else 0.0
    figures = {
        "feeds": len(data.feeds),
        "feeds_read": sum(polled.outcome != "failed" for polled in first.done.polled) - 1,
        "feeds_failed": {polled.source.spec.title: polled.reason for polled in first.done.failed},
        "entries_by_feedparser": sum(data.entry_counts.values()),
        "entries_in_archive": first.new_entries - len(data.pages),
        "feeds_that_differ": wrong,
        "articles_read": first.done.read.read,
        "leads": first.done.read.leads.total(),
        "put_off": first.done.read.failed,
        "true_pages": len(data.pages),
        "true_pages_extracted": len(scores),
        "true_pages_that_are_teasers": teasers,
        "mean_4gram_f1": round(mean, 4),
        "lowest_4gram_f1": round(min(scores.values()), 3) if scores else 0,
        "hits": len(first.done.hits),
        "digest": digest.subject,
        "first_round": _times(first),
        "second_round": _times(second),
        "second_round_added": {
            "entries": second.new_entries,
            "articles": second.done.read.read + second.done.read.leads.total(),
            "hits": len(second.done.hits),
        },
        "peak_memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    print(json.dumps(figures, indent=2, ensure_ascii=False))
    added = figures["second_round_added"]
    nothing_added = isinstance(added, dict) and not any(added.values())
    return not (wrong or first.done.failed or first.done.read.failed) and (
        len(scores) + teasers == len(data.pages) and mean >= 0.95 and nothing_added
    )


def _round(monitor: Monitor) -> Figures:
    def cpu() -> float:
        return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))

    async def work() -> Round:
        async with working(monitor, lambda *_: None) as worker:
            return await worker.run_round(all_enabled=True)

    wall, began = time.perf_counter(), cpu()
    done = asyncio.run(work())
    return Figures(done, time.perf_counter() - wall, cpu() - began)


def _times(figures: Figures) -> dict[str, float]:
    return {"wall_seconds": round(figures.wall_seconds, 1), "cpu_seconds": round(figures.cpu_seconds, 1)}


def _compare_entries(done: Round, data: RealData) -> dict[str, str]:
    kept = {polled.source.spec.title: polled for polled in done.polled}
    return {
        name: f"feedparser {count}, archive {kept[name].new}, rejected {kept[name].rejected}, {kept[name].reason}"
        for name, count in data.entry_counts.items()
        if kept[name].new != count
    }


def _scores(monitor: Monitor, data: RealData) -> tuple[dict[str, float], int]:
    """Return each true page's F1, and how many stand as leads because only a teaser was served."""
    truth = {url_key(url): text for url, text in data.truth.items()}
    scores, teasers = {}, 0
    for row in list_articles(monitor.archive, limit=100_000):
        article = find_article(monitor.archive, row.id)
        key = url_key(article.snapshot.url) if article and article.snapshot else ""
        if article and key in truth:
            teasers += article.extraction == PAYWALL
            if article.extraction == TEXT:
                scores[key] = four_gram_f1(article.text, truth[key])
    return scores, teasers


if __name__ == "__main__":
    main()
