"""What the commands on watchlists say to whoever types them."""

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.main import get_command

from monitor.cli.app import app
from monitor.cli.report import show_prepared
from monitor.errors import MonitorError
from monitor.operations.opening import open_monitor
from monitor.operations.rounds import prepare
from monitor.settings import load_settings
from tests.loopback.newsroom import WATCHLIST

Type = Callable[..., tuple[int, str, str]]


@pytest.fixture
def types(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Type:
    """Return a way to type a command; it gives the exit code and what was said on both outputs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LOGNAME", "anna")
    for name, value in {
        "DATA_DIR": tmp_path / "var",
        "WATCHLISTS_DIR": tmp_path,
        "STARTER_SOURCES": "0",
        "SAMPLE_NEWSROOM": "0",
    }.items():
        monkeypatch.setenv(f"MONITOR_{name}", str(value))
    (tmp_path / "a.yaml").write_text(WATCHLIST, encoding="utf-8")

    def types(*arguments: str) -> tuple[int, str, str]:
        try:
            code = get_command(app).main(list(arguments), prog_name="monitor", standalone_mode=False) or 0
        except MonitorError as error:
            code = getattr(error, "exit_code", 1)
            sys.stderr.write(str(error))
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return types


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_reason_is_asked_for_where_somebody_is_there(types: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", _Terminal("the story is out\n"))
    assert types("watchlists", "apply", "a.yaml")[2].startswith("Why (for the history")
    monkeypatch.setattr("sys.stdin", io.StringIO())
    _code, out, _err = types("watchlists", "history", "harbour", "--json")
    (version,) = map(json.loads, out.splitlines())
    assert (version["applied_by"], version["why"], version["added"]) == (
        "anna",
        "the story is out",
        ["locked-in", "unpaid"],
    )


def test_a_conflict_ends_1_and_another_file_is_applied_all_the_same(types: Type, tmp_path: Path) -> None:
    types("watchlists", "apply", "a.yaml")
    (tmp_path / "b.yaml.txt").write_text(WATCHLIST.replace("locked OR", "shut OR"), encoding="utf-8")
    (tmp_path / "c.yaml.txt").write_text(WATCHLIST.replace("watchlist: harbour", "watchlist: quay"), encoding="utf-8")
    types("watchlists", "apply", "b.yaml.txt")
    (tmp_path / "a.yaml").write_text(WATCHLIST.replace("chained", "bound"), encoding="utf-8")
    code, out, err = types("watchlists", "apply", "a.yaml", "c.yaml.txt")
    assert code == 1
    assert "a conflict: it was edited from version 1 of harbour" in err
    assert "quay: version 1 is live, 2 claims" in out
    code, out, _err = types("watchlists", "apply", "a.yaml", "--json")
    assert (code, json.loads(out)["reason"]) == (1, "watchlist_conflict")


def test_a_run_reports_a_bad_edit_and_a_conflict_and_goes_on(
    types: Type, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    types("watchlists", "apply", "a.yaml")
    (tmp_path / "b.yaml.txt").write_text(WATCHLIST.replace("locked OR", "shut OR"), encoding="utf-8")
    types("watchlists", "apply", "b.yaml.txt")
    (tmp_path / "a.yaml").write_text(WATCHLIST.replace("chained", "bound"), encoding="utf-8")
    (tmp_path / "d.yaml").write_text("watchlist: quay\n", encoding="utf-8")
    settings = {"MONITOR_DATA_DIR": str(tmp_path / "var"), "MONITOR_WATCHLISTS_DIR": str(tmp_path)}
    settings |= {"MONITOR_STARTER_SOURCES": "0", "MONITOR_SAMPLE_NEWSROOM": "0"}
    monitor = open_monitor(load_settings(settings)[0])
    show_prepared(monitor, prepare(monitor))
    monitor.archive.close()
    said = capsys.readouterr().err
    assert "a.yaml: a conflict: it was edited from version 1 of harbour, but version 2 is live (by anna" in said
    assert f"Both sides, and what to type: monitor watchlists apply {tmp_path}/a.yaml" in said
    assert 'd.yaml:1:1: "claims" is missing' in said
    assert "d.yaml is not applied; its last good version stays live" in said


def test_a_retired_list_is_listed_apart_with_the_way_back(types: Type) -> None:
    types("watchlists", "apply", "a.yaml")
    types("watchlists", "retire", "harbour", "--why", "closed")
    _code, out, err = types("watchlists", "list")
    assert "harbour: The harbour list (retired)\n  by anna, " in out
    assert "UTC: closed; 0 hits kept\n  to bring it back: monitor watchlists restore harbour\n" in out
    assert "An example that is not watched for: From the hand-dug pit to the battery." in err
    assert types("watchlists", "restore", "harbour")[0] == 0
    assert types("watchlists", "restore", "harbour")[0] == 2


def test_an_export_to_stdout_is_byte_for_byte_what_was_applied(types: Type, tmp_path: Path) -> None:
    raw = "\ufeff# ours\r\n" + WATCHLIST.replace("\n", "\r\n")
    (tmp_path / "a.yaml").write_bytes(raw.encode())
    types("watchlists", "apply", "a.yaml")
    assert types("watchlists", "export", "harbour")[1] == raw
