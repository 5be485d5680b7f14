"""A document without a fault is summed up, with what may not do what it is meant to."""

from pathlib import Path

import pytest

from monitor.errors import Fault
from monitor.model.watching import WatchlistReview
from monitor.watchlist.document import read_document
from monitor.watchlist.review import review

GOOD = Path(__file__).with_name("harbour-shelters.yaml").read_text("utf-8").replace("not: animal", "not: '@finder'")


def reviewed(text: str) -> WatchlistReview:
    return review(read_document(text, "my-list.yaml"))


def test_a_document_is_summed_up() -> None:
    found = reviewed(GOOD)
    assert (found.name, found.claims, found.languages) == ("harbour-shelters", 2, {"en": 2, "km": 1})
    assert (found.names, found.search_aids, found.scripts) == (2, ("finder",), ("Latin", "Khmer"))
    assert (found.glossed, found.unchecked) == (
        2,
        (("ជំនួយកំពង់ផែ", "harbour aid"), ("ជួញដូរ", "trafficking")),
    )
    assert found.notes == ()


def test_a_term_that_a_reader_has_checked_is_not_counted_as_unchecked() -> None:
    checked = GOOD.replace("      gloss: trafficking", "      gloss: trafficking\n      checked_by: A reader")
    assert reviewed(checked).unchecked == (("ជំនួយកំពង់ផែ", "harbour aid"),)


@pytest.mark.parametrize(
    ("before", "after", "line", "column", "says"),
    [
        (
            "unpaid OR",
            "of OR",
            28,
            9,
            'unpaid, "en": "of" stands in nearly every article, so it asks for nothing',
        ),
        (
            "      en: '(shelter*",
            "      fr: hôtel OR à\n      en: '(shelter*",
            19,
            20,
            'held-in-shelters, "fr": "a" stands in nearly every article, so it asks for nothing',
        ),
        ("unpaid OR", "B OR", 28, 9, 'unpaid, "en": "b" is a single sign, which stands in many articles'),
        (
            "not: '@finder'",
            "not: shelter OR the",
            21,
            21,
            'held-in-shelters, "not": "the" stands in nearly every article, so it asks for nothing',
        ),
        (
            "        unpaid OR\n",
            "        unpaid AND NOT unpaid OR\n",
            28,
            9,
            'unpaid, "en": this asks for "unpaid" and denies it, so it never holds',
        ),
        (
            "not: '@finder'",
            'not: against OR "against their will"',
            19,
            44,
            (
                'held-in-shelters, "en": it can\'t hold without "against their will", '
                'and "not" shuts out every article with that'
            ),
        ),
        (
            "finder: {",
            "loft: [Old Loft]\n  finder: {",
            8,
            3,
            'the name "loft" is used in no query: write @loft, or take it out',
        ),
        (
            "[Net Loft]",
            "[Net Lоft]",
            8,
            3,
            '"Lоft" in @finder mixes Cyrillic and Latin letters: it looks right and is never found',
        ),
        (
            "said_by: The Sample",
            "said_by: unknown",
            17,
            14,
            "held-in-shelters: nobody is named under said_by: who says so?",
        ),
    ],
)
def test_what_may_not_do_what_it_is_meant_to_is_pointed_out(
    before: str, after: str, line: int, column: int, says: str
) -> None:
    text = GOOD
    assert before in text
    notes = reviewed(text.replace(before, after, 1)).notes
    assert Fault(says, line, column) in notes


@pytest.mark.parametrize("word", ["カラオケ店", "卡拉OK", "嫖", "売春させ", "NGOに頼"])
def test_scripts_that_are_written_side_by_side_and_words_of_one_sign_are_no_slip(word: str) -> None:
    text = GOOD.replace("[Net Loft]", f"[Net Loft, {word}]").replace("unpaid OR", f"{word} OR")
    assert reviewed(text).notes == ()


@pytest.mark.parametrize(
    "file", sorted((Path(__file__).parents[3] / "watchlists").rglob("*.yaml")), ids=lambda file: file.name
)
def test_nothing_is_to_be_looked_at_again_in_what_ships(file: Path) -> None:
    assert reviewed(file.read_text("utf-8")).notes == ()


def test_a_claim_without_terms_is_said_to_be_found_by_its_meaning_alone() -> None:
    before, _, after = GOOD.partition("    terms:\n")
    rest = after[after.index("  - id:") :]
    (note,) = (note for note in reviewed(before + rest).notes if "terms" in note.message)
    assert note.message.startswith(
        'held-in-shelters: without "terms" it is found by its own words and its meaning alone'
    )


def test_a_lone_khmer_cluster_is_pointed_out() -> None:
    text = GOOD.replace("km: ជួញដូរ", "km: គេ")
    text = text.replace("- term: ជួញដូរ", "- term: គេ")
    (note,) = reviewed(text).notes
    assert "a single Khmer cluster" in note.message
