"""The evidence: what stands in a snapshot is what was received."""

import gzip
import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from monitor.errors import StoreBroken
from monitor.model.fetching import Fetched
from monitor.store.blobs import SnapshotStore


def a_response() -> Fetched:
    content = b"<html>A page</html>"
    raw = gzip.compress(content, mtime=0)
    headers = (("Content-Type", "text/html"), ("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked"))
    url = "https://paper.example/1"
    at = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
    return Fetched(url, url, 200, headers, raw, content, hashlib.sha256(raw).hexdigest(), at)


def test_a_snapshot_holds_the_body_as_received_under_its_hash(tmp_path: Path) -> None:
    fetched = a_response()
    record = SnapshotStore(tmp_path).keep(fetched)
    with (tmp_path / record.blob_key).open("rb") as file:
        found = next(iter(ArchiveIterator(file, no_record_parse=False)))
        raw = found.raw_stream.read()
        assert found.rec_headers.get_header("WARC-Target-URI") == fetched.url
        assert found.http_headers.get_header("Content-Encoding") == "gzip"
    assert raw == fetched.raw_body
    assert hashlib.sha256(raw).hexdigest() == record.body_sha256


def test_a_standard_reader_gets_the_page_out_of_it(tmp_path: Path) -> None:
    record = SnapshotStore(tmp_path).keep(a_response())
    with (tmp_path / record.blob_key).open("rb") as file:
        assert next(iter(ArchiveIterator(file))).content_stream().read() == b"<html>A page</html>"


def test_the_same_body_on_one_day_is_kept_once(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    assert store.keep(a_response()) == store.keep(a_response())
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_snapshots_are_for_their_owner_alone(tmp_path: Path) -> None:
    record = SnapshotStore(tmp_path / "snapshots").keep(a_response())
    assert (tmp_path / "snapshots" / record.blob_key).stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "snapshots").write_text("a file in the way")
    with pytest.raises(StoreBroken, match="snapshots"):
        SnapshotStore(tmp_path / "snapshots").keep(a_response())


def test_what_a_browser_made_of_a_page_stands_beside_the_page_as_received(tmp_path: Path) -> None:
    first = replace(a_response(), content=b"<html>Filled in</html>", is_rendered=True)
    other = replace(first, content=b"<html>Filled in anew</html>")
    store = SnapshotStore(tmp_path)
    records = [store.keep(first), store.keep(other)]
    assert records[0].body_sha256 == records[1].body_sha256 == first.sha256
    for record, shown in zip(records, (first, other), strict=True):
        with (tmp_path / record.blob_key).open("rb") as file:
            kinds = [(found.rec_type, found.raw_stream.read()) for found in ArchiveIterator(file)]
        assert kinds == [("response", first.raw_body), ("conversion", shown.content)]
