"""A file is an import: an edit becomes a version where it began from what is live; else both sides are shown."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.errors import UsageError, WatchlistConflict, WatchlistError
from monitor.operations.histories import (
    all_watchlists,
    diff_watchlist,
    export_watchlist,
    find_version,
    revert_watchlist,
    set_retired,
    watchlist_history,
)
from monitor.operations.opening import Monitor, open_monitor
from monitor.operations.watchlists import apply_file, apply_folder, folder_troubles, live, unreadable
from monitor.pipeline.stages import watch
from monitor.settings import load_settings
from monitor.store.watchlists import apply_watchlist, live_watchlists
from monitor.watchlist.document import read_watchlist
from tests.loopback.newsroom import WATCHLIST

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
SHED = WATCHLIST.replace("locked OR", "locked OR shed OR")
PAID = WATCHLIST.replace("unpaid'", "(unpaid OR cheated)'")


@pytest.fixture
def monitor(tmp_path: Path, archive_url: str) -> Iterator[Monitor]:
    (tmp_path / "lists").mkdir()
    settings = load_settings(
        {
            "MONITOR_DATA_DIR": str(tmp_path / "var"),
            "MONITOR_DATABASE_URL": archive_url,
            "MONITOR_WATCHLISTS_DIR": str(tmp_path / "lists"),
        }
    )[0]
    monitor = open_monitor(settings, now=lambda: NOW)
    yield monitor
    monitor.archive.close()


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    def write(name: str, text: str) -> Path:
        path = tmp_path / "lists" / name
        path.write_bytes(text.encode())
        return path

    return write


Write = Callable[[str, str], Path]


def terms(monitor: Monitor) -> str:
    return live(monitor)[0][0].document


def test_an_edit_of_a_file_becomes_the_next_version_at_the_next_start(monitor: Monitor, write: Write) -> None:
    write("a.yaml", WATCHLIST)
    apply_folder(monitor)
    write("a.yaml", SHED)
    (applied,) = apply_folder(monitor)
    assert (applied.number, applied.is_new) == (2, True)
    (again,) = apply_folder(monitor)
    assert (again.number, again.is_new, again.error) == (2, False, None)


def test_what_was_changed_live_stays_while_the_file_is_not_edited(monitor: Monitor, write: Write) -> None:
    write("a.yaml", WATCHLIST)
    apply_folder(monitor)
    apply_file(monitor, write("b.yaml.txt", SHED), by="ben")
    (applied,) = apply_folder(monitor)
    assert (applied.number, applied.is_new, applied.error) == (2, False, None)
    assert "shed" in terms(monitor)


def test_where_both_have_changed_the_live_one_stays_and_both_sides_are_shown(monitor: Monitor, write: Write) -> None:
    file = write("a.yaml", WATCHLIST)
    apply_folder(monitor)
    apply_file(monitor, write("b.yaml.txt", SHED), by="ben", why="sheds too")
    write("a.yaml", PAID)
    (applied,) = apply_folder(monitor)
    assert isinstance(applied.error, WatchlistConflict)
    assert terms(monitor) == SHED
    with pytest.raises(WatchlistConflict) as caught:
        apply_file(monitor, file)
    words = str(caught.value).splitlines()
    assert words[0] == (
        f"{file}: a conflict: it was edited from version 1 of harbour, but version 2 is live "
        "(by ben, 2026-11-22 06:00 UTC: sheds too), and stays."
    )
    mine, theirs = (
        words.index("What changed in the file since version 1:"),
        words.index("What changed live since version 1:"),
    )
    assert words[mine + 1] == "  changed: unpaid: terms in en: + cheated"
    assert words[theirs + 1] == "  changed: locked-in: terms in en: + shed"
    assert f"  monitor watchlists apply {file} --replace" in words
    assert "  monitor watchlists export harbour -o harbour-live.yaml" in words
    assert folder_troubles(monitor) == [words[0]]
    assert apply_file(monitor, file, replace=True).number == 3
    assert terms(monitor) == PAID


def test_of_two_operators_with_a_copy_each_the_second_is_shown_what_the_first_did(
    monitor: Monitor, write: Write, tmp_path: Path
) -> None:
    apply_file(monitor, write("a.yaml", WATCHLIST))
    for name, text in (("anna", SHED), ("ben", PAID)):
        path, version = export_watchlist(monitor, "harbour", tmp_path / f"{name}.yaml")
        assert (path.read_text(), version.number) == (WATCHLIST, 1)
        path.write_text(text)
    assert apply_file(monitor, tmp_path / "anna.yaml", by="anna").number == 2
    with pytest.raises(WatchlistConflict, match=r"version 2 is live \(by anna"):
        apply_file(monitor, tmp_path / "ben.yaml", by="ben")
    assert terms(monitor) == SHED


def test_the_version_that_an_edit_began_from_can_be_named(monitor: Monitor, write: Write, tmp_path: Path) -> None:
    apply_file(monitor, write("a.yaml", WATCHLIST))
    apply_file(monitor, write("a.yaml", SHED))
    unknown = write("unknown.yaml", PAID)
    with pytest.raises(WatchlistConflict, match="nothing tells from which version of harbour"):
        apply_file(monitor, unknown)
    with pytest.raises(WatchlistConflict, match="it was edited from version 1"):
        apply_file(monitor, unknown, based_on=1)
    with pytest.raises(UsageError, match="harbour has no version 9; it has 1, 2"):
        apply_file(monitor, unknown, based_on=9)
    assert apply_file(monitor, unknown, based_on=2).number == 3


def test_a_bad_file_is_told_and_leaves_the_last_good_version_live(monitor: Monitor, write: Write) -> None:
    write("a.yaml", WATCHLIST)
    apply_folder(monitor)
    write("a.yaml", WATCHLIST.replace("said_by: The Sample Gazette", "said_by:", 1))
    (applied,) = apply_folder(monitor)
    assert isinstance(applied.error, WatchlistError)
    assert terms(monitor) == WATCHLIST
    assert 'nothing stands under "said_by"' in folder_troubles(monitor)[0]


def test_two_files_of_one_name_are_a_fault_of_the_second(monitor: Monitor, write: Write) -> None:
    first = write("a.yaml", WATCHLIST)
    write("b.yaml", SHED)
    _good, bad = apply_folder(monitor)
    assert str(bad.error).endswith(f'"harbour" is also the list of {first}: give one of them another name')
    assert terms(monitor) == WATCHLIST


def test_an_id_that_was_rewritten_is_pointed_out(monitor: Monitor, write: Write) -> None:
    apply_file(monitor, write("a.yaml", WATCHLIST))
    applied = apply_file(monitor, write("a.yaml", WATCHLIST.replace("id: unpaid", "id: no-wages")))
    (note,) = applied.notes
    assert note == (
        "unpaid is now called no-wages, with the same words: what is found for it will stand under no-wages from now "
        "on. If that was not meant, write id: unpaid again and apply."
    )


def test_the_history_tells_who_changed_what_and_why(monitor: Monitor, write: Write) -> None:
    apply_file(monitor, write("a.yaml", WATCHLIST), by="anna")
    apply_file(monitor, write("a.yaml", SHED), by="ben", why="sheds\x1b[31m too\n")
    revert_watchlist(monitor, "harbour", 1, by="anna", why="too broad")
    found = watchlist_history(monitor, "harbour")
    told = [(one.version.number, one.version.applied_by, one.version.why, one.changes.counts) for one in found.entries]
    assert told == [
        (1, "anna", "", "2 added"),
        (2, "ben", "sheds[31m too", "1 changed"),
        (3, "anna", "back to version 1: too broad", "1 changed"),
    ]
    assert terms(monitor) == WATCHLIST


def test_versions_and_files_are_compared_whichever_is_named(monitor: Monitor, write: Write) -> None:
    apply_file(monitor, write("a.yaml", WATCHLIST))
    apply_file(monitor, write("a.yaml", SHED))
    file = str(write("mine.yaml", PAID))
    sides = {
        (): ("version 1", "version 2"),
        ("1",): ("version 1", "version 2"),
        ("2", "1"): ("version 2", "version 1"),
        (file,): ("version 2", file),
        ("1", file): ("version 1", file),
    }
    for typed, (before, after) in sides.items():
        compared = diff_watchlist(monitor, "harbour", *typed)
        assert (compared.before, compared.after) == (before, after)
        assert compared.comparison.unified.startswith(f"--- {before}\n+++ {after}\n")


def test_a_retired_list_is_not_taken_up_again_by_its_file(monitor: Monitor, write: Write) -> None:
    write("a.yaml", WATCHLIST)
    write("b.yaml", WATCHLIST.replace("watchlist: harbour", "watchlist: quay"))
    apply_folder(monitor)
    set_retired(monitor, "harbour", "retired", by="anna", why="closed")
    file = write("a.yaml", SHED)
    assert [applied.is_new for applied in apply_folder(monitor)] == [False, False]
    assert [watchlist.name for _stored, watchlist in live(monitor)] == ["quay"]
    with pytest.raises(WatchlistConflict, match="monitor watchlists restore harbour"):
        apply_file(monitor, file)
    with pytest.raises(UsageError, match="retired; bring it back first"):
        revert_watchlist(monitor, "harbour", 1)
    set_retired(monitor, "harbour", "restored")
    assert apply_file(monitor, file).number == 2
    set_retired(monitor, "harbour", "retired")
    set_retired(monitor, "quay", "retired")
    with pytest.raises(UsageError, match="every watchlist is retired"):
        apply_folder(monitor)


def test_an_export_is_byte_for_byte_what_was_applied_and_never_falls_on_something_else(
    monitor: Monitor, write: Write, tmp_path: Path
) -> None:
    raw = "\ufeff# ours\r\n" + WATCHLIST.replace("\n", "\r\n")
    apply_file(monitor, write("a.yaml", raw))
    path, _version = export_watchlist(monitor, "harbour", tmp_path)
    assert path == tmp_path / "harbour.yaml"
    assert path.read_bytes() == raw.encode()
    export_watchlist(monitor, "harbour", path)
    path.write_text("something else")
    with pytest.raises(
        UsageError, match="is there already and differs from version 1; to write over it, add --overwrite"
    ):
        export_watchlist(monitor, "harbour", path)
    assert path.read_text() == "something else"
    export_watchlist(monitor, "harbour", path, overwrite=True)
    assert path.read_bytes() == raw.encode()


def test_a_live_list_that_this_version_cannot_read_is_told_and_the_others_go_on(monitor: Monitor, write: Write) -> None:
    apply_file(monitor, write("a.yaml", WATCHLIST))
    old = read_watchlist(WATCHLIST.replace("watchlist: harbour", "watchlist: quay"), "old.yaml")
    apply_watchlist(monitor.archive, old, "watchlist: quay\nrules: of old\n", now=NOW, by="anna", origin="")
    assert [watchlist.name for _stored, watchlist in live(monitor)] == ["harbour"]
    watching = watch(live_watchlists(monitor.archive))
    assert {identifier.split("/")[0] for identifier in watching.claims} == {"harbour"}
    (words,) = unreadable(monitor)
    assert words.startswith("quay: nothing of it is watched for, since this version of Monitor can't read it:\n")
    assert 'version 1 of quay:2:1: unknown key "rules"' in words
    assert words.endswith("monitor watchlists export quay -o quay.yaml, edit that, and apply it")
    assert folder_troubles(monitor) == [words]


HOSTILE = [
    "../outside",
    "../../etc/passwd",
    "/etc/passwd",
    "..%2foutside",
    "..\\outside",
    "harbour/../../outside",
    "~/outside",
    "harbour\x00",
    "harbour\n",
    "CON",
    "nul",
    "C:harbour",
    "ha\u202erbour",
    "\udcff",
    "",
]


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_no_name_leads_out_of_the_folder(monitor: Monitor, write: Write, tmp_path: Path, name: str) -> None:
    apply_file(monitor, write("a.yaml", WATCHLIST))
    before = set(tmp_path.rglob("*"))
    for act in (find_version, watchlist_history, diff_watchlist):
        with pytest.raises(UsageError, match="no watchlist"):
            act(monitor, name)
    with pytest.raises(UsageError, match="no watchlist"):
        export_watchlist(monitor, name, tmp_path)
    with pytest.raises(WatchlistError):
        apply_file(
            monitor, write("bad.yaml", WATCHLIST.replace("harbour", f"'{name}'", 1).encode("utf-8", "replace").decode())
        )
    assert set(tmp_path.rglob("*")) - before == {tmp_path / "lists" / "bad.yaml"}
    assert [standing.name for standing in all_watchlists(monitor)] == ["harbour"]


def test_an_export_that_cant_be_written_names_its_file_and_the_remedy(monitor: Monitor, write: Write) -> None:
    apply_file(monitor, write("a.yaml", WATCHLIST))
    with pytest.raises(UsageError, match=r"/proc/x\.yaml can't be written: .*; name a file in a folder of yours"):
        export_watchlist(monitor, "harbour", Path("/proc/x.yaml"))


def test_an_export_goes_through_no_link_and_into_no_device(monitor: Monitor, write: Write, tmp_path: Path) -> None:
    apply_file(monitor, write("a.yaml", WATCHLIST))
    outside = tmp_path / "outside.txt"
    outside.write_text("mine")
    (tmp_path / "link.yaml").symlink_to(outside)
    for target in (tmp_path / "link.yaml", Path("/dev/null"), tmp_path / "missing" / "x.yaml", Path("x\x00y")):
        with pytest.raises(UsageError):
            export_watchlist(monitor, "harbour", target, overwrite=True)
    assert outside.read_text() == "mine"
