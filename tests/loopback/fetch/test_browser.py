import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from monitor.errors import (
    BlockedAddress,
    BodyTooLarge,
    BrowserFailed,
    HttpStatus,
    MonitorError,
    RobotsDisallowed,
    Timeout,
)
from monitor.extract.charset import decode_page
from monitor.fetch import HttpClient
from monitor.fetch import browser as browser_module
from monitor.fetch.browser import Browser, find_chromium
from monitor.model.fetching import Fetched, FetchRequest, NotModified
from tests.loopback.fetch.rig import INTERNAL, INTERNET, MakeClient
from tests.loopback.servers import LoopbackServer, RequestHead, respond

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        CHROMIUM is None, reason="NO CHROMIUM: pages that need a browser are NOT tested on this machine"
    ),
]

ROOT = Path(__file__).parents[3]
MOST = 2 * 2**20


def page(body: str, **headers: str) -> bytes:
    fields = {"Content-Type": "text/html; charset=utf-8"} | headers
    return respond(200, fields, f"<!doctype html><title>T</title><body>{body}</body>".encode())


def script(text: str) -> bytes:
    return respond(200, {"Content-Type": "text/javascript"}, text.encode())


@pytest.fixture
async def browser(client: HttpClient) -> AsyncIterator[Browser]:
    async with Browser(client, None, 20.0, MOST) as browser:
        yield browser


async def show(browser: Browser, url: str) -> Fetched:
    fetched = await browser.fetch(FetchRequest(url, "article", needs_browser=True))
    assert isinstance(fetched, Fetched)
    return fetched


def descendants(root: int) -> set[int]:
    """Return the processes below one, those of Chromium with the driver that started it."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if fields[0] != "Z":
                parents[int(stat.parent.name)] = int(fields[1])
    found: set[int] = set()
    while more := {pid for pid, parent in parents.items() if parent in found | {root}} - found:
        found |= more
    return found


def alive(pids: set[int]) -> set[int]:
    return {pid for pid in pids if _state(pid) not in {"", "Z"}}


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def homes(folder: Path) -> list[Path]:
    return list(folder.glob("monitor-browser-*"))


def environment(pid: int) -> bytes:
    with suppress(OSError):  # its helpers come and go while they are looked at
        return Path(f"/proc/{pid}/environ").read_bytes()
    return b""


async def until(is_so: Callable[[], object], seconds: float = 60.0) -> None:
    async with asyncio.timeout(seconds):
        while not is_so():
            await asyncio.sleep(0.02)


def named(pids: set[int], word: str) -> set[int]:
    found = set()
    for pid in pids:
        with suppress(OSError):
            if word.encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.add(pid)
    return found


async def test_links_that_scripts_make_are_in_what_is_read(browser: Browser, internet: LoopbackServer) -> None:
    internet.routes["/moved"] = respond(302, {"Location": "/news/"})
    internet.routes["/news/"] = page("<ul id=list></ul><link rel=stylesheet href=s.css><script src=a.js></script>")
    internet.routes["/news/a.js"] = script(
        "fetch('list.json').then(a => a.json()).then(links => { for (const link of links) {"
        "const a = document.createElement('a'); a.href = link; a.textContent = 'ទឹក'; list.append(a); } })"
    )
    internet.routes["/news/list.json"] = respond(200, {"Content-Type": "application/json"}, b'["/dam", "/river"]')
    fetched = await show(browser, internet.url("/moved"))
    assert '<a href="/dam">ទឹក</a><a href="/river">ទឹក</a>' in fetched.content.decode("utf-8-sig")
    assert fetched.is_rendered
    assert fetched.url == internet.url("/news/")
    assert fetched.raw_body in internet.routes["/news/"]  # type: ignore[operator]
    assert [request.target for request in internet.requests] == ["/moved", "/news/", "/news/a.js", "/news/list.json"]
    assert not any(request.header("cookie") for request in internet.requests)


async def test_whatever_charset_the_page_names_what_is_read_is_utf8(browser: Browser, internet: LoopbackServer) -> None:
    internet.routes["/old"] = respond(
        200,
        {"Content-Type": "text/html; charset=windows-1252"},
        b"<meta charset=windows-1252><p>caf\xe9</p><script>document.body.append('\\u1791')</script>",
    )
    fetched = await show(browser, internet.url("/old"))
    text = decode_page(fetched.content, fetched.header("content-type")) or ""
    assert "<p>café</p>" in text
    assert "ទ" in text


async def test_another_sites_answers_can_be_read_and_pictures_and_posts_are_not_sent(
    browser: Browser, internet: LoopbackServer
) -> None:
    other = internet.url("/api", host="other.test")
    internet.routes["/api"] = respond(200, {"Content-Type": "text/plain"}, b"from elsewhere")
    internet.routes["/"] = page(
        "<img src=/p.png><video src=/v.mp4></video><iframe src=/frame></iframe><a id=a ping=/ping href='#x'>x</a>"
        "<link rel=prefetch href=/prefetch><link rel=preload as=font href=/font crossorigin>"
        "<style>@font-face{font-family:f;src:url(/f.woff)} body{font-family:f;background:url(/b.png)}</style>"
        f"<script>a.click(); navigator.sendBeacon('/beacon', 'x'); fetch('/post', {{method: 'POST'}}).catch(() => 0);"
        f"fetch('{other}', {{credentials: 'include'}}).then(a => a.text()).then(t => document.body.append(t))</script>"
    )
    fetched = await show(browser, internet.url("/", host="public.test"))
    assert b"from elsewhere" in fetched.content
    assert sorted(request.target for request in internet.requests) == ["/", "/api"]


LEAVING = {
    "window": "window.open(URL)",
    "location": "location = URL",
    "refresh": "const m = document.createElement('meta'); m.httpEquiv = 'refresh'; m.content = '0;url=' + URL;"
    "document.head.append(m)",
    "form": "const f = document.createElement('form'); f.action = URL; f.method = 'post'; document.body.append(f);"
    "f.submit()",
    "file": "fetch('file:///etc/passwd').catch(() => 0); location = 'file:///etc/passwd'",
}
STAYING = {
    "fetch": "fetch(URL).catch(() => 0)",
    "xhr": "const x = new XMLHttpRequest(); x.open('GET', URL); x.send()",
    "no-cors": "fetch(URL, {mode: 'no-cors'}).catch(() => 0)",
    "script": "const s = document.createElement('script'); s.src = URL; document.body.append(s)",
    "image": "new Image().src = URL",
    "frame": "const f = document.createElement('iframe'); f.src = URL; document.body.append(f)",
    "websocket": "new WebSocket(URL.replace('http', 'ws'))",
    "eventsource": "new EventSource(URL)",
    "worker": "new Worker(window.URL.createObjectURL(new Blob([`fetch('${URL}'); new WebSocket('${URL}'.replace('http',"
    "'ws')); importScripts('${URL}')`])))",
    "service worker": "navigator.serviceWorker?.register('/sw.js').catch(() => 0)",
    "beacon": "navigator.sendBeacon(URL, 'x')",
    "hints": "for (const rel of ['preconnect', 'dns-prefetch', 'prefetch', 'prerender', 'modulepreload']) {"
    "const l = document.createElement('link'); l.rel = rel; l.href = URL; document.head.append(l) }",
    "speculation": "const s = document.createElement('script'); s.type = 'speculationrules';"
    "s.textContent = JSON.stringify({prefetch: [{urls: [URL]}], prerender: [{urls: [URL]}]}); document.head.append(s)",
    "transport": "new WebTransport(URL.replace('http:', 'https:')).ready.catch(() => 0)",
    "metadata": "fetch('http://169.254.169.254/latest/meta-data/').catch(() => 0)",
    "redirect": "fetch('/to-inside').catch(() => 0)",
}


@pytest.fixture
async def inner(internal: LoopbackServer) -> AsyncIterator[list[LoopbackServer]]:
    """Give every listener that no page may reach, on the page's own port."""
    servers = [internal]
    async with LoopbackServer({"*": respond(200, {}, b"secret")}, address="127.0.0.9", port=internal.port) as another:
        servers.append(another)
        if has_ipv6_loopback():
            async with LoopbackServer({"*": respond(200, {}, b"secret")}, address="::1", port=internal.port) as six:
                yield [*servers, six]
        else:
            yield servers


def has_ipv6_loopback() -> bool:
    table = Path("/proc/net/if_inet6")
    return table.exists() and f"{1:032x}" in table.read_text()


async def test_no_page_reaches_what_is_inside(
    browser: Browser, internet: LoopbackServer, inner: list[LoopbackServer]
) -> None:
    internet.routes["/to-inside"] = respond(302, {"Location": inner[0].url("/redirected")})
    internet.routes["/sw.js"] = script(f"self.addEventListener('install', () => fetch('{inner[0].url('/sw')}'))")
    # Those that would leave the page each get a page of their own, all others share one.
    for ways in [{way: code} for way, code in LEAVING.items()] + [STAYING]:
        code = "".join(
            f"try {{ const URL = '{server.url('/' + way)}'; {code} }} catch {{}}\n"
            for server in inner
            for way, code in ways.items()
        )
        internet.routes["/hostile"] = page(f"<p id=p>begun</p><script>p.textContent = 'ran'; {code}</script>")
        fetched = await show(browser, internet.url("/hostile"))
        assert b'<p id="p">ran</p>' in fetched.content
        assert b"secret" not in fetched.content
    asked = [request.target for server in inner for request in server.requests]
    assert [server.connections for server in inner] == [0] * len(inner), asked
    assert "/to-inside" in {request.target for request in internet.requests}


OPEN_SOCKET = """url => new Promise(tell => {
    const socket = new WebSocket(url);
    socket.onopen = () => tell("in");
    socket.onerror = () => tell("out");
})"""


async def test_what_escapes_us_finds_no_way_out_of_the_browser(
    browser: Browser, internet: LoopbackServer, inner: list[LoopbackServer]
) -> None:
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.bind((INTERNAL, 0))
    datagrams.setblocking(False)
    port = datagrams.getsockname()[1]
    with datagrams:
        chromium = await browser._started()
        context = await chromium.new_context()  # which nobody answers for
        await context.route(
            "**/*",
            lambda route: (
                route.fulfill(body="<p>x", content_type="text/html")
                if "start" in route.request.url
                else route.continue_()
            ),
        )
        tab = await context.new_page()
        await tab.goto("http://start.test/")
        urls = [server.url("/") for server in (*inner, internet)] + [f"http://localhost:{internet.port}/"]
        for url in urls:
            result = await tab.evaluate("url => fetch(url, {mode: 'no-cors'}).then(() => 'in', () => 'out')", url)
            assert result == "out", url
            assert await tab.evaluate(OPEN_SOCKET, url.replace("http", "ws")) == "out", url
        gathered = await tab.evaluate(
            """async ([stun, turn]) => {
              const peer = new RTCPeerConnection({iceServers: [{urls: [stun]},
                {urls: [turn, turn + '?transport=tcp'], username: 'u', credential: 'c'}]});
              peer.createDataChannel('x');
              await peer.setLocalDescription(await peer.createOffer());
              await peer.addIceCandidate({candidate: 'candidate:1 1 udp 2122260223 ' + stun.split(':')[1] + ' ' +
                stun.split(':')[2] + ' typ host', sdpMid: '0'}).catch(() => 0);
              for (let i = 0; i < 60 && peer.iceGatheringState !== 'complete'; i++)
                await new Promise(r => setTimeout(r, 100));
              return peer.iceGatheringState;
            }""",
            [f"stun:{INTERNAL}:{port}", f"turn:{INTERNAL}:{inner[0].port}"],
        )
        assert gathered in {"complete", "gathering"}
        with pytest.raises(BlockingIOError):
            datagrams.recv(2048)
        await context.close()
    assert [server.connections for server in (*inner, internet)] == [0] * (len(inner) + 1)


async def test_a_script_without_end_is_ended_and_the_next_page_is_shown(
    client: HttpClient, internet: LoopbackServer
) -> None:
    internet.routes["/loop"] = page("<script>for (;;) {}</script>")
    internet.routes["/flood"] = page(
        "<script>(function f() { fetch('/x' + Math.random()); setTimeout(f, 0) })()</script>"
    )
    internet.routes["/good"] = page("<script>document.body.append('shown')</script>")
    async with Browser(client, None, 6.0, MOST) as browser:
        await show(browser, internet.url("/good"))
        began_at = time.monotonic()
        with pytest.raises(Timeout, match=r"127\.0\.0\.1 took longer than 6 s in the browser"):
            await show(browser, internet.url("/loop"))
        assert time.monotonic() - began_at < 45
        with suppress(Timeout):
            await show(browser, internet.url("/flood"))
        assert b"shown" in (await show(browser, internet.url("/good"))).content


async def test_dialogs_hold_nothing_up(browser: Browser, internet: LoopbackServer) -> None:
    internet.routes["/asks"] = page(
        "<script>alert(1); confirm(2); prompt(3); onbeforeunload = e => { e.preventDefault(); return 'x' };"
        "print(); document.body.append('after')</script>"
    )
    assert b"after" in (await show(browser, internet.url("/asks"))).content


async def test_a_document_of_200_mb_is_not_taken_in(browser: Browser, internet: LoopbackServer) -> None:
    internet.routes["/bloat"] = page(
        "<div id=d hidden></div>"
        "<script>const t = 'x'.repeat(1 << 20); for (let i = 0; i < 200; i++) d.append(t)</script>"
    )
    internet.routes["/lies"] = page(
        "<script>const t = 'x'.repeat(1 << 20); for (let i = 0; i < 4; i++) document.body.append(t);"
        "Object.defineProperty(Element.prototype, 'outerHTML', {get: () => 'small'});"
        "Object.defineProperty(String.prototype, 'length', {get: () => 1})</script>"
    )
    before = resident_bytes()
    for path in ("/lies", "/bloat"):
        with pytest.raises(BodyTooLarge, match="grows to more than 2,097,152 bytes"):
            await show(browser, internet.url(path))
    assert resident_bytes() - before < 100 * 2**20


async def test_a_page_gets_a_hundred_parts_and_no_more_bytes_than_one_answer(
    browser: Browser, internet: LoopbackServer
) -> None:
    internet.routes["/many"] = page("".join(f"<script src=/part/{n}></script>" for n in range(150)))
    internet.routes["*"] = script("window.n = (window.n || 0) + 1")
    await show(browser, internet.url("/many"))
    assert len(internet.requests) == 101
    internet.requests.clear()
    internet.routes["/heavy"] = page("".join(f"<script src=/part/{n}></script>" for n in range(60)))
    internet.routes["*"] = script("/*" + "x" * 400_000 + "*/document.body.append('ran.')")
    fetched = await show(browser, internet.url("/heavy"))
    assert fetched.content.count(b"ran.") == 5
    assert len(internet.requests) < 61


async def test_pages_share_nothing(browser: Browser, internet: LoopbackServer) -> None:
    internet.routes["/first"] = page(
        "<script>document.cookie = 'a=1'; localStorage.a = 1</script>", **{"Set-Cookie": "b=2"}
    )
    internet.routes["/second"] = page(
        "<script>document.body.append('kept:' + document.cookie + (localStorage.a || ''))</script>"
    )
    await show(browser, internet.url("/first"))
    assert b"kept:</body>" in (await show(browser, internet.url("/second"))).content
    assert not any(request.header("cookie") for request in internet.requests)


@pytest.mark.parametrize("path", ["/missing", "inside", "/private"])
async def test_why_the_document_was_not_to_be_had_is_told_without_a_browser(
    path: str, make_client: MakeClient, internet: LoopbackServer, internal: LoopbackServer
) -> None:
    internet.routes["/missing"] = respond(404)
    internet.routes["/robots.txt"] = respond(200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /private")
    failures: dict[str, type[MonitorError]] = {
        "/missing": HttpStatus,
        "inside": BlockedAddress,
        "/private": RobotsDisallowed,
    }
    before = descendants(os.getpid())
    async with make_client(heeds_robots=True) as client, Browser(client, None, 20.0, MOST) as browser:
        with pytest.raises(failures[path]):
            await show(browser, internal.url("/") if path == "inside" else internet.url(path))
        assert descendants(os.getpid()) == before


async def test_what_is_no_html_or_unchanged_needs_no_browser(browser: Browser, internet: LoopbackServer) -> None:
    def answer(head: RequestHead, _: asyncio.StreamWriter) -> bytes:
        return respond(304) if head.header("if-none-match") else page("x")

    internet.routes["/report.pdf"] = respond(200, {"Content-Type": "application/pdf"}, b"%PDF-1.7")
    internet.routes["/same"] = answer
    before = descendants(os.getpid())
    document = await show(browser, internet.url("/report.pdf"))
    assert (document.content, document.is_rendered) == (b"%PDF-1.7", False)
    request = FetchRequest(internet.url("/same"), "article", etag='"1"', needs_browser=True)
    assert isinstance(await browser.fetch(request), NotModified)
    assert descendants(os.getpid()) == before


async def test_where_no_browser_is_the_message_says_what_to_install(
    client: HttpClient, internet: LoopbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    internet.routes["/page"] = page("x")
    with pytest.raises(BrowserFailed, match="There is no browser at /nowhere/chromium"):
        await show(Browser(client, Path("/nowhere/chromium"), 20.0, MOST), internet.url("/page"))
    async with Browser(client, Path("/bin/false"), 20.0, MOST) as broken:
        with pytest.raises(BrowserFailed, match="The browser /bin/false does not start"):
            await show(broken, internet.url("/page"))
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "playwright.async_api", None)
        with pytest.raises(BrowserFailed, match=r"pip install 'monitor-newswatch\[browser\]'"):
            await show(Browser(client, None, 20.0, MOST), internet.url("/page"))
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(BrowserFailed, match="No Chromium is installed"):
        find_chromium(None)


async def kill_all(kind: str, head: RequestHead, writer: asyncio.StreamWriter) -> None:
    doomed = named(descendants(os.getpid()), kind)
    assert doomed
    for pid in doomed:
        with suppress(OSError):
            os.kill(pid, signal.SIGKILL)


async def test_a_browser_that_dies_fails_its_page_and_is_started_anew(
    browser: Browser, internet: LoopbackServer
) -> None:
    internet.routes["/page"] = page("<script src=/slow.js></script>")
    for kind in ("--type=renderer", "--remote-debugging-pipe"):
        internet.routes["/slow.js"] = partial(kill_all, kind)
        with pytest.raises(BrowserFailed, match=r"could not show the page of 127\.0\.0\.1"):
            await show(browser, internet.url("/page"))
        internet.routes["/slow.js"] = script("document.body.append('shown')")
        assert b"shown" in (await show(browser, internet.url("/page"))).content


async def test_a_browser_is_replaced_after_so_many_pages_and_gone_after_the_end(
    client: HttpClient, internet: LoopbackServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(browser_module, "PAGES_PER_BROWSER", 2)
    monkeypatch.setenv("MONITOR_IMAP_PASSWORD", "open sesame")
    internet.routes["/page"] = page("x")
    before = descendants(os.getpid())
    async with Browser(client, None, 20.0, MOST) as browser:
        await show(browser, internet.url("/page"))
        first = descendants(os.getpid()) - before
        programs = named(first, "chromium")
        assert programs
        told = [environment(pid) for pid in named(first, "--remote-debugging-pipe")]
        assert any(told)
        assert not any(b"sesame" in words for words in told)
        assert homes(tmp_path)
        await show(browser, internet.url("/page"))
        await until(lambda: not alive(first))
        await show(browser, internet.url("/page"))
        second = descendants(os.getpid()) - before
        assert second
    await until(lambda: not alive(second))
    assert homes(tmp_path) == []


@pytest.mark.parametrize("moment", ["starting", "loading"])
async def test_a_visit_that_is_cancelled_leaves_no_process_behind(
    moment: str, client: HttpClient, internet: LoopbackServer
) -> None:
    async def hang(head: RequestHead, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    internet.routes["/page"] = page("<script src=/hang.js></script>")
    internet.routes["/hang.js"] = hang
    before = descendants(os.getpid())
    async with Browser(client, None, 20.0, MOST) as browser:
        task = asyncio.create_task(show(browser, internet.url("/page")))

        def has_come() -> bool:
            if moment == "starting":
                return bool(descendants(os.getpid()) - before)
            return any(request.target == "/hang.js" for request in internet.requests)

        await until(has_come)
        began = descendants(os.getpid()) - before
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    await until(lambda: not alive(began | (descendants(os.getpid()) - before)))


async def test_the_browser_does_not_outlive_a_program_that_is_killed(internet: LoopbackServer, tmp_path: Path) -> None:
    internet.routes["/page"] = page("x")
    program = f"""
        import asyncio, sys
        from datetime import UTC, datetime
        from ipaddress import ip_network
        from monitor.fetch import FetchLimits, HttpClient
        from monitor.fetch.browser import Browser
        from monitor.model.fetching import FetchRequest

        async def main():
            limits = FetchLimits(allowed_networks=(ip_network("{INTERNET}/32"),), allowed_ports=({internet.port},))
            browser = Browser(HttpClient(limits, lambda: datetime.now(UTC), heeds_robots=False), None, 20.0, 10**6)
            await browser.fetch(FetchRequest("{internet.url("/page")}", "article"))
            print("shown", flush=True)
            await asyncio.Event().wait()

        asyncio.run(main())
    """
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        textwrap.dedent(program),
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    )
    assert child.stdout
    assert await child.stdout.readline() == b"shown\n"
    below = descendants(child.pid)
    assert named(below, "chromium")
    child.kill()
    await child.wait()
    await until(lambda: not alive(below))
