"""The short way to an entry's words gives what the long way gives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.extract.entries.raw import _plain
from monitor.text.plain import plain_text


@pytest.mark.parametrize(
    "markup",
    [
        "",
        "  Two   words ",
        "<p>One paragraph.</p>",
        " <p>One.</p>  <p>Another: 3 > 2.</p> ",
        "<p></p><p>x</p>",
        "<p>One.</p>and more",
        "<p>unclosed",
        "<p>in <b>bold</b></p>",
        "<P>One.</P><p>Two.</p>",
        "<p>a &amp; b</p>",
        "<p>a\tb\nc</p>",
        "<p>\x1b[2J</p>",
        "<p>ខ្មែរ</p>",
        "<p>" + "long " * 50 + "</p>",
        "word " * 50,
    ],
)
def test_words_are_the_same_by_the_short_way(markup: str) -> None:
    assert _plain(markup, 100) == plain_text(markup, 100)
    assert _plain(markup, 5_000) == plain_text(markup, 5_000)


@given(st.lists(st.sampled_from(["<p>", "</p>", "<p", "p>", ">", " ", "  ", "one", "two", "3 > 2"]), max_size=12))
def test_paragraphs_are_read_alike_however_they_are_opened_and_closed(pieces: list[str]) -> None:
    markup = "".join(pieces)
    assert _plain(markup, 5_000) == plain_text(markup, 5_000)
