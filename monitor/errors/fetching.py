"""What keeps an address from being fetched."""

from monitor.errors.families import Rejected, Retryable


class Timeout(Retryable):
    """The whole exchange took longer than its deadline."""

    reason = "timeout"


class ConnectionLost(Retryable):
    """The connection was refused or broke."""

    reason = "connection_lost"


class DnsFailed(Retryable):
    """The host's name could not be resolved."""

    reason = "dns_failed"


class NetworkDown(Retryable):
    """This machine has no way to the network."""

    reason = "network_down"


class HostStruggling(Retryable):
    """The host failed to answer others just before, so it was not asked."""

    reason = "host_struggling"


class RobotsUnavailable(Retryable):
    """The site can't show its robots.txt just now, so nothing is asked of it."""

    reason = "robots_unavailable"


class ServerBusy(Retryable):
    """The server asks to come back later."""

    reason = "server_busy"

    def __init__(self, message: str, *, status: int, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after_seconds = retry_after_seconds


class RobotsDisallowed(Rejected):
    """The site asks robots not to read this page."""

    reason = "robots_disallowed"


class BadUrl(Rejected):
    """The address is not one that Monitor fetches."""

    reason = "bad_url"


class BlockedAddress(Rejected):
    """The host resolves to an address that is not public and not allowed by `allowed_networks`."""

    reason = "blocked_address"


class BlockedPort(Rejected):
    """The port is not one that Monitor polls; see `allowed_ports`."""

    reason = "blocked_port"


class TooManyRedirects(Rejected):
    """The server redirects in a circle or too far."""

    reason = "too_many_redirects"


class BodyTooLarge(Rejected):
    """The response is larger than the limit, as sent or once decoded."""

    reason = "body_too_large"


class BadEncoding(Rejected):
    """The body can't be decoded as the server says it is encoded."""

    reason = "bad_encoding"


class BadResponse(Rejected):
    """The server does not speak HTTP as it should."""

    reason = "bad_response"


class TlsError(Rejected):
    """The server's certificate can't be trusted."""

    reason = "tls_error"


class HttpStatus(Rejected):
    """The server answers with a status that brings no content."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status
        self.reason = f"http_{status}"


class Challenged(Rejected):
    """A bot check stands before the content, which Monitor does not go round."""

    reason = "challenged"


class LoginAsked(Rejected):
    """A login page came in place of the content."""

    reason = "login"


class ElsewhereLed(Rejected):
    """The answer is not the site's own: a network's gatekeeper answered in its place."""

    reason = "blocked_on_network"


class BrowserFailed(Rejected):
    """The browser could not show the page."""

    reason = "browser_failed"


class MailboxRefused(Rejected):
    """The mail server refuses us, or the folder is not there."""

    reason = "mailbox_refused"
