"""The claim's own words in an article: stems, the rare ones counting most."""

import pytest

from monitor.match.claimtext import TEXT_FEATURES, ClaimText, TextReading, document_counts
from monitor.model.matching import MatchInput

CLAIM = ClaimText("Women arrested in raids are forced into garment work.")


def features(text: str, title: str = "") -> dict[str, float]:
    return TextReading(MatchInput(title, text)).features(CLAIM)


def test_inflections_are_one_word() -> None:
    assert features("Police raid, a woman arrests, garments, forcing, worked.")["match"] > 0


def test_a_rare_word_counts_more_than_a_common_one() -> None:
    assert features("A garment.")["window"] > features("Some work.")["window"]


def test_words_far_apart_count_less_than_words_together() -> None:
    together = "They were arrested in a raid. Garment work followed. The end."
    apart = "They were arrested. " + "Nothing else is told here. " * 9 + "A raid. " + "Nothing. " * 9 + "Garment work."
    assert features(together)["window"] > features(apart)["window"]


def test_title_and_lead_are_told_apart_from_the_rest() -> None:
    late = features("Nothing here. " * 9 + "A raid.")
    assert late["words_lead"] == late["words_title"] == 0
    assert features("Nothing.", title="A raid")["words_title"] > 0


@pytest.mark.parametrize("text", ["", "ស្ត្រីត្រូវបានចាប់ខ្លួន។", "1 2 3"])
def test_what_has_none_of_the_words_has_none_of_the_shares(text: str) -> None:
    assert features(text) == dict.fromkeys(TEXT_FEATURES, 0.0)


def test_no_share_is_over_one() -> None:
    text = "Women arrested in raids are forced into garment work. " * 50
    assert all(0 <= value <= 1 for value in features(text, title=text).values())


def test_the_counts_that_ship_know_common_from_rare() -> None:
    counts = document_counts()
    assert counts["polic"] > counts["airport"] > 0
    assert counts[""] > counts["polic"]
