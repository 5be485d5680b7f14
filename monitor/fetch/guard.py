"""Say what may be asked for: which URL, which port, which address.

In: a raw URL, a port, an address as the resolver gave it.
Out: a CheckedUrl, or BadUrl, BlockedPort, BlockedAddress.
Never: opens a socket or resolves a name. Nor trusts `ipaddress.is_global` alone: its meaning shifts from one Python
release to the next, and it calls 64:ff9b::7f00:1 (loopback behind NAT64) global.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import quote, urljoin

import idna

from monitor.errors import BadUrl, BlockedAddress, BlockedPort

Address = IPv4Address | IPv6Address
Networks = tuple[IPv4Network | IPv6Network, ...]

PORTS = (80, 443, 8080, 8443)
MAX_URL_CHARS = 8_000
"""RFC 9110 §4.1 asks for support of at least 8,000 octets; nothing that is news needs more."""

_REFUSED_V4 = tuple(
    IPv4Network(cidr)
    for cidr in (
        "0.0.0.0/8",  # this network (RFC 791); Linux connects 0.0.0.0 to itself
        "10.0.0.0/8",  # private (RFC 1918)
        "100.64.0.0/10",  # carrier-grade NAT (RFC 6598)
        "127.0.0.0/8",  # loopback (RFC 1122)
        "169.254.0.0/16",  # link-local (RFC 3927), the cloud metadata service among them
        "172.16.0.0/12",  # private (RFC 1918)
        "192.0.0.0/24",  # IETF protocol assignments (RFC 6890)
        "192.0.2.0/24",  # documentation (RFC 5737)
        "192.88.99.0/24",  # 6to4 relay anycast, deprecated (RFC 7526)
        "192.168.0.0/16",  # private (RFC 1918)
        "198.18.0.0/15",  # benchmarks (RFC 2544)
        "198.51.100.0/24",  # documentation (RFC 5737)
        "203.0.113.0/24",  # documentation (RFC 5737)
        "224.0.0.0/4",  # multicast (RFC 5771)
        "240.0.0.0/4",  # reserved (RFC 1112), broadcast among it
    )
)
# Only 2000::/3 was ever handed out for hosts; these parts of it are not hosts either.
_HOSTS_V6 = IPv6Network("2000::/3")
_REFUSED_V6 = tuple(
    IPv6Network(cidr)
    for cidr in (
        "2001::/23",  # IETF protocol assignments (RFC 2928): Teredo, benchmarks, ORCHID
        "2001:db8::/32",  # documentation (RFC 3849)
        "3ffe::/16",  # the former 6bone (RFC 3701)
        "3fff::/20",  # documentation (RFC 9637)
    )
)
_COMPATIBLE = IPv6Network("::/96")
_NAT64 = IPv6Network("64:ff9b::/96")

_URL = re.compile(r"(https?)://([^/?#]*)([^#]*)", re.IGNORECASE)
_FORBIDDEN = re.compile(r"[\\\x00-\x20\x7f-\x9f\ud800-\udfff]")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_AS_IT_STANDS = "/?:@!$&'()*+,;=%-._~[]"


@dataclass(frozen=True, slots=True)
class CheckedUrl:
    """A URL that passed the grammar. `host` is in its A-label form, `text` is ASCII and without a fragment."""

    text: str
    scheme: str
    host: str
    port: int

    @property
    def origin(self) -> str:
        """Return scheme, host and port, as a URL without a path."""
        return "/".join(self.text.split("/", 3)[:3])


_CREDENTIALS = re.compile(r"(//)[^/\\?#]*@")


def check_url(raw_url: str) -> CheckedUrl:
    """Return the URL as it is sent, or raise BadUrl saying what is wrong with it."""
    _refuse_characters(raw_url)
    parts = _URL.match(raw_url)
    if parts is None:
        raise BadUrl(f"{_shown(raw_url)} is not a web address: it must begin with http:// or https://")
    scheme, authority, target = parts[1].lower(), parts[2], parts[3]
    # An @ before the first slash, be it behind a ? or #, is where parsers disagree about which name is the host.
    if "@" in raw_url[parts.start(2) :].partition("/")[0]:
        raise BadUrl(f"{_shown(raw_url)} has an @ before its path: leave out the user name and password")
    host, port = _split_authority(authority, raw_url, default=443 if scheme == "https" else 80)
    if "%00" in target:
        raise BadUrl(f"{_shown(raw_url)} holds an encoded NUL (%00)")
    name = f"[{host}]" if ":" in host else host
    suffix = "" if port == (443 if scheme == "https" else 80) else f":{port}"
    path = quote(target if target.startswith("/") else f"/{target}", safe=_AS_IT_STANDS)
    return CheckedUrl(f"{scheme}://{name}{suffix}{path}", scheme, host, port)


def check_redirect(from_url: CheckedUrl, raw_location: str) -> CheckedUrl:
    """Return where a redirect leads, checked like any other URL."""
    _refuse_characters(raw_location)  # before joining, which quietly drops tabs and line ends
    try:
        joined = urljoin(from_url.text, raw_location)
    except ValueError as error:
        raise BadUrl(f"{from_url.host} redirects to {_shown(raw_location)}, which is no address") from error
    return check_url(joined)


def check_port(port: int, allowed_ports: Collection[int] = ()) -> None:
    """Raise BlockedPort unless the port is one of the web's or an allowed one."""
    if port not in PORTS and port not in allowed_ports:
        raise BlockedPort(
            f"Port {port} is not polled, only 80, 443, 8080 and 8443; "
            f"if a source of yours really stands there, add it to MONITOR_ALLOWED_PORTS"
        )


def check_address(raw_address: str, allowed_networks: Networks = (), *, host: str = "") -> Address:
    """Return the address if it may be connected to; raise BlockedAddress where it is not public and not allowed."""
    try:
        address: Address = ip_address(raw_address.partition("%")[0])
    except ValueError as error:
        raise BlockedAddress(f"{host or 'The host'} resolves to {raw_address!r}, which is no IP address") from error
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped  # the same socket: ::ffff:127.0.0.1 is 127.0.0.1
    if _is_in(address, allowed_networks) or _is_public(address):
        return address
    hidden = _embedded(address)
    where = f"{address} (it stands for {hidden})" if hidden else str(address)
    raise BlockedAddress(
        f"{host or where} leads to {where}, which is not a public address; "
        f"if it is a source of yours, add its network to MONITOR_ALLOWED_NETWORKS"
    )


def check_addresses(raw_addresses: Iterable[str], allowed_networks: Networks, *, host: str) -> tuple[Address, ...]:
    """Check every answer of the resolver: one refused address refuses the host, or the order would decide."""
    return tuple(check_address(raw, allowed_networks, host=host) for raw in dict.fromkeys(raw_addresses))


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not _is_in(address, _REFUSED_V4) and address.is_global
    if address in _NAT64:
        return _is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
    if address not in _HOSTS_V6 or _is_in(address, _REFUSED_V6):
        return False
    hidden = _embedded(address)
    return address.is_global if hidden is None else _is_public(hidden)


def _embedded(address: Address) -> IPv4Address | None:
    """Return the IPv4 address that a transition mechanism would really reach (RFC 4291, 3056, 4380, 6052)."""
    if isinstance(address, IPv4Address):
        return None
    bits = int(address)
    if address in _COMPATIBLE or address in _NAT64:
        return IPv4Address(bits & 0xFFFF_FFFF)
    return address.sixtofour or (address.teredo[1] if address.teredo else None)


def _is_in(address: Address, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    return any(address in network for network in networks)


def _refuse_characters(raw_url: str) -> None:
    if len(raw_url) > MAX_URL_CHARS:
        raise BadUrl(f"{_shown(raw_url)} is {len(raw_url):,} characters long; {MAX_URL_CHARS:,} are the limit")
    forbidden = _FORBIDDEN.search(raw_url)
    if forbidden:
        raise BadUrl(f"{_shown(raw_url)} holds {forbidden[0]!r}, which no web address may")


def _split_authority(authority: str, raw_url: str, *, default: int) -> tuple[str, int]:
    match = re.fullmatch(r"(\[[^\]]*\]|[^:\[\]]*)(?::([0-9]{1,5}))?", authority)
    if match is None:
        raise BadUrl(f"{_shown(raw_url)} has no readable host and port")
    port = default if match[2] is None else int(match[2])
    if not 1 <= port <= 65_535:
        raise BadUrl(f"{_shown(raw_url)} names port {port}; ports go from 1 to 65535")
    return _check_host(match[1], raw_url), port


def _check_host(raw_host: str, raw_url: str) -> str:
    try:
        if raw_host.startswith("["):
            return str(IPv6Address(raw_host[1:-1])) if "%" not in raw_host else _bad_host(raw_host, raw_url)
        host = raw_host.lower() if raw_host.isascii() else _to_ascii(raw_host)
        host = host.removesuffix(".")
        labels = host.split(".")
        if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
            return _bad_host(raw_host, raw_url)
        # A last label that is a number makes it an IPv4 address (WHATWG URL §3.5), of which only the usual form,
        # four decimals, means the same to everybody: 0177.0.0.1, 0x7f.1 and 2130706433 are loopback to some.
        return str(IPv4Address(host)) if _NUMBER.fullmatch(labels[-1]) else host
    except ValueError:
        return _bad_host(raw_host, raw_url)


def _to_ascii(host: str) -> str:
    if len(host) > 253:
        raise ValueError(host)
    # The mapping turns full-width digits and ideographic stops into plain ones: what is a number then is in disguise.
    encoded = idna.encode(host, uts46=True, std3_rules=True).decode("ascii")
    if _NUMBER.fullmatch(encoded.removesuffix(".").rpartition(".")[2]):
        raise ValueError(host)
    return encoded


def _bad_host(raw_host: str, raw_url: str) -> str:
    raise BadUrl(f"{_shown(raw_url)} has no valid host name: {raw_host[:80]!r}")


def _shown(raw_url: str) -> str:
    # Whoever reads this may be at a terminal: no control character of the URL reaches it, and no password either.
    raw_url = _CREDENTIALS.sub(r"\1…@", raw_url)
    short = raw_url if len(raw_url) <= 120 else f"{raw_url[:117]}..."
    return repr(short)
