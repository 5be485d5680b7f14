from datetime import UTC, datetime

import pytest

from monitor.errors import NotAnArticle
from monitor.extract.article import CUT_MARK, MAX_TEXT_CHARS, extract_article
from monitor.model.articles import Article

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
URL = "https://courier.example/2026/11/shelter?id=7&utm_source=rss"
TEXT = (
    "Inspectors of the labour ministry spoke with eleven residents of the shelter on Thursday. "
    "The director said that every one of them was free to leave. Two of the residents disputed that."
)
KHMER = (
    "មន្ត្រី\u200bអធិការកិច្ច\u200bបាន\u200bជួប\u200bអ្នក\u200bស្នាក់នៅ\u200bក្នុង\u200bមណ្ឌល"
    "\u200bចំនួន\u200bដប់មួយ\u200bនាក់\u200bនៅ\u200bថ្ងៃ\u200bព្រហស្បតិ៍។ "
)


def page(head: str = "", body: str = "", attributes: str = ' lang="en"', text: str = TEXT) -> bytes:
    paragraphs = f"<p>{text}</p>" * 3
    return (
        f"<!doctype html><html{attributes}><head><title>Shelter opens its doors</title>{head}</head>"
        f"<body><nav><a href='/'>Home</a></nav><article><h1>Shelter opens its doors</h1>{paragraphs}{body}</article>"
        "</body></html>"
    ).encode()


def extract(content: bytes, content_type: str | None = "text/html", url: str = URL) -> Article:
    return extract_article(content, url, content_type, NOW)


def test_a_page_gives_what_an_article_is() -> None:
    head = (
        '<meta name="author" content="Sok Theary"><meta property="og:site_name" content="Riverbank Courier">'
        '<meta property="article:published_time" content="2026-11-20T08:15:00+07:00">'
        '<link rel="canonical" href="/2026/11/shelter">'
    )
    article = extract(page(head))
    assert TEXT in article.text
    assert "Home" not in article.text
    assert article.title == "Shelter opens its doors"
    assert article.byline == "Sok Theary"
    assert article.outlet == "Riverbank Courier"
    assert article.language == "en"
    assert article.published_at == datetime(2026, 11, 20, 1, 15, tzinfo=UTC)
    assert article.canonical_url == "https://courier.example/2026/11/shelter"


OWN = "https://courier.example/2026/11/shelter?id=7"


@pytest.mark.parametrize(
    ("head", "canonical_url"),
    [
        ("", OWN),
        ('<link rel="canonical" href="https://www.courier.example/s">', "https://www.courier.example/s"),
        ('<link rel="canonical" href="https://evil.example/s">', OWN),
        ('<link rel="canonical" href="https://evil-courier.example/s">', OWN),
        ('<meta property="og:url" content="https://evil.example/s">', OWN),
        ('<meta property="og:url" content="https://courier.example/og">', "https://courier.example/og"),
        ('<link rel="canonical" href="javascript:alert(1)">', OWN),
        ('<link rel="canonical" href="https://courier.example/">', OWN),
        ('<link rel="canonical" href="">', OWN),
        ('<base href="https://evil.example/"><link rel="canonical" href="/s">', "https://courier.example/s"),
    ],
)
def test_a_page_names_itself_only_on_its_own_site(head: str, canonical_url: str) -> None:
    assert extract(page(head)).canonical_url == canonical_url


@pytest.mark.parametrize(
    ("head", "body", "published_at"),
    [
        ("", "", None),
        ('<meta property="article:published_time" content="2026-11-20">', "", datetime(2026, 11, 20, tzinfo=UTC)),
        (
            '<script type="application/ld+json">[{"@graph": [{"datePublished": "2026-11-19T23:30-05:00"}]}]</script>',
            "",
            datetime(2026, 11, 20, 4, 30, tzinfo=UTC),
        ),
        (
            '<script type="application/ld+json">{broken</script>',
            '<span itemprop="datePublished" content="2026-11-20T01:00:00Z"></span>',
            datetime(2026, 11, 20, 1, tzinfo=UTC),
        ),
        ("", '<time datetime="2026-11-20T09:00:00+07:00">20 November</time>', datetime(2026, 11, 20, 2, tzinfo=UTC)),
        (
            '<meta property="article:published_time" content="2031-01-01T00:00:00Z">',
            '<meta name="date" content="2026-11-18">',
            datetime(2026, 11, 18, tzinfo=UTC),
        ),
        ("", "<footer>© 2019 Riverbank Courier</footer>", None),
    ],
)
def test_the_published_instant_is_what_the_page_states(head: str, body: str, published_at: datetime | None) -> None:
    assert extract(page(head, body)).published_at == published_at


@pytest.mark.parametrize(
    ("attributes", "text", "language"),
    [
        (' lang="en-GB"', TEXT, "en"),
        (' lang="en"', KHMER * 3, "km"),
        ("", TEXT, ""),
        (' lang="km"', TEXT, ""),
    ],
)
def test_the_script_tells_the_language_before_the_page_does(attributes: str, text: str, language: str) -> None:
    assert extract(page(attributes=attributes, text=text)).language == language


def test_khmer_keeps_its_zero_width_spaces() -> None:
    for written in ("\u200b", "&#8203;", "&#x200B;", "&ZeroWidthSpace;"):
        assert KHMER.strip() in extract(page(text=KHMER.replace("\u200b", written))).text


@pytest.mark.parametrize(
    ("encoding", "content_type", "head"),
    [
        ("utf-8", "text/html; charset=ISO-8859-1", ""),
        ("cp1252", "text/html; charset=ISO-8859-1", ""),
        ("cp1252", "text/html", '<meta charset="windows-1252">'),
        ("cp1252", None, '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">'),
        ("gb18030", "text/html; charset=gb2312", ""),
        ("utf-16", "text/html", ""),
        ("utf-8-sig", "text/html; charset=windows-1252", ""),
        ("cp1252", "text/html; charset=no-such-charset", '<meta charset="latin1">'),
    ],
)
def test_an_article_survives_what_servers_say_of_its_charset(
    encoding: str, content_type: str | None, head: str
) -> None:
    text = "“Löhne” der Näherinnen steigen – sagt die Fabrik. " * 4
    article = extract(page(head, text=text).decode().encode(encoding), content_type)
    assert text.strip() in article.text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty body"),
        (b"%PDF-1.7", "PDF"),
        (b"\xff\xd8\xff\xe0", "JPEG"),
        (b'{"headline": "x"}', "JSON"),
        (b"Just some words, without any markup.", "plain text"),
        (b'<?xml version="1.0"?><rss version="2.0"><channel></channel></rss>', "feed"),
        (b"\x00\x01\x02\x03" * 100, "unknown"),
        (b"<html><body></body></html>", "no article text"),
        (b"<html><body><p>Too short.</p></body></html>", "no article text"),
        (b"<!doctype html>", "HTML|no article text"),
    ],
)
def test_what_is_no_article_is_named(content: bytes, words: str) -> None:
    with pytest.raises(NotAnArticle, match=words):
        extract(content)


def test_a_self_closed_html_element_hides_nothing() -> None:
    assert TEXT in extract(page(attributes=' lang="en" /')).text


def test_a_page_without_a_title_is_called_by_its_address() -> None:
    content = f"<html><body><div><p>{TEXT}</p><p>{TEXT}</p></div></body></html>".encode()
    assert extract(content, url="https://courier.example/rice-prices.html").title == "rice prices"


@pytest.mark.parametrize("name", ["ការិយាល័យព័ត៌មានគំរូ", "Zoë Ångström"])
def test_a_byline_keeps_the_signs_of_its_script(name: str) -> None:
    assert extract(page(f'<meta name="author" content="{name}">')).byline == name


def test_a_text_without_end_is_cut_after_a_paragraph_and_says_so() -> None:
    article = extract(page(body="".join(f"<p>{number}. {TEXT}</p>" for number in range(3000))))
    _, *paragraphs, mark = article.text.split("\n")
    assert mark == CUT_MARK
    assert 0.9 * MAX_TEXT_CHARS <= len(article.text) <= MAX_TEXT_CHARS
    assert [paragraph for paragraph in paragraphs if not paragraph.endswith("disputed that.")] == []


def test_a_khmer_text_without_paragraphs_is_cut_between_two_letters() -> None:
    letters = "ស្ត្រី" * 60_000
    kept, _, mark = extract(page(text=letters)).text.rpartition("\n")
    assert mark == CUT_MARK
    assert kept.rpartition("\n")[2].replace("ស្ត្រី", "") == ""


def test_a_text_as_long_as_is_kept_is_not_cut() -> None:
    length = MAX_TEXT_CHARS - 3 * (len(TEXT) + 1)
    text = extract(page(body=f"<p>{'word ' * (length // 5 - 20)}</p>")).text
    assert MAX_TEXT_CHARS - 1000 < len(text) <= MAX_TEXT_CHARS
    assert CUT_MARK not in text
