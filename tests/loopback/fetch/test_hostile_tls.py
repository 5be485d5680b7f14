"""Threat #29: a certificate that can't be trusted is never passed over, and each failure says what is wrong."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import pytest
import trustme

from monitor.errors import TlsError
from monitor.model.fetching import Fetched
from tests.loopback.fetch.rig import MakeClient, feed
from tests.loopback.servers import LoopbackServer, respond

HOST = "public.test"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def serving(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def old_protocol(authority: trustme.CA) -> ssl.SSLContext:
    context = serving(authority.issue_cert(HOST))
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
    return context


def only_for_another_name(authority: trustme.CA) -> ssl.SSLContext:
    context = serving(authority.issue_cert(HOST))

    def refuse(_: ssl.SSLObject, name: str | None, __: ssl.SSLContext) -> int | None:
        return None if name == "another.test" else ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME

    context.sni_callback = refuse
    return context


SERVERS: dict[str, tuple[Callable[[trustme.CA], ssl.SSLContext], str]] = {
    "expired": (lambda authority: serving(authority.issue_cert(HOST, not_after=LONG_AGO)), "expired"),
    "another host's": (lambda authority: serving(authority.issue_cert("another.test")), "Hostname mismatch"),
    "of nobody we trust": (lambda _: serving(trustme.CA().issue_cert(HOST)), "unable to get local issuer"),
    "self-signed": (lambda _: serving(trustme.CA().issue_cert(HOST)), "can't be trusted"),
}
ALERTS: dict[str, tuple[Callable[[trustme.CA], ssl.SSLContext], str]] = {
    "TLS 1.0": (old_protocol, r"protocol version|unsupported protocol"),
    "a name the server does not serve": (only_for_another_name, "unrecognized name"),
}


@pytest.mark.parametrize("name", SERVERS, ids=lambda name: f"#29 {name}")
async def test_a_server_that_can_not_be_trusted_is_asked_nothing(
    name: str, make_client: MakeClient, authority: trustme.CA, trusting: ssl.SSLContext
) -> None:
    make, why = SERVERS[name]
    server = LoopbackServer({"/": respond(200, {}, b"unsafe")}, tls=make(authority))
    async with server, make_client(extra_ports=(server.port,), ssl_context=trusting) as client:
        with pytest.raises(TlsError, match=why) as failure:
            await client.fetch(feed(server.url("/", HOST)))
    assert HOST in str(failure.value)
    assert server.requests == []


@contextmanager
def refusing(context: ssl.SSLContext) -> Iterator[int]:
    """Refuse handshakes as OpenSSL does, with an alert; asyncio's own server hangs up without one. Gives the port."""

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with suppress(OSError), connection:
                context.wrap_socket(connection, server_side=True).close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1 is deprecated")
@pytest.mark.parametrize("name", ALERTS, ids=lambda name: f"#29 {name}")
async def test_a_server_that_breaks_the_handshake_off_is_not_asked_in_plain(
    name: str, make_client: MakeClient, authority: trustme.CA, trusting: ssl.SSLContext
) -> None:
    make, why = ALERTS[name]
    with refusing(make(authority)) as port:
        async with make_client(extra_ports=(port,), ssl_context=trusting) as client:
            with pytest.raises(TlsError, match=rf"No secure connection to {HOST} could be made \(.*({why})"):
                await client.fetch(feed(f"https://{HOST}:{port}/"))


async def test_threat_29_an_address_is_no_name_to_ask_for_and_its_certificate_is_checked_all_the_same(
    make_client: MakeClient, authority: trustme.CA, trusting: ssl.SSLContext
) -> None:
    context = serving(authority.issue_cert("127.0.0.1"))
    asked: list[str | None] = []
    context.sni_callback = lambda _, name, __: asked.append(name)
    server = LoopbackServer({"/": respond(200, {}, b"safe")}, tls=context)
    async with server, make_client(extra_ports=(server.port,), ssl_context=trusting) as client:
        assert isinstance(await client.fetch(feed(server.url("/"))), Fetched)
        with pytest.raises(TlsError, match=HOST):
            await client.fetch(feed(server.url("/", HOST)))
    assert asked == [None, HOST]


async def test_threat_29_plain_words_before_the_handshake_are_not_taken_for_an_answer(
    make_client: MakeClient,
) -> None:
    async def speak_first(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(respond(200, {}, b"forged"))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(speak_first, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with make_client(extra_ports=(port,)) as client:
            with pytest.raises(TlsError, match="does it speak https on this port"):
                await client.fetch(feed(f"https://{HOST}:{port}/"))
