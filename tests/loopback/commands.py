"""Runs the real `monitor` command in a process of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
    """Run one command to its end."""
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
