import json
from base64 import b64encode
from datetime import UTC, datetime

import pytest

from monitor.errors import BadFeed
from monitor.extract.entries.mailbox import read_mailbox
from monitor.model.entries import Entry, Listing
from monitor.model.fetching import Fetched
from tests.growth import assert_in_proportion

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
FOLDER = "imaps://desk%40example.org@mail.example.org/Newsletters"


def fetched(content: bytes) -> Fetched:
    return Fetched(FOLDER, FOLDER, 200, (), content, content, "", NOW)


def read(*messages: bytes) -> Listing:
    listing = {
        "folder": "Newsletters",
        "uid_validity": 9,
        "messages": [{"uid": uid, "headers": b64encode(raw).decode()} for uid, raw in enumerate(messages, 1)],
    }
    return read_mailbox(fetched(json.dumps(listing).encode()))


def read_one(raw: bytes) -> Entry:
    (entry,) = read(raw).entries
    return entry


def test_a_message_reads_as_an_entry() -> None:
    entry = read_one(
        b"Message-ID: <42@news.example>\r\nSubject: =?utf-8?q?Dam_=E1=9E=91=E1=9E=B9=E1=9E=80?= report\r\n"
        b"From: =?utf-8?b?w4kgR2F6ZXR0ZQ==?= <letters@gazette.example>\r\n"
        b'List-Id: "The Gazette, daily" <daily.gazette.example>\r\n'
        b"Date: Fri, 20 Nov 2026 08:00:00 +0700 (ICT)\r\n\r\n"
    )
    assert entry == Entry(
        guid="42@news.example",
        url=f"{FOLDER};UIDVALIDITY=9/;UID=1",
        title="Dam ទឹក report",
        author="É Gazette",
        published_at=datetime(2026, 11, 20, 1, 0, tzinfo=UTC),
        outlet="The Gazette, daily",
    )


def test_a_long_khmer_subject_is_cut_between_its_encoded_words() -> None:
    word = b64encode("ទឹកជំនន់".encode()).decode()
    entry = read_one(f"Subject: {f'=?utf-8?b?{word}?= ' * 400}\r\n\r\n".encode())
    assert entry.title.startswith("ទឹកជំនន់ទឹកជំនន់")
    assert "=?" not in entry.title


def test_a_folder_lists_its_newest_message_first_under_its_own_name() -> None:
    listing = read(b"Subject: old\r\n\r\n", b"Subject: new\r\n\r\n")
    assert listing.title == "Newsletters"
    assert [entry.title for entry in listing.entries] == ["new", "old"]
    assert [entry.url.rpartition("/")[2] for entry in listing.entries] == [";UID=2", ";UID=1"]


def test_where_no_list_is_named_the_sender_is_the_outlet() -> None:
    entry = read_one(b"From: The Gazette <letters@gazette.example>\r\n\r\n")
    assert (entry.outlet, entry.author) == ("The Gazette", "The Gazette")
    assert read_one(b"From: letters@gazette.example\r\n\r\n").outlet == ""


def test_a_message_without_an_id_is_known_by_its_headers() -> None:
    first, second, third = (read_one(b"Subject: " + subject + b"\r\n\r\n") for subject in (b"one", b"one", b"two"))
    assert first.guid == second.guid != third.guid
    assert first.guid.startswith("sha256:")


@pytest.mark.parametrize(
    "raw_date", [b"", b"yesterday", b"Mon, 1 Jan 1601 00:00:00 +0000", b"Mon, 4 Jan 2038 00:00:00 +0000"]
)
def test_a_date_that_news_cannot_have_is_none(raw_date: bytes) -> None:
    assert read_one(b"Date: " + raw_date + b"\r\n\r\n").published_at is None


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe no header at all",
        b"Subject: =?utf-8?q?a=0D=0ABcc:_all=40example.org?=\r\n",
        b"Subject: =?utf-8?b?" + b"4oCuGzNtCg==" + b"?=\r\n",
        b"Subject: \xe1\x9e\x91 \xff raw bytes\r\n",
        b"Subject: =?x-unknown?q?=ff?= =?utf-8?q?=ED=A0=BD?=\r\n",
        b"Subject: " + b"x" * 1_000_000 + b"\r\n",
        b"Subject: a\r\n\tfolded\r\n and folded\r\n",
        b"From: " + b"(" * 15_000 + b"\r\n",
        b"From: =?utf-8?q?a=0Ab?= <x@y.example>\r\n",
        b"From: ,;:<>@\r\nList-Id: <<>>\r\nDate: \x00\r\n",
        b"From: undisclosed:;\r\n",
        b"Message-ID: <(a)(a)\r\n",
        b"Message-ID: <" + b"a" * 5_000 + b"@b>\r\n",
        b"Message-ID: <a\x1b[2J@b>\r\n",
        b"List-Id: =?utf-8?q?=1B[31m?= <a.b>\r\nList-Id: other\r\n",
    ],
)
def test_whatever_a_stranger_writes_comes_out_as_one_clean_line(raw: bytes) -> None:
    entry = read_one(raw)
    assert entry.title
    assert entry.guid
    for text in (entry.title, entry.author, entry.outlet, entry.guid):
        assert len(text) <= 1_000
        assert "\n" not in text
        assert "\r" not in text
        assert "\x1b" not in text
        assert "\0" not in text
        assert "\u202e" not in text
        text.encode("utf-8")


@pytest.mark.parametrize("raw", [b"(", b"a@b.c,", b'"a" ', b"a.", b"=?utf-8?q?a?= ", b"<", b"a:", b"\\"])
def test_monstrous_headers_are_read_in_time(raw: bytes) -> None:
    def letters(length: int) -> list[bytes]:
        head = (raw * length)[:length]
        return [b"From: " + head + b"\r\nSubject: " + head + b"\r\nList-Id: " + head + b"\r\n\r\n"] * 10

    def read_all(letters: list[bytes]) -> None:
        assert len(read(*letters).entries) == 10

    assert_in_proportion(read_all, letters, 15_900)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        b'{"folder": "a", "uid_validity": "x", "messages": []}',
        b'{"folder": "a", "uid_validity": 1, "messages": [{"uid": 1, "headers": "\xc3\xa9"}]}',
    ],
)
def test_what_is_no_listing_is_said_so(content: bytes) -> None:
    with pytest.raises(BadFeed, match="not the listing of a mail folder"):
        read_mailbox(fetched(content))
