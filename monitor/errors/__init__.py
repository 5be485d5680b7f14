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

from monitor.errors.families import InternalFault, MonitorError, Rejected, Retryable
from monitor.errors.fetching import (
    BadEncoding,
    BadResponse,
    BadUrl,
    BlockedAddress,
    BlockedPort,
    BodyTooLarge,
    BrowserFailed,
    Challenged,
    ConnectionLost,
    DnsFailed,
    ElsewhereLed,
    HostStruggling,
    HttpStatus,
    LoginAsked,
    MailboxRefused,
    NetworkDown,
    RobotsDisallowed,
    RobotsUnavailable,
    ServerBusy,
    Timeout,
    TlsError,
    TooManyRedirects,
)
from monitor.errors.mailing import (
    BadFileName,
    MailNotBuilt,
    MailPutOff,
    MailRefused,
    MailServerDown,
    MailUnknown,
    OutboxNotWritable,
)
from monitor.errors.operating import ConfigurationError, Fault, UsageError, WatchlistConflict, WatchlistError
from monitor.errors.reading import (
    BadFeed,
    BadSelector,
    EncoderUnavailable,
    NotAFeed,
    NotAnArticle,
    ParserKilled,
    ParsersUnavailable,
    ParserTimeout,
    SearchRefused,
)
from monitor.errors.storing import StoreBroken, StoreBusy, TransactionLost

__all__ = [
    "BadEncoding",
    "BadFeed",
    "BadFileName",
    "BadResponse",
    "BadSelector",
    "BadUrl",
    "BlockedAddress",
    "BlockedPort",
    "BodyTooLarge",
    "BrowserFailed",
    "Challenged",
    "ConfigurationError",
    "ConnectionLost",
    "DnsFailed",
    "ElsewhereLed",
    "EncoderUnavailable",
    "Fault",
    "HostStruggling",
    "HttpStatus",
    "InternalFault",
    "LoginAsked",
    "MailNotBuilt",
    "MailPutOff",
    "MailRefused",
    "MailServerDown",
    "MailUnknown",
    "MailboxRefused",
    "MonitorError",
    "NetworkDown",
    "NotAFeed",
    "NotAnArticle",
    "OutboxNotWritable",
    "ParserKilled",
    "ParserTimeout",
    "ParsersUnavailable",
    "Rejected",
    "Retryable",
    "RobotsDisallowed",
    "RobotsUnavailable",
    "SearchRefused",
    "ServerBusy",
    "StoreBroken",
    "StoreBusy",
    "Timeout",
    "TlsError",
    "TooManyRedirects",
    "TransactionLost",
    "UsageError",
    "WatchlistConflict",
    "WatchlistError",
]
