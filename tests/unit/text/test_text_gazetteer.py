"""The shipped names of places."""

from collections import Counter

from monitor.text.gazetteer import gazetteer
from monitor.text.khmer import holds_khmer


def test_a_country_is_known_by_its_english_names_and_its_code() -> None:
    assert {gazetteer().code_of(name) for name in ("Cambodia", "cambodia", " KH ", "Kampuchea")} == {"KH"}
    assert gazetteer().code_of("Cambodja") == ""
    assert gazetteer().nearest("Cambodja") == "Cambodia"


def test_all_provinces_of_cambodia_stand_there_in_english_and_in_khmer() -> None:
    names = [name for name in gazetteer().names if name.country == "KH"]
    by_language = {
        language: {name.place for name in names if name.kind in {"capital", "province"} and name.language == language}
        for language in ("en", "km")
    }
    assert len(by_language["en"]) == 25
    assert by_language["en"] == by_language["km"]


def test_no_khmer_form_pretends_to_be_checked() -> None:
    khmer = [name for name in gazetteer().names if holds_khmer(name.form)]
    assert len(khmer) > 80
    assert {name.checked_by for name in khmer} == {""}


def test_every_country_has_an_english_name_and_no_form_is_empty_or_stands_twice() -> None:
    names = gazetteer().names
    assert {name.country for name in names} == set(gazetteer().countries.values())
    assert [name for name in names if not name.form.strip("*")] == []
    twice = Counter((name.form, name.country, name.kind, name.language) for name in names)
    assert [key for key, count in twice.items() if count > 1] == []
