"""Read real feeds both ways, fast and by feedparser, and say where the entries differ.

Usage: python -m bench.entries --data PATH, where PATH holds `feeds/*.xml.gz`. Fails where any entry differs, or where
fewer entries come than feedparser counts.
"""

import argparse
import gzip
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import feedparser

from monitor.extract.entries import feed as reading
from monitor.extract.entries.fast import read_if_plain
from monitor.extract.entries.raw import RawFeed, make_feed
from monitor.model.entries import Listing

NOW = datetime(2026, 11, 22, tzinfo=UTC)
URL = "https://news.example/feed.xml"
_REPEATS = 5


@dataclass
class Verdict:
    """What a set of feeds came to. `differing` names each feed with its first difference."""

    fast: int = 0
    fell_back: list[str] = field(default_factory=list)
    differing: dict[str, str] = field(default_factory=dict)
    short: dict[str, str] = field(default_factory=dict)
    entries: int = 0
    with_text: int = 0
    by_feedparser: int = 0
    ours_seconds: float = 0.0
    feedparser_seconds: float = 0.0

    @property
    def is_pass(self) -> bool:
        return not self.differing and not self.short


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, type=Path, help="folder that holds feeds/*.xml.gz")
    feeds = load(parser.parse_args().data)
    verdict = compare(feeds)
    figures = {
        "feeds": len(feeds),
        "read_fast": verdict.fast,
        "left_to_feedparser": verdict.fell_back,
        "differ": verdict.differing,
        "fewer_than_feedparser": verdict.short,
        "entries": verdict.entries,
        "entries_by_feedparser": verdict.by_feedparser,
        "entries_with_their_text": verdict.with_text,
        "feedparser_cpu_ms_a_feed": round(verdict.feedparser_seconds / len(feeds) * 1e3, 2),
        "monitor_cpu_ms_a_feed": round(verdict.ours_seconds / len(feeds) * 1e3, 2),
        "times_as_fast_as_feedparser": round(verdict.feedparser_seconds / verdict.ours_seconds, 1),
    }
    print(json.dumps(figures, indent=2, ensure_ascii=False))
    sys.exit(0 if verdict.is_pass else 1)


def load(folder: Path) -> dict[str, bytes]:
    """Read the feeds by name; exits with the usage where there are none."""
    feeds = {path.name.partition(".")[0]: gzip.decompress(path.read_bytes()) for path in folder.glob("feeds/*.xml.gz")}
    if not feeds:
        raise SystemExit(f"{folder} holds no feeds/*.xml.gz; usage: python -m bench.entries --data PATH")
    return dict(sorted(feeds.items()))


def compare(feeds: dict[str, bytes]) -> Verdict:
    """Read every feed both ways; the times are of `parse_feed` against feedparser as its users call it."""
    verdict = Verdict()
    for name, content in feeds.items():
        counted = len(feedparser.parse(BytesIO(content)).entries)
        listing = reading.parse_feed(content, URL, None, NOW)
        verdict.entries += len(listing.entries)
        verdict.with_text += sum(bool(entry.text) for entry in listing.entries)
        verdict.by_feedparser += counted
        if len(listing.entries) + listing.rejected < counted:
            verdict.short[name] = f"{len(listing.entries)} entries, {listing.rejected} rejected, feedparser {counted}"
        fast, slow = read_both_ways(content)
        if fast is None:
            verdict.fell_back.append(name)
        else:
            verdict.fast += 1
            if difference := first_difference(make_feed(fast, URL, NOW), make_feed(slow, URL, NOW)):
                verdict.differing[name] = difference
        verdict.feedparser_seconds += _cpu_seconds(lambda body=content: feedparser.parse(BytesIO(body)))  # type: ignore[misc]
        verdict.ours_seconds += _cpu_seconds(lambda body=content: reading.parse_feed(body, URL, None, NOW))  # type: ignore[misc]
    return verdict


def read_both_ways(content: bytes) -> tuple[RawFeed | None, RawFeed]:
    """Read a feed the fast way (None where it declines) and by feedparser."""
    document = reading.prepare_document(content, None)
    return read_if_plain(document, NOW), reading.read_with_feedparser(document)


def first_difference(fast: Listing, slow: Listing) -> str:
    """Say in words where two listings first differ; "" where they are the same."""
    if fast == slow:
        return ""
    for number, (one, other) in enumerate(zip(fast.entries, slow.entries, strict=False)):
        for name in one.__slots__:
            left, right = getattr(one, name), getattr(other, name)
            if left != right:
                return f"entry {number}, {name}: {str(left)[:200]!r} instead of {str(right)[:200]!r}"
    if len(fast.entries) != len(slow.entries):
        return f"{len(fast.entries)} entries instead of {len(slow.entries)}"
    one_head, other_head = ((feed.title, feed.language, feed.ttl_seconds, feed.rejected) for feed in (fast, slow))
    return f"head: {one_head} instead of {other_head}"


def _cpu_seconds(work: Callable[[], object]) -> float:
    times = []
    for _ in range(_REPEATS):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return sorted(times)[_REPEATS // 2]


if __name__ == "__main__":
    main()
