from datetime import UTC, datetime

import pytest

from monitor.errors import NotAnArticle
from monitor.extract.article import CUT_MARK, MAX_TEXT_CHARS
from monitor.extract.pdf import MAX_PAGES, extract_pdf, parse_pdf_date
from monitor.model.articles import Article
from tests.unit.extract.pdf_writer import Line, khmer_pdf, many_pages_pdf, text_pdf

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
URL = "https://gazette.example/reports/shelter-report-2026.pdf"
BODY: list[Line] = [
    (12, "Inspectors of the labour ministry spoke with eleven residents of the shel-"),
    (12, "ter on Thursday, and wrote down what every one of them said of the work"),
    (12, "there. The director said that all of them were free to leave."),
]
SENTENCE = (
    "Inspectors of the labour ministry spoke with eleven residents of the shelter on Thursday, and wrote down what "
    "every one of them said of the work there."
)


def extract(content: bytes, url: str = URL) -> Article:
    return extract_pdf(content, url, NOW)


def pages_of(article: Article) -> list[str]:
    ends = [*article.page_starts[1:], len(article.text)]
    return [article.text[start:end] for start, end in zip(article.page_starts, ends, strict=True)]


def test_a_report_gives_what_an_article_is() -> None:
    info = {"Title": "Work in the shelters", "Author": "Sok Theary", "CreationDate": "D:20261120101500+07'00'"}
    article = extract(text_pdf([BODY], info, "/Lang (en-GB)"))
    assert article.title == "Work in the shelters"
    assert article.byline == "Sok Theary"
    assert article.outlet == "gazette.example"
    assert article.language == "en"
    assert article.published_at == datetime(2026, 11, 20, 3, 15, tzinfo=UTC)
    assert article.canonical_url == URL
    assert not article.is_teaser


def test_lines_are_joined_to_sentences_and_parted_words_to_words() -> None:
    assert SENTENCE in extract(text_pdf([BODY])).text


def test_a_passage_can_be_traced_to_its_page() -> None:
    article = extract(text_pdf([[(12, f"Chapter {number} begins here."), *BODY] for number in (1, 2, 3)]))
    assert [page.split(" begins")[0] for page in pages_of(article)] == ["Chapter 1", "Chapter 2", "Chapter 3"]


def test_a_page_without_text_keeps_its_number() -> None:
    article = extract(text_pdf([BODY, [], [(12, "The annexe has a list of names.")]]))
    assert len(article.page_starts) == 3
    assert not pages_of(article)[1].strip()
    assert pages_of(article)[2] == "The annexe has a list of names."


def test_a_sentence_that_runs_on_over_a_page_stays_whole() -> None:
    first: list[Line] = [(12, "Inspectors of the labour ministry spoke on Thursday with all those")]
    second: list[Line] = [(12, "eleven residents who had been in the shelter since the spring.")]
    article = extract(text_pdf([first, second]))
    assert "with all those eleven residents who" in article.text
    assert pages_of(article)[1].startswith("eleven residents")


def test_running_heads_and_page_numbers_are_left_out() -> None:
    pages = [
        [(9, "The Gazette - Report"), (12, f"Chapter {name} is about the shelters."), *BODY, (9, f"Page {number} of 6")]
        for number, name in enumerate(("one", "two", "three", "four", "five", "six"), 1)
    ]
    text = extract(text_pdf(pages)).text
    assert "Gazette" not in text
    assert "Page" not in text
    assert text.count("is about the shelters") == 6


@pytest.mark.parametrize(
    ("stated", "large", "title"),
    [
        ("Work in the shelters", "Another heading", "Work in the shelters"),
        ("Microsoft Word - Final report.docx", "Work in the shelters", "Final report"),
        ("Microsoft Word - draft3.docx", "Work in the shelters", "Work in the shelters"),
        ("untitled", "Work in the shelters", "Work in the shelters"),
        ("", "Work in the shelters", "Work in the shelters"),
        ("", "", "shelter report 2026"),
    ],
)
def test_the_title_is_stated_or_large_or_the_files_name(stated: str, large: str, title: str) -> None:
    heading: list[Line] = [(24, large)] if large else []
    assert extract(text_pdf([[*heading, *BODY]], {"Title": stated})).title == title


@pytest.mark.parametrize(
    ("info", "published_at"),
    [
        ({}, None),
        ({"CreationDate": "D:20261120"}, datetime(2026, 11, 20, tzinfo=UTC)),
        ({"CreationDate": "D:20261120101500Z"}, datetime(2026, 11, 20, 10, 15, tzinfo=UTC)),
        (
            {"CreationDate": "D:19040101000000Z", "ModDate": "D:20261119080000-05'00'"},
            datetime(2026, 11, 19, 13, tzinfo=UTC),
        ),
        ({"CreationDate": "D:20401120101500Z"}, None),
        ({"CreationDate": "D:20261399999999+99'99'"}, None),
        ({"CreationDate": "yesterday"}, None),
    ],
)
def test_the_published_instant_is_a_sane_date_of_the_document(
    info: dict[str, str], published_at: datetime | None
) -> None:
    assert extract(text_pdf([BODY], info)).published_at == published_at


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("D:20261122101500+07'00'", "2026-11-22T10:15:00+07:00"),
        ("D:20261122101500+07'00", "2026-11-22T10:15:00+07:00"),
        ("20261122101500", "2026-11-22T10:15:00+00:00"),
        ("D:2026", "2026-01-01T00:00:00+00:00"),
        ("", ""),
        ("D:" + "9" * 100_000, "9999-99-99T99:99:99+00:00"),
    ],
)
def test_a_pdf_date_is_read_as_its_standard_writes_it(written: str, iso: str) -> None:
    assert parse_pdf_date(written) == iso


def test_khmer_is_read_through_the_documents_own_map_of_letters() -> None:
    lines = ["មន្ត្រីអធិការកិច្ចបានជួបអ្នកស្នាក់នៅក្នុងមណ្ឌល", "ចំនួនដប់មួយនាក់នៅថ្ងៃព្រហស្បតិ៍។"]
    article = extract(khmer_pdf(lines))
    assert article.text == "\u200b".join(lines)
    assert article.language == "km"


def test_a_long_document_is_cut_and_says_so() -> None:
    line = "The director said that every one of the residents was free to leave at any time."
    article = extract(text_pdf([[(10, f"{page}.{number}. {line}") for number in range(60)] for page in range(100)]))
    assert len(article.text) <= MAX_TEXT_CHARS
    assert article.text.endswith(CUT_MARK)
    assert max(article.page_starts) < len(article.text) - len(CUT_MARK)


def test_ten_thousand_pages_are_read_as_far_as_is_kept() -> None:
    article = extract(many_pages_pdf(10_000, "One sentence stands on this page of the report."))
    assert len(article.page_starts) == MAX_PAGES
    assert article.text.endswith(CUT_MARK)


@pytest.mark.parametrize("damage", ["startxref", "xref table", "no trailer"])
def test_a_document_whose_table_of_objects_is_wrong_is_read_all_the_same(damage: str) -> None:
    whole = text_pdf([BODY])
    broken = {
        "startxref": whole.replace(b"startxref\n", b"startxref\n9"),
        "xref table": whole.replace(b" 00000 n", b"1 0000 n"),
        "no trailer": whole[: whole.index(b"xref\n")] + b"trailer << /Root 1 0 R >>",
    }[damage]
    assert SENTENCE in extract(broken).text


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7\n",
        text_pdf([BODY])[:200],
        b"%PDF-1.7\n" + b"[" * 1_000_000,
        b"%PDF-1.7\n1 0 obj\n" + b"<< /A " * 200_000 + b">>" * 200_000 + b"\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF",
        b"%PDF-1.7\n" + bytes(range(256)) * 400,
    ],
    ids=["a line", "truncated", "open brackets", "nested", "noise"],
)
def test_a_broken_document_says_so(content: bytes) -> None:
    with pytest.raises(NotAnArticle, match="broken"):
        extract(content)


def test_a_tree_of_pages_that_holds_itself_ends() -> None:
    content = text_pdf([BODY]).replace(b"/Kids [6 0 R]", b"/Kids [2 0 R]")
    with pytest.raises(NotAnArticle):
        extract(content)


def test_an_encrypted_document_says_so() -> None:
    encrypt = f"/Encrypt << /Filter /Standard /V 1 /R 2 /O ({'x' * 32}) /U ({'y' * 32}) /P -4 >> /ID [(a) (a)]"
    with pytest.raises(NotAnArticle, match="encrypted"):
        extract(text_pdf([BODY], trailer=encrypt))


@pytest.mark.parametrize("pages", [[[]], [[(12, "3")], [(12, "4")]]])
def test_a_scanned_document_says_that_it_holds_only_pictures(pages: list[list[Line]]) -> None:
    with pytest.raises(NotAnArticle, match="only pictures of pages"):
        extract(text_pdf(pages))


def test_control_characters_in_a_documents_own_words_are_gone() -> None:
    info = {"Title": "Work in\\000 the\\007 shelters\\015\\012Bcc: x", "Author": "Sok\\033[31m Theary"}
    article = extract(text_pdf([BODY], info))
    assert article.title == "Work in the shelters Bcc: x"
    assert "\x1b" not in article.byline
