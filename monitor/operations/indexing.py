"""Keep the archive's search index whole: take older articles in, make it anew, say what it lacks."""

from monitor.model.ports import Progress
from monitor.operations.doctor import Finding
from monitor.pipeline.stages import no_progress
from monitor.store.engine import Archive
from monitor.store.search.completing import count_missing, is_complete, is_rebuilding, rebuild, take_in
from monitor.text.counting import counted

REMEDY = "`monitor db reindex`"


def complete_index(archive: Archive, progress: Progress = no_progress) -> int:
    """Put into the search index what isn't in it; return how many articles that were."""
    if is_complete(archive):
        return 0
    return take_in(archive, lambda done, total: progress("index", done, total))


def make_index_anew(archive: Archive, progress: Progress = no_progress) -> int:
    """Make the search index anew from the articles, or finish where that was stopped; return how many that were.

    A service may go on meanwhile, and so may searches.
    """
    return rebuild(archive, lambda done, total: progress("index", done, total))


def examine_index(archive: Archive) -> Finding:
    """Say whether every article can be found."""
    if missing := count_missing(archive):
        if is_complete(archive):
            words = f"{counted(missing, 'article')} can't be found by a search; {REMEDY} makes the index anew"
            return Finding("search index", "fault", words)
        words = f"{counted(missing, 'article')} still to be taken in: a running service does it, or {REMEDY} at once"
        return Finding("search index", "warning", words)
    if is_rebuilding(archive):
        words = f"every article can be found, but it is being made anew; {REMEDY} goes on where that was stopped"
        return Finding("search index", "warning", words)
    return Finding("search index", "ok", "every article can be found")
