"""The page that ends a subscription, as mail programs, scanners, readers and strangers use it (RFC 8058)."""

import asyncio
import re
import socket
import time
from collections.abc import AsyncIterator
from contextlib import closing
from html import unescape
from pathlib import Path

import pytest

from monitor.errors import StoreBusy
from monitor.jobs.service import serve
from monitor.operations.doctor import examine
from monitor.operations.opening import Monitor
from monitor.operations.rounds import make_due_digests
from monitor.operations.subscriptions import find_subscription, resume
from monitor.pipeline.stages import no_progress
from monitor.web import app, server
from monitor.web.page import HEADERS
from monitor.web.server import serving
from tests.loopback.jobs.test_service import Diary
from tests.loopback.maildesk import bring_hits, mail_monitor, mail_settings, parsed, subscribe, text_of
from tests.loopback.newsroom import Clock
from tests.loopback.smtp import SmtpSink

pytestmark = pytest.mark.enable_socket
PUBLIC = "https://desk.example/monitor"
FORM = "application/x-www-form-urlencoded"
ONE_CLICK = "List-Unsubscribe=One-Click"


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port: int = listener.getsockname()[1]
        return port


class Answer:
    """What came back, byte for byte."""

    def __init__(self, raw: bytes) -> None:
        head, _, body = raw.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        self.status = int(first.split()[1]) if first else 0
        self.headers = [(n.lower(), v) for n, _, v in (line.partition(": ") for line in lines)]
        self.text = unescape(body.decode())


class Desk:
    """A desk with two readers who had their mail, and the page that is served to them."""

    def __init__(self, folder: Path, sink: SmtpSink) -> None:
        self.sink = sink
        self.port = free_port()
        self.told: list[str] = []
        self.clock = Clock()
        pages = {"MONITOR_PUBLIC_URL": PUBLIC, "MONITOR_LISTEN": f"127.0.0.1:{self.port}", "MONITOR_TICK_SECONDS": "1"}
        self.monitor: Monitor = mail_monitor(folder, self.clock, **mail_settings(sink.port), **pages)
        subscribe(self.monitor, 2)

    async def mails(self) -> list[bytes]:
        """Return the mails of the day, as received."""
        bring_hits(self.monitor, 1)
        self.clock.advance(hours=24)
        await make_due_digests(self.monitor)
        return [mail.message for mail in sorted(self.sink.accepted, key=lambda mail: mail.recipients)]

    async def path(self) -> str:
        """Return the path of the first reader's link, the public address's own taken off, as the proxy does."""
        links = re.findall(r"<(https://[^>]+)>", str(parsed((await self.mails())[0])["List-Unsubscribe"]))
        return str(links[0]).removeprefix(PUBLIC)

    async def send(self, raw: bytes) -> Answer:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(raw)
        answer = await asyncio.wait_for(reader.read(), 30)
        writer.close()
        return Answer(answer)

    async def ends(self, raw: bytes) -> int:
        """Send a part of a request and wait; return the status of what came, 0 where the connection was ended."""
        try:
            return (await self.send(raw)).status
        except ConnectionError:
            return 0

    async def ask(self, method: str, path: str, body: str = "", kind: str = FORM, more: str = "") -> Answer:
        length = f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n" if body else ""
        return await self.send(f"{method} {path} HTTP/1.1\r\nHost: evil.example\r\n{length}{more}\r\n{body}".encode())

    def paused(self) -> list[str]:
        return [find_subscription(self.monitor, name).paused_by for name in ("r0", "r1")]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with SmtpSink() as sink:
        desk = Desk(tmp_path, sink)
        async with serving(desk.monitor, desk.told.append):
            yield desk


async def test_a_mail_carries_both_headers_and_its_reader_s_own_link(desk: Desk) -> None:
    links = []
    for message in await desk.mails():
        mail = parsed(message)
        found = re.fullmatch(
            r"<(https://desk\.example/monitor/unsubscribe/[\w.-]+)>, <mailto:(.+)>", mail["List-Unsubscribe"]
        )
        assert found, mail["List-Unsubscribe"]
        assert found[2].startswith("monitor@desk.example?subject=")
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert f"To stop these mails: {found[1]}" in text_of(message)
        page = mail.get_body(("html",))
        assert page
        assert f'href="{found[1]}"' in page.get_content()
        links.append(found[1])
    assert len(set(links)) == 2


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (FORM, ONE_CLICK),
        (
            'multipart/form-data; boundary="b1"',
            '--b1\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b1--\r\n',
        ),
    ],
)
async def test_one_click_without_cookies_stops_it_without_a_redirect_and_again_does_no_harm(
    desk: Desk, kind: str, body: str
) -> None:
    path = await desk.path()
    for _ in range(3):
        answer = await desk.ask("POST", path, body, kind)
        assert answer.status == 200
        assert "“r0” gets no more digests" in answer.text
        assert {"location", "set-cookie"}.isdisjoint(name for name, _ in answer.headers)
        assert desk.paused() == ["reader", ""]
    await desk.mails()
    assert [mail.recipients[0] for mail in desk.sink.accepted].count("r0@paper.example") == 1


async def test_opening_every_link_of_a_mail_changes_nothing_and_shows_no_address(desk: Desk) -> None:
    path = await desk.path()
    for method in ("GET", "HEAD", "GET"):
        answer = await desk.ask(method, path)
        assert (answer.status, desk.paused()) == (200, ["", ""])
        assert "r0@paper.example" not in answer.text
    assert "“r0” to r…@paper.example" in answer.text
    assert (await desk.ask("HEAD", path)).text == ""


async def test_the_button_of_the_page_does_what_it_says(desk: Desk) -> None:
    path = await desk.path()
    page = (await desk.ask("GET", path)).text
    assert '<form method="post">' in page
    pressed = "&".join("=".join(pair) for pair in re.findall(r'name="([^"]+)" value="([^"]+)"', page))
    assert (await desk.ask("POST", path, pressed)).status == 200
    assert desk.paused() == ["reader", ""]
    assert "stopped already" in (await desk.ask("GET", path)).text
    resume(desk.monitor, ["r0"])
    assert "<form" in (await desk.ask("GET", path)).text


async def test_a_post_of_anything_else_changes_nothing(desk: Desk) -> None:
    path = await desk.path()
    for body, kind in (
        ("", FORM),
        ("List-Unsubscribe=Two-Clicks", FORM),
        ("list=x", FORM),
        ('{"List-Unsubscribe":"One-Click"}', "application/json"),
        ("--b1\r\n", "multipart/form-data"),
        ("\x00" * 50, FORM),
        ("--b1", 'multipart/form-data; boundary="b1"'),
    ):
        assert (await desk.ask("POST", path, body, kind)).status == 400
    assert (await desk.ask("POST", path, "a" * 5000)).status == 413
    assert desk.paused() == ["", ""]


async def test_what_is_no_link_of_ours_is_nothing_and_says_so_in_words(desk: Desk) -> None:
    path = await desk.path()
    for wrong in (path[:-1], path + "x", "/unsubscribe/x", "/unsubscribe/%00", "/unsubscribe/" + "x" * 3000):
        for method, body in (("GET", ""), ("POST", ONE_CLICK)):
            answer = await desk.ask(method, wrong, body)
            assert (answer.status, "good no more" in answer.text) == (404, True), wrong
    for method, elsewhere in (
        *(
            ("GET", p)
            for p in ("/", "/unsubscribe", "/unsubscribe/", f"{path}/", f"/{path}", "/docs", "/../etc/passwd")
        ),
        *((m, path) for m in ("PUT", "DELETE", "OPTIONS", "TRACE")),
        ("POST", "/healthz"),
    ):
        answer = await desk.ask(method, elsewhere)
        assert (answer.status, "Nothing is here" in answer.text) == (404, True), (method, elsewhere)
    assert desk.paused() == ["", ""]


async def test_every_answer_carries_the_careful_headers_once_and_no_name_of_a_server(desk: Desk) -> None:
    path = await desk.path()
    answers = [
        await desk.ask("GET", path),
        await desk.ask("GET", "/healthz"),
        await desk.ask("GET", "/nowhere"),
        await desk.ask("POST", path, "x"),
        await desk.ask("POST", path, "x" * 5000),
        await desk.send(b"nonsense\r\n\r\n"),
        await desk.send(f"GET {path} HTTP/1.1\r\nX: {'x' * 20_000}".encode()),
        await desk.send(f"GET {path} HTTP/1.1\r\n\r\n".encode()),
    ]
    assert [answer.status for answer in answers] == [200, 200, 404, 400, 413, 400, 400, 400]
    for answer in answers:
        for name, value in HEADERS:
            assert [v for n, v in answer.headers if n == name] == [value]
        assert "server" not in dict(answer.headers)
        assert "evil.example" not in answer.text


async def test_an_archive_that_is_busy_and_a_fault_are_said_without_the_token(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await desk.path()
    for error in (StoreBusy("the archive is busy"), ZeroDivisionError("SECRET")):

        def fails(_monitor: object, _token: str, error: Exception = error) -> None:
            raise error

        monkeypatch.setattr(app, "unsubscribe", fails)
        answer = await desk.ask("POST", path, ONE_CLICK)
        assert (answer.status, "try again in a few minutes" in answer.text) == (503, True)
    assert [words.partition(": ")[2] for words in desk.told] == [
        "the archive is busy",
        "a fault in Monitor itself, ZeroDivisionError",
    ]


async def test_slow_and_idle_requests_are_ended_and_others_are_answered_meanwhile(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "EXCHANGE_SECONDS", 1.5)
    monkeypatch.setattr(app, "BODY_SECONDS", 0.5)
    path = await desk.path()
    began = time.monotonic()
    idle, half_head, half_body, other = await asyncio.gather(
        desk.ends(b""),
        desk.ends(b"GET / HTTP/1.1\r\nX: "),
        desk.ends(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 26\r\n\r\nList".encode()),
        desk.ask("GET", path),
    )
    assert (idle, half_head, other.status) == (0, 0, 200)
    assert half_body in (0, 408)
    assert time.monotonic() - began < 40
    assert desk.paused() == ["", ""]


async def test_too_many_connections_are_refused_in_words_and_room_comes_back(desk: Desk) -> None:
    path = await desk.path()
    held = [await asyncio.open_connection("127.0.0.1", desk.port) for _ in range(server.MAX_CONNECTIONS)]
    assert (await desk.ask("GET", path)).status == 503
    for _reader, writer in held:
        writer.close()
        await writer.wait_closed()
    await asyncio.sleep(0.2)
    assert (await desk.ask("GET", path)).status == 200


async def test_nothing_is_logged(
    desk: Desk, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    path = await desk.path()
    with caplog.at_level(0):
        await desk.ask("GET", path)
        await desk.ask("POST", path, ONE_CLICK)
        await desk.send(b"nonsense\r\n\r\n")
    assert path.rpartition("/")[2] not in caplog.text + "".join(capfd.readouterr())


async def test_doctor_says_whether_it_is_us_who_answer(desk: Desk) -> None:
    findings = {finding.what: finding for finding in await examine(desk.monitor.settings)}
    assert findings["pages"].level == "ok"
    assert PUBLIC in findings["pages"].words


async def test_the_service_serves_the_page_and_ends_in_time_with_connections_open(tmp_path: Path) -> None:
    async with SmtpSink() as sink:
        desk = Desk(tmp_path, sink)
        path = await desk.path()
        loop = asyncio.get_running_loop()
        held: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        statuses: list[int] = []

        class AsksThenEnds(Diary):
            async def act(self) -> None:
                statuses.append((await desk.ask("POST", path, ONE_CLICK)).status)
                for raw in (
                    b"",
                    b"GET / HT",
                    f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 26\r\n\r\n".encode(),
                ):
                    held.append(await asyncio.open_connection("127.0.0.1", desk.port))
                    held[-1][1].write(raw)
                await asyncio.sleep(0.3)
                work.cancel()

        diary = AsksThenEnds(until=99)
        work = asyncio.ensure_future(serve(desk.monitor, no_progress, diary, serving(desk.monitor, desk.told.append)))
        while not diary.done:
            await asyncio.sleep(0.05)
        await diary.act()
        began = loop.time()
        with pytest.raises(asyncio.CancelledError):
            await work
        assert loop.time() - began < 8
        assert (statuses, desk.paused(), desk.told) == ([200], ["reader", ""], [])
        for _reader, writer in held:
            writer.close()
        with pytest.raises(OSError, match=r"\d"):
            await asyncio.open_connection("127.0.0.1", desk.port)


async def test_a_port_that_is_taken_is_said_and_the_service_goes_on(tmp_path: Path) -> None:
    async with SmtpSink() as sink:
        desk = Desk(tmp_path, sink)
        with closing(socket.create_server(("127.0.0.1", desk.port))):
            diary = Diary(until=2)
            with pytest.raises(asyncio.CancelledError):
                await serve(desk.monitor, no_progress, diary, serving(desk.monitor, desk.told.append))
            found = next(one for one in await examine(desk.monitor.settings) if one.what == "pages")
    assert len(diary.done) == 2
    assert len(desk.told) == 1
    assert desk.told[0].startswith(f"MONITOR_LISTEN: 127.0.0.1:{desk.port} can't be listened on (")
    assert (found.level, "MONITOR_LISTEN" in found.words) == ("warning", True)
