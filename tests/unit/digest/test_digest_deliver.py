"""Delivery to files: whole, private, repeatable, and plain about what went wrong."""

import errno
import os
from pathlib import Path

import pytest

from monitor.digest.deliver import deliver_to_files
from monitor.errors import BadFileName, OutboxNotWritable, Retryable


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_digest_becomes_two_files_for_its_owners_eyes_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        mail, page = deliver_to_files(b"Subject: x\r\n", "<p>ក</p>", tmp_path / "var" / "outbox", "local-2026-11-22")
    finally:
        os.umask(before)
    assert (mail.name, page.name) == ("local-2026-11-22.eml", "local-2026-11-22.html")
    assert mail.read_bytes() == b"Subject: x\r\n"
    assert page.read_bytes() == "<p>ក</p>".encode()
    assert [path.stat().st_mode & 0o777 for path in (mail, page, mail.parent)] == [0o600, 0o600, 0o700]


def test_delivering_again_changes_nothing_and_leaves_nothing_over(tmp_path: Path) -> None:
    for _ in range(2):
        deliver_to_files(b"mail", "page", tmp_path, "one")
    assert names_in(tmp_path) == {"one.eml", "one.html"}
    assert (tmp_path / "one.eml").read_bytes() == b"mail"


def test_a_folder_that_others_could_read_is_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    deliver_to_files(b"mail", "page", tmp_path, "one")
    assert tmp_path.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../up",
        "a/b",
        "/etc/x",
        "a\\b",
        "a..b",
        ".hidden",
        "a\0b",
        "UPPER",
        "a b",
        "a\n",
        "..%2fup",
        "x" * 121,
    ],
)
def test_a_name_that_is_not_a_plain_one_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadFileName):
        deliver_to_files(b"mail", "page", tmp_path / "outbox", name)
    assert names_in(tmp_path) == set()


def test_a_full_disk_keeps_the_old_mail_whole_and_names_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver_to_files(b"old", "page", tmp_path, "one")

    def refuse(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("monitor.files.os.fsync", refuse)
    with pytest.raises(OutboxNotWritable, match="No space left on device") as caught:
        deliver_to_files(b"new", "page", tmp_path, "one")
    assert str(tmp_path) in str(caught.value)
    assert isinstance(caught.value, Retryable)
    assert (tmp_path / "one.eml").read_bytes() == b"old"
    assert names_in(tmp_path) == {"one.eml", "one.html"}


def test_an_outbox_that_is_a_file_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("not a folder")
    with pytest.raises(OutboxNotWritable, match="outbox"):
        deliver_to_files(b"mail", "page", tmp_path / "outbox", "one")
