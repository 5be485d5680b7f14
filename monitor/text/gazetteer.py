"""Names of countries, their people, chief cities and institutions, as they are written in several languages; pure.

In: the shipped file `places.tsv`. Out: Gazetteer. Never: a guess: what isn't in the file isn't known.

The file has a line per country, kind, place and language. A form with a capital stands for itself only with that
capital ("Turkey", not "turkey"); `*` at its end stands for any ending. Names of countries are those of Unicode CLDR 48
(Unicode License v3); the others were written for Monitor. `checked_by` is empty until a reader of the language has
looked at the line.
"""

import csv
import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, cast

Kind = Literal["country", "people", "capital", "province", "district", "city", "place", "institution"]


@dataclass(frozen=True, slots=True)
class PlaceName:
    """One spelling: of which place of which country (ISO 3166), in which language; `checked_by` as in a glossary."""

    form: str
    country: str
    kind: Kind
    place: str
    language: str
    checked_by: str


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """All spellings; the code of each country by its English names; the country at home in a language."""

    names: tuple[PlaceName, ...]
    countries: Mapping[str, str]
    homes: Mapping[str, str]

    def code_of(self, country: str) -> str:
        """Return the ISO 3166 code of a country by an English name or the code itself, or "" if none has it."""
        return self.countries.get(country.strip().casefold(), "")

    def nearest(self, country: str) -> str:
        """Return the name that is spelt most like one that isn't known, or ""."""
        close = difflib.get_close_matches(country.strip().casefold(), [name for name in self.countries if name[2:]], 1)
        return close[0].title() if close else ""


@cache
def gazetteer() -> Gazetteer:
    """Return the shipped gazetteer."""
    text = files("monitor.text").joinpath("places.tsv").read_text(encoding="utf-8")
    names: list[PlaceName] = []
    countries: dict[str, str] = {}
    homes: dict[str, str] = {}
    for row in csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE):
        country, kind, language = row["country"], row["kind"], row["language"]
        if kind == "language":
            homes[language] = country
            continue
        forms = row["forms"].split("|")
        names += (
            PlaceName(form, country, cast("Kind", kind), row["place"], language, row["checked_by"]) for form in forms
        )
        if kind == "country" and language == "en":
            countries |= {form.casefold(): country for form in (country, *forms)}
    return Gazetteer(tuple(names), countries, homes)
