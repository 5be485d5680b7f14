"""The links by which a reader ends a subscription: made and read, nothing else. Pure.

In: the ticket of a subscription, the keys. Out: a token for a link, or the ticket of a token that one of the keys has
signed. Never: says why a token is no good.
"""

import hashlib
from collections.abc import Sequence

from itsdangerous import BadData, URLSafeSerializer

_PURPOSE = "monitor.unsubscribe"
_MAX_TOKEN_CHARS = 300


def make_token(ticket: str, keys: Sequence[str]) -> str:
    """Return the token of a subscription's ticket, signed with the last of the keys."""
    token = _serializer(keys).dumps(ticket)
    return token if isinstance(token, str) else token.decode("ascii")


def read_token(raw_token: str, keys: Sequence[str]) -> str | None:
    """Return the ticket of a token that one of the keys has signed, else None."""
    if not keys or len(raw_token) > _MAX_TOKEN_CHARS or not raw_token.isascii():
        return None
    try:
        ticket = _serializer(keys).loads(raw_token)
    except BadData:
        return None
    # base64 has several spellings of one text: only the one that we write is good.
    is_ours = isinstance(ticket, str) and any(make_token(ticket, (key,)) == raw_token for key in keys)
    return ticket if is_ours else None


def _serializer(keys: Sequence[str]) -> URLSafeSerializer:
    return URLSafeSerializer(
        list(keys), salt=_PURPOSE, signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256}
    )
