"""The claim's own words in an article: stems, the rare ones counting most."""

import pytest

from monitor.match.claimtext import TEXT_FEATURES, ClaimText, TextReading, document_counts, names_of, numbers_of
from monitor.model.matching import MatchInput

CLAIM = ClaimText("Women arrested in raids are forced into garment work.")


def features(text: str, title: str = "") -> dict[str, float]:
    return TextReading(MatchInput(title, text)).features(CLAIM)


def test_inflections_are_one_word() -> None:
    assert features("Police raid, a woman arrests, garments, forcing, worked.")["words"] > 0


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


def test_no_share_is_over_one_and_words_tell_no_more_than_they_weigh() -> None:
    text = "Women arrested in raids are forced into garment work. " * 50
    found = features(text, title=text)
    assert 0 < found.pop("words") <= CLAIM.total
    assert all(0 <= value <= 1 for value in found.values())


def test_a_long_claim_of_which_half_stands_there_is_told_more_surely_than_a_short_one() -> None:
    reading = TextReading(MatchInput("", "A raid on a brothel. Garments. A shelter."))
    long = reading.features(ClaimText("Raids, brothels, garments, airports, elections and footballers."))
    short = reading.features(ClaimText("Raids and airports."))
    assert long["words"] > 2 * short["words"]


def test_names_are_told_apart_from_ordinary_words() -> None:
    claim = ClaimText("Officers raid bars in Battambang.")
    found = TextReading(MatchInput("", "A raid in Battambang.")).features(claim)
    assert found["names"] > 0
    assert found["words"] > 0
    assert found["names_missing"] == 0


def test_a_name_that_stands_nowhere_is_missed_but_not_in_another_language() -> None:
    claim = ClaimText("Officers raid bars in Battambang.")
    assert TextReading(MatchInput("", "Officers raid bars in Kandal.", "en")).features(claim)["names_missing"] == 1
    assert TextReading(MatchInput("", "Un raid dans des bars.", "fr")).features(claim)["names_missing"] == 0


def test_a_name_is_missed_where_no_word_of_the_claim_stands() -> None:
    claim = ClaimText("Officers raid bars in Battambang.")
    assert TextReading(MatchInput("", "The rice harvest was good.", "en")).features(claim)["names_missing"] == 1


def likeness(text: str, title: str = "") -> float:
    return TextReading(MatchInput(title, text)).likeness(CLAIM)["like_lead"]


def test_words_like_those_of_the_claim_tell_less_than_its_own_and_more_than_others() -> None:
    own = likeness("Women arrested in raids are forced into garment work.")
    like = likeness("Girls detained in a crackdown were made to sew clothing.")
    assert own == pytest.approx(1.0)
    assert own > like > likeness("The rice harvest was good this year.")


def test_words_are_looked_for_in_title_and_lead() -> None:
    assert likeness("", title="Women arrested") > 0
    assert likeness("Nothing. Nothing. Nothing. Nothing. Women arrested in raids.") < likeness("Women arrested.")


@pytest.mark.parametrize("text", ["", "ស្ត្រីត្រូវបានចាប់ខ្លួន។"])
def test_without_a_word_nothing_is_alike(text: str) -> None:
    assert likeness(text) == 0
    assert TextReading(MatchInput("", "A raid.")).likeness(ClaimText(text))["like_lead"] == 0


@pytest.mark.parametrize(
    ("text", "stems"),
    [
        ("Officers raid bars in Battambang", {"battambang"}),
        ("The iPhone is sold", {"iphon"}),
        ("Mob Strips Adulterous Woman", set()),
        ("women are held", set()),
        ("", set()),
    ],
)
def test_a_name_is_what_is_written_large_within_a_sentence(text: str, stems: set[str]) -> None:
    assert names_of(text) == stems


def test_numbers_are_the_same_however_their_thousands_are_set_apart() -> None:
    claim = ClaimText("A watch costs 1,200 dollars.")
    assert TextReading(MatchInput("", "The watch is 1200 dollars.")).features(claim)["numbers"] == 1
    assert TextReading(MatchInput("", "The watch is 549 dollars.")).features(claim)["numbers_missing"] == 1


def test_the_counts_that_ship_know_common_from_rare() -> None:
    counts = document_counts()
    assert counts["polic"] > counts["airport"] > 0
    assert counts[""] > counts["polic"]


def test_one_word_without_end_has_no_number_and_takes_no_time() -> None:
    assert numbers_of("a" * 1_000_000) == frozenset()
    assert numbers_of("b2b x_7 ab12 1,200 9mm") == {"b2b", "7", "ab12", "1200", "9mm"}
