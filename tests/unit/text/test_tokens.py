import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text.khmer import is_cluster_boundary, is_khmer
from monitor.text.normalise import normalise
from monitor.text.tokens import MAX_TOKEN_CHARACTERS, Tokens, forms_of


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("", []),
        ("The police re-opened 2 women's _homes_.", ["the", "police", "re", "opened", "2", "women", "s", "homes"]),
        ("Café ÉTÉ cafe\u0301", ["cafe", "ete", "cafe"]),
        ("ស្ត្រីការ", ["ស្ត្រី", "ការ"[0:2], "រ"]),
        ("អង្គការAFESIPនៅ២០", ["អ", "ង្គ", "កា", "រ", "afesip", "នៅ", "20"]),
        ("กฎหมาย ที่", ["ก", "ฎ", "ห", "ม", "า", "ย", "ที่"]),
        ("ພາສາລາວ", ["ພ", "າ", "ສ", "າ", "ລ", "າ", "ວ"]),
        ("မြန်မာ သမ္မတ", ["မြ", "န်", "မာ", "သ", "မ္မ", "တ"]),
        ("性工作者2名", ["性", "工", "作", "者", "2", "名"]),
        ("カンボジアの警察", ["カ", "ン", "ホ\u3099", "シ\u3099", "ア", "の", "警", "察"]),
        ("Việt Nam mại dâm", ["viet", "nam", "mai", "dam"]),
        ("हिन्दी", ["हिन्दी"]),
        ("a\x00b\ud800c😀d", ["a", "b", "c", "d"]),
    ],
)
def test_a_text_is_cut_into_the_words_and_clusters_that_a_reader_sees(text: str, forms: list[str]) -> None:
    assert Tokens(normalise(text).text).forms == forms


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("the police re-open 2 factories.", 6),
        ("ក" * 5, 1),
        ("ក" * 6, 2),
        ("abc" + "ក" * 10, 3),
        ("กฎหมาย", 2),
        ("性工作者", 2),
        ("𝔸𝔹 hello", 2),
    ],
)
def test_words_are_counted_in_every_script(text: str, count: int) -> None:
    assert Tokens(normalise(text).text).word_count == count


def test_words_between_two_tokens_leave_out_the_tokens_themselves() -> None:
    tokens = Tokens("raid on the garment factory")
    assert tokens.words_between(1, 3) == 2
    assert tokens.words_between(3, 3) == 0
    assert Tokens("កក" + "ខ" * 5 + "គគ").words_between(2, 7) == 1
    assert Tokens("កក" + "ខ" * 6 + "គគ").words_between(2, 8) == 2


@pytest.mark.parametrize("letter", ["a", "é", "я"])
def test_a_run_without_end_is_cut_alike_in_terms_and_texts(letter: str) -> None:
    text = normalise(f"x {letter * 150} y").text
    tokens = Tokens(text)
    assert [len(form) for form in tokens.forms] == [1, MAX_TOKEN_CHARACTERS, MAX_TOKEN_CHARACTERS, 22, 1]
    assert tuple(tokens.forms[1:4]) == forms_of(normalise(letter * 150).text)
    assert [text[slice(*tokens.span(n, n + 1))] for n in range(5)] == tokens.forms


_TEXTS = st.lists(st.sampled_from([*"aé-' .៛កាស្ត្រីទ២โกที่性工カ\u3099မ္မန\u200bß_", "raid", "ស្ត្រី", "\n"]), max_size=30).map(
    "".join
)


@given(_TEXTS)
def test_tokens_stand_where_they_say_and_cut_no_cluster(text: str) -> None:
    normal = normalise(text).text
    tokens = Tokens(normal)
    spans = [tokens.span(number, number + 1) for number in range(len(tokens.forms))]
    assert [normal[start:end] for start, end in spans] == tokens.forms
    assert spans == sorted(spans)
    gaps = zip([0, *(end for _, end in spans)], [*(start for start, _ in spans), len(normal)], strict=True)
    assert not any(normal[end:start] and any(map(str.isalnum, normal[end:start])) for end, start in gaps)
    inner = [start for start, _ in spans if start and is_khmer(normal[start - 1]) and is_khmer(normal[start])]
    assert all(is_cluster_boundary(normal, start) for start in inner)
    for number, (_, end) in enumerate(spans):
        assert tokens.end_before(end) == number + 1
