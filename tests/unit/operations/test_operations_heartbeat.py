"""A watchdog can ask whether a service is at work."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.operations.heartbeat import PATIENCE, beating, examine_service, heartbeat_file
from monitor.settings import Settings, load_settings


def settings_for(folder: Path) -> Settings:
    return load_settings({"MONITOR_DATA_DIR": str(folder)})[0]


async def test_a_working_service_gives_a_sign_of_life_and_takes_it_away_at_its_end(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    async with beating(tmp_path):
        while not heartbeat_file(tmp_path).exists():
            await asyncio.sleep(0)
        assert examine_service(settings, datetime.now(UTC)).level == "ok"
    finding = examine_service(settings, datetime.now(UTC))
    assert finding.level == "fault"
    assert "none is running" in finding.words


def test_a_service_that_was_killed_or_hangs_is_told_from_one_that_works(tmp_path: Path) -> None:
    beat_at = datetime(2026, 11, 26, 6, 0, tzinfo=UTC)
    heartbeat_file(tmp_path).touch()
    os.utime(heartbeat_file(tmp_path), (beat_at.timestamp(), beat_at.timestamp()))
    settings = settings_for(tmp_path)
    assert examine_service(settings, beat_at + PATIENCE).level == "ok"
    finding = examine_service(settings, beat_at + PATIENCE + timedelta(seconds=1))
    assert finding.level == "fault"
    assert "no sign of life since 2026-11-26 06:00:00 UTC" in finding.words
