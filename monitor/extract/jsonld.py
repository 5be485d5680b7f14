"""What a page says of itself in JSON-LD (schema.org), as far as an article needs it; pure.

In: the text of a page's `application/ld+json` scripts. Out: its things, the articles among them, their words. Never: an
exception for a stranger's JSON, or work without end.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeGuard

Thing = dict[str, object]

_MAX_CHARS = 500_000
_MAX_SCRIPTS = 50
_MAX_DEPTH = 6
_MAX_THINGS = 500
_MAX_NAMES = 12
_WITHIN = ("@graph", "mainEntity", "mainEntityOfPage")
_ARTICLES = frozenset({"blogposting", "liveblogposting", "socialmediaposting", "report", "interview", "review"})
_WRAPPING = re.compile(r"\A\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*\Z")


@dataclass(frozen=True, slots=True)
class LinkedData:
    """A page's things, the outermost first: its own article stands above its comments and its neighbours."""

    things: tuple[Thing, ...] = ()

    @property
    def articles(self) -> tuple[Thing, ...]:
        """Those that are articles of some kind."""
        return tuple(thing for thing in self.things if _is_article(thing))

    def dates(self) -> Iterator[str]:
        """Yield `datePublished` of the articles, then of whatever else has one."""
        for thing in (*self.articles, *self.things):
            if isinstance(date := thing.get("datePublished"), str):
                yield date

    def headline(self) -> str:
        """Return the headline of the page's article, or ""."""
        found = (thing.get("headline") or thing.get("name") for thing in self.articles)
        return next((title for title in found if isinstance(title, str) and title.strip()), "")

    def authors(self) -> tuple[str, ...]:
        """Return the names of the people who wrote the page's article, or failing that the page."""
        for thing in (*self.articles, *(thing for thing in self.things if "webpage" in _types(thing))):
            if names := tuple(self._names(thing.get("author"), organisations=False))[:_MAX_NAMES]:
                return names
        return ()

    def publisher(self) -> str:
        """Return the name of who publishes the page's article, or ""."""
        for thing in self.articles:
            for name in self._names(thing.get("publisher"), organisations=True):
                return name
        return ""

    def site(self) -> str:
        """Return the name of the page's site, or ""."""
        sites = (thing.get("name") for thing in self.things if _types(thing) & {"website", "newsmediaorganization"})
        return next((name for name in sites if isinstance(name, str) and name.strip()), "")

    def language(self) -> str:
        """Return the language tag of the page's article, or ""."""
        stated = (thing.get("inLanguage") for thing in self.articles)
        return next((tag for tag in stated if isinstance(tag, str)), "")

    def is_locked(self) -> bool:
        """Say whether the page's article is stated not to be free (schema.org isAccessibleForFree)."""
        return any(str(thing.get("isAccessibleForFree", "")).strip().lower() == "false" for thing in self.articles[:1])

    def locked_selectors(self) -> Iterator[str]:
        """Yield the CSS selectors of what is stated to be locked of the page's article (schema.org hasPart)."""
        for thing in self.articles[:1]:
            parts = thing.get("hasPart")
            for part in parts if isinstance(parts, list) else [parts]:
                if _is_thing(part) and isinstance(selector := part.get("cssSelector"), str):
                    yield from selector.split(",")[:_MAX_NAMES]

    def _names(self, people: object, *, organisations: bool) -> Iterator[str]:
        for person in people if isinstance(people, list) else [people]:
            if isinstance(person, str):
                yield person
            elif _is_thing(person):
                known = self._known(person)
                if organisations or not _types(known) or "person" in _types(known):
                    yield from _own_names(known)

    def _known(self, thing: Thing) -> Thing:
        """Return the thing that a bare `@id` stands for."""
        if "name" in thing or "@id" not in thing:
            return thing
        return next((known for known in self.things if known.get("@id") == thing["@id"] and "name" in known), thing)


def read_linked_data(scripts: Iterable[str]) -> LinkedData:
    """Read a page's JSON-LD scripts; one that can't be read is passed over."""
    things: list[Thing] = []
    for number, script in enumerate(scripts):
        if number >= _MAX_SCRIPTS or len(things) >= _MAX_THINGS:
            break
        if len(script) <= _MAX_CHARS:
            things += _things_within(_parse(script), _MAX_DEPTH)
    return LinkedData(tuple(things[:_MAX_THINGS]))


def _parse(script: str) -> object:
    try:
        return json.loads(_WRAPPING.sub("", script), strict=False)
    except (ValueError, RecursionError):
        return None


def _things_within(node: object, depth: int) -> Iterator[Thing]:
    if depth == 0:
        return
    if _is_thing(node):
        yield node
        for name in _WITHIN:
            yield from _things_within(node.get(name), depth - 1)
    elif isinstance(node, list):
        for part in node[:_MAX_THINGS]:
            yield from _things_within(part, depth - 1)


def _is_thing(node: object) -> TypeGuard[Thing]:
    return isinstance(node, dict)


def _types(thing: Thing) -> set[str]:
    stated = thing.get("@type")
    names = stated if isinstance(stated, list) else [stated]
    return {name.lower() for name in names[:_MAX_NAMES] if isinstance(name, str)}


def _is_article(thing: Thing) -> bool:
    return any(name.endswith("article") or name in _ARTICLES for name in _types(thing))


def _own_names(thing: Thing) -> Iterator[str]:
    name = thing.get("name")
    for part in name if isinstance(name, list) else [name]:
        if isinstance(part, str):
            yield part
    if name is None:
        given = (thing.get("givenName"), thing.get("familyName"))
        yield " ".join(part for part in given if isinstance(part, str))
