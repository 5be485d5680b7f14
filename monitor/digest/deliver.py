"""Deliver a digest to files. In: a mail's bytes and its HTML. Out: two paths. Never: leaves half a file."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

from monitor.errors import BadFileName, OutboxNotWritable
from monitor.files import replace_file
from monitor.model.mailing import OwedMail, Receipt

_NAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
_MAX_NAME_CHARS = 120


class FilesCourier:
    """Delivers mails into a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def deliver(self, mail: OwedMail, _hand_over: Callable[[], Awaitable[None]]) -> Receipt:
        """Write one mail's files. Raises OutboxNotWritable or BadFileName."""
        paths = await asyncio.to_thread(deliver_to_files, mail.message, mail.html, self._folder, mail.name)
        return Receipt("", *paths)

    async def close(self) -> None:
        """Nothing is open."""


def deliver_to_files(digest_message: bytes, html: str, folder: Path, name: str) -> tuple[Path, Path]:
    """Write NAME.eml and NAME.html for their owner's eyes alone and return both paths; doing it again changes nothing.

    The page is written first, so that a mail that stands there is complete. Two writers of one name at a time are
    kept apart by the caller. Raises OutboxNotWritable or BadFileName.
    """
    if not _NAME.fullmatch(name) or len(name) > _MAX_NAME_CHARS:
        raise BadFileName(f"{name!r} can't name a mail: use small letters, digits, and single . _ - between them.")
    mail, page = folder / f"{name}.eml", folder / f"{name}.html"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        replace_file(page, html.encode())
        replace_file(mail, digest_message)
    except OSError as error:
        what = error.strerror or str(error)
        raise OutboxNotWritable(
            f"Mail can't be written to {folder}: {what}. Make room there, or give the folder to the user that runs "
            "Monitor; the digest is kept and delivered on the next run."
        ) from error
    return mail, page
