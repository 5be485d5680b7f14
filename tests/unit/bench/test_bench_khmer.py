"""The verdicts on Khmer articles, and how they are counted."""

import zipfile
from collections import Counter
from pathlib import Path

from bench.evaluate.khmer import ARTICLES, JUDGED, measure, read_verdicts
from bench.evaluate.tables import Tools
from monitor.bundled import bundled_path
from monitor.watchlist.document import read_watchlist


def test_every_verdict_stands_once_and_names_claims_that_are_watched() -> None:
    file = bundled_path("watchlists") / "cambodia-reintegration.yaml"
    claims = {claim.key for claim in read_watchlist(file.read_text(encoding="utf-8"), file.name).claims}
    assert frozenset().union(*read_verdicts(JUDGED).values()) <= claims
    articles = Counter(line.split("\t")[0] for line in JUDGED.read_text(encoding="utf-8").splitlines())
    assert [article for article, count in articles.items() if count > 1] == []


def test_what_nobody_judged_is_counted_as_unjudged_and_never_as_right(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / ARTICLES, "w") as files:
        files.writestr("x/1_orig.txt", "ស្ត្រីរកស៊ីផ្លូវភេទ\nសមត្ថកិច្ចបានឃាត់ខ្លួនស្ត្រីរកស៊ីផ្លូវភេទ")
        files.writestr("x/1_seg.txt", "not read")
    (table,) = measure(Tools(tmp_path, None))
    figures = {row[0]: row[1:] for row in table.rows}["willing-sex-workers-arrested"]
    assert figures == (1, 0, 0, None, "[0.00, 1.00]", 1, 0)
