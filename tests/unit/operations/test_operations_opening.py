"""Opening Monitor: whatever the folder is called and whosever it is."""

from pathlib import Path

import pytest

from monitor.operations.opening import open_monitor
from monitor.settings import load_settings
from monitor.store.migrate import current_revision


def opened_in(folder: Path) -> None:
    monitor = open_monitor(load_settings({"MONITOR_DATA_DIR": str(folder)})[0])
    assert current_revision(monitor.archive)
    monitor.archive.close()


@pytest.mark.parametrize("name", ["a%20b", "100%", "what?mode=ro", "a#b", "ព័ត៌មាន", "a b", "file:a", "u:p@h", "\udcff"])
def test_the_archive_stands_in_its_folder_whatever_that_is_called(tmp_path: Path, name: str) -> None:
    opened_in(tmp_path / name)
    assert (tmp_path / name / "monitor.db").stat().st_size > 0
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_folder_that_holds_other_things_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    (tmp_path / "of-others").touch()
    opened_in(tmp_path)
    opened_in(tmp_path)
    assert tmp_path.stat().st_mode & 0o7777 == 0o1777
    assert (tmp_path / "monitor.db").stat().st_mode & 0o077 == 0


def test_a_folder_of_our_own_is_for_its_owner_alone(tmp_path: Path) -> None:
    (tmp_path / "made").mkdir(mode=0o755)
    (tmp_path / "made" / ".gitkeep").touch()
    for name in ("made", "not-made-yet"):
        opened_in(tmp_path / name)
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o700
