import pytest

from monitor.match import Matcher
from monitor.match.standing import why_no_evidence
from monitor.model.matching import MatchInput
from monitor.model.query import And, Word
from monitor.model.watching import Claim

RAID_AND_SEWING = Claim("claim", "A claim.", "The Sample", And((Word("raid"), Word("sewing"))), None, "0")


def shown(text: str) -> list[str]:
    (found,) = Matcher([("claim", RAID_AND_SEWING)]).match(MatchInput("", text))
    return [passage.text for passage in found.passages]


@pytest.mark.parametrize(
    "sentence",
    [
        "Subscribe to our newsletter for more on the raids.",
        "Subscribe to our newsletter to read about women arrested in raids.",
        "Related articles: Raid frees women from brothel",
        "© 2014 The Sample Ledger. All rights reserved.",
        "Read more: Women sent to sewing school after raid",
        "We use cookies; see our privacy policy.",
        "Share this on Facebook",
        "The writer is a freelance journalist based in Phnom Penh.",
        "Sample article: invented for a first run of Monitor.",
        "Lire aussi : les ouvrières du textile",
    ],
)
def test_boilerplate_is_no_evidence(sentence: str) -> None:
    assert why_no_evidence(sentence) == "boilerplate"


@pytest.mark.parametrize(
    "sentence",
    [
        "The director rejects the charge that women were locked in.",
        "Women were arrested in the raid, police said.",
        "She said the shelter shared her photos on Facebook without asking.",
        "Officials denied that the centre uses cookies as pay, a policy the charity called absurd.",
        "They could not leave before the end of the course.",
        "Nobody was paid.",
    ],
)
def test_what_is_said_may_stand_and_so_may_a_denial(sentence: str) -> None:
    assert why_no_evidence(sentence) == ""


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        ("If the raid goes ahead, women would be sent to sew.", "supposed"),
        ("If they refuse, they are beaten.", "hypothetical"),
        ("What if the women were sent to sew, she thought.", "supposed"),
        ("The law could lead to more arrests.", "hypothetical"),
        ("Suppose the bar is shut.", "supposed"),
        ("Women might have been sent to sew.", "hypothetical"),
        ("They may leave in the event that the hall shuts.", "hypothetical"),
        ("In case of a raid, the bar shuts.", "hypothetical"),
        ("Hypothetically, they may leave.", "hypothetical"),
        ("They ran as if they were chased.", "hypothetical"),
        ("Were the bar shut, were it to burn, they may leave.", "hypothetical"),
        ("Are women sent to sew after raids?", "question"),
        ("តើ\u200bនេះ\u200bជា\u200bការពិត\u200bឬ\u200bទេ?", "question"),
    ],
)
def test_what_is_supposed_or_asked_is_told_apart(sentence: str, why: str) -> None:
    assert why_no_evidence(sentence) == why


def test_boilerplate_is_never_shown_though_all_terms_stand_in_it() -> None:
    said = "The raid ended at dawn."
    assert shown(f"{said} Then came the sewing course. Read more: After the raid, sewing.") == [
        said,
        "Then came the sewing course.",
    ]


def test_an_article_with_nothing_but_boilerplate_shows_nothing() -> None:
    assert shown("Related articles: After the raid, sewing.") == []


def test_what_is_said_comes_before_what_is_supposed() -> None:
    text = "If a raid came, sewing would be next. Nothing between. After the raid came sewing."
    assert shown(text)[0] == "After the raid came sewing."


def test_what_is_supposed_is_shown_where_nothing_says_it() -> None:
    assert shown("If a raid came, sewing would be next.") == ["If a raid came, sewing would be next."]
