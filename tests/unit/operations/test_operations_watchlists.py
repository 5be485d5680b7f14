"""Files that an operator names: read as they come, refused by their line."""

import json
from pathlib import Path

import pytest

from monitor.errors import UsageError, WatchlistError
from monitor.operations.opening import open_monitor
from monitor.operations.trials import TriedPair, try_watchlist
from monitor.operations.watchlists import apply_file, read_watchlist_file
from monitor.settings import load_settings
from tests.loopback.newsroom import LOCKED, WATCHLIST

ARTICLE = json.dumps({"id": "a", "title": "A night in the shed", "text": LOCKED}).encode()


def tried(folder: Path, articles: bytes) -> list[TriedPair]:
    (folder / "harbour.yaml").write_text(WATCHLIST, encoding="utf-8")
    (folder / "articles.jsonl").write_bytes(articles)
    return list(try_watchlist(folder / "harbour.yaml", folder / "articles.jsonl"))


@pytest.mark.parametrize(
    "articles",
    [
        b"\xef\xbb\xbf" + ARTICLE,
        ARTICLE + b"\r\n\r\n",
        b'{"id": "b", "title": null, "text": null, "lang": null}\n' + ARTICLE,
        b'{"id": "b"}\n' + ARTICLE,
    ],
    ids=["byte order mark", "windows lines", "nulls", "missing text"],
)
def test_articles_are_tried_however_their_file_was_saved(tmp_path: Path, articles: bytes) -> None:
    assert [pair.assessment.is_hit for pair in tried(tmp_path, articles) if pair.article_id == "a"] == [True, False]


@pytest.mark.parametrize(
    "line",
    [b"{broken", b"[" * 100_000, b'{"id": ' + b"1" * 5_000 + b"}", b'"text"', b'{"id": "b", "text": ["x"]}'],
    ids=["broken", "endlessly nested", "endless number", "no object", "text of another type"],
)
def test_a_line_that_is_no_article_is_named_in_one_line(tmp_path: Path, line: bytes) -> None:
    with pytest.raises(UsageError, match=r"articles\.jsonl:2: not an article") as refused:
        tried(tmp_path, ARTICLE + b"\n" + line)
    assert "\n" not in str(refused.value)


def test_a_device_without_end_is_no_watchlist() -> None:
    with pytest.raises(WatchlistError, match="larger than 1 MiB"):
        read_watchlist_file(Path("/dev/zero"))


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ("watchlist: a\ntitle: ខ Caf\xe9".encode().replace(b"\xc3\xa9", b"\xe9"), (2, 13)),
        ("watchlist: a".encode("utf-16"), (1, 1)),
    ],
    ids=["a letter of Latin-1", "UTF-16"],
)
def test_the_first_sign_that_is_not_utf_8_is_named_by_line_and_column(
    tmp_path: Path, document: bytes, place: tuple[int, int]
) -> None:
    (tmp_path / "list.yaml").write_bytes(document)
    with pytest.raises(WatchlistError, match="save the file as UTF-8") as refused:
        read_watchlist_file(tmp_path / "list.yaml")
    assert [(fault.line, fault.column) for fault in refused.value.faults] == [place]


def test_line_ends_of_windows_make_no_new_version(tmp_path: Path) -> None:
    monitor = open_monitor(load_settings({"MONITOR_DATA_DIR": str(tmp_path / "var")})[0])
    for name, text in (("a.yaml", WATCHLIST), ("b.yaml", WATCHLIST.replace("\n", "\r\n"))):
        (tmp_path / name).write_bytes(text.encode())
    assert apply_file(monitor, tmp_path / "a.yaml").is_new
    assert not apply_file(monitor, tmp_path / "b.yaml").is_new
    monitor.archive.close()


def test_names_of_another_encoding_are_kept_as_far_as_they_can_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "\udcff")
    monitor = open_monitor(load_settings({"MONITOR_DATA_DIR": str(tmp_path / "var")})[0])
    file = tmp_path / "\udcff.yaml"
    file.write_text(WATCHLIST, encoding="utf-8")
    assert apply_file(monitor, file).is_new
    monitor.archive.close()
