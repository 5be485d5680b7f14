import base64
import quopri
from datetime import UTC, datetime

import pytest

from monitor.errors import NotAnArticle
from monitor.extract.message import extract_message
from monitor.model.articles import Article

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
URL = "https://mail.example/newsletters/17"
TEXT = "Inspectors of the labour ministry spoke with eleven residents of the shelter on Thursday."
LATER = "The director said that every one of them was free to leave. Two of the residents disputed that."
HTML = f"<html lang='en'><body><h1>Shelter</h1><p>{TEXT}</p><p>{LATER}</p></body></html>"
HEAD = {
    "From": "The River Desk <desk@gazette.example>",
    "Subject": "What the inspectors heard",
    "Date": "Fri, 20 Nov 2026 08:15:00 +0700",
    "List-Id": '"The Gazette weekly" <weekly.gazette.example>',
    "MIME-Version": "1.0",
}


def mail(body: bytes, content_type: str = "text/plain; charset=utf-8", encoding: str = "8bit", **head: str) -> bytes:
    fields = {**HEAD, **{name.replace("_", "-"): value for name, value in head.items()}}
    fields |= {"Content-Type": content_type, "Content-Transfer-Encoding": encoding}
    return "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value).encode() + b"\r\n" + body


def multipart(*parts: tuple[str, bytes], kind: str = "alternative") -> bytes:
    body = b"".join(b"--b\r\nContent-Type: " + name.encode() + b"\r\n\r\n" + part + b"\r\n" for name, part in parts)
    return mail(body + b"--b--\r\n", f"multipart/{kind}; boundary=b")


def extract(content: bytes) -> Article:
    return extract_message(content, URL, NOW)


def test_a_newsletter_gives_what_an_article_is() -> None:
    article = extract(mail(HTML.encode(), "text/html; charset=utf-8"))
    assert article.title == "What the inspectors heard"
    assert article.byline == "The River Desk"
    assert article.outlet == "The Gazette weekly"
    assert article.published_at == datetime(2026, 11, 20, 1, 15, tzinfo=UTC)
    assert article.canonical_url == URL
    assert article.language == "en"
    assert TEXT in article.text
    assert "<p>" not in article.text


@pytest.mark.parametrize(
    ("head", "outlet"),
    [
        ({"List_Id": ""}, "The River Desk"),
        ({"List_Id": "<weekly.gazette.example>"}, "The River Desk"),
        ({"List_Id": "", "From": "desk@gazette.example"}, "gazette.example"),
        ({"List_Id": "=?utf-8?q?La_Gaz=C3=A8te?= <weekly.gazette.example>"}, "La Gazète"),
        ({"List_Id": "", "From": ""}, ""),
    ],
)
def test_the_outlet_is_the_lists_description_or_the_sender(head: dict[str, str], outlet: str) -> None:
    assert extract(mail(f"{TEXT}\r\n{LATER}".encode(), **head)).outlet == outlet


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("=?utf-8?b?" + base64.b64encode("មន្ត្រីអធិការកិច្ច".encode()).decode() + "?=", "មន្ត្រីអធិការកិច្ច"),
        ("=?iso-8859-1?q?L=F6hne?= =?utf-8?q?_steigen?=", "Löhne steigen"),
        ("Raw Löhne steigen", "Raw Löhne steigen"),
        ("folded\r\n over two lines", "folded over two lines"),
        ("=?utf-8?q?Hi=0D=0ABcc:_x=40evil.example=0D=0A=0D=0Abody?=", "Hi Bcc: x@evil.example body"),
        ("=?utf-8?q?bell=07_and_=1B[31m_and_=E2=80=AEturned?=", "bell and [31m and turned"),
        ("=?no-such-charset?q?words?=", "words"),
        ("=?utf-8?b?!!!?=", None),
        ("=?utf-8?q?" + "x" * 100_000, None),
        ("", "a mail without a subject"),
    ],
)
def test_a_subject_becomes_one_plain_line(written: str, title: str | None) -> None:
    """Threats F4 and #42: encoded-words hide line ends and control characters."""
    found = extract(mail(f"{TEXT}\r\n{LATER}".encode(), Subject=written)).title
    assert found == (title or found)
    assert found.isprintable()
    assert len(found) <= 500


@pytest.mark.parametrize(
    ("date", "published_at"),
    [
        ("", None),
        ("yesterday", None),
        ("Fri, 20 Nov 2040 08:15:00 +0700", None),
        ("Fri, 20 Nov 2026 08:15:00 -0000", datetime(2026, 11, 20, 8, 15, tzinfo=UTC)),
        ("Fri, 99 Nov 2026 99:15:00 +9999", None),
    ],
)
def test_the_published_instant_is_a_sane_date(date: str, published_at: datetime | None) -> None:
    assert extract(mail(f"{TEXT}\r\n{LATER}".encode(), Date=date)).published_at == published_at


GERMAN = "Die Näherinnen sagten, dass ihre Löhne „steigen“ – so steht es in dem Bericht der Fabrik vom Donnerstag."


@pytest.mark.parametrize(
    ("body", "content_type", "encoding"),
    [
        (GERMAN.encode(), "text/plain; charset=utf-8", "8bit"),
        (GERMAN.encode(), "text/plain; charset=iso-8859-1", "8bit"),
        (GERMAN.encode(), "text/plain", "8bit"),
        (GERMAN.encode("cp1252"), "text/plain; charset=windows-1252", "8bit"),
        (GERMAN.encode("cp1252"), "text/plain", "8bit"),
        (GERMAN.encode("cp1252"), "text/plain; charset=no-such-charset", "8bit"),
        (quopri.encodestring(GERMAN.encode()), "text/plain; charset=utf-8", "quoted-printable"),
        (base64.encodebytes(GERMAN.encode("cp1252")), "text/plain; charset=windows-1252", "base64"),
        (base64.encodebytes(f"<p>{GERMAN}</p>".encode()), "text/html", "base64"),
        (f"<p>{GERMAN}</p>".encode("cp1252"), "text/html; charset=windows-1252", "8bit"),
    ],
)
def test_a_mail_is_decoded_as_it_was_encoded(body: bytes, content_type: str, encoding: str) -> None:
    assert extract(mail(body, content_type, encoding)).text == GERMAN


def test_flowed_lines_become_paragraphs() -> None:
    body = (
        b"Inspectors of the \r\nlabour ministry spoke \r\nwith eleven residents.\r\n\r\nThe director said nothing.\r\n"
    )
    text = extract(mail(body, "text/plain; charset=utf-8; format=flowed")).text
    assert text == "Inspectors of the labour ministry spoke with eleven residents.\nThe director said nothing."


def test_wrapped_lines_become_paragraphs() -> None:
    body = (
        b"Inspectors of the labour ministry spoke with\r\neleven residents of the shelter on Thursday.\r\n\r\nThe end."
    )
    assert extract(mail(body)).text == f"{TEXT}\nThe end."


def test_the_html_part_is_read_before_the_plain_one() -> None:
    content = multipart(("text/plain", b"Read this mail in a browser."), ("text/html; charset=utf-8", HTML.encode()))
    assert TEXT in extract(content).text


def test_an_empty_html_part_gives_way_to_the_plain_one() -> None:
    content = multipart(("text/plain", TEXT.encode()), ("text/html", b"<html><body><img src=x></body></html>"))
    assert extract(content).text == TEXT


def test_an_attachment_is_no_newsletter() -> None:
    attached = b"Content-Type: text/html\r\nContent-Disposition: attachment\r\n\r\n" + HTML.encode()
    body = b"--b\r\nContent-Type: text/plain\r\n\r\n" + TEXT.encode() + b"\r\n--b\r\n" + attached + b"\r\n--b--\r\n"
    assert extract(mail(body, "multipart/mixed; boundary=b")).text == TEXT


def test_a_layout_of_tables_keeps_all_its_items() -> None:
    rows = "".join(f"<tr><td><a href='https://t.example/{n}'>Item {n}</a></td><td>{TEXT}</td></tr>" for n in range(9))
    text = extract(mail(f"<html><body><table>{rows}</table></body></html>".encode(), "text/html")).text
    assert all(f"Item {number}" in text for number in range(9))


def test_how_to_unsubscribe_is_left_out() -> None:
    lines = ("<a href=x>View this email in your browser</a>", TEXT, LATER)
    foot = ("You are receiving this email because you signed up.", "Unsubscribe", "Gazette House, River Road")
    body = "".join(f"<p>{line}</p>" for line in (*lines, *foot))
    assert extract(mail(f"<html><body>{body}</body></html>".encode(), "text/html")).text == f"{TEXT}\n{LATER}"


def test_a_report_about_unsubscribing_stays_whole() -> None:
    body = "\r\n\r\n".join(["Many readers unsubscribe from newsletters, a study says.", *[TEXT] * 30])
    assert extract(mail(body.encode())).text.startswith("Many readers unsubscribe")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\r\n\r\n",
        mail(b""),
        mail(b"x" * 20, "application/pkcs7-mime"),
        multipart(("application/pgp-encrypted", b"Version: 1"), kind="encrypted"),
        multipart(("image/png", b"\x89PNG")),
        mail(b"no boundary", "multipart/mixed"),
    ],
)
def test_a_mail_without_text_says_so(content: bytes) -> None:
    with pytest.raises(NotAnArticle, match="the mail"):
        extract(content)


def test_a_thousand_nested_parts_do_no_harm() -> None:
    """Threat #36."""
    head = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(1_000))
    with pytest.raises(NotAnArticle):
        extract(
            mail(b"--b\r\n" + head + b"Content-Type: text/plain\r\n\r\n" + TEXT.encode(), "multipart/mixed; boundary=b")
        )


def test_ten_thousand_parts_are_read_as_far_as_is_sensible() -> None:
    parts = [("application/octet-stream", b"x")] * 10_000
    assert extract(multipart(("text/plain", TEXT.encode()), *parts)).text == TEXT


@pytest.mark.slow
def test_ten_megabytes_end_in_a_text_that_is_cut() -> None:
    assert len(extract(mail(b"The director said that she knew.\r\n\r\n" * 300_000)).text) <= 300_000


def test_a_body_with_control_characters_is_plain_text() -> None:
    """Threat #42."""
    text = extract(mail(f"{TEXT}\x00\x07\x1b[31m \u202ereversed\u202c".encode())).text
    assert not set(text) & set("\x00\x07\x1b\u202e\u202c")
