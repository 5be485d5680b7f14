"""Evidence on disk: each response as received, a file each, as compressed WARC; and beside it what a browser showed."""

import re
import zlib
from collections.abc import Set
from contextlib import suppress
from hashlib import sha256
from io import BytesIO
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from monitor.errors import StoreBroken
from monitor.files import replace_file
from monitor.model.archiving import SnapshotRecord
from monitor.model.fetching import Fetched
from monitor.text.urls import is_message_url

# The body is kept with its transfer coding undone (as HTTP libraries give it), so the header that
# names that coding would make readers undo it twice; web crawlers rename it the same way.
_RENAMED = {"transfer-encoding": "X-Crawler-Transfer-Encoding"}
_KEY = re.compile(r"\d{4}/\d\d/\d\d/[0-9a-f-]+\.warc\.gz")


class SnapshotStore:
    """A folder of WARC files named by day and hashes; a body met twice on one day at one address is kept once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, fetched: Fetched) -> SnapshotRecord:
        """Write the response and return where it stands. The file is whole on disk before this returns."""
        shown = f"-{_short_hash(fetched.content)}" if fetched.is_rendered else ""
        # The address too: the same body at another is evidence of its own, with its own headers.
        of_url = _short_hash(fetched.url.encode())
        key = f"{fetched.fetched_at:%Y/%m/%d}/{fetched.sha256}-{of_url}{shown}.warc.gz"
        path = self.folder / key
        try:
            if not path.exists():
                replace_file(path, _warc_record(fetched))
        except OSError as error:
            raise StoreBroken(
                f"can't write evidence under {self.folder}: {error.strerror}. Check its space and owner"
            ) from error
        return SnapshotRecord(
            fetched.url, fetched.fetched_at, fetched.status, fetched.sha256, len(fetched.raw_body), key
        )

    def fault(self, blob_key: str, body_sha256: str) -> str:
        """Say what is wrong with a piece of evidence: `missing`, `unreadable` or `altered`; "" where it is whole."""
        try:
            with self._place(blob_key).open("rb") as file:
                record = next(iter(ArchiveIterator(file)))
                digest = sha256()
                while chunk := record.raw_stream.read(2**16):
                    digest.update(chunk)
        except FileNotFoundError:
            return "missing"
        except (OSError, EOFError, StopIteration, ValueError, ArchiveLoadFailed, zlib.error):
            return "unreadable"
        return "" if digest.hexdigest() == body_sha256 else "altered"

    def copy_to(self, other: "SnapshotStore", blob_key: str) -> None:
        """Copy one file to another store, whole or not at all; one that is there already stays as it is."""
        try:
            path = other._place(blob_key)  # noqa: SLF001 (its own kind)
            if not path.exists():
                replace_file(path, self._place(blob_key).read_bytes())
        except FileNotFoundError:
            return  # told by `fault`
        except OSError as error:
            raise StoreBroken(f"can't copy evidence to {other.folder}: {error.strerror}. Check its space") from error

    def remove(self, blob_key: str) -> None:
        """Delete one snapshot's file, if it is there."""
        with suppress(FileNotFoundError):
            self._place(blob_key).unlink()

    def _place(self, blob_key: str) -> Path:
        """Return where a piece stands. Raises FileNotFoundError for a key that leads elsewhere, as a forger's may."""
        if not _KEY.fullmatch(blob_key):
            raise FileNotFoundError(blob_key)
        return self.folder / blob_key

    def remove_all_but(self, known: Set[str]) -> None:
        """Delete files that no row names: what a killed run wrote before its transaction."""
        for path in self.folder.rglob("*.warc.gz"):
            if path.relative_to(self.folder).as_posix() not in known:
                path.unlink(missing_ok=True)


def _short_hash(content: bytes) -> str:
    return sha256(content).hexdigest()[:16]


def _warc_record(fetched: Fetched) -> bytes:
    out = BytesIO()
    writer = WARCWriter(out, gzip=True)
    if is_message_url(fetched.url):
        # Mail comes without HTTP's headers: as a response it would be shown with some that nobody sent.
        kind = fetched.header("content-type") or "application/octet-stream"
        _add(writer, fetched, "resource", fetched.raw_body, warc_content_type=kind)
        return out.getvalue()
    headers = [(_RENAMED.get(name.lower(), name), value) for name, value in fetched.headers]
    status = StatusAndHeaders(str(fetched.status), headers, protocol="HTTP/1.1")
    _add(writer, fetched, "response", fetched.raw_body, http_headers=status)
    if fetched.is_rendered:
        # What a browser made of the document is no response (WARC 1.1 §6.7.2); the text was taken from it.
        _add(writer, fetched, "conversion", fetched.content, warc_content_type="text/html; charset=utf-8")
    return out.getvalue()


def _add(writer: WARCWriter, fetched: Fetched, record_type: str, payload: bytes, **more: object) -> None:
    written_at = fetched.fetched_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    record = writer.create_warc_record(
        fetched.url, record_type, payload=BytesIO(payload), warc_headers_dict={"WARC-Date": written_at}, **more
    )
    writer.write_record(record)
    record.raw_stream.close()  # where warcio buffered the body while hashing it
