"""An operator's endpoint: connected to as it was named, private or not, and to nothing else."""

import asyncio

import pytest

from monitor.errors import BodyTooLarge, ConfigurationError, ConnectionLost, HttpStatus, MonitorError
from monitor.fetch.endpoint import Endpoint
from tests.loopback.servers import LoopbackServer, respond

JSON = {"Content-Type": "application/json"}


async def posted(server: LoopbackServer, path: str = "/v1/embeddings", key: str | None = None) -> object:
    endpoint = Endpoint(server.url(path), key, deadline_seconds=5)
    try:
        return await asyncio.to_thread(endpoint.post, {"input": ["a raid"]})
    finally:
        endpoint.close()


async def test_a_private_endpoint_is_asked_with_its_key() -> None:
    async with LoopbackServer({"/v1/embeddings": respond(200, JSON, b'{"data": []}')}) as server:
        assert await posted(server, key="s3cret") == {"data": []}
        assert server.requests[0].method == "POST"
        assert server.requests[0].header("authorization") == "Bearer s3cret"


async def test_a_redirect_leads_nowhere() -> None:
    async with LoopbackServer({"/elsewhere": respond(200, JSON, b"{}")}) as other:
        moved = respond(307, {"Location": other.url("/elsewhere")}, b"")
        async with LoopbackServer({"/v1/embeddings": moved}) as server:
            with pytest.raises(HttpStatus, match="307"):
                await posted(server)
        assert other.requests == []


async def test_a_proxy_of_the_environment_is_not_gone_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    async with LoopbackServer({"/v1/embeddings": respond(200, JSON, b"[1]")}) as server:
        assert await posted(server) == [1]


@pytest.mark.parametrize("answer", [b"<html>", b"[" * 500_000, b"\xff", b""])
async def test_an_answer_that_is_no_json_is_told_without_the_key(answer: bytes) -> None:
    async with LoopbackServer({"/v1/embeddings": respond(200, JSON, answer)}) as server:
        with pytest.raises(ConnectionLost) as told:
            await posted(server, key="s3cret")
    assert "s3cret" not in str(told.value)


async def test_an_answer_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.fetch.endpoint.MAX_ANSWER_BYTES", 1000)
    async with LoopbackServer({"/v1/embeddings": respond(200, JSON, b"[" + b"1," * 9000)}) as server:
        with pytest.raises(BodyTooLarge):
            await posted(server)


@pytest.mark.parametrize("url", ["ftp://localhost/v1", "http://user:word@localhost/v1", "localhost:8000"])
def test_an_address_that_is_none_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ConfigurationError) as told:
        Endpoint(url)
    assert "word" not in str(told.value).replace("password", "")


async def test_a_key_that_is_not_taken_is_told() -> None:
    async with LoopbackServer({"/v1/embeddings": respond(401, JSON, b"{}")}) as server:
        with pytest.raises(HttpStatus, match=r"answers 401: it wants another key$") as told:
            await posted(server, key="s3cret")
    assert "s3cret" not in str(told.value)


async def test_nobody_there_is_told() -> None:
    async with LoopbackServer({}) as server:
        url = server.url("/v1/embeddings")
    endpoint = Endpoint(url, deadline_seconds=2)
    with pytest.raises(MonitorError, match=r"can't be asked \(.*refused.*\); does it run there\?"):
        await asyncio.to_thread(endpoint.post, {})
    endpoint.close()
