from datetime import date
from pathlib import Path

import pytest

from monitor.errors import WatchlistError
from monitor.match import Matcher
from monitor.model.matching import MatchInput
from monitor.model.query import And, Or, Phrase, Word
from monitor.watchlist.document import read_watchlist

GOOD = Path(__file__).with_name("harbour-shelters.yaml").read_text("utf-8")


def test_a_title_is_one_line() -> None:
    broken = GOOD.replace("From the pier to the net loft", '"From the pier\\r\\nBcc: to the\\tloft"')
    assert read_watchlist(broken, "sample.yaml").title == "From the pier Bcc: to the loft"


def test_a_good_document_is_read_whole() -> None:
    watchlist = read_watchlist(GOOD, "sample.yaml")
    assert (watchlist.name, watchlist.title) == ("harbour-shelters", "From the pier to the net loft")
    assert watchlist.story.published_on == date(2014, 6, 3)
    held, unpaid = watchlist.claims
    assert held.said_by == "The Sample"
    assert held.expression == Or(
        (
            And(
                (
                    Or((Word("shelter", is_prefix=True), Phrase(("harbour", "aid")), Word("ជំនួយកំពង់ផែ", is_exact=True))),
                    Phrase(("against", "their", "will")),
                )
            ),
            Word("ជួញដូរ"),
        )
    )
    assert held.exclusion == Word("animal")
    assert held.glosses == (("ជំនួយកំពង់ផែ", "harbour aid"), ("ជួញដូរ", "trafficking"))
    assert unpaid.expression == Or((Word("unpaid"), Phrase(("no", "wage"))))
    assert unpaid.exclusion is None


WITHOUT_TERMS = """
watchlist: bare
title: By meaning alone
claims:
  - id: yard
    claim: Workers are kept in a yard over night.
    said_by: The Sample
"""


def test_a_claim_without_terms_is_held_by_no_article_on_its_terms() -> None:
    (claim,) = read_watchlist(WITHOUT_TERMS, "bare.yaml").claims
    assert claim.expression == Or(())
    assert Matcher([(claim.key, claim)]).match(MatchInput("", "Workers are kept in a yard over night.")) == ()


def test_terms_that_are_named_and_not_given_are_asked_for() -> None:
    for nothing in ("terms:", "terms: {}"):
        with pytest.raises(WatchlistError, match='nothing stands under "terms": say what to look for'):
            read_watchlist(WITHOUT_TERMS.rstrip() + f"\n    {nothing}\n", "bare.yaml")


@pytest.mark.parametrize("published", ["2014", "2014-06", '"2014"', ""])
def test_a_year_or_a_month_is_kept_as_given_and_is_no_day(published: str) -> None:
    assert read_watchlist(GOOD.replace("2014-06-03", published), "s").story.published_on is None


def _fingerprints(text: str) -> list[str]:
    return [claim.fingerprint for claim in read_watchlist(text, "s").claims]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# a comment", "# another"),
        ("title: Pay", "title: Wages"),
        ("said_by: The Sample", "said_by: The Example"),
        ("Nobody is paid.", "Nobody  is paid."),
        ("gloss: trafficking", "gloss: trade in persons"),
        ("notify: alert", "notify: digest"),
        ('unpaid OR\n        "no wage"', '"no wage" OR unpaid'),
        ("[Harbour Aid, ជំនួយកំពង់ផែ]", "[ជំនួយកំពង់ផែ, Harbour Aid]"),
        ("[Net Loft]", "[Net Loft, The Loft]"),
    ],
)
def test_a_claim_stays_the_same_revision_where_nothing_it_finds_changes(before: str, after: str) -> None:
    assert before in GOOD
    assert _fingerprints(GOOD.replace(before, after)) == _fingerprints(GOOD)


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        ("Shelters hold women", "Shelters held women", [True, False]),
        ("shelter*", "shelters", [True, False]),
        ("not: animal", "not: animal OR dog", [True, False]),
        ("    not: animal\n", "", [True, False]),
        ("[Harbour Aid,", "[Harbour Aid, The Aid,", [True, False]),
        ("unpaid OR", "unpaid AND", [False, True]),
    ],
)
def test_a_claim_is_a_new_revision_with_its_text_terms_exclusions_or_names(
    before: str, after: str, changed: list[bool]
) -> None:
    pairs = zip(_fingerprints(GOOD), _fingerprints(GOOD.replace(before, after)), strict=True)
    assert [one != other for one, other in pairs] == changed


@pytest.mark.parametrize(
    "file", sorted((Path(__file__).parents[3] / "watchlists").rglob("*.yaml")), ids=lambda file: file.name
)
def test_a_bundled_watchlist_is_good(file: Path) -> None:
    assert read_watchlist(file.read_text("utf-8"), file.name).name == file.stem


def test_where_names_a_country_that_all_claims_speak_of_and_makes_them_other_revisions() -> None:
    placed = GOOD.replace("why:", "where: Cambodia\nwhy:", 1)
    assert [claim.where for claim in read_watchlist(placed, "s").claims] == ["KH", "KH"]
    assert [claim.where for claim in read_watchlist(GOOD, "s").claims] == ["", ""]
    assert not set(_fingerprints(placed)) & set(_fingerprints(GOOD))


def test_a_gloss_of_a_name_explains_all_its_spellings_but_those_the_glossary_knows_better() -> None:
    named = GOOD.replace("[Harbour Aid, ជំនួយកំពង់ផែ]", "{spellings: [Aide du port, ជំនួយកំពង់ផែ], gloss: aid by the sea}")
    glosses = dict(read_watchlist(named, "s").claims[0].glosses)
    assert (glosses["aide du port"], glosses["ជំនួយកំពង់ផែ"]) == ("aid by the sea", "harbour aid")
    assert _fingerprints(named) == _fingerprints(named.replace("gloss: aid by the sea", "gloss: aid"))
