"""Hand mails to the operator's mail server. In: OwedMail. Out: Receipt. Never: changes a byte, says a password.

The server is where the operator says it is, on a private address too, and no proxy leads there. Its certificate is
checked, always.
"""

import asyncio
import base64
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NoReturn

from aiosmtplib import SMTP, SMTPException, SMTPResponseException, SMTPServerDisconnected, SMTPTimeoutError

from monitor.digest.plain import plain_text
from monitor.errors import MailPutOff, MailRefused, MailServerDown, MailUnknown
from monitor.model.mailing import OwedMail, Receipt, SmtpServer

_NEEDS_LOGIN = frozenset({530, 534, 535, 538})
_CLOSING = 421
_MAX_REPLY_CHARS = 200


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a server may take: to be reached and logged in to, for a command, and to take a text."""

    connect_seconds: float = 45
    command_seconds: float = 60
    text_seconds: float = 300


class SmtpCourier:
    """Hands mails to one server over one connection, which is opened when it is needed."""

    def __init__(
        self, server: SmtpServer, sender: str, trust: Callable[[], ssl.SSLContext], patience: Patience | None = None
    ) -> None:
        self._server = server
        self._sender = sender
        # Called when a connection is opened: reading all authorities takes longer than a look at an empty outbox.
        self._trust = trust
        self._patience = patience or Patience()
        self._client: SMTP | None = None

    async def deliver(self, mail: OwedMail, hand_over: Callable[[], Awaitable[None]]) -> Receipt:
        """Hand over one mail; `hand_over` is awaited before its text goes out, and may forbid that by raising.

        Raises MailServerDown where no mail can be handed over, MailPutOff, MailRefused, or MailUnknown where nobody
        knows whether it was taken.
        """
        client = await self._announce(mail)
        await hand_over()
        try:
            reply = await client.data(mail.message, timeout=self._patience.text_seconds)
        except SMTPResponseException as error:
            await self._start_over(client, error.code)
            if not 400 <= error.code < 600:
                raise MailUnknown(f"{self._server.place} answered the text with {self._say(error)}") from error
            self._refuse("the text", error)
        except (SMTPException, OSError) as error:
            self._drop()
            raise MailUnknown(
                f"{self._server.place} had the text, then the connection broke or no answer came ({self._say(error)})"
            ) from error
        return Receipt(plain_text(f"{reply.code} {self._mask(reply.message)}", _MAX_REPLY_CHARS))

    async def greet(self) -> None:
        """Reach the server and log in, and nothing more. Raises MailServerDown."""
        await self._connected()

    async def close(self) -> None:
        """Take leave of the server."""
        client, self._client = self._client, None
        if client is None:
            return
        try:
            await client.quit(timeout=2)
        except (SMTPException, OSError):
            client.close()

    async def _announce(self, mail: OwedMail) -> SMTP:
        """Name sender and recipient; a connection that the server closed while it was idle is opened anew, once."""
        is_reused = self._client is not None and self._client.is_connected
        client = await self._connected()
        what = "the sender"
        try:
            await client.mail(self._sender)
            what = "the recipient"
            await client.rcpt(mail.address)
        except SMTPResponseException as error:
            await self._start_over(client, error.code)
            if is_reused and error.code == _CLOSING:
                return await self._announce(mail)
            self._refuse(what, error)
        except (SMTPException, OSError) as error:
            self._drop()
            if is_reused and isinstance(error, SMTPServerDisconnected):
                return await self._announce(mail)
            raise MailPutOff(f"{self._server.place} broke off at {what} ({self._say(error)})") from error
        return client

    async def _connected(self) -> SMTP:
        if self._client is not None and self._client.is_connected:
            return self._client
        server = self._server
        client = SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=server.password or None,
            local_hostname=self._sender.rpartition("@")[2],
            timeout=self._patience.command_seconds,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            tls_context=None if server.security == "none" else self._trust(),
        )
        try:
            async with asyncio.timeout(self._patience.connect_seconds):
                await client.connect()
        except (SMTPException, OSError, TimeoutError, ValueError) as error:
            client.close()
            raise MailServerDown(f"{server.place} {self._say_why_not(error)}; see MONITOR_SMTP_URL") from error
        self._client = client
        return client

    async def _start_over(self, client: SMTP, code: int) -> None:
        """Forget a mail half announced, so that the next begins afresh."""
        if code == _CLOSING or not 400 <= code < 600:
            self._drop()
            return
        try:
            await client.rset()
        except (SMTPException, OSError):
            self._drop()

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _refuse(self, what: str, error: SMTPResponseException) -> NoReturn:
        words = f"{self._server.place} refuses {what}: {self._say(error)}"
        if error.code in _NEEDS_LOGIN:
            raise MailServerDown(f"{words}; see MONITOR_SMTP_URL") from error
        if 500 <= error.code < 600:
            raise MailRefused(words) from error
        raise MailPutOff(words) from error

    def _say_why_not(self, error: Exception) -> str:
        cause: BaseException | None = error
        while cause is not None and not isinstance(cause, ssl.SSLError):
            cause = cause.__cause__ or cause.__context__
        if cause is not None:
            return f"can't be trusted ({self._say(cause)}): name an authority of your own with MONITOR_CA_FILE"
        if isinstance(error, TimeoutError):
            return f"did not answer within {self._patience.connect_seconds:g} seconds"
        if isinstance(error, SMTPResponseException) and error.code in _NEEDS_LOGIN:
            return f"refuses the user or the password: {self._say(error)}"
        is_clear = self._server.security == "none" and self._server.password
        remedy = ". Where it wants TLS first, end its address with ?starttls=always" if is_clear else ""
        return f"can't be used: {self._say(error).rstrip('.')}{remedy}"

    def _say(self, error: BaseException) -> str:
        if isinstance(error, SMTPResponseException):
            return plain_text(f"{error.code} {self._mask(error.message)}", _MAX_REPLY_CHARS)
        if isinstance(error, SMTPTimeoutError):
            return "timed out"
        return plain_text(self._mask(str(error) or type(error).__name__), _MAX_REPLY_CHARS)

    def _mask(self, words: str) -> str:
        """Take the password out of what a server says back, as it is or as it was sent."""
        user, password = self._server.user, self._server.password
        if not password:
            return words
        forms = (password, *(base64.b64encode(form.encode()).decode() for form in (password, f"\0{user}\0{password}")))
        for form in forms:
            words = words.replace(form, "***")
        return words
