"""The bundled watchlist says whose statement every claim is, and accuses nobody by a search word."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from monitor.bundled import bundled_path
from monitor.match import Matcher
from monitor.model.matching import MatchInput
from monitor.model.watching import Watchlist
from monitor.watchlist.document import read_watchlist
from monitor.watchlist.schema import WatchlistDocument

FILE: Path = bundled_path("watchlists") / "cambodia-reintegration.yaml"
CLAIMS = [
    "raids-to-garment-work",
    "coerced-choice",
    "shelter-detention",
    "unpaid-training",
    "government-rescue-figures",
    "no-systematic-follow-up",
    "tailoring-income",
    "fewer-convictions",
    "re-trafficking-risk",
    "return-to-sex-work",
    "us-pressure-crackdown",
    "factory-wage-leverage",
    "child-victims",
    "willing-sex-workers-arrested",
]
KHMER = re.compile(r"[\u1780-\u17d3]+(?: [\u1780-\u17d3]+)*")


@pytest.fixture(scope="module")
def watchlist() -> Watchlist:
    return read_watchlist(FILE.read_text(encoding="utf-8"), FILE.name)


@pytest.fixture(scope="module")
def document() -> WatchlistDocument:
    return WatchlistDocument.model_validate(YAML(typ="safe", pure=True).load(FILE.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def matcher(watchlist: Watchlist) -> Matcher:
    return Matcher([(claim.key, claim) for claim in watchlist.claims])


def _hits(matcher: Matcher, text: str) -> set[str]:
    return {assessment.claim_key for assessment in matcher.match(MatchInput("", text)) if assessment.is_hit}


def test_the_fourteen_claims_of_the_story_are_watched_each_under_its_id(watchlist: Watchlist) -> None:
    assert [claim.key for claim in watchlist.claims] == CLAIMS


def test_every_claim_says_who_said_it(watchlist: Watchlist) -> None:
    assert [claim.key for claim in watchlist.claims if not claim.said_by.strip()] == []


def test_every_claim_is_looked_for_in_english_and_in_khmer(document: WatchlistDocument) -> None:
    assert [claim.id for claim in document.claims if not {"en", "km"} <= set(claim.terms)] == []


def test_a_name_that_only_helps_to_find_stands_in_no_claim(document: WatchlistDocument) -> None:
    aids = [name for name in document.names.values() if name.note == "search aid"]
    assert len(aids) == 6
    shown = " ".join(f"{claim.claim} {claim.said_by}" for claim in document.claims).casefold()
    assert [spelling for aid in aids for spelling in aid.spellings if spelling.casefold() in shown] == []


def test_every_khmer_term_is_explained_once(document: WatchlistDocument) -> None:
    texts = [query for claim in document.claims for query in claim.terms.values()]
    texts += [spelling for name in document.names.values() for spelling in name.spellings]
    used = {term for text in texts for term in KHMER.findall(text)}
    explained = [entry.term for entry in document.glossary["km"]]
    assert used == set(explained)
    assert len(explained) == len(set(explained))


def test_words_of_other_languages_say_what_they_mean_in_english(
    document: WatchlistDocument, watchlist: Watchlist
) -> None:
    others = {name: entry for name, entry in document.names.items() if name.endswith("-mul")}
    assert len(others) > 20
    assert [name for name, entry in others.items() if not entry.gloss] == []
    glosses = dict(watchlist.claims[0].glosses)
    assert glosses["prostituee"] == glosses["mai dam"] == "sex work, prostitution"


def test_no_khmer_term_pretends_to_be_checked(document: WatchlistDocument) -> None:
    assert {entry.checked_by for entry in document.glossary["km"]} == {""}


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        (
            "Five women from a brothel in Phnom Penh are now sewing shirts, police say.",
            {"raids-to-garment-work"},
        ),
        ("In Cambodia a centre at Prey Speu held women who tried to escape.", {"shelter-detention"}),
        ("Cambodia prosecuted fewer trafficking cases than in the previous year.", {"fewer-convictions"}),
        ("Washington's sanctions over human trafficking worry officials in Cambodia.", {"us-pressure-crackdown"}),
        (
            "Without counselling, survivors in Cambodia are easily re-trafficked, a doctor says.",
            {"re-trafficking-risk"},
        ),
        ("In Cambodia inmates of a women's prison sewed garments for export.", {"factory-wage-leverage"}),
        ("The ministry in Cambodia has no case management for survivors of trafficking.", {"no-systematic-follow-up"}),
        ("A girl in Svay Pak was sold for her virginity to pay a debt.", {"child-victims"}),
        ("ស្ត្រីរកស៊ីផ្លូវភេទនៅភ្នំពេញត្រូវបាននគរបាលឃាត់ខ្លួន", {"willing-sex-workers-arrested"}),
    ],
)
def test_a_sentence_that_bears_on_a_claim_is_found(matcher: Matcher, text: str, claims: set[str]) -> None:
    assert _hits(matcher, text) == claims


@pytest.mark.parametrize(
    "text",
    [
        "Garment workers in Phnom Penh strike for higher wages and block a road.",
        "Seventy people fainted in a garment factory in Cambodia; a shelter took them in for the night.",
        "Police raided a brothel in Kolkata and brought nine girls to a shelter; sewing courses are offered.",
        "A raid in Sihanoukville freed 40 foreigners from a compound that ran online scams.",
        "Two hundred dogs were locked in an animal shelter in Siem Reap when women came to feed them.",
        "A factory in Bangladesh paid seamstresses less than the wage, and prostitution is their way out.",
        "រោងចក្រកាត់ដេរមួយនៅខេត្តកំពង់ស្ពឺបានឆេះ",
        "ក្រសួងការងារ និងបណ្តុះបណ្តាលវិជ្ជាជីវៈ ប្រកាសប្រាក់ឈ្នួលអប្បបរមា",
    ],
)
def test_a_sentence_that_only_shares_the_words_is_left_out(matcher: Matcher, text: str) -> None:
    assert _hits(matcher, text) == set()
