"""A PostgreSQL server of a test's own, which it may restart: made by initdb in a folder that goes with it."""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Literal

import pytest

from tests.databases import PostgresqlServer

Mode = Literal["fast", "immediate"]
"""How a server is ended: with its clients' transactions rolled back, or as if the power were cut."""

_OWNER = "postgres"


class Cluster(PostgresqlServer):
    """A server on a port of its own; commits are on the disk when they are acknowledged."""

    def __init__(self, programs: Path, folder: Path, port: int) -> None:
        super().__init__(f"postgresql://{_OWNER}@127.0.0.1:{port}/postgres")
        self._programs, self._folder, self._port = programs, folder, port

    def make(self) -> None:
        """Make its files and start it."""
        self._do("initdb", "-D", f"{self._folder}/data", "-U", _OWNER, "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        self._control("start", *self._options)

    def restart(self, mode: Mode) -> None:
        """End it in that mode, start it again, and wait until it answers."""
        self._control("restart", "-m", mode, *self._options)

    def stop(self) -> None:
        """End it."""
        self._control("stop", "-m", "immediate")

    @property
    def _options(self) -> tuple[str, ...]:
        words = f"-p {self._port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self._folder}"
        return ("-o", words, "-l", f"{self._folder}/log")

    def _control(self, verb: str, *more: str) -> None:
        self._do("pg_ctl", "-w", "-t", "120", "-D", f"{self._folder}/data", *more, verb)

    def _do(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        if os.geteuid() == 0:  # PostgreSQL's programs refuse to run as root
            command = ["runuser", "-u", _OWNER, "--", *command]
        # To files, not to pipes: the server would hold a pipe open for as long as it lives.
        with (self._folder / f"{program}.out").open("ab") as out:
            done = subprocess.run(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, timeout=180, check=False)
        assert done.returncode == 0, (self._folder / f"{program}.out").read_text(errors="replace")[-2000:]


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Give a running server of the test's own; skip loudly where PostgreSQL's programs are not there."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    if not found and not on_path:
        _lacking("initdb is not there")
    programs = found[-1].parent if found else Path(str(on_path)).parent
    # Not under pytest's own folder, which other users may not enter.
    folder = Path(mkdtemp(prefix="monitor-cluster-"))
    if os.geteuid() == 0:
        if _OWNER not in {entry.pw_name for entry in pwd.getpwall()} or not shutil.which("runuser"):
            _lacking(f"there is no user {_OWNER}, or no runuser")
        shutil.chown(folder, _OWNER)
    server = Cluster(programs, folder, _free_port())
    try:
        server.make()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _lacking(what: str) -> None:
    words = f"NOT TESTED: a restart of PostgreSQL, since {what}"
    if os.environ.get("CI"):
        pytest.fail(words)
    pytest.skip(words)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def new_database(server: PostgresqlServer) -> str:
    """Make a database on a server that goes with the test; return its address."""
    name = f"monitor_{secrets.token_hex(4)}"
    server.run(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
    return server.url_of(name)
