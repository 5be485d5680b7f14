"""The addresses by which readers reach the pages that the service serves, and how to tell that it is us who answer."""

import asyncio
from contextlib import closing

from monitor.digest.unsubscribe import make_token
from monitor.model.ports import Clock
from monitor.operations.signing import signing_keys
from monitor.settings import Settings

SIGN_OF_LIFE = "monitor is up\n"
_PATIENCE_SECONDS = 3.0
_MAX_ANSWER_BYTES = 4096


def stop_url(settings: Settings, now: Clock, ticket: str) -> str:
    """Return the page that ends a subscription, by its ticket, or "" where readers reach none over https."""
    if not settings.serves_pages:
        return ""
    return f"{settings.public_url}/unsubscribe/{make_token(ticket, signing_keys(settings, now()))}"


async def is_answered(settings: Settings) -> bool:
    """Say whether our pages are served where MONITOR_LISTEN says; somebody else's server there is none of ours."""
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            reader, writer = await asyncio.open_connection(*settings.listen_at)
            with closing(writer):
                writer.write(b"GET /healthz HTTP/1.1\r\nHost: monitor\r\nConnection: close\r\n\r\n")
                answer = b""
                while len(answer) < _MAX_ANSWER_BYTES and (more := await reader.read(_MAX_ANSWER_BYTES)):
                    answer += more
    except (OSError, TimeoutError):
        return False
    return answer.endswith(SIGN_OF_LIFE.encode())
