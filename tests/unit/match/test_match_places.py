"""Where an article's story happens, by the places it names."""

import pytest

from monitor.match import Matcher
from monitor.match.places import PlaceEvidence, PlacesNamed
from monitor.match.view import FieldText
from monitor.model.matching import Assessment, MatchInput
from monitor.model.query import Word
from monitor.model.watching import Claim


def _evidence(text: str, *, title: str = "", language: str = "en", country: str = "KH") -> PlaceEvidence:
    article = MatchInput(title, text, language)
    fields = [FieldText("title", title), FieldText("text", text)]
    return PlacesNamed(article, fields).evidence(country)


def _match(text: str, *, where: str) -> Assessment:
    claim = Claim("claim", "A claim.", "The Sample", Word("raid"), None, "0", where=where)
    (assessment,) = Matcher([("list/claim", claim)]).match(MatchInput("", text, "en"))
    return assessment


def test_a_raid_in_manila_is_no_raid_in_phnom_penh() -> None:
    assert not _evidence("Agents raided a bar in Manila and freed two women from Vietnam.").is_inside
    assert _evidence("Police raided a bar in Phnom Penh and freed two women from Vietnam.").is_inside


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Une rafle à Phnom Penh.", "fr"),
        ("Une association cambodgienne proteste.", "fr"),
        ("Cảnh sát Campuchia truy quét.", "vi"),
        ("Eine Razzia in Kambodscha.", "de"),
        ("Una redada en Camboya.", "es"),
        ("សមត្ថកិច្ចខេត្តបន្ទាយមានជ័យចុះបង្ក្រាប", ""),
        ("Police in Svay Pak", ""),
        ("CAMBODIA: A RAID", ""),
    ],
)
def test_a_country_is_known_by_its_places_and_people_in_many_languages(text: str, language: str) -> None:
    assert _evidence(text, language=language).value > 0.4


def test_a_text_in_a_countrys_own_language_that_names_no_place_is_at_home() -> None:
    assert _evidence("ស្ត្រី១២នាក់", language="km").value == 1
    assert _evidence("ស្ត្រី១២នាក់", language="km", country="TH").value == 0


def test_people_count_half_and_a_title_most() -> None:
    abroad = _evidence("Two Cambodian women were found in a bar.", title="Raid in Bangkok")
    assert 0 < abroad.value < 0.3
    assert abroad.other == "TH"
    at_home = _evidence("Two Thai women were found in a bar.", title="Raid in Battambang")
    assert at_home.value > 0.7


@pytest.mark.parametrize("text", ["He ate turkey from fine china.", "They told us to march.", "An article on タイトル"])
def test_a_word_that_only_looks_like_a_country_is_none(text: str) -> None:
    assert _evidence(text).other == ""


def test_a_longer_name_wins_over_the_shorter_one_inside_it() -> None:
    assert [match.term for match in _evidence("A court in Papua New Guinea.").elsewhere] == ["Papua New Guinea"]


def test_the_bodies_of_a_country_are_evidence_of_their_own_in_every_spelling_and_script() -> None:
    one = _evidence("The National Committee for Counter-Trafficking (NCCT) said so.")
    assert one.names == 0.5
    assert _evidence("គណៈកម្មាធិការជាតិប្រយុទ្ធប្រឆាំងអំពើជួញដូរមនុស្សបាននិយាយ", language="km").names == 0.5
    assert _evidence("The NCCT and Licadho said so.").names == 0.75
    assert _evidence("Police in Phnom Penh said so.").names == 0.0
    assert one.is_inside


def test_a_text_that_repeats_a_place_without_end_is_counted_by_its_first_mentions() -> None:
    flood = _evidence("Bangkok " * 5_000 + "Phnom Penh " * 100)
    assert flood.value > 0.3
    assert len(flood.elsewhere[0].spans) == 100


def test_a_mention_is_shown_as_it_stands_with_its_gloss() -> None:
    (match,) = _evidence("នៅខេត្តកោះ\u200bកុង ថ្ងៃនេះ").inside
    assert (match.term, match.gloss) == ("កោះកុង", "Koh Kong")
    assert "នៅខេត្តកោះ\u200bកុង ថ្ងៃនេះ"[slice(*match.spans[0])] == "កោះ\u200bកុង"


def test_a_claim_about_a_country_is_not_hit_by_what_happens_in_another_and_says_why() -> None:
    abroad = _match("A raid in Dhaka, Bangladesh.", where="KH")
    assert not abroad.is_hit
    assert [match.term for match in abroad.why.excluded_by] == ["Dhaka", "Bangladesh"]
    assert _match("A raid in Dhaka, Bangladesh.", where="").is_hit
    assert _match("A raid in Takeo, Cambodia.", where="KH").is_hit
    assert not _match("A raid that nobody places.", where="KH").is_hit
