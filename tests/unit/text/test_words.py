import pytest

from monitor.text.khmer import count_clusters, is_cluster_boundary
from monitor.text.normalise import normalise
from monitor.text.words import Words, begins_word, end_of_word, ends_word


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("the police didn't re-open 2 factories.", 7),
        ("women's (sewing) _work_", 3),
        ("ក" * 5, 1),
        ("ក" * 6, 2),
        ("abc" + "ក" * 10, 3),
        ("กฎหมาย ใหม่", 2),  # Thai: one run, its marks do not split it
        ("𝔸𝔹 한국", 2),
    ],
)
def test_words_are_counted_in_every_script(text: str, count: int) -> None:
    assert Words(normalise(text).text).count == count


def test_words_between_two_places_leave_out_the_words_at_the_places() -> None:
    text = "raid on the garment factory"
    words = Words(text)
    assert words.between(text.index(" on"), text.index("garment")) == 2
    assert words.between(text.index(" garment"), text.index("garment")) == 0


def test_five_khmer_code_points_between_two_places_count_as_one_word() -> None:
    text = "កក" + "ខ" * 5 + "គគ"
    assert Words(text).between(2, 7) == 1
    assert Words(text).between(2, 8) == 2
    assert Words(text).between(2, 2) == 0


def test_latin_glued_to_khmer_begins_and_ends_a_word() -> None:
    text = "អង្គការafesipនៅ"
    start = text.index("a")
    assert begins_word(text, start)
    assert ends_word(text, start + 6)
    assert not begins_word(text, start + 1)


def test_a_khmer_cluster_is_never_cut() -> None:
    text = "ស្ត្រី"
    assert [at for at in range(len(text) + 1) if is_cluster_boundary(text, at)] == [0, len(text)]
    assert count_clusters("ស្ត្រីការ") == 3


def test_a_word_under_way_is_followed_to_its_end() -> None:
    assert end_of_word("shelters.", 7) == 8
    assert end_of_word("shelter", 7) == 7
    assert end_of_word("ជួញដូរ", 1) == 2
