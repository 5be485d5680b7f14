"""What all failures are: worth another try, or not; and a fault of ours."""


class MonitorError(Exception):
    """Something that Monitor expects went wrong; the message is for its user."""

    reason: str = "error"


class Retryable(MonitorError):
    """It may go better later."""


class Rejected(MonitorError):
    """It won't go better as it stands."""


class InternalFault(Retryable):
    """Monitor itself is at fault; please report it."""

    reason = "internal_error"

    @classmethod
    def of(cls, error: Exception) -> MonitorError:
        """Return the error itself where it is one that is expected, else say whose fault it is."""
        if isinstance(error, MonitorError):
            return error
        return cls(f"a fault in Monitor itself ({type(error).__name__}: {error}); please report it")
