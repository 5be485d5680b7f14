"""Write the page of a reader's link. In: sentences. Out: HTML that loads nothing, and the headers of every answer.

A page is a title, a few sentences and at most one button; what is said in it is escaped here and nowhere else.
"""

import base64
import hashlib
from collections.abc import Sequence
from html import escape

STYLE = (
    "body{font:1.1rem/1.5 system-ui,sans-serif;margin:0;background:#f6f5f2;color:#1c1c1c}"
    "main{max-width:34rem;margin:12vh auto;padding:0 1.2rem}h1{font-size:1.4rem}"
    "button{font:inherit;padding:.6rem 1.2rem;border:0;border-radius:.3rem;background:#8a1c1c;color:#fff}"
    "button:focus-visible{outline:3px solid #1c1c1c;outline-offset:2px}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

HEADERS = (
    (
        "content-security-policy",
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),  # the address is the token
    ("cache-control", "no-store"),
    ("x-robots-tag", "noindex"),
    ("connection", "close"),  # one request a connection: what comes after it is never read
)
"""Every answer carries these, those to nonsense too."""

# RFC 8058 §3.1: the one pair that a mail program posts. The button posts the same, so there is one way in.
ONE_CLICK = ("List-Unsubscribe", "One-Click")


def write_page(title: str, sentences: Sequence[str], button: str = "") -> str:
    """Return a page's HTML; `button` is the label of the one that posts to the page's own address."""
    name, value = ONE_CLICK
    pressed = f'<input type="hidden" name="{name}" value="{value}"><button>{escape(button)}</button>'
    parts = [
        f"<h1>{escape(title)}</h1>",
        *(f"<p>{escape(sentence)}</p>" for sentence in sentences),
        *([f'<form method="post">{pressed}</form>'] if button else []),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><main>{''.join(parts)}</main></body></html>\n"
    )


def mask_address(address: str) -> str:
    """Return an address as its owner knows it and a stranger doesn't learn it: r…@paper.example."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}…{at}{domain}"
