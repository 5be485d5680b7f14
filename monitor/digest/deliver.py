"""Deliver a digest to files. In: a mail's bytes and its HTML. Out: two paths. Never: leaves half a file."""

import os
import re
from pathlib import Path

from monitor.errors import Rejected, Retryable

_NAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
_MAX_NAME_CHARS = 120


class OutboxNotWritable(Retryable):
    """The folder for mail can't be written: it is full, or belongs to somebody else."""

    reason = "outbox_not_writable"


class BadFileName(Rejected):
    """A mail can't be kept under that name."""

    reason = "bad_file_name"


def deliver_to_files(digest_message: bytes, html: str, folder: Path, name: str) -> tuple[Path, Path]:
    """Write NAME.eml and NAME.html for their owner's eyes alone and return both paths; doing it again changes nothing.

    The page is written first, so that a mail that stands there is complete. Two writers of one name at a time are
    kept apart by the outbox's lease. Raises OutboxNotWritable or BadFileName.
    """
    if not _NAME.fullmatch(name) or len(name) > _MAX_NAME_CHARS:
        raise BadFileName(f"{name!r} can't name a mail: use small letters, digits, and single . _ - between them.")
    mail, page = folder / f"{name}.eml", folder / f"{name}.html"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        _replace(page, html.encode())
        _replace(mail, digest_message)
    except OSError as error:
        what = error.strerror or str(error)
        raise OutboxNotWritable(
            f"Mail can't be written to {folder}: {what}. Make room there, or give the folder to the user that runs "
            "Monitor; the digest is kept and delivered on the next run."
        ) from error
    return mail, page


def _replace(path: Path, content: bytes) -> None:
    """Put a file in place whole: after a power cut the name holds the old content or the new, never a part."""
    part = path.with_name(f".{path.name}.part")
    # A part left by a killed run is written over; a link planted under its name is not followed.
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(handle, 0o600)
            file.write(content)
            file.flush()
            os.fsync(handle)
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
