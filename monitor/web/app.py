"""What readers may ask of us: to see what a link would stop, to stop it, and whether anybody is there.

In: an opened Monitor. Out: an ASGI application. Never: changes anything on GET, since mail scanners follow every link;
reads the Host header, a cookie, or more than four KB.
"""

import asyncio
from collections.abc import Callable
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from monitor.errors import MonitorError
from monitor.model.mailing import SubscriptionSpec
from monitor.operations.opening import Monitor
from monitor.operations.pages import SIGN_OF_LIFE
from monitor.operations.subscriptions import subscription_of, unsubscribe
from monitor.web.page import ONE_CLICK, mask_address, write_page

MAX_BODY_BYTES = 4096
BODY_SECONDS = 5.0

Tell = Callable[[str], None]
"""Tells the operator of a failure."""

_Ask = Callable[[Monitor, str], SubscriptionSpec | None]


def pages(monitor: Monitor, tell: Tell) -> Starlette:
    """Return the application that answers readers."""

    async def show(request: Request) -> Response:
        found = await _ask(monitor, tell, subscription_of, request)
        return found if isinstance(found, Response) else _show(found)

    async def stop(request: Request) -> Response:
        refusal = await _refuse_body(request)
        if refusal is not None:
            return refusal
        found = await _ask(monitor, tell, unsubscribe, request)
        return found if isinstance(found, Response) else _stopped(found)

    routes = [
        Route("/unsubscribe/{token}", show, methods=["GET"]),
        Route("/unsubscribe/{token}", stop, methods=["POST"]),
        Route("/healthz", _healthz, methods=["GET"]),
    ]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _nothing_here})
    app.router.redirect_slashes = False  # it would redirect to whatever Host says
    return app


async def _ask(monitor: Monitor, tell: Tell, ask: _Ask, request: Request) -> SubscriptionSpec | Response:
    """Return the subscription that the link speaks of, or the answer that says why there is none."""
    try:
        found = await asyncio.to_thread(ask, monitor, request.path_params["token"])
    except Exception as error:  # noqa: BLE001 (a reader gets a sentence, the operator the reason, the log no token)
        why = str(error) if isinstance(error, MonitorError) else f"a fault in Monitor itself, {type(error).__name__}"
        tell(f"A reader's link could not be answered: {why}")
        sentence = "This can't be answered just now. Nothing was changed; please try again in a few minutes."
        return _page(503, "Not just now", sentence)
    if found is None:
        return _page(
            404,
            "This link is good no more",
            "It is not whole, too old, or its subscription is no more. Open the link in your latest mail, or answer "
            "that mail with the word “stop”.",
        )
    return found


def _show(subscription: SubscriptionSpec) -> Response:
    whom = f" to {mask_address(subscription.address)}" if subscription.address else ""
    if subscription.paused_by == "reader":
        return _page(200, "These mails are stopped already", f"“{subscription.name}”{whom} gets no more digests.")
    sentence = f"Stop the digests of “{subscription.name}”{whom}? So far nothing was changed."
    return HTMLResponse(write_page("Stop these mails?", [sentence], "Stop these mails"))


def _stopped(subscription: SubscriptionSpec) -> Response:
    return _page(
        200,
        "These mails are stopped",
        f"“{subscription.name}” gets no more digests. If that was a mistake, write to whom the mails came from.",
    )


async def _refuse_body(request: Request) -> Response | None:
    """Take a mail program's one click, or our own button's; whatever else is posted changes nothing."""
    body = b""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_BODY_BYTES:
                    return _page(413, "Too much", "Nothing was changed: so much can't be a click.")
    except (TimeoutError, ClientDisconnect):
        return _page(408, "Too slow", "Nothing was changed: the request did not come to its end. Please try again.")
    if ONE_CLICK not in _read_pairs(request.headers.get("content-type", ""), body):
        return _page(400, "Nothing was changed", "This is not the click that stops mails. Open the link in a browser.")
    return None


def _read_pairs(content_type: str, body: bytes) -> list[tuple[str, str]]:
    """Read a posted form of either kind: RFC 8058 §3.2 has senders prefer multipart/form-data."""
    if not content_type.lower().startswith("multipart/form-data"):
        return parse_qsl(body.decode("ascii", "replace").strip())
    form = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode("latin-1") + b"\r\n\r\n" + body)
    fields = form.get_payload() if form.is_multipart() else []
    return [
        (str(field.get_param("name", "", "content-disposition")), str(field.get_payload()).strip())
        for field in fields
        if not isinstance(field, str)
    ]


async def _healthz(_request: Request) -> Response:
    return PlainTextResponse(SIGN_OF_LIFE)


async def _nothing_here(_request: Request, _error: Exception) -> Response:
    return _page(404, "Nothing is here", "This address shows nothing but the page that stops a subscription.")


def _page(status: int, title: str, sentence: str) -> Response:
    return HTMLResponse(write_page(title, [sentence]), status)
