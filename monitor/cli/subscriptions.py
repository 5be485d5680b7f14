"""`monitor subscriptions`: who gets digests, and when."""

from dataclasses import replace
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from monitor.cli.output import Json, emit, out, plain, say, show
from monitor.cli.state import opened
from monitor.model.mailing import WEEKDAYS, SubscriptionSpec
from monitor.operations import subscriptions as operations
from monitor.operations.digests import next_digests
from monitor.operations.opening import Monitor
from monitor.operations.signing import new_signing_key
from monitor.text.counting import counted

app = typer.Typer()
Name = Annotated[str, typer.Argument(metavar="NAME", help="Small letters, digits and dashes.")]
Names = Annotated[list[str], typer.Argument(metavar="NAME...", help="As `monitor subscriptions list` shows them.")]
Lists = Annotated[
    list[str] | None, typer.Option("--watchlist", metavar="NAME", help="Only of this watchlist; may be repeated.")
]


@app.command()
def add(
    context: typer.Context,
    name: Name,
    to: Annotated[str, typer.Option("--to", metavar="ADDRESS", help="Mail address; without one: to files.")] = "",
    watchlists: Lists = None,
    at: Annotated[str, typer.Option("--at", metavar="HH:MM", help="Local time; default: MONITOR_DIGEST_AT.")] = "",
    zone: Annotated[str, typer.Option("--zone", help="Time zone; default: MONITOR_TIMEZONE.")] = "",
    weekly: Annotated[str, typer.Option("--weekly", metavar="DAY", help="Once a week, on that day.")] = "",
    since: Annotated[str, typer.Option("--since", metavar="DATE", help="Tell hits from that day on, too.")] = "",
    alerts: Annotated[bool, typer.Option(help="Alerts at once where a claim asks for them.")] = True,
    as_json: Json = False,
) -> None:
    """Add a reader. Example: `monitor subscriptions add desk --to desk@example.org --at 07:00 --zone Asia/Phnom_Penh`

    The first digest comes at the hour; it tells what is found from now on.
    """
    monitor = opened(context)
    spec = SubscriptionSpec(
        name=name,
        delivery="files",
        send_at=at or monitor.settings.digest_at,
        timezone=zone or monitor.settings.timezone,
        address=to,
        watchlists=tuple(dict.fromkeys(watchlists or ())),
        weekday=operations.read_weekday(weekly),
        wants_alerts=alerts,
    )
    _show_one(monitor, operations.add(monitor, spec, since), as_json=as_json)


@app.command()
def edit(
    context: typer.Context,
    name: Name,
    to: Annotated[str | None, typer.Option("--to", metavar="ADDRESS", help="Mail address; '' = to files.")] = None,
    watchlists: Lists = None,
    all_watchlists: Annotated[bool, typer.Option("--all-watchlists", help="Of every watchlist.")] = False,
    at: Annotated[str | None, typer.Option("--at", metavar="HH:MM", help="Local time.")] = None,
    zone: Annotated[str | None, typer.Option("--zone", help="Time zone.")] = None,
    weekly: Annotated[str | None, typer.Option("--weekly", metavar="DAY", help="That day only; or: daily.")] = None,
    alerts: Annotated[
        bool | None, typer.Option("--alerts/--no-alerts", help="Alerts at once, or digests alone.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Change a reader's address, watchlists or hour. Example: `monitor subscriptions edit desk --at 06:30`"""
    monitor = opened(context)
    spec = operations.find_subscription(monitor, name)
    changed = replace(
        spec,
        address=spec.address if to is None else to,
        watchlists=() if all_watchlists else tuple(dict.fromkeys(watchlists or spec.watchlists)),
        send_at=at or spec.send_at,
        timezone=zone or spec.timezone,
        weekday=spec.weekday if weekly is None else operations.read_weekday(weekly),
        wants_alerts=spec.wants_alerts if alerts is None else alerts,
    )
    _show_one(monitor, operations.change(monitor, changed), as_json=as_json)


@app.command("list")
def list_all(context: typer.Context, as_json: Json = False) -> None:
    """List who gets digests, and when the next is due. Example: `monitor subscriptions list`"""
    monitor = opened(context)
    found = operations.all_subscriptions(monitor)
    due = {following.subscription: following.at for following in next_digests(monitor)}
    if as_json:
        for one in found:
            emit(_record(one) | {"next_digest_at": due.get(one.name)})
        return
    if not found:
        show("Nobody gets digests yet; `monitor run` makes the first subscription, `local`, to files.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("Name", "To", "Watchlists", "When", "Next digest"):
        table.add_column(heading, overflow="fold")
    for one in found:
        following = f"{due[one.name]:%Y-%m-%d %H:%M}" if one.name in due else ""
        standing = Text(_paused(one), "yellow") if one.paused_by else Text(following)
        table.add_row(one.name, plain(one.address or "files"), ", ".join(one.watchlists) or "all", _when(one), standing)
    out.print(table)
    _warn(monitor, found)


@app.command()
def pause(context: typer.Context, names: Names) -> None:
    """Make and send no more until `resume`; nothing is lost. Example: `monitor subscriptions pause desk`"""
    paused = operations.pause(opened(context), names)
    show(f"Paused: {', '.join(paused) or 'none, they were paused already'}. `monitor subscriptions resume` goes on.")


@app.command()
def resume(context: typer.Context, names: Names) -> None:
    """Go on; the next digest tells what came meanwhile. Example: `monitor subscriptions resume desk`"""
    monitor = opened(context)
    by_reader = [name for name in names if operations.find_subscription(monitor, name).paused_by == "reader"]
    resumed = operations.resume(monitor, names)
    show(f"Going on: {', '.join(resumed) or 'none, they were not paused'}.")
    if by_reader:
        say(f"{', '.join(by_reader)} had been stopped by the reader: be sure that they asked for it.", style="yellow")


@app.command()
def remove(context: typer.Context, names: Names) -> None:
    """Forget readers, with their addresses and what they are owed. Example: `monitor subscriptions remove desk`"""
    operations.remove(opened(context), names)
    show(f"Removed: {', '.join(names)}. Their addresses are no longer in the archive.")


@app.command("new-key")
def new_key(context: typer.Context) -> None:
    """Sign links in mail with a new key; old links hold 30 days more. Example: `monitor subscriptions new-key`"""
    monitor = opened(context)
    new_signing_key(monitor.settings, monitor.now())
    show("Links in mail are signed with a new key from now on; those sent before are good for 30 days more.")


def _show_one(monitor: Monitor, spec: SubscriptionSpec, *, as_json: bool) -> None:
    if as_json:
        emit(_record(spec))
        return
    lists = f"watchlist {', '.join(spec.watchlists)}" if spec.watchlists else "every watchlist"
    show(f"{spec.name}: {lists}, {_when(spec)}, to {spec.address or 'files'}")
    following = [one.at for one in next_digests(monitor) if one.subscription == spec.name]
    if following:
        show(f"Next digest: {following[0]:%Y-%m-%d %H:%M} {following[0].tzname()}")
    _warn(monitor, [spec])
    say(f"See it now: monitor digests preview {spec.name}; try the way: monitor digests send {spec.name}")


def _warn(monitor: Monitor, found: list[SubscriptionSpec]) -> None:
    mailed = [one for one in found if one.delivery == "mail"]
    if mailed and monitor.letterhead is None:
        say(
            f"{counted(len(mailed), 'subscription')} by mail must wait, nothing of it is used up: set MONITOR_SMTP_URL "
            "and MONITOR_MAIL_FROM",
            style="yellow",
        )


def _when(spec: SubscriptionSpec) -> str:
    day = "daily" if spec.weekday is None else f"{WEEKDAYS[spec.weekday].title()}s"
    return f"{day} at {spec.send_at} {spec.timezone}{'' if spec.wants_alerts else ', no alerts'}"


def _paused(spec: SubscriptionSpec) -> str:
    since = f" since {spec.paused_at:%Y-%m-%d}" if spec.paused_at else ""
    return f"stopped by the reader{since}" if spec.paused_by == "reader" else f"paused{since}"


def _record(spec: SubscriptionSpec) -> dict[str, object]:
    return {
        "name": spec.name,
        "delivery": spec.delivery,
        "address": spec.address,
        "watchlists": spec.watchlists,
        "send_at": spec.send_at,
        "timezone": spec.timezone,
        "weekday": WEEKDAYS[spec.weekday] if spec.weekday is not None else None,
        "tells_from": spec.tells_from,
        "wants_alerts": spec.wants_alerts,
        "paused_by": spec.paused_by,
        "paused_at": spec.paused_at,
    }
