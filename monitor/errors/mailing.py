"""What keeps a mail from its reader."""

from monitor.errors.families import MonitorError, Rejected, Retryable


class OutboxNotWritable(Retryable):
    """The folder for mail can't be written: it is full, or belongs to somebody else."""

    reason = "outbox_not_writable"


class MailServerDown(Retryable):
    """The mail server can't be reached, trusted or logged in to; every mail waits for it."""

    reason = "mail_server_down"


class MailPutOff(Retryable):
    """The mail server doesn't take this mail now."""

    reason = "mail_put_off"


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
