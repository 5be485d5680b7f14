"""Turn a digest's page into its two forms, HTML and plain text. Never: decides what is told."""

import textwrap

import css_inline
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from monitor.digest.page import DigestPage
from monitor.text.counting import counted
from monitor.text.khmer import holds_khmer

_WIDTH = 76


def _wrap(text: str, indent: int = 0, mark: str = "") -> str:
    """Break a line at its spaces; Khmer stands without spaces and stays whole for the reader's own program to break."""
    margin = " " * indent + mark
    # No line can be wider than the text is long: that leaves it whole.
    width = len(margin) + len(text) + 1 if holds_khmer(text) else _WIDTH
    return textwrap.fill(
        text,
        width,
        initial_indent=margin,
        subsequent_indent=margin,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("monitor.digest", "templates"),
        # Every name is escaped but the plain-text part's: a renamed template must not lose its escaping.
        autoescape=select_autoescape(disabled_extensions=("txt.jinja",), default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["wrap"] = _wrap
    environment.filters["count"] = counted
    return environment


_TEMPLATES = _environment()
# Mail programs drop style sheets; at-rules stay, because dark mode can't be written inline. Nothing is ever loaded.
_INLINER = css_inline.CSSInliner(
    keep_at_rules=True,
    minify_css=True,
    load_remote_stylesheets=False,
    remove_inlined_selectors=True,
)


def render_html(page: DigestPage) -> str:
    """Return the page as one HTML document that needs nothing from outside."""
    html: str = _INLINER.inline(_TEMPLATES.get_template("digest.html.jinja").render(page=page))
    return html


def render_text(page: DigestPage) -> str:
    """Return the page as plain text that tells the same."""
    return _TEMPLATES.get_template("digest.txt.jinja").render(page=page)
