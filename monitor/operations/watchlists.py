"""Check and try watchlist documents, and take files over as new versions."""

import getpass
import os
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import replace as with_changes
from pathlib import Path

from monitor.bundled import bundled_path
from monitor.errors import Fault, UsageError, WatchlistConflict, WatchlistError
from monitor.match import Matcher
from monitor.model.archiving import LiveWatchlist
from monitor.model.matching import MatchInput
from monitor.model.query import Term, Word, iter_terms
from monitor.model.versions import WatchlistStanding
from monitor.model.watching import Claim, Watchlist, WatchlistReview
from monitor.operations.conflicts import conflict_words, rename_words
from monitor.operations.opening import Monitor
from monitor.store.versions import list_standings, list_versions, number_in_file
from monitor.store.watchlists import apply_watchlist, live_watchlists
from monitor.text.plain import drop_controls
from monitor.watchlist.comparison import compare
from monitor.watchlist.document import MAX_BYTES, DocumentRead, read_document, read_watchlist
from monitor.watchlist.importing import ImportDecision, decide_import
from monitor.watchlist.review import review

MAX_FILE_CHARACTERS = 500
"""As many characters of a path as the archive keeps; the end of it tells files apart."""


@dataclass(frozen=True, slots=True)
class AppliedWatchlist:
    """What became of one file: a new version, no change, or a refusal that left the live version as it was.

    `notes` say what else an operator should know of the change.
    """

    file: str
    name: str
    number: int
    claims: int
    is_new: bool
    error: WatchlistError | WatchlistConflict | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WatchlistFile:
    """A file that holds a good document, and what is to become of it; `standing` is its list in the archive."""

    path: Path
    document: str
    read: DocumentRead
    decision: ImportDecision
    standing: WatchlistStanding | None

    @property
    def watchlist(self) -> Watchlist:
        """The list that the file holds."""
        return self.read.watchlist


def read_watchlist_file(path: Path) -> tuple[DocumentRead, str]:
    """Return a file's document, read and as it is written. Raises WatchlistError naming every fault with its place."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)  # a device or a pipe doesn't tell its size
        if len(raw) > MAX_BYTES:
            raise WatchlistError(path, (Fault("larger than 1 MiB: is this the right file?"),))
        document = raw.decode("utf-8")
    except (OSError, ValueError) as error:
        if isinstance(error, UnicodeDecodeError):
            before = raw[: error.start].decode("utf-8").split("\n")
            place = len(before), len(before[-1]) + 1
            raise WatchlistError(path, (Fault("not UTF-8 here; save the file as UTF-8", *place),)) from error
        raise WatchlistError(path, (Fault(f"can't be read: {getattr(error, 'strerror', None) or error}"),)) from error
    return read_document(document, str(path)), document


def check_file(path: Path) -> WatchlistReview:
    """Return the summary of a file, with terms that can't match even themselves. Raises WatchlistError."""
    read, _document = read_watchlist_file(path)
    found = review(read)
    dead = tuple(
        Fault(f'{claim.key}: "{_written(term)}" is not found even in itself: it can never match')
        for claim in read.watchlist.claims
        for term in _dead_terms(claim)
    )
    return with_changes(found, notes=found.notes + dead)


def _dead_terms(claim: Claim) -> list[Term]:
    """Return the terms that the matcher doesn't find in a text that is nothing but the term."""
    terms = list(dict.fromkeys(iter_terms(claim.expression)))
    matcher = Matcher([(str(place), Claim(str(place), "", "", term, None, "")) for place, term in enumerate(terms)])
    dead = []
    for place, term in enumerate(terms):
        found = {
            assessment.claim_key for assessment in matcher.match(MatchInput("", _written(term))) if assessment.is_hit
        }
        if str(place) not in found:
            dead.append(term)
    return dead


def _written(term: Term) -> str:
    return term.text if isinstance(term, Word) else " ".join(term.words)


def plan_file(monitor: Monitor, path: Path, *, based_on: int | None = None) -> WatchlistFile:
    """Read a file and decide what is to become of it; changes nothing. Raises WatchlistError."""
    read, document = read_watchlist_file(path)
    name = read.watchlist.name
    versions = list_versions(monitor.archive, name)
    if based_on is not None and based_on not in {version.number for version in versions}:
        numbers = ", ".join(str(version.number) for version in versions) or "none yet"
        raise UsageError(f"{name} has no version {based_on}; it has {numbers}: monitor watchlists history {name}")
    base = based_on if based_on is not None else number_in_file(monitor.archive, name, file_key(path))
    standing = next((one for one in list_standings(monitor.archive) if one.name == name), None)
    return WatchlistFile(path, document, read, decide_import(document, versions, base), standing)


def apply_file(
    monitor: Monitor,
    path: Path,
    *,
    why: str = "",
    by: str = "",
    based_on: int | None = None,
    replace: bool = False,
) -> AppliedWatchlist:
    """Make a file's document the live version of its watchlist.

    Raises WatchlistError for a bad document, WatchlistConflict where another version has gone live since the file was
    taken from the archive (`replace` puts it in that one's place all the same); then nothing changed.
    """
    while True:
        planned = plan_file(monitor, path, based_on=based_on)
        decision, watchlist = planned.decision, planned.watchlist
        if planned.standing and planned.standing.retired:
            raise WatchlistConflict(
                f"{path}: {watchlist.name} is retired, so nothing of it is watched for. To bring it back: "
                f"monitor watchlists restore {watchlist.name}; then apply this again"
            )
        if decision.kind in {"behind", "conflict", "stranger"} and not replace:
            raise WatchlistConflict(conflict_words(str(path), planned.document, decision))
        applied = apply_watchlist(
            monitor.archive,
            watchlist,
            planned.document,
            now=monitor.now(),
            by=one_line_of(by) or who(),
            origin=file_key(path),
            why=one_line_of(why),
            expected=decision.live.number if decision.live else 0,
        )
        if not applied.is_moved:  # else somebody else was quicker: look again
            notes = _notes(planned) if applied.is_new else ()
            claims = len(watchlist.claims)
            return AppliedWatchlist(str(path), watchlist.name, applied.number, claims, applied.is_new, notes=notes)


def _notes(planned: WatchlistFile) -> tuple[str, ...]:
    live, standing = planned.decision.live, planned.standing
    if live is None or standing is None:
        return ()
    renamed = compare(live.document, planned.document).renamed
    return tuple(rename_words(old, new, standing.hits.get(old, 0)) for old, new in renamed)


def plan_folder(monitor: Monitor) -> list[WatchlistFile | WatchlistError]:
    """Read every file of the watchlists folder, the shipped ones only where no list of that name exists."""
    folder = monitor.settings.watchlists_dir
    is_shipped = folder is None
    folder = folder or bundled_path("watchlists")
    if not folder.is_dir():
        raise UsageError(f"watchlists_dir {folder} is no folder; set MONITOR_WATCHLISTS_DIR to one")
    planned: list[WatchlistFile | WatchlistError] = []
    first: dict[str, Path] = {}
    for path in sorted(folder.glob("*.yaml")) + sorted(folder.glob("*.yml")):
        try:
            file = plan_file(monitor, path)
        except WatchlistError as error:
            planned.append(error)
            continue
        name = file.watchlist.name
        if name in first:
            fault = Fault(f'"{name}" is also the list of {first[name]}: give one of them another name')
            planned.append(WatchlistError(path, (fault,)))
        elif not (is_shipped and file.standing):
            planned.append(file)
        first.setdefault(name, path)
    return planned


def apply_folder(monitor: Monitor) -> tuple[AppliedWatchlist, ...]:
    """Take over what changed in the watchlists folder since it was last read.

    A bad file, and one whose list has changed here and there, is reported and leaves its live version live. Raises its
    error where nothing at all would be watched.
    """
    applied = [_apply_planned(monitor, file) for file in plan_folder(monitor)]
    if not live_watchlists(monitor.archive):
        errors = [result.error for result in applied if result.error]
        if retired := [standing.name for standing in list_standings(monitor.archive)]:
            raise UsageError(
                f"every watchlist is retired ({', '.join(retired)}), so there is nothing to watch for; to bring one "
                f"back: monitor watchlists restore {retired[0]}"
            )
        folder = monitor.settings.watchlists_dir or bundled_path("watchlists")
        raise errors[0] if errors else UsageError(f"no watchlist (*.yaml) in {folder}: there is nothing to watch for")
    return tuple(applied)


def _apply_planned(monitor: Monitor, file: WatchlistFile | WatchlistError) -> AppliedWatchlist:
    if isinstance(file, WatchlistError):
        return AppliedWatchlist(file.file, Path(file.file).stem, 0, 0, is_new=False, error=file)
    name, live = file.watchlist.name, file.decision.live
    number, claims = live.number if live else 0, len(file.watchlist.claims)
    is_settled = file.decision.kind == "behind" or (file.standing is not None and file.standing.retired is not None)
    if is_settled:  # what the file holds was live once, and somebody has decided since
        return AppliedWatchlist(str(file.path), name, number, claims, is_new=False)
    try:
        return apply_file(monitor, file.path)
    except (WatchlistConflict, WatchlistError) as error:
        return AppliedWatchlist(str(file.path), name, number, claims, is_new=False, error=error)


def folder_troubles(monitor: Monitor) -> list[str]:
    """Say which lists can't be read and which files of the folder can't be taken over as they stand, and why."""
    troubles = unreadable(monitor)
    for file in plan_folder(monitor):
        if isinstance(file, WatchlistError):
            troubles.append(str(file))
        elif file.decision.kind in {"conflict", "stranger"} and not (file.standing and file.standing.retired):
            troubles.append(conflict_words(str(file.path), file.document, file.decision).splitlines()[0])
    return troubles


def examples(monitor: Monitor) -> list[tuple[Watchlist, Path]]:
    """Return the watchlists that ship as examples and are not in the archive, with their files."""
    known = {standing.name for standing in list_standings(monitor.archive)}
    files = sorted((bundled_path("watchlists") / "examples").glob("*.yaml"))
    read = [(read_watchlist_file(path)[0].watchlist, path) for path in files]
    return [(watchlist, path) for watchlist, path in read if watchlist.name not in known]


def who() -> str:
    """Return the name of the account that acts."""
    try:
        return _in_utf8(getpass.getuser())
    except (KeyError, OSError):
        return "unknown"


def file_key(path: Path) -> str:
    """Return how the archive knows a file: its whole path, as far as it can be kept."""
    return _in_utf8(os.path.abspath(path))[-MAX_FILE_CHARACTERS:]  # noqa: PTH100 (a link stays the link)


def _in_utf8(name: str) -> str:
    """Return a name of the system's, whose bytes may be of any encoding, as the archive can keep it."""
    return os.fsencode(name).decode("utf-8", "replace")


def one_line_of(words: str) -> str:
    """Return what somebody typed as one line that can be kept and shown."""
    return " ".join(drop_controls(words).split())


def live(monitor: Monitor) -> list[tuple[LiveWatchlist, Watchlist]]:
    """Return the live watchlists that can be read, each as stored and as read."""
    return [(stored, read) for stored, read in _read_live(monitor) if isinstance(read, Watchlist)]


def unreadable(monitor: Monitor) -> list[str]:
    """Say which live watchlists this version can't read, though an older one took them: they watch for nothing."""
    return [
        f"{stored.name}: nothing of it is watched for, since this version of Monitor can't read it:\n{error}\n"
        f"Mend it: monitor watchlists export {stored.name} -o {stored.name}.yaml, edit that, and apply it"
        for stored, error in _read_live(monitor)
        if isinstance(error, WatchlistError)
    ]


def _read_live(monitor: Monitor) -> Iterator[tuple[LiveWatchlist, Watchlist | WatchlistError]]:
    for stored in live_watchlists(monitor.archive):
        try:
            yield stored, read_watchlist(stored.document, f"version {stored.number} of {stored.name}")
        except WatchlistError as error:
            yield stored, error
