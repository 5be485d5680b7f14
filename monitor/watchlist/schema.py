"""The shape of a watchlist document, and its JSON Schema for editors.

`python -m monitor.watchlist.schema > schemas/watchlist.schema.json` writes the schema anew.
"""

import json
import re
import sys
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.functional_validators import AfterValidator
from pydantic_core import PydanticCustomError

from monitor.text.gazetteer import gazetteer
from monitor.text.normalise import fold

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SLUG_PATTERN = f"^{_SLUG.pattern}$"
_LANGUAGE = re.compile(r"[a-z]{2,3}")
# What is written in a code's place: the language's name, or the code of a country where it is spoken.
_MISTAKEN = {
    "english": "en",
    "eng": "en",
    "uk-en": "en",
    "khmer": "km",
    "cambodian": "km",
    "kh": "km",
    "khm": "km",
    "french": "fr",
    "fre": "fr",
    "spanish": "es",
    "german": "de",
    "portuguese": "pt",
    "vietnamese": "vi",
    "vn": "vi",
    "chinese": "zh",
    "cn": "zh",
    "japanese": "ja",
    "jp": "ja",
    "korean": "ko",
    "kr": "ko",
    "thai": "th",
    "lao": "lo",
    "indonesian": "id",
    "burmese": "my",
    "mm": "my",
    "arabic": "ar",
    "russian": "ru",
    "ukrainian": "uk",
    "ua": "uk",
    "greek": "el",
    "gr": "el",
    "danish": "da",
    "dk": "da",
    "czech": "cs",
    "cz": "cs",
    "swahili": "sw",
}
_PUBLISHED = re.compile(r"(?:\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?)?")
_MAX_SLUG = 60
# Windows opens a device under these names, whatever ending follows; a list's file bears the list's name.
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10))}
)


def _check_slug(value: str) -> str:
    if len(value) > _MAX_SLUG or not _SLUG.fullmatch(value):
        raise _fault(
            f'"{value[:80]}" is not a short name (a-z, 0-9, single hyphens between them, at most {_MAX_SLUG} '
            f"characters){_suggestion(value)}"
        )
    return value


def _suggestion(value: str) -> str:
    """Return the nearest short name as a remedy, where one is near."""
    slug = re.sub("[^a-z0-9]+", "-", fold(value)).strip("-")[:_MAX_SLUG].strip("-")
    return f': did you mean "{slug}"?' if slug else ""


def check_name(value: str) -> str:
    """Return a watchlist's name, which also names its file. Raises ValueError saying what is wrong with it."""
    if value in _DEVICES:
        raise _fault(f'"{value}" names a device on some machines, so no file can be called so: take another name')
    return _check_slug(value)


def _check_language(value: str) -> str:
    if value.casefold() in _MISTAKEN:
        raise _fault(f'"{value}" is not a language\'s code: did you mean "{_MISTAKEN[value.casefold()]}"?')
    if not _LANGUAGE.fullmatch(value):
        raise _fault(f'"{value[:80]}" is not a language\'s code: write that of ISO 639, as en, fr or km')
    return value


def _check_url(value: str) -> str:
    if value and not re.fullmatch(r"https?://[^\s/]+\S*", value):
        raise _fault(f'"{value}" is not a web address: write one that begins with https:// or http://')
    return value


def _check_published(value: str) -> str:
    if not _PUBLISHED.fullmatch(value) or (len(value) == 10 and not _is_day(value)):
        raise _fault(f'"{value}" is not a date: write YYYY, YYYY-MM or YYYY-MM-DD')
    return value


def _check_country(value: str) -> str:
    if value and not gazetteer().code_of(value):
        near = gazetteer().nearest(value)
        hint = f'did you mean "{near}"?' if near else "write its English name, as Cambodia"
        raise _fault(f'"{value}" is no country that is known here ({hint})')
    return value


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _fault(message: str) -> PydanticCustomError:
    return PydanticCustomError("watchlist", "{message}", {"message": message})


def _as_entry(value: object) -> object:
    return {"spellings": value} if isinstance(value, list) else value


def _empty_as_mapping(value: object) -> object:
    return {} if value == "" else value


Slug = Annotated[
    str,
    AfterValidator(_check_slug),
    WithJsonSchema({"type": "string", "pattern": _SLUG_PATTERN, "maxLength": _MAX_SLUG}),
]
Language = Annotated[
    str, AfterValidator(_check_language), WithJsonSchema({"type": "string", "pattern": "^[a-z]{2,3}$"})
]
ListName = Annotated[
    str,
    AfterValidator(check_name),
    WithJsonSchema({"type": "string", "pattern": _SLUG_PATTERN, "maxLength": _MAX_SLUG}),
]
Url = Annotated[str, AfterValidator(_check_url)]
# YAML editors read a bare 2014 as a number and an empty value as null; both are text to us.
Published = Annotated[str, AfterValidator(_check_published), WithJsonSchema({"type": ["string", "integer"]})]
Optional = Annotated[str, WithJsonSchema({"type": ["string", "null"]})]
Country = Annotated[str, AfterValidator(_check_country), WithJsonSchema({"type": ["string", "null"]})]
Text = Annotated[str, Field(min_length=1, max_length=2000, pattern=r"\S")]
Query = Annotated[str, Field(min_length=1, description='AND OR NOT ( ) "phrase" prefix* NEAR/n @name')]


class Part(BaseModel):
    """What all parts of the document have in common: no key but those that are known."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)


class Article(Part):
    """The published story whose claims are watched."""

    title: Optional = ""
    outlet: Optional = ""
    url: Url = ""
    published: Published = ""


class Name(Part):
    """The spellings of one name. `note: search aid` says that it only helps to find and is never shown by a claim.

    `gloss` is what they all mean in English, for those that the glossary doesn't explain one by one.
    """

    spellings: Annotated[list[Text], Field(min_length=1)]
    gloss: Optional = ""
    note: Optional = ""


class GlossaryTerm(Part):
    """What a term means in English, and who has checked that it is what readers of the language would say."""

    term: Text
    gloss: Text
    checked_by: Optional = ""


class ClaimEntry(Part):
    """One statement that somebody said, and how it is found."""

    id: Slug
    claim: Text
    said_by: Text
    title: Optional = ""
    terms: Annotated[dict[Language, Query], Field(min_length=1, default_factory=dict)]
    exclude: Optional = Field(default="", alias="not")
    notify: Literal["digest", "alert"] = "digest"


SpellingsOrName = Annotated[Name, BeforeValidator(_as_entry)]


class WatchlistDocument(Part):
    """A watchlist: claims of one published story, and the words that find what bears on them."""

    watchlist: ListName
    title: Text
    why: Optional = ""
    where: Annotated[Country, Field(description="the country that all claims speak of, by its English name")] = ""
    article: Annotated[Article, BeforeValidator(_empty_as_mapping)] = Article()
    names: Annotated[dict[Slug, SpellingsOrName], BeforeValidator(_empty_as_mapping)] = Field(default={})
    glossary: Annotated[dict[Language, list[GlossaryTerm]], BeforeValidator(_empty_as_mapping)] = Field(default={})
    claims: Annotated[list[ClaimEntry], Field(min_length=1, max_length=1000)]


def editor_schema() -> str:
    """Return the JSON Schema of the document, as text."""
    schema = WatchlistDocument.model_json_schema(by_alias=True)
    # A bare list of spellings becomes a Name before pydantic sees it, so its schema can't know of the short form.
    claim = schema["$defs"]["ClaimEntry"]
    names = schema["properties"]["names"]["patternProperties"]
    spellings = {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1}
    schema["properties"]["names"]["patternProperties"] = {
        pattern: {"anyOf": [spellings, name]} for pattern, name in names.items()
    }
    # What has a pattern for its keys has no others.
    for mapping in (schema["properties"]["glossary"], schema["properties"]["names"], claim["properties"]["terms"]):
        mapping["additionalProperties"] = False
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(editor_schema())
