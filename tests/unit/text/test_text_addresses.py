"""Mail addresses and mail servers' addresses: exactly one, or none."""

import pytest

from monitor.model.mailing import SmtpServer
from monitor.text.addresses import read_mailbox
from monitor.text.smtp_urls import read_smtp_url


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("a@b.example", "", "a@b.example"),
        ("<a@b.example>", "", "a@b.example"),
        ("Night desk <desk+night@paper.example>", "Night desk", "desk+night@paper.example"),
        ('"Desk, night" <a@b.example>', "Desk, night", "a@b.example"),
        ("តុព័ត៌មាន <a@xn--e1afmkfd.example>", "តុព័ត៌មាន", "a@xn--e1afmkfd.example"),
    ],
)
def test_one_mailbox_is_read(text: str, name: str, address: str) -> None:
    mailbox = read_mailbox(text)
    assert mailbox == (name, address)


@pytest.mark.parametrize(
    "text",
    [
        *("", "a", "a@", "@b.example", "a@@b.example", "a b@c.example", "a..b@c.example", ".a@b.example"),
        *("a@b.example, c@d.example", "a@b.example c@d.example", "<a@b.example> <c@d.example>", "a@b.example>"),
        *(
            "a@b..example",
            "a@[127.0.0.1]",
            '"a b"@c.example',
            "ក@b.example",
            "a@ក.example",
            "a@b.example\r\nRCPT TO:<x>",
        ),
        *("a@b.example\0", "x" * 65 + "@b.example", "a@" + "b." * 150 + "example", "A <a@b.example> B"),
    ],
)
def test_what_is_not_exactly_one_mailbox_is_none(text: str) -> None:
    assert read_mailbox(text) is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtps://u:p@mx.example", SmtpServer("mx.example", 465, "tls", "u", "p")),
        ("smtps://u:p@mx.example:4465/", SmtpServer("mx.example", 4465, "tls", "u", "p")),
        ("smtp://u:p@mx.example", SmtpServer("mx.example", 587, "starttls", "u", "p")),
        ("smtp://u%40x.example:p%3A%2F%40@10.0.0.7:25", SmtpServer("10.0.0.7", 25, "starttls", "u@x.example", "p:/@")),
        ("smtp://mail:1025?starttls=never", SmtpServer("mail", 1025, "none")),
        ("smtp://127.0.0.1:1025", SmtpServer("127.0.0.1", 1025, "none")),
        ("smtp://u:p@localhost:25", SmtpServer("localhost", 25, "none", "u", "p")),
        ("smtp://localhost:25?starttls=always", SmtpServer("localhost", 25, "starttls")),
        ("smtp://[::1]:25", SmtpServer("::1", 25, "none")),
    ],
)
def test_a_mail_servers_address_is_read(url: str, expected: SmtpServer) -> None:
    assert read_smtp_url(url) == expected


@pytest.mark.parametrize(
    ("url", "words"),
    [
        *(
            (url, "is no mail server's address")
            for url in ("", "mx.example", "http://mx.example", "smtp://", "smtp://:25")
        ),
        *(
            (url, "is no mail server's address")
            for url in ("smtp://mx.example:99999", "smtp://mx ex:25", "smtp://m/path")
        ),
        ("smtp://mx.example?starttls=maybe", "only one is"),
        ("smtp://mx.example?tls=0", "only one is"),
        ("smtps://mx.example?starttls=never", "take \\?starttls away"),
        ("smtp://u:SECRET@mx.example?starttls=never", "in the clear"),
        ("smtp://u@mx.example", "user without a password"),
        ("smtp://u:SECRET%0d%0aRCPT@mx.example", "control character"),
        ("smtp://u:SEC/RET@mx.example", "as %40"),
    ],
)
def test_a_bad_servers_address_is_refused_without_saying_its_password(url: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        read_smtp_url(url)
    assert "SEC" not in str(caught.value)
