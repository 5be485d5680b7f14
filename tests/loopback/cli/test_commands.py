"""The command line as users type it, its output and exit code: what polls is a process of its own, the rest is not."""

import asyncio
import json
import shlex
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from monitor.operations.opening import open_monitor
from tests.loopback.commands import BINARY, Ended, clean_environment, monitor, monitor_within
from tests.loopback.newsroom import LOCKED, WATCHLIST, Newspaper, environment, newspaper, settings_for
from tests.loopback.servers import respond


class Desk:
    """Somebody at a terminal, with a newspaper to poll."""

    def __init__(self, folder: Path, paper: Newspaper) -> None:
        settings_for(folder)
        self.folder = folder
        self.paper = paper
        self.environ = environment(folder, [paper.server.port])

    async def types(self, *arguments: str, **more: str) -> Ended:
        return await asyncio.to_thread(monitor_within, *arguments, environ=self.environ | more, cwd=self.folder)

    async def starts(self, *arguments: str, **more: str) -> Ended:
        """In a process of its own."""
        return await asyncio.to_thread(monitor, *arguments, environ=self.environ | more, cwd=self.folder)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with newspaper() as paper:
        paper.publish("/1", "A night in the shed", LOCKED)
        yield Desk(tmp_path, paper)


@pytest.mark.slow
async def test_from_an_empty_folder_to_a_digest(desk: Desk) -> None:
    first = await desk.starts("run", "--once")
    assert first.code == 0
    assert "No source is due" in first.out
    added = await desk.types("sources", "add", desk.paper.server.url("/feed.xml"))
    assert added.code == 0
    assert "Added The Gazette" in added.out
    ran = await desk.starts("run", "--once")
    assert ran.code == 0, ran.err
    assert LOCKED in ran.out
    assert "a statement by The Sample Gazette" in ran.out
    assert "1 source read; 1 article read; 1 new hit" in ran.out
    eml = next((desk.folder / "var" / "outbox").glob("*.eml"))
    assert b"A night in the shed" in eml.read_bytes()
    again = await desk.starts("run", "--once", "--json")
    assert [record for record in again.records if "hit" in record] == []
    shown = await desk.types("hits", "show", "1")
    assert "pier" in shown.out
    listed = await desk.types("hits", "list", "--json")
    assert [record["claim"] for record in listed.records] == ["locked-in"]
    article = await desk.types("articles", "show", "1", "--json")
    assert LOCKED in article.records[0]["text"]
    preview = await desk.types("digests", "preview")
    assert LOCKED.split(",")[0] in " ".join(preview.out.split())


async def test_json_stands_alone_on_stdout_with_the_rest_on_stderr(desk: Desk) -> None:
    await desk.types("sources", "add", desk.paper.server.url("/feed.xml"))
    ran = await desk.starts("run", "--once", "--json")
    assert ran.code == 0
    kinds = [next(iter(record)) for record in ran.records]
    assert kinds == ["source", "hit", "sources", "digest"]
    assert "Watchlist harbour" in ran.err


@pytest.mark.slow
async def test_some_failed_sources_end_with_4_and_all_are_told_in_one_line_each(desk: Desk) -> None:
    desk.paper.server.routes["/gone.xml"] = respond(404)
    await desk.types("sources", "add", desk.paper.server.url("/feed.xml"))
    await desk.types("sources", "add", desk.paper.server.url("/gone.xml"), "--no-check", "--title", "Gone")
    polled = await desk.starts("poll", "--all")
    assert polled.code == 4
    assert len([line for line in polled.out.splitlines() if line.startswith("Gone")]) == 1
    assert "http_404" in polled.out
    checked = await desk.types("sources", "check")
    assert checked.code == 4
    assert (await desk.types("sources", "check", "Gone")).code == 1


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("sources", "add", "file:///etc/passwd"), 2, "file:///etc/passwd"),
        (("sources", "add", "http://127.0.0.1:22/feed"), 2, "22"),
        (("sources", "add", "http://example.org/feed", "--only", "a b", "--no-check"), 2, "`only` is no query"),
        (("sources", "remove", "nothing"), 2, "no source 'nothing'"),
        (("poll", "nothing"), 2, "sources list"),
        (("hits", "show", "99"), 2, "no hit 99"),
        (("hits", "list", "--claim", "nothing"), 2, "watchlists list"),
        (("articles", "show", "99"), 2, "no article 99"),
        (("articles", "show", "9" * 30), 2, "no article 999"),
        (("hits", "show", "9" * 30), 2, "no hit 999"),
        (("hits", "list", "--claim", "\udcff"), 2, "no claim"),
        (("sources", "add", "http://example.org/feed", "--no-check", "--language", "\udcff"), 2, "is no language"),
        (("watchlists", "check", "/dev/zero"), 3, "larger than 1 MiB"),
        (("watchlists", "diff", "missing.yaml"), 3, "missing.yaml: can't be read: No such file"),
        (("digests", "preview", "nobody"), 2, "no subscription 'nobody'"),
        (("watchlists", "apply", "missing.yaml"), 3, "missing.yaml"),
        (("watchlists", "try", "missing.yaml", "--articles", "x"), 3, "missing.yaml"),
        (("nonsense",), 2, "No such command"),
        (("run", "--nonsense"), 2, "No such option"),
    ],
)
async def test_what_cannot_be_done_is_told_in_words_with_its_exit_code(
    tmp_path: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    settings_for(tmp_path)
    ended = await asyncio.to_thread(monitor_within, *arguments, environ=environment(tmp_path), cwd=tmp_path)
    assert ended.code == code, ended
    assert words in ended.out + ended.err
    assert "Traceback" not in ended.err


async def test_a_bad_setting_ends_with_3_and_the_nearest_name(desk: Desk) -> None:
    ended = await desk.starts("run", "--once", MONITOR_TIKC_SECONDS="3")
    assert ended.code == 3
    assert "did you mean MONITOR_TICK_SECONDS?" in ended.err


@pytest.mark.slow
async def test_a_bad_edit_of_a_watchlist_leaves_the_last_good_version_live(desk: Desk) -> None:
    await desk.starts("run", "--once")
    file = desk.folder / "watchlists" / "harbour.yaml"
    file.write_text(WATCHLIST.replace("said_by", "sadi_by", 1))
    checked = await desk.types("watchlists", "check", str(file))
    assert checked.code == 3
    assert f"{file}:7:5: " in checked.out
    assert "said_by" in checked.out
    ran = await desk.starts("run", "--once")
    assert ran.code == 0
    assert "its last good version stays live" in ran.err
    assert "locked-in" in (await desk.types("watchlists", "list")).out
    assert (await desk.types("watchlists", "apply", str(file))).code == 3


async def test_a_first_run_without_any_good_watchlist_says_where_it_is_wrong(desk: Desk) -> None:
    file = desk.folder / "watchlists" / "harbour.yaml"
    file.write_text("watchlist: [")
    ended = await desk.starts("run", "--once")
    assert ended.code == 3
    assert "harbour.yaml:" in ended.err


@pytest.mark.slow
async def test_a_watchlist_is_tried_against_a_file_of_articles_without_the_archive(desk: Desk) -> None:
    articles = desk.folder / "articles.jsonl"
    lines = [
        {"id": "a1", "title": "A night in the shed", "text": LOCKED, "lang": "en", "url": "https://x.example/"},
        {"id": 2, "title": "Fish", "text": "The price of fish at the pier."},
    ]
    articles.write_text("\n".join(map(json.dumps, lines)))
    file = str(desk.folder / "watchlists" / "harbour.yaml")
    ended = await desk.types("watchlists", "try", file, "--articles", str(articles), "--json")
    assert ended.code == 0
    assert {(record["article"], record["claim"]): record["hit"] for record in ended.records} == {
        ("a1", "locked-in"): True,
        ("a1", "unpaid"): False,
        (2, "locked-in"): False,
        (2, "unpaid"): False,
    }
    hit = ended.records[0]
    assert set(hit) == {"article", "claim", "score", "hit", "stance", "passages", "why"}
    passage = hit["passages"][0]
    assert LOCKED[passage["start"] : passage["end"]] == passage["text"]
    assert hit["stance"] == "unclear"
    assert not (desk.folder / "var").exists()
    articles.write_text('{"title": "no id"}')
    refused = await desk.types("watchlists", "try", file, "--articles", str(articles))
    assert refused.code == 2
    assert "articles.jsonl:1" in refused.err


async def test_settings_are_shown_with_their_origin_and_without_their_secrets(desk: Desk) -> None:
    shown = await desk.types("config", "show", "--json", MONITOR_PROXY_URL="http://user:hunter2@proxy.example:3128")
    settings = {record["setting"]: record for record in shown.records}
    assert settings["proxy_url"]["value"] == "(set, not shown)"
    assert settings["data_dir"]["set_by"] == "MONITOR_DATA_DIR"
    assert "hunter2" not in shown.out + shown.err
    assert (await desk.types("config", "check")).code == 0


@pytest.mark.slow
async def test_the_doctor_examines_everything_and_names_what_to_mend(desk: Desk) -> None:
    nothing_yet = await desk.types("doctor")
    assert "`monitor run` makes it" in nothing_yet.out
    assert not (desk.folder / "var").exists()
    await desk.starts("run", "--once")
    ended = await desk.types("doctor", "--json")
    found = {record["what"]: record["level"] for record in ended.records}
    assert set(found) == {
        "python",
        "sqlite",
        "folder",
        "archive",
        "watchlists",
        "sources",
        "extras",
        "contact",
        "encoder",
        "outbox",
        "mail server",
        "parsers",
        "pages",
    }
    assert found["archive"] == found["parsers"] == found["folder"] == "ok"
    assert ended.code == ("fault" in found.values())
    (desk.folder / "var" / "monitor.db").write_bytes(b"not a database" * 500)
    broken = await desk.types("doctor")
    assert broken.code == 1
    assert "damaged or no archive" in broken.out


@pytest.mark.slow
async def test_a_second_run_beside_a_first_is_refused_and_a_poll_is_not(desk: Desk) -> None:
    opened = open_monitor(settings_for(desk.folder, [desk.paper.server.port]))
    with opened.alone("service"):
        refused = await desk.starts("run")
        assert refused.code == 1
        assert "another `monitor run` works on this archive" in refused.err
        assert (await desk.starts("poll")).code == 0


@pytest.mark.slow
async def test_a_reader_that_goes_away_is_no_failure(desk: Desk) -> None:
    await desk.types("sources", "add", desk.paper.server.url("/feed.xml"))
    command = f"{shlex.quote(str(BINARY))} run --once --json | head -c 1; exit ${{PIPESTATUS[0]}}"
    environ = clean_environment(desk.environ)
    run = await asyncio.to_thread(
        subprocess.run, ["bash", "-c", command], env=environ, cwd=desk.folder, capture_output=True, check=False
    )
    assert run.returncode == 0
    assert b"Traceback" not in run.stderr
    assert b"fault" not in run.stderr
