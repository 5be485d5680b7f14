"""The connection to a mail server: bounded, encrypted, and ended from outside when its time is up.

In: where to connect. Out: imaplib's client, or the failure to raise. Never: reads more than it was given to spend, or
goes on unencrypted with a server that isn't on this machine.
"""

import contextlib
import errno
import imaplib
import socket
import ssl
import threading
from dataclasses import dataclass, field

from monitor.errors import BadResponse, BodyTooLarge, ConnectionLost, MonitorError, NetworkDown, Timeout, TlsError
from monitor.fetch.imapurl import ImapUrl
from monitor.fetch.refusals import describe_tls

_NO_ROUTE = frozenset({errno.ENETUNREACH, errno.ENETDOWN})


@dataclass(slots=True)
class Line:
    """The connection of one conversation, so that another thread can end it; `bytes_left` is what it may still say."""

    url: ImapUrl
    addresses: tuple[str, ...]
    seconds: float
    bytes_left: int
    ssl_context: ssl.SSLContext
    is_ended: bool = False
    _twin: socket.socket | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def connect(self) -> socket.socket:
        """Connect to the first address that answers."""
        failure = OSError("no address")
        for address in self.addresses[:4]:
            try:
                connection = socket.create_connection((address, self.url.port), self.seconds)
            except OSError as error:
                failure = error
                continue
            # A second handle on the same connection: shutting it wakes whoever reads, even within a TLS handshake.
            with self._lock:
                self._twin = connection.dup()
            if self.is_ended:
                self.end()
            return connection
        raise failure

    def end(self) -> None:
        """Shut the connection, from whichever thread."""
        self.is_ended = True
        with self._lock:
            twin, self._twin = self._twin, None
        if twin is not None:
            with contextlib.suppress(OSError):
                twin.shutdown(socket.SHUT_RDWR)
            twin.close()

    def spend(self, size: int) -> None:
        """Count what the server says. Raises BodyTooLarge."""
        self.bytes_left -= size
        if self.bytes_left < 0 or self.is_ended:
            raise BodyTooLarge(f"{self.url.host} says more than Monitor reads in one visit to a mailbox")


class Client(imaplib.IMAP4):
    """imaplib's client, which connects to the address looked up and reads no more than the line may spend."""

    def __init__(self, line: Line) -> None:
        self._line = line
        super().__init__(line.url.host, line.url.port, line.seconds)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        del timeout
        connection = self._line.connect()
        if not self._line.url.is_tls:
            return connection
        try:
            return self._line.ssl_context.wrap_socket(connection, server_hostname=self._line.url.host)
        except BaseException:
            connection.close()
            raise

    def read(self, size: int) -> bytes:
        """Read so many bytes. Raises BodyTooLarge."""
        self._line.spend(size)  # before: a literal of any size may be announced
        return super().read(size)

    def readline(self) -> bytes:
        """Read a line. Raises BodyTooLarge."""
        line = super().readline()
        self._line.spend(len(line))
        return line


def secure(client: imaplib.IMAP4, line: Line) -> None:
    """Turn the connection into TLS (RFC 3501 §6.2.1), which only a server on this very machine may lack."""
    is_offered = "STARTTLS" in client.capabilities
    if not is_offered and line.url.is_loopback:
        return
    try:
        if is_offered:
            client.starttls(line.ssl_context)
    except BaseException:
        _drop(client)
        raise
    if not is_offered:
        _drop(client)
        raise TlsError(f"{line.url.host} offers no STARTTLS, and no password goes out unencrypted; use imaps://")


def _drop(client: imaplib.IMAP4) -> None:
    with contextlib.suppress(OSError):
        client.shutdown()


def describe_failure(error: Exception, url: ImapUrl) -> MonitorError:
    """Return our failure for what imaplib, TLS or the socket raised."""
    if isinstance(error, ssl.SSLError):
        return TlsError(describe_tls(error, url.host))
    if isinstance(error, TimeoutError):
        return Timeout(f"{url.host} kept silent too long and was given up for now")
    if isinstance(error, ConnectionRefusedError):
        return ConnectionLost(f"{url.host} refuses connections on port {url.port}; is the mail server up?")
    if isinstance(error, OSError) and error.errno in _NO_ROUTE:
        return NetworkDown(f"There is no way to {url.host}: look at this machine's network")
    if isinstance(error, OSError) or "EOF" in str(error) or "BYE" in str(error):
        return ConnectionLost(f"The connection to {url.host} on port {url.port} broke; is the mail server up?")
    return BadResponse(f"{url.host} does not speak IMAP on port {url.port} as it should; is the address right?")
