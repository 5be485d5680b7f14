"""What is wrong with a document's shape, in an operator's words. In: Node. Out: WatchlistDocument, Faults."""

import difflib
from collections.abc import Mapping

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from monitor.errors import Fault
from monitor.watchlist.schema import Article, ClaimEntry, GlossaryTerm, Name, Part, WatchlistDocument
from monitor.watchlist.tree import Node

_PARTS: Mapping[str, type[Part]] = {"claims": ClaimEntry, "article": Article, "names": Name, "glossary": GlossaryTerm}
_REMEDIES = {
    "watchlist": 'give the list a short name, as "watchlist: harbour-shelters"',
    "title": 'say in a few words what the list is about, as "title: From the pier to the net loft"',
    "claims": 'write at least one, each beginning with "- id:"',
    "id": 'give the claim a short name that stays, as "id: held-in-shelters"',
    "claim": "write the statement as a full sentence",
    "said_by": "write who says so; it is shown beside the claim wherever the claim is",
    "terms": """say what to look for in each language, as "terms: {en: 'shelter* AND locked'}\"""",
    "spellings": "write at least one, as [Harbour Aid]",
    "term": "write the term as it stands in the query",
    "gloss": "say what the term means in English",
    "en": "write a query, or take the line out",
}
_SHAPES = {
    "names": 'a line for each name, as "  harbour-aid: [Harbour Aid, The Aid]"',
    "terms": """a query for each language, as "  en: 'shelter* AND locked'\"""",
    "claims": 'a claim: id, claim, said_by and terms, each "key: value" on a line of its own',
    "glossary": 'a list for each language, as "  km:", then "    - {term: …, gloss: …, checked_by: }"',
    "article": 'title, outlet, url and published, each "key: value" on a line of its own',
}
_LISTS = {"claims": "- id: …", "spellings": "- Harbour Aid", "km": "- {term: …, gloss: …, checked_by: }"}


def validate(root: Node) -> tuple[WatchlistDocument | None, tuple[Fault, ...]]:
    """Return the document where its shape is right, else every fault with its place."""
    try:
        return WatchlistDocument.model_validate(root.plain()), ()
    except ValidationError as error:
        return None, tuple(_as_fault(root, details) for details in error.errors(include_url=False))


def _as_fault(root: Node, details: ErrorDetails) -> Fault:
    path, kind = tuple(step for step in details["loc"] if step != "[key]"), details["type"]
    parent, last = root.find(path[:-1]), path[-1] if path else ""
    value = root.find(path)
    place = value
    if isinstance(last, str) and (kind == "extra_forbidden" or "[key]" in details["loc"]):
        place = parent.keys.get(last, parent)
    return Fault(_message(path, kind, details, value), place.line, place.column)


def _message(path: tuple[int | str, ...], kind: str, details: ErrorDetails, value: Node) -> str:
    if kind == "watchlist":
        return details["msg"]
    if not path:
        return 'this is no watchlist: it begins with "watchlist: a-short-name", then "title:" and "claims:" below it'
    last = path[-1]
    if kind == "extra_forbidden":
        return _unknown_key(path)
    if kind == "missing":
        return f'{_whose(path)}"{last}" is missing: {_REMEDIES.get(str(last), "write it")}'
    label = f'"{last}"' if isinstance(last, str) else f'item {last + 1} of "{path[-2]}"'
    if value.scalar == "" or kind in {"too_short", "string_too_short", "string_pattern_mismatch"}:
        remedy = _REMEDIES.get(str(last), "write something, or take the line out")
        return f"nothing stands under {label}: {remedy}"
    return _wrong_shape(label, str(path[-2]) if isinstance(last, int) else last, kind, details, value)


def _wrong_shape(label: str, key: str, kind: str, details: ErrorDetails, value: Node) -> str:
    if kind == "too_long":
        return f"{label} has more than {details['ctx']['max_length']:,} items: split the watchlist"
    if kind == "string_too_long":
        return f"{label} has more than {details['ctx']['max_length']:,} characters: shorten it"
    shown = f', not "{_cut(value.scalar)}"' if value.scalar else ""
    return f"{label} should be {_expected(kind, key, details)}{shown}"


def _expected(kind: str, last: str, details: ErrorDetails) -> str:
    if kind in {"dict_type", "model_type", "model_attributes_type"}:
        return _SHAPES.get(last, '"key: value" lines')
    if kind == "list_type":
        return f'a list, each line beginning "{_LISTS[last]}"' if last in _LISTS else 'a list, each line beginning "- "'
    if kind == "literal_error":
        return str(details.get("ctx", {}).get("expected", "")).replace("'", "")
    if kind == "string_type":
        return "one text: put it in quotes, or look at the indentation"
    return details["msg"].lower()


def _unknown_key(path: tuple[int | str, ...]) -> str:
    known = _known_keys(path[:-1])
    close = difflib.get_close_matches(str(path[-1]).casefold(), known, n=1)
    remedy = f'did you mean "{close[0]}"?' if close else f"known here: {', '.join(known)}"
    return f'unknown key "{_cut(str(path[-1]))}" ({remedy})'


def _whose(path: tuple[int | str, ...]) -> str:
    """Say in which item of a list something is missing, since the place is only where the item begins."""
    number = next((step for step in reversed(path) if isinstance(step, int)), None)
    return "" if number is None else f"{'claim' if path[0] == 'claims' else 'item'} {number + 1}: "


def _known_keys(path: tuple[int | str, ...]) -> list[str]:
    """Return the keys that the part of the document at a path may have."""
    part = _PARTS[str(path[0])] if path else WatchlistDocument
    return [model_field.alias or name for name, model_field in part.model_fields.items()]


def _cut(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:80]}…"
