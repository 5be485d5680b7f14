"""Mail addresses as operators write them; pure.

In: `name@example.org` or `Name <name@example.org>`. Out: exactly one mailbox. Never: what a mail server could read as
two, as none, or as a command of its own.
"""

import re
from typing import NamedTuple

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_DOMAIN = r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*"
# Not by `email`: its parser of addresses crashes on some of what it is given.
_MAILBOX = re.compile(
    rf'(?:"?(?P<name>[^"<>\\]*?)"? ?<(?P<named>{_ATOM}(?:\.{_ATOM})*@{_DOMAIN})>'
    rf"|(?P<bare>{_ATOM}(?:\.{_ATOM})*@{_DOMAIN}))"
)
_MAX_CHARS = 254
_MAX_LOCAL_PART_CHARS = 64


class Mailbox(NamedTuple):
    """One mail address with the name that stands before it, or ""."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """What stands behind the @."""
        return self.address.rpartition("@")[2]


def read_mailbox(text: str) -> Mailbox | None:
    """Return the one mailbox that a line of text names, or None where it names none or more than one."""
    found = _MAILBOX.fullmatch(text)
    if found is None:
        return None
    address = found["named"] or found["bare"]
    if len(address) > _MAX_CHARS or address.find("@") > _MAX_LOCAL_PART_CHARS:
        return None
    return Mailbox((found["name"] or "").strip(), address)
