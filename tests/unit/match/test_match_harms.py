"""Claims that accuse, and articles that tell such harm in other words."""

import pytest

from monitor.match.harms import LEAST_WORDS, accuses, words_of_harm
from monitor.match.stance import judge_stance
from monitor.match.stance_features import read_claim
from monitor.model.matching import MatchInput, Passage

ACCUSING = "Cotton farms in the valley hold seasonal pickers against their will."
TOLD = "Two pickers said that foremen beat them and locked the hut of the cotton farm at night."
FILLER = " The road to the valley was dry that week, and the bus came late." * 4


def judged(claim: str, sentence: str, rest: str = FILLER) -> str:
    article = MatchInput("News from the valley", sentence + rest, "en")
    return judge_stance(claim, (Passage(sentence, 0, len(sentence)),), "en", article).stance


@pytest.mark.parametrize(
    ("claim", "is_accusing"),
    [
        (ACCUSING, True),
        ("Guards at the mine beat and robbed men who asked for leave.", True),
        ("Apprentices at the shipyard are unpaid.", True),
        ("The ministry will open a ferry in May.", False),
        ("Waiting times at the city hospital rose last year.", False),
    ],
)
def test_a_claim_accuses_where_it_says_that_harm_is_done(claim: str, is_accusing: bool) -> None:
    assert accuses(read_claim(claim)) is is_accusing


def test_an_article_that_tells_harm_supports_a_claim_that_accuses_and_shows_the_words() -> None:
    call = judge_stance(ACCUSING, (Passage(TOLD, 0, len(TOLD)),), "en", MatchInput("News", TOLD + FILLER, "en"))
    assert (call.stance, call.cues) == ("supports", ("beat", "locked"))


def test_it_supports_no_claim_that_accuses_nobody() -> None:
    assert judged("The ministry will open a ferry in the valley in May.", TOLD) == "unclear"


def test_one_word_of_harm_is_too_few() -> None:
    assert len(words_of_harm(read_claim(ACCUSING), ["Foremen beat the pickers, and beat them again."])) < LEAST_WORDS


def test_hearsay_and_questions_tell_no_harm() -> None:
    assert words_of_harm(read_claim(ACCUSING), ["Foremen allegedly beat pickers and locked the hut."]) == ()
    assert words_of_harm(read_claim(ACCUSING), ["Did foremen beat pickers and lock the hut?"]) == ()


def test_what_is_only_supposed_tells_no_harm() -> None:
    supposed = "If foremen beat pickers and locked the hut, that would be against the law."
    assert words_of_harm(read_claim(ACCUSING), [supposed]) == ()
    assert words_of_harm(read_claim(ACCUSING), [f"{supposed} {TOLD}"]) == ("beat", "locked")


def test_where_somebody_denies_it_the_harm_told_is_not_enough() -> None:
    assert judged(ACCUSING, TOLD, " The owner denied it." + FILLER) != "disputes"
    article = MatchInput("News", f"{TOLD} The owner denied it.{FILLER}", "en")
    reply = article.text.index("The owner")
    passages = (Passage(TOLD, 0, len(TOLD)), Passage("The owner denied it.", reply, reply + 20))
    assert judge_stance(ACCUSING, passages, "en", article).stance == "unclear"


def test_bare_words_tell_no_harm() -> None:
    assert words_of_harm(read_claim(ACCUSING), ["They never asked for it, and left without a word."]) == ()


def test_the_claims_own_words_of_harm_alone_tell_nothing() -> None:
    claim = read_claim("Guards at the mine beat and robbed men who asked for leave.")
    assert words_of_harm(claim, ["Guards robbed and beat men at the mine, a leaflet says."]) == ()
    assert words_of_harm(claim, ["Guards robbed men at the mine and locked them up."]) == ("robbed", "locked")


def test_a_claim_about_somebody_named_is_an_event_that_is_retold_by_everybody() -> None:
    assert accuses(read_claim("Guards robbed miners at the pit."))
    assert not accuses(read_claim("Guards robbed Ada Sample at Blue Pit."))


def test_forces_are_troops_where_an_article_names_them() -> None:
    assert words_of_harm(read_claim(ACCUSING), ["Security forces came to the valley."]) == ()
