"""Which headlines, and which names of outlets, are the same but for how they are written."""

import pytest

from monitor.text.names import is_same_outlet, squash, title_key


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Workers of the pier: locked in!", "WORKERS OF THE PIER — LOCKED IN"),
        ("“Locked in” at the pier, clerk says", "'Locked in' at the pier, clerk says"),
        ("Workers\u00a0of the pier locked in", "Workers of the pier locked in"),
        ("Ｗｏｒｋｅｒｓ of the pier locked in", "Workers of the pier locked in"),
        ("កម្មករកំពង់ផែ ត្រូវបានចាក់សោ", "កម្មករកំពង់ផែត្រូវបានចាក់សោ"),
        ("កម្មករ\u200bកំពង់ផែត្រូវបានចាក់សោ", "កម្មករកំពង់ផែត្រូវបានចាក់សោ"),
    ],
)
def test_a_headline_written_otherwise_has_the_same_key(first: str, second: str) -> None:
    assert title_key(first) == title_key(second) != ""


@pytest.mark.parametrize("title", ["", "Opinion", "Photo of the day", "!!! --- ... !!! --- ... !!!", "\ud800 \x00"])
def test_a_headline_that_says_too_little_has_no_key(title: str) -> None:
    assert title_key(title) == ""


def test_headlines_that_differ_in_a_word_or_a_number_have_different_keys() -> None:
    keys = {title_key(f"{count} workers of the pier {word}") for count in (3, 4) for word in ("freed", "locked in")}
    assert len(keys) == 4


def test_khmer_words_that_differ_only_in_a_vowel_sign_differ() -> None:
    assert squash("កិ") != squash("កី")


@pytest.mark.parametrize(
    ("first", "second", "url"),
    [
        ("The Gazette", "The Gazette", "https://news.example/1"),
        ("the gazette", "THE GAZETTE", "https://news.example/1"),
        ("Harbour Post", "harbourpost.example", "https://www.harbourpost.example/1"),
        ("harbourpost.example", "The Harbour Post Online", "https://harbourpost.example/1"),
        ("Harbour Post", "The Harbour Post", "https://hp.example/1"),
        ("The Harbour Post", "Harbour Post", "https://hp.example/1"),
    ],
)
def test_an_outlet_is_known_by_its_other_names_and_by_its_host(first: str, second: str, url: str) -> None:
    assert is_same_outlet(first, second, url)


@pytest.mark.parametrize(
    ("first", "second", "url"),
    [
        ("", "", "https://news.example/1"),
        ("", "The Gazette", "https://gazette.example/1"),
        ("The Gazette", "Harbour Post", "https://harbourpost.example/1"),
        ("Post", "Harbour Post", "https://harbourpost.example/1"),
        ("The Gazette", "", "not a url"),
    ],
)
def test_strangers_are_not_taken_for_one_outlet(first: str, second: str, url: str) -> None:
    assert not is_same_outlet(first, second, url)


def test_the_article_before_a_name_does_not_hide_its_host() -> None:
    assert is_same_outlet("The Harbour Post", "harbourpost.example", "https://www.harbourpost.example/1")
