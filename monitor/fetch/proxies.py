"""Read the proxies that an operator named: HTTP, HTTPS, SOCKS5.

In: a proxy's URL. Out: Proxy. Never: shows a password, or lets a source's own proxy carry one.

What is promised of a target behind a proxy: its name is resolved and every answer checked before any proxy is asked.
Beyond that,
- `socks5` is given the checked address, so nothing is resolved twice;
- `http` and `https` are given the name by CONNECT for an https target, whose certificate must match that name;
- `http` and `https` for an http target, and `socks5h`, resolve the name again, where a rebinding name could lead them
  elsewhere: such a proxy must not stand where it reaches what it shouldn't.
"""

import ssl
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import unquote, urlsplit

import httpcore

from monitor.errors import BadUrl, ConfigurationError, ConnectionLost

DEFAULT_PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}
SETTING = "MONITOR_PROXY_URL"
SOURCES_SETTING = "the source's --proxy"
_MAX_SOCKS_CREDENTIAL_BYTES = 255
_FORMS = "http://proxy.example:3128, https://…, socks5://… or socks5h://…"


class ProxyRefused(ConnectionLost):
    """The proxy answers, and says no."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """A way out. `setting` is where the operator named it; `shown` is it without user name and password."""

    scheme: str
    host: str
    port: int
    username: str = field(repr=False)
    password: str = field(repr=False)
    setting: str

    @property
    def shown(self) -> str:
        """Return the proxy's URL without its credentials, for messages and as its identity."""
        return f"{self.scheme}://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    @property
    def identity(self) -> str:
        """Return what tells one way out from another: the settings' proxy may have a password, a source's has none."""
        return f"{self.shown} of {self.setting}"

    @property
    def takes_addresses(self) -> bool:
        """Say whether it is asked for an address and not for a name."""
        return self.scheme == "socks5"

    @property
    def is_socks(self) -> bool:
        """Say whether it speaks SOCKS5 (RFC 1928)."""
        return self.scheme.startswith("socks5")

    @property
    def place(self) -> tuple[str, int]:
        """Return the host and port: the one place that may be private because the operator named it."""
        return self.host, self.port

    def for_httpcore(self, context: ssl.SSLContext) -> httpcore.Proxy:
        """Return it as httpcore takes it."""
        return httpcore.Proxy(
            httpcore.URL(scheme=self.scheme, host=self.host, port=self.port, target="/"),
            auth=(self.username.encode(), self.password.encode()) if self.username else None,
            ssl_context=context if self.scheme == "https" else None,
        )

    def failure(self, why: object) -> ConnectionLost:
        """Return the failure of the proxy itself."""
        return ConnectionLost(f"The proxy {self.identity} can't be used: {why}")

    def refusal(self, why: str) -> ProxyRefused:
        """Return the failure of a proxy that answers, and says no."""
        shown = "".join(character if character.isprintable() else "?" for character in why[:200])
        return ProxyRefused(f"The proxy {self.identity} does not connect us: {shown}")


def read_proxy(proxy_url: str) -> Proxy:
    """Read the proxy of the settings. Raises ConfigurationError."""
    proxy = _parse(proxy_url, SETTING)
    if proxy is None:
        raise ConfigurationError(f"{SETTING} must read like {_FORMS}")
    return proxy


@lru_cache(maxsize=512)
def read_sources_proxy(proxy_url: str) -> Proxy:
    """Read a source's own proxy, which stands in the archive for all to see. Raises BadUrl where it has a password."""
    proxy = _parse(proxy_url, SOURCES_SETTING)
    if proxy is None:
        raise BadUrl(f"The source's proxy must read like {_FORMS}; change it with --proxy")
    if proxy.username or proxy.password:
        raise BadUrl(
            f"The source's proxy {proxy.shown} carries a user name or password, which would stand in the archive in "
            f"plain; leave them out, or name the proxy for all sources in {SETTING}"
        )
    return proxy


def _parse(proxy_url: str, setting: str) -> Proxy | None:
    try:
        parts = urlsplit(proxy_url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not (proxy_url.isascii() and proxy_url.isprintable()) or not host or parts.scheme not in DEFAULT_PORTS:
        return None
    username, password = unquote(parts.username or ""), unquote(parts.password or "")
    if max(len(username.encode()), len(password.encode())) > _MAX_SOCKS_CREDENTIAL_BYTES:
        return None
    return Proxy(parts.scheme, host, DEFAULT_PORTS[parts.scheme] if port is None else port, username, password, setting)
