"""A watchlist's history: its versions and what each changed, written out, gone back to, retired and restored."""

import stat
from dataclasses import dataclass
from pathlib import Path

from monitor.errors import UsageError, WatchlistConflict
from monitor.files import replace_file
from monitor.model.versions import Applied, DocumentVersion, WatchlistEvent, WatchlistEventKind, WatchlistStanding
from monitor.operations.opening import Monitor
from monitor.operations.watchlists import file_key, one_line_of, read_watchlist_file, who
from monitor.store.versions import list_events, list_standings, list_versions, record_event
from monitor.store.watchlists import apply_watchlist, remember_file
from monitor.watchlist.comparison import Comparison, compare
from monitor.watchlist.document import read_watchlist

MAX_NAME_SHOWN = 80


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One version and what it changed against the one before it (against nothing, for the first)."""

    version: DocumentVersion
    changes: Comparison


@dataclass(frozen=True, slots=True)
class History:
    """All that happened to a watchlist, each kind in the order of time."""

    entries: tuple[HistoryEntry, ...]
    events: tuple[WatchlistEvent, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """Two documents, what they are called, and what differs."""

    before: str
    after: str
    comparison: Comparison


def all_watchlists(monitor: Monitor) -> list[WatchlistStanding]:
    """Return all watchlists, live and retired, with what was found for each."""
    return list_standings(monitor.archive)


def watchlist_history(monitor: Monitor, name: str) -> History:
    """Return a watchlist's versions with what each changed. Raises UsageError for an unknown name."""
    versions = _known(monitor, name)
    befores = ["", *(version.document for version in versions[:-1])]
    entries = (
        HistoryEntry(version, compare(before, version.document))
        for before, version in zip(befores, versions, strict=True)
    )
    return History(tuple(entries), tuple(list_events(monitor.archive, name)))


def find_version(monitor: Monitor, name: str, number: int | None = None) -> DocumentVersion:
    """Return one version of a watchlist, the newest where no number is given. Raises UsageError."""
    versions = _known(monitor, name)
    if number is None:
        return versions[-1]
    for version in versions:
        if version.number == number:
            return version
    raise UsageError(
        f"{name} has no version {number}; it has 1 to {versions[-1].number}: monitor watchlists history {name}"
    )


def diff_watchlist(monitor: Monitor, name: str, before: str = "", after: str = "") -> Compared:
    """Compare two sides of a watchlist, each a version's number or a file.

    One side alone is a file against what is live, or a version with what is live since; none is the newest version
    against the one before it. Raises UsageError or WatchlistError.
    """
    newest = find_version(monitor, name)
    if not before:
        before, after = str(max(1, newest.number - 1)), str(newest.number)
    elif not after:
        before, after = (before, str(newest.number)) if _is_number(before) else (str(newest.number), before)
    sides = [_side(monitor, name, side) for side in (before, after)]
    labels = [f"version {side}" if _is_number(side) else side for side in (before, after)]
    return Compared(labels[0], labels[1], compare(sides[0], sides[1], (labels[0], labels[1])))


def export_watchlist(
    monitor: Monitor, name: str, target: Path, *, number: int | None = None, overwrite: bool = False
) -> tuple[Path, DocumentVersion]:
    """Write a version's document to a file, byte for byte as it was applied, and remember that the file holds it.

    A folder as the target takes the file NAME.yaml. Raises UsageError rather than write over another document, through
    a link, or into what is no file.
    """
    version = find_version(monitor, name, number)
    try:
        path = target / f"{version.name}.yaml" if target.is_dir() else target
        content = version.document.encode()
        if _holds(path) not in (None, content) and not overwrite:
            raise UsageError(
                f"{path} is there already and differs from version {version.number}; to write over it, add --overwrite"
            )
        if not path.parent.is_dir():
            raise UsageError(f"{path.parent} is no folder; make it first")
        replace_file(path, content)
    except ValueError as error:  # what no system takes for a path: a NUL byte
        raise UsageError(f"{str(target)!r} is no path: {error}") from error
    except OSError as error:
        raise UsageError(f"{target} can't be written: {error.strerror}; name a file in a folder of yours") from error
    remember_file(monitor.archive, version.name, file_key(path), version.number)
    return path, version


def _holds(path: Path) -> bytes | None:
    """Return what a file holds, None where nothing is there. Raises UsageError for what is no plain file."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(status.st_mode):
        kind = "a link" if stat.S_ISLNK(status.st_mode) else "no plain file"
        raise UsageError(f"{path} is {kind}: name a file of its own to write to")
    return path.read_bytes()


def revert_watchlist(monitor: Monitor, name: str, number: int, *, why: str = "", by: str = "") -> Applied:
    """Make an old version's document the live one again, as a new version. Raises UsageError, WatchlistConflict."""
    version, newest = find_version(monitor, name, number), find_version(monitor, name)
    _refuse_retired(monitor, name)
    watchlist = read_watchlist(version.document, f"version {number} of {name}")
    reason = f"back to version {number}" + (f": {one_line_of(why)}" if why else "")
    applied = apply_watchlist(
        monitor.archive,
        watchlist,
        version.document,
        now=monitor.now(),
        by=one_line_of(by) or who(),
        origin="",
        why=reason,
        expected=newest.number,
    )
    if applied.is_moved:
        raise WatchlistConflict(
            f"version {applied.number} of {name} went live just now; look at it: monitor watchlists history {name}"
        )
    return applied


def set_retired(monitor: Monitor, name: str, kind: WatchlistEventKind, *, why: str = "", by: str = "") -> bool:
    """Retire a watchlist or restore it; say whether that changed anything. Its hits and versions stay."""
    _known(monitor, name)
    return record_event(
        monitor.archive, name, kind, now=monitor.now(), by=one_line_of(by) or who(), why=one_line_of(why)
    )


def _refuse_retired(monitor: Monitor, name: str) -> None:
    if any(standing.name == name and standing.retired for standing in list_standings(monitor.archive)):
        raise UsageError(f"{name} is retired; bring it back first: monitor watchlists restore {name}")


def _known(monitor: Monitor, name: str) -> list[DocumentVersion]:
    versions = list_versions(monitor.archive, name) if name.isprintable() else []
    if not versions:
        names = ", ".join(standing.name for standing in list_standings(monitor.archive)) or "none yet"
        shown = name if len(name) <= MAX_NAME_SHOWN else f"{name[:MAX_NAME_SHOWN]}…"
        raise UsageError(f"no watchlist {shown!r}; there are: {names}")
    return versions


def _side(monitor: Monitor, name: str, side: str) -> str:
    if _is_number(side):
        return find_version(monitor, name, int(side[:9])).document
    return read_watchlist_file(Path(side))[1]


def _is_number(side: str) -> bool:
    return side.isascii() and side.isdigit()
