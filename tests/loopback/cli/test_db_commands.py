"""`monitor db` as an operator types it."""

import asyncio
from pathlib import Path

import pytest

from tests.loopback.commands import Ended, monitor_within

EMPTY = {"MONITOR_STARTER_SOURCES": "false", "MONITOR_SAMPLE_NEWSROOM": "false"}


async def types(folder: Path, *arguments: str, url: str = "") -> Ended:
    environ = EMPTY | ({"MONITOR_DATABASE_URL": url} if url else {})
    return await asyncio.to_thread(monitor_within, *arguments, environ=environ, cwd=folder)


@pytest.mark.slow
async def test_from_one_database_to_a_backup_and_into_another(tmp_path: Path, new_url: str) -> None:
    added = await types(tmp_path, "sources", "add", "https://paper.example/feed.xml", "--no-check")
    assert added.code == 0, added.err
    made = await types(tmp_path, "db", "backup", "monday")
    assert made.code == 0, made.err
    assert "monitor db restore monday" in made.err
    twice = await types(tmp_path, "db", "backup", "monday")
    assert (twice.code, "there already" in twice.err) == (2, True)

    new = new_url if new_url.startswith("postgresql") else f"sqlite:///{tmp_path}/new.db"
    restored = await types(tmp_path, "db", "restore", "monday", "--json", url=new)
    assert restored.code == 0, restored.err
    assert restored.records[-1]["rows"] == sum(record["rows"] for record in restored.records[:-1]) == 1
    checked = await types(tmp_path, "db", "check", url=new)
    assert (checked.code, "all readable" in checked.out) == (0, True), checked.err
    listed = await types(tmp_path, "sources", "list", "--json", url=new)
    assert [source["url"] for source in listed.records] == ["https://paper.example/feed.xml"]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://nobody:sekrit@127.0.0.1:1/x", "see that it runs"),
        ("mysql://root:sekrit@localhost/x", "PostgreSQL (postgresql://USER:PASSWORD@HOST/DATABASE)"),
    ],
)
@pytest.mark.slow
async def test_a_database_that_cannot_be_opened_is_told_without_the_password(
    tmp_path: Path, url: str, words: str
) -> None:
    ended = await types(tmp_path, "db", "upgrade", url=url)
    assert ended.code in (1, 3)
    assert words in ended.err
    assert "sekrit" not in ended.err + ended.out
    assert "Traceback" not in ended.err
