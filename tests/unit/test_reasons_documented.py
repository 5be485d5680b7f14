"""Every reason that can be stored or shown is explained in the glossary, and nothing else is."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import monitor
from monitor.errors import HttpStatus, MonitorError, Rejected, Retryable

GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.md"
FAMILIES = {MonitorError, Retryable, Rejected}


def _descendants(kind: type[MonitorError]) -> Iterator[type[MonitorError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _descendants(child)


def _reasons() -> set[str]:
    for module in pkgutil.walk_packages(monitor.__path__, "monitor."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    kinds = {kind for kind in _descendants(MonitorError) if kind.__module__.startswith("monitor.")} - FAMILIES
    return {"http_NNN" if kind is HttpStatus else kind.reason for kind in kinds}


def test_the_glossary_explains_every_reason_and_no_other() -> None:
    chapter = GLOSSARY.read_text(encoding="utf-8").partition("## Reasons")[2]
    assert set(re.findall(r"^\| `(\w+)` \|", chapter, re.MULTILINE)) == _reasons()


def test_every_reason_says_what_to_do() -> None:
    chapter = GLOSSARY.read_text(encoding="utf-8").partition("## Reasons")[2]
    rows = [line.strip("|").split("|") for line in chapter.splitlines() if line.startswith("| `")]
    assert [row[0] for row in rows if len(row) != 3 or not all(cell.strip() for cell in row)] == []
