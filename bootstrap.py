"""Set up `.venv` from the hash locks with nothing but Python's standard library.

In: the lock named on the command line (`run`, `extras` or `dev`). Out: `.venv`, ready; a second call is instant.
Never: installs a package whose hash the lock doesn't hold, or compiles one.
"""

import argparse
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
LOCKS = {"run": "requirements.lock", "extras": "requirements-extras.lock", "dev": "requirements-dev.lock"}
HOLDS = {"run": ("run", "extras", "dev"), "extras": ("extras", "dev"), "dev": ("dev",)}
OLDEST_PYTHON = (3, 11)


def stop(message: str) -> None:
    """End with a message that names the remedy; no traceback reaches a user."""
    sys.exit(f"bootstrap: {message}")


def say(message: str) -> None:
    """Tell on stderr what is being done, since a first set-up takes a minute."""
    print(f"bootstrap: {message}", file=sys.stderr, flush=True)


def ensure_venv_module() -> None:
    """Debian splits `ensurepip` off: root gets it installed and is told, anyone else gets the line to type."""
    if find_spec("ensurepip") is not None:
        return
    package = f"python3.{sys.version_info.minor}-venv"
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        stop(f"this Python has no venv. As root, type:  apt-get update && apt-get install -y {package}")
    say(f"this Python has no venv: installing Debian's {package} (you are root)")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]
    if subprocess.run(install, env=environment, stdout=subprocess.DEVNULL, check=False).returncode:
        subprocess.run(["apt-get", "update", "-qq"], env=environment, check=False)
        if subprocess.run(install, env=environment, stdout=subprocess.DEVNULL, check=False).returncode:
            stop(f"could not install {package}. Type:  apt-get install {package}   and read what it says.")


def fingerprint(lock: Path) -> str:
    """A set-up is current while Python, the lock and pyproject.toml are what they were."""
    parts = [
        sys.version.encode(),
        str(ROOT).encode(),
        lock.read_bytes(),
        (ROOT / "pyproject.toml").read_bytes(),
    ]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def is_current(which: str) -> bool:
    """A lock holds all that stands in the ones before it, so a wider set-up that is current serves too."""
    for name in HOLDS[which]:
        stamp = VENV / f".stamp-{name}"
        if stamp.is_file() and stamp.read_text() == fingerprint(ROOT / LOCKS[name]):
            return True
    return False


def pip(*arguments: str) -> None:
    """Run the environment's pip, quiet unless it fails."""
    command = [str(VENV / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "-q"]
    done = subprocess.run([*command, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stderr.write(done.stdout + done.stderr)
        stop("pip could not install the locked packages (its words are above). Is a package index reachable?")


def set_up(which: str) -> None:
    """Make `.venv` hold the packages of one lock and this checkout, editable."""
    lock = ROOT / LOCKS[which]
    if is_current(which):
        return
    # What is current stays in its place: a service may be running from it.
    is_growing = which != "run" and is_current("run")
    say(f"setting up .venv from {lock.name} (once; about a minute)")
    if not is_growing:
        ensure_venv_module()
        venv.EnvBuilder(with_pip=True, clear=VENV.exists()).create(VENV)
    pip("--only-binary", ":all:", "--require-hashes", "-r", str(lock))
    pip("--no-deps", "--no-build-isolation", "-e", ".")
    (VENV / f".stamp-{which}").write_text(fingerprint(lock))
    say("ready")


@contextmanager
def alone() -> Iterator[None]:
    """Keep a second set-up of this checkout waiting until the first is done."""
    with (ROOT / ".setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> None:
    """Read the command line and set up."""
    if sys.version_info < OLDEST_PYTHON:
        stop(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}. Debian 12: apt install python3.11")
    if Path(sys.prefix).resolve() == VENV:
        # Typed with .venv on the PATH: it can't be built by the Python that stands in it.
        outside = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}"
        os.execv(outside, [str(outside), *sys.argv])  # noqa: S606 - the Python that .venv was made from
    parser = argparse.ArgumentParser(description="Set up .venv. Example: python3.11 bootstrap.py run")
    parser.add_argument("lock", choices=sorted(LOCKS), help="which lock to install")
    which = parser.parse_args().lock
    if is_current(which):
        return
    try:
        with alone():
            set_up(which)
    except KeyboardInterrupt:
        stop("stopped before the end; type the same again, and it begins anew")


if __name__ == "__main__":
    main()
