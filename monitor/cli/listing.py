"""How a source's listing shows: how many entries, and the first headlines."""

from monitor.cli.output import show
from monitor.operations.discovery import CheckedSource
from monitor.text.counting import counted


def show_checked(result: CheckedSource, *, headlines: int = 0) -> None:
    """Show what a source answers just now."""
    spec, listing = result.spec, result.listing
    name = spec.title or (listing.title if listing else "") or spec.url
    if result.error:
        show(f"{name}: failed, {result.error.reason}: {result.error}", style="red")
        return
    if listing is None:
        show(f"{name}: ok, nothing new since the last visit")
        return
    dropped = [
        f"{counted(count, 'entry')} {why}"
        for count, why in ((listing.rejected, "without a usable link"), (listing.older, "older than two weeks"))
        if count
    ]
    show(f"{name}: ok, {spec.kind}, {', '.join((counted(len(listing.entries), 'entry'), *dropped))}")
    for entry in listing.entries[:headlines]:
        day = f"{entry.published_at:%Y-%m-%d}  " if entry.published_at else ""
        show(f"  {day}{entry.title}")
    if len(listing.entries) > headlines > 0:
        show(f"  … and {len(listing.entries) - headlines} more")


def checked_record(result: CheckedSource) -> dict[str, object]:
    """Return what a source answers as it is printed with --json."""
    listing = result.listing
    return {
        "source": result.spec.url,
        "kind": result.spec.kind,
        "title": result.spec.title or (listing.title if listing else ""),
        "entries": len(listing.entries) if listing else None,
        "rejected": listing.rejected if listing else 0,
        "older": listing.older if listing else 0,
        "headlines": [entry.title for entry in listing.entries[:5]] if listing else [],
        "reason": result.error.reason if result.error else "",
        "detail": str(result.error or ""),
    }
