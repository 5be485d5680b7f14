"""The documentation says what the code does."""

import re
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from monitor.cli.app import app
from monitor.match.search import Search
from monitor.model.searching import SearchedArticle
from monitor.settings import PREFIX, Settings
from monitor.sources.health import HEALTH
from monitor.watchlist.document import read_watchlist
from monitor.watchlist.query import parse_query

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_documented_with_its_description(name: str) -> None:
    line = next(line for line in (ROOT / "docs/settings.md").read_text().splitlines() if f"| `{name}` |" in line)
    assert f"`{PREFIX}{name.upper()}`" in line
    assert str(Settings.model_fields[name].description) in line


def test_no_documented_setting_is_unknown() -> None:
    named = {name for page in PAGES for name in re.findall(r"MONITOR_[A-Z_]+[A-Z]", page.read_text(encoding="utf-8"))}
    known = {PREFIX + name.upper() for name in Settings.model_fields} | {"MONITOR_CONFIG"}
    assert {name for name in named if name not in known and not name.endswith("_FILE")} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_relative_link_leads_to_a_file(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_command_that_is_shown_exists(page: Path) -> None:
    for typed in re.findall(r"`monitor ([a-z]+)(?: ([a-z]+))?", page.read_text(encoding="utf-8")):
        command: object = get_command(app)
        for word in filter(None, typed):
            if isinstance(command, TyperGroup):
                assert word in command.commands, f"{page.name}: monitor {' '.join(typed)}"
                command = command.commands[word]


def test_the_watchlists_that_ship_are_valid() -> None:
    for path in (ROOT / "watchlists").rglob("*.yaml"):
        assert read_watchlist(path.read_text(encoding="utf-8"), str(path)).claims


EXAMPLES = re.findall(r"^\| `([^`]+)` \| .* \| (.+) \| (.+) \|$", (ROOT / "docs/search.md").read_text(), re.MULTILINE)


@pytest.mark.parametrize(("query", "found", "not_found"), [row for row in EXAMPLES if row[1].strip()])
def test_every_example_of_the_query_language_finds_what_it_says(query: str, found: str, not_found: str) -> None:
    search = Search(parse_query(query, {}))
    assert search.look(SearchedArticle("", found)).holds
    assert not search.look(SearchedArticle("", not_found)).holds


def test_the_query_language_has_examples() -> None:
    assert len(EXAMPLES) >= 13


def test_every_illness_of_a_source_is_documented_in_its_own_words() -> None:
    page = (ROOT / "docs/sources.md").read_text(encoding="utf-8")
    for slug, words in HEALTH.items():
        assert f"| `{slug}` | {words.what} | {words.meaning} {words.remedy} |" in page
