"""Try a watchlist document on articles, without the archive."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from monitor.errors import UsageError
from monitor.match import with_stances
from monitor.match.scorer import Scorer
from monitor.model.matching import Assessment, MatchInput
from monitor.operations.watchlists import read_watchlist_file


@dataclass(frozen=True, slots=True)
class TriedPair:
    """One article of a trial and how one claim judges it."""

    article_id: str | int
    assessment: Assessment


class _TrialArticle(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str | int
    title: str | None = ""
    text: str | None = ""
    lang: str | None = ""


def try_watchlist(path: Path, articles: Path) -> Iterator[TriedPair]:
    """Match a watchlist file against a file of articles, one JSON object a line, without the archive.

    Yields every scored pair, article by article. Raises WatchlistError, or UsageError naming the line that is wrong.
    """
    read, _document = read_watchlist_file(path)
    scorer = Scorer([(claim.key, claim) for claim in read.watchlist.claims])
    texts = {claim.key: claim.text for claim in read.watchlist.claims}
    for article in _read_articles(articles):
        given = MatchInput(article.title or "", article.text or "", article.lang or "")
        for assessment in with_stances(scorer.match(given), given, texts):
            yield TriedPair(article.id, assessment)


def _read_articles(path: Path) -> Iterator[_TrialArticle]:
    try:
        with path.open(encoding="utf-8-sig") as lines:
            yield from _parse_articles(lines, path)
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8; save it as UTF-8") from error


def _parse_articles(lines: Iterable[str], path: Path) -> Iterator[_TrialArticle]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield _TrialArticle.model_validate(json.loads(line))
        except (ValueError, RecursionError) as error:  # pydantic's and json's are ValueErrors
            raise UsageError(
                f'{path}:{number}: not an article; each line is {{"id": …, "title": …, "text": …}} ({_why(error)})'
            ) from error


def _why(error: Exception) -> str:
    if isinstance(error, ValidationError):
        fault = error.errors(include_url=False, include_input=False)[0]
        return ": ".join([*map(str, fault["loc"][:1]), fault["msg"].lower()])
    return str(error)
