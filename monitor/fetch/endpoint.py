"""Ask a JSON endpoint that the operator named: an encoder's, a judge's. The one way out that posts.

In: a JSON object. Out: the JSON value of the answer. Never: another host or port than the operator wrote, a redirect
followed, a proxy of the environment's, a key in a message, or an answer without end.

The endpoint may stand on a private address: it is connected to exactly as it was named, and nothing else can be.
"""

import json
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx

from monitor.errors import BodyTooLarge, ConfigurationError, ConnectionLost, HttpStatus, Timeout

MAX_ANSWER_BYTES = 64 << 20
_WANTS_KEY = frozenset((401, 403))


class Endpoint:
    """One URL to post JSON to, with its key; close it in the end."""

    def __init__(
        self, url: str, key: str | None = None, *, deadline_seconds: float = 60.0, max_bytes: int | None = None
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
            raise ConfigurationError(f"an endpoint's address is a plain http or https URL, not {_bare(url)!r}")
        self.place = parts.netloc
        self._url = url
        self._deadline_seconds = deadline_seconds
        self._max_bytes = max_bytes
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.Client(
            headers=headers, timeout=deadline_seconds, follow_redirects=False, trust_env=False, verify=True
        )

    def post(self, given: Mapping[str, object]) -> object:
        """Send a JSON object and return the answer's. Raises Timeout, ConnectionLost, HttpStatus or BodyTooLarge."""
        ends_at = time.monotonic() + self._deadline_seconds
        try:
            with self._client.stream("POST", self._url, json=dict(given)) as response:
                if response.status_code != httpx.codes.OK:
                    status = response.status_code
                    about = ": it wants another key" if status in _WANTS_KEY else ""
                    raise HttpStatus(f"the endpoint at {self.place} answers {status}{about}", status=status)
                return json.loads(self._read(response, ends_at))
        except httpx.TimeoutException as error:
            raise Timeout(f"the endpoint at {self.place} took longer than {self._deadline_seconds:g} s") from error
        except httpx.HTTPError as error:
            why = str(error) or type(error).__name__
            raise ConnectionLost(f"the endpoint at {self.place} can't be asked ({why}); does it run there?") from error
        except (ValueError, RecursionError) as error:
            raise ConnectionLost(f"the endpoint at {self.place} answers with something else than JSON") from error

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _read(self, response: httpx.Response, ends_at: float) -> bytes:
        most, content = self._max_bytes or MAX_ANSWER_BYTES, bytearray()
        for piece in response.iter_bytes():
            content += piece
            if len(content) > most:
                raise BodyTooLarge(f"the answer of the endpoint at {self.place} is over {most} bytes")
            # httpx limits the wait for each piece: drop by drop, an answer could take for ever.
            if time.monotonic() > ends_at:
                raise httpx.ReadTimeout("drop by drop", request=response.request)
        return bytes(content)


def _bare(url: str) -> str:
    """Return a URL without what may be a secret in it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}"
