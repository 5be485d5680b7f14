"""`python -m bench.fitting.words --data PATH`: write monitor/match/data/words.tsv, in how many articles a stem is."""

import argparse
from collections import Counter
from pathlib import Path

from bench.evaluate.reading import read_bodies
from monitor.match.claimtext import stems_of

OUT = Path("monitor/match/data/words.tsv")
MIN_DOCUMENTS = 2


def main() -> None:
    """Count, and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    articles = read_bodies(parser.parse_args().data).articles.values()
    counts: Counter[str] = Counter()
    for article in articles:
        counts.update(set(stems_of(article.text)))
    rows = [f"{stem}\t{count}" for stem, count in sorted(counts.items()) if count >= MIN_DOCUMENTS]
    head = (
        "# In how many of the news articles of FNC-1's training part (no licence stated) an English stem stands.\n"
        "# Made by: python -m bench.fitting.words --data PATH\n"
    )
    OUT.write_text(head + f"\t{len(articles)}\n" + "\n".join(rows) + "\n", encoding="utf-8")
    print(f"{OUT}: {len(rows)} stems of {len(articles)} articles")


if __name__ == "__main__":
    main()
