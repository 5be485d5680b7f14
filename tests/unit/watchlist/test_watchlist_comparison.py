"""What differs between two versions of a document is told claim by claim, in words."""

from pathlib import Path

import pytest

from monitor.watchlist.comparison import ONLY_LAYOUT, compare

GOOD = Path(__file__).with_name("harbour-shelters.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("# a comment", "# another comment", [ONLY_LAYOUT]),
        ("From the pier to the net loft", "Nets", ['title was "From the pier to the net loft", is "Nets"']),
        ("sample.example/1", "sample.example/2", ["article changed"]),
        (
            "(shelter* OR @harbour-aid)",
            '(shelter* OR "night home")',
            ['changed: held-in-shelters: terms in en: + "night home", - @harbour-aid'],
        ),
        (
            "(shelter* OR @harbour-aid) AND",
            "(shelter* OR @harbour-aid) OR",
            ["changed: held-in-shelters: terms in en: the same words, joined otherwise"],
        ),
        ("not: animal", "not: animal OR dog", ["changed: held-in-shelters: not: + dog"]),
        ("notify: alert", "notify: digest", ['changed: unpaid: notify was "alert", is "digest"']),
        ("Nobody is paid.", "None are paid.", ['changed: unpaid: claim was "Nobody is paid.", is "None are paid."']),
        ("[Harbour Aid,", "[Harbour Aid, The Aid,", ["name @harbour-aid: + The Aid"]),
        ("gloss: trafficking", "gloss: trade in persons", ["glossary km: 1 explained otherwise"]),
        (
            "      gloss: trafficking",
            "      gloss: trafficking\n      checked_by: A reader",
            ["glossary km: 1 newly checked by a reader"],
        ),
    ],
)
def test_a_change_is_told_in_words(before: str, after: str, words: list[str]) -> None:
    assert before in GOOD
    assert list(compare(GOOD, GOOD.replace(before, after, 1)).words) == words


def test_the_same_document_has_no_differences() -> None:
    same = compare(GOOD, GOOD.replace("\n", "\r\n"))
    assert (same.words, same.unified, same.counts) == ((), "", "no claim changed")


def test_claims_that_come_and_go_are_told_with_whose_they_are() -> None:
    other = GOOD.replace("id: unpaid", "id: wages").replace("Nobody is paid.", "Wages are held back.")
    changes = compare(GOOD, other)
    assert changes.counts == "1 added, 1 removed"
    assert list(changes.words) == [
        "added: wages: Wages are held back. (said by The Sample)",
        "removed: unpaid: Nobody is paid. (said by The Sample)",
    ]


def test_an_id_that_was_rewritten_is_told_as_one_claim_renamed() -> None:
    changes = compare(GOOD, GOOD.replace("id: unpaid", "id: no-wages").replace("Nobody is", "NOBODY  is"))
    assert (changes.renamed, changes.added, changes.removed) == ((("unpaid", "no-wages"),), (), ())
    assert changes.words == ("renamed: unpaid is now no-wages, with the same words",)


def test_a_name_that_changes_changes_the_claims_that_use_it() -> None:
    assert compare(GOOD, GOOD.replace("[Harbour Aid,", "[Harbour Aid, The Aid,")).changed == ("held-in-shelters",)
    assert compare(GOOD, GOOD.replace("[Net Loft]", "[Net Loft, The Loft]")).changed == ()


def test_the_lines_that_differ_are_shown_as_a_patch_under_the_names_of_both() -> None:
    unified = compare(GOOD, GOOD.replace("not: animal", "not: dog"), ("version 1", "mine.yaml")).unified
    assert unified.startswith("--- version 1\n+++ mine.yaml\n@@")
    assert "-    not: animal\n+    not: dog\n" in unified


def test_what_is_no_watchlist_is_compared_by_its_lines_alone() -> None:
    changes = compare("[unclosed", "just words\n")
    assert changes.words == (ONLY_LAYOUT,)
    assert "+just words\n" in changes.unified
