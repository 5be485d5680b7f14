from datetime import UTC, datetime

import pytest

from monitor.extract.document import extract_document
from monitor.extract.sandbox import ParserPool
from monitor.model.articles import Article
from monitor.model.fetching import Fetched
from tests.unit.extract.pdf_writer import text_pdf

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
URL = "https://courier.example/2026/11/shelter?utm_source=rss"
TEXT = "Inspectors of the labour ministry spoke with eleven residents of the shelter on Thursday."
PDF = text_pdf([[(12, TEXT)]])
MAIL = f"From: Desk <d@gazette.example>\r\nSubject: What they heard\r\n\r\n<html><p>{TEXT}</p></html>".encode()
HTML = f"<!doctype html><html><head><title>Shelter</title></head><body><p>{TEXT}</p></body></html>".encode()


def fetched(content: bytes, content_type: str) -> Fetched:
    return Fetched(URL, URL, 200, (("Content-Type", content_type),), content, content, "", NOW)


def extract(content: bytes, content_type: str) -> Article:
    return extract_document(fetched(content, content_type))


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (HTML, "text/html"),
        (HTML, "text/plain"),
        (HTML, "application/pdf"),
        (PDF, "application/pdf"),
        (PDF, "text/html; charset=utf-8"),
        (b"\r\n\r\n" + PDF, "application/octet-stream"),
        (b"junk\n" + PDF, "application/pdf"),
        (MAIL, "message/rfc822"),
        (MAIL, ""),
        (b"From desk@gazette.example Fri Nov 20 08:15:00 2026\n" + MAIL, "text/plain"),
        (b"X-Sole: header\r\n\r\n" + TEXT.encode(), "message/rfc822"),
        (TEXT.encode(), "text/plain"),
        (TEXT.encode("utf-16"), "text/plain"),
    ],
)
def test_the_bytes_tell_the_kind_before_the_server_does(content: bytes, content_type: str) -> None:
    assert TEXT in extract(content, content_type).text


def test_a_plain_text_is_called_by_its_first_line() -> None:
    content = f"Shelter opens its doors\n\n{TEXT[:44]}\n{TEXT[45:]}\n\nThe director said nothing of it.\n".encode()
    article = extract(content, "text/plain")
    assert article.title == "Shelter opens its doors"
    assert article.text == f"Shelter opens its doors\n{TEXT}\nThe director said nothing of it."
    assert article.canonical_url == "https://courier.example/2026/11/shelter"
    assert article.outlet == "courier.example"


def test_a_plain_text_in_khmer_is_prose_without_spaces() -> None:
    khmer = "មន្ត្រីអធិការកិច្ចបានជួបអ្នកស្នាក់នៅក្នុងមណ្ឌលចំនួនដប់មួយនាក់នៅថ្ងៃព្រហស្បតិ៍។"
    article = extract(khmer.encode(), "text/plain")
    assert (article.text, article.language) == (khmer, "km")


def test_a_text_that_begins_with_a_bracket_is_no_json() -> None:
    assert extract(f"[Riverbank] {TEXT}".encode(), "text/plain").title.startswith("[Riverbank]")


@pytest.mark.slow
async def test_every_kind_is_read_in_a_supervised_child() -> None:
    """PDFium loads its library and mail its codecs before the child is shut off from the rest of the machine."""
    async with ParserPool() as parsers:
        for content in (HTML, PDF, MAIL, TEXT.encode()):
            assert TEXT in (await parsers.extract_article(fetched(content, ""))).text
