import pytest

from monitor.text.plain import drop_controls, letter_end, letter_start, one_line, plain_paragraphs, plain_text
from tests.growth import assert_in_proportion

CASES = [
    ("Wages rise", "Wages rise"),
    ("AT&T wins", "AT&T wins"),
    ("A < B and 5 <6 apples", "A < B and 5 <6 apples"),
    ("<p>One</p><p>two</p>", "One two"),
    ("line<br>break", "line break"),
    ("<b>K</b>hmer <i>text</i>", "Khmer text"),
    ("&amp; &#8217; &eacute;", "& ’ é"),
    ("a &lt;b&gt; c", "a <b> c"),
    ("<script>alert(1)</script>A<style>p{}</style>", "A"),
    ("<img src=x onerror=alert(1)>Z", "Z"),
    ("<!-- unseen -->seen", "seen"),
    ("<!-->seen", "seen"),
    ("<!-- never closed", ""),
    ("</div></p>after", "after"),
    ("", ""),
    ("<", "<"),
    (" a \n\t b\u2028c ", "a b c"),
    ("a\x00b\x07c\x9fd", "abcd"),
    ("lone \ud800 half", "lone half"),
    ("pay \u202eyad\u202c \u2066x\u2069", "pay yad x"),
    ("កម្មករ\u200bកាត់\u200dដេរ", "កម្មករ\u200bកាត់\u200dដេរ"),
]


@pytest.mark.parametrize(("markup", "text"), CASES)
def test_markup_becomes_one_line_of_text(markup: str, text: str) -> None:
    assert plain_text(markup) == text


def test_a_long_text_is_cut_with_an_ellipsis() -> None:
    assert plain_text("word " * 5000, 20) == "word word word word…"
    assert plain_text("x" * 20, 20) == "x" * 20


def test_a_cut_never_leaves_half_a_khmer_letter() -> None:
    # ខ្មែ is ខ, the sign that stacks, ម and a vowel: it is kept whole or not at all.
    assert [one_line("កខ្មែរកម្ពុជា", limit) for limit in (3, 4, 5, 6)] == ["ក…", "ក…", "ក…", "កខ្មែ…"]


def test_a_letter_ends_where_its_marks_and_stacked_consonants_do() -> None:
    text = "កខ្មែរe\u0301"
    assert [letter_start(text, at) for at in range(9)] == [0, 1, 1, 1, 1, 5, 6, 6, 8]
    assert [letter_end(text, at) for at in range(9)] == [0, 1, 5, 5, 5, 5, 6, 8, 8]


def test_a_flood_of_marks_is_parted_rather_than_followed_to_its_end() -> None:
    flood = "e" + "\u0301" * 1000
    assert (letter_start(flood, 500), letter_end(flood, 500)) == (484, 516)


def test_lines_stay_lines_where_a_text_keeps_them() -> None:
    assert drop_controls("one\r\ntwo\rthree\u2029four\x00") == "one\ntwo\nthree\nfour"


@pytest.mark.parametrize(
    "piece",
    [
        "<!--",
        "<!-- ",
        "&lt;!--",
        "<div>",
        "<a ",
        "&",
        "<![CDATA[",
        "<style>",
        "<?x ",
        "<p>",
        "<b",
        "]]>",
        "\u0300",
        "\u200d",
    ],
)
def test_a_million_characters_of_one_trick_cost_in_proportion(piece: str) -> None:
    def read(markup: str) -> None:
        assert len(plain_text(markup)) <= 5000

    assert_in_proportion(read, lambda size: piece * (size // len(piece)), 1_000_000)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One\nline.</p><p>Two.</p>", "One line.\nTwo."),
        ("<div><p>One <b>bold</b> word.</p>\n\n<ul><li>a</li><li>b</li></ul></div>", "One bold word.\na\nb"),
        ("One<br>two<br/><br/>three", "One\ntwo\nthree"),
        ("<script>x</script><p>Seen</p><!-- unseen -->", "Seen"),
        ("plain\r\ntext\n\nof lines", "plain\ntext\nof lines"),
        ("កម្មករ<p>រោងចក្រ</p>", "កម្មករ\nរោងចក្រ"),
        ("<p>pay \u202eyad\x00</p>", "pay yad"),
        ("", ""),
    ],
)
def test_markup_becomes_a_paragraph_a_line(markup: str, text: str) -> None:
    assert plain_paragraphs(markup, 1000) == text


def test_paragraphs_are_cut_at_their_limit() -> None:
    assert plain_paragraphs("<p>one</p><p>two</p>", 6) == "one\nt…"


def test_one_piece_of_markup_leaves_nothing_behind_for_the_next() -> None:
    assert plain_text("<script>never closed <p>a") == plain_text("<script>never closed <p>a")
    assert plain_text("<b>seen</b> again") == "seen again"
