"""Alerts: what waits to be told at once."""

from monitor.errors import UsageError
from monitor.model.digesting import Digest
from monitor.operations.opening import Monitor
from monitor.operations.subscriptions import find_subscription
from monitor.pipeline.alerts import alert_lines, waiting_alert
from monitor.pipeline.stages import watch
from monitor.store.watchlists import live_watchlists


def preview_alert(monitor: Monitor, name: str) -> Digest:
    """Make a subscription's alert of what waits to be told at once; nothing is told by it.

    Raises UsageError where nothing waits, with why.
    """
    subscription = find_subscription(monitor, name)
    if not subscription.wants_alerts:
        raise UsageError(f"{name} gets no alerts; `monitor subscriptions edit {name} --alerts` changes that")
    watching = watch(live_watchlists(monitor.archive))
    lines = alert_lines(monitor.archive, watching)
    if not lines:
        raise UsageError("no live claim asks for alerts: `notify: alert` under a claim does; see docs/watchlists.md")
    found = waiting_alert(monitor.archive, subscription, monitor.now(), monitor.letterhead, lines)
    if found is None:
        claims = f"{len(lines)} claims ask" if len(lines) > 1 else "one claim asks"
        raise UsageError(
            f"nothing waits to be told to {name} at once: {claims} for alerts, and no news of the last 24 hours that "
            "is untold reaches its line; `monitor claims list` shows the lines"
        )
    return found
