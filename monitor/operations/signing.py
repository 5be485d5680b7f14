"""The key that signs links in mail: given by the operator or made once, and those before it for thirty days more."""

import fcntl
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from monitor.errors import ConfigurationError
from monitor.files import replace_file
from monitor.settings import Settings

OLD_KEYS_KEPT = timedelta(days=30)
_FILE = "secret-keys"


def signing_keys(settings: Settings, now: datetime) -> tuple[str, ...]:
    """Return the keys that are good now, the one to sign with last; made where there is none yet.

    In data_dir stand lines of an instant and the key that was taken into use then, for their owner's eyes alone. A new
    MONITOR_SECRET_KEY becomes a new line. Raises ConfigurationError where the file can't be used.
    """
    path = settings.data_dir / _FILE
    given = settings.secret_key.get_secret_value() if settings.secret_key else ""
    lines = _read(path)
    if not lines or given not in ("", lines[-1][1]):
        with _one_at_a_time(path):
            lines = _read(path)
            if not lines or given not in ("", lines[-1][1]):
                lines = _keep(path, lines, now, given or secrets.token_hex(32))
    replaced_at = [began_at for began_at, _key in lines[1:]]
    old = (key for (_began_at, key), until in zip(lines, replaced_at, strict=False) if until > now - OLD_KEYS_KEPT)
    return (*old, lines[-1][1])


def new_signing_key(settings: Settings, now: datetime) -> None:
    """Sign with a new key from now on. Raises ConfigurationError where the operator's setting gives the key."""
    if settings.secret_key is not None:
        raise ConfigurationError("MONITOR_SECRET_KEY gives the key: change it there; the old one is good 30 days more")
    signing_keys(settings, now)
    path = settings.data_dir / _FILE
    with _one_at_a_time(path):
        _keep(path, _read(path), now, secrets.token_hex(32))


@contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    """Let no two processes make the first key, or one of them signs with a key that nobody knows."""
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _read(path: Path) -> list[tuple[datetime, str]]:
    try:
        if not path.exists():
            return []
        if path.stat().st_mode & 0o077:
            raise ConfigurationError(f"{path} is open to others; type chmod 600 {path}, then make a new key")
        pairs = (line.split(" ", 1) for line in path.read_text(encoding="utf-8").splitlines() if line)
        return [(datetime.fromisoformat(began_at), key) for began_at, key in pairs]
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"{path} can't be read ({error}); take it away, and old links are good no more"
        ) from error


def _keep(path: Path, lines: list[tuple[datetime, str]], now: datetime, key: str) -> list[tuple[datetime, str]]:
    kept = [*lines, (now, key)]
    try:
        replace_file(path, "".join(f"{began_at.isoformat()} {text}\n" for began_at, text in kept).encode())
    except OSError as error:
        raise ConfigurationError(f"{path} can't be written: {error.strerror}") from error
    return kept
