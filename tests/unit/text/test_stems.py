import pytest

from monitor.text.stems import may_have_stem_of, stem_heads, stem_of


@pytest.mark.parametrize(
    "words",
    [
        ("raid", "raids", "raided", "raiding"),
        ("factory", "factories"),
        ("detain", "detains", "detained", "detaining"),
        ("die", "dies", "died", "dying"),
        ("sky", "skies"),
        ("hope", "hoped", "hoping"),
        ("woman",),
    ],
)
def test_inflections_share_a_stem_and_none_is_passed_over(words: tuple[str, ...]) -> None:
    (stem,) = {stem_of(word) for word in words}
    assert all(may_have_stem_of(word, set(stem_heads(stem))) for word in words)


@pytest.mark.parametrize("token", ["is", "2008", "covid19", "ស្ត្រី", "性", "я", "a" * 60, ""])
def test_what_has_no_inflections_is_its_own_stem(token: str) -> None:
    assert stem_of(token) == token


def test_different_words_have_different_stems() -> None:
    assert len({stem_of(word) for word in ("garment", "guard", "organ", "organization", "raid", "rail")}) == 6
