"""Scoring: terms decide first, meaning adds what they missed, and every score can be recomputed from its reasons."""

from dataclasses import replace

import numpy as np
import pytest

import monitor.match.scorer as scorer_module
from monitor.match.compared import Compared, passages_of
from monitor.match.places import INSIDE
from monitor.match.scorer import Scorer, bare_claims
from monitor.match.weights import probability
from monitor.model.matching import ClaimTuning, MatchInput
from monitor.model.query import And, Expression, Or, Word
from monitor.model.watching import Claim

CLAIM = Claim(
    "garment",
    "Women arrested in raids are forced into garment work.",
    "A paper",
    And((Word("raid", is_prefix=True), Or((Word("garment"), Word("sewing"))))),
    Word("dog"),
    "f1",
)
OTHER = Claim("unpaid", "Trainees are not paid.", "A paper", And((Word("trainee"), Word("unpaid"))), None, "f2")
SCORER = Scorer([("list/garment", CLAIM), ("list/unpaid", OTHER)])
RAID = MatchInput("Night raid", "After the raid women were sent to sewing rooms. They learned to sew there.", "en")
MARKET = MatchInput("Market", "The market sold vegetables today. Prices of fish went up again.", "en")


def compared(article: MatchInput, *z: float) -> Compared:
    """An encoder's word on an article: for each claim, how near its best passage is."""
    passages = passages_of(article)
    rows = np.full((len(z), len(passages)), -1.0, np.float32)
    rows[:, -1] = z
    return Compared(passages, rows, np.array([99.5] * len(z), np.float32), "model-1")


def test_what_the_terms_find_is_a_hit_whose_score_can_be_recomputed() -> None:
    (hit,) = SCORER.match_hits(RAID)
    assert hit.is_hit
    assert hit.why.meaning == "none"
    assert hit.score == probability(hit.why.base, hit.why.features, hit.why.tuning)
    assert hit.why.claim_revision == "f1"
    assert {feature.name for feature in hit.why.features} >= {"holds", "terms"}


def test_a_first_look_marks_hits_as_pending_and_the_article_as_candidate() -> None:
    look = SCORER.look(RAID)
    assert look.is_candidate
    assert [assessment.why.meaning for assessment in look.assessments] == ["pending"]


def test_meaning_is_added_to_the_reasons_and_the_score_can_still_be_recomputed() -> None:
    (hit,) = SCORER.compare(RAID, compared(RAID, 4.0, 0.0))
    assert (hit.why.meaning, hit.why.percentile, hit.why.model_id) == ("compared", 99.5, "model-1")
    assert hit.score == probability(hit.why.base, hit.why.features, hit.why.tuning)
    assert "meaning" in {feature.name for feature in hit.why.features}


def test_words_like_the_claims_own_are_asked_of_a_claim_without_terms_only() -> None:
    bare = Scorer([("list/bare", replace(CLAIM, expression=Or(()), exclusion=None))])
    (found,) = bare.compare(RAID, compared(RAID, 4.0), every=True)
    assert "like_lead" in {feature.name for feature in found.why.features}
    assert found.score == probability(found.why.base, found.why.features, found.why.tuning)
    hit = SCORER.compare(RAID, compared(RAID, 4.0, 0.0))[0]
    assert "like_lead" not in {feature.name for feature in hit.why.features}


def test_nearness_of_all_passages_together_and_of_the_lead_is_asked_of_a_claim_without_terms_only() -> None:
    bare = replace(CLAIM, expression=Or(()))
    for claim, names in ((CLAIM, {"meaning", "meaning_top"}), (bare, {"meaning_all", "meaning_lead"})):
        (found,) = Scorer([("key", claim)]).compare(RAID, compared(RAID, 5.0), every=True)
        assert {feature.name for feature in found.why.features if feature.name.startswith("meaning")} == names


@pytest.mark.parametrize("expression", [Word("zebra"), Or(())], ids=["terms that it misses", "no terms"])
def test_what_a_claim_excludes_holds_back_what_meaning_alone_finds(expression: Expression) -> None:
    scorer = Scorer([("key", replace(CLAIM, expression=expression))])
    article = MatchInput("", "Women who are arrested in raids are forced into garment work, it is said there.", "en")
    with_dog = replace(article, text=f"{article.text} A dog barked behind the fence of the factory.")
    (hit,) = scorer.compare(article, compared(article, 8.0))
    assert hit.is_hit
    assert scorer.compare(with_dog, compared(with_dog, 8.0)) == ()
    (known,) = scorer.compare(with_dog, compared(with_dog, 8.0), every=True)
    assert [match.term for match in known.why.excluded_by] == ["dog"]


def test_vectors_are_drawn_in_for_claims_without_terms_and_articles_in_english_alone() -> None:
    claims = [("list/garment", CLAIM), ("list/bare", replace(CLAIM, expression=Or(())))]
    assert bare_claims(claims, "en") == [1]
    assert bare_claims(claims, "km") == []


def test_the_nearer_in_meaning_the_higher_the_score() -> None:
    scores = [SCORER.compare(RAID, compared(RAID, z, 0.0))[0].score for z in (-1.0, 2.0, 5.0)]
    assert scores == sorted(set(scores))


def test_what_the_terms_found_stays_a_hit_however_far_the_meaning() -> None:
    (hit,) = SCORER.compare(RAID, compared(RAID, -2.0, -2.0))
    assert hit.claim_key == "list/garment"


def test_what_the_terms_missed_is_found_by_meaning_and_shown_with_its_passage() -> None:
    near = replace(compared(MARKET, 0.0, 0.0), z=np.array([[6.0, 7.0, 8.0], [0.0, 0.0, 0.0]], np.float32))
    found = SCORER.compare(MARKET, near)
    assert [hit.claim_key for hit in found] == ["list/garment"]
    assert found[0].passages[0].text == "Prices of fish went up again."
    assert SCORER.compare(MARKET, compared(MARKET, 1.0, 0.0)) == ()


def test_meaning_makes_no_hit_of_what_an_exclusion_keeps_out() -> None:
    dog = MatchInput("Dog raid", "A dog was caught in the raid at the sewing room.", "en")
    assert SCORER.compare(dog, compared(dog, 8.0, 0.0)) == ()


def test_a_claims_own_intercept_and_thresholds_are_used_and_told() -> None:
    strict = Scorer([("list/garment", CLAIM)], {"list/garment": ClaimTuning(-6.0, 0.9, 0.95)})
    (hit,) = strict.match_hits(RAID)
    assert hit.why.tuning == ClaimTuning(-6.0, 0.9, 0.95)
    assert hit.score < SCORER.match_hits(RAID)[0].score
    assert strict.compare(MARKET, compared(MARKET, 4.0)) == ()


def test_what_is_learnt_meanwhile_is_taken_over_without_compiling_the_claims_anew() -> None:
    tuned = SCORER.with_tunings({"list/garment": ClaimTuning(-6.0)})
    assert tuned.matcher is SCORER.matcher
    assert tuned.match_hits(RAID)[0].score < SCORER.match_hits(RAID)[0].score
    assert tuned.with_tunings({"list/garment": ClaimTuning(-6.0)}) is tuned


def test_every_claim_can_be_asked_for() -> None:
    every = SCORER.compare(MARKET, compared(MARKET, 0.0, 0.0), every=True)
    assert [(one.claim_key, one.is_hit) for one in every] == [("list/garment", False), ("list/unpaid", False)]


def test_of_a_long_article_title_first_sentence_and_the_nearest_are_encoded() -> None:
    filler = " ".join(f"On day {number} the council met about roads and schools." for number in range(60))
    article = MatchInput("News", f"It rained on Monday all day. {filler} Raided women were made to sew garments.", "en")
    chosen = SCORER.choose_passages(article)
    assert len(chosen) == 8
    assert (chosen[0].where, chosen[1].text) == ("title", "It rained on Monday all day.")
    assert "Raided women were made to sew garments." in {passage.text for passage in chosen}
    assert all(article.text[p.start : p.end] == p.text for p in chosen if p.where == "text")


def test_what_is_no_report_is_neither_encoded_nor_shown() -> None:
    text = "PREY VENG, Cambodia. Prices of fish went up. Read more: women forced to sew garments. Rain fell on Monday."
    article = MatchInput("Market prices this week", f"Market prices this week\n\n{text}", "en")
    assert [passage.text for passage in passages_of(article)] == [
        "Market prices this week",
        "Prices of fish went up.",
        "Rain fell on Monday.",
    ]


def test_what_is_only_supposed_is_shown_after_what_is_said() -> None:
    article = MatchInput("", "Women might be sent to weave. Fish was sold cheaply. Vegetables were sold, too.", "en")
    passages = passages_of(article)
    rows = np.array([[9.0, 8.0, 7.0], [0.0, 0.0, 0.0]], np.float32)
    (hit,) = SCORER.compare(article, Compared(passages, rows, np.array([99.5, 50.0], np.float32), "model-1"))
    assert [passage.text for passage in hit.passages] == [passages[at].text for at in (1, 2, 0)]


def test_meaning_makes_no_hit_of_what_happens_in_another_country() -> None:
    scorer = Scorer([("list/garment", replace(CLAIM, where="KH"))])
    names = "Cambodia was named once. Manila and the Philippines were named, in Manila, in Quezon City and in Cebu."
    there = MatchInput("Manila raid", f"{names} Women raided in Manila were sent to garment rooms.", "en")
    place = dict(scorer.compare(there, compared(there, 8.0), every=True)[0].why.parts)["place"]
    assert place < INSIDE
    assert scorer.compare(there, compared(there, 8.0)) == ()


def test_pages_that_name_their_language_oddly_share_a_background() -> None:
    scorer = Scorer([("list/garment", CLAIM)])
    for code in ("xa", "xb", "xc", "en"):
        scorer.look(replace(MARKET, language=code))
    assert len(scorer._nearness) == 2


@pytest.mark.parametrize("article", [MatchInput("", ""), MatchInput("", "\0\n"), MatchInput(" ", "x" * 50_000)])
def test_hardly_any_text_is_no_trouble(article: MatchInput) -> None:
    look = SCORER.look(article)
    assert look.assessments == ()
    assert len(SCORER.choose_passages(article)) <= 8


def test_what_has_the_words_of_a_claim_without_terms_is_a_candidate_though_the_table_finds_it_far(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scorer_module, "gate_z", lambda _: 99.0)
    bare = Scorer([("list/bare", replace(CLAIM, expression=Or(()), exclusion=None)), ("list/unpaid", OTHER)])
    retold = MatchInput("Raids and garments", "Women arrested in the raids were forced to work with garments.", "en")
    assert bare.look(retold).is_candidate
    assert not bare.look(MARKET).is_candidate
    assert not Scorer([("list/zebra", replace(CLAIM, expression=Word("zebra")))]).look(retold).is_candidate


def test_without_claims_nothing_is_a_candidate() -> None:
    assert not Scorer([]).look(RAID).is_candidate


def test_where_a_story_happens_speaks_for_it_though_none_of_the_terms_stands_there() -> None:
    scorer = Scorer([("list/garment", replace(CLAIM, where="KH"))])
    here, nowhere = (
        MatchInput("Market", f"Prices of fish went up {where}.", "en") for where in ("in Cambodia", "again")
    )
    (one,), (other,) = (scorer.compare(text, one_claim(text, 4.0), every=True) for text in (here, nowhere))
    assert {feature.name for feature in one.why.features} >= {"place"}
    assert one.score > other.score


def test_a_text_without_a_term_from_another_country_says_what_names_it() -> None:
    scorer = Scorer([("list/garment", replace(CLAIM, where="KH"))])
    there = MatchInput("Market in Manila", "Prices of fish went up in Manila.", "en")
    (found,) = scorer.compare(there, one_claim(there, 8.0), every=True)
    assert not found.is_hit
    assert "Manila" in {term.term for term in found.why.excluded_by}


def one_claim(article: MatchInput, z: float) -> Compared:
    passages = passages_of(article)
    return Compared(passages, np.full((1, len(passages)), z, np.float32), np.array([99.5], np.float32), "model-1")
