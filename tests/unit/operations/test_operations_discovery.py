"""What an address is taken for before anything is read of it; no name resolves here, so nothing is."""

from pathlib import Path

import pytest

from monitor.errors import DnsFailed, UsageError
from monitor.model.archiving import SourceSpec
from monitor.operations.discovery import discover
from monitor.operations.opening import Monitor, open_monitor
from monitor.operations.sources import all_sources
from monitor.settings import load_settings
from tests.unit.store.archives import NOW


async def nowhere(host: str, port: int) -> tuple[str, ...]:
    raise DnsFailed(f"{host}:{port} is not served here")


@pytest.fixture
def monitor(tmp_path: Path) -> Monitor:
    settings = load_settings({"MONITOR_DATA_DIR": str(tmp_path / "var"), "MONITOR_PARSER_WORKERS": "1"})[0]
    return open_monitor(settings, now=lambda: NOW, resolve=nowhere)


@pytest.mark.parametrize(
    ("url", "links", "kind", "address"),
    [
        ("https://t.me/gazette", "", "channel", "https://t.me/s/gazette"),
        ("https://t.me/s/gazette", "", "channel", "https://t.me/s/gazette"),
        ("https://telegram.me/gazette/123", "", "channel", "https://t.me/s/gazette"),
        ("https://gazette.example/", "h2 a", "page", "https://gazette.example/"),
    ],
)
async def test_an_address_that_says_what_it_is_is_taken_for_that(
    monitor: Monitor, url: str, links: str, kind: str, address: str
) -> None:
    (checked,) = await discover(monitor, SourceSpec(url, "", links=links))
    assert (checked.spec.kind, checked.spec.url) == (kind, address)
    assert checked.error
    assert checked.error.reason == "dns_failed"
    assert all_sources(monitor) == []


async def test_a_kind_that_the_operator_gives_is_not_guessed_at(monitor: Monitor) -> None:
    spec = SourceSpec("https://gazette.example/sitemap.xml", "", kind="sitemap")
    (checked,) = await discover(monitor, spec, is_kind_given=True)
    assert checked.spec == spec


async def test_an_address_that_can_not_be_read_says_why(monitor: Monitor) -> None:
    with pytest.raises(DnsFailed, match=r"gazette\.example"):
        await discover(monitor, SourceSpec("https://gazette.example/", ""))


@pytest.mark.parametrize("url", ["", "gazette.example", "file:///etc/passwd", "https://gazette.example:22/"])
async def test_an_address_that_monitor_may_not_fetch_is_refused_before_anything_is_asked(
    monitor: Monitor, url: str
) -> None:
    with pytest.raises(UsageError):
        await discover(monitor, SourceSpec(url, ""))
