"""Previews of public Telegram channels, https://t.me/s/NAME."""

from datetime import UTC, datetime

import pytest

from monitor.errors import NotAFeed
from monitor.extract.entries.channel import read_channel
from monitor.model.entries import Listing
from tests.unit.extract.answers import answer

HEADER = (
    '<div class="tgme_channel_info_header"><div class="tgme_channel_info_header_title"><span dir="auto">The Gazette '
    "&amp; Mail</span></div></div>"
)
TEXT = (
    "តុលាការបើកសវនាការលើសំណុំរឿងដីធ្លី<br/><br/>Second <b>paragraph</b> with <a href='https://gazette.example/a'>a link</a> "
    "&lt;here&gt;<br>and a third"
)


def post(key: str, inner: str, classes: str = "") -> str:
    return (
        f'<div class="tgme_widget_message_wrap js-widget_message_wrap"><div class="tgme_widget_message {classes}" '
        f'data-post="{key}"><div class="tgme_widget_message_bubble">{inner}'
        '<div class="tgme_widget_message_footer"><time class="message_video_duration">0:31</time>'
        f'<a class="tgme_widget_message_date" href="https://t.me/{key}"><time '
        'datetime="2026-11-21T08:00:00+00:00">08:00</time></a></div></div></div></div>'
    )


def text(inner: str) -> str:
    return f'<div class="tgme_widget_message_text js-message_text" dir="auto">{inner}</div>'


def read(*posts: str, header: str = HEADER) -> Listing:
    page = (
        f"<!DOCTYPE html><html><head><title>x</title></head><body>{header}<main>{''.join(posts)}</main></body></html>"
    )
    return read_channel(answer(page, "https://t.me/s/gazette"))


def test_a_post_is_an_entry_with_its_whole_text() -> None:
    listing = read(post("gazette/123", text(TEXT)))
    (entry,) = listing.entries
    assert (listing.title, entry.outlet) == ("The Gazette & Mail", "The Gazette & Mail")
    assert (entry.guid, entry.url) == ("gazette/123", "https://t.me/gazette/123")
    assert entry.title == "តុលាការបើកសវនាការលើសំណុំរឿងដីធ្លី"
    assert entry.text == "តុលាការបើកសវនាការលើសំណុំរឿងដីធ្លី\nSecond paragraph with a link <here>\nand a third"
    assert entry.summary == entry.text.replace("\n", " ")
    assert (entry.published_at, entry.language) == (datetime(2026, 11, 21, 8, tzinfo=UTC), "km")


def test_a_long_first_line_is_cut_after_twelve_words() -> None:
    (entry,) = read(post("gazette/1", text(" ".join(f"w{n}" for n in range(1, 20))))).entries
    assert entry.title == "w1 w2 w3 w4 w5 w6 w7 w8 w9 w10 w11 w12…"


def test_a_long_line_without_spaces_is_cut_too() -> None:
    (entry,) = read(post("gazette/1", text("តុលាការ" * 100))).entries
    assert len(entry.title) <= 120
    assert entry.title.endswith("…")


@pytest.mark.parametrize(
    ("inner", "title"),
    [
        ('<a class="tgme_widget_message_photo_wrap" href="x"></a>', "[photo]"),
        ('<a class="tgme_widget_message_video_player" href="x"></a>', "[video]"),
        (
            '<div class="tgme_widget_message_poll"><div class="tgme_widget_message_poll_question">Who?</div></div>',
            "[poll] Who?",
        ),
        (
            '<a class="tgme_widget_message_document"><i class="tgme_widget_message_document_title">budget.pdf</i></a>',
            "[document] budget.pdf",
        ),
        ("", "[post]"),
    ],
)
def test_a_post_without_text_is_still_an_entry(inner: str, title: str) -> None:
    (entry,) = read(post("gazette/1", inner)).entries
    assert (entry.title, entry.text) == (title, "")


def test_what_a_post_quotes_is_not_its_text() -> None:
    quoted = f'<a class="tgme_widget_message_reply" href="x">{text("Somebody else said")}</a>'
    (entry,) = read(post("gazette/1", quoted + text("Our answer"))).entries
    assert entry.text == "Our answer"


def test_notes_of_the_service_are_no_posts() -> None:
    listing = read(post("gazette/1", text("Channel created"), "service_message"), post("gazette/2", text("Hello")))
    assert [entry.guid for entry in listing.entries] == ["gazette/2"]


@pytest.mark.parametrize("key", ["", "gazette", "../../evil/1", "gazette/1?x", "gazette/1/2", "a b/1", "gazette/-1"])
def test_a_post_with_an_id_not_of_telegrams_form_is_counted_as_rejected(key: str) -> None:
    listing = read(post(key, text("x")), post("gazette/2", text("y")))
    assert ([entry.guid for entry in listing.entries], listing.rejected) == (["gazette/2"], 1)


def test_a_channel_without_posts_lists_nothing() -> None:
    assert read() == Listing("The Gazette & Mail", "")


def test_a_private_or_missing_channel_says_what_to_check() -> None:
    with pytest.raises(NotAFeed, match=r"https://t\.me/s/.*private"):
        read(header='<div class="tgme_page_action">If you have Telegram, you can contact @gazette</div>')


def test_what_is_no_page_is_named() -> None:
    with pytest.raises(NotAFeed, match="JSON"):
        read_channel(answer("{}"))


def test_text_beyond_telegrams_limits_is_cut() -> None:
    (entry,) = read(post("gazette/1", text("word " * 200_000))).entries
    assert len(entry.text) <= 20_000


def test_thousands_of_nested_posts_are_survived() -> None:
    nested = '<div class="tgme_widget_message_wrap"><div class="tgme_widget_message" data-post="gazette/1">' * 1_000
    assert len(read(nested).entries) == 1
