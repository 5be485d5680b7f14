import asyncio
import errno
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import pytest

from monitor.errors import BlockedAddress, BlockedPort, ConnectionLost, DnsFailed, MonitorError, NetworkDown, Timeout
from monitor.fetch.connect import Guard, GuardedBackend, resolve_host
from monitor.fetch.proxies import Proxy, read_proxy
from monitor.fetch.wire import Arrivals


async def ask_with(error: Exception, monkeypatch: pytest.MonkeyPatch) -> MonitorError:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(MonitorError) as caught:
        await resolve_host("news.example", 443)
    assert "news.example" in str(caught.value)
    return caught.value


async def test_a_name_that_does_not_exist_is_told_from_a_network_that_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    unknown = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    assert type(await ask_with(unknown, monkeypatch)) is DnsFailed
    silent = socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    assert type(await ask_with(silent, monkeypatch)) is NetworkDown
    unreachable = OSError(errno.ENETUNREACH, "Network is unreachable")
    assert type(await ask_with(unreachable, monkeypatch)) is NetworkDown


async def test_the_systems_answers_are_given_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(*_: object, **__: object) -> list[tuple[Any, ...]]:
        return [(0, 0, 0, "", ("192.0.2.1", 443)), (0, 0, 0, "", ("2001:db8::1", 443, 0, 0))]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    assert await resolve_host("news.example", 443) == ("192.0.2.1", "2001:db8::1")


def test_silent_name_servers_hold_up_neither_other_names_nor_the_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    servers_answer = threading.Event()

    def silent(host: str, *_: object, **__: object) -> list[tuple[Any, ...]]:
        if host == "slow.example":
            servers_answer.wait(120)
        return [(0, 0, 0, "", ("192.0.2.1", 443))]

    async def ask() -> tuple[str, ...]:
        slow = [asyncio.create_task(resolve_host("slow.example", 443)) for _ in range(40)]
        await asyncio.sleep(0.1)
        found = await asyncio.wait_for(resolve_host("news.example", 443), 60)
        for task in slow:
            task.cancel()
        return found

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    began_at = time.monotonic()
    assert asyncio.run(ask()) == ("192.0.2.1",)
    assert time.monotonic() - began_at < 60
    servers_answer.set()


@dataclass
class Attempts:
    """Fails every connection as it is told and keeps where they went."""

    errors: tuple[OSError, ...]
    asked: list[tuple[str, int]] = field(default_factory=list)

    async def __call__(self, address: str, port: int) -> Arrivals:
        self.asked.append((address, port))
        raise self.errors[(len(self.asked) - 1) % len(self.errors)]


def backend_for(
    answers: tuple[str, ...], *errors: OSError, proxy: Proxy | None = None
) -> tuple[GuardedBackend, Attempts]:
    async def resolve(host: str, port: int) -> tuple[str, ...]:
        return answers

    attempts = Attempts(errors)
    return GuardedBackend(Guard(resolve), proxy, open_wire=attempts), attempts


def failed(number: int) -> OSError:
    return OSError(number, "why")


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (failed(errno.ENETUNREACH), NetworkDown),
        (failed(errno.ECONNREFUSED), ConnectionLost),
        (failed(errno.EHOSTUNREACH), ConnectionLost),
        (OSError(), ConnectionLost),
        (TimeoutError(), Timeout),
    ],
)
async def test_a_connection_that_fails_says_how(error: OSError, failure: type[MonitorError]) -> None:
    backend, _ = backend_for(("1.1.1.1",), error)
    with pytest.raises(MonitorError, match=r"news\.example") as caught:
        await backend.connect_tcp("news.example", 443)
    assert type(caught.value) is failure


@pytest.mark.parametrize("numbers", [(errno.ENETUNREACH, errno.ECONNREFUSED), (errno.ECONNREFUSED, errno.ENETUNREACH)])
async def test_a_server_that_refuses_is_not_a_network_that_is_down(numbers: tuple[int, int]) -> None:
    backend, _ = backend_for(("1.1.1.1", "2606:4700:4700::1111"), *map(failed, numbers))
    with pytest.raises(ConnectionLost, match="refuses connections"):
        await backend.connect_tcp("news.example", 443)


async def test_only_a_few_of_many_addresses_are_tried() -> None:
    backend, attempts = backend_for(tuple(f"1.1.1.{number}" for number in range(1, 200)), OSError())
    with pytest.raises(ConnectionLost):
        await backend.connect_tcp("news.example", 443)
    assert attempts.asked == [(f"1.1.1.{number}", 443) for number in range(1, 5)]


@pytest.mark.parametrize("answers", [("1.1.1.1", "10.0.0.1"), ("10.0.0.1", "1.1.1.1"), ("::1",)])
async def test_nothing_is_tried_where_one_answer_is_refused(answers: tuple[str, ...]) -> None:
    backend, attempts = backend_for(answers, OSError())
    with pytest.raises(BlockedAddress):
        await backend.connect_tcp("news.example", 443)
    assert attempts.asked == []


async def test_a_name_with_no_answers_is_a_dns_failure() -> None:
    with pytest.raises(DnsFailed):
        await backend_for((), OSError())[0].connect_tcp("news.example", 443)


async def test_the_operators_proxy_is_excepted_as_exactly_its_host_and_port() -> None:
    proxy = read_proxy("http://proxy.internal:3128")
    backend, attempts = backend_for(("10.0.0.1",), OSError(), proxy=proxy)
    with pytest.raises(ConnectionLost, match=r"http://proxy\.internal:3128 of MONITOR_PROXY_URL"):
        await backend.connect_tcp("proxy.internal", 3128)
    assert attempts.asked == [("10.0.0.1", 3128)]
    with pytest.raises(BlockedAddress):
        await backend.connect_tcp("proxy.internal", 8080)
    with pytest.raises(BlockedPort):
        await backend.connect_tcp("other.internal", 3128)
    assert len(attempts.asked) == 1
