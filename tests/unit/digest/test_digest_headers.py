"""A mail's bytes: whatever its values hold, the receiver reads the headers that were meant and no other."""

from dataclasses import replace
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitor.digest.headers import Letter, build_message, header_text
from monitor.errors import MailNotBuilt
from tests.unit.digest.samples import NOW

LETTER = Letter(
    sender="Monitor <monitor@localhost>",
    recipient="local reader <local@localhost>",
    subject="Monitor: no hits",
    written_at=NOW,
    message_id="<digest.1@monitor.localhost>",
    list_name="Night desk",
    text="text\n",
    html="<p>text</p>\n",
)
ENCODED_WORD = "=?utf-8?q?Hi=0D=0ABcc:_evil=40x=0D=0A=0D=0Abody?="
PIECES = st.sampled_from(
    [
        *'\r\n\x00\x85\u2028\u200b:,;<>"()\\=?_ @',
        "=?",
        "?=",
        "=?utf-8?q?",
        "=0D=0A",
        "Bcc: a@b",
        "é",
        "ខ្មែរ",
        "\ud800",
        "😀",
    ]
)
TEXTS = st.one_of(st.text(), st.lists(st.one_of(PIECES, st.text(max_size=4)), max_size=30).map("".join))


def parse(message: bytes) -> EmailMessage:
    return BytesParser(policy=policy.default).parsebytes(message)


def test_the_headers_are_those_of_an_automatic_mail_and_no_others() -> None:
    message = parse(build_message(LETTER))
    assert dict(message.items()) | {"Content-Type": ""} == {
        "From": "Monitor <monitor@localhost>",
        "To": "local reader <local@localhost>",
        "Subject": "Monitor: no hits",
        "Date": "Sat, 21 Nov 2026 23:00:00 +0000",
        "Message-ID": "<digest.1@monitor.localhost>",
        "List-Id": "<night-desk.digest.localhost>",
        "Auto-Submitted": "auto-generated",
        "Precedence": "bulk",
        "Content-Language": "en",
        "MIME-Version": "1.0",
        "Content-Type": "",
    }


@settings(max_examples=150)
@given(TEXTS)
@example(ENCODED_WORD)
@example("a\r\nBcc: evil@example.org\r\n\r\nbody")
@example("ពីការចុះបង្ក្រាបទៅរោងចក្រកាត់ដេរ " * 9)
@example("x" * 5000)
def test_any_subject_is_read_back_as_it_was_meant(raw_subject: str) -> None:
    message = parse(build_message(replace(LETTER, subject=raw_subject)))
    assert len(message.keys()) == 11
    assert str(message["Subject"]) == header_text(raw_subject)


@settings(max_examples=150)
@given(TEXTS)
@example(ENCODED_WORD)
@example("a@b.example, ")
@example("ការិយាល័យព័ត៌មានសហគមន៍ភ្នំពេញរាជធានី")
def test_any_recipients_name_gives_one_recipient_or_is_refused(raw_name: str) -> None:
    try:
        message = parse(build_message(replace(LETTER, recipient=f"{raw_name} <a@b.example>")))
    except MailNotBuilt as error:
        assert "is not one mail address" in str(error)  # noqa: PT017  refusal is one of two good ends
    else:
        assert len(message.keys()) == 11
        assert [address.addr_spec for address in message["To"].addresses] == ["a@b.example"]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "a@@b.example",
        "a..b@c.example",
        "a@b.example, c@d.example",
        "<a@b.example> <c@d.example>",
        "a@b.example\r\nBcc: c@d.example",
        "a b@c.example",
        "a@b.example>",
        "ឈ្មោះ@b.example",
        "x" * 65 + "@b.example",
        "a@" + "b." * 130 + "c",
    ],
)
def test_what_is_not_exactly_one_address_is_refused_by_name(address: str) -> None:
    with pytest.raises(MailNotBuilt, match="sender"):
        build_message(replace(LETTER, sender=address))
    with pytest.raises(MailNotBuilt, match="recipient"):
        build_message(replace(LETTER, recipient=address))


@pytest.mark.parametrize("message_id", ["", "<>", "no-at", "<a@b>\r\nBcc: c@d", "<a b@c>", "<" + "a" * 500 + "@b>"])
def test_a_message_id_that_could_be_misread_is_refused(message_id: str) -> None:
    with pytest.raises(MailNotBuilt, match="Message-ID"):
        build_message(replace(LETTER, message_id=message_id))


def test_encoded_words_keep_to_their_75_columns() -> None:
    head = build_message(replace(LETTER, subject="ពីការចុះបង្ក្រាប " * 8)).split(b"\r\n\r\n")[0]
    words = [line for line in head.split(b"\r\n") if b"=?utf-8?" in line]
    assert len(words) > 3
    assert max(len(word.removeprefix(b"Subject:").strip()) for word in words) <= 75


@pytest.mark.parametrize(
    ("raw_text", "expected"),
    [
        ("plain", "plain"),
        ("a\r\n b\x85c\u2028d\u2029e\tf", "a b c d e f"),
        ("a\x00\x07\x9fb", "ab"),
        ("=?utf-8?q?x?=", "= ?utf-8?q?x?="),
        ("=\x00?utf-8?q?x?=", "= ?utf-8?q?x?="),
        ("  spaced   out  ", "spaced out"),
        ("កូន\u200bខ្មែរ", "កូន\u200bខ្មែរ"),
        ("safe\u202egnp.exe", "safegnp.exe"),
    ],
)
def test_a_header_text_keeps_the_words_and_drops_what_could_break_out(raw_text: str, expected: str) -> None:
    assert header_text(raw_text) == expected


def test_a_long_header_text_ends_at_a_word_with_an_ellipsis() -> None:
    assert header_text("word " * 100, max_chars=22) == "word word word word…"


@pytest.mark.parametrize("line", [".", "..", "From me", "-- ", "x" * 3000, "កូន" * 1500, "=", "a=20b ", "\ttab"])
def test_a_line_that_mail_servers_stumble_over_arrives_as_it_was(line: str) -> None:
    message = build_message(replace(LETTER, text=f"before\n{line}\nafter\n", html=f"<pre>{line}</pre>\n"))
    plain = parse(message).get_body(("plain",))
    assert plain is not None
    assert plain.get_content().replace("\r\n", "\n") == f"before\n{line}\nafter\n"
    assert max(len(row) for row in message.split(b"\r\n")) <= 998
    assert message.isascii()


def test_the_boundary_comes_from_the_content_and_so_never_stands_in_it() -> None:
    first, again = build_message(LETTER), build_message(LETTER)
    assert first == again
    boundary = parse(first).get_boundary() or ""
    assert first.count(boundary.encode()) == 4
    assert boundary != parse(build_message(replace(LETTER, text="other"))).get_boundary()
