"""Servers, prologs and bytes that disagree on the charset (threat #38)."""

import pytest

from monitor.extract.charset import decode_page

GERMAN = "Löhne der Näherinnen – “steigen”"
KHMER = "មន្ត្រីអធិការកិច្ចបានជួបអ្នកស្នាក់នៅ"
RUSSIAN = "Инспекторы министерства говорили с жителями приюта"
CHINESE = "检查员与收容所的居民谈话"
JAPANESE = "検査官は住民と話した"
KOREAN = "감독관은 주민들과 이야기했다"
THAI = "ผู้ตรวจสอบพูดคุยกับผู้อยู่อาศัย"


def page(text: str, head: str = "") -> str:
    return f"<html><head>{head}</head><body><p>{text}</p></body></html>"


@pytest.mark.parametrize(
    ("text", "encoding", "header", "head"),
    [
        (KHMER, "utf-8", "iso-8859-1", ""),
        (KHMER, "utf-8", "windows-1252", '<meta charset="tis-620">'),
        (KHMER, "utf-8", "", ""),
        (KHMER, "utf-8-sig", "utf-16", ""),
        (KHMER, "utf-16", "utf-8", '<meta charset="utf-8">'),
        (KHMER, "utf-16-le", "", ""),
        (KHMER, "utf-16-be", "utf-16", ""),
        ("Plain letters", "ascii", "utf-16", ""),
        ("Plain letters", "ascii", "utf-32", '<meta charset="utf-16">'),
        (GERMAN, "cp1252", "iso-8859-1", ""),
        (GERMAN, "cp1252", "utf-8", '<meta charset="windows-1252">'),
        (GERMAN, "cp1252", "no-such-charset", '<meta http-equiv="Content-Type" content="text/html; charset=latin1">'),
        (GERMAN, "cp1252", "us-ascii", ""),
        (GERMAN, "cp1252", "base64", '<meta charset="iso-8859-1">'),
        (RUSSIAN, "koi8-r", "koi8-r", ""),
        (RUSSIAN, "cp1251", "windows-1251", '<meta charset="utf-8">'),
        (CHINESE, "gb18030", "gb2312", ""),
        ("檢查員與居民談話", "big5", "", '<meta charset="big5">'),
        (JAPANESE, "cp932", "shift_jis", '<meta charset="utf-8">'),
        (JAPANESE, "euc_jp", "EUC-JP", ""),
        (JAPANESE, "iso2022_jp", "iso-2022-jp", ""),
        (KOREAN, "cp949", "euc-kr", ""),
        (THAI, "cp874", "tis-620", ""),
        (THAI, "cp874", "utf-8", '<meta charset="iso-8859-11">'),
    ],
)
def test_a_page_keeps_its_text_whatever_is_said_of_its_charset(
    text: str, encoding: str, header: str, head: str
) -> None:
    """Threat #38: 24 lies about a charset."""
    content = page(text, head).encode(encoding)
    decoded = decode_page(content, f"text/html; charset={header}" if header else "text/html")
    assert decoded is not None
    assert text in decoded


@pytest.mark.parametrize(
    ("content", "header"),
    [
        (page(f"{KHMER}").encode() + b"\xff\xfe\xfa", "utf-8"),
        (page("L").encode() + b"\xe9hne", "utf-8"),
        (page("x").encode("utf-16")[:-1], "utf-16"),
        (b"<\0p\0>\0\0\xd8x\0", ""),
        (page("x").encode() + b"\x1b$B\xff", "iso-2022-jp"),
    ],
)
def test_bytes_that_fit_no_charset_become_the_replacement_character(content: bytes, header: str) -> None:
    """Threat #38: invalid bytes never raise."""
    assert "\ufffd" in (decode_page(content, f"text/html; charset={header}") or "")


def test_utf_7_hides_no_markup_from_a_reader_of_the_bytes() -> None:
    """Threat #38."""
    hidden = b"<p>+ADw-script+AD4-alert(1)+ADw-/script+AD4-</p>"
    assert decode_page(hidden, "text/html; charset=utf-7") == hidden.decode()


@pytest.mark.parametrize("charset", ["x" * 5_000, "\x00", "'", "utf-8; charset=utf-7", "idna", "punycode", "hex"])
def test_a_charset_that_is_none_is_passed_over(charset: str) -> None:
    """Threat #38."""
    assert decode_page(b"<p>Plain letters</p>", f"text/html; charset={charset}") == "<p>Plain letters</p>"
