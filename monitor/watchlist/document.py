"""Reading a watchlist document. In: YAML text. Out: Watchlist. Never: a watchlist with a fault in it.

All faults of a document are told at once, each with its line, its column and what to do.
"""

import difflib
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from monitor.errors import Fault, WatchlistError
from monitor.model.query import Expression, Term, Word, iter_terms
from monitor.model.watching import SEARCH_AID, Claim, StoryRef, Watchlist
from monitor.text.gazetteer import gazetteer
from monitor.text.khmer import is_khmer
from monitor.text.normalise import fold
from monitor.watchlist.grammar import QueryError
from monitor.watchlist.query import canonical_form, either, parse_query
from monitor.watchlist.schema import Article, ClaimEntry, GlossaryTerm, Name, Part, WatchlistDocument
from monitor.watchlist.tree import REFUSED, BadYaml, Node, read_yaml

MAX_BYTES = 1024 * 1024

_PARTS: Mapping[str, type[Part]] = {"claims": ClaimEntry, "article": Article, "names": Name, "glossary": GlossaryTerm}


def read_watchlist(text: str, file: str) -> Watchlist:
    """Read a watchlist document. Raises WatchlistError with every fault; `file` is how messages call the document."""
    text = text.removeprefix("\ufeff")
    if fault := _refuse(text):
        raise WatchlistError(file, (fault,))
    try:
        root = read_yaml(text)
    except BadYaml as error:
        raise WatchlistError(file, (error.fault,)) from error
    queries = _Queries.read(root)
    document, faults = _validate(root)
    faults += (*_duplicate_claims(root), *queries.faults)
    if faults or document is None:
        raise WatchlistError(file, tuple(sorted(set(faults), key=lambda fault: (fault.line, fault.column))))
    return _watchlist(document, queries)


def _refuse(text: str) -> Fault | None:
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        return Fault(f"a watchlist has at most {MAX_BYTES // 1024} KiB; split it")
    if found := REFUSED.search(text):
        line = text.count("\n", 0, found.start()) + 1
        column = found.start() - text.rfind("\n", 0, found.start())
        return Fault(f"an invisible control character (U+{ord(found[0]):04X}) stands here: delete it", line, column)
    return None


@dataclass(frozen=True, slots=True)
class _Queries:
    """The queries of a document, read as far as they can be, whatever else is wrong with it."""

    expressions: Mapping[int, Expression]
    exclusions: Mapping[int, Expression]
    faults: tuple[Fault, ...]

    @classmethod
    def read(cls, root: Node) -> "_Queries":
        names = {name: _spellings(node) for name, node in root.get("names").pairs().items()}
        glossed = {_gloss_key(entry.get("term").scalar or "") for entry in root.get("glossary").get("km").each()}
        reading = _QueryReading(names, glossed, [])
        expressions, exclusions = {}, {}
        for index, claim in enumerate(root.get("claims").each()):
            key = claim.get("id").scalar
            read = [reading.read(node, f'{key}, "{lang}"') for lang, node in claim.get("terms").pairs().items()]
            if good := [expression for expression in read if expression]:
                expressions[index] = either(good)
            if claim.get("not").scalar and (exclusion := reading.read(claim.get("not"), f'{key}, "not"')):
                exclusions[index] = exclusion
        return cls(expressions, exclusions, tuple(reading.faults))


@dataclass(frozen=True, slots=True)
class _QueryReading:
    names: Mapping[str, Sequence[str]]
    glossed: set[str]
    faults: list[Fault]

    def read(self, node: Node, where: str) -> Expression | None:
        if not node.scalar:
            return None
        try:
            expression = parse_query(node.scalar, self.names)
        except QueryError as error:
            self.faults.append(Fault(f"{where}: {error}", *node.place_of(error.position)))
            return None
        for term in iter_terms(expression):
            self._check_gloss(term, node, where)
        return expression

    def _check_gloss(self, term: Term, node: Node, where: str) -> None:
        written = _written(term)
        if not any(map(is_khmer, written)) or written in self.glossed:
            return
        self.glossed.add(written)
        remedy = f'add "- {{term: {written}, gloss: …, checked_by: }}" under "glossary:", "km:"'
        place = node.place_of(max(0, (node.scalar or "").find(written)))
        self.faults.append(Fault(f'{where}: the Khmer term "{written}" has no English gloss: {remedy}', *place))


def _spellings(node: Node) -> list[str]:
    return [item.scalar for item in (node if node.items is not None else node.get("spellings")).each() if item.scalar]


def _gloss_key(term: str) -> str:
    return fold(term).replace("-", " ")


def _written(term: Term) -> str:
    return (term.text if isinstance(term, Word) else " ".join(term.words)).replace("-", " ")


def _validate(root: Node) -> tuple[WatchlistDocument | None, tuple[Fault, ...]]:
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
    last = path[-1] if path else "watchlist document"
    if kind == "extra_forbidden":
        known = _known_keys(path[:-1])
        close = difflib.get_close_matches(str(last), known, n=1)
        remedy = f'did you mean "{close[0]}"?' if close else f"known here: {', '.join(known)}"
        return f'unknown key "{last}" ({remedy})'
    if kind == "missing":
        return f'"{last}" is missing' + (
            ": write who says so, it is shown beside the claim" if last == "said_by" else ""
        )
    label = (
        f'"{last}"' if isinstance(last, str) else f'item {last + 1} of "{path[-2] if len(path) > 1 else "the list"}"'
    )
    if value.scalar == "" and kind != "watchlist":
        return f"nothing stands under {label}"
    expected = {
        "dict_type": "keys and values",
        "model_type": "keys and values",
        "model_attributes_type": "keys and values",
        "list_type": 'a list, each line beginning with "- "',
        "string_type": "one text",
        "literal_error": details.get("ctx", {}).get("expected", ""),
    }.get(kind)
    if expected:
        shown = f', not "{value.scalar}"' if value.scalar else ""
        return f"{label} should be {expected}{shown}"
    return details["msg"] if kind == "watchlist" else f"{label}: {details['msg'].lower()}"


def _known_keys(path: tuple[int | str, ...]) -> list[str]:
    """Return the keys that the part of the document at a path may have."""
    part = _PARTS[str(path[0])] if path else WatchlistDocument
    return [model_field.alias or name for name, model_field in part.model_fields.items()]


def _duplicate_claims(root: Node) -> list[Fault]:
    first: dict[str, int] = {}
    faults = []
    for claim in root.get("claims").each():
        key = claim.get("id")
        if key.scalar and key.scalar in first:
            message = f'the claim "{key.scalar}" stands twice; the first is on line {first[key.scalar]}'
            faults.append(Fault(message, key.line, key.column))
        elif key.scalar:
            first[key.scalar] = key.line
    return faults


def _watchlist(document: WatchlistDocument, queries: _Queries) -> Watchlist:
    glosses = {
        _gloss_key(spelling): name.gloss
        for name in document.names.values()
        for spelling in name.spellings
        if name.gloss
    }
    glosses |= {_gloss_key(entry.term): entry.gloss for entries in document.glossary.values() for entry in entries}
    aids = [name for name in document.names.values() if name.note.strip().casefold() == SEARCH_AID]
    glosses |= {_gloss_key(spelling): SEARCH_AID for name in aids for spelling in name.spellings}
    where = gazetteer().code_of(document.where)
    claims = (
        _claim(entry, queries.expressions[index], queries.exclusions.get(index), glosses, where)
        for index, entry in enumerate(document.claims)
    )
    article = document.article
    published_on = date.fromisoformat(article.published) if len(article.published) == 10 else None
    story = StoryRef(article.title, article.outlet, article.url, published_on)
    return Watchlist(document.watchlist, document.title, document.why, story, tuple(claims))


def _claim(
    entry: ClaimEntry, expression: Expression, exclusion: Expression | None, glosses: Mapping[str, str], where: str
) -> Claim:
    terms = (*iter_terms(expression), *(iter_terms(exclusion) if exclusion else ()))
    used = {written: glosses[written] for term in terms if (written := _written(term)) in glosses}
    return Claim(
        key=entry.id,
        text=entry.claim.strip(),
        said_by=entry.said_by.strip(),
        expression=expression,
        exclusion=exclusion,
        fingerprint=_fingerprint(entry.claim, expression, exclusion, where),
        glosses=tuple(used.items()),
        where=where,
    )


def _fingerprint(text: str, expression: Expression, exclusion: Expression | None, where: str) -> str:
    parts = ["claim-1", fold(text), canonical_form(expression), canonical_form(exclusion) if exclusion else ""]
    # Only where there is one, so that lists written before there was a `where` keep their revisions.
    parts += [where] if where else []
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
