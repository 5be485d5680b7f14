"""Runs the `monitor` command: in a process of its own, or within this one, which saves it two seconds of CPU."""

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from monitor.cli.app import main

BINARY = Path(sys.executable).parent / "monitor"


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def records(self) -> list[dict[str, Any]]:
        """Its JSON Lines."""
        return [json.loads(line) for line in self.out.splitlines()]


def clean_environment(environ: dict[str, str]) -> dict[str, str]:
    """Return the environment of a command: ours without settings, and with those given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MONITOR_")}
    return kept | {"NO_COLOR": "1", "COLUMNS": "200"} | environ


def monitor(*arguments: str, environ: dict[str, str], cwd: Path) -> Ended:
    """Run one command to its end, in a process of its own."""
    done = subprocess.run(
        [str(BINARY), *arguments],
        env=clean_environment(environ),
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def monitor_within(*arguments: str, environ: dict[str, str], cwd: Path) -> Ended:
    """Run one command to its end within this process. One that heeds signals can't be run so."""
    said, told, code = _paper(), _paper(), 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(said), redirect_stderr(told):
        patch.chdir(cwd)
        patch.setattr("sys.argv", ["monitor", *arguments])
        for name, value in {"NO_COLOR": "1", "COLUMNS": "200", **environ}.items():
            patch.setenv(name, value)
        try:
            main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return Ended(code, *(paper.buffer.getvalue().decode() for paper in (said, told)))


class _Paper(io.TextIOWrapper):
    """What a command writes to, as text or as bytes."""

    buffer: io.BytesIO


def _paper() -> _Paper:
    return _Paper(io.BytesIO(), encoding="utf-8", write_through=True)
