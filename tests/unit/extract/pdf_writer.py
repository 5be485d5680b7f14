"""Writes small PDF documents by hand, so that tests know every byte of what they read."""

from collections.abc import Mapping, Sequence

Line = tuple[float, str]
"""Size of the letters in points, and the words; a size of 0 leaves a gap."""

FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
KHMER_FONT = (
    b"<< /Type /Font /Subtype /Type0 /BaseFont /Sample /Encoding /Identity-H /DescendantFonts [6 0 R] "
    b"/ToUnicode 7 0 R >>"
)
KHMER_DESCENDANT = (
    b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Sample /DW 500 /CIDSystemInfo "
    b"<< /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor << /Type /FontDescriptor "
    b"/FontName /Sample /Flags 4 /FontBBox [0 0 1000 1000] /Ascent 900 /Descent -200 >> >>"
)
KHMER_TO_UNICODE = b"""/CIDInit /ProcSet findresource begin 12 dict begin begincmap
/CMapName /Sample def /CMapType 2 def
1 begincodespacerange <0000> <FFFF> endcodespacerange
1 beginbfrange <1780> <17FF> <1780> endbfrange
1 beginbfchar <0020> <0020> endbfchar
endcmap end end"""


def text_pdf(
    pages: Sequence[Sequence[Line]], info: Mapping[str, str] | None = None, catalog: str = "", trailer: str = ""
) -> bytes:
    """Write a document of pages of lines in Helvetica."""
    return _document([_page(lines) for lines in pages], info or {}, catalog, trailer, FONT)


def khmer_pdf(lines: Sequence[str]) -> bytes:
    """Write a page whose letters have meaning only through a ToUnicode map, as Khmer newsrooms' documents have it."""
    content = b"BT /F1 12 Tf 60 780 Td 16 TL "
    for line in lines:
        codes = "".join(f"{ord(char):04X}" for char in line)
        content += f"<{codes}> Tj T* ".encode()
    return _document([content + b"ET"], {}, "", "", KHMER_FONT, [KHMER_DESCENDANT, _stream(KHMER_TO_UNICODE)])


def many_pages_pdf(count: int, words: str) -> bytes:
    """Write a document with so many pages, all of the same content."""
    content = _stream(_page([(12, words)]))
    kids = " ".join(f"{number + 5} 0 R" for number in range(count))
    page = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 3 0 R >> >> >>"
    )
    return _assemble(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode(),
            FONT,
            content,
        ]
        + [page] * count
    )


def _page(lines: Sequence[Line]) -> bytes:
    content = b"BT 60 800 Td "
    for size, words in lines:
        escaped = words.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)").encode("cp1252")
        content += f"/F1 {size or 12} Tf 0 -{(size or 12) * 1.2:.1f} Td (".encode() + escaped + b") Tj "
    return content + b"ET"


def _document(
    contents: Sequence[bytes],
    info: Mapping[str, str],
    catalog: str,
    trailer: str,
    font: bytes,
    more: Sequence[bytes] = (),
) -> bytes:
    """Number the objects: catalog, pages, font, info, a spare, what the font needs, then two a page."""
    first = 6 + len(more)
    kids = " ".join(f"{first + 2 * at} 0 R" for at in range(len(contents)))
    words = " ".join(f"/{key} ({value})" for key, value in info.items())
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {catalog} >>".encode(),
        f"<< /Type /Pages /Kids [{kids}] /Count {len(contents)} >>".encode(),
        font,
        f"<< {words} >>".encode("cp1252"),
        b"null",
        *more,
    ]
    for at, content in enumerate(contents):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {first + 2 * at + 1} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        objects.append(_stream(content))
    return _assemble(objects, f"/Info 4 0 R {trailer}")


def _stream(content: bytes) -> bytes:
    return f"<< /Length {len(content)} >>\nstream\n".encode() + content + b"\nendstream"


def _assemble(objects: Sequence[bytes], trailer: str = "") -> bytes:
    written = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(written))
        written += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    xref = len(written)
    written += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    written += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
    written += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{xref}\n%%EOF\n".encode()
    return bytes(written)
