"""What strangers write does nothing at a terminal, and no password is kept or sent where it shouldn't be."""

import shlex
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.loopback.newsroom import Terminal, terminal_in
from tests.loopback.servers import respond

pytestmark = pytest.mark.enable_socket
SECRET = "sekrit-4711"


@pytest.fixture
async def terminal(tmp_path: Path) -> AsyncIterator[Terminal]:
    async with terminal_in(tmp_path) as terminal:
        yield terminal


async def test_the_command_that_adds_an_offer_is_one_command_to_a_shell(terminal: Terminal) -> None:
    server = terminal.paper.server
    hostile = "/feed.xml?$(touch$IFS/tmp/owned);reboot&x='"
    links = "".join(
        f'<link rel="alternate" type="application/rss+xml" href="{href}">' for href in (hostile, "/feed.xml?two")
    )
    home = f"<!doctype html><html><head><title>Home</title>{links}</head><body></body></html>"
    server.routes["/"] = respond(200, {"Content-Type": "text/html"}, home.encode())
    ended = await terminal.types("sources", "add", server.url("/"))
    (line,) = (line for line in ended.out.splitlines() if "touch" in line)
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    assert list(lexer) == ["monitor", "sources", "add", server.url(hostile)]


@pytest.mark.parametrize("url", [f"http://user:{SECRET}@h.example/", f"imaps://user:{SECRET}@h.example/INBOX"])
async def test_a_password_in_an_address_is_refused_by_every_door_and_repeated_by_none(
    terminal: Terminal, url: str
) -> None:
    server = terminal.paper.server
    assert (await terminal.types("sources", "add", server.url("/feed.xml"))).code == 0
    (terminal.folder / "in.yaml").write_text(f'sources:\n  - {{title: A, url: "{url}"}}\n', encoding="utf-8")
    for command in (("add", url, "--no-check"), ("add", url), ("edit", "1", "--url", url), ("import", "in.yaml")):
        ended = await terminal.types("sources", *command)
        assert ended.code != 0
        assert SECRET not in ended.out + ended.err
    assert SECRET not in (await terminal.types("sources", "list", "--json")).out


async def test_a_list_brings_no_mailbox_at_a_host_of_its_own(terminal: Terminal) -> None:
    rows = (
        '{title: Letters, kind: newsletter, url: "imaps://desk@stranger.example/INBOX"}',
        f'{{title: News, url: "{terminal.paper.server.url("/feed.xml")}"}}',
    )
    listing = "sources:\n" + "".join(f"  - {row}\n" for row in rows)
    (terminal.folder / "in.yaml").write_text(listing, encoding="utf-8")
    ended = await terminal.types("sources", "import", "in.yaml")
    assert ended.code == 1
    assert "1 source added, 1 refused" in ended.out
    assert "stranger.example would be sent the mailbox's password" in ended.err
    own = "imaps://desk@stranger.example/Other"
    assert (await terminal.types("sources", "add", own, "--no-check")).code == 0
    again = await terminal.types("sources", "import", "in.yaml")
    assert (again.code, "1 source added" in again.out) == (0, True)
