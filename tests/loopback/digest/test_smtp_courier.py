"""Handing one mail to a real server, whatever it answers and whenever it breaks off."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from typing import Any

import pytest
import trustme

from monitor.digest.smtp import Patience, SmtpCourier
from monitor.errors import MailPutOff, MailRefused, MailServerDown, MailUnknown, MonitorError
from monitor.model.mailing import OwedMail, Receipt, SmtpServer
from tests.loopback.smtp import ACCEPT_THEN_DROP, DROP, PASSWORD, USER, SmtpSink

pytestmark = pytest.mark.enable_socket
SENDER = "monitor@desk.example"
TRUSTED = trustme.CA()
CLIENT_TLS = ssl.create_default_context()
TRUSTED.configure_trust(CLIENT_TLS)


def server_tls(*names: str, authority: trustme.CA = TRUSTED) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


def a_mail(message: bytes = b"Subject: x\r\n\r\nbody\r\n", to: str = "reader@paper.example") -> OwedMail:
    return OwedMail(1, "desk-1", "mail", to, message, "", 1, 0, "lease")


def courier_to(sink: SmtpSink, security: Any = "none", *, host: str = "127.0.0.1", **more: Any) -> SmtpCourier:
    patience = more.pop("patience", Patience(connect_seconds=2, command_seconds=1, text_seconds=1))
    return SmtpCourier(SmtpServer(host, sink.port, security, **more), SENDER, lambda: CLIENT_TLS, patience)


async def nothing() -> None:
    pass


async def deliver(courier: SmtpCourier, *mails: OwedMail) -> list[Receipt]:
    try:
        return [await courier.deliver(mail, nothing) for mail in mails or (a_mail(),)]
    finally:
        await courier.close()


@pytest.fixture
async def sink() -> AsyncIterator[SmtpSink]:
    async with SmtpSink() as served:
        yield served


async def test_a_mail_arrives_with_its_envelope_and_the_servers_words_are_kept(sink: SmtpSink) -> None:
    assert [receipt.words for receipt in await deliver(courier_to(sink))] == ["250 2.0.0 queued as 1"]
    mail = sink.accepted[0]
    assert (mail.sender, mail.recipients, mail.message) == (SENDER, ("reader@paper.example",), a_mail().message)


async def test_many_mails_share_a_connection_and_a_refused_one_leaves_the_others_alone(sink: SmtpSink) -> None:
    sink.accepts = lambda address: "550 no such user" if address.startswith("bad") else ""
    courier = courier_to(sink)
    for number in range(20):
        if number == 7:
            with pytest.raises(MailRefused, match="no such user"):
                await courier.deliver(a_mail(to="bad@paper.example"), nothing)
            continue
        await courier.deliver(a_mail(to=f"r{number}@paper.example"), nothing)
    await courier.close()
    assert [mail.recipients[0] for mail in sink.accepted] == [f"r{n}@paper.example" for n in range(20) if n != 7]
    assert sink.connections == 1


LINES = [
    b".",
    b"..",
    b".\r\n.",
    b".hidden",
    b"x\r\n.\r\nMAIL FROM:<evil@x.example>\r\nRCPT TO:<a@b.example>\r\nDATA\r\nsmuggled",
    b"QUIT",
    b"",
    b" " * 70,
    b"x" * 998,
    b"=E1=9E=81",
    b"From me",
    b"\ttab ",
    b"-- ",
    b"=\r\n=\r\n",
]


@pytest.mark.parametrize("line", LINES)
async def test_the_bytes_that_go_out_are_the_bytes_composed_and_one_mail(sink: SmtpSink, line: bytes) -> None:
    message = b"Subject: x\r\n\r\nbefore\r\n" + line + b"\r\nafter\r\n"
    await deliver(courier_to(sink), a_mail(message))
    assert [mail.message for mail in sink.accepted] == [message]


@pytest.mark.parametrize(
    ("verb", "reply", "expected"),
    [
        *(
            (verb, f"{code} words of the server", MailPutOff)
            for verb in ("MAIL", "RCPT", "DATA", "END")
            for code in (450, 452)
        ),
        *(
            (verb, f"{code} words of the server", MailRefused)
            for verb in ("MAIL", "RCPT", "DATA", "END")
            for code in (550, 554)
        ),
        *((verb, "421 words of the server", MailPutOff) for verb in ("MAIL", "RCPT", "DATA", "END")),
        ("MAIL", "530 words of the server", MailServerDown),
        ("MAIL", DROP, MailPutOff),
        ("RCPT", DROP, MailPutOff),
        ("DATA", DROP, MailUnknown),
        ("END", DROP, MailUnknown),
        ("END", ACCEPT_THEN_DROP, MailUnknown),
    ],
)
async def test_each_answer_at_each_verb_has_its_meaning_and_the_next_mail_goes_through(
    sink: SmtpSink, verb: str, reply: str, expected: type[MonitorError]
) -> None:
    sink.script[verb] = [reply]
    courier = courier_to(sink)
    with pytest.raises(expected) as caught:
        await courier.deliver(a_mail(), nothing)
    if reply[0].isdigit():
        assert f"{reply[:3]} words of the server" in str(caught.value)
    await courier.deliver(a_mail(to="next@paper.example"), nothing)
    await courier.close()
    assert sink.accepted[-1].recipients == ("next@paper.example",)


async def test_a_server_that_is_too_slow_to_say_that_it_took_a_mail_leaves_it_unknown(sink: SmtpSink) -> None:
    sink.text_seconds = 1.5
    with pytest.raises(MailUnknown, match="timed out"):
        await deliver(courier_to(sink))
    assert len(sink.accepted) == 1


async def test_a_server_that_is_slow_at_every_word_is_down_and_not_waited_for(sink: SmtpSink) -> None:
    sink.reply_seconds = 3
    began = asyncio.get_running_loop().time()
    with pytest.raises(MailServerDown):
        await deliver(courier_to(sink))
    assert asyncio.get_running_loop().time() - began < 2.8


async def test_a_connection_that_was_closed_while_idle_is_opened_anew(sink: SmtpSink) -> None:
    courier = courier_to(sink)
    await courier.deliver(a_mail(), nothing)
    sink.script["MAIL"] = ["421 idle for too long"]
    await courier.deliver(a_mail(), nothing)
    sink.script["MAIL"] = [DROP]
    await courier.deliver(a_mail(), nothing)
    await courier.close()
    assert (len(sink.accepted), sink.connections) == (3, 3)


async def test_a_text_that_may_not_go_out_any_more_does_not(sink: SmtpSink) -> None:
    async def forbid() -> None:
        raise MailPutOff("another has it")

    courier = courier_to(sink)
    with pytest.raises(MailPutOff, match="another has it"):
        await courier.deliver(a_mail(), forbid)
    await courier.close()
    assert sink.accepted == []


async def test_nothing_listening_is_a_server_that_is_down() -> None:
    sink = SmtpSink()
    await sink.start()
    await sink.stop()
    with pytest.raises(MailServerDown, match=r"127\.0\.0\.1"):
        await deliver(courier_to(sink))


async def test_a_name_that_does_not_resolve_is_a_server_that_is_down(sink: SmtpSink) -> None:
    with pytest.raises(MailServerDown, match=r"mail\.invalid"):
        await deliver(courier_to(sink, host="mail.invalid"))


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_a_login_goes_through_tls_with_a_trusted_certificate(security: str) -> None:
    tls = server_tls("127.0.0.1")
    served = SmtpSink(tls=tls, asks_login=True) if security == "tls" else SmtpSink(starttls=tls, asks_login=True)
    async with served as sink:
        await deliver(courier_to(sink, security, user=USER, password=PASSWORD))
        assert len(sink.accepted) == 1


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize("fault", ["another authority", "another name"])
async def test_a_certificate_that_is_not_to_be_trusted_ends_it_before_anything_is_said(
    security: str, fault: str
) -> None:
    tls = server_tls("127.0.0.1", authority=trustme.CA()) if fault == "another authority" else server_tls("mx.example")
    served = SmtpSink(tls=tls) if security == "tls" else SmtpSink(starttls=tls)
    async with served as sink:
        with pytest.raises(MailServerDown, match=r"can't be trusted.*MONITOR_CA_FILE"):
            await deliver(courier_to(sink, security, user=USER, password=PASSWORD))
        assert sink.accepted == []


@pytest.mark.parametrize("reply", ["", "454 TLS not available", "220 go on then"])
async def test_a_server_without_starttls_gets_no_word_in_the_clear(reply: str) -> None:
    served = SmtpSink(starttls=server_tls("127.0.0.1")) if reply else SmtpSink()
    async with served as sink:
        sink.script["STARTTLS"] = [reply] if reply else []
        with pytest.raises(MailServerDown):
            await deliver(courier_to(sink, "starttls", user=USER, password=PASSWORD))
        assert sink.accepted == []


async def test_a_server_of_this_machine_that_logs_in_by_tls_alone_is_told_with_the_remedy() -> None:
    async with SmtpSink(starttls=server_tls("127.0.0.1")) as sink:
        with pytest.raises(MailServerDown, match=r"wants TLS first, end its address with \?starttls=always"):
            await deliver(courier_to(sink, "none", user=USER, password=PASSWORD))


async def test_a_wrong_password_is_the_servers_matter_and_never_said() -> None:
    wrong = "not the pass:word"
    async with SmtpSink(starttls=server_tls("127.0.0.1"), asks_login=True) as sink:
        with pytest.raises(MailServerDown, match="refuses the user or the password") as caught:
            await deliver(courier_to(sink, "starttls", user=USER, password=wrong))
    chain: BaseException | None = caught.value
    assert wrong not in str(chain)
    assert "***" in str(chain)
    assert wrong not in repr(SmtpServer("h", 25, "none", USER, wrong))
