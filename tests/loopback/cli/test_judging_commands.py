"""`monitor hits judge|explain` and `monitor claims`, typed: within this process, and in processes of their own."""

import asyncio
import shutil
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.loopback.commands import Ended
from tests.loopback.newsroom import FILLER, LOCKED, WATCHLIST, Newspaper, Terminal, monitor_for, newspaper, run_round
from tests.loopback.servers import LoopbackServer

pytestmark = pytest.mark.enable_socket
Types = Callable[..., Awaitable[Ended]]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose archive has one hit and one article that is none."""
    folder = tmp_path_factory.mktemp("judged")

    async def fill() -> None:
        async with newspaper() as paper:
            paper.publish("/1", "A night in the shed", LOCKED)
            paper.publish("/2", "The price of fish", FILLER)
            monitor = monitor_for(folder, paper)
            await run_round(monitor)
            monitor.archive.close()

    asyncio.run(fill())
    return folder


@pytest.fixture(params=["within", pytest.param("of its own", marks=pytest.mark.slow)])
def types(request: pytest.FixtureRequest, template: Path, tmp_path: Path) -> Types:
    """Type commands to an archive of the test's own."""
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    terminal = Terminal(tmp_path, Newspaper(LoopbackServer(port=1)))  # nothing is polled
    return terminal.types if request.param == "within" else terminal.starts


def make_sample(folder: Path) -> None:
    """Make a sample of all articles in a folder's archive."""
    (file,) = folder.rglob("monitor.db")
    with closing(sqlite3.connect(file)) as archive:
        archive.execute("UPDATE articles SET is_sample = 1")
        archive.commit()


async def test_who_judges_a_hit_of_the_sample_is_told_that_it_teaches_nothing(types: Types, tmp_path: Path) -> None:
    make_sample(tmp_path)
    kept = await types("hits", "judge", "1", "relevant")
    assert "so the claim learns nothing from it." in kept.err


async def test_a_hit_is_judged_once_explained_and_the_judgement_taken_back(types: Types) -> None:
    kept = await types("hits", "judge", "1", "relevant", "--by", "anna", "--note", "seen it")
    assert kept.code == 0, kept.err
    assert "bears on harbour/locked-in, a statement by The Sample Gazette:" in kept.out
    assert "Kept. harbour/locked-in: precision 100% (21% to 100%), from 1 judged hit" in kept.err
    again = await types("hits", "judge", "1", "relevant", "--by", "anna")
    assert "Nothing new: that had been said before." in again.err
    explained = await types("hits", "explain", "1", "--json")
    assert explained.records[0]["is_same"] is True
    assert [said["by"] for said in explained.records[0]["judgements"]] == ["anna"]
    undone = await types("hits", "judge", "1", "undo", "--by", "anna", "--json")
    assert undone.records[0]["is_new"] is True
    listed = await types("claims", "list", "--json")
    assert [(one["identifier"], one["relevant"], one["is_alerted"]) for one in listed.records] == [
        ("harbour/locked-in", 0, False),
        ("harbour/unpaid", 0, False),
    ]


async def test_questions_are_asked_and_answered_and_lines_set_and_taken_back(types: Types) -> None:
    asked = await types("claims", "questions", "locked-in", "--json")
    assert asked.code == 0, asked.err
    assert [question["headline"] for question in asked.records[:-1]] == ["The price of fish"]
    number = str(asked.records[0]["article_id"])
    answered = await types("claims", "answer", "locked-in", number, "not-relevant", "--by", "ben")
    assert (answered.code, answered.out.strip()) == (0, "Kept.")
    tuned = await types("claims", "tune", "locked-in", "--digest-from", "0.5", "--alert-from", "0.9")
    assert "told in a digest from 0.5 (set), alerted from 0.9 (set), were its list to say notify: alert" in tuned.out
    assert (
        "told in a digest from 0.35, alerted from 0.8" in (await types("claims", "tune", "unpaid", "--as-shipped")).out
    )
    proposed = await types("claims", "propose", "locked-in")
    assert (proposed.code, "Nothing to propose from" in proposed.err) == (0, True)


async def test_a_changed_list_is_held_against_the_archive_before_it_is_live(types: Types, tmp_path: Path) -> None:
    changed = tmp_path / "changed.yaml"
    changed.write_text(WATCHLIST.replace("(locked OR chained)", "chained"), encoding="utf-8")
    found = await types("watchlists", "backtest", str(changed))
    assert found.code == 0, found.err
    assert "hits 1 → 0: 0 gained, 1 lost" in found.out


async def test_a_new_claim_is_told_to_be_tried_by_its_terms_where_nothing_was_encoded(
    types: Types, tmp_path: Path
) -> None:
    changed = tmp_path / "changed.yaml"
    changed.write_text(WATCHLIST.replace("id: locked-in", "id: chained"), encoding="utf-8")
    found = await types("watchlists", "backtest", str(changed))
    assert found.code == 0, found.err
    assert "chained: new claim" in found.out
    assert "what meaning would find isn't told, for" in found.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("hits", "judge", "99", "relevant"), "99"),
        (("hits", "judge", "1", "maybe"), "maybe"),
        (("claims", "answer", "nothing", "1", "relevant"), "no claim 'nothing'"),
        (("claims", "tune", "locked-in", "--alert-from", "7"), "a probability lies between 0 and 1"),
    ],
)
async def test_what_can_t_be_judged_is_said_with_the_remedy(
    types: Types, arguments: tuple[str, ...], words: str
) -> None:
    ended = await types(*arguments)
    assert ended.code == 2
    assert words in ended.err
    assert "Traceback" not in ended.err
