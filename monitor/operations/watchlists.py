"""Check, apply and try watchlist documents."""

import getpass
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from monitor.bundled import bundled_path
from monitor.errors import Fault, UsageError, WatchlistError
from monitor.match import Matcher
from monitor.model.archiving import LiveWatchlist
from monitor.model.matching import Assessment, MatchInput
from monitor.model.watching import Watchlist
from monitor.operations.opening import Monitor
from monitor.store.watchlists import apply_watchlist, live_watchlists
from monitor.watchlist.document import MAX_BYTES, read_watchlist


@dataclass(frozen=True, slots=True)
class AppliedWatchlist:
    """What became of one file: a new version, no change, or a refusal that left the live version as it was."""

    file: str
    name: str
    number: int
    claims: int
    is_new: bool
    error: WatchlistError | None = None


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


def read_watchlist_file(path: Path) -> tuple[Watchlist, str]:
    """Return a file's watchlist and its document. Raises WatchlistError naming every fault with its place."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)  # a device or a pipe doesn't tell its size
        if len(raw) > MAX_BYTES:
            raise WatchlistError(path, (Fault("larger than 1 MiB: is this the right file?"),))
        document = raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except OSError as error:
        raise WatchlistError(path, (Fault(f"can't be read: {error.strerror}"),)) from error
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise WatchlistError(path, (Fault("not UTF-8 here; save the file as UTF-8", line, 1),)) from error
    return read_watchlist(document, str(path)), document


def apply_file(monitor: Monitor, path: Path) -> AppliedWatchlist:
    """Make a file's document the live version of its watchlist. Raises WatchlistError; then nothing changed."""
    watchlist, document = read_watchlist_file(path)
    number, is_new = apply_watchlist(
        monitor.archive, watchlist, document, now=monitor.now(), by=_who(), origin=_in_utf8(str(path))
    )
    return AppliedWatchlist(str(path), watchlist.name, number, len(watchlist.claims), is_new)


def apply_folder(monitor: Monitor) -> tuple[AppliedWatchlist, ...]:
    """Apply every file of the watchlists folder; the shipped ones only where no list of that name exists.

    A bad file is reported and leaves its live version live. Raises its error where nothing at all would be watched.
    """
    folder = monitor.settings.watchlists_dir
    shipped = folder is None
    folder = folder or bundled_path("watchlists")
    if not folder.is_dir():
        raise UsageError(f"watchlists_dir {folder} is no folder; set MONITOR_WATCHLISTS_DIR to one")
    known = {live.name for live in live_watchlists(monitor.archive)}
    applied = []
    for path in sorted(folder.glob("*.yaml")) + sorted(folder.glob("*.yml")):
        try:
            if shipped and read_watchlist_file(path)[0].name in known:
                continue
            applied.append(apply_file(monitor, path))
        except WatchlistError as error:
            applied.append(AppliedWatchlist(str(path), path.stem, 0, 0, is_new=False, error=error))
    if not live_watchlists(monitor.archive):
        errors = [result.error for result in applied if result.error]
        raise errors[0] if errors else UsageError(f"no watchlist (*.yaml) in {folder}: there is nothing to watch for")
    return tuple(applied)


def try_watchlist(path: Path, articles: Path) -> Iterator[TriedPair]:
    """Match a watchlist file against a file of articles, one JSON object a line, without the archive.

    Yields every scored pair, article by article. Raises WatchlistError, or UsageError naming the line that is wrong.
    """
    watchlist, _document = read_watchlist_file(path)
    matcher = Matcher([(claim.key, claim) for claim in watchlist.claims])
    for article in _read_articles(articles):
        for assessment in matcher.match(MatchInput(article.title or "", article.text or "", article.lang or "")):
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


def _who() -> str:
    try:
        return _in_utf8(getpass.getuser())
    except (KeyError, OSError):
        return "unknown"


def _in_utf8(name: str) -> str:
    """Return a name of the system's, whose bytes may be of any encoding, as the archive can keep it."""
    return os.fsencode(name).decode("utf-8", "replace")


def live(monitor: Monitor) -> list[tuple[LiveWatchlist, Watchlist]]:
    """Return the live watchlists, each as stored and as read."""
    return [
        (stored, read_watchlist(stored.document, stored.origin or stored.name))
        for stored in live_watchlists(monitor.archive)
    ]
