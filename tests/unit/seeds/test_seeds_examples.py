"""The example watchlist is a real one on another subject, country and language, and waits until it is asked for."""

from pathlib import Path

import pytest

from monitor.bundled import bundled_path
from monitor.match import Matcher
from monitor.model.matching import MatchInput
from monitor.operations.opening import open_monitor
from monitor.operations.watchlists import apply_file, apply_folder, check_file, examples, live
from monitor.settings import load_settings
from monitor.watchlist.document import read_document

FILE = bundled_path("watchlists") / "examples" / "congo-cobalt.yaml"
READ = read_document(FILE.read_text("utf-8"), FILE.name)


def _hits(text: str, lang: str) -> set[str]:
    matcher = Matcher([(claim.key, claim) for claim in READ.watchlist.claims])
    return {found.claim_key for found in matcher.match(MatchInput("", text, lang)) if found.is_hit}


@pytest.mark.slow
def test_an_example_is_applied_only_when_it_is_asked_for(tmp_path: Path) -> None:
    monitor = open_monitor(load_settings({"MONITOR_DATA_DIR": str(tmp_path / "var")})[0])
    apply_folder(monitor)
    assert [watchlist.name for _stored, watchlist in live(monitor)] == ["cambodia-reintegration"]
    assert [(watchlist.name, path.name) for watchlist, path in examples(monitor)] == [
        ("congo-cobalt", "congo-cobalt.yaml")
    ]
    apply_file(monitor, FILE)
    assert [watchlist.name for _stored, watchlist in live(monitor)] == ["cambodia-reintegration", "congo-cobalt"]
    assert examples(monitor) == []
    monitor.archive.close()


def test_each_claim_says_whose_it_is_and_is_looked_for_in_both_languages() -> None:
    assert {frozenset(claim.terms) for claim in READ.document.claims} == {frozenset({"en", "fr"})}
    assert all(claim.said_by for claim in READ.document.claims)
    assert check_file(FILE).notes == ()


def test_no_company_that_only_helps_to_find_stands_in_a_claim() -> None:
    shown = " ".join(f"{claim.claim} {claim.said_by}" for claim in READ.document.claims).casefold()
    aids = [name for name in READ.document.names.values() if name.note == "search aid"]
    assert len(aids) == 2
    assert [spelling for aid in aids for spelling in aid.spellings if spelling.casefold() in shown] == []


@pytest.mark.parametrize(
    ("text", "lang", "claims"),
    [
        ("Near Kolwezi, children dig for cobalt, a clerk said.", "en", {"children-mine-cobalt"}),
        ("À Kolwezi, des enfants lavent le minerai de cobalt.", "fr", {"children-mine-cobalt"}),
        (
            "In the DRC a tunnel of artisanal miners collapsed at dawn.",
            "en",
            {"deaths-underground"},
        ),
        (
            "Au Lualaba, l'éboulement d'une galerie de creuseurs a fait six morts.",
            "fr",
            {"deaths-underground"},
        ),
        ("Congolese miners sort cobalt without gloves.", "en", {"no-protection"}),
        ("En RDC, les négociants achètent le cobalt sans traçabilité.", "fr", {"traders-ask-nothing"}),
        ("Carmakers can't trace the supply chain of cobalt from the DRC.", "en", {"brands-do-not-check"}),
        (
            "In the DRC miners without a licence were evicted from a concession; artisanal mining goes on.",
            "en",
            {"too-few-authorised-zones"},
        ),
    ],
)
def test_a_sentence_that_bears_on_a_claim_is_found(text: str, lang: str, claims: set[str]) -> None:
    assert _hits(text, lang) == claims


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("The price of cobalt fell in London as stocks rose.", "en"),
        ("Children paint the walls cobalt blue in a school of Kinshasa.", "en"),
        ("A copper mine in Zambia was flooded; nobody was hurt.", "en"),
        ("Le président de la RDC reçoit les entreprises minières à Kinshasa.", "fr"),
        ("Carmakers sell more electric cars than in the year before.", "en"),
    ],
)
def test_a_sentence_that_only_shares_the_words_is_left_out(text: str, lang: str) -> None:
    assert _hits(text, lang) == set()
