"""The rig: "the internet" is 127.0.0.1, allowed; "internal" is 127.0.0.2, which only counts who connects."""

import ssl
from collections.abc import Callable
from datetime import UTC, datetime

from monitor.errors import DnsFailed, MonitorError
from monitor.fetch import HttpClient
from monitor.model.fetching import Fetched, FetchRequest

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
INTERNET = "127.0.0.1"
INTERNAL = "127.0.0.2"


class Names:
    """A resolver that answers from a table; several answer sets for one name are given in turn."""

    def __init__(self) -> None:
        self.table: dict[str, list[tuple[str, ...]]] = {
            "public.test": [(INTERNET,)],
            "other.test": [(INTERNET,)],
            "internal.test": [(INTERNAL,)],
            "mixed.test": [(INTERNET, INTERNAL)],
            "rebind.test": [(INTERNET,), (INTERNAL,)],
        }
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> tuple[str, ...]:
        self.asked.append(host)
        answers = self.table.get(host)
        if answers is None:
            raise DnsFailed(f"There is no address for the name {host}")
        return answers[(self.asked.count(host) - 1) % len(answers)]


# Making one takes a tenth of a second.
TRUST = ssl.create_default_context()
MakeClient = Callable[..., HttpClient]


def feed(url: str, *, etag: str | None = None, last_modified: str | None = None) -> FetchRequest:
    return FetchRequest(url, "feed", etag, last_modified)


async def reason(client: HttpClient, request: FetchRequest) -> str:
    """Return what came of a request: "read", "not modified", or the reason of the failure."""
    try:
        answer = await client.fetch(request)
    except MonitorError as error:
        is_presentable = str(error).isprintable() and len(str(error)) < 500
        return error.reason if is_presentable else f"unpresentable: {error!a}"
    return "read" if isinstance(answer, Fetched) else "not modified"
