"""The address of a mail server as operators write it; pure.

`smtps://USER:PASSWORD@HOST:465` speaks TLS from the first byte. `smtp://USER:PASSWORD@HOST:587` must offer STARTTLS,
but on this machine itself, or where `?starttls=never` says so; then no password may go with it.
"""

import re
from ipaddress import ip_address
from urllib.parse import parse_qsl, unquote, urlsplit

from monitor.model.mailing import SmtpServer

_FORM = "write it as smtps://USER:PASSWORD@HOST:465 or smtp://USER:PASSWORD@HOST:587"
_HOST = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?")
_PORTS = {"smtp": 587, "smtps": 465}


def read_smtp_url(raw_url: str) -> SmtpServer:
    """Read a mail server's address. Raises ValueError, whose message holds nothing of the address but its host."""
    try:
        parts = urlsplit(raw_url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
        options = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
    except ValueError:
        raise ValueError(f"is no mail server's address; {_FORM}, special characters of a password as %40") from None
    host = parts.hostname or ""
    if parts.scheme not in _PORTS or parts.path not in ("", "/") or parts.fragment or not _is_host(host):
        raise ValueError(f"is no mail server's address; {_FORM}, special characters of a password as %40")
    if options not in ({}, {"starttls": "never"}, {"starttls": "always"}):
        raise ValueError("has an option that is not known; the only one is ?starttls=never (or =always)")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        raise ValueError(f"has a user without a password, or the other way round; {_FORM}")
    if not (user + password).isprintable():
        raise ValueError("has a control character in user or password")
    if parts.scheme == "smtps":
        if options:
            raise ValueError("begins with smtps, which is TLS from the first byte: take ?starttls away")
        return SmtpServer(host, port, "tls", user, password)
    asked = options.get("starttls", "never" if _is_own(host) else "always")
    if asked == "never" and password and not _is_own(host):
        raise ValueError(f"would send a password to {host} in the clear: take ?starttls=never away")
    return SmtpServer(host, port, "none" if asked == "never" else "starttls", user, password)


def _is_host(host: str) -> bool:
    if _HOST.fullmatch(host):
        return True
    try:
        return bool(ip_address(host))
    except ValueError:
        return False


def _is_own(host: str) -> bool:
    """Say whether the host is this machine: what is sent there crosses no network."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
