"""Every failure that Monitor expects.

Each has a `reason`, the slug that is stored, counted and documented, and says in its message what is wrong and
what to do. Two families decide what happens next: what is worth trying again, and what is not.

    MonitorError
      Retryable                 later may go better
        Timeout                 timeout
        ConnectionLost          connection_lost
        DnsFailed               dns_failed
        NetworkDown             network_down
        HostStruggling          host_struggling    (not asked: it failed others just before)
        RobotsUnavailable       robots_unavailable
        ServerBusy              server_busy        (408, 425, 429, 5xx; carries retry_after_seconds)
        StoreBusy               store_busy
          TransactionLost       store_busy         (deadlock, a server that restarted: it may be repeated at once)
        OutboxNotWritable       outbox_not_writable
        MailServerDown          mail_server_down   (no mail was handed over, none is at fault)
        MailPutOff              mail_put_off       (the server takes this mail later)
        ParsersUnavailable      parsers_unavailable
        EncoderUnavailable      encoder_unavailable
        InternalFault           internal_error     (a fault of ours; the others go on)
      Rejected                  never, as it stands
        RobotsDisallowed        robots_disallowed
        BadUrl                  bad_url
        BlockedAddress          blocked_address
        BlockedPort             blocked_port
        TooManyRedirects        too_many_redirects
        BodyTooLarge            body_too_large
        BadEncoding             bad_encoding
        BadResponse             bad_response
        TlsError                tls_error
        HttpStatus              http_NNN           (any other status that brings no content)
        NotAFeed                not_a_feed
        Challenged              challenged         (a bot check stands before the content)
        LoginAsked              login              (a login page came in its place)
        ElsewhereLed            blocked_on_network (an answer from a network's gatekeeper, not from the site)
        SearchRefused           search_refused     (a search's remark in the place of results)
        BadSelector             bad_selector       (a page's links can't be picked so, or none is there)
        BrowserFailed           browser_failed
        MailboxRefused          mailbox_refused
        BadFeed                 bad_feed
        NotAnArticle            empty              (the page gave no article text)
        ParserTimeout           parser_timeout
        ParserKilled            parser_killed
        MailNotBuilt            mail_not_built
        MailRefused             mail_refused       (the server never takes this mail)
        BadFileName             bad_file_name
        WatchlistConflict       watchlist_conflict (another version went live since the file was taken)
      MailUnknown               mail_unknown       (handed over, and nobody knows whether it was taken)
      StoreBroken               store_broken       (the database is damaged, full or unreadable)
      ConfigurationError        bad_settings       (exit code 3)
      WatchlistError            bad_watchlist      (exit code 3; carries file, line and column)
      UsageError                usage              (exit code 2)
"""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar


class MonitorError(Exception):
    """Something that Monitor expects went wrong; the message is for its user."""

    reason: str = "error"


class Retryable(MonitorError):
    """It may go better later."""


class Rejected(MonitorError):
    """It won't go better as it stands."""


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


class StoreBusy(Retryable):
    """Another process holds the archive."""

    reason = "store_busy"


class TransactionLost(StoreBusy):
    """The database gave a transaction up, or the connection broke; nothing of it was kept."""


class OutboxNotWritable(Retryable):
    """The folder for mail can't be written: it is full, or belongs to somebody else."""

    reason = "outbox_not_writable"


class MailServerDown(Retryable):
    """The mail server can't be reached, trusted or logged in to; every mail waits for it."""

    reason = "mail_server_down"


class MailPutOff(Retryable):
    """The mail server doesn't take this mail now."""

    reason = "mail_put_off"


class ParsersUnavailable(Retryable):
    """The processes that read documents don't start, or are being stopped; no document is at fault."""

    reason = "parsers_unavailable"


class EncoderUnavailable(Retryable):
    """The encoder of meanings doesn't answer; what waits for it is judged on its terms till it does."""

    reason = "encoder_unavailable"


class InternalFault(Retryable):
    """Monitor itself is at fault; please report it."""

    reason = "internal_error"

    @classmethod
    def of(cls, error: Exception) -> MonitorError:
        """Return the error itself where it is one that is expected, else say whose fault it is."""
        if isinstance(error, MonitorError):
            return error
        return cls(f"a fault in Monitor itself ({type(error).__name__}: {error}); please report it")


class StoreBroken(MonitorError):
    """The archive's database can't be used as it stands."""

    reason = "store_broken"


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


class NotAFeed(Rejected):
    """What came is not a feed."""

    reason = "not_a_feed"


class BadFeed(Rejected):
    """What came is a feed that can't be read."""

    reason = "bad_feed"


class NotAnArticle(Rejected):
    """The page gave no article text."""

    reason = "empty"


class Challenged(Rejected):
    """A bot check stands before the content, which Monitor does not go round."""

    reason = "challenged"


class LoginAsked(Rejected):
    """A login page came in place of the content."""

    reason = "login"


class ElsewhereLed(Rejected):
    """The answer is not the site's own: a network's gatekeeper answered in its place."""

    reason = "blocked_on_network"


class SearchRefused(Rejected):
    """A search answers with a remark in the place of results."""

    reason = "search_refused"


class BadSelector(Rejected):
    """A page's links can't be picked with the source's selector."""

    reason = "bad_selector"


class BrowserFailed(Rejected):
    """The browser could not show the page."""

    reason = "browser_failed"


class MailboxRefused(Rejected):
    """The mail server refuses us, or the folder is not there."""

    reason = "mailbox_refused"


class ParserTimeout(Rejected):
    """The parser took longer than its limit and was ended."""

    reason = "parser_timeout"


class ParserKilled(Rejected):
    """The parser crashed or outgrew its memory; only this document failed."""

    reason = "parser_killed"


class MailNotBuilt(Rejected):
    """A mail's headers would not come out as they were meant."""

    reason = "mail_not_built"


class MailRefused(Rejected):
    """The mail server refuses this mail for good."""

    reason = "mail_refused"


class MailUnknown(MonitorError):
    """A mail was handed over and the answer never came: it may have arrived or not."""

    reason = "mail_unknown"


class BadFileName(Rejected):
    """A mail can't be kept under that name."""

    reason = "bad_file_name"


class WatchlistConflict(Rejected):
    """A file was edited from a version that is no longer live; the live one stays until somebody decides."""

    reason = "watchlist_conflict"


class ConfigurationError(MonitorError):
    """A setting is wrong."""

    reason = "bad_settings"
    exit_code: ClassVar[int] = 3


class UsageError(MonitorError):
    """The command can't do that with what it was given."""

    reason = "usage"
    exit_code: ClassVar[int] = 2


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong in an operator's document. `line` and `column` count from 1; 0 = unknown."""

    message: str
    line: int = 0
    column: int = 0


class WatchlistError(MonitorError):
    """A watchlist can't be used; `faults` names each place."""

    reason = "bad_watchlist"
    exit_code: ClassVar[int] = 3

    def __init__(self, file: str | Path, faults: tuple[Fault, ...]) -> None:
        self.file = str(file)
        self.faults = faults
        places = (
            f"{self.file}:{f.line}:{f.column}: {f.message}" if f.line else f"{self.file}: {f.message}" for f in faults
        )
        super().__init__("\n".join(places))
