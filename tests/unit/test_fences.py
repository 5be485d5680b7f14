"""Libraries that reach outside stay in the module that guards them (#11); see tests/fences.toml for each reason."""

import ast
import re
import tomllib
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "monitor").rglob("*.py"))
FENCES = tomllib.loads((ROOT / "tests/fences.toml").read_text(encoding="utf-8"))
# Whatever else opens a connection or a program: nothing may import these without a fence of its own.
REACH_OUTSIDE = {
    *("aiohttp", "aiosmtplib", "apprise", "ftplib", "httpx2", "imaplib", "niquests", "nntplib", "poplib"),
    *("psycopg", "pycurl", "requests", "smtplib", "socketserver", "sqlite3", "telnetlib", "urllib3", "xmlrpc"),
}


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


@cache
def imported_names(path: Path) -> frozenset[str]:
    names: set[str] = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(names)


def place(path: Path) -> str:
    return path.relative_to(ROOT / "monitor").with_suffix("").as_posix()


@pytest.mark.parametrize("library", sorted(FENCES))
def test_a_fenced_library_is_imported_only_where_its_fence_says(library: str) -> None:
    allowed = FENCES[library]["modules"]
    importers = {
        place(path) for path in MODULES if library in {name.partition(".")[0] for name in imported_names(path)}
    }
    strays = {importer for importer in importers if not any(fnmatch(importer, pattern) for pattern in allowed)}
    assert not strays, f"{library} is imported in {strays}: {FENCES[library]['reason']}"
    assert not allowed or importers, f"no module imports {library} any more: drop its fence"


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_no_module_opens_a_second_door(path: Path) -> None:
    names = imported_names(path)
    allowed = {"sqlite3"} if place(path) in {"store/sqlite", "operations/doctor"} else set()
    doors = {name for name in names if name.partition(".")[0] in REACH_OUTSIDE - allowed - set(FENCES)}
    assert not doors | (names & {"urllib.request", "http.client", "http.server"})


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_no_pattern_has_a_possessive_quantifier_over_a_group(path: Path) -> None:
    # Python before 3.11.5, Debian 12's among them, matches such a pattern wrongly (CPython issue 106052).
    strings = (
        node.value.decode("latin-1") if isinstance(node.value, bytes) else node.value
        for node in nodes(path)
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
    )
    patterns = [text for text in strings if re.search(r"[^(\\]\)(?:[*+?]|\{[\d,]+\})\+", text)]
    assert patterns == []


def test_feedparser_is_given_nothing_but_bytes_in_memory() -> None:
    # A string is a path or a URL to it: the body of a feed would then read a file or fetch an address.
    calls = [
        node
        for path in MODULES
        for node in nodes(path)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "feedparser.parse"
    ]
    assert calls
    for call in calls:
        given = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
        assert ast.unparse(call.args[0]).startswith(("BytesIO(", "io.BytesIO("))
        assert given["sanitize_html"] == given["resolve_relative_uris"] == "False"
