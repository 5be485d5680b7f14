"""Lists of sources in and out: the YAML of the starter list, and OPML as feed readers write it."""

import shlex
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from monitor.bundled import bundled_path
from monitor.errors import MonitorError, UsageError
from monitor.files import replace_file
from monitor.model.archiving import SourceSpec
from monitor.model.fetching import DIRECT
from monitor.operations.opening import Monitor
from monitor.operations.sources import all_sources, check_spec
from monitor.sources.cadence import first_visit_at
from monitor.sources.catalogue import read_catalogue, read_wanted, write_catalogue
from monitor.sources.opml import read_opml, write_opml
from monitor.sources.rows import Wanted
from monitor.store.catalogue import add_sources
from monitor.text.urls import is_message_url

OPML_SUFFIXES = frozenset({".opml", ".xml"})


@dataclass(frozen=True, slots=True)
class Imported:
    """What a list brought: how many sources it names, how many were new, and the rows that can't be used with why.

    `own_ways` are the titles of those that go through a proxy of their own or run a page's scripts, as somebody wrote.
    """

    named: int
    new: int
    refused: tuple[str, ...]
    own_ways: tuple[str, ...] = ()


def import_sources(monitor: Monitor, path: Path, tags: tuple[str, ...] = ()) -> Imported:
    """Add the sources of a YAML or OPML file; those that are there already stay as they are. Raises UsageError."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror}") from error
    refused: tuple[str, ...] = ()
    if path.suffix.lower() in OPML_SUFFIXES:
        specs, refused = read_opml(content, str(path))
    else:
        specs = read_catalogue(content.decode("utf-8", "replace"), str(path))
    usable: list[SourceSpec] = []
    mail_hosts = {urlsplit(source.spec.url).hostname for source in all_sources(monitor) if _is_mailbox(source.spec)}
    for spec in specs:
        try:
            _refuse_mailbox(spec, mail_hosts)
            usable.append(check_spec(replace(spec, tags=tuple(dict.fromkeys((*spec.tags, *tags))))))
        except MonitorError as error:
            refused += (f"{spec.title}: {error}",)
    now = monitor.now()
    due_at = [first_visit_at(now, place, len(usable)) for place in range(len(usable))]
    new = add_sources(monitor.archive, usable, now, due_at=due_at)
    own_ways = tuple(spec.title for spec in usable if spec.proxy_url not in ("", DIRECT) or spec.needs_browser)
    return Imported(len(usable) + len(refused), new, refused, own_ways)


def _refuse_mailbox(spec: SourceSpec, known_hosts: Collection[str | None]) -> None:
    """Refuse a mailbox at a host that no source of ours names: whoever wrote the list would be sent the password."""
    host = urlsplit(spec.url).hostname if _is_mailbox(spec) else None
    if host is not None and host not in known_hosts:
        raise UsageError(
            f"{host} would be sent the mailbox's password; if it is your mail server, "
            f"add it by hand: monitor sources add {shlex.quote(spec.url)}"
        )


def _is_mailbox(spec: SourceSpec) -> bool:
    return spec.kind == "newsletter" or is_message_url(spec.url)


def wanted_sources() -> tuple[Wanted, ...]:
    """Return what the starter list wants followed and has no address for: an operator fills it in."""
    starter = bundled_path("seeds") / "sources.yaml"
    return read_wanted(starter.read_text(encoding="utf-8"), str(starter))


def export_sources(monitor: Monitor, path: Path, tag: str = "") -> int:
    """Write the sources to a YAML or OPML file, the sample left out. Return how many. Raises UsageError."""
    specs = [source.spec for source in all_sources(monitor, tag) if not source.spec.is_sample]
    is_opml = path.suffix.lower() in OPML_SUFFIXES
    content = write_opml(specs, "Sources of Monitor", monitor.now()) if is_opml else write_catalogue(specs).encode()
    try:
        replace_file(path, content)
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error.strerror}") from error
    return len(specs)
