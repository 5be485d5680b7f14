"""The sign of life that a running service renews, so that a container's health check or a watchdog can ask for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.operations.doctor import Finding
from monitor.settings import Settings

BEAT_SECONDS = 10.0
PATIENCE = timedelta(seconds=120)
"""Longer than the longest step that may hold the event loop; shorter than an operator's."""


def heartbeat_file(data_dir: Path) -> Path:
    """Return the file whose time of change is the last sign of life."""
    return data_dir / "heartbeat"


@asynccontextmanager
async def beating(data_dir: Path) -> AsyncIterator[None]:
    """Renew the sign of life while the block lasts, from the event loop itself: where that hangs, so does the sign."""
    file = heartbeat_file(data_dir)
    beats = asyncio.ensure_future(_beat(file))
    try:
        yield
    finally:
        beats.cancel()
        with suppress(asyncio.CancelledError):
            await beats
        file.unlink(missing_ok=True)


async def _beat(file: Path) -> None:
    while True:
        with suppress(OSError):  # a full disk is told elsewhere, and is no reason to end the service
            file.touch(mode=0o600)  # noqa: ASYNC240 (no slower than the clock)
        await asyncio.sleep(BEAT_SECONDS)


def examine_service(settings: Settings, now: datetime) -> Finding:
    """Say whether a service is at work on this data folder."""
    try:
        beat_at = datetime.fromtimestamp(heartbeat_file(settings.data_dir).stat().st_mtime, UTC)
    except OSError:
        return Finding("service", "fault", f"none is running on {settings.data_dir}; `monitor run` starts one")
    age = now - beat_at
    if age > PATIENCE:
        return Finding(
            "service",
            "fault",
            f"no sign of life since {beat_at:%Y-%m-%d %H:%M:%S} UTC: it was killed, or hangs; end it and start it anew",
        )
    return Finding("service", "ok", f"at work; last sign of life {max(0, int(age.total_seconds()))} s ago")
